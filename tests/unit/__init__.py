"""Tests of single rules, without database or web."""

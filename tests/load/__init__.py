"""Loads and benches: what is measured, each against a reference of the same run."""

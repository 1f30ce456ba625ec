"""The tests of DermAvis."""

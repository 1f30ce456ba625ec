"""Tests of the whole: the service in its own processes, real browsers, commands as a person types them."""

"""The SQL of the lists: what a given user may see, one named path each."""

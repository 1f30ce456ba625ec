"""``bin/bench quality``: what the verdicts on pictures are worth, degradation by degradation and tone by tone."""

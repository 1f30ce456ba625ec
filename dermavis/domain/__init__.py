"""The pure rules of tele-expertise: no web, no database, no clock, no randomness."""

"""A simulated region that lives by a fake clock, and the proofs that nobody in it is forgotten.

``region``    who is there: habits, phones, quiet hours, absences, rota, closures.
``channels``  what reaches a person's phone or mailbox, and what does not.
``people``    what they do with it: they read, late or never, claim, ask, answer, sign.
``story``     the requests, absences and misfortunes of a year, drawn from a seed.
``proofs``    what must hold at every hour.
``living``    the hours themselves.
"""

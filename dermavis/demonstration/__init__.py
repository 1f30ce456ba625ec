"""A demonstration: places, people and about sixty cases in every state, made through the services as people would."""

from __future__ import annotations

from dermavis.demonstration.places import ACCOUNTS, PASSWORD
from dermavis.demonstration.story import load

SHOWN_ACCOUNTS: tuple[tuple[str, str], ...] = tuple(
    (account.email, account.shown_as) for account in ACCOUNTS if account.shown_as
)
"""Addresses and parts of the accounts that a visitor signs in with."""

__all__ = ["PASSWORD", "SHOWN_ACCOUNTS", "load"]

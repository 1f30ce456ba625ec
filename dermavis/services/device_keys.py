"""The server's part of what protects drafts on a phone: a key per person, given only to their complete session."""

from __future__ import annotations

from dermavis.services.work import Work

KIND = "device key"


def device_key(work: Work) -> bytes:
    """Return the actor's 32-byte key. The phone keeps it in memory only; another person's drafts stay closed to it."""
    return work.system.cipher.lasting_hash(KIND, str(work.acting.person_id))

"""Passwords: hashed with argon2id, verified at the same price whether or not there is an account."""

from __future__ import annotations

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from dermavis.domain.errors import InvalidInput
from dermavis.domain.passwords import LONGEST, normalise_password, weakness
from dermavis.models import Person

HASHER = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)
"""46 MiB, one pass (OWASP, Password Storage Cheat Sheet): about 60 ms."""

AT_ONCE = threading.BoundedSemaphore(4)
"""Each costs 46 MiB: a crowd at the door must not take the memory."""


def check_choice(person: Person, password: str, again: str | None = None, place: str = "") -> None:
    """Refuse a new password that is too short, common or the person's own name. Raises InvalidInput."""
    own_words = (person.first_name, person.last_name, person.email, place)
    reason = weakness(normalise_password(password), own_words)
    if reason:
        raise InvalidInput({"password": reason})
    if again is not None and again != password:
        raise InvalidInput({"again": "Les deux saisies diffèrent : tapez deux fois le même mot de passe."})


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    with AT_ONCE:
        return HASHER.hash(normalise_password(password))


def matches(password_hash: str, password: str) -> bool:
    """Tell whether the password is the one; without a hash, do the same work and say no."""
    if len(password) > LONGEST:
        password = ""
    right = _verify(password_hash or _nobodys_hash(), password)
    return right and bool(password_hash)


def is_outdated(password_hash: str) -> bool:
    """Tell whether a hash was made at another price than today's."""
    return HASHER.check_needs_rehash(password_hash)


def _verify(password_hash: str, password: str) -> bool:
    with AT_ONCE:
        try:
            return HASHER.verify(password_hash, normalise_password(password))
        except (Argon2Error, InvalidHashError):
            return False


@cache
def _nobodys_hash() -> str:
    return HASHER.hash("nobody's password")

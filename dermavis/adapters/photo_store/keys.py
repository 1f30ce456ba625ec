"""What a key of the photo store may look like, whatever the store."""

from __future__ import annotations

import re
from typing import Final

_KEY: Final = re.compile(r"[0-9a-z][0-9a-z_-]*(/[0-9a-z][0-9a-z_-]*){1,5}")
_PREFIX: Final = re.compile(r"[0-9a-z/_-]*")


class KeyUnfit(ValueError):
    """The key is not made of two to six parts of small letters, figures, ``-`` and ``_``."""


class KeyTaken(Exception):
    """Other content is already stored under the key; it was left as it is."""


def fit(key: str) -> str:
    """Return the key. Raises KeyUnfit."""
    if len(key) > 200 or not _KEY.fullmatch(key):
        raise KeyUnfit(key)
    return key


def fit_prefix(prefix: str) -> str:
    """Return the prefix of some keys. Raises KeyUnfit."""
    if not _PREFIX.fullmatch(prefix) or prefix.startswith("/") or "//" in prefix:
        raise KeyUnfit(prefix)
    return prefix

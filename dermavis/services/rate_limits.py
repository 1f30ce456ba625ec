"""How often something may be tried: counted in the database, so that the limit holds over all processes.

Each try is counted, in a transaction of its own, before it is answered: a refused or interrupted one counts as well.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite

from dermavis.domain.errors import TooMany
from dermavis.models import RateCount
from dermavis.services.work import System, Work, writing


@dataclass(frozen=True)
class Limit:
    """At most ``tries`` of one kind by one subject within each ``window``."""

    kind: str
    tries: int
    window: timedelta


PASSWORD_BY_ACCOUNT = Limit("password-account", 10, timedelta(minutes=15))
PASSWORD_BY_DEVICE = Limit("password-device", 10, timedelta(minutes=15))
"""An enrolled phone counts apart: a stranger who wears out the account's tries does not lock its owner out."""
PASSWORD_BY_ADDRESS = Limit("password-address", 60, timedelta(minutes=15))
"""A hospital stands behind one address; what succeeded is given back."""
CODE_BY_PERSON = Limit("code-person", 10, timedelta(minutes=15))
CODE_BY_DAY = Limit("code-day", 50, timedelta(days=1))
CODE_BY_ADDRESS = Limit("code-address", 60, timedelta(minutes=15))
LETTERS_BY_ACCOUNT = Limit("letters-account", 6, timedelta(hours=1))
LETTERS_BY_ADDRESS = Limit("letters-address", 30, timedelta(hours=1))
DOCTORS_BY_PERSON = Limit("doctors-person", 120, timedelta(minutes=15))
"""Looking up a colleague, a try each pause of the typing; nobody reads a network's people through it."""
LINKS_BY_ADDRESS = Limit("links-address", 60, timedelta(minutes=15))

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def count_try(system: System, *tries: tuple[Limit, str]) -> None:
    """Count one try for each (limit, subject). Raises TooMany, in words, when one was used up."""
    now = system.clock.now()
    with writing(system) as work:
        waits = [_count(work, limit, subject, now) for limit, subject in tries]
    wait = max(waits, default=0)
    if wait:
        raise TooMany(f"Trop d’essais. Réessayez {in_words(wait)}.", wait)


def give_back(work: Work, *tries: tuple[Limit, str]) -> None:
    """Take back one try of each: it succeeded."""
    for limit, subject in tries:
        work.session.execute(
            update(RateCount)
            .where(
                RateCount.key == _key(work.system, limit, subject),
                RateCount.window_start == _window_start(limit, work.now),
                RateCount.tries > 0,
            )
            .values(tries=RateCount.tries - 1)
        )


def forget(work: Work, *tries: tuple[Limit, str]) -> None:
    """Begin anew: the person proved who they are."""
    for limit, subject in tries:
        work.session.execute(delete(RateCount).where(RateCount.key == _key(work.system, limit, subject)))


def address_subject(address: str) -> str:
    """Return what an address is counted as: itself, or the /64 that one IPv6 subscriber holds."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 6 and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


def in_words(seconds: int) -> str:
    """Return a wait in French: "dans 40 secondes", "dans 12 minutes"."""
    if seconds < 60:
        return f"dans {seconds} seconde{'s' if seconds > 1 else ''}"
    minutes = -(-seconds // 60)
    if minutes < 60:
        return f"dans {minutes} minute{'s' if minutes > 1 else ''}"
    hours = -(-minutes // 60)
    return f"dans {hours} heure{'s' if hours > 1 else ''}"


def _count(work: Work, limit: Limit, subject: str, now: datetime) -> int:
    """Count one try and return how many seconds to wait, 0 when it is within the limit."""
    start = _window_start(limit, now)
    row: dict[str, Any] = {
        "id": uuid4(),
        "key": _key(work.system, limit, subject),
        "window_start": start,
        "tries": 1,
    }
    insert: Any = sqlite.insert if work.system.on_sqlite else postgresql.insert
    statement = (
        insert(RateCount)
        .values(**row)
        .on_conflict_do_update(
            index_elements=[RateCount.key, RateCount.window_start], set_={"tries": RateCount.tries + 1}
        )
        .returning(RateCount.tries)
    )
    tries: int = work.session.execute(statement).scalar_one()
    if tries <= limit.tries:
        return 0
    return max(1, int((start + limit.window - now).total_seconds()))


def _window_start(limit: Limit, now: datetime) -> datetime:
    return EPOCH + ((now - EPOCH) // limit.window) * limit.window


def _key(system: System, limit: Limit, subject: str) -> str:
    return system.cipher.lasting_hash("rate", f"{limit.kind}\x00{subject}").hex()

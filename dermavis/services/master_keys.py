"""Which version of the master key the database stands on, and which one a transaction wraps with.

The database knows each version that something is still wrapped by (``KeyCheck``): one, or two while one replaces the
other. What is wrapped, is wrapped by the newest, as the transaction itself sees it: no process has to be told that a
rotation began. A process without the newest key refuses to write rather than go on with the old one.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from dermavis.domain.errors import Refusal
from dermavis.domain.ports import MasterKey
from dermavis.models import KeyCheck
from dermavis.services.work import Work
from dermavis.settings import SettingsRefused

FIRST = 1

ANOTHER_KEY = (
    "Cette base a été écrite avec une autre clé maîtresse\u00a0: rien n’a été ouvert ni changé. "
    "Remettez la clé de cette base (MASTER_KEY_FILE ou MASTER_KEY), ou changez de base."
)
TWO_KEYS_NEEDED = (
    "La clé maîtresse de cette base est en cours de remplacement\u00a0: il faut les deux clés, la nouvelle "
    "(MASTER_KEY_FILE) et l’ancienne (PREVIOUS_MASTER_KEY_FILE). Rien n’a été ouvert ni changé."
)


@dataclass(frozen=True)
class NewestKey:
    """The version that everything is wrapped by from now on."""

    version: int
    master: MasterKey


class KeyAway(Refusal):
    """The master key was replaced while this process ran without the new one."""

    status = 503

    def __init__(self) -> None:
        super().__init__(
            "key_away",
            "Le service doit être relancé avec sa nouvelle clé\u00a0: prévenez qui l’exploite. Rien n’a été changé.",
        )


def recognise(work: Work) -> None:
    """Check the keys at hand against the database, and learn what an older one handed down.

    Writes the first version into an empty database. Raises SettingsRefused, in words.
    """
    cipher = work.system.cipher
    known = known_versions(work)
    if not known:
        work.session.add(KeyCheck(version=FIRST, value=cipher.masters[0].check_value, created_at=work.now))
        return
    at_hand = [cipher.master(row.value) for row in known]
    newest = at_hand[-1]
    if not any(at_hand):
        raise SettingsRefused(ANOTHER_KEY)
    if newest is None or not all(at_hand):
        raise SettingsRefused(TWO_KEYS_NEEDED)
    handed_down = known[-1].lasting_sealed
    cipher.lasting = (
        newest.unwrap(handed_down, lasting_place(known[-1].version)) if handed_down else newest.own_lasting
    )


def known_versions(work: Work) -> list[KeyCheck]:
    """Return the versions that something may still be wrapped by, the newest last."""
    return list(work.session.scalars(select(KeyCheck).order_by(KeyCheck.version)))


def newest_key(work: Work) -> NewestKey:
    """Return the version to wrap with, and hold it until the transaction ends. Raises KeyAway.

    Held, so that a rotation cannot call the version unneeded while something is being written under it.
    """
    newest = (
        select(KeyCheck.version, KeyCheck.value)
        .order_by(KeyCheck.version.desc())
        .limit(1)
        .with_for_update(read=True, key_share=True)
    )
    with work.session.no_autoflush:
        row = work.session.execute(newest).first()
    if row is None:
        return NewestKey(FIRST, work.system.cipher.masters[0])
    master = work.system.cipher.master(row.value)
    if master is None:
        raise KeyAway
    return NewestKey(row.version, master)


def lasting_place(version: int) -> bytes:
    """Return what the secret handed down to a version is bound to."""
    return f"key_checks:{version}:lasting_sealed".encode()

"""A master key to be replaced: what hangs on the old one, a service that holds both, and what is left to do."""

from __future__ import annotations

import base64
import dataclasses
from uuid import UUID

from sqlalchemy import select

from dermavis.adapters.cipher import AesGcmCipher, AesGcmMasterKey
from dermavis.bootstrap import check
from dermavis.domain.ports import SealBroken
from dermavis.domain.roles import Role
from dermavis.models import KeyCheck
from dermavis.models.sealed import DATA_KEYS, UNDER_MASTER
from dermavis.services import held_forms, key_rotation, second_factor
from dermavis.services.letters import write_letter
from dermavis.services.patients import search_patients
from dermavis.services.vault import owner_place, place_of
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.announced import subscribed, with_receiver
from tests.factories import World
from tests.fixtures.systems import MASTER_KEY
from tests.receivers import PushReceiver

OLD, NEW = base64.b64decode(MASTER_KEY), bytes(range(100, 132))
OLD_KEY, NEW_KEY = AesGcmMasterKey(OLD), AesGcmMasterKey(NEW)


@dataclasses.dataclass
class Held:
    """A service in which something hangs on the master key in every way there is."""

    world: World
    case_id: UUID
    recovery_code: str
    endpoint: str
    form: str


def left_behind(system: System, world: World) -> Held:
    """Let people leave behind all that the old key wraps."""
    requester = world.actor(Role.REQUESTER)
    with PushReceiver() as receiver:
        phone = receiver.phone("requester")
        subscribed(with_receiver(system, receiver), requester, phone)
    with writing(system, requester) as work:
        write_letter(work, "email_code", "noe.petit@example.org", requester.person_id, code="123456")
        codes = second_factor.new_recovery_codes(work, requester.person_id)
    form = held_forms.keep(system, requester.person_id, "/cases/x", [("text", "Elle a gratté hier.")])
    return Held(world, cases.closed(world), codes[0], phone.target.endpoint, form)


def with_keys(system: System, key: bytes, previous: bytes | None = None) -> System:
    """The service as it starts with these keys. Raises SettingsRefused."""
    started = dataclasses.replace(system, cipher=AesGcmCipher(key, previous))
    check(started)
    return started


def rotated(system: System) -> dict[str, int]:
    """Go through everything once, and end."""
    for _ in key_rotation.rewrap(system):
        pass
    return key_rotation.end(system)


def hanging_on(system: System, key: AesGcmMasterKey) -> dict[str, int]:
    """How many values of each wrapped column open with a key."""
    found: dict[str, int] = {}
    with reading(system) as work:
        for column in (*DATA_KEYS, *UNDER_MASTER):
            table = column.class_.__tablename__
            rows = work.session.execute(select(column.class_.id, column).where(column.is_not(None))).all()
            found[f"{table}.{column.key}"] = sum(
                opens(
                    key,
                    sealed,
                    owner_place(table, row_id)
                    if column in DATA_KEYS
                    else place_of(table, row_id, column.key),
                )
                for row_id, sealed in rows
            )
    return found


def opens(key: AesGcmMasterKey, sealed: bytes, place: bytes) -> bool:
    """Whether a wrapped value opens with a key."""
    try:
        key.unwrap(sealed, place)
    except SealBroken:
        return False
    return True


def names_found(system: System, world: World, typed: str) -> list[str]:
    """Return the patients that a requester finds by what they type."""
    with writing(system, world.actor(Role.REQUESTER)) as work:
        return [found.identity["birth_name"] for found in search_patients(work, typed)]


def versions(system: System) -> list[int]:
    """Return the versions of the master key that the database knows."""
    with reading(system) as work:
        return list(work.session.scalars(select(KeyCheck.version).order_by(KeyCheck.version)))

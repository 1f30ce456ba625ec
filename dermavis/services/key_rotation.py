"""Replacing the master key while the service runs: everything that it wraps is wrapped anew, a few rows at a time.

``begin`` makes the new version the newest: from its commit on, every process that holds it wraps with it (see
``master_keys``). ``rewrap`` goes through the rows; it can be stopped anywhere and begun again, since each row tells
where it stands. ``end`` forgets the older versions once nothing hangs on them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, load_only

from dermavis.domain.errors import Conflict
from dermavis.domain.ports import MasterKey, SealBroken
from dermavis.models import Case, KeyCheck, Patient, PatientSearchKey
from dermavis.models.sealed import UNDER_MASTER
from dermavis.services.master_keys import NewestKey, known_versions, lasting_place, newest_key
from dermavis.services.patients import read_identity, write_search_keys
from dermavis.services.vault import owner_place, place_of
from dermavis.services.work import System, Work, reading, writing

CHUNK = 50
"""Rows of one transaction: others write in between."""

WORDS = {
    "cases": "télédossiers",
    "patients": "patients et leur recherche",
    "persons": "authentificateurs",
    "outbox": "courriels en attente",
    "held_forms": "saisies gardées",
    "push_subscriptions": "appareils notifiés",
}


@dataclass(frozen=True)
class Progress:
    """How far one table has come in this pass: ``seen`` of ``rows``, of which ``wrapped`` were wrapped anew."""

    table: str
    seen: int
    rows: int
    wrapped: int


def begin(system: System, key: MasterKey) -> int:
    """Make the key the newest version, and hand down to it what must outlive the older one; return the version.

    The same key again goes on with a rotation under way. Raises Conflict when one to another key is under way, or when
    the key is the database's only one already.
    """
    with writing(system) as work:
        known = known_versions(work)
        newest = known[-1]
        if newest.value == key.check_value:
            if len(known) == 1:
                raise Conflict("rotated", "Cette clé est déjà celle de la base\u00a0: rien ne reste à faire.")
            return newest.version
        if len(known) > 1:
            raise Conflict(
                "rotating",
                "Un remplacement est déjà en cours vers une autre clé\u00a0: terminez-le avec celle-ci.",
            )
        version = newest.version + 1
        lasting = key.wrap(system.cipher.lasting, lasting_place(version))
        work.session.add(
            KeyCheck(version=version, value=key.check_value, lasting_sealed=lasting, created_at=work.now)
        )
        work.audit("keys.rotation_begun", version=version)
        return version


def rewrap(system: System) -> Iterator[Progress]:
    """Wrap by the newest version what is wrapped by an older one; yields after each transaction."""
    for owner in (Case, Patient):
        yield from _each_chunk(system, owner, _owners(owner))
    for column in UNDER_MASTER:
        yield from _each_chunk(system, column.class_, column.is_not(None))


def remaining(work: Work) -> dict[str, int]:
    """Return how many rows of each table hang on an older version, or open with no key at hand."""
    newest = newest_key(work)
    found = {
        owner.__tablename__: work.session.scalar(
            select(func.count()).select_from(owner).where(_owners(owner), _is_old(owner, newest.version))
        )
        or 0
        for owner in (Case, Patient)
    }
    for column in UNDER_MASTER:
        rows = work.session.execute(select(column.class_.id, column).where(column.is_not(None)))
        opened = [_opens(newest.master, sealed, _place(column, row_id)) for row_id, sealed in rows]
        found[column.class_.__tablename__] = opened.count(False)
    return found


def end(system: System) -> dict[str, int]:
    """Forget the older versions if nothing hangs on them any more; return what remains."""
    with writing(system) as work:
        newest = newest_key(work)
        older = select(KeyCheck.version).where(KeyCheck.version < newest.version).with_for_update()
        versions = list(work.session.scalars(older))
        left = remaining(work)
        if versions and not any(left.values()):
            work.session.execute(delete(KeyCheck).where(KeyCheck.version.in_(versions)))
            work.audit("keys.rotation_ended", version=newest.version)
        return left


def _each_chunk(system: System, table: Any, wanted: Any) -> Iterator[Progress]:
    with reading(system) as work:
        rows = work.session.scalar(select(func.count()).select_from(table).where(wanted)) or 0
    seen = wrapped = 0
    last: UUID | None = None
    while True:
        with writing(system) as work:
            ids, done = _chunk(work, table, wanted, last)
        if not ids:
            return
        seen, wrapped, last = seen + len(ids), wrapped + done, ids[-1]
        yield Progress(table.__tablename__, seen, max(rows, seen), wrapped)


def _chunk(work: Work, table: Any, wanted: Any, last: UUID | None) -> tuple[list[UUID], int]:
    """Wrap anew what is old among the next rows; return their ids, and how many were old."""
    newest = newest_key(work)
    rows = (
        select(table.id).where(wanted, *((table.id > last,) if last else ())).order_by(table.id).limit(CHUNK)
    )
    ids = list(work.session.scalars(rows))
    if table in (Case, Patient):
        return ids, sum(_rewrap_owner(work, owner, newest) for owner in _old_owners(work, table, ids, newest))
    columns = [column for column in UNDER_MASTER if column.class_ is table]
    return ids, sum(_rewrap_secrets(work, column, ids, newest.master) for column in columns)


def _owners(owner: type[Case] | type[Patient]) -> Any:
    return owner.erased_at.is_(None)


def _is_old(owner: type[Case] | type[Patient], version: int) -> Any:
    """A patient written during the rotation may carry a new key and search keys of the older version."""
    old = owner.key_version < version
    if owner is Case:
        return old
    searched = exists().where(
        PatientSearchKey.patient_id == Patient.id, PatientSearchKey.key_version < version
    )
    return or_(old, searched)


def _old_owners(work: Work, owner: type[Any], ids: list[UUID], newest: NewestKey) -> list[Case | Patient]:
    rows = (
        select(owner)
        .where(owner.id.in_(ids), _owners(owner), _is_old(owner, newest.version))
        .order_by(owner.id)
        .with_for_update()
    )
    if owner is Case:
        rows = rows.options(load_only(Case.data_key, Case.key_version))
    return list(work.session.scalars(rows))


def _rewrap_owner(work: Work, owner: Case | Patient, newest: NewestKey) -> int:
    place = owner_place(owner.__tablename__, owner.id)
    try:
        key = work.system.cipher.unwrap(owner.data_key, place)
        if isinstance(owner, Patient):
            write_search_keys(work, owner, read_identity(work, owner))
    except SealBroken:
        return 0  # ``remaining`` goes on counting it
    owner.data_key = newest.master.wrap(key, place)
    owner.key_version = newest.version
    return 1


def _rewrap_secrets(
    work: Work, column: InstrumentedAttribute[Any], ids: list[UUID], newest: MasterKey
) -> int:
    table = column.class_
    wrapped = 0
    rows = select(table).where(table.id.in_(ids), column.is_not(None)).order_by(table.id).with_for_update()
    for row in work.session.scalars(rows):
        sealed, place = getattr(row, column.key), _place(column, row.id)
        if _opens(newest, sealed, place):
            continue
        try:
            clear = work.system.cipher.unwrap(sealed, place)
        except SealBroken:
            continue
        setattr(row, column.key, newest.wrap(clear, place))
        wrapped += 1
    return wrapped


def _opens(key: MasterKey, sealed: bytes, place: bytes) -> bool:
    try:
        key.unwrap(sealed, place)
    except SealBroken:
        return False
    return True


def _place(column: InstrumentedAttribute[Any], row_id: UUID) -> bytes:
    return place_of(column.class_.__tablename__, row_id, column.key)

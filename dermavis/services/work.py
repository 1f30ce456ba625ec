"""The running system, who acts in it, and one unit of work on its database.

Every use case receives a ``Work``: a database session inside one transaction, the instant it happens at, who acts, and
the ports. ``writing`` commits when the block ends well and rolls back otherwise; ``reading`` never writes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from dermavis.adapters.turns import FairLock
from dermavis.domain.coding import Diagnosis
from dermavis.domain.permission_facts import ActorFacts
from dermavis.domain.ports import (
    CardMaker,
    Cipher,
    Clock,
    Imaging,
    Machine,
    MailSender,
    PhotoStore,
    PushSender,
    ReportMaker,
    SignOfLife,
    TimestampAuthority,
    Witness,
)
from dermavis.domain.roles import Role
from dermavis.domain.specialty import Specialty
from dermavis.models import AuditEvent
from dermavis.settings import Settings

KEPT_ROWS = 500
"""Rows that a reading transaction holds: what a page shows, and little of a walk through a table."""


@dataclass(frozen=True)
class System:
    """Everything a use case may reach, behind the ports of the domain."""

    settings: Settings
    engine: Engine
    clock: Clock
    cipher: Cipher
    photo_store: PhotoStore
    imaging: Imaging
    push: PushSender
    mail: MailSender
    reports: ReportMaker
    cards: CardMaker
    specialties: dict[str, Specialty]
    codes: tuple[Diagnosis, ...]
    witness: Witness | None = None
    authority: TimestampAuthority | None = None
    heartbeat: SignOfLife | None = None
    machine: Machine | None = None
    writer: FairLock = field(default_factory=FairLock)

    @property
    def on_sqlite(self) -> bool:
        """Whether the database is one SQLite file, with one writer at a time."""
        return self.engine.dialect.name == "sqlite"

    def specialty(self, specialty_id: str, version: int | None = None) -> Specialty:
        """Return a specialty in that version, or in the newest. Raises KeyError when no file describes it."""
        return self.specialties.get(f"{specialty_id}@{version}") or self.specialties[specialty_id]


@dataclass(frozen=True)
class Actor:
    """A signed-in person, acting for one organisation."""

    facts: ActorFacts
    name: str
    time_zone: str
    session_id: UUID | None = None

    @property
    def person_id(self) -> UUID:
        """Who acts."""
        return self.facts.person_id

    @property
    def organization_id(self) -> UUID:
        """For whom they act."""
        return self.facts.organization_id

    @property
    def roles(self) -> frozenset[Role]:
        """The roles held in the acting organisation today."""
        return self.facts.roles


@dataclass
class Work:
    """One unit of work. ``actor`` is None when the clock itself acts (timers, commands)."""

    system: System
    session: Session
    now: datetime
    actor: Actor | None

    @property
    def acting(self) -> Actor:
        """The actor of a use case that always has one."""
        if self.actor is None:
            raise RuntimeError("this use case needs a person")
        return self.actor

    def audit(
        self,
        action: str,
        *,
        case_id: UUID | None = None,
        subject_kind: str = "",
        subject_id: UUID | None = None,
        on_behalf_of: UUID | None = None,
        **detail: Any,
    ) -> None:
        """Write who did or read what, in this transaction: ids and codes only, never a name or a clinical word."""
        actor = self.actor
        self.session.add(
            AuditEvent(
                at=self.now,
                action=action,
                actor_id=actor.person_id if actor else None,
                organization_id=actor.organization_id if actor else None,
                on_behalf_of=on_behalf_of,
                session_id=actor.session_id if actor else None,
                case_id=case_id,
                subject_kind=subject_kind,
                subject_id=subject_id,
                detail=detail,
            )
        )


@contextmanager
def writing(system: System, actor: Actor | None = None) -> Iterator[Work]:
    """Run one writing transaction: BEGIN IMMEDIATE on SQLite, one writer after the other, in their order."""
    if system.on_sqlite:
        with system.writer, _transaction(system, actor, system.engine.execution_options(writes=True)) as work:
            yield work
    else:
        with _transaction(system, actor, system.engine) as work:
            yield work


@contextmanager
def reading(system: System, actor: Actor | None = None) -> Iterator[Work]:
    """Run one reading transaction; whatever it changes is rolled back."""
    with system.engine.connect() as connection, _ReadingSession(connection, autoflush=False) as session:
        connection.begin()
        session.info["only_reads"] = True
        session.info["connection"] = connection
        session.info["held"] = deque(maxlen=KEPT_ROWS)
        yield Work(system, session, system.clock.now(), actor)


class _ReadingSession(Session):
    """Holds what it loads: a session forgets what nobody holds, and a page asks for the same people again and again."""


@event.listens_for(_ReadingSession, "loaded_as_persistent")
def _hold(session: Session, row: object) -> None:
    session.info["held"].append(row)


@contextmanager
def _transaction(system: System, actor: Actor | None, engine: Engine) -> Iterator[Work]:
    with Session(engine) as session, session.begin():
        yield Work(system, session, system.clock.now(), actor)

"""Who read what, durable before the answer leaves, without one commit a reading: those who come together share one."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from dermavis.models import AuditEvent
from dermavis.services.work import Actor, System, writing


@dataclass
class _Reading:
    values: dict[str, Any]
    written: bool = False


@dataclass
class _Log:
    """The readings of one system that wait for the next commit."""

    guard: threading.Lock = field(default_factory=threading.Lock)
    turn: threading.Lock = field(default_factory=threading.Lock)
    waiting: list[_Reading] = field(default_factory=list)


_logs: WeakKeyDictionary[Engine, _Log] = WeakKeyDictionary()
_logs_guard = threading.Lock()


def record_reading(
    system: System,
    actor: Actor,
    action: str,
    *,
    case_id: UUID | None = None,
    subject_kind: str = "",
    subject_id: UUID | None = None,
    **detail: Any,
) -> None:
    """Note a reading and return when it is durable. Ids and codes only, never a name or a clinical word."""
    one = _Reading(
        {
            "at": system.clock.now(),
            "action": action,
            "actor_id": actor.person_id,
            "organization_id": actor.organization_id,
            "session_id": actor.session_id,
            "case_id": case_id,
            "subject_kind": subject_kind,
            "subject_id": subject_id,
            "detail": detail,
        }
    )
    log = _log_of(system)
    with log.guard:
        log.waiting.append(one)
    with log.turn:
        # Whoever had the turn before may have written this one along with their own.
        if not one.written:
            _write(system, log, one)


def _write(system: System, log: _Log, one: _Reading) -> None:
    with log.guard:
        together, log.waiting = log.waiting, []
    if not any(waiting is one for waiting in together):
        together.append(one)  # it was in a batch whose commit failed
    with writing(system) as work:
        work.session.add_all(AuditEvent(**reading.values) for reading in together)
    for reading in together:
        reading.written = True


def _log_of(system: System) -> _Log:
    with _logs_guard:
        return _logs.setdefault(system.engine, _Log())

"""Who read what, without one commit a reading: those who come together share one.

The reading of a case, a picture, a report or an export is durable before the answer leaves. A list that was shown is
written within a second and nobody waits for it.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, insert

from dermavis.models import AuditEvent
from dermavis.services.failures import trace_of
from dermavis.services.work import Actor, System, writing

trouble = logging.getLogger("dermavis.readings")

FLUSH_AFTER_S = 0.5
"""How long a list that was shown may wait for others."""


@dataclass
class _Reading:
    values: dict[str, Any]
    waited_for: bool
    written: bool = False


@dataclass
class _Log:
    """The readings of one system that wait for the next commit; ``guard`` tells when one has ended.

    ``is_writing``: somebody commits. ``flush_is_coming``: a timer is set. ``failed``: the last commit was none, and
    what nobody waits for still waits.
    """

    guard: threading.Condition = field(default_factory=threading.Condition)
    waiting: list[_Reading] = field(default_factory=list)
    is_writing: bool = False
    flush_is_coming: bool = False
    failed: bool = False


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
    values = {"case_id": case_id, "subject_kind": subject_kind, "subject_id": subject_id, "detail": detail}
    one = _Reading(_by(system, actor, action) | values, waited_for=True)
    log = _log_of(system)
    with log.guard:
        log.waiting.append(one)
    _wait_for(system, log, one)


def record_soon(system: System, actor: Actor, action: str, *, subject_kind: str, **detail: Any) -> None:
    """Note a reading that is durable within a second, and return at once. Ids and codes only.

    When the last commit failed it is waited for, and its failure raised: who cannot be noted is shown nothing.
    """
    log = _log_of(system)
    with log.guard:
        values = {"case_id": None, "subject_kind": subject_kind, "subject_id": None, "detail": detail}
        one = _Reading(_by(system, actor, action) | values, waited_for=log.failed)
        log.waiting.append(one)
        sets_timer = not one.waited_for and not log.flush_is_coming
        log.flush_is_coming |= sets_timer
    if one.waited_for:
        _wait_for(system, log, one)
    elif sets_timer:
        # No daemon: a process that ends waits for it.
        threading.Timer(FLUSH_AFTER_S, _flush_by_itself, (system, log)).start()


def flush(system: System) -> None:
    """Write what waits, and return when it is durable."""
    log = _log_of(system)
    with log.guard:
        log.guard.wait_for(lambda: not log.is_writing)
        log.is_writing = True
    _write(system, log)


def _by(system: System, actor: Actor, action: str) -> dict[str, Any]:
    return {
        "at": system.clock.now(),
        "action": action,
        "actor_id": actor.person_id,
        "organization_id": actor.organization_id,
        "session_id": actor.session_id,
    }


def _flush_by_itself(system: System, log: _Log) -> None:
    with log.guard:
        log.flush_is_coming = False
    try:
        flush(system)
    except Exception as error:  # noqa: BLE001 - whatever it was, the rows still wait and the next reading takes them
        trouble.error("readings could not be written: %s", trace_of(error))


def _wait_for(system: System, log: _Log, one: _Reading) -> None:
    with log.guard:
        log.guard.wait_for(lambda: one.written or not log.is_writing)
        if one.written:
            return  # whoever committed before wrote this one along with their own
        if not any(waiting is one for waiting in log.waiting):
            log.waiting.append(one)  # it was in a batch whose commit failed
        log.is_writing = True
    _write(system, log)


def _write(system: System, log: _Log) -> None:
    """Commit what waits, for whoever set ``is_writing``; then the next one may."""
    with log.guard:
        together, log.waiting = log.waiting, []
    written = False
    try:
        if together:
            with writing(system) as work:
                work.session.execute(insert(AuditEvent), [reading.values for reading in together])
        written = True
    finally:
        with log.guard:
            for reading in together:
                reading.written = written
            if not written:
                log.waiting[:0] = [reading for reading in together if not reading.waited_for]
            log.failed = not written
            log.is_writing = False
            log.guard.notify_all()


def _log_of(system: System) -> _Log:
    with _logs_guard:
        return _logs.setdefault(system.engine, _Log())

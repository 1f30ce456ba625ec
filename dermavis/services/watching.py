"""The worker watches the service itself: a sign of life outside while all is well, a letter when it is not."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from dermavis.domain.ports import DeliveryFailed, DeliveryRefused, Mail
from dermavis.domain.service_state import alert_letter, all_clear_letter
from dermavis.models import Heartbeat
from dermavis.services.health import complaints
from dermavis.services.work import System, reading, writing

log = logging.getLogger("dermavis.watching")

EVERY_S = 60.0
PAGE = "/administration/service"

WRONG_SINCE = "alert.wrong"
TOLD_AT = "alert.told"

PATIENCE = timedelta(minutes=3)
"""How long something must be wrong before a letter leaves: a restart is no alarm."""

AGAIN_AFTER = timedelta(hours=6)


def watch(system: System) -> int:
    """Look once; never raises for what the other side does. Returns 0: there is nothing more to do at once.

    The sign of life stops as soon as anything is wrong. Of a worker that died, only its absence tells.
    """
    wrong = complaints(system)
    if wrong:
        log.warning("the service is not well: %s", ", ".join(wrong))
    elif system.heartbeat is not None:
        try:
            system.heartbeat.give()
        except DeliveryFailed as failure:
            log.warning("the sign of life did not arrive: %s", failure)
    if system.settings.alert_mail and "database" not in wrong:
        _tell(system, wrong)
    return 0


def _tell(system: System, wrong: Sequence[str]) -> None:
    """Write when something has been wrong for a while, again every six hours, and once when it is over."""
    now = system.clock.now()
    with reading(system) as work:
        rows = {name: work.session.get(Heartbeat, name) for name in (WRONG_SINCE, TOLD_AT)}
        since, told = ((row.at if row else None) for row in rows.values())
    if not wrong:
        if told is None or _sent(system, *all_clear_letter(system.settings.origin + PAGE)):
            _note(system, **{WRONG_SINCE: False, TOLD_AT: False})
        return
    if since is None:
        _note(system, **{WRONG_SINCE: True})
        return
    due = now - since >= PATIENCE and (told is None or now - told >= AGAIN_AFTER)
    if due and _sent(system, *alert_letter(wrong, system.settings.origin + PAGE)):
        _note(system, **{TOLD_AT: True})


def _sent(system: System, subject: str, text: str) -> bool:
    """Hand a letter over at once: the outbox may be the very thing that stands still."""
    try:
        system.mail.send(Mail(system.settings.alert_mail, subject, text))
    except (DeliveryFailed, DeliveryRefused) as failure:
        log.warning("the alert was not mailed: %s", failure)
        return False
    return True


def _note(system: System, **marks: bool) -> None:
    """Keep (at this instant) or remove what is remembered between two looks, and through a restart."""
    with reading(system) as work:
        changes = any(kept or work.session.get(Heartbeat, name) for name, kept in marks.items())
    if not changes:
        return  # on most days nobody's turn to write is taken
    with writing(system) as work:
        for name, kept in marks.items():
            row = work.session.get(Heartbeat, name)
            if kept:
                work.session.merge(Heartbeat(name=name, at=work.now))
            elif row is not None:
                work.session.delete(row)

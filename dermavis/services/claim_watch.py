"""A claimed case waits for its expert: they are reminded, and once it is late whoever waits for the answer is told."""

from __future__ import annotations

from typing import Any

from dermavis.domain.case_states import HELD, Machine, State
from dermavis.domain.watches import OWNERS
from dermavis.models import Case, DueRow
from dermavis.services.deadlines import open_time_later
from dermavis.services.notices import announce
from dermavis.services.promise_watch import (
    UNTOLD,
    is_late,
    is_untold,
    is_watched,
    still_untold,
    tell_now,
)
from dermavis.services.schedule import schedule
from dermavis.services.second_opinion_links import awaited
from dermavis.services.teams import centre_secretaries
from dermavis.services.work import Work


def watch_claim(work: Work, case: Case) -> None:
    """Look again after the usual wait without anything done, or when the case becomes late if that is sooner.

    Once it is late, work on it puts nothing off: what nobody was told of yet is told at once.
    """
    if is_untold(work, case):
        tell_now(work, case)
    elif not (is_late(work, case) and is_watched(work, case)):
        _look_again(work, case)


def tell_after_pause(work: Work, case: Case) -> None:
    """A case on hold has a promise that was past before its pause: whoever is to know is told once that ends."""
    _look_again(work, case, **{UNTOLD: True})


def _look_again(work: Work, case: Case, **payload: Any) -> None:
    at = open_time_later(work, case, OWNERS[Machine.QUESTION][State.CLAIMED].reminder)
    if case.late_at is not None and work.now < case.late_at < at:
        at = case.late_at
    schedule(work, "claim_reminder", at, case_id=case.id, **payload)


def remind_claim(work: Work, row: DueRow) -> None:
    """Timer ``claim_reminder``: a claimed case that is not answered yet; its colleagues no longer see it in the queue.

    Its holder is reminded, unless they wait for a second opinion. Once it is late the requester and the centre's
    secretaries are told, once. While a precision is awaited its clock stands still and nobody is told; what should have
    been told before, when the worker was away, is told as soon as the wait is over.
    """
    case = work.session.get_one(Case, row.case_id, with_for_update=True)
    if case.state not in HELD:
        return
    if case.state == State.ON_HOLD:
        _look_again(work, case, **still_untold(case, row))
        return
    late = is_late(work, case)
    if awaited(work, case) is None:
        announce(work, "late" if late else "claim_reminder", case, [case.claimed_by])
    if late:
        tell_requester_late(work, case)
        _tell_secretaries_late(work, case)
    _look_again(work, case)


def tell_requester_late(work: Work, case: Case) -> None:
    """Tell whoever waits for the answer that the promise was not kept, once for each promise."""
    announce(work, "answer_late", case, [case.requester_id], once=_promise_of(case))


def _tell_secretaries_late(work: Work, case: Case) -> None:
    if case.centre_id is not None:
        secretaries = centre_secretaries(work, case.centre_id)
        announce(work, "late", case, secretaries, once=_promise_of(case))


def _promise_of(case: Case) -> str:
    return case.late_at.isoformat() if case.late_at is not None else ""

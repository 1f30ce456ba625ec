"""The care that follows in person: the appointment as the requester's side notes it, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from dermavis.domain.case_states import Machine, State, Transition, Who, is_final
from dermavis.domain.errors import InvalidInput, NotFound
from dermavis.domain.permissions import Permission
from dermavis.domain.text import clean
from dermavis.domain.watches import OWNERS
from dermavis.domain.wording import hour_words, long_date_words
from dermavis.models import Appointment, Case, DueRow
from dermavis.services.access import find_case
from dermavis.services.deadlines import open_time_later
from dermavis.services.moves import move
from dermavis.services.notices import announce
from dermavis.services.schedule import schedule, unschedule
from dermavis.services.teams import centre_secretaries
from dermavis.services.vault import Sealer
from dermavis.services.work import Work

LONGEST_PLACE = 200
FARTHEST_YEARS = 2

BECAME: dict[str, tuple[Transition, str]] = {
    "done": (Transition.DO, "Patient vu"),
    "missed": (Transition.MISS, "Rendez-vous manqué"),
    "not_needed": (Transition.DROP, "Rendez-vous inutile"),
}
"""What may be said of an appointment: code → transition and words."""


@dataclass(frozen=True)
class ShownAppointment:
    """``state`` is the downstream machine's; ``planned`` in words ("jeudi 3 décembre 2026, 14 h") once it is given.

    ``day`` (ISO) and ``hour`` ("14:30") fill the form; ``outcomes`` are the codes of ``BECAME`` possible now.
    """

    state: str
    kind: str
    planned: str
    day: str
    hour: str
    place: str
    outcomes: tuple[tuple[str, str], ...]


def appointment_of(work: Work, case: Case) -> ShownAppointment | None:
    """Return the appointment that follows the opinion, as it is shown; None when none is awaited."""
    row = last_appointment(work, case)
    if row is None:
        return None
    here = row.planned_for.astimezone(ZoneInfo(work.acting.time_zone)) if row.planned_for else None
    possible = {
        "to_plan": ("done", "not_needed"),
        "planned": ("done", "missed", "not_needed"),
        "missed": ("not_needed",),
    }
    place = ""
    if row.place_sealed is not None:
        place = Sealer(work.system.cipher, case).open(
            row.place_sealed, "appointments", row.id, "place_sealed"
        )
    return ShownAppointment(
        state=row.state,
        kind=row.kind,
        planned=f"{long_date_words(here.date())}, {hour_words(here)}" if here else "",
        day=here.date().isoformat() if here else "",
        hour=f"{here:%H:%M}" if here else "",
        place=place,
        outcomes=tuple((code, BECAME[code][1]) for code in possible.get(row.state, ())),
    )


def plan(work: Work, case_id: UUID, day: str, hour: str, place: str = "") -> Case:
    """Note when the patient is seen, in the site's time; noting another time moves it. Raises InvalidInput."""
    case = find_case(work, case_id, Permission.APPOINTMENT_WRITE, lock=True)
    row = last_appointment(work, case)
    if row is None:
        raise NotFound
    at = _instant(work, day, hour)
    place = clean(place)[:LONGEST_PLACE]
    if row.state in {State.MISSED, State.DONE, State.NOT_NEEDED}:
        _step(work, case, row, Transition.PLAN_AGAIN)
    _step(work, case, row, Transition.MOVE if row.state == State.PLANNED else Transition.PLAN)
    row.planned_for = at
    row.place_sealed = (
        Sealer(work.system.cipher, case).seal(place, "appointments", row.id, "place_sealed")
        if place
        else None
    )
    watch_appointment(work, case, row)
    return case


def tell(work: Work, case_id: UUID, became: str) -> Case:
    """Say what became of the appointment: a key of ``BECAME``. Saying it twice changes nothing. Raises InvalidInput."""
    case = find_case(work, case_id, Permission.APPOINTMENT_WRITE, lock=True)
    row = last_appointment(work, case)
    if row is None:
        raise NotFound
    if became not in BECAME:
        raise InvalidInput({"became": "Dites ce qu’est devenu le rendez-vous."})
    if row.state != became:
        _step(work, case, row, BECAME[became][0])
        watch_appointment(work, case, row)
    return case


def watch_appointment(work: Work, case: Case, row: Appointment) -> None:
    """Have its owner reminded where the appointment stands now, the day after it once it is given; then no more."""
    state = State(case.downstream)
    if is_final(state):
        unschedule(work, "appointment_reminder", case_id=case.id)
        return
    due_at = open_time_later(work, case, OWNERS[Machine.DOWNSTREAM][state].reminder)
    if state is State.PLANNED and row.planned_for is not None:
        due_at += max(row.planned_for, work.now) - work.now
    schedule(work, "appointment_reminder", due_at, case_id=case.id, times=0)


def remind_appointment(work: Work, row: DueRow) -> None:
    """Timer ``appointment_reminder``: a patient still without an appointment, or of whom nobody said what became."""
    case = work.session.get_one(Case, row.case_id)
    state = State(case.downstream)
    if is_final(state) or case.state == State.ENTERED_IN_ERROR:
        return
    watch = OWNERS[Machine.DOWNSTREAM][state]
    times = int(row.payload.get("times", 0)) + 1
    told = [case.requester_id, *(centre_secretaries(work, case.centre_id) if case.centre_id else [])]
    if times > 1 and watch.then is Who.EXPERT and case.claimed_by is not None:
        told.append(case.claimed_by)
    announce(work, "appointment_past" if state is State.PLANNED else "appointment_reminder", case, told)
    due_at = open_time_later(work, case, watch.limit)
    schedule(work, row.kind, due_at, case_id=case.id, times=times)


def last_appointment(work: Work, case: Case) -> Appointment | None:
    """Return the appointment of the case that counts: the one that was begun last."""
    return work.session.scalar(
        select(Appointment)
        .where(Appointment.case_id == case.id)
        .order_by(Appointment.created_at.desc(), Appointment.id)
        .limit(1)
    )


def _step(work: Work, case: Case, row: Appointment, step: Transition) -> None:
    move(work, case, step, Who.REQUESTER, machine=Machine.DOWNSTREAM)
    row.state = case.downstream
    row.updated_at = work.now


def _instant(work: Work, day: str, hour: str) -> datetime:
    errors = {}
    zone = ZoneInfo(work.acting.time_zone)
    today = work.now.astimezone(zone).date()
    try:
        on = date.fromisoformat(day.strip())
    except ValueError:
        errors["day"] = "Indiquez le jour du rendez-vous."
        on = today
    try:
        when = time.fromisoformat(hour.strip())
    except ValueError:
        errors["hour"] = "Indiquez l’heure du rendez-vous."
        when = time()
    if abs(on.year - today.year) > FARTHEST_YEARS:
        errors["day"] = "Cette date est trop lointaine\u00a0: vérifiez l’année."
    if errors:
        raise InvalidInput(errors)
    return datetime.combine(on, when.replace(tzinfo=None), zone).astimezone(work.now.tzinfo)

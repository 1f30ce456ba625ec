"""A signature for twenty seconds: nothing of it is anywhere, it can be taken back whole, and then no more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from dermavis.domain.errors import Conflict, Forbidden, NotFound
from dermavis.domain.roles import Role
from dermavis.models import (
    Appointment,
    AuditEvent,
    Call,
    Case,
    Delivery,
    DueRow,
    Notification,
    Opinion,
    OutboxItem,
    Transition,
)
from dermavis.services import (
    answering,
    appointments,
    conversation,
    following,
    my_requests,
    notices,
    signed_reports,
)
from dermavis.services.my_requests import Section
from dermavis.services.outbox import deliver_due
from dermavis.services.requester_view import RequesterView, requester_view
from dermavis.services.taking_back import take_back
from dermavis.services.work import System, Work, reading, writing
from tests import cases
from tests.answered_cases import CALL
from tests.clock import FakeClock
from tests.factories import World
from tests.fixtures.systems import letters

CLOCK = (
    "state",
    "held_at",
    "held_seconds",
    "due_at",
    "late_at",
    "answered_at",
    "closed_at",
    "asked_again_at",
)


def _sign(
    world: World, case_id: UUID, name: Role | str = Role.EXPERT, version: int = 0, **changes: Any
) -> None:
    """Sign now, as a person does."""
    with writing(world.system, world.actor(name)) as work:
        answering.sign(work, case_id, cases.opinion(**_lesion(world, case_id), **changes), 1, version)


def _lesion(world: World, case_id: UUID) -> dict[str, Any]:
    with reading(world.system, world.actor(Role.REQUESTER)) as work:
        lesion = requester_view(work, case_id).case.lesions[0].id
    return {"lesions": [cases.opinion()["lesions"][0] | {"lesion": str(lesion)}]}


def _take_back(world: World, case_id: UUID, name: Role | str = Role.EXPERT) -> None:
    with writing(world.system, world.actor(name)) as work:
        take_back(work, case_id)


def _stands(system: System, case_id: UUID) -> tuple[Any, ...]:
    """All that a signature changes on a case."""
    with reading(system) as work:
        case = work.session.get_one(Case, case_id)
        timers = {
            (row.kind, row.due_at, row.subject_id)
            for row in work.session.scalars(
                select(DueRow).where(DueRow.case_id == case_id, DueRow.done_at.is_(None))
            )
        }
        appointments_now = [
            (row.id, row.state, row.kind)
            for row in work.session.scalars(select(Appointment).where(Appointment.case_id == case_id))
        ]
        deliveries = {
            (row.id, row.state)
            for row in work.session.scalars(select(Delivery).where(Delivery.case_id == case_id))
        }
        return (
            *(getattr(case, name) for name in (*CLOCK, "downstream", "destination", "level", "claimed_by")),
            timers,
            appointments_now,
            deliveries,
        )


def _requester(world: World, case_id: UUID) -> RequesterView:
    with reading(world.system, world.actor(Role.REQUESTER)) as work:
        return requester_view(work, case_id)


def _send_everything(system: System) -> None:
    for channel in ("push", "mail"):
        while deliver_due(system, channel):
            pass


@pytest.mark.postgres
def test_nothing_of_a_signature_is_anywhere_before_twenty_seconds_and_all_of_it_after(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.claimed(world)
    _send_everything(system)
    requester = world.actor(Role.REQUESTER)
    address = world.who(Role.REQUESTER).email
    before = len([letter for letter in letters(system) if letter.to == address])
    _sign(world, case_id, destination="surgery")
    clock.advance(seconds=19)
    _send_everything(system)
    assert len([letter for letter in letters(system) if letter.to == address]) == before
    view = _requester(world, case_id)
    assert (view.case.state, view.opinion, view.appointment) == ("claimed", None, None)
    assert "read" not in view.acts
    with reading(system, requester) as work:
        assert "opinion" not in {line.event for line in notices.lines(work)}
        assert [row.id for row in my_requests.page_of(work, Section.RUNNING).rows] == [case_id]
        assert my_requests.page_of(work, Section.FOR_YOU).rows == []
    for name in (Role.REQUESTER, Role.EXPERT):
        with pytest.raises((NotFound, Forbidden)):
            signed_reports.pdf(system, world.actor(name), case_id, None)
    with pytest.raises(Forbidden), writing(system, requester) as work:
        following.acknowledge(work, case_id)
    clock.advance(seconds=1)
    _send_everything(system)
    assert len([letter for letter in letters(system) if letter.to == address]) == before + 1
    view = _requester(world, case_id)
    assert view.case.state == "answered"
    assert view.opinion is not None
    assert view.appointment is not None
    with reading(system, requester) as work:
        assert [row.id for row in my_requests.page_of(work, Section.FOR_YOU).rows] == [case_id]
        assert "opinion" in {line.event for line in notices.lines(work)}
    assert signed_reports.pdf(system, requester, case_id, None).content.startswith(b"%PDF")


def test_a_reader_who_opens_the_page_meanwhile_does_not_read_the_news_away(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.claimed(world)
    _sign(world, case_id)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        following.open_case(work, case_id)
    clock.advance(seconds=20)
    with reading(system, world.actor(Role.REQUESTER)) as work:
        assert {line.event for line in notices.lines(work) if line.unread} == {"opinion"}


@pytest.mark.postgres
@pytest.mark.parametrize("made", ["claimed", "on_hold"])
def test_a_signature_taken_back_gives_draft_case_and_clock_back_as_they_were(
    system: System, world: World, clock: FakeClock, made: str
) -> None:
    case_id = cases.claimed(world) if made == "claimed" else cases.on_hold(world)
    clock.advance(hours=5)
    before = _stands(system, case_id)
    assert before[0] == made
    raw = cases.opinion(
        **_lesion(world, case_id), destination="emergency", calls=[CALL], safety_net="mon texte"
    )
    with writing(system, world.actor(Role.EXPERT)) as work:
        answering.save_draft(work, case_id, raw, 0)
    before = _stands(system, case_id)
    with writing(system, world.actor(Role.EXPERT)) as work:
        answering.sign(work, case_id, raw, 1)
    assert _stands(system, case_id) != before
    clock.advance(seconds=19)
    _take_back(world, case_id)
    assert _stands(system, case_id) == before
    with reading(system, world.actor(Role.EXPERT)) as work:
        case = work.session.get_one(Case, case_id)
        draft = answering.draft_of(work, case)
        assert draft.content.safety_net == "mon texte"
        assert work.session.scalars(select(Opinion).where(Opinion.signed_at.is_not(None))).all() == []
        assert work.session.scalars(select(Call)).all() == []
        told = select(Notification.id).where(Notification.event == "opinion_now")
        assert work.session.scalars(told).all() == []
        assert (
            work.session.scalars(select(OutboxItem.id).where(OutboxItem.event == "opinion_now")).all() == []
        )
        actions = set(work.session.scalars(select(AuditEvent.action).where(AuditEvent.case_id == case_id)))
        steps = work.session.scalars(
            select(Transition.name)
            .where(Transition.case_id == case_id, Transition.machine == "question")
            .order_by(Transition.case_version)
        ).all()
    assert {"opinion.sign", "opinion.take_back"} <= actions
    assert steps[steps.index("answer") :][1] == "take_back"
    clock.advance(seconds=60)
    cases.sign(world, case_id)
    view = _requester(world, case_id)
    assert [row.version for row in view.case.versions] == [1]


def test_after_twenty_seconds_it_is_refused_in_words(world: World, clock: FakeClock) -> None:
    case_id = cases.claimed(world)
    _sign(world, case_id)
    clock.advance(seconds=20)
    with pytest.raises(Conflict) as refused:
        _take_back(world, case_id)
    assert refused.value.code == "opinion_left"
    assert "ne peut plus être annulé" in refused.value.message
    assert _requester(world, case_id).opinion is not None


def test_only_the_signer_takes_it_back(world: World) -> None:
    case_id = cases.claimed(world)
    _sign(world, case_id)
    for name, refusal in (
        ("other_expert", Forbidden),
        (Role.REQUESTER, Forbidden),
        ("stranger_expert", NotFound),
    ):
        with pytest.raises(refusal):
            _take_back(world, case_id, name)
    _take_back(world, case_id)


def test_the_ladder_of_an_emergency_counts_from_when_it_leaves(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.claimed(world)
    signed_at = clock.now()
    _sign(world, case_id, destination="emergency", calls=[CALL])
    with reading(system) as work:
        delivery = work.session.scalars(select(Delivery).where(Delivery.case_id == case_id)).one()
    assert delivery.escalate_at is not None
    assert (delivery.sent_at - signed_at).total_seconds() == 20
    assert (delivery.escalate_at - signed_at).total_seconds() == 30 * 60 + 20


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("became", "then"),
    [
        pytest.param("to_plan", "gp", marks=pytest.mark.long),
        ("planned", "gp"),
        ("planned", "in_person"),
        ("missed", "gp"),
        ("done", "in_person"),
        pytest.param("not_needed", "in_person", marks=pytest.mark.long),
        pytest.param("to_plan", "in_person", marks=pytest.mark.long),
        pytest.param("missed", "in_person", marks=pytest.mark.long),
        pytest.param("planned", "surgery", marks=pytest.mark.long),
        pytest.param("done", "gp", marks=pytest.mark.long),
    ],
)
def test_a_correction_taken_back_leaves_the_version_before_as_it_was(
    system: System, world: World, clock: FakeClock, became: str, then: str
) -> None:
    case_id = cases.answered(world, answer=cases.opinion(destination="surgery"))
    with writing(system, world.actor(Role.REQUESTER)) as work:
        if became in {"planned", "missed"}:
            appointments.plan(work, case_id, "2026-03-20", "14:00")
        if became in {"missed", "done", "not_needed"}:
            appointments.tell(work, case_id, became)
    clock.advance(hours=1)
    before = _stands(system, case_id)
    amended = {"amends": "correction", "amends_why": "Oubli.", "destination": then}
    _sign(world, case_id, version=1, **amended)
    shown = _requester(world, case_id)
    assert [row.version for row in shown.case.versions] == [1]
    assert shown.opinion is not None
    assert shown.opinion.report.get("replaced_by") is None
    clock.advance(seconds=10)
    _take_back(world, case_id)
    assert _stands(system, case_id) == before
    assert _requester(world, case_id).opinion is not None


def test_a_version_read_while_the_next_may_be_taken_back_was_read(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.answered(world, answer=cases.opinion(destination="surgery", within_two_weeks=True))
    clock.advance(hours=1)
    _sign(world, case_id, version=1, amends="complement", amends_why="Oubli.")
    with writing(system, world.actor(Role.REQUESTER)) as work:
        following.acknowledge(work, case_id)
    _take_back(world, case_id)
    with reading(system) as work:
        (row,) = work.session.scalars(select(Delivery).where(Delivery.case_id == case_id))
        assert row.state == "acknowledged"
        late = select(DueRow.id).where(DueRow.kind == "unread_opinion", DueRow.done_at.is_(None))
        assert work.session.scalars(late).all() == []


def test_what_leaves_is_not_corrected_before_it_has_left(world: World, clock: FakeClock) -> None:
    case_id = cases.claimed(world)
    _sign(world, case_id)
    with pytest.raises(Conflict) as refused:
        _sign(world, case_id, version=1, amends="correction", amends_why="Oubli.")
    assert refused.value.code == "opinion_leaving"
    clock.advance(seconds=20)
    _sign(world, case_id, version=1, amends="correction", amends_why="Oubli.")


def test_no_text_is_saved_over_one_that_may_still_be_taken_back(world: World, clock: FakeClock) -> None:
    case_id = cases.claimed(world)
    _sign(world, case_id)
    for name in (Role.EXPERT, "other_expert"):
        with pytest.raises(Conflict) as refused, writing(world.system, world.actor(name)) as work:
            answering.save_draft(work, case_id, cases.opinion(safety_net="Autre texte."), 0)
        assert refused.value.code == "opinion_leaving"
    for _ in range(2):
        with writing(world.system, world.actor(Role.EXPERT)) as work:
            take_back(work, case_id, 1)
    with reading(world.system, world.actor(Role.EXPERT)) as work:
        found = answering.draft_of(work, work.session.get_one(Case, case_id)).content
    assert found.lesions[0].diagnosis == cases.opinion()["lesions"][0]["diagnosis"]


def test_a_closed_case_whose_correction_is_taken_back_is_closed_again(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.closed(world)
    clock.advance(hours=1)
    before = _stands(system, case_id)
    assert before[0] == "closed"
    _sign(world, case_id, version=1, amends="correction", amends_why="Oubli.")
    _take_back(world, case_id)
    assert _stands(system, case_id) == before


def test_a_question_asked_in_these_seconds_outlives_the_correction(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.closed(world)
    clock.advance(hours=1)
    _sign(world, case_id, version=1, amends="correction", amends_why="Oubli.")
    clock.advance(seconds=5)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        conversation.write(work, case_id, "Et pour le second ?")
    _take_back(world, case_id)
    with reading(system) as work:
        case = work.session.get_one(Case, case_id)
        assert (case.state, case.asked_again_at) == ("answered", clock.now())


def test_an_answer_given_in_these_seconds_is_an_answer_once_the_signature_is_taken_back(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.on_hold(world)
    _sign(world, case_id)
    clock.advance(seconds=5)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        said = conversation.write(work, case_id, "Depuis trois mois.")
        assert (said.kind, said.answers_id is not None) == ("answer", True)
    _take_back(world, case_id)
    with reading(system) as work:
        case = work.session.get_one(Case, case_id)
        assert (case.state, case.asked_again_at, case.held_at) == ("claimed", None, None)
        waits = select(DueRow.id).where(DueRow.kind == "hold_return", DueRow.done_at.is_(None))
        assert work.session.scalars(waits).all() == []


def test_a_word_written_before_the_first_opinion_has_left_is_no_question_about_it(
    system: System, world: World
) -> None:
    case_id = cases.just_signed(world)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        assert conversation.write(work, case_id, "Elle a aussi mal la nuit.").kind == "note"
    with reading(system) as work:
        assert work.session.get_one(Case, case_id).asked_again_at is None


def test_taking_back_twice_changes_nothing(system: System, world: World, clock: FakeClock) -> None:
    case_id = cases.answered(world)
    clock.advance(hours=1)
    _sign(world, case_id, version=1, amends="correction", amends_why="Oubli.")
    for _ in range(2):
        with writing(system, world.actor(Role.EXPERT)) as work:
            take_back(work, case_id, 2)
    with reading(system) as work:
        signed = select(Opinion.version).where(Opinion.case_id == case_id, Opinion.signed_at.is_not(None))
        assert work.session.scalars(signed).all() == [1]
        taken = select(AuditEvent.id).where(AuditEvent.action == "opinion.take_back")
        assert len(work.session.scalars(taken).all()) == 1


def test_an_appointment_given_in_these_seconds_keeps_its_own_reminder(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.answered(world, answer=cases.opinion(destination="in_person"))
    clock.advance(hours=1)
    _sign(world, case_id, version=1, amends="correction", amends_why="Oubli.", destination="in_person")
    clock.advance(seconds=5)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        appointments.plan(work, case_id, "2026-05-20", "14:00")
    with reading(system) as work:
        given = _reminder_of(work, case_id)
    assert given > clock.now() + timedelta(days=50), "on the day itself"
    _take_back(world, case_id)
    with reading(system) as work:
        assert work.session.get_one(Case, case_id).downstream == "planned"
        assert _reminder_of(work, case_id) == given


def test_a_date_given_in_these_seconds_outlives_the_correction_that_wanted_another_kind(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.answered(world, answer=cases.opinion(destination="surgery"))
    clock.advance(hours=1)
    for day, corrects in (("2026-04-02", False), ("2026-05-20", True)):
        if corrects:
            _sign(
                world, case_id, version=1, amends="correction", amends_why="Oubli.", destination="in_person"
            )
        with writing(system, world.actor(Role.REQUESTER)) as work:
            appointments.plan(work, case_id, day, "14:00")
    _take_back(world, case_id)
    with reading(system, world.actor(Role.REQUESTER)) as work:
        shown = appointments.appointment_of(work, work.session.get_one(Case, case_id))
        assert shown is not None
        assert (shown.state, shown.kind, shown.day) == ("planned", "surgery", "2026-05-20")
        assert _reminder_of(work, case_id) > clock.now() + timedelta(days=50)


def _reminder_of(work: Work, case_id: UUID) -> datetime:
    rows = select(DueRow.due_at).where(
        DueRow.case_id == case_id, DueRow.kind == "appointment_reminder", DueRow.done_at.is_(None)
    )
    return work.session.scalars(rows).one()

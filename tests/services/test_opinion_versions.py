"""A signed opinion replaced by a new version: what its reader gets, and what follows from it now."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.models import (
    Appointment,
    AuditEvent,
    Case,
    Delivery,
    Document,
    DueRow,
    Notification,
    Opinion,
    Transition,
)
from dermavis.services import answering, appointments, following, signed_reports
from dermavis.services.requester_view import requester_view
from dermavis.services.timers import run_due
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.answered_cases import CALL
from tests.clock import FakeClock
from tests.factories import World
from tests.seen import view_for

SUSPECT = {"lesions": [{"diagnosis": "Mélanome", "conduct": "Exérèse.", "risk_class": "highly_suspect"}]}


def _case(system: System, case_id: UUID) -> Case:
    with reading(system) as work:
        case = work.session.get_one(Case, case_id)
        work.session.expunge(case)
        return case


def _deliveries(system: System, case_id: UUID) -> list[str]:
    with reading(system) as work:
        rows = select(Delivery.state).join(Opinion, Opinion.id == Delivery.opinion_id)
        return list(work.session.scalars(rows.where(Delivery.case_id == case_id).order_by(Opinion.version)))


def _events(system: System, case_id: UUID, person: UUID) -> list[str]:
    with reading(system) as work:
        rows = select(Notification.event).where(
            Notification.case_id == case_id, Notification.person_id == person
        )
        return list(work.session.scalars(rows.order_by(Notification.at)))


def _alive(system: System, case_id: UUID, kind: str) -> list[DueRow]:
    with reading(system) as work:
        rows = select(DueRow).where(DueRow.case_id == case_id, DueRow.kind == kind, DueRow.done_at.is_(None))
        return list(work.session.scalars(rows))


def _do(world: World, name: Role | str, act: Any, *told: Any) -> None:
    with writing(world.system, world.actor(name)) as work:
        act(work, *told)


@pytest.mark.postgres
def test_a_correction_is_a_second_version_read_and_acknowledged_anew(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.answered(world, answer=cases.opinion(destination="surgery", within_two_weeks=True))
    _do(world, Role.REQUESTER, following.acknowledge, case_id)
    assert _alive(system, case_id, "unread_opinion") == []
    clock.advance(hours=3)
    cases.amended(world, case_id, destination="surgery", within_two_weeks=True, safety_net="si saigne")
    assert _deliveries(system, case_id) == ["acknowledged", "sent"]
    assert len(_alive(system, case_id, "unread_opinion")) == 1
    view = view_for(world, Role.REQUESTER, case_id)
    assert [(row.version, row.superseded, row.amends, row.why) for row in view.versions] == [
        (1, True, "", ""),
        (2, False, "Correction", "Dose mal écrite."),
    ]
    told = _events(system, case_id, world.who(Role.REQUESTER).person_id)
    assert (told.count("opinion"), told[-1]) == (1, "opinion_corrected")
    with reading(system) as work:
        steps = work.session.scalars(
            select(Transition.name)
            .where(Transition.case_id == case_id, Transition.machine == "question")
            .order_by(Transition.case_version)
        ).all()
    assert steps == ["submit", "claim", "answer", "correct"]
    _do(world, Role.REQUESTER, following.acknowledge, case_id, view.versions[1].id)
    assert _deliveries(system, case_id) == ["acknowledged", "acknowledged"]


def test_an_unread_version_is_replaced_and_its_reminder_with_it(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.answered(world, answer=cases.opinion(**SUSPECT, destination="surgery"))
    clock.advance(hours=1)
    cases.amended(world, case_id)
    assert _deliveries(system, case_id) == ["replaced", "sent"]
    (row,) = _alive(system, case_id, "unread_opinion")
    with reading(system) as work:
        second = work.session.get_one(Delivery, row.subject_id)
        assert second.level == "ordinary"
    assert (_case(system, case_id).level, _case(system, case_id).destination) == ("ordinary", "gp")


def test_an_emergency_correction_needs_its_own_call_and_goes_up_the_ladder(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.answered(world)
    clock.advance(hours=1)
    with pytest.raises(InvalidInput) as refused:
        cases.amended(world, case_id, destination="emergency")
    assert "calls" in refused.value.errors
    cases.amended(world, case_id, destination="emergency", calls=[CALL])
    requester = world.who(Role.REQUESTER).person_id
    assert _events(system, case_id, requester)[-1] == "opinion_now"
    clock.advance(minutes=31)
    while run_due(system):
        pass
    assert "opinion_now_unread" in _events(system, case_id, requester)
    secretary = world.who(Role.SITE_SECRETARY).person_id
    assert "opinion_now_unread" in _events(system, case_id, secretary)


def test_an_emergency_signed_again_begins_without_the_call_of_the_first(
    world: World, clock: FakeClock
) -> None:
    case_id = cases.answered(world, answer=cases.opinion(destination="emergency", calls=[CALL]))
    clock.advance(hours=1)
    with reading(world.system, world.actor(Role.EXPERT)) as work:
        draft = answering.draft_of(work, work.session.get_one(Case, case_id))
    assert draft.content.destination == "emergency"
    assert draft.content.calls == []


def test_a_later_version_says_of_what_kind_it_is_and_why(world: World, clock: FakeClock) -> None:
    case_id = cases.answered(world)
    clock.advance(hours=1)
    for kind, why, field in (
        ("", "Oubli.", "amends"),
        ("other", "Oubli.", "amends"),
        ("complement", "", "amends_why"),
    ):
        with pytest.raises(InvalidInput) as refused:
            cases.amended(world, case_id, kind=kind, why=why)
        assert set(refused.value.errors) == {field}


def test_who_may_correct_is_the_expert_or_a_colleague_of_the_team(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.answered(world)
    clock.advance(hours=1)
    raw = cases.opinion(amends="correction", amends_why="Oubli.")
    for name, refusal in (
        ("stranger_expert", NotFound),
        (Role.JUNIOR, Forbidden),
        (Role.CENTRE_SECRETARY, Forbidden),
        (Role.REQUESTER, Forbidden),
    ):
        with pytest.raises(refusal), writing(system, world.actor(name)) as work:
            answering.sign(work, case_id, raw, 1, 1)
    cases.amended(world, case_id, "other_expert")
    view = view_for(world, Role.REQUESTER, case_id)
    assert view.versions[-1].signed_by.endswith(world.who("other_expert").name)
    assert _case(system, case_id).claimed_by == world.who(Role.EXPERT).person_id


def test_two_who_correct_at_once_the_second_is_told_who_signed(world: World, clock: FakeClock) -> None:
    case_id = cases.answered(world)
    clock.advance(hours=1)
    cases.amended(world, case_id, "other_expert")
    raw = cases.opinion(amends="complement", amends_why="Oubli.")
    with pytest.raises(Conflict) as refused, writing(world.system, world.actor(Role.EXPERT)) as work:
        answering.sign(work, case_id, raw, 1, 1)
    assert refused.value.code == "newer_opinion"
    assert refused.value.holder is not None
    assert refused.value.holder.endswith(world.who("other_expert").name)


def test_what_is_written_of_the_next_version_is_kept_and_can_be_given_up(
    world: World, clock: FakeClock
) -> None:
    case_id = cases.answered(world, answer=cases.opinion(safety_net="signé"))
    clock.advance(hours=1)
    expert = world.actor(Role.EXPERT)

    def form() -> tuple[str, int, bool]:
        with reading(world.system, expert) as work:
            case = work.session.get_one(Case, case_id)
            draft = answering.draft_of(work, case)
            return draft.content.safety_net, draft.revision, answering.is_amending(work, case)

    assert form() == ("signé", 0, False)
    raw = cases.opinion(safety_net="corrigé", amends="correction")
    _do(world, Role.EXPERT, answering.save_draft, case_id, raw, 0)
    assert form() == ("corrigé", 1, True)
    _do(world, Role.EXPERT, answering.drop_amendment, case_id)
    assert form() == ("signé", 0, False)
    assert view_for(world, Role.REQUESTER, case_id).versions[0].content.safety_net == "signé"


def test_an_appointment_that_the_correction_takes_away_is_due_no_more(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.answered(world, answer=cases.opinion(destination="surgery"))
    _do(world, Role.REQUESTER, appointments.plan, case_id, "2026-03-20", "14:00")
    assert _alive(system, case_id, "appointment_reminder")
    clock.advance(hours=1)
    cases.amended(world, case_id, destination="gp")
    assert _case(system, case_id).downstream == "not_needed"
    assert _alive(system, case_id, "appointment_reminder") == []
    secretary = world.who(Role.CENTRE_SECRETARY).person_id
    assert _events(system, case_id, secretary) == ["appointment_dropped"]


@pytest.mark.postgres
@pytest.mark.parametrize("kind", ["surgery", "in_person"])
def test_an_appointment_still_wanted_is_not_doubled_and_one_of_another_kind_is_given_anew(
    system: System, world: World, clock: FakeClock, kind: str
) -> None:
    case_id = cases.answered(world, answer=cases.opinion(destination="surgery"))
    _do(world, Role.REQUESTER, appointments.plan, case_id, "2026-03-20", "14:00")
    clock.advance(hours=1)
    cases.amended(world, case_id, destination=kind)
    with reading(system) as work:
        rows = work.session.scalars(
            select(Appointment).where(Appointment.case_id == case_id).order_by(Appointment.created_at)
        ).all()
        stands = [(row.kind, row.state) for row in rows]
    assert stands == (
        [("surgery", "planned")]
        if kind == "surgery"
        else [("surgery", "not_needed"), ("in_person", "to_plan")]
    )
    assert len(_alive(system, case_id, "appointment_reminder")) == 1


def test_a_retake_that_the_correction_takes_away_keeps_nothing_open(world: World, clock: FakeClock) -> None:
    case_id = cases.answered(world, answer=cases.opinion(retake=True, retake_views=["close_up"]))
    clock.advance(hours=1)
    cases.amended(world, case_id)
    _do(world, Role.REQUESTER, following.acknowledge, case_id)
    with reading(world.system, world.actor(Role.REQUESTER)) as work:
        assert requester_view(work, case_id).still_open == ()
    _do(world, Role.REQUESTER, following.close, case_id)
    clock.advance(days=2)
    cases.amended(world, case_id, retake=True, retake_views=["close_up"])
    assert _case(world.system, case_id).state == "answered", "a correction opens a closed case again"


@pytest.mark.postgres
def test_the_replaced_version_stays_readable_and_marked_on_every_page(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.answered(world)
    actor = world.actor(Role.REQUESTER)
    before = signed_reports.pdf(system, actor, case_id, 1)
    assert "emplacée" not in _printed(before.content)[0]
    clock.advance(hours=1)
    cases.amended(world, case_id)
    old = signed_reports.pdf(system, actor, case_id, 1)
    assert old.name == "avis-D-1-2026-03-12-remplace.pdf"
    pages = _printed(old.content)
    assert pages
    assert all("Version remplacée par la version 2" in page for page in pages)
    new = " ".join(_printed(signed_reports.pdf(system, actor, case_id, None).content))
    assert "Version 2, remplace la version 1 du jeudi 12 mars 2026" in new
    assert "Correction : Dose mal écrite." in new
    first, second = (signed_reports.read(system, actor, case_id, number, "page") for number in (1, 2))
    assert (first.in_force, second.in_force) == (False, True)
    assert first.text.startswith("VERSION REMPLACÉE par la version 2")
    assert "Version 2, remplace la version 1 du" in second.text
    with reading(system) as work:
        kinds = set(work.session.scalars(select(Document.kind)))
        words = work.session.scalars(
            select(AuditEvent.detail).where(AuditEvent.action == "opinion.sign").order_by(AuditEvent.id)
        ).all()
    assert kinds == {"report_pdf", "report_pdf_replaced"}
    assert [row["amends"] for row in words] == ["", "correction"]


def _printed(content: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]

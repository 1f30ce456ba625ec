"""A case that was entered in error: who is told, what stops, what is still read and by whom."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pypdf import PdfReader
from sqlalchemy import select, update

from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.permissions import Permission
from dermavis.domain.roles import Role
from dermavis.models import Appointment, AuditEvent, BillingItem, Case, DueRow, Notification, OutboxItem
from dermavis.services import (
    answering,
    appointments,
    changing,
    claiming,
    conversation,
    follow_ups,
    following,
    my_requests,
    redirecting,
    signed_reports,
)
from dermavis.services.access import may
from dermavis.services.cancelled_case import cancelled_case
from dermavis.services.case_part import Part, part_of
from dermavis.services.case_view import view_of
from dermavis.services.entered_in_error import mark_error
from dermavis.services.opinion_versions import in_force
from dermavis.services.outbox import deliver_due
from dermavis.services.requester_view import requester_view
from dermavis.services.timers import run_due
from dermavis.services.unread_opinions import Unread, unread_of
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import World
from tests.fixtures.systems import letters
from tests.seen import names_told, view_for


def _mark(
    world: World,
    case_id: UUID,
    who: Role | str = Role.REQUESTER,
    words: str = "",
    reason: str = "wrong_patient",
) -> None:
    with writing(world.system, world.actor(who)) as work:
        mark_error(work, case_id, reason, words)


def _alive(system: System, case_id: UUID) -> list[str]:
    with reading(system) as work:
        rows = select(DueRow.kind).where(DueRow.case_id == case_id, DueRow.done_at.is_(None))
        return list(work.session.scalars(rows))


def test_whoever_received_something_of_it_is_told_and_reads_what_they_had(world: World) -> None:
    case_id = cases.answered(world, answer=cases.opinion(destination="surgery"))
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        appointments.plan(work, case_id, "2026-03-20", "14:30")
    _mark(world, case_id, words="Photos d’une autre personne.")
    assert names_told(world, "entered_in_error", case_id) == {
        "expert",
        "other_expert",
        "junior",
        "super_user",
        "centre_secretary",
    }
    for name in (Role.REQUESTER, Role.SITE_SECRETARY, Role.EXPERT, "other_expert", Role.CENTRE_SECRETARY):
        mark = view_for(world, name, case_id).error
        assert mark is not None, name
        assert (mark.reason, mark.words) == ("Erreur de patient", "Photos d’une autre personne.")
        assert mark.who == f"Dr {world.who(Role.REQUESTER).name}"
        assert mark.appointment == "20\u00a0mars\u00a02026, 14\u00a0h\u00a030"
    for name in ("stranger", "stranger_expert", "other_requester", Role.ADMINISTRATOR):
        with pytest.raises(NotFound):
            view_for(world, name, case_id)


def test_the_centre_marks_it_too_and_the_requester_is_told(world: World) -> None:
    case_id = cases.answered(world)
    with pytest.raises(Forbidden), writing(world.system, world.actor(Role.SITE_SECRETARY)) as work:
        mark_error(work, case_id, "wrong_patient")
    _mark(world, case_id, Role.EXPERT)
    assert "requester" in names_told(world, "entered_in_error", case_id)
    assert "expert" not in names_told(world, "entered_in_error", case_id)
    with reading(world.system, world.actor(Role.REQUESTER)) as work:
        shown = requester_view(work, case_id)
    assert shown.standing.title == "Saisie par erreur"
    assert shown.opinion is not None
    assert shown.acts == {"read", "send_anew"}


def test_it_wants_a_reason_and_is_marked_once(world: World, system: System) -> None:
    case_id = cases.sent(world)
    with pytest.raises(InvalidInput), writing(system, world.actor(Role.REQUESTER)) as work:
        mark_error(work, case_id, "healed_since")
    _mark(world, case_id)
    _mark(world, case_id)
    with reading(system) as work:
        rows = select(AuditEvent).where(AuditEvent.case_id == case_id, AuditEvent.action == "case.mark_error")
        assert len(work.session.scalars(rows).all()) == 1


def test_a_centre_that_had_declined_it_learns_of_the_error_and_nothing_more(
    world: World, system: System
) -> None:
    case_id = cases.claimed(world)
    with writing(system, world.actor(Role.EXPERT)) as work:
        claiming.decline(work, case_id, "needs_examination")
    with writing(system, world.actor(Role.REQUESTER)) as work:
        redirecting.redirect(work, case_id, world.other_team_id)
    _mark(world, case_id)
    assert names_told(world, "entered_in_error", case_id) >= {"expert", "other_expert", "stranger_expert"}
    with reading(system, world.actor(Role.EXPERT)) as work:
        assert part_of(work, case_id) is Part.TOLD
        told = cancelled_case(work, case_id)
    assert (told.in_error, told.number, told.reason) == (
        True,
        cases.number_of(system, case_id),
        "Erreur de patient",
    )
    with pytest.raises(NotFound):
        view_for(world, Role.EXPERT, case_id)
    assert view_for(world, "stranger_expert", case_id).error is not None


def test_its_coordinator_is_told_and_reads_it_on_their_panel(world: World, system: System) -> None:
    case_id = cases.sent(world, "pooled_requester")
    _mark(world, case_id, "pooled_requester")
    assert names_told(world, "entered_in_error", case_id) == {"coordinator"}
    with reading(system, world.actor(Role.COORDINATOR)) as work:
        assert part_of(work, case_id) is Part.COORDINATOR
        assert view_of(work, case_id).error is not None
    with pytest.raises(NotFound):
        view_for(world, Role.EXPERT, case_id)


@pytest.mark.postgres
def test_nothing_waits_any_more_and_no_other_news_leaves(
    world: World, system: System, clock: FakeClock
) -> None:
    case_id = cases.answered(world, answer=cases.opinion(destination="surgery", within_two_weeks=True))
    assert {"unread_opinion", "close_answered"} <= set(_alive(system, case_id)), "something did wait"
    _mark(world, case_id, reason="sent_twice")
    assert _alive(system, case_id) == []
    clock.advance(days=60)
    run_due(system)
    while deliver_due(system, "mail"):
        pass
    subjects = [letter.subject for letter in letters(system)]
    assert subjects
    assert all("Saisie par erreur" in subject for subject in subjects), subjects
    with reading(system) as work:
        left = select(OutboxItem.id).where(OutboxItem.case_id == case_id, OutboxItem.done_at.is_(None))
        assert work.session.scalars(left).all() == []
        assert work.session.get_one(Case, case_id).state == "entered_in_error"


def test_the_appointment_is_dropped_and_what_was_not_billed_never_is(world: World, system: System) -> None:
    case_id = cases.answered(world, answer=cases.opinion(destination="in_person"))
    with writing(system) as work:
        for code, state in (("TE2", "ready"), ("RQD", "exported")):
            work.session.add(
                BillingItem(
                    id=uuid4(),
                    case_id=case_id,
                    payer="insurance",
                    code=code,
                    organization_id=world.centre_id,
                    state=state,
                    act_date=work.now.date(),
                    created_at=work.now,
                    updated_at=work.now,
                )
            )
    _mark(world, case_id)
    with reading(system) as work:
        assert work.session.scalars(select(Appointment.state)).all() == ["not_needed"]
        states = work.session.execute(select(BillingItem.code, BillingItem.state)).all()
        assert dict(tuple(row) for row in states) == {"TE2": "not_billable", "RQD": "exported"}
    assert "billing_clerk" in names_told(world, "entered_in_error", case_id), (
        "what was handed on is theirs to take back"
    )


def test_it_leaves_every_list_and_nothing_is_added(world: World, system: System) -> None:
    case_id, other = cases.answered(world), cases.answered(world)
    _mark(world, case_id, reason="sent_twice")
    with reading(system, world.actor(Role.REQUESTER)) as work:
        listed = [
            row.id for section in my_requests.Section for row in my_requests.page_of(work, section).rows
        ]
        found = [row.id for row in my_requests.search(work, "vautrin").rows]
    assert other in listed
    assert case_id not in listed
    assert other in found
    assert case_id not in found

    def refused(who: Role, act: Any, *told: Any) -> None:
        with pytest.raises(Conflict) as refusal, writing(system, world.actor(who)) as work:
            act(work, case_id, *told)
        assert refusal.value.code == "entered_in_error"

    refused(Role.REQUESTER, conversation.write, "Et alors ?")
    refused(Role.REQUESTER, following.acknowledge)
    refused(Role.REQUESTER, follow_ups.begin_follow_up)
    refused(Role.REQUESTER, changing.cancel, "another", "Mauvais.")
    refused(Role.EXPERT, answering.sign, cases.opinion(amends="correction", amends_why="Dose."), 1, 1)
    refused(Role.EXPERT, answering.save_draft, cases.opinion(), 0)


def test_what_was_signed_a_moment_ago_never_reaches_anybody_as_an_opinion(
    world: World, system: System, clock: FakeClock
) -> None:
    case_id = cases.just_signed(world)
    _mark(world, case_id)
    assert view_for(world, Role.REQUESTER, case_id).state == "entered_in_error"
    clock.advance(seconds=30)
    with reading(system) as work:
        unread = select(Notification.event).where(
            Notification.case_id == case_id, Notification.read_at.is_(None)
        )
        assert set(work.session.scalars(unread)) == {"entered_in_error"}
    with reading(system, world.actor(Role.REQUESTER)) as work:
        assert not may(work, Permission.OPINION_READ, work.session.get_one(Case, case_id))


def test_a_correction_signed_a_moment_before_never_leaves_and_the_opinion_read_stays_the_last(
    world: World, system: System, clock: FakeClock
) -> None:
    case_id = cases.answered(world)
    clock.advance(hours=1)
    cases.sign_now(world, case_id, answer=cases.opinion(amends="correction", amends_why="Dose mal écrite."))
    _mark(world, case_id, Role.REQUESTER)
    clock.advance(seconds=30)
    for name in (Role.REQUESTER, Role.EXPERT):
        shown = signed_reports.read(system, world.actor(name), case_id, None, "text")
        assert "Dose mal écrite." not in shown.text
    with reading(system) as work:
        first = in_force(work, work.session.get_one(Case, case_id))
        assert first is not None
        assert (first.version, first.superseded_by) == (1, None)


def test_text_and_pdf_bear_the_mark_on_every_page(world: World, system: System) -> None:
    case_id = cases.answered(world)
    expert = world.actor(Role.EXPERT)
    before = signed_reports.pdf(system, expert, case_id, None)
    _mark(world, case_id)
    shown = signed_reports.read(system, world.actor(Role.REQUESTER), case_id, None, "text")
    assert shown.in_error
    assert shown.text.startswith("SAISI PAR ERREUR")
    after = signed_reports.pdf(system, expert, case_id, None)
    assert after.name == before.name.replace(".pdf", "-saisi-par-erreur.pdf")
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(after.content)).pages]
    assert all("Saisi par erreur" in page and "SAISI PAR ERREUR" in page for page in pages)
    assert not any("erreur" in page.extract_text() for page in PdfReader(io.BytesIO(before.content)).pages)


def test_an_older_error_can_be_erased_and_then_nothing_is_read(world: World, system: System) -> None:
    an_hour_ago = replace(system, clock=FakeClock(system.clock.now() - timedelta(hours=1)))
    case_id = cases.sent(replace(world, system=an_hour_ago))
    _mark(world, case_id)
    with writing(system) as work:
        assert work.session.get_one(Case, case_id).closed_at is not None, "nobody is waited for"
        work.session.execute(update(Case).where(Case.id == case_id).values(erased_at=work.now))
    with pytest.raises(Exception, match="effacé"):
        view_for(world, Role.REQUESTER, case_id)


def test_nobody_is_told_to_call_the_patient_of_a_case_entered_in_error(world: World) -> None:
    case_id = cases.answered(world, answer=cases.emergency())

    def unread() -> Unread | None:
        with reading(world.system, world.actor(Role.EXPERT)) as work:
            return unread_of(work, work.session.get_one(Case, case_id), beyond_its_time=False)

    assert unread() is not None
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        mark_error(work, case_id, "wrong_patient")
    assert unread() is None

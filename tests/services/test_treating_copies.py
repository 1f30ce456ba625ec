"""The treating doctor's copy of an opinion: given when it leaves, told once, theirs alone to read and acknowledge."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from dermavis.domain.errors import NotFound
from dermavis.domain.permission_map import CASE_RULES, allowed
from dermavis.domain.permissions import Permission
from dermavis.domain.roles import Role
from dermavis.models import Case, DueRow, Notification, OutboxItem, Person
from dermavis.models.queries.case_lists import received_by
from dermavis.services import following, timers
from dermavis.services.access import facts_of
from dermavis.services.case_part import Part, part_of
from dermavis.services.case_view import view_of
from dermavis.services.following import open_things
from dermavis.services.my_requests import Section, page_of
from dermavis.services.notices import lines
from dermavis.services.opinion_readers import BOTH, BY_HAND, NOT_GIVEN, OBJECTS, WILL
from dermavis.services.received_opinions import received_counts
from dermavis.services.signed_reports import pdf, read
from dermavis.services.treating_copies import acknowledge_copy, open_copy
from dermavis.services.unread_opinions import unread_of
from dermavis.services.work import System, reading, writing
from dermavis.services.worklist import worklist
from tests import cases
from tests.clock import FakeClock
from tests.factories import World
from tests.second_opinions import ask
from tests.treating import DOCTOR, copies, news, received, treated_by, view_of_copy

pytestmark = pytest.mark.postgres


def _readers(world: World, case_id: UUID, name: Role | str = Role.REQUESTER) -> list[tuple[str, str]]:
    with reading(world.system, world.actor(name)) as work:
        return [(row.label, row.words) for row in view_of(work, case_id).readers]


def _red(world: World) -> bool:
    with reading(world.system, world.actor(Role.EXPERT)) as work:
        return bool(worklist(work, "queue").above.unread)


def test_the_opinion_reaches_the_treating_doctor_when_it_leaves_and_not_before(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.claimed(world, patient=treated_by(world))
    with pytest.raises(NotFound):
        view_of_copy(world, case_id)
    cases.sign_now(world, case_id)
    assert (news(world), received(world)) == ([], [])
    with pytest.raises(NotFound):
        view_of_copy(world, case_id)
    clock.advance(seconds=20)
    assert (news(world), received(world)) == (["opinion_copy"], [case_id])
    view = view_of_copy(world, case_id)
    assert view.opinion.report["lesions"][0]["diagnosis"] == "Kératose séborrhéique irritée"
    assert view.asker.name == f"Dr {world.who(Role.REQUESTER).name}"
    (copy,) = copies(system, case_id)
    assert (copy.recipient_id, copy.organization_id) == (
        world.who(DOCTOR).person_id,
        world.other_site_id,
    )
    with reading(system) as work:
        sent = select(OutboxItem.channel).where(
            OutboxItem.person_id == world.who(DOCTOR).person_id, OutboxItem.event == "opinion_copy"
        )
        assert set(work.session.scalars(sent)) == {"mail"}, "they have no phone subscribed"


def test_they_read_the_opinion_and_its_report_and_nothing_around_it(system: System, world: World) -> None:
    case_id = cases.answered(world, patient=treated_by(world))
    doctor = world.actor(DOCTOR)
    with reading(system, doctor) as work:
        assert part_of(work, case_id) is Part.TREATING
        case = work.session.get_one(Case, case_id)
        may = {name for name in Permission if allowed(doctor.facts, name, facts_of(work, case))}
        with pytest.raises(NotFound):
            view_of(work, case_id)
        on_the_case = may & CASE_RULES.keys()
    assert on_the_case == {Permission.OPINION_READ, Permission.COPY_ACKNOWLEDGE}
    assert "Kératose séborrhéique" in read(system, doctor, case_id, None, "text").text
    assert pdf(system, doctor, case_id, None).content.startswith(b"%PDF")
    with pytest.raises(NotFound), writing(system, doctor) as work:
        following.acknowledge(work, case_id)
    with pytest.raises(NotFound):
        view_of_copy(world, case_id, "pooled_requester")


@pytest.mark.parametrize("why", ["words", "objects", "requester", "left", "renamed"])
def test_nobody_is_given_a_copy_who_should_not_be(system: System, world: World, why: str) -> None:
    patient = {
        "words": treated_by(world, treating_doctor_id=None),
        "objects": treated_by(world, treating_doctor_refused=True),
        "requester": treated_by(world, Role.REQUESTER),
    }.get(why, treated_by(world))
    case_id = cases.claimed(world, patient=patient)
    with writing(system) as work:
        person = work.session.get_one(Person, world.who(DOCTOR).person_id)
        person.state = "revoked" if why == "left" else "active"
        person.last_name = "Rameau" if why == "renamed" else person.last_name
    cases.sign(world, case_id)
    assert copies(system, case_id) == []
    requester = ("Demandeur", "pas encore ouvert")
    assert (
        _readers(world, case_id)
        == {
            "words": [requester, ("Médecin traitant", BY_HAND)],
            "objects": [requester, ("Médecin traitant", OBJECTS)],
            "requester": [(BOTH, "pas encore ouvert")],
            "left": [requester, ("Médecin traitant", NOT_GIVEN)],
            "renamed": [requester, ("Médecin traitant", NOT_GIVEN)],
        }[why]
    )
    if why != "left":
        assert received(world) == []
    given = cases.answered(world, patient=treated_by(world, "pooled_requester"))
    assert len(copies(system, given)) == 1


def test_an_ordinary_copy_is_acknowledged_by_opening_and_for_its_reader_alone(
    system: System, world: World
) -> None:
    case_id = cases.answered(world, patient=treated_by(world))
    with writing(system, world.actor(DOCTOR)) as work:
        open_copy(work, case_id)
    (copy,) = copies(system, case_id)
    assert (copy.state, copy.acknowledged_by) == ("acknowledged", world.who(DOCTOR).person_id)
    with reading(system, world.actor(DOCTOR)) as work:
        assert received_counts(work) == (True, 0)
        assert [line.unread for line in lines(work)] == [False]
    with reading(system, world.actor(Role.REQUESTER)) as work:
        assert [row.id for row in page_of(work, Section.FOR_YOU).rows] == [case_id], "unread by who asked"
    assert [words.split(",")[0] for _, words in _readers(world, case_id)] == ["pas encore ouvert", "lu"]


def test_the_requesters_reading_is_not_the_treating_doctors(system: System, world: World) -> None:
    case_id = cases.answered(world, patient=treated_by(world))
    with writing(system, world.actor(Role.REQUESTER)) as work:
        following.acknowledge(work, case_id)
        case = work.session.get_one(Case, case_id)
        assert not open_things(work, case).unread, "an unread copy keeps no case open"
    (copy,) = copies(system, case_id)
    assert (copy.state, copy.escalate_at) == ("sent", None)
    with reading(system, world.actor(DOCTOR)) as work:
        assert received_counts(work) == (True, 1)


def test_an_unread_copy_is_red_for_nobody_and_a_read_one_ends_no_alarm(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.answered(world, answer=cases.emergency(), patient=treated_by(world))
    view = view_of_copy(world, case_id)
    assert view.opinion.to_confirm
    assert not view.opinion.before
    with writing(system, world.actor(DOCTOR)) as work:
        open_copy(work, case_id)
    assert [row.state for row in copies(system, case_id)] == ["opened"]
    with writing(system, world.actor(DOCTOR)) as work:
        acknowledge_copy(work, case_id, view.opinion.id)
        acknowledge_copy(work, case_id, view.opinion.id)
    assert [row.state for row in copies(system, case_id)] == ["acknowledged"]
    assert not view_of_copy(world, case_id).opinion.to_confirm
    clock.advance(minutes=31)
    while timers.run_due(system):
        pass
    assert _red(world), "who asked has not read it"
    with reading(system, world.actor(Role.EXPERT)) as work:
        unread = unread_of(work, work.session.get_one(Case, case_id))
    assert unread is not None
    assert world.who(DOCTOR).name not in " ".join(unread.told)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        following.acknowledge(work, case_id)
    assert not _red(world)


def test_the_alarm_ends_with_the_requester_whatever_becomes_of_the_copy(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.answered(world, answer=cases.emergency(), patient=treated_by(world))
    with writing(system, world.actor(Role.REQUESTER)) as work:
        following.acknowledge(work, case_id)
    with reading(system) as work:
        waits = select(DueRow.id).where(
            DueRow.case_id == case_id, DueRow.kind == "unread_opinion", DueRow.done_at.is_(None)
        )
        assert work.session.scalars(waits).all() == []
    clock.advance(days=3)
    while timers.run_due(system):
        pass
    assert not _red(world)
    assert "opinion_unread" not in news(world)
    assert news(world) == ["opinion_copy"]


def test_who_stands_in_for_an_absent_doctor_reads_and_acknowledges_for_them(
    system: System, world: World
) -> None:
    case_id = cases.answered(world, patient=treated_by(world, "other_requester"))
    assert received(world, Role.SUBSTITUTE) == [case_id]
    with writing(system, world.actor(Role.SUBSTITUTE)) as work:
        open_copy(work, case_id)
    (copy,) = copies(system, case_id)
    assert copy.acknowledged_by == world.who(Role.SUBSTITUTE).person_id
    assert _readers(world, case_id)[1][1].startswith(f"lu par {world.who(Role.SUBSTITUTE).name}, ")


def test_a_doctor_who_stands_in_for_the_requester_is_told_once(system: System, world: World) -> None:
    with writing(system) as work:
        away = work.session.get_one(Person, world.who(Role.REQUESTER).person_id)
        away.substitute_id = world.who("other_requester").person_id
        away.absent_from, away.absent_to = work.now - timedelta(days=1), work.now + timedelta(days=9)
        here = work.session.get_one(Person, world.who("other_requester").person_id)
        here.absent_from = here.absent_to = here.substitute_id = None
    case_id = cases.answered(world, patient=treated_by(world, "other_requester"))
    with reading(system) as work:
        told = select(Notification.event).where(
            Notification.person_id == world.who("other_requester").person_id,
            Notification.case_id == case_id,
            Notification.event.in_(["opinion", "opinion_copy"]),
        )
        assert work.session.scalars(told).all() == ["opinion"]
    with writing(system, world.actor("other_requester")) as work:
        following.open_case(work, case_id)
    assert [row.state for row in copies(system, case_id)] == ["acknowledged"]


def test_a_second_opinion_is_given_to_no_treating_doctor(system: System, world: World) -> None:
    first = cases.claimed(world, patient=treated_by(world))
    second = ask(world, first)
    with reading(system, world.actor(Role.EXPERT)) as work:
        assert [row.label for row in view_of(work, second).readers] == ["Demandeur"]
    assert [words for _, words in _readers(world, first)] == [WILL, WILL]


def test_the_list_holds_what_the_map_lets_be_read(system: System, world: World, clock: FakeClock) -> None:
    for name in ("stranger", "other_requester", "pooled_requester", Role.REQUESTER):
        cases.answered(world, patient=treated_by(world, name))
    cases.claimed(world, patient=treated_by(world))
    cases.in_error(world, cases.answered(world, patient=treated_by(world)))
    cases.closed(world, patient=treated_by(world))
    cases.just_signed(world, patient=treated_by(world))
    corrected = cases.answered(world, patient=treated_by(world))
    clock.advance(minutes=1)
    cases.sign_now(world, corrected, answer=cases.opinion(amends="correction", amends_why="Dose."))
    cases.just_signed(world, patient=treated_by(world))
    seen = 0
    for name in (*Role, "stranger", "other_requester", "pooled_requester"):
        actor = world.actor(name)
        with reading(system, actor) as work:
            people = {actor.person_id, *actor.facts.substitute_for}
            rows = work.session.execute(received_by(actor.facts.network_id, people), {"now": work.now}).all()
            every = work.session.scalars(select(Case)).all()
            readable = {
                case.id
                for case in every
                if allowed(actor.facts, Permission.COPY_ACKNOWLEDGE, facts_of(work, case))
            }
        assert len(rows) == len({row.id for row in rows})
        assert {row.id for row in rows} == readable, name
        seen += len(rows)
    assert seen >= 6

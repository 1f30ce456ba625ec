"""A proposal to join two records waits for a second person, even where the site has one doctor, and has an end."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select, update

from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.joining import Second
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Membership, Notification, Patient, PatientMerge, Person
from dermavis.services.merge_list import decisions, proposal, proposals, waiting_for_me, who_would_confirm
from dermavis.services.patient_duplicates import possible_duplicates
from dermavis.services.patient_merges import confirm, keep_apart, propose, undo
from dermavis.services.patients import keep_patient
from dermavis.services.work import System, reading, writing
from tests.announced import deliver, let_pair, let_pass, outbox
from tests.clock import FakeClock
from tests.factories import World
from tests.known_patients import BASE, OTHERS, known, leave

DOCTOR, SECRETARY = Role.REQUESTER, Role.SITE_SECRETARY


@pytest.fixture
def two(world: World) -> tuple[UUID, UUID]:
    """Two records of one patient."""
    kept, merged = known(world, {}, {"birth_name": "Vautrain"})
    return kept, merged


def proposed(world: World, two: tuple[UUID, UUID], by: Role = DOCTOR) -> UUID:
    with writing(world.system, world.actor(by)) as work:
        return propose(work, *two).id


def state(world: World, merge_id: UUID) -> str:
    with reading(world.system) as work:
        return work.session.get_one(PatientMerge, merge_id).state


def told(world: World, merge_id: UUID) -> list[tuple[str, UUID]]:
    with reading(world.system) as work:
        rows = select(Notification).where(Notification.url == f"/patients/merges/{merge_id}")
        found = work.session.scalars(rows.order_by(Notification.at, Notification.person_id)).all()
        return [(row.event, row.person_id) for row in found]


@pytest.mark.postgres
def test_with_one_doctor_the_secretary_confirms_and_is_told(
    world: World, system: System, two: tuple[UUID, UUID], clock: FakeClock
) -> None:
    merge_id = proposed(world, two)
    with pytest.raises(Forbidden, match="médecin"), writing(system, world.actor(SECRETARY)) as work:
        confirm(work, merge_id)
    leave(world, *OTHERS)
    let_pass(system, clock, days=3)
    assert ("merge_waits", world.who(SECRETARY).person_id) in told(world, merge_id)
    with reading(system, world.actor(SECRETARY)) as work:
        assert waiting_for_me(work) == 1
        [shown] = proposals(work).rows
        assert shown.awaited is not None
        assert shown.awaited.second is Second.SECRETARY
        assert "par vous (secrétariat" in shown.awaited.words
    with reading(system, world.actor(DOCTOR)) as work:
        assert waiting_for_me(work) == 0
        [shown] = proposals(work).rows
        assert shown.awaited is not None
        assert world.who(SECRETARY).name in shown.awaited.words
    with writing(system, world.actor(SECRETARY)) as work:
        assert confirm(work, merge_id).state == "done"
    with reading(system) as work:
        [noted] = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "patient.merge"))
        assert noted.detail["second"] == "secretary"
    with pytest.raises(Forbidden), writing(system, world.actor(SECRETARY)) as work:
        undo(work, merge_id)
    with writing(system, world.actor(DOCTOR)) as work:
        undo(work, merge_id)


@pytest.mark.postgres
def test_who_is_alone_reads_both_records_again_a_day_later_and_says_again_which_is_right(
    world: World, system: System, two: tuple[UUID, UUID], clock: FakeClock
) -> None:
    leave(world, SECRETARY, *OTHERS)
    with reading(system, world.actor(DOCTOR)) as work:
        assert who_would_confirm(work).second is Second.SAME_AGAIN
    merge_id = proposed(world, two)
    with pytest.raises(Conflict, match=r"13.mars"), writing(system, world.actor(DOCTOR)) as work:
        confirm(work, merge_id, two[0])
    with pytest.raises(NotFound), writing(system, world.actor("stranger")) as work:
        proposal(work, merge_id)
    assert told(world, merge_id) == []
    let_pass(system, clock, hours=24)
    assert told(world, merge_id) == [("merge_again", world.who(DOCTOR).person_id)]
    with reading(system, world.actor(DOCTOR)) as work:
        assert waiting_for_me(work) == 1
    with pytest.raises(InvalidInput), writing(system, world.actor(DOCTOR)) as work:
        confirm(work, merge_id)
    with writing(system, world.actor(DOCTOR)) as work:
        assert confirm(work, merge_id, two[0]).state == "done"
        [shown] = decisions(work).rows
        assert (shown.alone, shown.undoes) == (True, True)
    with reading(system) as work:
        assert work.session.get_one(Patient, two[1]).merged_into == two[0]
        [noted] = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "patient.merge"))
        assert noted.detail["second"] == "same_again"


def test_who_then_keeps_the_other_record_joins_nothing_and_reads_once_more(
    world: World, system: System, two: tuple[UUID, UUID], clock: FakeClock
) -> None:
    leave(world, SECRETARY, *OTHERS)
    first = proposed(world, two)
    clock.advance(hours=25)
    with writing(system, world.actor(DOCTOR)) as work:
        second = confirm(work, first, two[1])
        assert (second.state, second.kept_id) == ("proposed", two[1])
        again = second.id
    assert state(world, first) == "undone"
    with pytest.raises(Conflict), writing(system, world.actor(DOCTOR)) as work:
        confirm(work, again, two[1])
    clock.advance(hours=25)
    with writing(system, world.actor(DOCTOR)) as work:
        assert confirm(work, again, two[1]).state == "done"


@pytest.mark.postgres
def test_a_proposal_is_told_again_and_ends_by_itself_after_a_month(
    world: World, system: System, two: tuple[UUID, UUID], clock: FakeClock
) -> None:
    leave(world, Role.NURSE_REQUESTER, Role.SUBSTITUTE, "other_requester")
    merge_id = proposed(world, two, SECRETARY)
    doctor, secretary = world.who(DOCTOR).person_id, world.who(SECRETARY).person_id
    assert told(world, merge_id) == [("merge_proposed", doctor)]
    for _ in range(29):
        let_pass(system, clock, days=1)
    assert told(world, merge_id)[1:] == [("merge_waits", doctor)] * 4
    let_pass(system, clock, days=1)
    assert told(world, merge_id)[-1] == ("merge_lapsed", secretary)
    assert state(world, merge_id) == "lapsed"
    with reading(system) as work:
        assert work.session.scalar(select(AuditEvent.id).where(AuditEvent.action == "patient.merge_lapse"))
    with pytest.raises(Conflict, match="sans réponse"), writing(system, world.actor(DOCTOR)) as work:
        confirm(work, merge_id)
    with writing(system, world.actor(DOCTOR)) as work:
        assert len(possible_duplicates(work).pairs) == 1, "it is a question again"
        assert propose(work, *two).state == "proposed"
    let_pass(system, clock, days=60)
    assert len(told(world, merge_id)) == 6


@pytest.mark.parametrize("settled", ["apart", "confirmed"])
def test_what_is_settled_is_reminded_of_no_more(
    world: World, system: System, two: tuple[UUID, UUID], clock: FakeClock, settled: str
) -> None:
    merge_id = proposed(world, two, SECRETARY)
    with writing(system, world.actor(DOCTOR)) as work:
        if settled == "apart":
            keep_apart(work, *two)
        else:
            confirm(work, merge_id)
    deliver(system)
    ended = {item.outcome for item in outbox(system) if item.event == "merge_proposed"}
    assert ended == {"moved_on"}
    for _ in range(8):
        let_pass(system, clock, days=5)
    assert {event for event, _ in told(world, merge_id)} == {"merge_proposed"}


def test_a_proposal_that_is_no_question_any_more_ends_at_its_next_reminder(
    world: World, system: System, two: tuple[UUID, UUID], clock: FakeClock
) -> None:
    merge_id = proposed(world, two, SECRETARY)
    with writing(system, world.actor(DOCTOR)) as work:
        corrected = BASE | {"id": str(two[1]), "birth_name": "Martin"}
        keep_patient(work, corrected, world.site_id, two[1])
    let_pair(system)
    assert state(world, merge_id) == "proposed"
    let_pass(system, clock, days=3)
    assert state(world, merge_id) == "lapsed"


def test_an_absent_doctor_is_not_told_through_who_proposed(
    world: World, system: System, two: tuple[UUID, UUID], clock: FakeClock
) -> None:
    leave(world, Role.NURSE_REQUESTER, DOCTOR)
    with writing(system) as work:
        rows = update(Person).where(Person.id == world.who("other_requester").person_id)
        work.session.execute(rows.values(absent_from=clock.now()))
    merge_id = proposed(world, two, Role.SUBSTITUTE)
    assert told(world, merge_id) == [("merge_proposed", world.who("other_requester").person_id)]


def test_a_role_that_ended_confirms_nothing(
    world: World, system: System, two: tuple[UUID, UUID], clock: FakeClock
) -> None:
    with writing(system) as work:
        people = [world.who(name).person_id for name in (SECRETARY, *OTHERS)]
        rows = update(Membership).where(Membership.person_id.in_(people))
        work.session.execute(rows.values(valid_to=clock.now().date().replace(year=2025)))
    with reading(system, world.actor(DOCTOR)) as work:
        assert who_would_confirm(work).second is Second.SAME_AGAIN

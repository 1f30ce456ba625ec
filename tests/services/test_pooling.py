"""The coordination's work on the requests of its members."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from dermavis.domain.addressing import NotAddressable
from dermavis.domain.errors import Forbidden, InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.models import Case, CaseRevision, DueRow, Notification, Opinion, Team
from dermavis.services import changing, drafts, pooling, reports, sending
from dermavis.services.changing import complete
from dermavis.services.claiming import claim, find_case
from dermavis.services.timers import run_due
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.answered_cases import state_of
from tests.clock import FakeClock
from tests.factories import World


def _incomplete(world: World) -> UUID:
    history = {
        name: answer
        for name, answer in cases.content()["history"].items()
        if name not in {"allergies", "itch"}
    }
    return cases.sent(world, "pooled_requester", history=history)


def test_a_batch_releases_what_is_complete_and_says_what_the_others_lack(
    system: System, world: World
) -> None:
    complete, incomplete = cases.sent(world, "pooled_requester"), _incomplete(world)
    elsewhere = cases.sent(world)
    outcomes = pooling.release_many(system, world.actor(Role.COORDINATOR), [complete, incomplete, elsewhere])
    assert [outcome.done for outcome in outcomes] == [True, False, False]
    assert "Allergies" in outcomes[1].words
    assert outcomes[2].number == ""
    assert state_of(system, complete) == "submitted"
    assert state_of(system, incomplete) == "pooled"


def test_a_request_sent_back_is_a_draft_again_and_keeps_its_number_and_the_patient_clock(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = _incomplete(world)
    with reading(system) as work:
        before = work.session.get_one(Case, case_id)
        number, sent_at = before.number, before.sent_at
    with pytest.raises(InvalidInput), writing(system, world.actor(Role.COORDINATOR)) as work:
        pooling.send_back(work, case_id, "no_such_reason", "")
    reason = next(row.id for row in system.specialty("dermatology").reasons if "send_back" in row.occasions)
    with writing(system, world.actor(Role.COORDINATOR)) as work:
        pooling.send_back(work, case_id, reason, "Allergies à préciser.")
    clock.advance(hours=3)
    requester = world.actor("pooled_requester")
    with writing(system, requester) as work:
        draft = sending.open_draft(work, find_case(work, case_id))
    assert draft["question"] == cases.content()["question"]
    with writing(system, requester) as work:
        case = find_case(work, case_id)
        revision = case.draft_revision
        receipt = sending.send(work, case_id, revision)
        assert (receipt.number, receipt.sent_at) == (number, sent_at)
    assert state_of(system, case_id) == "pooled"


def test_a_request_sent_back_is_cancelled_with_a_reason_and_chased_no_more(
    system: System, world: World
) -> None:
    case_id = _incomplete(world)
    with writing(system, world.actor(Role.COORDINATOR)) as work:
        pooling.send_back(work, case_id, "insufficient_history", "")
    requester = world.actor("pooled_requester")
    with pytest.raises(Forbidden, match="annulez-la") as refused, writing(system, requester) as work:
        drafts.discard(work, case_id)
    assert refused.value.code == "numbered"
    for who in ("other_requester", Role.COORDINATOR):
        with pytest.raises((Forbidden, NotFound)), writing(system, world.actor(who)) as work:
            changing.cancel(work, case_id, "healed_since")

    with writing(system, requester) as work:
        changing.cancel(work, case_id, "healed_since", "La lésion a disparu.")

    assert state_of(system, case_id) == "cancelled"
    with reading(system) as work:
        waiting = select(DueRow.kind).where(DueRow.case_id == case_id, DueRow.done_at.is_(None))
        assert list(work.session.scalars(waiting)) == []


def test_a_draft_that_was_never_sent_is_thrown_away_and_not_cancelled(system: System, world: World) -> None:
    case_id = cases.drafted(world)
    with pytest.raises(Forbidden), writing(system, world.actor(Role.REQUESTER)) as work:
        changing.cancel(work, case_id, "healed_since")
    with writing(system, world.actor(Role.REQUESTER)) as work:
        drafts.discard(work, case_id)
    assert state_of(system, case_id) == "cancelled"


def test_a_coordinator_completes_administrative_parts_and_no_other(system: System, world: World) -> None:
    case_id = cases.sent(world, "pooled_requester")
    with writing(system, world.actor(Role.COORDINATOR)) as work:
        pooling.complete(
            work, case_id, {"commune": "Cluny", "birth_name": "Autre"}, {"phone": "0639980012"}, 1
        )
    with reading(system, world.actor(Role.COORDINATOR)) as work:
        case = find_case(work, case_id)
        last = pooling.last_revision(work, case)
        content = pooling.open_content(work, case, last)
    assert last.number == 2
    assert content["patient"]["commune"] == "Cluny"
    assert content["patient"]["birth_name"] == "Vautrin"


def test_an_administrative_note_never_reaches_the_report(system: System, world: World) -> None:
    case_id = cases.sent(world, "pooled_requester")
    coordinator = world.actor(Role.COORDINATOR)
    with writing(system, coordinator) as work:
        pooling.write_note(work, case_id, "Infirmière jeudi : sycomore.")
        pooling.release(work, case_id)
    with writing(system, world.actor(Role.EXPERT)) as work:
        claim(work, case_id)
        assert pooling.note_of(work, find_case(work, case_id)) == ""
    cases.sign(world, case_id)
    with reading(system, coordinator) as work:
        assert "sycomore" in pooling.note_of(work, find_case(work, case_id))
    with reading(system, world.actor("pooled_requester")) as work:
        case = find_case(work, case_id)
        opinion = work.session.scalars(select(Opinion).where(Opinion.case_id == case_id)).one()
        assert "sycomore" not in reports.report_text(work, case, opinion)


def test_a_request_that_nobody_looks_at_leaves_by_itself(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = _incomplete(world)
    clock.advance(days=4)
    while run_due(system):
        pass
    assert state_of(system, case_id) == "submitted"


def _named(world: World) -> dict[str, Any]:
    return {"addressing": {"mode": "team_queue", "team": str(world.other_team_id), "person": None}}


def _leave_time(system: System, clock: FakeClock) -> None:
    clock.advance(days=4)
    while run_due(system):
        pass


def _told(system: System, case_id: UUID, event: str) -> set[UUID]:
    with reading(system) as work:
        return set(
            work.session.scalars(
                select(Notification.person_id).where(
                    Notification.case_id == case_id, Notification.event == event
                )
            )
        )


def _close_team(system: System, team_id: UUID) -> None:
    with writing(system) as work:
        work.session.get_one(Team, team_id).closed_at = work.now


def test_a_request_whose_chosen_place_closed_meanwhile_leaves_for_the_usual_one(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.sent(world, "pooled_requester", **_named(world))
    _close_team(system, world.other_team_id)
    _leave_time(system, clock)
    with reading(system) as work:
        case = work.session.get_one(Case, case_id)
        assert (case.state, case.team_id) == ("submitted", world.team_id)
    assert _told(system, case_id, "redirected") == {world.who("pooled_requester").person_id}


def test_a_request_that_nobody_can_take_stays_tells_both_sides_and_tries_again(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.sent(world, "pooled_requester", **_named(world))
    for team_id in (world.team_id, world.other_team_id):
        _close_team(system, team_id)
    _leave_time(system, clock)
    assert state_of(system, case_id) == "pooled"
    assert _told(system, case_id, "pool_stuck") == {
        world.who("pooled_requester").person_id,
        world.who(Role.COORDINATOR).person_id,
    }
    with writing(system) as work:
        work.session.get_one(Team, world.team_id).closed_at = None
    _leave_time(system, clock)
    assert state_of(system, case_id) == "submitted"


def test_a_place_that_cannot_take_the_request_is_told_before_its_coordination_gets_it(
    system: System, world: World
) -> None:
    _close_team(system, world.other_team_id)
    case_id = cases.drafted(world, "pooled_requester", **_named(world))
    with pytest.raises(NotAddressable) as refused, writing(system, world.actor("pooled_requester")) as work:
        sending.send(work, case_id, 1)
    assert refused.value.field == "addressing"
    assert state_of(system, case_id) == "draft"


def test_another_role_or_place_pools_nothing(system: System, world: World) -> None:
    case_id = cases.sent(world, "pooled_requester")
    with pytest.raises(Forbidden), writing(system, world.actor("pooled_requester")) as work:
        pooling.release(work, case_id)
    with pytest.raises(NotFound), writing(system, world.actor(Role.EXPERT)) as work:
        pooling.release(work, case_id)
    with reading(system) as work:
        assert (
            len(work.session.scalars(select(CaseRevision).where(CaseRevision.case_id == case_id)).all()) == 1
        )


def test_a_request_that_waits_for_a_stated_reason_stays_longer_and_leaves_in_the_end(
    system: System, world: World, clock: FakeClock
) -> None:
    untouched, held = cases.sent(world, "pooled_requester"), cases.sent(world, "pooled_requester")
    with writing(system, world.actor(Role.COORDINATOR)) as work:
        pooling.hold(work, [held], "Famille à joindre")
    clock.advance(hours=6)
    while run_due(system):
        pass
    assert (state_of(system, untouched), state_of(system, held)) == ("submitted", "pooled")
    clock.advance(days=5)
    while run_due(system):
        pass
    assert state_of(system, held) == "submitted"


def test_what_a_requester_adds_meanwhile_counts_on_the_board(system: System, world: World) -> None:
    case_id = _incomplete(world)
    with writing(system, world.actor("pooled_requester")) as work:
        assert find_case(work, case_id).to_complete == ["Allergies"]
        complete(work, case_id, {"history": cases.content()["history"]}, 1)
    with reading(system) as work:
        assert work.session.get_one(Case, case_id).to_complete == []
    outcomes = pooling.release_many(system, world.actor(Role.COORDINATOR), [case_id])
    assert outcomes[0].done


def test_a_wrong_telephone_is_refused_and_the_same_again_makes_no_revision(
    system: System, world: World
) -> None:
    case_id = cases.sent(world, "pooled_requester")
    coordinator = world.actor(Role.COORDINATOR)
    with pytest.raises(InvalidInput) as refusal, writing(system, coordinator) as work:
        pooling.complete(work, case_id, {"phone": "12"}, {}, 1)
    assert set(refusal.value.errors) == {"patient.phone"}
    for _ in range(2):
        with writing(system, coordinator) as work:
            case = find_case(work, case_id)
            pooling.complete(
                work, case_id, {"commune": "Cluny"}, {}, pooling.last_revision(work, case).number
            )
    with reading(system) as work:
        assert (
            len(work.session.scalars(select(CaseRevision).where(CaseRevision.case_id == case_id)).all()) == 2
        )

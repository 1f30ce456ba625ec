"""Who is told what, when, and in which words."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from dermavis.domain.notices import MAIL_AFTER
from dermavis.domain.roles import Role
from dermavis.models import Notification, Person, Team
from dermavis.services.notices import (
    announce,
    announce_submission,
    announce_to_team,
    lines,
    mark_read,
    unread_count,
)
from dermavis.services.work import System, reading, writing
from tests.announced import outbox, sent_case, subscribed, the_case, with_receiver
from tests.clock import FakeClock
from tests.factories import World
from tests.receivers import PushReceiver

EVENING = datetime(2026, 3, 12, 19, 30, tzinfo=UTC)  # 20:30 in Paris


def told(system: System) -> set[UUID]:
    """Return who has a line in their list."""
    with reading(system) as work:
        return set(work.session.scalars(select(Notification.person_id)))


def test_a_submission_reaches_the_whole_team_and_nobody_else(system: System, world: World) -> None:
    case_id = sent_case(system, world)
    with writing(system) as work:
        announce_submission(work, the_case(work, case_id))
    team = {world.who(name).person_id for name in (Role.EXPERT, Role.JUNIOR, Role.SUPER_USER, "other_expert")}
    assert told(system) == team
    assert {item.event for item in outbox(system)} == {"submitted"}


def test_a_request_to_one_expert_reaches_that_expert_alone(system: System, world: World) -> None:
    expert = world.who(Role.EXPERT).person_id
    case_id = sent_case(system, world, expert_id=expert, urgency="urgent")
    with writing(system) as work:
        announce_submission(work, the_case(work, case_id))
    assert told(system) == {expert}
    [item] = outbox(system)
    assert (item.event, item.urgency, item.not_before) == ("submitted_urgent", "high", system.clock.now())


@pytest.mark.parametrize(
    "event",
    [
        "submitted",
        "returned_to_queue",
        "queue_waits",
        "handed_over",
        "handed_back",
        "claim_reminder",
        "late",
        "answer_late",
    ],
)
def test_of_an_urgent_request_each_of_these_says_that_it_presses_and_waits_for_no_morning(
    system: System, world: World, event: str
) -> None:
    expert = world.who(Role.EXPERT).person_id
    with writing(system) as work:
        quiet = {"notices": {"quiet_from": "00:01", "quiet_to": "23:59"}}
        work.session.get_one(Person, expert).preferences = quiet
    for urgency in ("routine", "urgent"):
        case_id = sent_case(system, world, urgency=urgency)
        with writing(system) as work:
            announce(work, event, the_case(work, case_id), [expert])
    [ordinary] = [item for item in outbox(system) if item.event == event]
    [pressing] = [item for item in outbox(system) if item.event == f"{event}_urgent"]
    assert ordinary.not_before > system.clock.now()
    assert (pressing.urgency, pressing.not_before) == ("high", system.clock.now())


def test_the_common_mailbox_of_a_team_gets_a_letter_too(system: System, world: World) -> None:
    case_id = sent_case(system, world)
    with writing(system) as work:
        work.session.get_one(Team, world.team_id).email = "dermatologie@ch-chalon.example"
    with writing(system) as work:
        announce_to_team(work, "submitted", the_case(work, case_id))
    common = [item for item in outbox(system, "mail") if item.address]
    assert [(item.address, item.person_id) for item in common] == [("dermatologie@ch-chalon.example", None)]


def test_whoever_acts_is_not_told_and_a_revoked_account_neither(system: System, world: World) -> None:
    case_id = sent_case(system, world)
    requester, expert = world.who(Role.REQUESTER).person_id, world.who(Role.EXPERT).person_id
    gone = world.who("other_expert").person_id
    with writing(system) as work:
        work.session.get_one(Person, gone).state = "revoked"
    with writing(system, world.actor(Role.EXPERT)) as work:
        assert announce(work, "message", the_case(work, case_id), [expert, requester, gone, None]) == [
            requester
        ]
    assert told(system) == {requester}


def test_who_stands_in_for_an_absent_person_is_told_in_their_place(system: System, world: World) -> None:
    away, stand_in = world.who("other_requester").person_id, world.who(Role.SUBSTITUTE).person_id
    case_id = sent_case(system, world, requester_id=away)
    with writing(system) as work:
        announce(work, "opinion", the_case(work, case_id), [away])
    assert told(system) == {away, stand_in}, "the absent find a line when they come back"
    assert {item.person_id for item in outbox(system)} == {stand_in}, "and nothing is sent to them"


def test_an_absent_person_is_told_all_the_same_where_their_stand_in_could_not_open_the_case(
    system: System, world: World
) -> None:
    away, stranger = world.who("other_requester").person_id, world.who("stranger").person_id
    case_id = sent_case(system, world, requester_id=away)
    with writing(system) as work:
        work.session.get_one(Person, away).substitute_id = stranger
        announce(work, "opinion", the_case(work, case_id), [away])
    assert {item.person_id for item in outbox(system)} == {away}


def test_a_stand_in_who_is_away_too_hands_on_to_who_is_there_and_a_circle_to_nobody(
    system: System, world: World
) -> None:
    names = ("other_requester", Role.SUBSTITUTE, Role.REQUESTER)
    away, also_away, there = (world.who(name).person_id for name in names)
    case_id = sent_case(system, world, requester_id=away)
    with writing(system) as work:
        second = work.session.get_one(Person, also_away)
        second.substitute_id, second.absent_from = there, work.now
    assert world.actor(Role.REQUESTER).facts.substitute_for == {away, also_away}
    with writing(system) as work:
        announce(work, "opinion", the_case(work, case_id), [away])
    assert {item.person_id for item in outbox(system)} == {there}
    with writing(system) as work:
        third = work.session.get_one(Person, there)
        third.substitute_id, third.absent_from = away, work.now
    with writing(system) as work:
        announce(work, "message", the_case(work, case_id), [away])
    assert {item.person_id for item in outbox(system) if item.event == "message"} == {away}


def test_without_a_phone_the_letter_leaves_at_once_and_with_one_after_ten_minutes(
    system: System, world: World
) -> None:
    with PushReceiver() as receiver:
        system = with_receiver(system, receiver)
        case_id = sent_case(system, world, state="on_hold")
        requester = world.actor(Role.REQUESTER)
        with writing(system) as work:
            announce(work, "precision", the_case(work, case_id), [requester.person_id])
        assert [item.channel for item in outbox(system)] == ["mail"]
        assert outbox(system)[0].not_before == system.clock.now()
        subscribed(system, requester, receiver.phone("a"))
        subscribed(system, requester, receiver.phone("b"))
        with writing(system) as work:
            announce(work, "precision", the_case(work, case_id), [requester.person_id])
        assert len(outbox(system, "push")) == 2
        assert outbox(system, "mail")[-1].not_before == system.clock.now() + MAIL_AFTER


def test_an_announcement_made_once_is_not_made_again_under_the_same_word(
    system: System, world: World
) -> None:
    case_id = sent_case(system, world)
    requester = world.who(Role.REQUESTER).person_id
    for word in ("30 min", "30 min", "1 h"):
        with writing(system) as work:
            announce(work, "opinion_unread", the_case(work, case_id), [requester], once=word)
    assert len(outbox(system, "mail")) == 2


def test_what_is_rolled_back_was_never_announced(system: System, world: World) -> None:
    case_id = sent_case(system, world)

    def fail() -> None:
        with writing(system) as work:
            announce_submission(work, the_case(work, case_id))
            raise RuntimeError("after the announcement")

    with pytest.raises(RuntimeError, match="after the announcement"):
        fail()
    assert told(system) == set()
    assert outbox(system) == []


def test_an_unknown_event_is_an_error_of_the_program(system: System, world: World) -> None:
    case_id = sent_case(system, world)
    with writing(system) as work, pytest.raises(KeyError):
        announce(work, "no_such_event", the_case(work, case_id), [world.who(Role.REQUESTER).person_id])


def test_a_person_reads_marks_and_counts_their_own_lines_only(
    system: System, world: World, clock: FakeClock
) -> None:
    first, second = sent_case(system, world), sent_case(system, world)
    requester, expert = world.actor(Role.REQUESTER), world.actor(Role.EXPERT)
    for case_id in (first, second, first):
        with writing(system) as work:
            case = the_case(work, case_id)
            announce(work, "message", case, [requester.person_id, expert.person_id])
        clock.advance(minutes=1)
    with reading(system, requester) as work:
        assert [line.case_id for line in lines(work)] == [first, second, first]
        assert unread_count(work) == 3
    with writing(system, requester) as work:
        assert mark_read(work, case_id=first) == 2
        assert mark_read(work, case_id=first) == 0
    with reading(system, requester) as work:
        assert [line.unread for line in lines(work)] == [False, True, False]
    with reading(system, expert) as work:
        assert unread_count(work) == 3
        other_line = lines(work)[0].id
    with writing(system, requester) as work:
        assert mark_read(work, notification_id=other_line) == 0

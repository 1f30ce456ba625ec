"""What was announced leaves once, to whom it still concerns, and names no patient."""

from __future__ import annotations

from datetime import UTC, datetime, time
from uuid import UUID

import pytest
from sqlalchemy import update

from dermavis.domain.notices import Wishes
from dermavis.domain.roles import Role
from dermavis.models import Case, OutboxItem, Person
from dermavis.services import claiming, following, redirecting
from dermavis.services.notices import mark_read
from dermavis.services.vault import Sealer
from dermavis.services.work import Actor, System, reading, writing
from tests import cases
from tests.announced import deliver, outbox, outcomes, sent_case, subscribed, tell, the_case
from tests.clock import FakeClock
from tests.factories import World
from tests.fixtures.systems import letters
from tests.receivers import PushReceiver

pytestmark = pytest.mark.postgres


def test_a_push_says_the_event_and_a_number_and_opens_the_case(
    connected: System, world: World, requester: Actor, receiver: PushReceiver
) -> None:
    phone = receiver.phone("a")
    subscribed(connected, requester, phone)
    case_id = sent_case(connected, world, state="answered", number="D-4821")
    tell(connected, case_id, "opinion", requester)
    deliver(connected, "push")
    [message] = receiver.for_phone(phone)
    assert message.content == {
        "title": "Avis rendu · D-4821",
        "body": "L’avis de l’expert est rendu",
        "url": f"/cases/{case_id}",
        "tag": f"opinion /cases/{case_id}",
        "unread": 1,
    }
    assert message.headers["ttl"] == str(72 * 3600)
    assert outcomes(connected, "push") == ["sent"]


def test_a_push_tells_how_much_its_reader_has_not_read_and_nobody_else(
    connected: System, world: World, requester: Actor, receiver: PushReceiver
) -> None:
    phone = receiver.phone("a")
    subscribed(connected, requester, phone)
    first, read, last = (sent_case(connected, world, state="answered") for _ in range(3))
    for case_id in (first, read):
        tell(connected, case_id, "opinion", requester)
    tell(connected, first, "message", world.actor(Role.EXPERT))
    with writing(connected, requester) as work:
        mark_read(work, case_id=read)
    tell(connected, last, "opinion", requester)
    deliver(connected, "push")
    assert [message.content["unread"] for message in receiver.for_phone(phone)] == [2, 2]
    assert all(len(message.payload) < 400 for message in receiver.for_phone(phone))


def test_nothing_that_leaves_or_waits_names_the_patient(
    connected: System, world: World, requester: Actor, receiver: PushReceiver
) -> None:
    phone = receiver.phone("a")
    subscribed(connected, requester, phone)
    case_id = sent_case(connected, world, state="answered")
    planted = {"patient": {"birth_name": "VAUTRINPLANTE"}, "motive": "kératose plantée"}
    with writing(connected) as work:
        case = the_case(work, case_id)
        sealer = Sealer(connected.cipher, case)
        case.draft_sealed = sealer.seal(planted, "cases", case_id, "draft_sealed")
    with reading(connected) as work:
        case = the_case(work, case_id)
        # First found where it is: behind the case's own key.
        opened = Sealer(connected.cipher, case).open(
            case.draft_sealed or b"", "cases", case_id, "draft_sealed"
        )
        assert "VAUTRINPLANTE" in str(opened)
    tell(connected, case_id, "opinion", requester)
    deliver(connected)
    waiting = "".join(str(vars(item)) for item in outbox(connected))
    letter = letters(connected)[0]
    left = receiver.for_phone(phone)[0].payload.decode() + letter.subject + letter.text
    assert case.number is not None
    assert case.number in waiting
    assert case.number in left
    for word in ("VAUTRINPLANTE", "plantée", "kératose"):
        assert word not in waiting
        assert word not in left


def test_news_that_is_none_any_more_is_not_sent(
    connected: System, world: World, requester: Actor, receiver: PushReceiver, clock: FakeClock
) -> None:
    phone = receiver.phone("a")
    reader = subscribed(connected, requester, phone)
    moved_on, read = sent_case(connected, world, state="on_hold"), sent_case(connected, world)
    tell(connected, moved_on, "precision", requester)
    tell(connected, read, "message", requester)
    with writing(connected, reader) as work:
        the_case(work, moved_on).state = "claimed"
        mark_read(work, case_id=read)
    clock.advance(minutes=11)
    deliver(connected)
    assert receiver.attempts == []
    assert letters(connected) == []
    assert sorted(outcomes(connected, "push") + outcomes(connected, "mail")) == [
        "moved_on", "moved_on", "read", "read",
    ]  # fmt: skip


def test_an_opinion_is_written_even_to_whoever_has_opened_it(
    connected: System, world: World, requester: Actor
) -> None:
    case_id = sent_case(connected, world, state="answered")
    tell(connected, case_id, "opinion", requester)
    with writing(connected, requester) as work:
        mark_read(work)
    deliver(connected)
    assert [letter.subject for letter in letters(connected)] == [
        f"Avis rendu · {outbox(connected)[0].payload['number']}"
    ]


def test_what_is_late_does_not_wake_anybody_and_what_was_acknowledged_is_not_asked_for(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.answered(world)
    with writing(system) as work:
        person = work.session.get_one(Person, world.who(Role.REQUESTER).person_id)
        wishes = Wishes(quiet_from=time(20), quiet_to=time(7))
        person.preferences = {"notices": wishes.store()}
        work.session.execute(update(OutboxItem).values(done_at=work.now, outcome="sent"))
    tell(system, case_id, "opinion_unread", world.actor(Role.REQUESTER), world.actor(Role.SITE_SECRETARY))
    clock.set(datetime(2026, 3, 12, 22, 0, tzinfo=UTC))  # the worker was away until 23:00 in Paris
    deliver(system, "mail")
    assert [row.outcome for row in outbox(system, "mail") if row.event == "opinion_unread"] == ["sent", ""]
    clock.set(datetime(2026, 3, 13, 5, 59, tzinfo=UTC))
    deliver(system, "mail")
    assert outcomes(system, "mail").count("") == 1
    with writing(system, world.actor(Role.REQUESTER)) as work:
        following.acknowledge(work, case_id)
    tell(system, case_id, "opinion_unread", world.actor(Role.SITE_SECRETARY))
    clock.advance(minutes=2)
    deliver(system, "mail")
    assert outcomes(system, "mail").count("acknowledged") == 2


@pytest.mark.parametrize(("event", "at_once"), [("submitted", 1), ("submitted_urgent", 2)])
def test_what_waited_for_the_worker_is_told_once_and_at_once_again_only_where_it_presses(
    system: System, world: World, clock: FakeClock, event: str, at_once: int
) -> None:
    case_id, expert = sent_case(system, world), world.actor(Role.EXPERT)
    for _ in range(3):
        tell(system, case_id, event, expert)
        clock.advance(days=1)
    deliver(system, "mail")
    assert sorted(outcomes(system, "mail")) == ["just_told", "just_told", "sent"]
    tell(system, case_id, event, expert)
    deliver(system, "mail")
    assert outcomes(system, "mail").count("sent") == at_once


def test_what_went_to_another_team_meanwhile_is_no_news_for_the_former(
    system: System, world: World, clock: FakeClock
) -> None:
    left, stays = cases.claimed(world), cases.claimed(world)
    for case_id in (left, stays):
        tell(system, case_id, "answered_precision", world.actor(Role.EXPERT))
        with writing(system, world.actor(Role.EXPERT)) as work:
            claiming.release(work, case_id)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        redirecting.redirect(work, left, world.other_team_id, None, "other_skill")
    clock.advance(minutes=11)
    deliver(system, "mail")
    for event in ("returned_to_queue", "answered_precision"):
        told = {(row.case_id, row.outcome) for row in outbox(system, "mail") if row.event == event}
        assert told == {(left, "moved_on"), (stays, "sent")}, event
    gone = [row for row in outbox(system, "mail") if row.event == "gone_elsewhere"]
    assert {row.outcome for row in gone} == {"sent"}, "that it left is told, and leads to the list"


def test_news_is_news_again_after_a_while_and_to_who_has_read_the_last(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id, expert = sent_case(system, world), world.actor(Role.EXPERT)
    tell(system, case_id, "submitted", expert)
    deliver(system, "mail")
    clock.advance(minutes=20)
    tell(system, case_id, "submitted", expert)
    deliver(system, "mail")
    assert outcomes(system, "mail").count("sent") == 2
    with writing(system, expert) as work:
        mark_read(work)
    tell(system, case_id, "submitted", expert)
    deliver(system, "mail")
    assert outcomes(system, "mail").count("sent") == 3, "who has read the last is told of the next"


def test_what_waited_for_the_morning_reaches_who_is_there_then(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.answered(world)
    names = (Role.REQUESTER, Role.SUBSTITUTE)
    requester, stand_in = (world.who(name).person_id for name in names)
    with writing(system) as work:
        work.session.execute(update(OutboxItem).values(done_at=work.now, outcome="sent"))
        for person_id in (requester, stand_in):
            person = work.session.get_one(Person, person_id)
            person.preferences = {"notices": Wishes(quiet_from=time(20), quiet_to=time(7)).store()}
        away = work.session.get_one(Person, requester)
        away.substitute_id = stand_in
        away.absent_from = datetime(2026, 3, 12, 23, 0, tzinfo=UTC)
        away.absent_to = datetime(2026, 3, 14, 22, 59, tzinfo=UTC)

    def told_in_the_morning(evening: int) -> list[UUID]:
        clock.set(datetime(2026, 3, evening, 21, 0, tzinfo=UTC))
        tell(system, case_id, "opinion", world.actor(Role.REQUESTER))
        clock.set(datetime(2026, 3, evening + 1, 6, 0, tzinfo=UTC))
        deliver(system, "mail")
        sent = [row for row in outbox(system, "mail") if row.outcome == "sent" and row.done_at == clock.now()]
        return [row.person_id for row in sent if row.person_id]

    assert told_in_the_morning(12) == [stand_in], "the absence began at midnight"
    assert told_in_the_morning(13) == [stand_in]
    assert told_in_the_morning(14) == [requester], "and ended at midnight"


def test_an_account_revoked_meanwhile_hears_nothing(
    connected: System, world: World, requester: Actor
) -> None:
    case_id = sent_case(connected, world, state="answered")
    tell(connected, case_id, "opinion", requester)
    with writing(connected) as work:
        work.session.get_one(Person, requester.person_id).state = "revoked"
    deliver(connected)
    assert letters(connected) == []
    assert outcomes(connected, "mail") == ["revoked"]


def test_a_case_entered_in_error_falls_silent_but_says_so(
    connected: System, world: World, requester: Actor
) -> None:
    case_id = sent_case(connected, world)
    tell(connected, case_id, "message", requester)
    tell(connected, case_id, "entered_in_error", requester)
    with writing(connected) as work:
        work.session.execute(update(Case).values(state="entered_in_error"))
    deliver(connected)
    assert [letter.subject.split(" · ")[0] for letter in letters(connected)] == ["Saisie par erreur"]

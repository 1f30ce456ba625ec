"""Phones that take pushes: whose each is, which are forgotten, and when a letter leaves in their stead."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from dermavis.domain.errors import InvalidInput
from dermavis.domain.roles import Role
from dermavis.models import PushSubscription, UserSession
from dermavis.services import outbox as sending
from dermavis.services.sessions import revoke
from dermavis.services.subscriptions import subscribe, target_of, unsubscribe
from dermavis.services.work import Actor, System, reading, writing
from tests.announced import deliver, outcomes, phones_of, sent_case, signed_in, subscribed, tell
from tests.clock import FakeClock
from tests.factories import World
from tests.fixtures.systems import letters
from tests.receivers import Phone, PushReceiver


@pytest.mark.parametrize("status", [404, 410])
def test_a_dead_endpoint_is_removed_and_the_letter_leaves_at_once(
    connected: System, world: World, requester: Actor, receiver: PushReceiver, status: int
) -> None:
    phone = receiver.phone("a")
    subscribed(connected, requester, phone)
    receiver.answer(phone, status)
    case_id = sent_case(connected, world, state="on_hold")
    tell(connected, case_id, "precision", requester)
    deliver(connected, "mail")
    assert letters(connected) == []
    deliver(connected)
    assert phones_of(connected, requester) == 0
    assert [letter.to for letter in letters(connected)] == ["requester@example.org"]
    assert outcomes(connected, "push") == ["gone"]


def test_a_push_service_in_trouble_keeps_the_phone_and_is_asked_again_later(
    connected: System, world: World, requester: Actor, receiver: PushReceiver, clock: FakeClock
) -> None:
    phone = receiver.phone("a")
    subscribed(connected, requester, phone)
    receiver.answer(phone, (429, {"Retry-After": "90"}), 500, 201)
    case_id = sent_case(connected, world, state="on_hold")
    tell(connected, case_id, "precision", requester)
    deliver(connected)
    clock.advance(seconds=89)
    deliver(connected)
    assert len(receiver.attempts) == 1
    clock.advance(seconds=1)
    deliver(connected)
    clock.advance(seconds=30)
    deliver(connected)
    assert [status for _, status in receiver.attempts] == [429, 500, 201]
    assert outcomes(connected, "push") == ["sent"]
    assert phones_of(connected, requester) == 1
    assert letters(connected) == []


def test_a_push_that_never_passes_is_given_up_and_the_letter_has_left(
    connected: System, world: World, requester: Actor, receiver: PushReceiver, clock: FakeClock
) -> None:
    phone = receiver.phone("a")
    subscribed(connected, requester, phone)
    receiver.answer(phone, 500)
    case_id = sent_case(connected, world, state="on_hold")
    tell(connected, case_id, "precision", requester)
    for _ in range(20):
        deliver(connected)
        clock.advance(minutes=31)
    assert outcomes(connected, "push") == ["given_up"]
    assert len(receiver.attempts) == sending.MOST_TRIES["push"]
    assert len(letters(connected)) == 1
    assert phones_of(connected, requester) == 1


def test_two_phones_of_one_model_both_live_and_the_death_of_one_leaves_the_other(
    connected: System, world: World, requester: Actor, receiver: PushReceiver
) -> None:
    first, second = receiver.phone("a"), receiver.phone("b")
    subscribed(connected, requester, first)
    subscribed(connected, requester, second)
    receiver.answer(first, 410)
    case_id = sent_case(connected, world, state="on_hold")
    tell(connected, case_id, "precision", requester)
    deliver(connected)
    assert len(receiver.for_phone(second)) == 1
    assert phones_of(connected, requester) == 1
    assert letters(connected) == []  # one phone was reached: the letter keeps its ten minutes


def test_a_shared_phone_shows_nothing_to_the_next_person(
    connected: System, world: World, requester: Actor, receiver: PushReceiver
) -> None:
    phone = receiver.phone("shared")
    subscribed(connected, requester, phone)
    other = world.actor(Role.SITE_SECRETARY)
    case_id = sent_case(connected, world, state="on_hold")
    tell(connected, case_id, "precision", requester)  # announced to A before B takes the phone
    subscribed(connected, other, phone)
    tell(connected, case_id, "message", requester)
    deliver(connected)
    assert receiver.for_phone(phone) == []
    assert (phones_of(connected, requester), phones_of(connected, other)) == (0, 1)
    assert {letter.to for letter in letters(connected)} == {"requester@example.org"}
    tell(connected, case_id, "message", other)
    deliver(connected)
    assert len(receiver.for_phone(phone)) == 1


@pytest.mark.parametrize("by", ["signing out", "time"])
def test_when_its_session_has_ended_a_phone_is_silent_and_the_letter_leaves(
    connected: System, world: World, requester: Actor, receiver: PushReceiver, by: str
) -> None:
    phone = receiver.phone("a")
    there = subscribed(connected, requester, phone)
    case_id = sent_case(connected, world, state="on_hold")
    tell(connected, case_id, "precision", requester)
    assert there.session_id is not None
    with writing(connected) as work:
        if by == "time":
            work.session.execute(update(UserSession).values(expires_at=work.now))
        else:
            assert revoke(work, there.session_id, requester.person_id)
    deliver(connected)
    assert receiver.attempts == []
    assert outcomes(connected, "push") == ["signed_out" if by == "time" else "unsubscribed"]
    assert len(letters(connected)) == 1


def test_an_endpoint_is_kept_sealed_moves_with_its_phone_and_belongs_to_one_person(
    connected: System, requester: Actor, world: World, receiver: PushReceiver
) -> None:
    phone = receiver.phone("a")
    there = subscribed(connected, requester, phone)
    with reading(connected) as work:
        row = work.session.scalars(select(PushSubscription)).one()
        assert target_of(work, row) == phone.target
        assert phone.endpoint.encode() not in row.target_sealed
    newer = receiver.phone("a-again")
    with writing(connected, there) as work:
        subscribe(work, newer.target, replaces=phone.endpoint)
    assert phones_of(connected, requester) == 1
    stranger = signed_in(connected, world.actor("stranger"))
    with writing(connected, stranger) as work:
        assert not unsubscribe(work, newer.endpoint)
        subscribe(work, receiver.phone("c").target, replaces=newer.endpoint)
    assert phones_of(connected, requester) == 1
    with writing(connected, there) as work:
        assert unsubscribe(work, newer.endpoint)
    assert phones_of(connected, requester) == 0


def test_a_person_has_twenty_phones_at_most_and_the_oldest_gives_way(
    connected: System, requester: Actor, receiver: PushReceiver, clock: FakeClock
) -> None:
    there = signed_in(connected, requester)
    for number in range(22):
        with writing(connected, there) as work:
            subscribe(work, receiver.phone(f"p{number}").target)
        clock.advance(seconds=1)
    assert phones_of(connected, requester) == 20
    with writing(connected, there) as work:
        assert not unsubscribe(work, f"http://{receiver.host}/push/p1")
        assert unsubscribe(work, f"http://{receiver.host}/push/p2")


@pytest.mark.parametrize(
    "endpoint", ["https://attaquant.example/push", "http://169.254.169.254/latest", "https://127.0.0.1/x"]
)
def test_an_endpoint_elsewhere_is_refused_in_words(
    connected: System, requester: Actor, endpoint: str
) -> None:
    there = signed_in(connected, requester)
    with writing(connected, there) as work, pytest.raises(InvalidInput) as refused:
        subscribe(work, Phone("a", endpoint).target)
    assert "navigateur" in refused.value.errors["endpoint"]
    assert phones_of(connected, requester) == 0

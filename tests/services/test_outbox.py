"""What was announced leaves once, to whom it still concerns, by the way that still works."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from dermavis.domain.errors import InvalidInput
from dermavis.domain.ports import DeliveryFailed, DeliveryRefused, Mail
from dermavis.domain.roles import Role
from dermavis.models import Case, OutboxItem, Person, PushSubscription, UserSession
from dermavis.services import outbox as sending
from dermavis.services.letters import write_letter
from dermavis.services.notices import announce, mark_read
from dermavis.services.sessions import revoke
from dermavis.services.subscriptions import subscribe, target_of, unsubscribe
from dermavis.services.vault import Sealer
from dermavis.services.work import Actor, System, reading, writing
from tests.announced import outbox, sent_case, signed_in, subscribed, the_case, with_receiver
from tests.clock import FakeClock
from tests.factories import World
from tests.fixtures.systems import letters
from tests.receivers import Phone, PushReceiver

pytestmark = pytest.mark.postgres


@pytest.fixture
def receiver() -> Iterator[PushReceiver]:
    with PushReceiver() as running:
        yield running


@pytest.fixture
def connected(system: System, receiver: PushReceiver) -> System:
    """The system, with a push service that decrypts on the other side."""
    return with_receiver(system, receiver)


@pytest.fixture
def requester(world: World) -> Actor:
    return world.actor(Role.REQUESTER)


def tell(system: System, case_id: UUID, event: str, *people: Actor) -> None:
    with writing(system) as work:
        announce(work, event, the_case(work, case_id), [person.person_id for person in people])


def deliver(system: System, *channels: str) -> None:
    """Send everything that is due."""
    for channel in channels or ("push", "mail"):
        while sending.deliver_due(system, channel, lambda: 0.0):
            pass


def outcomes(system: System, channel: str) -> list[str]:
    return [item.outcome for item in outbox(system, channel)]


def phones_of(system: System, actor: Actor) -> int:
    with reading(system) as work:
        mine = PushSubscription.person_id == actor.person_id
        return len(work.session.scalars(select(PushSubscription.id).where(mine)).all())


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
    }
    assert message.headers["ttl"] == str(72 * 3600)
    assert outcomes(connected, "push") == ["sent"]


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
    other = world.actor("other_requester")
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


def test_three_workers_send_three_hundred_rows_once_each(
    connected: System, world: World, requester: Actor, receiver: PushReceiver
) -> None:
    phone = receiver.phone("a")
    subscribed(connected, requester, phone)
    case_id = sent_case(connected, world, state="answered")
    with writing(connected) as work:
        subscription = work.session.scalars(select(PushSubscription.id)).one()
        for number in range(300):
            work.session.add(
                OutboxItem(
                    id=uuid4(), channel="push", event="opinion", person_id=requester.person_id, case_id=case_id,
                    subscription_id=subscription, payload={"number": f"D-{number}", "url": f"/cases/{number}"},
                    dedupe_key=f"push:{number}", created_at=work.now, not_before=work.now,
                )
            )  # fmt: skip
    failures: list[BaseException] = []

    def work_off() -> None:
        try:
            while any(item.done_at is None for item in outbox(connected, "push")):
                for _ in range(20):
                    sending.deliver_due(connected, "push")
        except BaseException as error:
            failures.append(error)
            raise

    workers = [threading.Thread(target=work_off) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    numbers = [message.content["url"] for message in receiver.for_phone(phone)]
    assert len(numbers) == 300
    assert len(set(numbers)) == 300
    assert set(outcomes(connected, "push")) == {"sent"}


def test_what_a_dead_worker_had_in_hand_comes_back_when_its_lease_ends(
    connected: System, world: World, requester: Actor, receiver: PushReceiver, clock: FakeClock
) -> None:
    phone = receiver.phone("a")
    subscribed(connected, requester, phone)
    tell(connected, sent_case(connected, world, state="answered"), "opinion", requester)
    with writing(connected) as work:  # a worker took it, and died
        work.session.execute(
            update(OutboxItem)
            .where(OutboxItem.channel == "push")
            .values(lease=uuid4(), leased_until=work.now + sending.LEASE["push"])
        )
    deliver(connected, "push")
    assert receiver.attempts == []
    clock.advance(seconds=sending.LEASE["push"].total_seconds() + 1)
    deliver(connected, "push")
    assert len(receiver.for_phone(phone)) == 1


def test_a_worker_whose_lease_passed_to_another_does_not_mark_the_row(
    connected: System, world: World, requester: Actor
) -> None:
    tell(connected, sent_case(connected, world, state="answered"), "opinion", requester)
    thief = uuid4()

    class Slow:
        """Takes so long that somebody else has the row by then."""

        def send(self, _mail: Mail) -> None:
            with writing(connected) as work:
                work.session.execute(update(OutboxItem).values(lease=thief))

    slow = _with_mail(connected, Slow())
    sending.deliver_due(slow, "mail")
    [item] = outbox(connected)
    assert (item.lease, item.done_at) == (thief, None)


def test_a_server_that_refuses_an_address_is_not_asked_again_and_one_that_is_busy_is(
    connected: System, world: World, requester: Actor, clock: FakeClock
) -> None:
    answers: list[Exception | None] = [DeliveryFailed("421"), DeliveryRefused("550")]

    class Server:
        """Busy once, then sure."""

        def send(self, _mail: Mail) -> None:
            answer = answers.pop(0)
            if answer is not None:
                raise answer

    system = _with_mail(connected, Server())
    tell(system, sent_case(system, world, state="answered"), "opinion", requester)
    deliver(system, "mail")
    assert len(answers) == 1
    for _ in range(3):
        clock.advance(minutes=1)
        deliver(system, "mail")
    assert answers == []
    [item] = outbox(system)
    assert (item.outcome, item.last_error) == ("refused", "550")


def test_a_code_leaves_in_a_letter_and_is_forgotten_once_sent(
    connected: System, world: World, requester: Actor, clock: FakeClock
) -> None:
    address = world.who(Role.REQUESTER).email
    with writing(connected) as work:
        write_letter(work, "email_code", address, requester.person_id, code="012345")
        late = work.now + timedelta(minutes=10)
        write_letter(work, "email_code", address, requester.person_id, until=late, code="999999")
    waiting = [item.secret_sealed for item in outbox(connected)]
    assert all(sealed and b"012345" not in sealed for sealed in waiting)
    clock.advance(minutes=10)
    deliver(connected)
    [letter] = letters(connected)
    assert "012345" in letter.text
    assert letter.subject == "Votre code DermAvis"
    assert [item.secret_sealed for item in outbox(connected)] == [None, None]
    assert sorted(outcomes(connected, "mail")) == ["out_of_date", "sent"]


def test_an_unreadable_row_stops_nobody(connected: System, world: World, requester: Actor) -> None:
    case_id = sent_case(connected, world, state="answered")
    tell(connected, case_id, "opinion", requester)
    with writing(connected) as work:
        write_letter(work, "email_code", "a@exemple.fr", requester.person_id, code="012345")
    with writing(connected) as work:
        work.session.execute(
            update(OutboxItem).where(OutboxItem.event == "email_code").values(secret_sealed=b"\x01" * 40)
        )
    deliver(connected)
    assert sorted(outcomes(connected, "mail")) == ["sent", "unreadable"]


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


def _with_mail(system: System, mail: Any) -> System:
    from dataclasses import replace

    return replace(system, mail=mail)

"""What was announced leaves once, to whom it still concerns, and names no patient."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from dermavis.domain.notices import Wishes
from dermavis.domain.ports import DeliveryFailed, DeliveryRefused, Mail
from dermavis.domain.roles import Role
from dermavis.models import Case, OutboxItem, Person, PushSubscription
from dermavis.services import following
from dermavis.services import outbox as sending
from dermavis.services.letters import write_letter
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


def test_what_waited_for_the_worker_is_told_once(system: System, world: World, clock: FakeClock) -> None:
    case_id, expert = sent_case(system, world), world.actor(Role.EXPERT)
    for _ in range(3):
        tell(system, case_id, "submitted", expert)
        clock.advance(days=1)
    deliver(system, "mail")
    assert sorted(outcomes(system, "mail")) == ["just_told", "just_told", "sent"]
    tell(system, case_id, "submitted", expert)
    deliver(system, "mail")
    assert outcomes(system, "mail").count("sent") == 1, "and not again at once"
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


def test_three_workers_send_a_hundred_rows_once_each(
    connected: System, world: World, requester: Actor, receiver: PushReceiver
) -> None:
    phone = receiver.phone("a")
    subscribed(connected, requester, phone)
    case_id = sent_case(connected, world, state="answered")
    with writing(connected) as work:
        subscription = work.session.scalars(select(PushSubscription.id)).one()
        for number in range(100):
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
    assert len(numbers) == 100
    assert len(set(numbers)) == 100
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


def _with_mail(system: System, mail: Any) -> System:
    from dataclasses import replace

    return replace(system, mail=mail)

"""How workers empty the outbox: each row once, taken over from the dead, tried again where it helps."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from dermavis.domain.ports import DeliveryFailed, DeliveryRefused, Mail
from dermavis.domain.roles import Role
from dermavis.models import OutboxItem, PushSubscription
from dermavis.services import outbox as sending
from dermavis.services.letters import write_letter
from dermavis.services.work import Actor, System, writing
from tests.announced import deliver, outbox, outcomes, sent_case, subscribed, tell
from tests.clock import FakeClock
from tests.factories import World
from tests.fixtures.systems import letters
from tests.receivers import PushReceiver

pytestmark = pytest.mark.postgres


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
            .values(lease=uuid4(), leased_until=work.now + sending.QUEUES["push"].length)
        )
    deliver(connected, "push")
    assert receiver.attempts == []
    clock.advance(seconds=sending.QUEUES["push"].length.total_seconds() + 1)
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


def _with_mail(system: System, mail: Any) -> System:
    from dataclasses import replace

    return replace(system, mail=mail)

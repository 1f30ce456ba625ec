"""Another urgency: deadlines counted anew, pauses kept, requester and holder told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select

from dermavis.domain.errors import Forbidden, InvalidInput, NotFound
from dermavis.domain.notices import Wishes
from dermavis.domain.ports import DeliveryFailed, Mail
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Case, Notification, Person, Team
from dermavis.services.conversation import write
from dermavis.services.notices import lines, mark_read
from dermavis.services.regrading import regrade
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.announced import deliver, outbox
from tests.clock import FakeClock
from tests.factories import World
from tests.fixtures.systems import letters
from tests.seen import see


def _regrade(world: World, case_id: object, urgency: str, who: Role | str = Role.EXPERT) -> None:
    with writing(world.system, world.actor(who)) as work:
        regrade(work, case_id, urgency, "Lésion évolutive")  # type: ignore[arg-type]


def _due(system: System, case_id: object) -> datetime:
    with reading(system) as work:
        due = work.session.get_one(Case, case_id).due_at
    assert due is not None
    return due


def test_a_more_pressing_request_is_promised_from_its_submission(
    world: World, system: System, clock: FakeClock
) -> None:
    case_id = cases.sent(world)
    submitted = clock.now()
    assert _due(system, case_id) - submitted == timedelta(hours=96), "two working days over a week-end"
    clock.advance(hours=3)
    _regrade(world, case_id, "soon")
    assert _due(system, case_id) - submitted == timedelta(hours=24)
    with reading(system) as work:
        events = work.session.scalars(
            select(Notification.person_id).where(
                Notification.case_id == case_id, Notification.event == "regraded"
            )
        ).all()
        row = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "case.regrade")).one()
    assert events == [world.who(Role.REQUESTER).person_id]
    assert row.detail == {"before": "routine", "to": "soon"}


def test_the_pauses_already_taken_still_count(world: World, system: System, clock: FakeClock) -> None:
    case_id = cases.on_hold(world)
    clock.set(datetime(2026, 3, 12, 13, 0, tzinfo=UTC))
    with writing(system, world.actor(Role.REQUESTER)) as work:
        write(work, case_id, "La voici.")
    _regrade(world, case_id, "soon")
    assert _due(system, case_id) == datetime(2026, 3, 13, 13, 0, tzinfo=UTC)


def test_the_same_urgency_again_tells_nobody(world: World, system: System) -> None:
    case_id = cases.sent(world)
    due = _due(system, case_id)
    _regrade(world, case_id, "routine")
    assert _due(system, case_id) == due
    with reading(system) as work:
        assert "regraded" not in work.session.scalars(select(Notification.event)).all()


def test_an_urgency_nobody_knows_is_refused(world: World) -> None:
    case_id = cases.sent(world)
    with pytest.raises(InvalidInput):
        _regrade(world, case_id, "yesterday")


def test_only_those_who_may_take_it_regrade_it(world: World) -> None:
    case_id = cases.sent(world)
    for who, refusal in (
        (Role.REQUESTER, Forbidden),
        (Role.JUNIOR, Forbidden),
        ("stranger_expert", NotFound),
    ):
        with pytest.raises(refusal):
            _regrade(world, case_id, "soon", who)
    answered = cases.answered(world)
    with pytest.raises(Forbidden):
        _regrade(world, answered, "soon")


NIGHT = datetime(2026, 3, 12, 21, 0, tzinfo=UTC)  # 22:00 in Paris


def _sleeps(world: World, *names: Role | str) -> None:
    with writing(world.system) as work:
        for name in names:
            person = work.session.get_one(Person, world.who(name).person_id)
            person.preferences = {"notices": Wishes(quiet_from=time(20), quiet_to=time(7)).store()}


def _written_to(world: World, address: Role | str) -> list[str]:
    """Return what was mailed to a person or an address, the oldest first."""
    to = address if "@" in address else world.who(address).email
    return [letter.subject.split(" ·")[0] for letter in reversed(letters(world.system)) if letter.to == to]


@pytest.mark.postgres
def test_a_request_that_becomes_urgent_reaches_at_once_those_whom_it_had_not_reached(
    world: World, system: System, clock: FakeClock
) -> None:
    _sleeps(world, Role.EXPERT, "other_expert", Role.SUPER_USER)
    clock.set(NIGHT)
    case_id, plain = cases.sent(world), cases.sent(world)
    with writing(system, world.actor(Role.SUPER_USER)) as work:
        mark_read(work, case_id=case_id)
    deliver(system)
    ordinary = ["Nouvelle demande"] * 2
    assert (_written_to(world, Role.JUNIOR), _written_to(world, Role.EXPERT)) == (ordinary, [])
    _regrade(world, case_id, "urgent", "other_expert")
    clock.advance(minutes=1)
    deliver(system)
    assert _written_to(world, Role.EXPERT) == ["Demande urgente"], "quiet hours do not hold it back"
    assert _written_to(world, Role.JUNIOR) == ordinary, "who was told is told by the queue's reminder"
    assert [_written_to(world, name) for name in ("other_expert", Role.SUPER_USER)] == [[], []], (
        "who made it urgent knows, and who has read of it is told by the queue's reminder"
    )
    clock.set(NIGHT + timedelta(hours=10))
    deliver(system)
    assert _written_to(world, Role.EXPERT) == ["Demande urgente", "Nouvelle demande"], "the plain one waited"
    told = see(world, Role.EXPERT, lambda work: [(row.event, row.case_id) for row in lines(work)])
    assert sorted(told) == sorted([("submitted_urgent", case_id), ("submitted", plain)])


@pytest.mark.postgres
def test_a_request_that_becomes_urgent_does_not_wait_with_the_letters_that_a_lost_mail_server_does_not_press(
    world: World, system: System, clock: FakeClock
) -> None:
    class Away:
        def send(self, _letter: Mail) -> None:
            raise DeliveryFailed("SMTPConnectError")

    with writing(system) as work:
        work.session.get_one(Team, world.team_id).email = "equipe@exemple.fr"
    case_id = cases.sent(world)
    deliver(replace(system, mail=Away()), "mail")
    for _ in range(8):
        clock.set(max(row.not_before for row in outbox(system, "mail")))
        deliver(replace(system, mail=Away()), "mail")
    assert min(row.not_before - clock.now() for row in outbox(system, "mail")) > timedelta(minutes=20)
    _regrade(world, case_id, "urgent", Role.SUPER_USER)
    clock.advance(minutes=1)
    deliver(system)
    assert _written_to(world, "equipe@exemple.fr") == ["Demande urgente"]
    assert _written_to(world, Role.EXPERT) == ["Demande urgente"]


@pytest.mark.postgres
def test_a_held_request_that_becomes_urgent_wakes_its_holder_and_not_who_asked(
    world: World, system: System, clock: FakeClock
) -> None:
    case_id, waiting = cases.claimed(world), cases.on_hold(world)
    deliver(system)
    _sleeps(world, Role.EXPERT, Role.REQUESTER)
    clock.set(NIGHT)
    before = (_written_to(world, Role.EXPERT), _written_to(world, Role.REQUESTER))
    for each in (case_id, waiting):
        _regrade(world, each, "urgent", "other_expert")
    clock.advance(minutes=1)
    deliver(system)
    assert _written_to(world, Role.EXPERT) == [*before[0], "Demande devenue urgente"], (
        "the other's clock stands still"
    )
    assert _written_to(world, Role.REQUESTER) == before[1]

"""Requests that only a phone holds: their writer is reminded of them, and nobody of what was sent or thrown away."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import DraftStub, OutboxItem
from dermavis.services import drafts
from dermavis.services.draft_stubs import note_stubs
from dermavis.services.timers import run_due
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import World

PHONE, TABLET = uuid4(), uuid4()


def tell(
    world: World, device: UUID, *ids: UUID, idle: timedelta = timedelta(0), who: Role | str = ""
) -> None:
    with writing(world.system, world.actor(who or Role.REQUESTER)) as work:
        note_stubs(work, device, dict.fromkeys(ids, idle))


def letters(system: System) -> list[str]:
    with reading(system) as work:
        return list(
            work.session.scalars(select(OutboxItem.address).where(OutboxItem.event == "draft_waits_on_phone"))
        )


def stubs(system: System) -> set[UUID]:
    with reading(system) as work:
        return set(work.session.scalars(select(DraftStub.id)))


def pass_days(system: System, clock: FakeClock, days: float) -> None:
    clock.advance(days=days)
    while run_due(system):
        pass


def test_who_forgets_a_request_on_a_phone_is_written_to_after_three_days_then_each_week_and_not_for_ever(
    system: System, world: World, clock: FakeClock
) -> None:
    tell(world, PHONE, uuid4(), idle=timedelta(days=1))
    pass_days(system, clock, 1.9)
    assert letters(system) == []
    pass_days(system, clock, 0.2)
    assert letters(system) == [world.who(Role.REQUESTER).email]
    for _ in range(6):
        pass_days(system, clock, 7.1)
    assert len(letters(system)) == 4
    assert stubs(system) == set()


def test_what_was_sent_or_thrown_away_is_chased_no_more(
    system: System, world: World, clock: FakeClock
) -> None:
    kept, saved, discarded, elsewhere = (uuid4() for _ in range(4))
    tell(world, PHONE, kept, saved, discarded)
    tell(world, TABLET, elsewhere)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        drafts.save(work, saved, cases.content(), 0)

    tell(world, PHONE, kept, saved)

    assert stubs(system) == {kept, elsewhere}
    pass_days(system, clock, 3.1)
    assert len(letters(system)) == 2
    tell(world, PHONE)
    assert stubs(system) == {elsewhere}


def test_a_request_that_is_being_written_waits_longer_and_nobody_takes_over_anothers(
    system: System, world: World, clock: FakeClock
) -> None:
    mine = uuid4()
    tell(world, PHONE, mine)
    tell(world, PHONE, mine, who="other_requester")
    clock.advance(days=2)
    tell(world, PHONE, mine)
    pass_days(system, clock, 2)
    assert letters(system) == []
    pass_days(system, clock, 1.1)
    assert letters(system) == [world.who(Role.REQUESTER).email]

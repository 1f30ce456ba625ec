"""A device reported lost or stolen is forgotten, and told to destroy what it keeps of its person."""

from __future__ import annotations

import pytest

from dermavis.domain.errors import NotFound
from dermavis.domain.roles import Role
from dermavis.services import devices
from dermavis.services.stolen_devices import note_destroyed, report_stolen, stolen_devices, to_destroy
from dermavis.services.work import System, reading, writing
from tests.clock import FakeClock
from tests.factories import World


def test_a_stolen_device_is_forgotten_and_told_once_whose_drafts_to_destroy(
    system: System, world: World, clock: FakeClock
) -> None:
    mine, theirs = world.who(Role.REQUESTER), world.who(Role.EXPERT)
    with writing(system) as work:
        device_id, token = devices.enrol(work, mine.person_id, "iPad, Safari")
        _, other_token = devices.enrol(work, theirs.person_id, "iPad, Safari")
    tokens = (token, other_token)
    with reading(system) as work:
        assert to_destroy(work, tokens) == []

    with writing(system, world.actor(Role.REQUESTER)) as work:
        report_stolen(work, device_id)

    with reading(system) as work:
        assert devices.recognise(work, mine.person_id, tokens) is None
        assert to_destroy(work, tokens) == [mine.person_id]
        assert to_destroy(work, (other_token, "unknown")) == []
        assert to_destroy(work, ()) == []
    clock.advance(hours=3)
    with writing(system) as work:
        note_destroyed(work, tokens)
    with reading(system, world.actor(Role.REQUESTER)) as work:
        assert to_destroy(work, tokens) == []
        (told,) = stolen_devices(work)
        assert told.destroyed_at == work.now
    clock.advance(days=91)
    with reading(system, world.actor(Role.REQUESTER)) as work:
        assert stolen_devices(work) == ()


def test_nobody_reports_the_device_of_somebody_else(system: System, world: World) -> None:
    with writing(system) as work:
        device_id, token = devices.enrol(work, world.who(Role.EXPERT).person_id, "iPhone, Safari")
    with pytest.raises(NotFound), writing(system, world.actor(Role.REQUESTER)) as work:
        report_stolen(work, device_id)
    with reading(system) as work:
        assert to_destroy(work, (token,)) == []

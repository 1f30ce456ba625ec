"""Publishing charters: version by version, each from its day on; on both databases."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.services.charter_versions import charters_of, find_centre, present_charter, publish_charter
from dermavis.services.charters import OPENING_HOURS, charter_of, counting_hours
from dermavis.services.work import System, reading, writing
from tests.charter import CHARTER
from tests.clock import FakeClock
from tests.factories import World


def _content(**changes: Any) -> dict[str, Any]:
    return CHARTER | changes


def _late(hours: int) -> dict[str, Any]:
    return {"routine": {"target_hours": hours, "late_hours": hours}}


def test_a_version_holds_from_its_day_on_and_the_former_ones_stay(
    system: System, world: World, clock: FakeClock
) -> None:
    administrator = world.actor(Role.ADMINISTRATOR)
    with writing(system, administrator) as work:
        publish_charter(work, world.centre_id, _content(delays=_late(30)), work.now + timedelta(days=10))
        assert present_charter(work, world.centre_id).delays["routine"].target == timedelta(hours=48)
    clock.advance(days=11)
    with reading(system, administrator) as work:
        assert present_charter(work, world.centre_id).delays["routine"].target == timedelta(hours=30)
        rows = charters_of(work, world.centre_id)
        assert [row.version for row in rows] == [2, 1]
        assert rows[1].content == CHARTER


@pytest.mark.postgres
def test_lists_count_delays_in_the_time_of_the_charter_in_force(
    system: System, world: World, clock: FakeClock
) -> None:
    administrator = world.actor(Role.ADMINISTRATOR)
    with writing(system, administrator) as work:
        publish_charter(
            work, world.centre_id, _content(delays_count_in=OPENING_HOURS), work.now + timedelta(days=10)
        )
    of_centre = []
    for _ in range(2):
        with reading(system, administrator) as work:
            of_centre.append(counting_hours(work, world.centre_id, "dermatology"))
            assert of_centre[-1] == charter_of(work, world.centre_id).counting
            site = counting_hours(work, world.site_id, "dermatology")
            assert site == charter_of(work, world.site_id).counting, "it has published none"
        clock.advance(days=11)
    assert of_centre[0] != of_centre[1]


def test_a_day_that_has_passed_means_now(system: System, world: World) -> None:
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        row = publish_charter(work, world.centre_id, _content(), work.now - timedelta(days=400))
        assert row.effective_from == work.now


def test_every_fault_is_said_by_its_field(system: System, world: World) -> None:
    wrong = _content(
        motives=["unknown"],
        professions=[],
        territory=["Mâcon", "7", "711000"],
        delays={
            "routine": {"target_hours": 10, "late_hours": 5},
            "soon": {"target_hours": "x", "late_hours": 2},
        },
        hours={"week": {"mon": [["18:00", "09:00"]], "tue": [["09:00", ""]]}, "closed": ["2026-02-31"]},
        phone="12",
        on_call_phone="non",
        idle_claim_hours="deux",
    )
    with pytest.raises(InvalidInput) as refused, writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        publish_charter(work, world.centre_id, wrong, work.now)
    assert set(refused.value.errors) == {
        "motives", "professions", "territory", "delays.routine", "delays.soon", "hours.week.mon", "hours.week.tue",
        "hours.closed.0", "phone", "on_call_phone", "idle_claim_hours",
    }  # fmt: skip


@pytest.mark.parametrize("hours", ["0", "241", "-1", "1.5", "²"])
def test_an_idle_claim_lasts_a_whole_number_of_hours(system: System, world: World, hours: str) -> None:
    with pytest.raises(InvalidInput) as refused, writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        publish_charter(work, world.centre_id, _content(idle_claim_hours=hours), work.now)
    assert set(refused.value.errors) == {"idle_claim_hours"}


def test_a_week_without_an_open_day_is_refused(system: System, world: World) -> None:
    with pytest.raises(InvalidInput) as refused, writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        publish_charter(work, world.centre_id, _content(hours={"week": {"mon": []}}), work.now)
    assert set(refused.value.errors) == {"hours.week"}


def test_nobody_runs_over_a_version_they_have_not_seen(system: System, world: World) -> None:
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        publish_charter(work, world.centre_id, _content(), work.now, after_version=1)
    with pytest.raises(Conflict), writing(system, world.actor(Role.SUPER_USER)) as work:
        publish_charter(work, world.centre_id, _content(), work.now, after_version=1)


def test_of_two_who_publish_at_once_one_is_told(system: System, world: World) -> None:
    results: list[str] = []
    start = threading.Barrier(2)

    def publish(name: Role | str) -> None:
        actor = world.actor(name)
        start.wait(20)
        try:
            with writing(system, actor) as work:
                publish_charter(work, world.centre_id, _content(), work.now, after_version=1)
            results.append("published")
        except Conflict:
            results.append("told")

    threads = [
        threading.Thread(target=publish, args=(name,)) for name in (Role.ADMINISTRATOR, "other_administrator")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(results) == ["published", "told"]


def test_a_super_user_publishes_for_their_own_centre_alone(system: System, world: World) -> None:
    actor = world.actor(Role.SUPER_USER)
    with writing(system, actor) as work:
        assert publish_charter(work, world.centre_id, _content(), work.now).version == 2
    for elsewhere in (world.other_centre_id, world.site_id):
        with reading(system, actor) as work:
            for step in (find_centre, charters_of, present_charter):
                with pytest.raises(NotFound):
                    step(work, elsewhere)
        with pytest.raises(NotFound), writing(system, actor) as work:
            publish_charter(work, elsewhere, _content(), work.now)


def test_only_a_place_that_answers_has_a_charter(system: System, world: World) -> None:
    with reading(system, world.actor(Role.ADMINISTRATOR)) as work:
        assert find_centre(work, world.centre_id).name
        for place in (world.site_id, world.cpts_id, world.body_id):
            with pytest.raises(NotFound):
                find_centre(work, place)


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.ADMINISTRATOR, Role.SUPER_USER}])
def test_nobody_else_publishes_or_reads_versions(system: System, world: World, role: Role) -> None:
    with writing(system, world.actor(role)) as work:
        with pytest.raises(Forbidden):
            publish_charter(work, world.centre_id, _content(), work.now)
        with pytest.raises(Forbidden):
            charters_of(work, world.centre_id)

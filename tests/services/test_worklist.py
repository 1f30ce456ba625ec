"""The expert's lists by pages, their counts, and a sitting that goes from one request to the next."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from dermavis.domain.errors import Forbidden
from dermavis.domain.roles import Role
from dermavis.models import Case, Notification
from dermavis.services import answering
from dermavis.services.seance import pass_on, take_next
from dermavis.services.work import System, reading, writing
from dermavis.services.worklist import Worklist, remaining, worklist
from tests import cases
from tests.clock import FakeClock
from tests.factories import World


def _list(world: World, name: str = "queue", who: Role | str = Role.EXPERT, **more: str) -> Worklist:
    with reading(world.system, world.actor(who)) as work:
        return worklist(work, name, **more)


def _state(system: System, case_id: object) -> tuple[str, object]:
    with reading(system) as work:
        case = work.session.get_one(Case, case_id)
        return case.state, case.claimed_by


@pytest.mark.postgres
def test_each_request_stands_in_one_list_and_is_counted(world: World) -> None:
    new, mine = cases.sent(world), cases.claimed(world)
    held, done = cases.on_hold(world), cases.answered(world)
    cases.claimed(world, "other_expert")
    queue = _list(world)
    assert {row.id for row in queue.rows} == {new, mine}
    assert (queue.queue.words, queue.waiting.words, queue.minutes) == ("2", "1", 6)
    assert [row.id for row in _list(world, "waiting").rows] == [held]
    assert [row.id for row in _list(world, "answered").rows] == [done]


@pytest.mark.postgres
def test_late_ones_stand_first_and_are_told(world: World, clock: FakeClock) -> None:
    early = cases.sent(world)
    clock.advance(hours=1)
    urgent = cases.sent(world, urgency="urgent")
    clock.set(datetime(2026, 3, 13, 9, 30, tzinfo=UTC))
    queue = _list(world)
    assert [row.id for row in queue.rows] == [urgent, early]
    assert (queue.late, queue.today) == (1, 0)


def test_a_motive_is_chosen_among_those_that_wait(world: World) -> None:
    keratosis = cases.sent(world)
    queue = _list(world, motive="keratosis")
    assert [(row.id, row.label, row.count) for row in queue.motives] == [("keratosis", "Kératose", 1)]
    assert [row.id for row in queue.rows] == [keratosis]
    assert _list(world, motive="nothing_like_it").motive == ""


@pytest.mark.postgres
def test_what_is_promised_until_midnight_is_for_today(world: World, clock: FakeClock) -> None:
    cases.sent(world)
    cases.sent(world, urgency="urgent")
    assert (_list(world).late, _list(world).today) == (0, 1)


@pytest.mark.postgres
def test_a_long_queue_is_counted_up_to_a_bound(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("worklist", "worklist_questions"):
        monkeypatch.setattr(f"dermavis.services.{place}.COUNTED", 2)
    for _ in range(2):
        cases.sent(world)
    assert (_list(world).queue.words, _list(world).motives[0].count) == ("2", 2)
    for _ in range(2):
        cases.sent(world)
    long = _list(world)
    assert (long.queue.number, long.queue.words, long.motives[0].count) == (3, "2+", None)
    assert len(long.rows) == 4


@pytest.mark.postgres
def test_pages_show_each_request_once_while_others_arrive(
    world: World, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dermavis.services.worklist.PAGE", 3)
    before = {cases.sent(world) for _ in range(8)}  # within one instant
    seen = []
    page = _list(world)
    while True:
        seen += [row.id for row in page.rows]
        if not page.more:
            break
        cases.sent(world, urgency="urgent")  # before the place where the reader stands
        page = _list(world, after=page.last)
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


def test_what_was_unfolded_is_asked_again_in_one_piece(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dermavis.services.worklist.PAGE", 2)
    for _ in range(5):
        cases.sent(world)
    first = _list(world)
    second = _list(world, after=first.last)
    whole = _list(world, through=second.last)
    assert [row.id for row in whole.rows] == [row.id for row in first.rows + second.rows]
    assert whole.more
    assert _list(world, through="no place").rows[0].id == first.rows[0].id


def test_only_experts_have_the_list(world: World) -> None:
    with pytest.raises(Forbidden):
        _list(world, who=Role.REQUESTER)


def test_a_sitting_takes_the_most_pressing_then_the_next(
    world: World, system: System, clock: FakeClock
) -> None:
    first = cases.sent(world)
    clock.advance(hours=1)
    second = cases.sent(world)
    actor = world.actor(Role.EXPERT)
    with reading(system, actor) as work:
        assert remaining(work, "", first).words == "2"
    assert take_next(system, actor) == first
    assert _state(system, first) == ("claimed", actor.person_id)
    pass_on(system, actor, first)
    assert _state(system, first) == ("submitted", None)
    assert take_next(system, actor, after=first) == second
    assert take_next(system, actor, after=second) is None


def test_passing_disturbs_nobody(world: World, system: System) -> None:
    case_id = cases.claimed(world)
    with reading(system) as work:
        before = work.session.scalar(select(func.count()).select_from(Notification))
    pass_on(system, world.actor(Role.EXPERT), case_id)
    assert _state(system, case_id)[0] == "submitted"
    with reading(system) as work:
        assert work.session.scalar(select(func.count()).select_from(Notification)) == before


def test_a_request_whose_answer_was_begun_stays_taken(world: World, system: System) -> None:

    case_id = cases.claimed(world)
    actor = world.actor(Role.EXPERT)
    with writing(system, actor) as work:
        answering.save_draft(work, case_id, cases.opinion(), 0)
    pass_on(system, actor, case_id)
    assert _state(system, case_id) == ("claimed", actor.person_id)


@pytest.mark.postgres
def test_a_sitting_steps_over_what_a_colleague_took(world: World, system: System, clock: FakeClock) -> None:
    cases.claimed(world, "other_expert")
    clock.advance(hours=1)
    free = cases.sent(world)
    assert take_next(system, world.actor(Role.EXPERT)) == free

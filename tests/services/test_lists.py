"""The rows of a list: names, places, motives, delays in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Select, event, select

from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Case, Person
from dermavis.models.queries.case_lists import (
    late_with_others,
    on_hold,
    requests_of,
    team_queue,
    unread_in_time,
)
from dermavis.services import claiming
from dermavis.services.lists import ListRow, forget, note_list, rows_of
from dermavis.services.readings import flush
from dermavis.services.vault import Sealer
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import World

pytestmark = pytest.mark.postgres


def _queue(world: World, name: Role | str = Role.EXPERT) -> list[ListRow]:
    actor = world.actor(name)
    with reading(world.system, actor) as work:
        query = team_queue(world.centre_id, actor.facts.team_ids, actor.person_id)
        return rows_of(work, work.session.execute(query).all())


def test_a_row_says_who_asks_what_and_by_when(world: World) -> None:
    case_id = cases.sent(world)
    (row,) = _queue(world)
    assert row.id == case_id
    assert (row.name, row.birth_date, row.age) == ("Mme Hélène Vautrin", "12/03/1958", "68\u00a0ans")
    assert (row.question, row.motive, row.urgency_words) == (
        "Surveiller ou retirer\u00a0?",
        "Kératose",
        "Courante",
    )
    assert row.place == "Maison de santé des Tilleuls"
    assert row.promise is not None
    assert (row.promise.words, row.promise.tone, row.promise.paused) == ("Reste 96\u00a0h", "", False)
    assert row.thumb == "", "its pictures were skipped"


def test_a_promise_fills_presses_and_is_late(world: World, clock: FakeClock) -> None:
    cases.sent(world)
    clock.advance(hours=24)
    (row,) = _queue(world)
    assert row.promise is not None
    assert row.promise.share == 0.5
    clock.set(datetime(2026, 3, 16, 7, 0, tzinfo=UTC))
    (row,) = _queue(world)
    assert row.promise is not None
    assert (row.promise.tone, row.promise.words) == ("warn", "Reste 2\u00a0h")
    clock.set(datetime(2026, 3, 17, 12, 0, tzinfo=UTC))
    (row,) = _queue(world)
    assert row.promise is not None
    assert (row.promise.tone, row.promise.words) == ("late", "En retard de 27\u00a0h")


def test_a_wait_for_the_requester_stops_the_pie(world: World, clock: FakeClock) -> None:
    cases.on_hold(world)
    clock.advance(hours=30)
    actor = world.actor(Role.EXPERT)
    with reading(world.system, actor) as work:
        rows = work.session.execute(on_hold(world.centre_id, actor.person_id)).all()
        (row,) = rows_of(work, rows)
    assert row.promise is not None
    assert (row.promise.words, row.promise.share, row.promise.paused) == (
        "En pause depuis 30\u00a0h",
        0.0,
        True,
    )
    assert row.mine


def test_the_requester_reads_who_has_the_request(world: World) -> None:
    cases.claimed(world)
    actor = world.actor(Role.REQUESTER)
    with reading(world.system, actor) as work:
        rows = work.session.execute(requests_of(world.site_id, [actor.person_id])).all()
        (row,) = rows_of(work, rows)
    assert world.who(Role.EXPERT).name.endswith(row.holder.rpartition(" ")[2])
    assert not row.mine


def test_a_summary_sealed_anew_is_read_anew(world: World, system: System) -> None:
    case_id = cases.sent(world)
    assert _queue(world)[0].name == "Mme Hélène Vautrin"
    with writing(system) as work:
        case = work.session.get_one(Case, case_id)
        case.summary_sealed = Sealer(system.cipher, case).seal(
            {"first_name": "Hélène", "birth_name": "Vautrin", "used_name": "d’Aubigné", "sex": "F"},
            "cases",
            case.id,
            "summary_sealed",
        )
    assert _queue(world)[0].name == "Mme Hélène d’Aubigné"


def test_a_list_is_one_audit_row_with_the_ids_it_showed_and_no_name(world: World, system: System) -> None:
    case_id = cases.sent(world)
    rows = _queue(world)
    note_list(system, world.actor(Role.EXPERT), "worklist", [row.id for row in rows], "keratosis")
    flush(system)
    with reading(system) as work:
        (row,) = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "list.read")).all()
    assert row.detail == {"filter": "keratosis", "cases": [str(case_id)]}
    assert "Vautrin" not in str(row.detail)


def test_a_row_is_made_once_for_a_team_and_anew_when_what_it_shows_has_changed(
    world: World, clock: FakeClock
) -> None:
    cases.sent(world)
    (first,) = _queue(world)
    assert _queue(world, "other_expert") == [first]
    assert _queue(world, "other_expert")[0] is first
    clock.advance(minutes=1)
    assert _queue(world)[0] is not first
    with writing(world.system) as work:
        work.session.get_one(Person, world.who(Role.REQUESTER).person_id).last_name = "Renommée"
    assert "Renommée" in _queue(world)[0].requester
    with writing(world.system, world.actor(Role.EXPERT)) as work:
        claiming.claim(work, first.id)
    (claimed,) = _queue(world)
    assert claimed.mine
    assert _queue(world)[0] is claimed
    forget()
    assert _queue(world)[0] is not claimed


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (unread_in_time, "ix_deliveries_told_on"),
        (late_with_others, "ix_cases_centre_state (centre_id=? AND state=? AND answered_at=?)"),
    ],
)
@pytest.mark.sqlite_only
def test_what_stands_above_the_queue_is_found_without_reading_what_is_over(
    system: System, world: World, query: Callable[..., Select[Any]], index: str
) -> None:
    facts = world.actor(Role.EXPERT).facts
    asked = query(facts.organization_id, facts.team_ids, facts.person_id, facts.substitute_for)
    statements: list[tuple[str, Any]] = []
    listen = event.listens_for(system.engine, "before_cursor_execute")
    listen(lambda _c, _cursor, text, values, *_: statements.append((text, values)))
    with reading(system) as work:
        work.session.execute(asked, {"now": work.now}).all()
    text, values = statements[-1]
    with system.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()
    assert index in plan[0][3], plan

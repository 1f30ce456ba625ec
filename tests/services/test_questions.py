"""Questions asked of the database's driver: what a row holds, what is refused, and by which index lists are found."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, bindparam, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from dermavis.domain.roles import Role
from dermavis.models import Case
from dermavis.models.queries import quick
from dermavis.models.queries.quick import Question, numbered, rounded, several
from dermavis.services.work import System, reading, writing
from dermavis.services.worklist import worklist
from tests import cases
from tests.factories import World

_case = Case.__table__.c
_BY_ID = Question(
    select(_case.id, _case.sent_at, _case.held_at, _case.without_reply, _case.data_key).where(
        _case.id == bindparam("id")
    )
)


@pytest.mark.postgres
def test_a_row_holds_what_the_entity_holds(world: World, system: System) -> None:
    case_id = cases.sent(world)
    with reading(system) as work:
        row, case = _BY_ID.first(work.session, id=case_id), work.session.get_one(Case, case_id)
        assert (row.id, row.sent_at, row.held_at) == (case.id, case.sent_at, None)
        assert (row.without_reply, bytes(row.data_key)) == (False, case.data_key)
        assert row.sent_at.tzinfo is not None
        assert _BY_ID.first(work.session, id=case_id) == row
        assert _BY_ID.first(work.session, id=uuid4()) is None


@pytest.mark.postgres
def test_what_a_transaction_has_changed_is_seen_before_it_ends(world: World, system: System) -> None:
    case_id = cases.sent(world)
    with writing(system) as work:
        work.session.get_one(Case, case_id).without_reply = True
        assert _BY_ID.first(work.session, id=case_id).without_reply


@pytest.mark.sqlite_only
def test_a_reading_sees_one_moment(world: World, system: System) -> None:
    case_id = cases.sent(world)
    with reading(system) as before:
        assert not _BY_ID.first(before.session, id=case_id).without_reply
        with writing(system) as work:
            work.session.get_one(Case, case_id).without_reply = True
        assert not _BY_ID.first(before.session, id=case_id).without_reply
        assert not before.session.get_one(Case, case_id).without_reply
    with reading(system) as after:
        assert _BY_ID.first(after.session, id=case_id).without_reply


@pytest.mark.postgres
def test_a_list_of_any_length_is_found_whole(world: World, system: System) -> None:
    made = {cases.sent(world) for _ in range(3)}
    question = Question(select(_case.id).where(_case.id.in_(several("id", rounded(3)))))
    with reading(system) as work:
        assert set(question.column(work.session, **numbered("id", made, rounded(3)))) == made
    assert [rounded(number) for number in (1, 2, 3, 4, 5, 25)] == [1, 2, 4, 4, 8, 32]


@pytest.mark.postgres
def test_a_missing_value_and_a_broken_question_are_refused_without_telling_values(system: System) -> None:
    nowhere = Table("nowhere", MetaData(), Column("secret", Integer))
    broken = Question(select(nowhere.c.secret).where(nowhere.c.secret == bindparam("secret")))
    with reading(system) as work, pytest.raises(KeyError):
        _BY_ID.first(work.session)
    with reading(system) as work, pytest.raises(DBAPIError) as refused:
        broken.all(work.session, secret=424242)
    assert "nowhere" in str(refused.value)
    assert "424242" not in str(refused.value)


@pytest.mark.sqlite_only
def test_the_worklist_reads_ordered_partial_indexes_and_sorts_no_queue(
    world: World, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases.sent(world)
    cases.answered(world)
    asked: list[tuple[str, list[Any]]] = []
    found = quick._connection

    def spied(session: Session) -> Any:
        connection = found(session)
        return _Spy(connection, asked)

    monkeypatch.setattr(quick, "_connection", spied)
    with reading(system, world.actor(Role.EXPERT)) as work:
        worklist(work, "queue")
        driver: Any = work.session.connection().connection.driver_connection
        plans = {
            text: [row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {text}", values)]
            for text, values in asked
        }
    (page,) = [plan for text, plan in plans.items() if text.startswith("SELECT queue.id")]
    (heads,) = [plan for text, plan in plans.items() if text.startswith("SELECT first.")]
    (unread,) = [plan for text, plan in plans.items() if "deliveries.sent_at" in text]
    (questions,) = [plan for text, plan in plans.items() if "ORDER BY cases.asked_again_at" in text]
    (late,) = [plan for text, plan in plans.items() if "ORDER BY cases.late_at" in text]
    for plan in (page, heads):
        assert "MERGE (UNION ALL)" in plan
        for column in ("team", "expert", "claimed"):
            assert any(f"ix_cases_{column}_waiting" in step for step in plan), plan
    assert not any("ORDER BY" in step for step in page)
    assert any("ix_deliveries_told_on" in step for step in unread), unread
    assert not any("ix_cases_centre_state" in step for step in unread), unread
    assert any("ix_cases_asked_again" in step for step in questions), questions
    assert any(
        "ix_cases_centre_state (centre_id=? AND state=? AND answered_at=?)" in step for step in late
    ), late


class _Spy:
    """A connection whose driver notes what it is asked."""

    def __init__(self, connection: Any, asked: list[tuple[str, list[Any]]]) -> None:
        self._connection, self._asked = connection, asked
        self.dialect = connection.dialect

    @property
    def connection(self) -> Any:
        return self

    @property
    def driver_connection(self) -> Any:
        return self

    def execute(self, text: str, values: list[Any]) -> Any:
        self._asked.append((text, values))
        return self._connection.connection.driver_connection.execute(text, values)

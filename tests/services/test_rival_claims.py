"""Two processes claim the same two hundred cases while a third imports others: one winner each, no long wait."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import func, select

from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Case, Transition
from dermavis.services.work import System, reading
from tests import cases
from tests.factories import World
from tests.rivals import rival
from tests.signing_in import new_session

CASES = 200
LONGEST_WAIT_S = 2.0
IMPORT_S = 20.0
EXPERTS = (Role.EXPERT, "other_expert")
TAKEN, TOLD_WHO_HAS_IT = 303, 409


@pytest.mark.long
@pytest.mark.postgres
def test_two_hundred_claims_by_two_processes_during_an_import_have_one_winner_each(
    system: System, world: World
) -> None:
    waiting = [cases.sent(world) for _ in range(CASES)]
    importing = rival(system, "import", str(waiting[0]), str(IMPORT_S))
    experts = [
        rival(system, "claim", new_session(system, world.who(name)), *map(str, _order(waiting, turn)))
        for turn, name in enumerate(EXPERTS)
    ]
    for process in (importing, *experts):
        process.begin()
    answers = [process.said(300) for process in experts]
    imported = importing.said(60)

    waits = sorted(seconds for rows in answers for _, _, seconds in rows)
    print(
        f"{system.engine.dialect.name}: {2 * CASES} claims beside {imported} imported cases, half within"
        f" {waits[len(waits) // 2] * 1000:.0f} ms, the longest {waits[-1] * 1000:.0f} ms"
    )
    statuses = Counter(status for rows in answers for status, _, _ in rows)
    assert statuses == {TAKEN: CASES, TOLD_WHO_HAS_IT: CASES}
    assert waits[-1] < LONGEST_WAIT_S
    assert imported > CASES
    _check_one_winner_each(system, world, waiting, answers)


def _order(waiting: list, turn: int) -> list:  # type: ignore[type-arg]
    """Both take the same cases in the same order, so that each is a race; the second begins one pair swapped."""
    return [waiting[place ^ turn] for place in range(len(waiting))]


def _check_one_winner_each(system: System, world: World, waiting: list, answers: list) -> None:  # type: ignore[type-arg]
    won = [Counter(status for status, _, _ in rows)[TAKEN] for rows in answers]
    with reading(system) as work:
        holders = Counter(
            work.session.scalars(select(Case.claimed_by).where(Case.id.in_(waiting), Case.state == "claimed"))
        )
        claims = Counter(work.session.scalars(select(Transition.case_id).where(Transition.name == "claim")))
        audited = work.session.scalar(select(func.count()).where(AuditEvent.action == "case.claim"))
    assert [holders[world.who(name).person_id] for name in EXPERTS] == won
    assert claims == dict.fromkeys(waiting, 1)
    assert audited == CASES

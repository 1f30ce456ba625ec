"""Seven centres with forty experts, and as many cases as asked for: copies of one that was really sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import func, insert, select

from dermavis.domain.roles import Role
from dermavis.models import Case
from dermavis.services.vault import Sealer, owner_place
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.charter import ALWAYS_OPEN
from tests.factories import Who, World, create_world

CENTRES = 7
MORE_EXPERTS = ("second_expert", "third_expert")
BATCH = 20_000


def regions(system: System) -> list[World]:
    """Write as many worlds as there are centres."""
    return [
        create_world(system, ALWAYS_OPEN, f"centre-{number}.example.org", MORE_EXPERTS)
        for number in range(CENTRES)
    ]


def experts(worlds: list[World]) -> list[Who]:
    """Return those who answer: six of each centre, forty in all."""
    names = (Role.EXPERT, Role.JUNIOR, Role.SUPER_USER, "other_expert", *MORE_EXPERTS)
    return [world.who(name) for world in worlds for name in names][:40]


def fill(worlds: list[World], total: int, still_open: int) -> None:
    """Bring the cases up to ``total``, ``still_open`` of which wait for an opinion, spread over the centres."""
    models = [(world, cases.sent(world), cases.answered(world)) for world in worlds]
    system = worlds[0].system
    with reading(system) as work:
        there = work.session.scalar(select(func.count()).select_from(Case)) or 0
        waiting = work.session.scalar(select(func.count()).where(Case.state == "submitted")) or 0
        rows = [(_values(work, sent), _values(work, closed)) for _, sent, closed in models]
    numbers = iter(range(there + 1_000, there + total + 1_000))
    plan = [True] * max(0, still_open - waiting) + [False] * max(
        0, total - there - max(0, still_open - waiting)
    )
    for start in range(0, len(plan), BATCH):
        copies = list(_copies(system, rows, plan[start : start + BATCH], numbers))
        with writing(system) as work:
            work.session.execute(insert(Case), copies)


def _values(work: Any, case_id: Any) -> dict[str, Any]:
    case = work.session.get_one(Case, case_id)
    found = {column.key: getattr(case, column.key) for column in Case.__table__.columns}
    return found | {
        "summary": Sealer(work.system.cipher, case).open(
            case.summary_sealed, "cases", case.id, "summary_sealed"
        )
    }


def _copies(
    system: System,
    rows: list[tuple[dict[str, Any], dict[str, Any]]],
    plan: list[bool],
    numbers: Iterator[int],
) -> Iterator[dict[str, Any]]:
    for is_open in plan:
        number = next(numbers)
        waiting, closed = rows[number % len(rows)]
        values = dict(waiting if is_open else closed)
        summary = values.pop("summary")
        earlier = timedelta(seconds=number % 5_000_000)
        values |= {"id": uuid4(), "number": f"B-{number}"}
        for name in ("created_at", "updated_at", "sent_at", "submitted_at", "answered_at"):
            if values[name] is not None:
                values[name] -= earlier
        if is_open:
            values["due_at"] += timedelta(seconds=number % 400_000)
            values["late_at"] += timedelta(seconds=number % 400_000)
            key = system.cipher.new_key()
            values["data_key"] = system.cipher.masters[0].wrap(key, owner_place("cases", values["id"]))
            sealer = Sealer(system.cipher, Case(id=values["id"], data_key=values["data_key"]))
            values["summary_sealed"] = sealer.seal(summary, "cases", values["id"], "summary_sealed")
        else:
            term = values["answered_at"] + timedelta(days=20 * 365)  # as written when it closes
            values |= {"state": "closed", "closed_at": values["answered_at"], "keep_until": term}
        yield values

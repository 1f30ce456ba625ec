"""Referrals in tests: chosen by the expert, signed, and left."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from dermavis.domain.roles import Role
from dermavis.services.child_cases import Asked
from dermavis.services.child_links import children_of
from dermavis.services.referring import choose_referral
from dermavis.services.work import reading
from tests import cases
from tests.factories import World
from tests.second_opinions import do, run_timers


def up(world: World, **changes: Any) -> Asked:
    asked = Asked(world.other_team_id, "Qu’en pensez-vous ?", "routine", (), "told_by_patient")
    return replace(asked, **changes)


def choose(world: World, case_id: UUID, who: Role | str = Role.EXPERT, **changes: Any) -> None:
    do(world, who, choose_referral, case_id, up(world, **changes))


def referred(world: World, first: UUID | None = None, **changes: Any) -> tuple[UUID, UUID]:
    """Return a case whose opinion has left, and the one it was referred to."""
    first = first or cases.claimed(world)
    choose(world, first, **changes)
    cases.sign(world, first)
    run_timers(world.system)
    child = child_of(world, first)
    assert child is not None
    return first, child


def child_of(world: World, case_id: UUID) -> UUID | None:
    with reading(world.system) as work:
        return next((case.id for case in children_of(work, [case_id], "referral")), None)

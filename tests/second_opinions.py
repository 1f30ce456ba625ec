"""Second opinions in tests: asked by the expert, and what then stands, is shown and is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from dermavis.domain.roles import Role
from dermavis.models import Case
from dermavis.services.child_cases import Asked
from dermavis.services.requester_view import requester_view
from dermavis.services.second_opinion_view import SecondOpinion, second_opinions_shown
from dermavis.services.second_opinions import ask_second_opinion
from dermavis.services.timers import run_due
from dermavis.services.work import System, reading, writing
from tests.factories import World
from tests.seen import see

OTHER = "stranger_expert"
"""The expert of the other centre."""


def asked_for(world: World, **changes: Any) -> Asked:
    asked = Asked(world.other_team_id, "Exérèse d’emblée ?", "routine", (), "told_by_requester")
    return replace(asked, **changes)


def ask(world: World, case_id: UUID, new_id: UUID | None = None, **changes: Any) -> UUID:
    new_id = new_id or uuid4()
    actor = world.actor(Role.EXPERT)
    return ask_second_opinion(world.system, actor, case_id, new_id, asked_for(world, **changes))


def do(world: World, who: Role | str, act: Callable[..., Any], *given: Any) -> None:
    with writing(world.system, world.actor(who)) as work:
        act(work, *given)


def case_now(world: World, case_id: UUID) -> Case:
    with reading(world.system) as work:
        case = work.session.get_one(Case, case_id)
        work.session.expunge(case)
        return case


def shown_on(world: World, case_id: UUID, who: Role | str = Role.EXPERT) -> SecondOpinion:
    found: Sequence[SecondOpinion] = see(
        world, who, lambda work: second_opinions_shown(work, work.session.get_one(Case, case_id))
    )
    return found[0]


def lines_for(world: World, case_id: UUID) -> str:
    lines = see(world, Role.REQUESTER, lambda work: requester_view(work, case_id).standing.lines)
    return " ".join(lines)


def run_timers(system: System) -> None:
    while run_due(system):
        pass

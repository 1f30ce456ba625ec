"""Whose unsigned opinion stands in whose form, and on which revision of the request it is signed, on both databases."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from dermavis.domain.errors import Conflict, NotFound
from dermavis.domain.roles import Role
from dermavis.models import Case, Opinion
from dermavis.services import answering, changing, claiming, redirecting
from dermavis.services.answering import DraftOpinion
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import World


def _form(system: System, world: World, case_id: UUID, name: Role | str) -> DraftOpinion:
    """What stands in that person's form."""
    with reading(system, world.actor(name)) as work:
        return answering.draft_of(work, work.session.get_one(Case, case_id))


def _words(draft: DraftOpinion) -> str:
    return draft.content.safety_net


def _write(world: World, case_id: UUID, name: Role | str, words: str, revision: int = 0) -> None:
    with writing(world.system, world.actor(name)) as work:
        answering.save_draft(work, case_id, cases.opinion(safety_net=words), revision)


def _do(world: World, name: Role | str, act: Any, *told: Any) -> None:
    with writing(world.system, world.actor(name)) as work:
        act(work, *told)


def test_a_declined_opinion_does_not_travel_to_the_centre_that_answers_next(
    system: System, world: World
) -> None:
    case_id = cases.claimed(world)
    _write(world, case_id, Role.EXPERT, "de A")
    assert _words(_form(system, world, case_id, Role.EXPERT)) == "de A"
    _do(world, Role.EXPERT, claiming.decline, case_id, "no_capacity")
    _do(world, Role.REQUESTER, redirecting.redirect, case_id, world.other_team_id)
    _do(world, "stranger_expert", claiming.claim, case_id)
    assert _form(system, world, case_id, "stranger_expert") == DraftOpinion()
    _write(world, case_id, "stranger_expert", "de B")
    assert _words(_form(system, world, case_id, "stranger_expert")) == "de B"
    cases.sign(world, case_id, "stranger_expert")
    with reading(system) as work:
        signed = work.session.scalars(
            select(Opinion).where(Opinion.case_id == case_id, Opinion.signed_at.is_not(None))
        ).one()
        assert (signed.version, signed.signed_by) == (1, world.who("stranger_expert").person_id)


def test_a_released_opinion_is_kept_for_its_writer_alone(system: System, world: World) -> None:
    case_id = cases.claimed(world)
    _write(world, case_id, Role.EXPERT, "de A")
    _do(world, Role.EXPERT, claiming.release, case_id)
    _do(world, "other_expert", claiming.claim, case_id)
    assert _form(system, world, case_id, "other_expert") == DraftOpinion()
    _write(world, case_id, "other_expert", "de B")
    _do(world, "other_expert", claiming.release, case_id)
    _do(world, Role.EXPERT, claiming.claim, case_id)
    again = _form(system, world, case_id, Role.EXPERT)
    assert (_words(again), again.revision, again.prepared) == ("de A", 1, None)
    _write(world, case_id, Role.EXPERT, "de A, encore", 1)


def test_what_a_junior_prepared_reaches_the_senior_with_its_name_and_can_be_left_aside(
    system: System, world: World
) -> None:
    case_id = cases.sent(world)
    _write(world, case_id, Role.JUNIOR, "du junior")
    _do(world, Role.EXPERT, claiming.claim, case_id)
    found = _form(system, world, case_id, Role.EXPERT)
    assert (_words(found), found.revision) == ("du junior", 0)
    assert found.prepared is not None
    assert found.prepared.by == world.who(Role.JUNIOR).name
    _do(world, Role.EXPERT, answering.begin_anew, case_id)
    emptied = _form(system, world, case_id, Role.EXPERT)
    assert (_words(emptied), emptied.revision, emptied.prepared, emptied.newer) == ("", 1, None, None)
    assert _words(_form(system, world, case_id, Role.JUNIOR)) == "du junior"


def test_what_a_junior_prepares_while_the_senior_writes_is_offered_and_replaces_nothing_by_itself(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.claimed(world)
    _write(world, case_id, Role.EXPERT, "du senior")
    with pytest.raises(NotFound):
        _do(world, Role.EXPERT, answering.take_prepared, case_id)
    clock.advance(minutes=5)
    _write(world, case_id, Role.JUNIOR, "du junior")
    found = _form(system, world, case_id, Role.EXPERT)
    assert (_words(found), found.prepared) == ("du senior", None)
    assert found.newer is not None
    assert found.newer.by == world.who(Role.JUNIOR).name
    clock.advance(minutes=1)
    _do(world, Role.EXPERT, answering.take_prepared, case_id)
    taken = _form(system, world, case_id, Role.EXPERT)
    assert (_words(taken), taken.newer) == ("du junior", None)


def test_a_form_that_a_junior_only_opened_is_nothing_prepared(system: System, world: World) -> None:
    case_id = cases.sent(world)
    blank = {"lesions": [{"lesion": "6c2f2f4e-0000-4000-8000-000000000001"}]}
    _do(world, Role.JUNIOR, answering.save_draft, case_id, blank, 0)
    _do(world, Role.EXPERT, claiming.claim, case_id)
    assert _form(system, world, case_id, Role.EXPERT) == DraftOpinion()


def test_a_case_that_is_confided_takes_its_opinion_along_marked_and_no_further_than_the_queue(
    system: System, world: World
) -> None:
    case_id = cases.claimed(world)
    _write(world, case_id, Role.EXPERT, "de A")
    _do(world, Role.EXPERT, claiming.hand_over, case_id, world.who("other_expert").person_id)
    found = _form(system, world, case_id, "other_expert")
    assert _words(found) == "de A"
    assert found.prepared is not None
    assert found.prepared.by == f"Dr {world.who(Role.EXPERT).name}"
    _do(world, "other_expert", claiming.release, case_id)
    _do(world, "other_expert", claiming.claim, case_id)
    assert _form(system, world, case_id, "other_expert") == DraftOpinion()


def test_an_opinion_is_signed_on_the_revision_that_its_signer_has_seen(system: System, world: World) -> None:
    case_id = cases.claimed(world)
    _do(world, Role.REQUESTER, changing.complete, case_id, {"question": "Et sous anticoagulant ?"}, 1)
    with pytest.raises(Conflict) as refused:
        _do(world, Role.EXPERT, answering.sign, case_id, cases.opinion(), 1)
    assert (refused.value.code, refused.value.message) == ("request_changed", answering.REQUEST_CHANGED)
    cases.sign(world, case_id)
    with reading(system) as work:
        signed = work.session.scalars(select(Opinion).where(Opinion.case_id == case_id)).one()
        assert signed.case_revision == 2

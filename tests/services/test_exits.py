"""Declined, confided, sent elsewhere: each way on is taken to its end, and whoever is concerned is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from dermavis.domain.errors import Forbidden, InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.models import Addressing, Case, Notification, Person, Team, TeamMember, Transition
from dermavis.services import changing, claiming, redirecting
from dermavis.services.confiding import colleagues, confided
from dermavis.services.my_requests import Section, page_of
from dermavis.services.requester_view import requester_view
from dermavis.services.timers import run_due
from dermavis.services.work import System, Work, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import World


def _do(world: World, who: Role | str, act: Callable[..., Any], *given: Any) -> Any:
    with writing(world.system, world.actor(who)) as work:
        return act(work, *given)


def _see(world: World, who: Role | str, look: Callable[[Work], Any]) -> Any:
    with reading(world.system, world.actor(who)) as work:
        return look(work)


def _case(world: World, case_id: UUID) -> Case:
    with reading(world.system) as work:
        case = work.session.get_one(Case, case_id)
        work.session.expunge(case)
        return case


def _told(world: World, event: str) -> set[UUID]:
    with reading(world.system) as work:
        return set(
            work.session.scalars(select(Notification.person_id).where(Notification.event == event)).all()
        )


def _ids(world: World, *names: Role | str) -> set[UUID]:
    return {world.who(name).person_id for name in names}


def _run(system: System) -> None:
    while run_due(system):
        pass


def test_a_declined_patient_stays_with_the_requester_until_it_is_said_what_was_done_instead(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.sent(world)
    _do(
        world, Role.EXPERT, claiming.decline, case_id, "needs_examination", "Voir à la consultation du jeudi."
    )
    assert _told(world, "declined") == _ids(world, Role.REQUESTER), "without claiming it first"
    standing = _see(world, Role.REQUESTER, lambda work: requester_view(work, case_id).standing)
    assert "Motif\u00a0: Un examen en personne est nécessaire." in standing.lines
    assert standing.reason == "Voir à la consultation du jeudi."
    for _ in range(10):
        clock.advance(days=1)
        _run(system)
    (row,) = _see(world, Role.REQUESTER, lambda work: page_of(work, Section.FOR_YOU).rows)
    assert (row.id, row.words) == (case_id, "Déclinée\u00a0: à réorienter")
    assert _told(world, "declined_reminder") == _ids(world, Role.REQUESTER, Role.SITE_SECRETARY)
    with pytest.raises(InvalidInput):
        _do(world, Role.REQUESTER, changing.cancel, case_id, "seen_elsewhere")
    _do(world, Role.REQUESTER, changing.cancel, case_id, "referred_in_person", "Vue mardi.")
    ended = _see(world, Role.REQUESTER, lambda work: requester_view(work, case_id).standing)
    assert "Motif\u00a0: Adressé en consultation." in ended.lines
    assert not _see(world, Role.REQUESTER, lambda work: page_of(work, Section.FOR_YOU).rows)


def test_a_confided_case_keeps_its_deadlines_and_may_be_given_back(world: World, clock: FakeClock) -> None:
    case_id = cases.claimed(world)
    before = _case(world, case_id)
    colleague = world.who("other_expert").person_id
    clock.advance(hours=3)
    _do(world, Role.EXPERT, claiming.hand_over, case_id, colleague, "Pour toi, je pars.")
    assert _told(world, "handed_over") == {colleague}

    def given(work: Work) -> Any:
        return confided(work, work.session.get_one(Case, case_id))

    found = _see(world, "other_expert", given)
    assert (found.by, found.words) == (world.who(Role.EXPERT).person_id, "Pour toi, je pars.")
    assert _see(world, Role.EXPERT, given) is None
    with pytest.raises(Forbidden):
        _do(world, Role.EXPERT, claiming.decline, case_id, "no_capacity")
    _do(world, "other_expert", claiming.hand_over, case_id, found.by)
    assert _told(world, "handed_back") == {found.by}
    after = _case(world, case_id)
    assert after.claimed_by == found.by
    assert (after.due_at, after.late_at) == (before.due_at, before.late_at)


def test_a_colleague_who_is_away_is_said_to_be_with_who_stands_in(world: World, clock: FakeClock) -> None:
    case_id = cases.claimed(world)
    away = world.who("other_expert").person_id
    with writing(world.system) as work:
        person = work.session.get_one(Person, away)
        person.absent_from, person.absent_to = clock.now(), clock.now() + timedelta(days=8)
        person.substitute_id = world.who(Role.SUPER_USER).person_id
    with pytest.raises(InvalidInput) as refused:
        _do(world, Role.EXPERT, claiming.hand_over, case_id, away)
    assert "20\u00a0mars\u00a02026" in refused.value.errors["person"]
    assert world.who(Role.SUPER_USER).name in refused.value.errors["person"]
    labels = _see(
        world,
        Role.EXPERT,
        lambda work: {row.id: row.label for row in colleagues(work, work.session.get_one(Case, case_id))},
    )
    assert labels.keys() == _ids(world, "other_expert", Role.SUPER_USER), "of the team, and able to sign"
    assert "remplaçant" in labels[away]
    _do(world, Role.EXPERT, claiming.hand_over, case_id, world.who(Role.SUPER_USER).person_id)


@pytest.mark.parametrize("who", [Role.REQUESTER, Role.EXPERT, Role.COORDINATOR])
def test_a_request_that_nobody_took_goes_to_another_team_and_both_are_told(
    world: World, clock: FakeClock, who: Role
) -> None:
    pooled = who is Role.COORDINATOR
    requester = "pooled_requester" if pooled else Role.REQUESTER
    case_id = cases.sent(world, requester, **({"urgency": "urgent"} if pooled else {}))
    sent = _case(world, case_id)
    clock.advance(hours=5)
    with pytest.raises(InvalidInput):
        _do(world, who, redirecting.redirect, case_id, world.other_team_id)
    _do(world, who, redirecting.redirect, case_id, world.other_team_id, None, "other_skill")
    case = _case(world, case_id)
    assert (case.state, case.team_id, case.centre_id) == (
        "submitted",
        world.other_team_id,
        world.other_centre_id,
    )
    assert (case.submitted_at, case.sent_at) == (clock.now(), sent.sent_at), "the patient's clock goes on"
    assert None not in (case.due_at, sent.due_at)
    assert str(case.due_at) > str(sent.due_at)
    left = {Role.EXPERT, "other_expert", Role.SUPER_USER} - {who}
    assert _told(world, "gone_elsewhere") == _ids(world, *left)
    assert world.who("stranger_expert").person_id in _told(
        world, "submitted_urgent" if pooled else "submitted"
    )
    assert _told(world, "redirected") == (set() if who is Role.REQUESTER else _ids(world, requester))
    with pytest.raises(NotFound):
        _do(world, "other_expert", claiming.claim, case_id)
    _do(world, "stranger_expert", claiming.claim, case_id)
    assert _case(world, case_id).state == "claimed"
    with reading(world.system) as work:
        row = work.session.scalars(
            select(Transition).where(Transition.case_id == case_id, Transition.name == "redirect")
        ).one()
        assert (row.reason, row.actor_id) == ("other_skill", world.who(who).person_id)


def test_a_request_is_never_sent_to_a_place_that_had_it(world: World) -> None:
    case_id = cases.sent(world)
    _do(world, Role.REQUESTER, redirecting.redirect, case_id, world.other_team_id, None, "waited_too_long")
    with pytest.raises(InvalidInput):
        _do(world, Role.REQUESTER, redirecting.redirect, case_id, world.team_id, None, "waited_too_long")
    _do(world, "stranger_expert", claiming.claim, case_id)
    with pytest.raises(Forbidden):
        _do(world, Role.REQUESTER, redirecting.redirect, case_id, world.team_id, None, "waited_too_long")


def test_what_lies_where_nobody_answers_any_more_goes_on_by_itself_or_says_so(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.sent(world)
    with writing(system) as work:
        for row in work.session.scalars(select(TeamMember).where(TeamMember.team_id == world.team_id)):
            row.valid_to = clock.now().date() - timedelta(days=1)
    clock.advance(days=7)
    _run(system)
    assert _case(world, case_id).team_id == world.other_team_id
    assert _told(world, "redirected") == _ids(world, Role.REQUESTER)
    with writing(system) as work:
        work.session.get_one(Team, world.other_team_id).closed_at = clock.now()
    clock.advance(days=14)
    _run(system)
    assert _told(world, "nobody_takes_it") == _ids(world, Role.REQUESTER)


def test_a_named_expert_who_left_leaves_the_request_to_the_team_with_its_promise(
    system: System, world: World, clock: FakeClock
) -> None:
    named = world.who("other_expert").person_id
    case_id = cases.sent(
        world, addressing={"mode": "named", "team": str(world.team_id), "person": str(named)}
    )
    before = _case(world, case_id)
    assert before.expert_id == named
    with writing(system) as work:
        work.session.get_one(Person, named).state = "revoked"
    clock.advance(days=7)
    _run(system)
    case = _case(world, case_id)
    assert (case.expert_id, case.team_id, case.due_at) == (None, world.team_id, before.due_at)
    _do(world, Role.EXPERT, claiming.claim, case_id)
    with reading(system) as work:
        assert len(work.session.scalars(select(Addressing).where(Addressing.case_id == case_id)).all()) == 2

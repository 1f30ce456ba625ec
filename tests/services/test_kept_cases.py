"""What a device keeps to be read without network: one's own last opinions, and the cases one answers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from dermavis.domain.errors import NotFound
from dermavis.domain.roles import Role
from dermavis.models import Case
from dermavis.services import conversation, kept_cases
from dermavis.services.case_part import Part
from dermavis.services.kept_cases import cases_to_keep, kinds_kept, part_kept
from dermavis.services.work import reading, writing
from tests import cases
from tests.answered_cases import declined

if TYPE_CHECKING:
    from tests.factories import World


def kept(world: World, who: Role | str) -> dict[UUID, str]:
    with reading(world.system, world.actor(who)) as work:
        return {one.id: one.stamp for one in cases_to_keep(work)}


def test_a_requester_keeps_their_opinions_and_an_expert_what_they_have_taken(world: World) -> None:
    answered, claimed, sent = cases.answered(world), cases.claimed(world), cases.sent(world)
    refused = declined(world)
    assert set(kept(world, Role.REQUESTER)) == {answered}
    assert set(kept(world, Role.EXPERT)) == {claimed}
    assert not {sent, refused} & {*kept(world, Role.REQUESTER), *kept(world, Role.EXPERT)}
    with reading(world.system, world.actor(Role.REQUESTER)) as work:
        assert part_kept(work, answered) is Part.REQUESTER
        with pytest.raises(NotFound):
            part_kept(work, claimed)


@pytest.mark.parametrize(
    "who",
    [
        "other_requester",
        "other_expert",
        Role.SITE_SECRETARY,
        Role.COORDINATOR,
        Role.CENTRE_SECRETARY,
        Role.JUNIOR,
    ],
)
def test_nobody_keeps_what_is_not_theirs(world: World, who: Role | str) -> None:
    answered, claimed = cases.answered(world), cases.claimed(world)
    assert kept(world, Role.REQUESTER)
    assert not {answered, claimed} & set(kept(world, who))


def test_the_last_twenty_are_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kept_cases.MOST == 20
    monkeypatch.setattr(kept_cases, "MOST", 2)
    oldest, *last = (cases.answered(world) for _ in range(3))
    with writing(world.system) as work:
        work.session.get_one(Case, oldest).answered_at = work.now - timedelta(days=3)
    assert set(kept(world, Role.REQUESTER)) == set(last)


def test_an_opinion_that_may_still_be_taken_back_is_not_kept(world: World) -> None:
    case_id = cases.answered(world)
    assert case_id in kept(world, Role.REQUESTER)
    with writing(world.system) as work:
        work.session.get_one(Case, case_id).answered_at = work.now + timedelta(seconds=20)
    assert case_id not in kept(world, Role.REQUESTER)


def test_the_stamp_changes_with_what_the_copy_shows(world: World) -> None:
    case_id, other = cases.answered(world), cases.answered(world)
    before = kept(world, Role.REQUESTER)
    assert kept(world, Role.REQUESTER) == before
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        conversation.write(work, case_id, "Faut-il revoir le patient ?")
    after = kept(world, Role.REQUESTER)
    assert after[case_id] != before[case_id]
    assert after[other] == before[other]


def test_who_keeps_what_follows_the_role(world: World) -> None:
    found = {}
    for who in (Role.REQUESTER, Role.EXPERT, Role.SITE_SECRETARY, Role.PILOT):
        with reading(world.system, world.actor(who)) as work:
            found[who] = kinds_kept(work)
    assert found == {
        Role.REQUESTER: (Part.REQUESTER,),
        Role.EXPERT: (Part.EXPERT,),
        Role.SITE_SECRETARY: (),
        Role.PILOT: (),
    }

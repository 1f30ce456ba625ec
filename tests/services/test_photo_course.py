"""The photo course: kept on the profile, offered before the first request, waited for where a charter says so."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from dermavis.domain.errors import Forbidden, InvalidInput
from dermavis.domain.photo_course import PAIRS
from dermavis.domain.requests import RequestContent
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent
from dermavis.services import photo_course, sending
from dermavis.services.offers import offers
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.claims import charters_say
from tests.factories import World

pytestmark = pytest.mark.postgres

RIGHT = {pair.id: pair.right for pair in PAIRS}


def finish(system: System, world: World) -> None:
    """Have the requester take the course."""
    with writing(system, world.actor(Role.REQUESTER)) as work:
        photo_course.finish(work, RIGHT)


def send_drafted(system: System, world: World, **changes: object) -> str:
    """Send a whole draft of the requester's; return the state that the receipt names."""
    case_id = cases.drafted(world, **changes)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        return sending.send(work, case_id, 1).state


def test_it_is_kept_once_with_the_day_it_was_taken_first(system: System, world: World) -> None:
    finish(system, world)
    with reading(system, world.actor(Role.REQUESTER)) as work:
        first = photo_course.taken_at(work)
    finish(system, world)
    with reading(system, world.actor(Role.REQUESTER)) as work:
        assert photo_course.taken_at(work) == first is not None
        written = select(func.count()).where(AuditEvent.action == "photo_course.finish")
        assert work.session.scalar(written) == 1
    with reading(system, world.actor("other_requester")) as work:
        assert photo_course.taken_at(work) is None


def test_a_wrong_pair_keeps_nothing_and_who_asks_for_nothing_takes_no_course(
    system: System, world: World
) -> None:
    with pytest.raises(InvalidInput), writing(system, world.actor(Role.REQUESTER)) as work:
        photo_course.finish(work, RIGHT | {"light": "b"})
    with reading(system, world.actor(Role.REQUESTER)) as work:
        assert photo_course.taken_at(work) is None
    with pytest.raises(Forbidden), writing(system, world.actor(Role.EXPERT)) as work:
        photo_course.finish(work, RIGHT)


def test_it_is_offered_until_it_was_taken_or_a_request_was_sent_and_names_who_asks_for_it(
    system: System, world: World
) -> None:
    def offered() -> tuple[str, ...] | None:
        with reading(system, world.actor(Role.REQUESTER)) as work:
            offer = photo_course.offer_of(work)
        return None if offer is None else offer.asked_by

    assert offered() == ()
    charters_say(system, photo_course=True)
    asked = offered()
    assert asked
    assert len(asked) == len(set(asked))
    charters_say(system, photo_course=False)
    cases.sent(world)
    assert offered() is None


def test_a_request_waits_for_the_course_where_the_charter_asks_for_it(system: System, world: World) -> None:
    charters_say(system, photo_course=True)
    with pytest.raises(InvalidInput) as refused:
        send_drafted(system, world)
    assert "formation photo" in refused.value.errors["addressing"]
    finish(system, world)
    assert send_drafted(system, world) == "submitted"


def test_what_is_urgent_waits_for_no_course(system: System, world: World) -> None:
    charters_say(system, photo_course=True)
    assert send_drafted(system, world, urgency="urgent") == "submitted"


def test_the_addressing_says_so_before_anything_is_sent(system: System, world: World) -> None:
    def awaited(urgency: str) -> bool:
        content = RequestContent.model_validate(cases.content(urgency=urgency))
        with reading(system, world.actor(Role.REQUESTER)) as work:
            chosen = offers(work, content).chosen
        assert chosen is not None
        return chosen.course_awaited

    assert not awaited("routine")
    charters_say(system, photo_course=True)
    assert awaited("routine")
    assert not awaited("urgent")
    finish(system, world)
    assert not awaited("routine")

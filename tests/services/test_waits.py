"""When the expert's wait for a precision ends, on both databases."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import Notification
from dermavis.services import changing, conversation
from dermavis.services.requester_view import requester_view
from dermavis.services.work import System, reading, writing
from tests import cases, material
from tests.answered_cases import state_of
from tests.clock import FakeClock
from tests.factories import World
from tests.uploading import process_all, uploaded


def _asked(world: World, case_id: UUID, views: list[str], questions: list[str]) -> UUID:
    with writing(world.system, world.actor(Role.EXPERT)) as work:
        return conversation.ask(work, case_id, "Il me faudrait ceci.", views, questions).id


def _came(world: World, case_id: UUID, view: str, question: UUID | None, seed: int) -> UUID:
    file = material.jpeg(material.scene(320, 240, seed=seed))
    photo = uploaded(world.system, world.actor(Role.REQUESTER), case_id, file, view=view, answers=question)
    process_all(world.system)
    return photo


def _still(world: World, case_id: UUID) -> tuple[dict[str, bool], int]:
    """What the requester's page shows as asked: views with whether they are there, and how many answers."""
    with reading(world.system, world.actor(Role.REQUESTER)) as work:
        asked = requester_view(work, case_id).asked
    assert asked is not None
    return {view.id: there for view, there in asked.views}, len(asked.questions)


def test_the_last_of_the_views_asked_for_ends_the_wait_and_the_others_stay_asked_until_then(
    system: System, world: World
) -> None:
    case_id = cases.claimed(world)
    question = _asked(world, case_id, ["overview", "close_up", "scale"], [])
    _came(world, case_id, "scale", question, 1)
    assert state_of(system, case_id) == "on_hold"
    assert _still(world, case_id) == ({"overview": False, "close_up": False, "scale": True}, 0)
    _came(world, case_id, "oblique", question, 2)
    _came(world, case_id, "overview", question, 3)
    assert state_of(system, case_id) == "on_hold"
    _came(world, case_id, "close_up", question, 4)
    assert state_of(system, case_id) == "claimed"
    with reading(system) as work:
        told = select(Notification.event).where(
            Notification.case_id == case_id, Notification.person_id == world.who(Role.EXPERT).person_id
        )
        assert list(work.session.scalars(told)).count("answered_precision") == 1


def test_an_answer_asked_for_beside_a_view_is_still_awaited_once_the_view_is_there(
    system: System, world: World
) -> None:
    case_id = cases.claimed(world)
    question = _asked(world, case_id, ["scale"], ["allergies"])
    _came(world, case_id, "scale", question, 1)
    assert (state_of(system, case_id), _still(world, case_id)) == ("on_hold", ({"scale": True}, 1))
    history = cases.content()["history"] | {"allergies": {"status": "answered", "value": "Pénicilline"}}
    with writing(system, world.actor(Role.REQUESTER)) as work:
        changing.complete(work, case_id, {"history": history}, 1)
    case_state = state_of(system, case_id)
    with reading(system) as work:
        told = set(work.session.scalars(select(Notification.event).where(Notification.case_id == case_id)))
    assert (case_state, "answered_precision" in told, "completed" in told) == ("claimed", True, False)


def test_pressing_terminer_ends_the_wait_with_fewer_views_than_were_asked_for(
    system: System, world: World
) -> None:
    case_id = cases.claimed(world)
    question = _asked(world, case_id, ["overview", "close_up"], [])
    photo = _came(world, case_id, "overview", question, 1)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        changing.add_photos(work, case_id, [photo])
    assert state_of(system, case_id) == "claimed"


def test_a_second_question_adds_to_the_first_and_asks_its_view_anew(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.claimed(world)
    first = _asked(world, case_id, ["overview", "scale"], [])
    _came(world, case_id, "scale", first, 1)
    clock.advance(minutes=5)
    second = _asked(world, case_id, ["scale"], [])
    assert _still(world, case_id) == ({"overview": False, "scale": False}, 0)
    _came(world, case_id, "scale", second, 2)
    _came(world, case_id, "overview", first, 3)
    assert state_of(system, case_id) == "claimed"
    clock.advance(minutes=5)
    _asked(world, case_id, ["oblique"], [])
    assert _still(world, case_id) == ({"oblique": False}, 0)

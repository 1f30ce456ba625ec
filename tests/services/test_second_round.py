"""A question after the opinion returns to its expert, then to the team, until it is answered."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select

from dermavis.domain.errors import Forbidden, NotFound, Refusal
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Case, DueRow, Message, Notification
from dermavis.services import conversation, following, second_round
from dermavis.services.timers import run_due
from dermavis.services.work import System, reading, writing
from dermavis.services.worklist import worklist
from tests import cases
from tests.clock import FakeClock
from tests.factories import World


def _asked(world: World, case_id: UUID) -> UUID:
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        conversation.write(work, case_id, "Et si elle saigne ?")
    return case_id


def _questions(world: World, name: Role | str = Role.EXPERT) -> list[UUID]:
    with reading(world.system, world.actor(name)) as work:
        return [row.id for row in worklist(work, "queue").above.questions]


def _told(system: System, event: str) -> set[UUID]:
    with reading(system) as work:
        rows = select(Notification.person_id).where(Notification.event == event)
        return set(work.session.scalars(rows))


def _waits(system: System, case_id: UUID) -> bool:
    """Whether the case waits for a reply; its timer lives exactly as long."""
    with reading(system) as work:
        asked = work.session.get_one(Case, case_id).asked_again_at is not None
        timer = select(DueRow.id).where(
            DueRow.case_id == case_id, DueRow.kind == "question_after", DueRow.done_at.is_(None)
        )
        assert (work.session.scalar(timer) is not None) is asked
        return asked


def test_a_question_after_the_opinion_stands_on_the_list_of_who_answered(
    system: System, world: World
) -> None:
    case_id = cases.answered(world)
    assert _questions(world) == []
    _asked(world, case_id)
    assert _questions(world) == [case_id]
    assert _questions(world, "other_expert") == []
    assert _told(system, "question_after") == {world.who(Role.EXPERT).person_id}
    assert _waits(system, case_id)


def _reply(world: World, case_id: UUID) -> None:
    with writing(world.system, world.actor("other_expert")) as work:
        conversation.write(work, case_id, "Revoir sous huit jours.")


def _amend(world: World, case_id: UUID) -> None:
    cases.amended(world, case_id, kind="complement")


def _settle(world: World, case_id: UUID) -> None:
    with writing(world.system, world.actor(Role.EXPERT)) as work:
        second_round.settle(work, case_id)


@pytest.mark.postgres
@pytest.mark.parametrize("answer", [_reply, _amend, _settle])
def test_a_word_a_new_version_or_nothing_to_reply_ends_it(
    system: System, world: World, clock: FakeClock, answer: Callable[[World, UUID], None]
) -> None:
    case_id = _asked(world, cases.answered(world))
    clock.advance(hours=1)
    answer(world, case_id)
    assert not _waits(system, case_id)
    assert _questions(world) == []
    clock.advance(days=30)
    while run_due(system):
        pass
    assert _told(system, "question_waits") == set()


def test_the_reply_answers_the_question_and_its_asker_is_told(system: System, world: World) -> None:
    case_id = _asked(world, cases.answered(world))
    _reply(world, case_id)
    with reading(system) as work:
        asked, replied = work.session.scalars(
            select(Message).where(Message.case_id == case_id).order_by(Message.kind)
        ).all()
        assert (asked.kind, replied.kind, replied.answers_id) == ("question_after", "reply", asked.id)
        words = set(work.session.scalars(select(AuditEvent.action).where(AuditEvent.case_id == case_id)))
    assert {"message.question_after", "message.reply"} <= words
    assert _told(system, "message") == {world.who(Role.REQUESTER).person_id}


@pytest.mark.postgres
def test_a_question_nobody_answers_goes_on_to_the_team_and_never_falls_silent(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = _asked(world, cases.answered(world))
    clock.advance(days=1, minutes=1)
    while run_due(system):
        pass
    expert, colleague = (world.who(name).person_id for name in (Role.EXPERT, "other_expert"))
    assert {expert, colleague} <= _told(system, "question_waits")
    assert _questions(world, "other_expert") == [case_id]
    assert _questions(world, "stranger_expert") == []
    for _ in range(6):
        clock.advance(days=7)
        passes = 0
        while run_due(system):
            passes += 1
            assert passes < 20, "a storm"
        assert _waits(system, case_id)
    with reading(system) as work:
        again = select(Notification.id).where(
            Notification.event == "question_waits", Notification.person_id == expert
        )
        assert len(work.session.scalars(again).all()) == 7


def test_a_question_on_a_closed_case_opens_it_again_and_keeps_it_open(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.closed(world)
    _asked(world, case_id)
    with reading(system) as work:
        assert work.session.get_one(Case, case_id).state == "answered"
    with pytest.raises(Refusal) as refused, writing(system, world.actor(Role.REQUESTER)) as work:
        following.close(work, case_id)
    assert "une question posée après l’avis" in refused.value.message
    clock.advance(days=31)
    while run_due(system):
        pass
    with reading(system) as work:
        assert work.session.get_one(Case, case_id).state == "answered"


def test_where_the_expert_has_left_the_team_is_told_at_once(system: System, world: World) -> None:
    from dermavis.models import Person

    case_id = cases.answered(world)
    with writing(system) as work:
        work.session.get_one(Person, world.who(Role.EXPERT).person_id).state = "revoked"
    _asked(world, case_id)
    assert world.who("other_expert").person_id in _told(system, "question_after")


def test_only_who_may_answer_says_that_nothing_is_to_be_replied(system: System, world: World) -> None:
    case_id = _asked(world, cases.answered(world))
    for name, refusal in (
        (Role.REQUESTER, Forbidden),
        (Role.JUNIOR, Forbidden),
        ("stranger_expert", NotFound),
    ):
        with pytest.raises(refusal), writing(system, world.actor(name)) as work:
            second_round.settle(work, case_id)
    _settle(world, case_id)
    _settle(world, case_id)
    with reading(system) as work:
        settled = select(AuditEvent.id).where(AuditEvent.action == "question.settle")
        assert len(work.session.scalars(settled).all()) == 1

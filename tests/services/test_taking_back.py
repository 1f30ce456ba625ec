"""A signature for twenty seconds: nothing of it is anywhere, it can be taken back whole, and then no more."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dermavis.domain.errors import Conflict, Forbidden, NotFound
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Call, Case, Delivery, Notification, Opinion, OutboxItem, Transition
from dermavis.services import answering, following, my_requests, notices, signed_reports
from dermavis.services.my_requests import Section
from dermavis.services.taking_back import take_back
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.announced import deliver
from tests.answered_cases import CALL
from tests.clock import FakeClock
from tests.factories import World
from tests.fixtures.systems import letters
from tests.seen import requester_sees
from tests.signing_now import lesion_answered, sign_now, stands, taken_back


@pytest.mark.postgres
def test_nothing_of_a_signature_is_anywhere_before_twenty_seconds_and_all_of_it_after(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.claimed(world)
    deliver(system)
    requester = world.actor(Role.REQUESTER)
    address = world.who(Role.REQUESTER).email
    before = len([letter for letter in letters(system) if letter.to == address])
    sign_now(world, case_id, destination="surgery")
    clock.advance(seconds=19)
    deliver(system)
    assert len([letter for letter in letters(system) if letter.to == address]) == before
    view = requester_sees(world, case_id)
    assert (view.case.state, view.opinion, view.appointment) == ("claimed", None, None)
    assert "read" not in view.acts
    with reading(system, requester) as work:
        assert "opinion" not in {line.event for line in notices.lines(work)}
        assert [row.id for row in my_requests.page_of(work, Section.RUNNING).rows] == [case_id]
        assert my_requests.page_of(work, Section.FOR_YOU).rows == []
    for name in (Role.REQUESTER, Role.EXPERT):
        with pytest.raises((NotFound, Forbidden)):
            signed_reports.pdf(system, world.actor(name), case_id, None)
    with pytest.raises(Forbidden), writing(system, requester) as work:
        following.acknowledge(work, case_id)
    clock.advance(seconds=1)
    deliver(system)
    assert len([letter for letter in letters(system) if letter.to == address]) == before + 1
    view = requester_sees(world, case_id)
    assert view.case.state == "answered"
    assert view.opinion is not None
    assert view.appointment is not None
    with reading(system, requester) as work:
        assert [row.id for row in my_requests.page_of(work, Section.FOR_YOU).rows] == [case_id]
        assert "opinion" in {line.event for line in notices.lines(work)}
    assert signed_reports.pdf(system, requester, case_id, None).content.startswith(b"%PDF")


def test_a_reader_who_opens_the_page_meanwhile_does_not_read_the_news_away(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.claimed(world)
    sign_now(world, case_id)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        following.open_case(work, case_id)
    clock.advance(seconds=20)
    with reading(system, world.actor(Role.REQUESTER)) as work:
        assert {line.event for line in notices.lines(work) if line.unread} == {"opinion"}


@pytest.mark.postgres
@pytest.mark.parametrize("made", ["claimed", "on_hold"])
def test_a_signature_taken_back_gives_draft_case_and_clock_back_as_they_were(
    system: System, world: World, clock: FakeClock, made: str
) -> None:
    case_id = cases.claimed(world) if made == "claimed" else cases.on_hold(world)
    clock.advance(hours=5)
    before = stands(system, case_id)
    assert before[0] == made
    raw = cases.opinion(
        **lesion_answered(world, case_id), destination="emergency", calls=[CALL], safety_net="mon texte"
    )
    with writing(system, world.actor(Role.EXPERT)) as work:
        answering.save_draft(work, case_id, raw, 0)
    before = stands(system, case_id)
    with writing(system, world.actor(Role.EXPERT)) as work:
        answering.sign(work, case_id, raw, 1)
    assert stands(system, case_id) != before
    clock.advance(seconds=19)
    taken_back(world, case_id)
    assert stands(system, case_id) == before
    with reading(system, world.actor(Role.EXPERT)) as work:
        case = work.session.get_one(Case, case_id)
        draft = answering.draft_of(work, case)
        assert draft.content.safety_net == "mon texte"
        assert work.session.scalars(select(Opinion).where(Opinion.signed_at.is_not(None))).all() == []
        assert work.session.scalars(select(Call)).all() == []
        told = select(Notification.id).where(Notification.event == "opinion_now")
        assert work.session.scalars(told).all() == []
        assert (
            work.session.scalars(select(OutboxItem.id).where(OutboxItem.event == "opinion_now")).all() == []
        )
        actions = set(work.session.scalars(select(AuditEvent.action).where(AuditEvent.case_id == case_id)))
        steps = work.session.scalars(
            select(Transition.name)
            .where(Transition.case_id == case_id, Transition.machine == "question")
            .order_by(Transition.case_version)
        ).all()
    assert {"opinion.sign", "opinion.take_back"} <= actions
    assert steps[steps.index("answer") :][1] == "take_back"
    clock.advance(seconds=60)
    cases.sign(world, case_id)
    view = requester_sees(world, case_id)
    assert [row.version for row in view.case.versions] == [1]


def test_after_twenty_seconds_it_is_refused_in_words(world: World, clock: FakeClock) -> None:
    case_id = cases.claimed(world)
    sign_now(world, case_id)
    clock.advance(seconds=20)
    with pytest.raises(Conflict) as refused:
        taken_back(world, case_id)
    assert refused.value.code == "opinion_left"
    assert "ne peut plus être annulé" in refused.value.message
    assert requester_sees(world, case_id).opinion is not None


def test_only_the_signer_takes_it_back(world: World) -> None:
    case_id = cases.claimed(world)
    sign_now(world, case_id)
    for name, refusal in (
        ("other_expert", Forbidden),
        (Role.REQUESTER, Forbidden),
        ("stranger_expert", NotFound),
    ):
        with pytest.raises(refusal):
            taken_back(world, case_id, name)
    taken_back(world, case_id)


def test_the_ladder_of_an_emergency_counts_from_when_it_leaves(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.claimed(world)
    signed_at = clock.now()
    sign_now(world, case_id, destination="emergency", calls=[CALL])
    with reading(system) as work:
        delivery = work.session.scalars(select(Delivery).where(Delivery.case_id == case_id)).one()
    assert delivery.escalate_at is not None
    assert (delivery.sent_at - signed_at).total_seconds() == 20
    assert (delivery.escalate_at - signed_at).total_seconds() == 30 * 60 + 20


def test_no_text_is_saved_over_one_that_may_still_be_taken_back(world: World, clock: FakeClock) -> None:
    case_id = cases.claimed(world)
    sign_now(world, case_id)
    for name in (Role.EXPERT, "other_expert"):
        with pytest.raises(Conflict) as refused, writing(world.system, world.actor(name)) as work:
            answering.save_draft(work, case_id, cases.opinion(safety_net="Autre texte."), 0)
        assert refused.value.code == "opinion_leaving"
    for _ in range(2):
        with writing(world.system, world.actor(Role.EXPERT)) as work:
            take_back(work, case_id, 1)
    with reading(world.system, world.actor(Role.EXPERT)) as work:
        found = answering.draft_of(work, work.session.get_one(Case, case_id)).content
    assert found.lesions[0].diagnosis == cases.opinion()["lesions"][0]["diagnosis"]

"""The life of a case through the services, on both databases."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from dermavis.domain.errors import Conflict, InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Case, CaseRevision, Delivery, Notification, Transition
from dermavis.services import claiming, conversation, drafts, following, sending
from dermavis.services.opinion_versions import last_signed
from dermavis.services.timers import run_due
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import World


def _case(system: System, case_id: object) -> Case:
    with reading(system) as work:
        case = work.session.get_one(Case, case_id)
        work.session.expunge(case)
        return case


@pytest.mark.postgres
def test_a_case_goes_from_a_draft_to_a_closed_answer(system: System, world: World, clock: FakeClock) -> None:
    case_id = cases.answered(world)
    case = _case(system, case_id)
    assert (case.state, case.number, case.destination, case.level) == ("answered", "D-1", "gp", "ordinary")
    with writing(system, world.actor(Role.REQUESTER)) as work:
        opinion = last_signed(work, work.session.get_one(Case, case_id))
        assert opinion is not None
        following.open_by_requester(work, work.session.get_one(Case, case_id), opinion)
        following.tell_aftermath(work, case_id, "followed", "yes", "Vu ce matin.")
    assert _case(system, case_id).state == "closed"
    with reading(system) as work:
        names = work.session.scalars(
            select(Transition.name).where(Transition.case_id == case_id).order_by(Transition.case_version)
        ).all()
        assert names == ["submit", "claim", "answer", "close"]
        assert (
            work.session.scalar(select(Delivery.state).where(Delivery.case_id == case_id)) == "acknowledged"
        )


def test_the_team_is_told_of_a_new_case_and_the_requester_of_the_opinion(
    system: System, world: World
) -> None:
    case_id = cases.answered(world)
    with reading(system) as work:
        told = {
            (row.person_id, row.event)
            for row in work.session.scalars(select(Notification).where(Notification.case_id == case_id))
        }
    assert (world.who("other_expert").person_id, "submitted") in told
    assert (world.who(Role.REQUESTER).person_id, "opinion") in told
    assert not any(person == world.who("stranger_expert").person_id for person, _ in told)


@pytest.mark.postgres
def test_eight_identical_sends_make_one_case_and_give_eight_equal_receipts(
    system: System, world: World
) -> None:
    case_id = cases.drafted(world)
    actor = world.actor(Role.REQUESTER)
    receipts: list[object] = []
    start = threading.Barrier(8)

    def press() -> None:
        start.wait()
        with writing(system, actor) as work:
            receipt = sending.send(work, case_id, 1)
        receipts.append(receipt)

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receipts) == 8
    assert len(set(receipts)) == 1
    with reading(system) as work:
        assert work.session.scalar(select(func.count()).select_from(Case)) == 1
        assert work.session.scalar(select(func.count()).select_from(CaseRevision)) == 1


@pytest.mark.postgres
def test_two_experts_who_claim_at_once_one_wins_and_the_other_is_told_who_has_it(
    system: System, world: World
) -> None:
    case_id = cases.sent(world)
    outcomes: list[object] = []
    start = threading.Barrier(2)

    def take(name: Role | str) -> None:
        actor = world.actor(name)
        start.wait()
        try:
            with writing(system, actor) as work:
                claiming.claim(work, case_id)
            outcomes.append(name)
        except Conflict as conflict:
            outcomes.append(conflict)

    threads = [threading.Thread(target=take, args=(name,)) for name in (Role.EXPERT, "other_expert")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lost = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    won = [outcome for outcome in outcomes if not isinstance(outcome, Conflict)]
    assert len(won) == len(lost) == 1
    assert lost[0].code == "already_claimed"
    assert lost[0].holder is not None
    assert world.who(won[0]).name in lost[0].holder  # type: ignore[arg-type]


def test_a_question_stops_the_expert_clock_and_the_answer_starts_it_again(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.claimed(world)
    before = _case(system, case_id)
    with writing(system, world.actor(Role.EXPERT)) as work:
        conversation.ask(work, case_id, "Depuis quand ?", [], ["duration"])
    assert _case(system, case_id).state == "on_hold"
    clock.advance(hours=24)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        conversation.write(work, case_id, "Trois semaines.")
    after = _case(system, case_id)
    assert after.state == "claimed"
    assert before.due_at is not None
    assert after.due_at is not None
    assert (after.due_at - before.due_at).total_seconds() >= 24 * 3600
    assert after.held_seconds == 24 * 3600
    assert after.sent_at == before.sent_at


def test_a_question_left_without_an_answer_returns_after_seven_days_marked_so(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.on_hold(world)
    clock.advance(days=7, minutes=1)
    while run_due(system):
        pass
    case = _case(system, case_id)
    assert (case.state, case.without_reply) == ("claimed", True)


def test_a_draft_saved_from_an_older_revision_is_refused_and_tells_who_changed_it(
    system: System, world: World
) -> None:
    case_id = cases.drafted(world)
    with writing(system, world.actor(Role.SITE_SECRETARY)) as work:
        drafts.save(work, case_id, cases.content(question="Autre question"), 1)
    with pytest.raises(Conflict) as refused, writing(system, world.actor(Role.REQUESTER)) as work:
        drafts.save(work, case_id, cases.content(question="Ma question"), 1)
    assert refused.value.code == "draft_changed"
    assert refused.value.holder == world.who(Role.SITE_SECRETARY).name


def test_an_incomplete_request_is_refused_field_by_field_and_nothing_is_sent(
    system: System, world: World
) -> None:
    case_id = cases.drafted(world, consent={"given": False}, history={})
    with pytest.raises(InvalidInput) as refused, writing(system, world.actor(Role.REQUESTER)) as work:
        sending.send(work, case_id, 1)
    assert "consent" in refused.value.errors
    assert any(path.startswith("history.") for path in refused.value.errors)
    assert _case(system, case_id).state == "draft"


def test_a_request_of_a_pooling_site_waits_with_its_coordination_and_an_urgent_one_does_not(
    system: System, world: World
) -> None:
    waiting = cases.sent(world, "pooled_requester")
    assert _case(system, waiting).state == "pooled"
    urgent = cases.sent(world, "pooled_requester", urgency="urgent")
    case = _case(system, urgent)
    assert (case.state, case.pooled_by) == ("submitted", world.cpts_id)


def test_a_stranger_does_not_learn_that_a_case_exists(system: System, world: World) -> None:
    case_id = cases.sent(world)
    for name in ("stranger", "stranger_expert"):
        with pytest.raises(NotFound), reading(system, world.actor(name)) as work:
            claiming.find_case(work, case_id)
    with pytest.raises(NotFound), reading(system, world.actor("stranger")) as work:
        claiming.find_case(work, uuid4())


def test_an_emergency_is_not_signed_before_the_call_is_noted(system: System, world: World) -> None:
    case_id = cases.claimed(world)
    with pytest.raises(InvalidInput) as refused:
        cases.sign(world, case_id, answer=cases.opinion(destination="emergency"))
    assert "calls" in refused.value.errors
    call = {"whom": "Dr Hennequin", "phone": "0639980011", "at": "2026-03-12T09:00:00+00:00", "note": ""}
    cases.sign(world, case_id, answer=cases.opinion(destination="emergency", calls=[call]))
    case = _case(system, case_id)
    assert (case.level, case.downstream) == ("now", "to_plan")


def test_a_signed_case_closes_by_itself_after_thirty_days_when_nothing_is_open(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.answered(world)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        following.acknowledge(work, case_id)
    clock.advance(days=30, minutes=1)
    while run_due(system):
        pass
    assert _case(system, case_id).state == "closed"


def test_every_step_leaves_an_audit_row_without_a_name(system: System, world: World) -> None:
    cases.closed(world)
    with reading(system) as work:
        rows = work.session.scalars(select(AuditEvent)).all()
        text = " ".join(f"{row.action} {row.detail}" for row in rows)
    assert {"case.submit", "case.claim", "opinion.sign", "aftermath"} <= {row.action for row in rows}
    assert "vautrin" not in text.lower()


def test_an_advised_biopsy_keeps_the_case_open_until_the_requester_says_what_was_done(
    system: System, world: World
) -> None:
    answer = cases.opinion()
    answer["lesions"][0]["biopsy"] = True
    case_id = cases.answered(world, answer=answer)
    requester = world.actor(Role.REQUESTER)
    with writing(system, requester) as work:
        following.acknowledge(work, case_id)
        following.tell_aftermath(work, case_id, "not_yet", "yes", "")
        assert following.open_things(work, work.session.get_one(Case, case_id)).histology
    assert _case(system, case_id).state == "answered"
    with writing(system, requester) as work:
        following.tell_aftermath(work, case_id, "followed", "yes", "Histologie : kératose.")
    assert _case(system, case_id).state == "closed"


def test_a_highly_suspect_lesion_is_brought_firmly_to_its_reader_even_when_nothing_was_ticked(
    system: System, world: World
) -> None:
    ordinary = cases.answered(world, answer=cases.opinion(destination="surgery"))
    assert _case(system, ordinary).level == "ordinary"
    answer = cases.opinion(destination="surgery")
    answer["lesions"][0]["risk_class"] = "highly_suspect"
    assert _case(system, cases.answered(world, answer=answer)).level == "two_weeks"

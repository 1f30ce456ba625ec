"""What becomes of a referral: declined, followed by a new version, entered in error, held, erased, left behind."""

from __future__ import annotations

from uuid import UUID

import pytest

from dermavis.domain.errors import Conflict
from dermavis.domain.roles import Role
from dermavis.models import Case, Patient, Person
from dermavis.services import answering, changing, claiming, redirecting
from dermavis.services.access_contents import cases_of
from dermavis.services.entered_in_error import mark_error, who_would_be_told
from dermavis.services.opinion_versions import in_force, last_signed, open_opinion
from dermavis.services.referring import drop_referral
from dermavis.services.reports import report_text
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.work import System, Work, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.erasing import erased
from tests.factories import World
from tests.referrals import child_of, choose, referred
from tests.second_opinions import OTHER, case_now, do, run_timers
from tests.seen import see, told_of, view_for

pytestmark = pytest.mark.postgres


def _case(work: Work, case_id: UUID) -> Case:
    return work.session.get_one(Case, case_id)


def test_a_declined_one_returns_to_its_requester_and_the_centre_that_referred_it_is_told(
    world: World, system: System, clock: FakeClock
) -> None:
    first, child = referred(world)
    do(world, OTHER, claiming.claim, child)
    do(world, OTHER, claiming.decline, child, "no_capacity", "Voyez Besançon.")
    doctor, expert = world.who(Role.REQUESTER).person_id, world.who(Role.EXPERT).person_id
    assert (told_of(world, "declined"), told_of(world, "referral_declined")) == ({doctor}, {expert})
    shown = view_for(world, Role.EXPERT, first).referred_to
    assert shown is not None
    assert (shown.title, shown.tone) == ("Déclinée par CHU de Dijon", "warn")
    offered = see(world, Role.REQUESTER, lambda work: redirecting.choices(work, child))
    assert (offered.chosen, offered.others) == (None, ()), "neither who declined nor who referred it"
    clock.advance(days=2)
    run_timers(system)
    assert doctor in told_of(world, "declined_reminder")
    do(world, Role.REQUESTER, changing.cancel, child, "referred_in_person")
    assert (case_now(world, child).state, case_now(world, first).state) == ("cancelled", "answered")


def test_the_other_centre_reads_the_version_in_force_and_is_told_of_a_new_one(
    world: World, clock: FakeClock
) -> None:
    first, child = referred(world)
    do(world, OTHER, claiming.claim, child)
    clock.advance(minutes=5)
    cases.amended(world, first, teaching="Toujours montrer le dos.")
    run_timers(world.system)
    view = view_for(world, OTHER, child)
    assert view.referred_from is not None
    assert "Toujours montrer le dos." in view.referred_from.opinion
    assert told_of(world, "first_opinion_changed") == {world.who(OTHER).person_id}
    assert child_of(world, first) == child


def test_the_report_says_where_the_request_went(world: World) -> None:
    first, _ = referred(world)
    plain = cases.answered(world)
    texts = [
        see(world, Role.REQUESTER, lambda work, case_id=case_id: _text(work, case_id))
        for case_id in (first, plain)
    ]
    said = "- Demande adressée aussi au CHU de Dijon, qui répondra au demandeur"
    assert [said in text for text in texts] == [True, False]


def _text(work: Work, case_id: UUID) -> str:
    case = _case(work, case_id)
    opinion = in_force(work, case)
    assert opinion is not None
    return report_text(work, case, opinion)


def test_an_error_of_the_first_marks_all_that_was_begun_about_it_and_none_is_handed_over(
    world: World,
) -> None:
    first, child = referred(world)
    do(world, OTHER, claiming.claim, child)
    told = see(world, Role.REQUESTER, lambda work: who_would_be_told(work, _case(work, first)))
    assert world.who(OTHER).person_id in told, "the page says so before it is confirmed"
    assert set(_handed_over(world, first)) == {first, child}
    do(world, Role.REQUESTER, mark_error, first, "wrong_patient")
    assert case_now(world, child).state == "entered_in_error"
    assert (case_now(world, first).anew_awaited, case_now(world, child).anew_awaited) == (True, False)
    assert world.who(OTHER).person_id in told_of(world, "entered_in_error")
    assert _handed_over(world, first) == []


def test_an_error_marked_while_the_opinion_leaves_lets_nothing_go(
    world: World, system: System, clock: FakeClock
) -> None:
    first = cases.claimed(world)
    choose(world, first)
    cases.sign_now(world, first)
    do(world, Role.REQUESTER, mark_error, first, "wrong_patient")
    clock.advance(minutes=5)
    run_timers(system)
    assert child_of(world, first) is None


def test_a_legal_hold_keeps_both_and_erasing_the_first_leaves_the_other_whole(
    world: World, system: System
) -> None:
    first, child = referred(world)
    do(world, Role.REQUESTER, mark_error, first, "wrong_patient")
    for held, other in ((first, child), (child, first)):
        numbers = [cases.number_of(system, row) for row in (held, other)]
        with writing(system) as work:
            _case(work, held).legal_hold = True
        with pytest.raises(Conflict, match=f"{numbers[0]}, qui partage son contenu"):
            erased(world, numbers[1])
        with writing(system) as work:
            _case(work, held).legal_hold = False
    assert erased(world, cases.number_of(system, first)).keys
    view = view_for(world, OTHER, child)
    assert view.referred_from is not None
    assert "Kératose" in view.referred_from.opinion


def test_a_request_of_a_coordination_stays_with_it(world: World, system: System) -> None:
    first = cases.claimed(world)
    with writing(system) as work:
        _case(work, first).pooled_by = world.cpts_id
    _, child = referred(world, first)
    assert case_now(world, child).state == "submitted", "an expert's word is not looked over again"
    assert view_for(world, Role.COORDINATOR, child).number


def test_who_signed_and_left_does_not_keep_the_request_from_going(
    world: World, system: System, clock: FakeClock
) -> None:
    first = cases.claimed(world)
    choose(world, first)
    cases.sign_now(world, first)
    with writing(system) as work:
        work.session.get_one(Person, world.who(Role.EXPERT).person_id).state = "revoked"
    clock.advance(minutes=1)
    run_timers(system)
    assert child_of(world, first) is not None


def _handed_over(world: World, case_id: UUID) -> list[UUID]:
    with reading(world.system) as work:
        patient = work.session.get_one(Patient, _case(work, case_id).patient_id)
        return [case.id for case in cases_of(work, patient)]


def test_an_opinion_that_was_referred_is_corrected_like_any_other(world: World, system: System) -> None:
    first, child = referred(world)
    with reading(system) as work:
        case = _case(work, first)
        lesion = open_content(work, case, last_revision(work, case))["lesions"][0]["id"]
    typed = cases.opinion(amends="correction", amends_why="Dose.")
    typed["lesions"][0]["lesion"] = lesion
    do(world, Role.EXPERT, answering.save_draft, first, typed, 0)
    do(world, Role.EXPERT, answering.sign, first, typed, 1, 1, 1, None)
    assert child_of(world, first) == child
    with reading(system) as work:
        signed = last_signed(work, _case(work, first))
        assert signed is not None
        content = open_opinion(work, _case(work, first), signed)
        assert (signed.version, content.referral is not None) == (2, True)


def test_choosing_a_centre_goes_on_with_the_text_that_a_junior_prepared(world: World, system: System) -> None:
    first = cases.claimed(world)
    do(world, Role.JUNIOR, answering.save_draft, first, cases.opinion(safety_net="du junior"), 0)
    choose(world, first)
    with reading(system, world.actor(Role.EXPERT)) as work:
        shown = answering.draft_of(work, _case(work, first))
    assert (shown.content.safety_net, shown.content.referral is not None) == ("du junior", True)
    do(world, Role.EXPERT, drop_referral, first)
    with reading(system, world.actor(Role.EXPERT)) as work:
        shown = answering.draft_of(work, _case(work, first))
    assert (shown.content.safety_net, shown.content.referral) == ("du junior", None)

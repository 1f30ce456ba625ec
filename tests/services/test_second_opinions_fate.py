"""What becomes of a second opinion: entered in error, erased, held, taken over, or left by the centre that asked."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import select

from dermavis.domain.errors import Conflict, Forbidden, InvalidInput
from dermavis.domain.roles import Role
from dermavis.models import Case, Delivery, Patient, Person
from dermavis.services import changing, claiming, following
from dermavis.services.access_contents import cases_of
from dermavis.services.entered_in_error import mark_error, who_would_be_told
from dermavis.services.reassigning import reassign
from dermavis.services.requester_view import requester_view
from dermavis.services.second_opinion_view import second_opinions_in_brief
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.erasing import erased
from tests.factories import World
from tests.second_opinions import OTHER, ask, case_now, do, run_timers, shown_on
from tests.seen import see, told_of, view_for


def test_a_request_entered_in_error_takes_its_second_opinion_with_it(world: World) -> None:
    first = cases.claimed(world)
    second = ask(world, first)
    do(world, OTHER, claiming.claim, second)
    cases.sign(world, second, OTHER)
    announced = see(
        world, Role.REQUESTER, lambda work: who_would_be_told(work, work.session.get_one(Case, first))
    )
    assert world.who(OTHER).person_id in announced, "the page says so before it is confirmed"
    do(world, Role.REQUESTER, mark_error, first, "another", "Confondus à l’accueil.")
    assert case_now(world, second).state == "entered_in_error"
    assert {world.who(OTHER).person_id, world.who(Role.EXPERT).person_id} <= told_of(
        world, "entered_in_error"
    )
    mark = view_for(world, OTHER, second).error
    assert mark is not None
    assert (mark.reason, mark.words) == ("Autre raison", ""), "the words stay with the first case"
    asked = see(world, Role.EXPERT, lambda work: requester_view(work, second))
    assert asked.case.error == mark
    assert asked.opinion is not None, "what they had stays readable, with its mark"


def test_a_request_cancelled_for_a_wrong_patient_marks_the_second_opinion_that_was_given(
    world: World,
) -> None:
    for reason, state in (("healed_since", "answered"), ("wrong_patient", "entered_in_error")):
        first = cases.claimed(world)
        second = ask(world, first)
        do(world, OTHER, claiming.claim, second)
        cases.sign(world, second, OTHER)
        do(world, Role.REQUESTER, changing.cancel, first, reason)
        assert (case_now(world, first).state, case_now(world, second).state) == ("cancelled", state)


def test_who_asked_marks_a_second_opinion_and_one_of_a_request_in_error_is_not_handed_over(
    world: World,
) -> None:
    first = cases.claimed(world)
    second = ask(world, first)
    assert _handed_over(world, first) == [first, second]
    with pytest.raises(Forbidden):
        do(world, "other_expert", mark_error, second, "wrong_patient")
    do(world, Role.EXPERT, mark_error, second, "wrong_patient")
    assert (case_now(world, first).state, case_now(world, second).state) == ("claimed", "entered_in_error")
    third = ask(world, first)
    do(world, Role.EXPERT, changing.cancel, third, "healed_since")
    assert _handed_over(world, first) == [first, third]
    do(world, Role.REQUESTER, mark_error, first, "wrong_patient")
    assert case_now(world, third).state == "cancelled"
    assert _handed_over(world, first) == []


def _handed_over(world: World, case_id: UUID) -> list[UUID]:
    with reading(world.system) as work:
        patient = work.session.get_one(Patient, work.session.get_one(Case, case_id).patient_id)
        return sorted((case.id for case in cases_of(work, patient)), key=lambda row: row != case_id)


def test_a_second_opinion_in_error_or_erased_is_shown_as_such_and_not_opened(world: World) -> None:
    first = cases.claimed(world)
    second = ask(world, first)
    do(world, OTHER, claiming.claim, second)
    cases.sign(world, second, OTHER)
    assert _in_brief(world, first) == "second avis rendu"
    do(world, OTHER, mark_error, second, "another", "Photos d’un autre.")
    shown = shown_on(world, first)
    assert (shown.title, shown.tone, shown.opens) == (
        "Saisi par erreur\u00a0: n’en tenez pas compte", "warn", True,
    )  # fmt: skip
    assert "«\u00a0Photos d’un autre.\u00a0»" in shown.lines
    assert _in_brief(world, first) == "second avis\u00a0: saisi par erreur"
    assert erased(world, cases.number_of(world.system, second)).keys
    shown = shown_on(world, first)
    assert (shown.title, shown.opens, shown.diagnosis) == ("Effacé", False, ())
    assert "Saisi par erreur\u00a0: n’en tenez pas compte." in shown.lines
    assert _in_brief(world, first) == "second avis effacé"


def _in_brief(world: World, case_id: UUID) -> str:
    found: dict[UUID, str] = see(world, Role.EXPERT, lambda work: second_opinions_in_brief(work, [case_id]))
    return found[case_id]


def test_an_unread_second_opinion_goes_on_to_who_takes_the_case_over(world: World) -> None:
    first = cases.claimed(world)
    second = ask(world, first)
    do(world, OTHER, claiming.claim, second)
    cases.sign(world, second, OTHER)
    colleague = world.who("other_expert").person_id
    assert colleague not in told_of(world, "opinion")
    do(world, Role.EXPERT, claiming.hand_over, first, colleague)
    with reading(world.system) as work:
        reached = work.session.scalars(select(Delivery.recipient_id).where(Delivery.case_id == second)).all()
    assert list(reached) == [colleague]
    assert colleague in told_of(world, "opinion")
    do(world, "other_expert", following.acknowledge, second)


def test_a_case_that_leaves_its_empty_centre_leaves_nobody_a_second_opinion_to_give(
    world: World, system: System, clock: FakeClock
) -> None:
    first = cases.claimed(world)
    second = ask(world, first)
    do(world, OTHER, claiming.claim, second)
    with writing(system) as work:
        for name in (Role.EXPERT, "other_expert", Role.SUPER_USER):
            work.session.get_one(Person, world.who(name).person_id).state = "revoked"
    clock.advance(days=5)
    run_timers(system)
    clock.advance(days=5)
    run_timers(system)
    assert (case_now(world, first).centre_id, case_now(world, second).state) == (
        world.other_centre_id,
        "cancelled",
    )
    assert world.who(OTHER).person_id in told_of(world, "cancelled")
    do(world, OTHER, claiming.claim, first)
    assert case_now(world, second).requester_id == world.who(Role.EXPERT).person_id, (
        "it stays with its centre"
    )


def test_a_case_is_not_sent_elsewhere_by_hand_while_a_second_opinion_is_awaited_nor_that_one_to_who_asks(
    world: World, system: System
) -> None:
    first = cases.claimed(world)
    second = ask(world, first)
    numbers = [cases.number_of(system, row) for row in (first, second)]
    there, colleague = world.who(OTHER).email, world.who("other_expert").email
    with pytest.raises(Conflict, match=f"{numbers[1]}.*attendez-le"):
        do(world, Role.ADMINISTRATOR, partial(reassign, expert=there), numbers[0], "owner_gone")
    with pytest.raises(InvalidInput) as refused:
        do(world, Role.ADMINISTRATOR, partial(reassign, expert=colleague), numbers[1], "owner_gone")
    assert "qui demande ce second avis" in refused.value.errors["team"]
    within = partial(reassign, expert=colleague, apply=True)
    do(world, Role.ADMINISTRATOR, within, numbers[0], "owner_gone")
    do(world, "other_expert", claiming.claim, first)
    assert case_now(world, second).requester_id == world.who("other_expert").person_id


def test_a_legal_hold_keeps_a_case_and_its_second_opinion_together(world: World, system: System) -> None:
    first = cases.claimed(world)
    second = ask(world, first)
    do(world, Role.REQUESTER, changing.cancel, first, "wrong_patient")
    for held, other in ((first, second), (second, first)):
        numbers = [cases.number_of(system, row) for row in (held, other)]
        with writing(system) as work:
            work.session.get_one(Case, held).legal_hold = True
        with pytest.raises(Conflict, match=f"{numbers[0]}, qui partage son contenu"):
            erased(world, numbers[1])
        with writing(system) as work:
            work.session.get_one(Case, held).legal_hold = False
    assert erased(world, numbers[1]).keys

"""A second opinion: asked by an expert, answered by another centre, and signed on to the patient's doctor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.models import Case, Consent, Delivery, Notification, Patient, Person, PhotoFile
from dermavis.services import changing, claiming, conversation, following, redirecting
from dermavis.services.access_contents import cases_of
from dermavis.services.case_view import CaseView, view_of
from dermavis.services.entered_in_error import mark_error
from dermavis.services.photos import photos_of, show_picture
from dermavis.services.reassigning import reassign
from dermavis.services.requester_view import requester_view
from dermavis.services.second_opinion_view import (
    SecondOpinion,
    second_opinions_in_brief,
    second_opinions_shown,
)
from dermavis.services.second_opinions import Asked, ask_second_opinion, colleagues_to_ask
from dermavis.services.timers import run_due
from dermavis.services.work import System, Work, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.erasing import erased
from tests.factories import World
from tests.photographing import stored_files
from tests.pictured_cases import claimed_with_pictures

OTHER = "stranger_expert"
"""The expert of the other centre."""


def _asked(world: World, **changes: Any) -> Asked:
    asked = Asked(world.other_team_id, "Exérèse d’emblée ?", "routine", (), "told_by_requester")
    return replace(asked, **changes)


def _ask(world: World, case_id: UUID, new_id: UUID | None = None, **changes: Any) -> UUID:
    new_id = new_id or uuid4()
    actor = world.actor(Role.EXPERT)
    return ask_second_opinion(world.system, actor, case_id, new_id, _asked(world, **changes))


def _do(world: World, who: Role | str, act: Callable[..., Any], *given: Any) -> None:
    with writing(world.system, world.actor(who)) as work:
        act(work, *given)


def _see(world: World, who: Role | str, look: Callable[[Work], Any]) -> Any:
    with reading(world.system, world.actor(who)) as work:
        return look(work)


def _view(world: World, who: Role | str, case_id: UUID) -> CaseView:
    view: CaseView = _see(world, who, lambda work: view_of(work, case_id))
    return view


def _case(world: World, case_id: UUID) -> Case:
    with reading(world.system) as work:
        case = work.session.get_one(Case, case_id)
        work.session.expunge(case)
        return case


def _shown(world: World, case_id: UUID, who: Role | str = Role.EXPERT) -> SecondOpinion:
    found: Sequence[SecondOpinion] = _see(
        world, who, lambda work: second_opinions_shown(work, work.session.get_one(Case, case_id))
    )
    return found[0]


def _lines(world: World, case_id: UUID) -> str:
    lines = _see(world, Role.REQUESTER, lambda work: requester_view(work, case_id).standing.lines)
    return " ".join(lines)


def _told(world: World, event: str) -> set[UUID]:
    with reading(world.system) as work:
        return set(
            work.session.scalars(select(Notification.person_id).where(Notification.event == event)).all()
        )


def _run(system: System) -> None:
    while run_due(system):
        pass


@pytest.mark.postgres
def test_the_second_opinion_comes_back_to_the_expert_who_answers_the_patients_doctor(
    world: World, system: System, clock: FakeClock
) -> None:
    first = cases.claimed(world)
    second = _ask(world, first)
    doctor, expert = world.who(Role.REQUESTER).person_id, world.who(Role.EXPERT).person_id
    assert _told(world, "second_opinion") == {doctor}
    assert "Un second avis est demandé au CHU de Dijon" in _lines(world, first)
    assert _shown(world, first).title == "Demandé au CHU de Dijon"
    view = _view(world, OTHER, second)
    assert (view.question, view.patient.name) == ("Exérèse d’emblée ?", "Mme Hélène Vautrin")
    assert view.asker.name == f"Dr {world.who(Role.EXPERT).name}"
    assert view.asked_for is not None
    assert view.asked_for.doctor == f"Dr {world.who(Role.REQUESTER).name}"
    assert view.asked_for.href == "", "the second centre does not read the first case"
    assert "Médecin du patient" in {row.label for row in view.telephones}
    _do(world, OTHER, claiming.claim, second)
    surgery = cases.opinion(destination="surgery", follow_up_weeks=4)
    cases.sign(world, second, OTHER, surgery)
    assert expert in _told(world, "opinion")
    assert doctor not in _told(world, "opinion")
    shown = _shown(world, first)
    assert (shown.tone, shown.diagnosis) == ("ok", ("Kératose séborrhéique irritée",))
    assert "Un second avis est rendu (CHU de Dijon)" in _lines(world, first)
    assert _case(world, second).downstream == "none", "what follows is the first opinion's to arrange"
    _do(world, Role.EXPERT, following.acknowledge, second)
    _do(world, Role.EXPERT, following.close, second)
    assert _case(world, second).state == "closed"
    assert _case(world, first).state == "claimed"
    cases.sign(world, first)
    assert doctor in _told(world, "opinion")


def test_each_side_reads_its_own_case_and_nothing_of_the_other(world: World) -> None:
    first = cases.claimed(world)
    second = _ask(world, first)
    for who, case_id in (
        (OTHER, second),
        (Role.EXPERT, first),
        (Role.EXPERT, second),
        (Role.REQUESTER, first),
    ):
        assert _view(world, who, case_id).number
    for who, case_id in (
        (OTHER, first),
        (Role.REQUESTER, second),
        (Role.SITE_SECRETARY, second),
        ("stranger", second),
    ):
        with pytest.raises(NotFound):
            _view(world, who, case_id)
    assert _view(world, "other_expert", second).number, "the team may take the first case over"
    _do(world, OTHER, conversation.write, second, "Depuis quand ?")
    _do(world, Role.EXPERT, conversation.write, second, "Six mois.")
    with pytest.raises(Forbidden):
        _do(world, "other_expert", conversation.write, second, "Moi aussi.")
    with pytest.raises(NotFound):
        _do(world, OTHER, following.acknowledge, first)


def test_chosen_pictures_go_along_under_the_second_cases_own_key(world: World, system: System) -> None:
    first = claimed_with_pictures(world)
    actor = world.actor(Role.EXPERT)
    overview, close_up = _see(
        world,
        Role.EXPERT,
        lambda work: [row.id for row in photos_of(work, work.session.get_one(Case, first))][:2],
    )
    second = _ask(world, first, photo_ids=(close_up,))
    shown = _view(world, OTHER, second).photos
    assert [row.view for row in shown] == ["close_up"]
    assert shown[0].id != close_up
    before = show_picture(system, actor, first, close_up, "diagnostic")
    after = show_picture(system, world.actor(OTHER), second, shown[0].id, "diagnostic")
    assert after == before
    with pytest.raises(NotFound):
        show_picture(system, world.actor(OTHER), second, overview, "diagnostic")
    with reading(system) as work:
        files = work.session.scalars(
            select(PhotoFile).where(
                PhotoFile.photo_id.in_([close_up, shown[0].id]), PhotoFile.role == "thumb"
            )
        ).all()
        sealed = {system.photo_store.get(row.store_key) for row in files}
        assert (len(files), len(sealed), len({row.sha256 for row in files})) == (2, 2, 1)
        kept = work.session.scalars(select(Consent).where(Consent.case_id == second)).one()
        assert (kept.kind, kept.recorded_by) == ("second_opinion", actor.person_id)


def test_what_is_sent_twice_is_one_case_and_what_is_refused_leaves_no_file(
    world: World, system: System
) -> None:
    first = claimed_with_pictures(world)
    photo = _see(world, Role.EXPERT, lambda work: photos_of(work, work.session.get_one(Case, first))[0].id)
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("agreed", {"agreed": ""}),
        ("question", {"question": " "}),
        ("team", {"team_id": world.team_id}),
        ("photos", {"photo_ids": (uuid4(),)}),
        ("urgency", {"urgency": "never", "photo_ids": (photo,)}),
    ]
    before = stored_files(system)
    for field, changes in wrong:
        with pytest.raises(InvalidInput) as refused:
            _ask(world, first, **changes)
        assert set(refused.value.errors) == {field}
    assert stored_files(system) == before
    second = _ask(world, first, photo_ids=(photo,))
    copied = stored_files(system)
    assert len(copied) > len(before)
    assert _ask(world, first, second, photo_ids=(photo,)) == second
    assert stored_files(system) == copied
    with pytest.raises(Conflict, match="attendez-le"):
        _ask(world, first)


def test_a_declined_second_opinion_is_told_and_goes_elsewhere_or_ends_and_the_case_stays_with_its_expert(
    world: World, system: System, clock: FakeClock
) -> None:
    first = cases.claimed(world)
    second = _ask(world, first)
    _do(world, OTHER, claiming.claim, second)
    _do(world, OTHER, claiming.decline, second, "no_capacity", "Voyez Besançon.")
    expert = world.who(Role.EXPERT).person_id
    assert _told(world, "declined") == {expert}
    shown = _shown(world, first)
    assert (shown.title, shown.tone) == ("Décliné (CHU de Dijon)", "warn")
    assert "«\u00a0Voyez Besançon.\u00a0»" in shown.lines
    with pytest.raises(Conflict):
        _do(world, Role.EXPERT, claiming.decline, first, "no_capacity")
    offered = _see(world, Role.EXPERT, lambda work: redirecting.choices(work, second))
    assert (offered.chosen, offered.others) == (None, ()), "neither who declined nor one's own team"
    clock.advance(days=20)
    _run(system)
    assert _told(world, "declined_reminder") == {expert}
    assert (_case(world, first).state, _case(world, first).claimed_by) == ("claimed", expert)
    _do(world, Role.EXPERT, changing.cancel, second, "treated_without")
    assert _shown(world, first).title == "Annulé"
    clock.advance(days=10)
    _run(system)
    assert _case(world, first).state == "submitted", "an idle claim like any other again"


def test_a_late_second_opinion_is_told_to_whoever_holds_the_case_now(
    world: World, system: System, clock: FakeClock
) -> None:
    first = cases.claimed(world)
    second = _ask(world, first)
    colleague = world.who("other_expert").person_id
    _do(world, Role.EXPERT, claiming.hand_over, first, colleague)
    assert _case(world, second).requester_id == colleague
    clock.advance(days=12)
    _run(system)
    assert _told(world, "second_opinion_late") == {colleague}
    assert "La demande reste à vous" in " ".join(_shown(world, first, "other_expert").lines)
    _do(world, OTHER, claiming.claim, second)
    cases.sign(world, second, OTHER)
    assert colleague in _told(world, "opinion")


def test_who_left_the_centre_keeps_no_case_for_the_sake_of_a_second_opinion(
    world: World, system: System, clock: FakeClock
) -> None:
    first = cases.claimed(world)
    second = _ask(world, first)
    with writing(system) as work:
        work.session.get_one(Person, world.who(Role.EXPERT).person_id).state = "revoked"
    clock.advance(days=5)
    _run(system)
    assert _case(world, first).state == "submitted"
    _do(world, "other_expert", claiming.claim, first)
    assert _case(world, second).requester_id == world.who("other_expert").person_id


def test_a_cancelled_request_cancels_the_second_opinion_asked_for_it(world: World) -> None:
    first = cases.claimed(world)
    second = _ask(world, first)
    _do(world, Role.REQUESTER, changing.cancel, first, "healed_since")
    assert (_case(world, first).state, _case(world, second).state) == ("cancelled", "cancelled")
    assert _told(world, "cancelled") == {
        world.who(Role.EXPERT).person_id,
        world.who(OTHER).person_id,
    }


def test_only_who_holds_the_case_asks_and_a_withdrawn_agreement_lets_nothing_go(
    world: World, system: System, clock: FakeClock
) -> None:
    first = cases.claimed(world)
    for who, refusal in (("other_expert", Forbidden), (Role.REQUESTER, Forbidden), (OTHER, NotFound)):
        with pytest.raises(refusal):
            _see(world, who, lambda work: colleagues_to_ask(work, first))
    offered = _see(world, Role.EXPERT, lambda work: colleagues_to_ask(work, first))
    assert offered.chosen.team_id == world.other_team_id, "whatever professions and territory it accepts"
    with writing(system) as work:
        for row in work.session.scalars(select(Consent).where(Consent.case_id == first)):
            row.withdrawn_at = clock.now() - timedelta(hours=1)
    with pytest.raises(InvalidInput) as refused:
        _ask(world, first)
    assert "retiré" in refused.value.errors["agreed"]


def test_a_request_entered_in_error_takes_its_second_opinion_with_it(world: World) -> None:
    first = cases.claimed(world)
    second = _ask(world, first)
    _do(world, OTHER, claiming.claim, second)
    cases.sign(world, second, OTHER)
    _do(world, Role.REQUESTER, mark_error, first, "another", "Confondus à l’accueil.")
    assert _case(world, second).state == "entered_in_error"
    assert {world.who(OTHER).person_id, world.who(Role.EXPERT).person_id} <= _told(world, "entered_in_error")
    mark = _view(world, OTHER, second).error
    assert mark is not None
    assert (mark.reason, mark.words) == ("Autre raison", ""), "the words stay with the first case"
    asked = _see(world, Role.EXPERT, lambda work: requester_view(work, second))
    assert asked.case.error == mark
    assert asked.opinion is not None, "what they had stays readable, with its mark"


def test_a_request_cancelled_for_a_wrong_patient_marks_the_second_opinion_that_was_given(
    world: World,
) -> None:
    for reason, state in (("healed_since", "answered"), ("wrong_patient", "entered_in_error")):
        first = cases.claimed(world)
        second = _ask(world, first)
        _do(world, OTHER, claiming.claim, second)
        cases.sign(world, second, OTHER)
        _do(world, Role.REQUESTER, changing.cancel, first, reason)
        assert (_case(world, first).state, _case(world, second).state) == ("cancelled", state)


def test_who_asked_marks_a_second_opinion_and_one_of_a_request_in_error_is_not_handed_over(
    world: World,
) -> None:
    first = cases.claimed(world)
    second = _ask(world, first)
    assert _handed_over(world, first) == [first, second]
    with pytest.raises(Forbidden):
        _do(world, "other_expert", mark_error, second, "wrong_patient")
    _do(world, Role.EXPERT, mark_error, second, "wrong_patient")
    assert (_case(world, first).state, _case(world, second).state) == ("claimed", "entered_in_error")
    third = _ask(world, first)
    _do(world, Role.EXPERT, changing.cancel, third, "healed_since")
    assert _handed_over(world, first) == [first, third]
    _do(world, Role.REQUESTER, mark_error, first, "wrong_patient")
    assert _case(world, third).state == "cancelled"
    assert _handed_over(world, first) == []


def _handed_over(world: World, case_id: UUID) -> list[UUID]:
    with reading(world.system) as work:
        patient = work.session.get_one(Patient, work.session.get_one(Case, case_id).patient_id)
        return sorted((case.id for case in cases_of(work, patient)), key=lambda row: row != case_id)


def test_a_second_opinion_in_error_or_erased_is_shown_as_such_and_not_opened(world: World) -> None:
    first = cases.claimed(world)
    second = _ask(world, first)
    _do(world, OTHER, claiming.claim, second)
    cases.sign(world, second, OTHER)
    assert _in_brief(world, first) == "second avis rendu"
    _do(world, OTHER, mark_error, second, "another", "Photos d’un autre.")
    shown = _shown(world, first)
    assert (shown.title, shown.tone, shown.opens) == (
        "Saisi par erreur\u00a0: n’en tenez pas compte", "warn", True,
    )  # fmt: skip
    assert "«\u00a0Photos d’un autre.\u00a0»" in shown.lines
    assert _in_brief(world, first) == "second avis\u00a0: saisi par erreur"
    assert erased(world, cases.number_of(world.system, second)).keys
    shown = _shown(world, first)
    assert (shown.title, shown.opens, shown.diagnosis) == ("Effacé", False, ())
    assert "Saisi par erreur\u00a0: n’en tenez pas compte." in shown.lines
    assert _in_brief(world, first) == "second avis effacé"


def _in_brief(world: World, case_id: UUID) -> str:
    found: dict[UUID, str] = _see(world, Role.EXPERT, lambda work: second_opinions_in_brief(work, [case_id]))
    return found[case_id]


def test_an_unread_second_opinion_goes_on_to_who_takes_the_case_over(world: World) -> None:
    first = cases.claimed(world)
    second = _ask(world, first)
    _do(world, OTHER, claiming.claim, second)
    cases.sign(world, second, OTHER)
    colleague = world.who("other_expert").person_id
    assert colleague not in _told(world, "opinion")
    _do(world, Role.EXPERT, claiming.hand_over, first, colleague)
    with reading(world.system) as work:
        reached = work.session.scalars(select(Delivery.recipient_id).where(Delivery.case_id == second)).all()
    assert list(reached) == [colleague]
    assert colleague in _told(world, "opinion")
    _do(world, "other_expert", following.acknowledge, second)


def test_a_case_that_leaves_its_empty_centre_leaves_nobody_a_second_opinion_to_give(
    world: World, system: System, clock: FakeClock
) -> None:
    first = cases.claimed(world)
    second = _ask(world, first)
    _do(world, OTHER, claiming.claim, second)
    with writing(system) as work:
        for name in (Role.EXPERT, "other_expert", Role.SUPER_USER):
            work.session.get_one(Person, world.who(name).person_id).state = "revoked"
    clock.advance(days=5)
    _run(system)
    clock.advance(days=5)
    _run(system)
    assert (_case(world, first).centre_id, _case(world, second).state) == (world.other_centre_id, "cancelled")
    assert world.who(OTHER).person_id in _told(world, "cancelled")
    _do(world, OTHER, claiming.claim, first)
    assert _case(world, second).requester_id == world.who(Role.EXPERT).person_id, "it stays with its centre"


def test_a_case_is_not_sent_elsewhere_by_hand_while_a_second_opinion_is_awaited_nor_that_one_to_who_asks(
    world: World, system: System
) -> None:
    first = cases.claimed(world)
    second = _ask(world, first)
    numbers = [cases.number_of(system, row) for row in (first, second)]
    there, colleague = world.who(OTHER).email, world.who("other_expert").email
    with pytest.raises(Conflict, match=f"{numbers[1]}.*attendez-le"):
        _do(world, Role.ADMINISTRATOR, partial(reassign, expert=there), numbers[0], "owner_gone")
    with pytest.raises(InvalidInput) as refused:
        _do(world, Role.ADMINISTRATOR, partial(reassign, expert=colleague), numbers[1], "owner_gone")
    assert "qui demande ce second avis" in refused.value.errors["team"]
    within = partial(reassign, expert=colleague, apply=True)
    _do(world, Role.ADMINISTRATOR, within, numbers[0], "owner_gone")
    _do(world, "other_expert", claiming.claim, first)
    assert _case(world, second).requester_id == world.who("other_expert").person_id


def test_a_legal_hold_keeps_a_case_and_its_second_opinion_together(world: World, system: System) -> None:
    first = cases.claimed(world)
    second = _ask(world, first)
    _do(world, Role.REQUESTER, changing.cancel, first, "wrong_patient")
    for held, other in ((first, second), (second, first)):
        numbers = [cases.number_of(system, row) for row in (held, other)]
        with writing(system) as work:
            work.session.get_one(Case, held).legal_hold = True
        with pytest.raises(Conflict, match=f"{numbers[0]}, lié à celui-ci par un second avis"):
            erased(world, numbers[1])
        with writing(system) as work:
            work.session.get_one(Case, held).legal_hold = False
    assert erased(world, numbers[1]).keys

"""A second opinion: asked by an expert, answered by another centre, and signed on to the patient's doctor."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.models import Case, Consent, Patient, Person, PhotoFile
from dermavis.services import changing, claiming, conversation, following, redirecting
from dermavis.services.audit_verification import verify
from dermavis.services.further_use import oppose
from dermavis.services.photos import photos_of, show_picture
from dermavis.services.requester_view import requester_view
from dermavis.services.second_opinions import colleagues_to_ask
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import World
from tests.photographing import stored_files
from tests.pictured_cases import claimed_with_pictures
from tests.second_opinions import OTHER, ask, case_now, do, lines_for, run_timers, shown_on
from tests.seen import see, told_of, view_for


@pytest.mark.postgres
def test_the_second_opinion_comes_back_to_the_expert_who_answers_the_patients_doctor(
    world: World, system: System, clock: FakeClock
) -> None:
    first = cases.claimed(world)
    second = ask(world, first)
    doctor, expert = world.who(Role.REQUESTER).person_id, world.who(Role.EXPERT).person_id
    assert told_of(world, "second_opinion") == {doctor}
    assert verify(system).faults == (), "the audit knows of the case's beginning"
    assert "Un second avis est demandé au CHU de Dijon" in lines_for(world, first)
    assert shown_on(world, first).title == "Demandé au CHU de Dijon"
    view = view_for(world, OTHER, second)
    assert (view.question, view.patient.name) == ("Exérèse d’emblée ?", "Mme Hélène Vautrin")
    assert view.asker.name == f"Dr {world.who(Role.EXPERT).name}"
    assert view.asked_for is not None
    assert view.asked_for.doctor == f"Dr {world.who(Role.REQUESTER).name}"
    assert view.asked_for.href == "", "the second centre does not read the first case"
    assert "Médecin du patient" in {row.label for row in view.telephones}
    do(world, OTHER, claiming.claim, second)
    surgery = cases.opinion(destination="surgery", follow_up_weeks=4)
    cases.sign(world, second, OTHER, surgery)
    assert expert in told_of(world, "opinion")
    assert doctor not in told_of(world, "opinion")
    shown = shown_on(world, first)
    assert (shown.tone, shown.diagnosis) == ("ok", ("Kératose séborrhéique irritée",))
    assert "Un second avis est rendu (CHU de Dijon)" in lines_for(world, first)
    assert case_now(world, second).downstream == "none", "what follows is the first opinion's to arrange"
    do(world, Role.EXPERT, following.acknowledge, second)
    do(world, Role.EXPERT, following.close, second)
    assert case_now(world, second).state == "closed"
    assert case_now(world, first).state == "claimed"
    cases.sign(world, first)
    assert doctor in told_of(world, "opinion")


def test_what_the_patients_doctor_is_to_follow_is_not_said_to_be_the_colleagues(world: World) -> None:
    first = cases.claimed(world)
    second = ask(world, first)
    do(world, OTHER, claiming.claim, second)
    cases.sign(world, second, OTHER)
    cases.sign(world, first)
    titles = [
        see(world, who, lambda work, case_id=case_id: requester_view(work, case_id)).opinion.title
        for who, case_id in ((Role.EXPERT, second), (Role.REQUESTER, first))
    ]
    assert titles == ["Suivi par le médecin traitant", "Suivi par vous"]


def test_each_side_reads_its_own_case_and_nothing_of_the_other(world: World) -> None:
    first = cases.claimed(world)
    second = ask(world, first)
    for who, case_id in (
        (OTHER, second),
        (Role.EXPERT, first),
        (Role.EXPERT, second),
        (Role.REQUESTER, first),
    ):
        assert view_for(world, who, case_id).number
    for who, case_id in (
        (OTHER, first),
        (Role.REQUESTER, second),
        (Role.SITE_SECRETARY, second),
        ("stranger", second),
    ):
        with pytest.raises(NotFound):
            view_for(world, who, case_id)
    assert view_for(world, "other_expert", second).number, "the team may take the first case over"
    do(world, OTHER, conversation.write, second, "Depuis quand ?")
    do(world, Role.EXPERT, conversation.write, second, "Six mois.")
    with pytest.raises(Forbidden):
        do(world, "other_expert", conversation.write, second, "Moi aussi.")
    with pytest.raises(NotFound):
        do(world, OTHER, following.acknowledge, first)


def test_chosen_pictures_go_along_under_the_second_cases_own_key(world: World, system: System) -> None:
    first = claimed_with_pictures(world)
    actor = world.actor(Role.EXPERT)
    overview, close_up = see(
        world,
        Role.EXPERT,
        lambda work: [row.id for row in photos_of(work, work.session.get_one(Case, first))][:2],
    )
    second = ask(world, first, photo_ids=(close_up,))
    shown = view_for(world, OTHER, second).photos
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
    photo = see(world, Role.EXPERT, lambda work: photos_of(work, work.session.get_one(Case, first))[0].id)
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
            ask(world, first, **changes)
        assert set(refused.value.errors) == {field}
    assert stored_files(system) == before
    second = ask(world, first, photo_ids=(photo,))
    copied = stored_files(system)
    assert len(copied) > len(before)
    assert ask(world, first, second, photo_ids=(photo,)) == second
    assert stored_files(system) == copied
    with pytest.raises(Conflict, match="attendez-le"):
        ask(world, first)


def test_a_declined_second_opinion_is_told_and_goes_elsewhere_or_ends_and_the_case_stays_with_its_expert(
    world: World, system: System, clock: FakeClock
) -> None:
    first = cases.claimed(world)
    second = ask(world, first)
    do(world, OTHER, claiming.claim, second)
    do(world, OTHER, claiming.decline, second, "no_capacity", "Voyez Besançon.")
    expert = world.who(Role.EXPERT).person_id
    assert told_of(world, "declined") == {expert}
    shown = shown_on(world, first)
    assert (shown.title, shown.tone) == ("Décliné (CHU de Dijon)", "warn")
    assert "«\u00a0Voyez Besançon.\u00a0»" in shown.lines
    with pytest.raises(Conflict):
        do(world, Role.EXPERT, claiming.decline, first, "no_capacity")
    offered = see(world, Role.EXPERT, lambda work: redirecting.choices(work, second))
    assert (offered.chosen, offered.others) == (None, ()), "neither who declined nor one's own team"
    clock.advance(days=20)
    run_timers(system)
    assert told_of(world, "declined_reminder") == {expert}
    assert (case_now(world, first).state, case_now(world, first).claimed_by) == ("claimed", expert)
    do(world, Role.EXPERT, changing.cancel, second, "treated_without")
    assert shown_on(world, first).title == "Annulé"
    clock.advance(days=10)
    run_timers(system)
    assert case_now(world, first).state == "submitted", "an idle claim like any other again"


def test_a_late_second_opinion_is_told_to_whoever_holds_the_case_now(
    world: World, system: System, clock: FakeClock
) -> None:
    first = cases.claimed(world)
    second = ask(world, first)
    colleague = world.who("other_expert").person_id
    do(world, Role.EXPERT, claiming.hand_over, first, colleague)
    assert case_now(world, second).requester_id == colleague
    clock.advance(days=12)
    run_timers(system)
    assert told_of(world, "second_opinion_late") == {colleague}
    assert "La demande reste à vous" in " ".join(shown_on(world, first, "other_expert").lines)
    do(world, OTHER, claiming.claim, second)
    cases.sign(world, second, OTHER)
    assert colleague in told_of(world, "opinion")


def test_who_left_the_centre_keeps_no_case_for_the_sake_of_a_second_opinion(
    world: World, system: System, clock: FakeClock
) -> None:
    first = cases.claimed(world)
    second = ask(world, first)
    with writing(system) as work:
        work.session.get_one(Person, world.who(Role.EXPERT).person_id).state = "revoked"
    clock.advance(days=5)
    run_timers(system)
    assert case_now(world, first).state == "submitted"
    do(world, "other_expert", claiming.claim, first)
    assert case_now(world, second).requester_id == world.who("other_expert").person_id


def test_a_cancelled_request_cancels_the_second_opinion_asked_for_it(world: World) -> None:
    first = cases.claimed(world)
    second = ask(world, first)
    do(world, Role.REQUESTER, changing.cancel, first, "healed_since")
    assert (case_now(world, first).state, case_now(world, second).state) == ("cancelled", "cancelled")
    assert told_of(world, "cancelled") == {
        world.who(Role.EXPERT).person_id,
        world.who(OTHER).person_id,
    }


def test_only_who_holds_the_case_asks_and_a_withdrawn_agreement_lets_nothing_go(
    world: World, system: System, clock: FakeClock
) -> None:
    first = cases.claimed(world)
    for who, refusal in (("other_expert", Forbidden), (Role.REQUESTER, Forbidden), (OTHER, NotFound)):
        with pytest.raises(refusal):
            see(world, who, lambda work: colleagues_to_ask(work, first))
    offered = see(world, Role.EXPERT, lambda work: colleagues_to_ask(work, first))
    assert offered.chosen.team_id == world.other_team_id, "whatever professions and territory it accepts"
    with writing(system) as work:
        for row in work.session.scalars(select(Consent).where(Consent.case_id == first)):
            row.withdrawn_at = clock.now() - timedelta(hours=1)
    with pytest.raises(InvalidInput) as refused:
        ask(world, first)
    assert "retiré" in refused.value.errors["agreed"]


def test_what_a_patient_objected_to_holds_for_a_second_opinion_too(world: World) -> None:
    counted = case_now(world, ask(world, cases.claimed(world)))
    assert counted.age_band, "figures read it where nobody objects"
    case_id = cases.claimed(world)
    with writing(world.system, world.actor(Role.ADMINISTRATOR)) as work:
        oppose(work, work.session.get_one(Patient, work.session.get_one(Case, case_id).patient_id))
    second = case_now(world, ask(world, case_id))
    assert (second.care_only, second.age_band, second.sex, second.commune_code) == (True, "", "", "")

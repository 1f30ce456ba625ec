"""A request that its expert refers up: signed with an opinion, begun elsewhere when that leaves, answered twice."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from dermavis.domain.amendments import TAKE_BACK_FOR
from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.models import Case, Consent, DueRow, PhotoFile
from dermavis.services import answering, claiming, following
from dermavis.services.answering import draft_of
from dermavis.services.audit_verification import verify
from dermavis.services.my_requests import Section, page_of
from dermavis.services.photos import photos_of, show_picture
from dermavis.services.reassigning import reassign
from dermavis.services.referring import centres_above, chosen_by_actor, drop_referral
from dermavis.services.requester_view import requester_view
from dermavis.services.revisions import last_revision
from dermavis.services.taking_back import take_back
from dermavis.services.work import System, Work, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import World
from tests.photographing import stored_files
from tests.pictured_cases import claimed_with_pictures
from tests.referrals import child_of, choose, referred
from tests.second_opinions import OTHER, ask, case_now, do, run_timers
from tests.seen import see, told_of, view_for

pytestmark = pytest.mark.postgres


def _case(work: Work, case_id: UUID) -> Case:
    return work.session.get_one(Case, case_id)


def test_the_expert_signs_an_opinion_and_the_other_centre_answers_the_requester_as_well(
    world: World, system: System
) -> None:
    doctor, expert = world.who(Role.REQUESTER).person_id, world.who(Role.EXPERT).person_id
    first, child = referred(world)
    now = case_now(world, child)
    assert (now.state, now.requester_id, now.site_id) == ("submitted", doctor, world.site_id)
    assert (now.centre_id, now.team_id, now.parent_id) == (world.other_centre_id, world.other_team_id, first)
    assert told_of(world, "referred") == {doctor}
    assert world.who(OTHER).person_id in told_of(world, "submitted")
    assert verify(system).faults == (), "the audit knows of the case's beginning"
    theirs = view_for(world, OTHER, child)
    assert (theirs.question, theirs.patient.name) == ("Qu’en pensez-vous ?", "Mme Hélène Vautrin")
    assert theirs.referred_from is not None
    assert "Kératose séborrhéique irritée" in theirs.referred_from.opinion
    assert (theirs.referred_from.expert, theirs.referred_from.href) == (
        f"Dr {world.who(Role.EXPERT).name}", "",
    )  # fmt: skip
    assert "Confrère qui adresse" in {row.label for row in theirs.telephones}
    own = view_for(world, Role.REQUESTER, child)
    assert own.referred_from is not None
    assert (own.referred_from.href, own.referred_from.opinion) == (f"/cases/{first}", "")
    shown = view_for(world, Role.REQUESTER, first).referred_to
    assert shown is not None
    assert (shown.title, shown.href) == ("Adressée aussi au CHU de Dijon", f"/cases/{child}")
    assert any(line.startswith("Réponse attendue") for line in shown.lines)
    last = view_for(world, Role.REQUESTER, first).readers[-1]
    assert (last.label, last.name, last.words) == (
        "Autre centre",
        "CHU de Dijon",
        "a reçu la demande avec cet avis",
    )
    do(world, OTHER, claiming.claim, child)
    cases.sign(world, child, OTHER, cases.opinion(destination="surgery", follow_up_weeks=4))
    assert case_now(world, child).downstream == "to_plan", "what follows is this opinion's to arrange"
    assert see(world, Role.REQUESTER, lambda work: requester_view(work, child)).opinion is not None
    assert expert not in told_of(world, "opinion")
    do(world, Role.REQUESTER, following.acknowledge, first)
    do(world, Role.REQUESTER, following.tell_aftermath, first, "followed", "yes", "")
    assert (case_now(world, first).state, case_now(world, child).state) == ("closed", "answered")


def test_each_reads_their_own_case_and_the_first_centre_how_the_other_stands_and_not_what_it_says(
    world: World,
) -> None:
    first, child = referred(world)
    do(world, OTHER, claiming.claim, child)
    cases.sign(world, child, OTHER, cases.opinion(teaching="Voir Besançon."))
    for who, case_id in ((OTHER, first), (Role.EXPERT, child), ("other_expert", child), ("stranger", child)):
        with pytest.raises(NotFound):
            view_for(world, who, case_id)
    shown = view_for(world, Role.EXPERT, first).referred_to
    assert shown is not None
    assert (shown.title, shown.href) == ("CHU de Dijon\u00a0: avis rendu", "")
    assert view_for(world, Role.SITE_SECRETARY, child).number
    rows = see(world, Role.REQUESTER, lambda work: page_of(work, Section.FOR_YOU).rows)
    numbers = {case_id: cases.number_of(world.system, case_id) for case_id in (first, child)}
    lines = {row.id: row.line for row in rows}
    assert lines[first].endswith(f"adressée aussi\u00a0: {numbers[child]}")
    assert lines[child].endswith(f"adressée à la suite de {numbers[first]}")


def test_the_centre_that_was_chosen_stands_among_the_readers_for_its_chooser_alone_until_the_opinion_has_left(
    world: World, system: System, clock: FakeClock
) -> None:
    first = cases.claimed(world)

    def other_centres(who: Role | str) -> list[tuple[str, str]]:
        return [
            (row.name, row.words) for row in view_for(world, who, first).readers if row.part == "referral"
        ]

    names = (Role.EXPERT, "other_expert", Role.JUNIOR, Role.REQUESTER)
    choose(world, first)
    chosen = [("CHU de Dijon", "recevra la demande avec l’avis, à votre signature")]
    assert [other_centres(name) for name in names] == [chosen, [], [], []]
    do(world, Role.EXPERT, drop_referral, first)
    assert other_centres(Role.EXPERT) == []
    choose(world, first)
    cases.sign_now(world, first)
    goes = [("CHU de Dijon", "reçoit la demande quand l’avis part")]
    assert [other_centres(name) for name in names] == [goes, goes, goes, []]
    clock.advance(seconds=20)
    run_timers(system)
    went = [("CHU de Dijon", "a reçu la demande avec cet avis")]
    assert [other_centres(name) for name in names] == [went] * 4
    handed = cases.claimed(world)
    choose(world, handed)
    do(world, Role.EXPERT, claiming.hand_over, handed, world.who("other_expert").person_id)
    parts = [{row.part for row in view_for(world, name, handed).readers} for name in names[:2]]
    assert [part & {"requester", "referral"} for part in parts] == [{"requester"}] * 2, (
        "who was given the case has chosen nothing"
    )


def test_nothing_leaves_before_the_opinion_and_nothing_of_what_was_taken_back(
    world: World, system: System, clock: FakeClock
) -> None:
    first = claimed_with_pictures(world)
    picture = see(world, Role.EXPERT, lambda work: photos_of(work, _case(work, first))[0].id)
    choose(world, first, photo_ids=(picture,))
    before = stored_files(system)
    cases.sign_now(world, first)
    run_timers(system)
    assert (child_of(world, first), stored_files(system)) == (None, before)
    shown = view_for(world, Role.EXPERT, first).referred_to
    assert shown is not None
    assert shown.title == "Part au CHU de Dijon avec l’avis"
    assert view_for(world, Role.REQUESTER, first).referred_to is None, "nor is anything said of it"
    do(world, Role.EXPERT, take_back, first)
    clock.advance(seconds=60)
    run_timers(system)
    assert (child_of(world, first), stored_files(system)) == (None, before)
    assert told_of(world, "referred") == set()
    cases.sign_now(world, first)
    clock.advance(seconds=20)
    run_timers(system)
    child = child_of(world, first)
    assert child is not None, "the choice was kept with the text"
    assert len(stored_files(system)) > len(before)
    [photo] = view_for(world, OTHER, child).photos
    assert photo.id != picture
    seen = show_picture(system, world.actor(OTHER), child, photo.id, "diagnostic")
    assert seen == show_picture(system, world.actor(Role.EXPERT), first, picture, "diagnostic")
    with reading(system) as work:
        kept = work.session.scalars(select(Consent).where(Consent.case_id == child)).one()
        assert (kept.kind, kept.recorded_by, kept.organization_id) == (
            "referral", world.who(Role.EXPERT).person_id, world.centre_id,
        )  # fmt: skip
        files = work.session.scalars(
            select(PhotoFile).where(PhotoFile.photo_id.in_([picture, photo.id]), PhotoFile.role == "thumb")
        ).all()
        assert len({system.photo_store.get(row.store_key) for row in files}) == 2, "each under its own key"


def test_it_leaves_once_however_often_its_time_comes(world: World, system: System) -> None:
    first, child = referred(world)
    with writing(system) as work:
        row = work.session.scalars(
            select(DueRow).where(DueRow.case_id == first, DueRow.kind == "referral_leaves")
        ).one()
        row.done_at = None
    before = stored_files(system)
    run_timers(system)
    assert child_of(world, first) == child
    assert stored_files(system) == before
    with reading(system) as work:
        assert len(work.session.scalars(select(Case).where(Case.parent_id == first)).all()) == 1


def test_a_signature_that_waited_is_not_taken_back_once_the_request_has_gone_up(
    world: World, system: System, clock: FakeClock
) -> None:
    first = cases.claimed(world)
    choose(world, first)
    cases.sign_now(world, first)
    clock.advance(seconds=TAKE_BACK_FOR.total_seconds())
    run_timers(system)
    assert child_of(world, first) is not None
    clock.advance(seconds=-1)
    with pytest.raises(Conflict, match="déjà parti"):
        do(world, Role.EXPERT, take_back, first)


def test_what_cannot_go_is_refused_when_it_is_chosen_and_again_when_it_is_signed(
    world: World, system: System, clock: FakeClock
) -> None:
    first = claimed_with_pictures(world)
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("agreed", {"agreed": ""}),
        ("question", {"question": " "}),
        ("question", {"question": "a" * 4001}),
        ("team", {"team_id": world.team_id}),
        ("photos", {"photo_ids": (uuid4(),)}),
        ("urgency", {"urgency": "never"}),
    ]
    for field, changes in wrong:
        with pytest.raises(InvalidInput) as refused:
            choose(world, first, **changes)
        assert set(refused.value.errors) == {field}
    choose(world, first)
    with writing(system) as work:
        for row in work.session.scalars(select(Consent).where(Consent.case_id == first)):
            row.withdrawn_at = clock.now()
    with pytest.raises(InvalidInput) as refused:
        cases.sign(world, first)
    assert "retiré son accord" in refused.value.errors["referral"]
    do(world, Role.EXPERT, drop_referral, first)
    cases.sign(world, first)
    run_timers(system)
    assert (case_now(world, first).state, child_of(world, first)) == ("answered", None)


def test_only_who_holds_a_case_refers_it_and_no_second_opinion_goes_up(world: World) -> None:
    first = cases.claimed(world)
    for who, refusal in (("other_expert", Forbidden), (Role.REQUESTER, Forbidden), (OTHER, NotFound)):
        with pytest.raises(refusal):
            choose(world, first, who)
    second = ask(world, first)
    do(world, OTHER, claiming.claim, second)
    with pytest.raises(Forbidden):
        choose(world, second, OTHER, team_id=world.team_id)


def test_the_choice_stays_with_its_writers_text_and_a_page_that_says_otherwise_does_not_sign(
    world: World, system: System
) -> None:
    first = cases.claimed(world)
    choose(world, first)

    def save(work: Work, text: str) -> None:
        revision = draft_of(work, _case(work, first)).revision
        answering.save_draft(work, first, cases.opinion(teaching=text), revision)

    do(world, Role.EXPERT, save, "Un mot.")
    chosen = see(world, Role.EXPERT, lambda work: chosen_by_actor(work, _case(work, first)))
    assert chosen is not None
    assert chosen.centre == "CHU de Dijon"

    def sign_seeing(work: Work, seen: UUID | None) -> None:
        case = _case(work, first)
        revision, draft = last_revision(work, case).number, draft_of(work, case)
        raw = draft.content.model_dump(mode="json")
        answering.sign(work, first, raw, revision, 0, draft.revision, seen)

    with pytest.raises(Conflict, match="rechargez la page"):
        do(world, Role.EXPERT, sign_seeing, None)
    do(world, Role.EXPERT, claiming.hand_over, first, world.who("other_expert").person_id)
    handed = see(world, "other_expert", lambda work: draft_of(work, _case(work, first)))
    assert handed.content.teaching == "Un mot."
    assert handed.content.referral is None, "what a colleague knew of the agreement is theirs to say"


def test_nothing_goes_back_where_it_came_from_nor_twice_to_one_centre(world: World) -> None:
    first, child = referred(world)
    do(world, OTHER, claiming.claim, child)
    offered = see(world, OTHER, lambda work: centres_above(work, child))
    assert (offered.chosen, offered.others) == (None, ())
    with pytest.raises(InvalidInput) as refused:
        choose(world, child, OTHER, team_id=world.team_id)
    assert set(refused.value.errors) == {"team"}
    colleague = world.who("other_expert").email
    number = cases.number_of(world.system, child)
    with pytest.raises(InvalidInput) as back:
        do(world, Role.ADMINISTRATOR, partial(reassign, expert=colleague), number, "owner_gone")
    assert "a adressé cette demande" in back.value.errors["team"]
    assert case_now(world, first).centre_id == world.centre_id

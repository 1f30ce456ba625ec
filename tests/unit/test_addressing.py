"""To whom a request goes: the site's fiche first, never twice to the same place, and why in words."""

from dataclasses import replace
from datetime import date
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dermavis.domain.addressing import (
    Expert,
    Grant,
    Mode,
    NotAddressable,
    Obstacle,
    Place,
    Question,
    Rule,
    address,
    resolve,
)

numbers = count(1)


def uid() -> UUID:
    return UUID(int=next(numbers))


MAUBERT = Expert(uid(), "Dr Solène Maubert")
HIDDEN = Expert(uid(), "Dr Aubertin", red_list=True)
CHALON = Place(
    uid(), "Dermatologie, Chalon", uid(), "CH de Chalon", territory=("71", "39"), experts=(MAUBERT,)
)
DIJON = Place(uid(), "Dermatologie, Dijon", uid(), "CHU de Dijon", territory=("21", "71"), experts=(HIDDEN,))
OPEN = Place(
    uid(), "Dr Vernier", uid(), "Cabinet Vernier", kind="practice", experts=(Expert(uid(), "Dr Vernier"),)
)
PLACES = (DIJON, CHALON, OPEN)
BY_DEFAULT = Question(Mode.DEFAULT, "keratosis", "requester", "71100")


def obstacles(question: Question, *places: Place) -> list[Obstacle]:
    return [refused.obstacle for refused in resolve(question, places).refused]


def test_the_sites_fiche_for_the_motive_comes_before_the_general_one_and_before_the_territory() -> None:
    general, special = Grant(DIJON.team_id), Grant(OPEN.team_id, motive="keratosis")
    found = resolve(BY_DEFAULT, PLACES, [general, special])
    assert found.chosen is not None
    assert (found.chosen.team_id, found.chosen.rule) == (OPEN.team_id, Rule.SITE_MOTIVE)
    assert "pour ce motif" in found.chosen.why
    assert [(a.team_id, a.rule) for a in found.alternatives] == [
        (DIJON.team_id, Rule.SITE_GENERAL),
        (CHALON.team_id, Rule.TERRITORY),
    ]


def test_a_fiche_for_another_motive_says_nothing() -> None:
    found = resolve(BY_DEFAULT, PLACES, [Grant(OPEN.team_id, motive="wound")])
    assert found.chosen is not None
    assert (found.chosen.team_id, found.chosen.rule) == (DIJON.team_id, Rule.TERRITORY)


def test_without_a_fiche_a_centre_of_the_territory_answers() -> None:
    question = replace(BY_DEFAULT, postcode="39000")
    assert address(question, PLACES).team_id == CHALON.team_id
    assert address(replace(question, postcode="97200"), PLACES).rule is Rule.ANY_CENTRE


def test_among_equals_the_one_on_duty_answers() -> None:
    on_duty = replace(CHALON, experts=(replace(MAUBERT, on_duty=True),))
    chosen = address(BY_DEFAULT, (DIJON, on_duty))
    assert chosen.team_id == CHALON.team_id
    assert "de garde" in chosen.why


def test_a_fiche_that_names_an_expert_addresses_her() -> None:
    assert address(BY_DEFAULT, PLACES, [Grant(CHALON.team_id, MAUBERT.id)]).person_id == MAUBERT.id
    assert address(BY_DEFAULT, PLACES, [Grant(DIJON.team_id, HIDDEN.id)]).person_id is None


def test_a_named_expert_is_addressed_in_her_team() -> None:
    chosen = address(replace(BY_DEFAULT, mode=Mode.NAMED, person_id=MAUBERT.id), PLACES)
    assert (chosen.team_id, chosen.person_id, chosen.rule) == (CHALON.team_id, MAUBERT.id, Rule.CHOSEN)
    assert "Maubert" in chosen.why


def test_a_team_queue_has_no_person() -> None:
    question = replace(BY_DEFAULT, mode=Mode.TEAM_QUEUE, team_id=DIJON.team_id, person_id=MAUBERT.id)
    chosen = address(question, PLACES)
    assert (chosen.mode, chosen.team_id, chosen.person_id) == (Mode.TEAM_QUEUE, DIJON.team_id, None)
    assert [other.team_id for other in resolve(question, PLACES).alternatives] == [
        CHALON.team_id,
        OPEN.team_id,
    ]


@pytest.mark.parametrize(
    ("changes", "obstacle"),
    [
        ({"motives": frozenset({"wound"})}, Obstacle.MOTIVE),
        ({"professions": frozenset({"nurse_requester"})}, Obstacle.PROFESSION),
        ({"closed": True}, Obstacle.CLOSED),
        ({"territory": ("25",)}, Obstacle.OUTSIDE_TERRITORY),
    ],
)
def test_a_centre_that_does_not_accept_is_refused_with_its_reason(changes: dict, obstacle: Obstacle) -> None:  # type: ignore[type-arg]
    place = replace(CHALON, **changes)
    assert obstacles(BY_DEFAULT, CHALON) == []
    assert obstacles(BY_DEFAULT, place) == [obstacle]
    named = replace(BY_DEFAULT, mode=Mode.NAMED, team_id=place.team_id)
    with pytest.raises(NotAddressable) as refused:
        address(named, [place])
    assert refused.value.code == obstacle
    assert refused.value.field == "addressing"
    assert refused.value.message.startswith("Dermatologie, Chalon")


def test_a_closed_team_says_until_when() -> None:
    closed = replace(CHALON, closed=True, closed_until=date(2026, 12, 1))
    assert "1er\u00a0déc.\u00a02026" in resolve(BY_DEFAULT, [closed]).refused[0].why


def test_an_urgent_request_goes_only_where_somebody_is() -> None:
    urgent = replace(BY_DEFAULT, urgency="urgent")
    away = replace(CHALON, open_now=False)
    assert obstacles(urgent, CHALON) == []
    assert obstacles(urgent, away) == [Obstacle.NOBODY_ON_DUTY]
    assert obstacles(urgent, replace(away, experts=(replace(MAUBERT, on_duty=True),))) == []
    assert obstacles(BY_DEFAULT, away) == []


def test_an_expert_on_the_red_list_is_not_chosen_by_name() -> None:
    named = replace(BY_DEFAULT, mode=Mode.NAMED, person_id=HIDDEN.id)
    with pytest.raises(NotAddressable) as refused:
        address(named, PLACES)
    assert refused.value.code == Obstacle.RED_LIST
    assert address(replace(named, person_id=MAUBERT.id), PLACES).person_id == MAUBERT.id


def test_an_expert_of_another_team_and_an_unknown_place_are_refused() -> None:
    elsewhere = replace(BY_DEFAULT, mode=Mode.NAMED, team_id=DIJON.team_id, person_id=MAUBERT.id)
    with pytest.raises(NotAddressable) as refused:
        address(elsewhere, PLACES)
    assert refused.value.code == Obstacle.NOT_IN_TEAM
    with pytest.raises(NotAddressable) as refused:
        address(replace(elsewhere, team_id=uid()), PLACES)
    assert refused.value.code == Obstacle.UNKNOWN


def test_nothing_goes_twice_to_the_same_place() -> None:
    declined = replace(BY_DEFAULT, asked=frozenset({DIJON.team_id}))
    assert address(BY_DEFAULT, PLACES).team_id == DIJON.team_id
    assert address(declined, PLACES, [Grant(DIJON.team_id)]).team_id == CHALON.team_id
    with pytest.raises(NotAddressable) as refused:
        address(replace(declined, mode=Mode.TEAM_QUEUE, team_id=DIJON.team_id), PLACES)
    assert refused.value.code == Obstacle.ALREADY_ASKED


def test_another_expert_of_a_team_already_asked_may_be_named_but_not_the_same_one() -> None:
    named = replace(BY_DEFAULT, mode=Mode.NAMED, person_id=MAUBERT.id, asked=frozenset({CHALON.team_id}))
    assert address(named, PLACES).person_id == MAUBERT.id
    with pytest.raises(NotAddressable) as refused:
        address(replace(named, asked_persons=frozenset({MAUBERT.id})), PLACES)
    assert refused.value.code == Obstacle.ALREADY_ASKED


def test_when_nobody_accepts_the_requester_is_told() -> None:
    with pytest.raises(NotAddressable) as refused:
        address(BY_DEFAULT, [replace(CHALON, closed=True)])
    assert refused.value.code == "nobody"


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Question, list[Place], list[Grant]]:
    ids = iter(range(1, 1000))
    places = []
    for _ in range(draw(st.integers(0, 5))):
        experts = tuple(
            Expert(UUID(int=next(ids)), "Dr", draw(st.booleans()), draw(st.booleans()))
            for _ in range(draw(st.integers(0, 2)))
        )
        places.append(
            Place(
                UUID(int=next(ids)),
                "Équipe",
                UUID(int=next(ids)),
                "Centre",
                motives=draw(st.sampled_from([frozenset(), frozenset({"wound"}), frozenset({"keratosis"})])),
                territory=draw(st.sampled_from([(), ("71",), ("25",)])),
                experts=experts,
                closed=draw(st.booleans()),
                open_now=draw(st.booleans()),
            )
        )
    teams = [place.team_id for place in places] or [UUID(int=5000)]
    people = [expert.id for place in places for expert in place.experts] or [UUID(int=5001)]
    question = Question(
        draw(st.sampled_from(Mode)),
        draw(st.sampled_from(["wound", "keratosis"])),
        "requester",
        draw(st.sampled_from(["", "71100", "25000"])),
        draw(st.sampled_from(["routine", "urgent"])),
        draw(st.none() | st.sampled_from(teams)),
        draw(st.none() | st.sampled_from(people)),
        frozenset(draw(st.sets(st.sampled_from(teams)))),
        frozenset(draw(st.sets(st.sampled_from(people)))),
    )
    grant = st.builds(
        Grant, st.sampled_from(teams), st.none() | st.sampled_from(people), st.sampled_from(["", "wound"])
    )
    return question, places, draw(st.lists(grant, max_size=3))


@given(worlds())
def test_every_place_is_offered_or_refused_and_the_rules_hold(
    world: tuple[Question, list[Place], list[Grant]],
) -> None:
    question, places, grants = world
    found = resolve(question, places, grants)
    assert resolve(question, places, grants) == found
    offers = [*([found.chosen] if found.chosen else []), *found.alternatives]
    offered, refused = [o.team_id for o in offers], [r.place.team_id for r in found.refused]
    assert sorted([*offered, *refused]) == sorted(place.team_id for place in places)
    by_team = {place.team_id: place for place in places}
    for offer in offers:
        place = by_team[offer.team_id]
        assert not place.closed
        assert offer.organization_id == place.organization_id
        assert not place.motives or question.motive in place.motives
        assert offer.why.endswith(".")
        expert = [e for e in place.experts if e.id == offer.person_id]
        assert offer.person_id is None or (expert and not expert[0].red_list)
        assert offer.person_id is None or offer.person_id not in question.asked_persons
        assert offer.person_id is not None or offer.team_id not in question.asked
    assert all(r.why.endswith(".") for r in found.refused)

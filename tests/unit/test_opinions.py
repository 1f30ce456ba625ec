"""An opinion: what must stand in it before a signature, and what it sets going."""

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dermavis.domain.case_states import State
from dermavis.domain.closing import what_is_open
from dermavis.domain.destinations import Destination, of_case
from dermavis.domain.errors import InvalidInput
from dermavis.domain.escalations import ESCALATION
from dermavis.domain.fields import canonical
from dermavis.domain.opinions import (
    Level,
    check_signable,
    consequences,
    level,
    missing_for_signature,
    needs_call,
    opinion_fingerprint,
    read_opinion,
    settled,
)

LESION = UUID("0193a1b2-0000-7000-8000-000000000001")
OTHER = UUID("0193a1b2-0000-7000-8000-000000000002")
CALL = {"whom": "Dr Hennequin", "phone": "06 39 98 00 12", "at": "2026-11-26T08:50:00Z"}


def opinion(**changes: Any) -> Any:
    whole = {
        "photo_quality": "good",
        "lesions": [{"lesion": str(LESION), "diagnosis": "Kératose séborrhéique", "conduct": "Rassurer"}],
        "destination": "gp",
    }
    return read_opinion({**whole, **changes})


def test_a_diagnosis_a_conduct_and_a_destination_are_enough_to_sign() -> None:
    check_signable(opinion(), [LESION])
    assert missing_for_signature(opinion(), [LESION]) == {}


def test_impossible_stands_for_a_diagnosis() -> None:
    lesion = {"lesion": str(LESION), "impossible": True, "conduct": "Refaire les photos"}
    assert missing_for_signature(opinion(lesions=[lesion]), [LESION]) == {}


def test_an_empty_opinion_is_kept_but_not_signed() -> None:
    empty = read_opinion({})
    assert set(missing_for_signature(empty)) == {
        "lesions.0.diagnosis",
        "lesions.0.conduct",
        "destination",
    }
    with pytest.raises(InvalidInput) as refused:
        check_signable(empty)
    assert refused.value.message == "L’avis n’est pas complet."


def test_a_lesion_without_diagnosis_or_conduct_is_told_by_its_place() -> None:
    half = opinion(
        lesions=[
            {"lesion": str(LESION), "diagnosis": "Nævus", "conduct": "Rien", "destination": "gp"},
            {"code": "L82", "destination": "gp"},
        ]
    )
    assert list(missing_for_signature(half, [LESION])) == ["lesions.1.diagnosis", "lesions.1.conduct"]


def test_every_lesion_of_the_request_has_its_answer() -> None:
    assert list(missing_for_signature(opinion(), [LESION, OTHER])) == ["lesions"]


@pytest.mark.parametrize("destination", ["emergency", "admission"])
def test_who_was_called_is_noted_before_a_critical_signature(destination: str) -> None:
    critical = opinion(destination=destination)
    assert needs_call(critical)
    assert list(missing_for_signature(critical)) == ["calls"]
    assert list(missing_for_signature(opinion(destination=destination, calls=[{"whom": "x"}]))) == ["calls"]
    assert missing_for_signature(opinion(destination=destination, calls=[CALL])) == {}
    assert level(critical) is Level.NOW


@pytest.mark.parametrize("destination", ["gp", "in_person", "surgery"])
def test_other_destinations_need_no_call(destination: str) -> None:
    assert not needs_call(opinion(destination=destination))
    assert level(opinion(destination=destination)) is Level.ORDINARY
    assert level(opinion(destination=destination, within_two_weeks=True)) is Level.TWO_WEEKS


def test_a_graver_risk_class_of_the_specialty_is_within_two_weeks() -> None:
    lesions = [{"diagnosis": "Mélanome", "risk_class": "melanoma_suspected", "conduct": "Exérèse"}]
    assert level(opinion(lesions=lesions), {"melanoma_suspected"}) is Level.TWO_WEEKS
    assert level(opinion(lesions=lesions)) is Level.ORDINARY


def test_pictures_to_take_again_say_which_or_how() -> None:
    assert list(missing_for_signature(opinion(retake=True))) == ["retake_views"]
    assert missing_for_signature(opinion(retake=True, retake_views=["close_up"])) == {}
    assert missing_for_signature(opinion(retake=True, photo_advice="Plus de lumière")) == {}


def test_an_opinion_opens_what_it_asks_for() -> None:
    lesions = [{"diagnosis": "Nævus", "conduct": "Exérèse", "biopsy": True}]
    what = consequences(
        opinion(
            lesions=lesions,
            destination="surgery",
            follow_up_weeks=6,
            retake=True,
            retake_views=["scale"],
        )
    )
    assert what_is_open(what.opens) == ("appointment", "retake", "follow_up", "histology")
    assert what.downstream is State.TO_PLAN
    assert (what.follow_up_weeks, what.retake_views) == (6, ("scale",))


def test_a_follow_up_by_the_gp_opens_nothing() -> None:
    what = consequences(opinion())
    assert what.downstream is State.NONE
    assert what_is_open(what.opens) == ()
    assert what.level is Level.ORDINARY


@given(st.none() | st.sampled_from(Destination), st.lists(st.none() | st.sampled_from(Destination)))
def test_the_case_takes_the_gravest_destination_and_may_only_be_raised(
    own: Destination | None, lesions: list[Destination | None]
) -> None:
    order = list(Destination)
    ranks = [order.index(one) for one in (own, *lesions) if one is not None]
    taken = of_case(own, lesions)
    assert (taken is None) == (not ranks)
    assert taken is None or order.index(taken) == max(ranks)


def several(first: str | None, second: str | None, **changes: Any) -> Any:
    """An opinion on two lesions that lead to these destinations; nothing is said of the case's own."""
    said = {"diagnosis": "Nævus", "conduct": "Rien"}
    lesions = [{"lesion": str(LESION), "destination": first}, {"lesion": str(OTHER), "destination": second}]
    return opinion(lesions=[said | lesion for lesion in lesions], **{"destination": None, **changes})


@pytest.mark.parametrize(
    ("first", "second", "own", "taken"),
    [
        ("gp", "surgery", None, "surgery"),
        ("admission", "gp", None, "admission"),
        ("in_person", "gp", "gp", "in_person"),
        ("gp", "gp", "surgery", "surgery"),
    ],
)
def test_what_follows_is_that_of_the_gravest_lesion_whatever_was_given_to_the_case(
    first: str, second: str, own: str | None, taken: str
) -> None:
    signed = settled(several(first, second, destination=own))
    assert signed.destination == taken
    assert [lesion.destination for lesion in signed.lesions] == [first, second]
    assert settled(signed) == signed
    unsettled = several(first, second, destination=own)
    assert consequences(unsettled) == consequences(signed)
    assert consequences(signed).needs_call == (taken == "admission")


def test_the_level_is_the_gravest_over_the_lesions() -> None:
    assert level(several("gp", "emergency")) is Level.NOW
    assert level(several("gp", "surgery")) is Level.ORDINARY
    feared = several("gp", "surgery")
    lesions = [feared.lesions[0], feared.lesions[1].model_copy(update={"risk_class": "highly_suspect"})]
    assert level(feared.model_copy(update={"lesions": lesions}), {"highly_suspect"}) is Level.TWO_WEEKS


def test_each_of_several_lesions_says_where_it_leads() -> None:
    assert missing_for_signature(several("gp", "gp"), [LESION, OTHER]) == {}
    assert missing_for_signature(several("gp", None), [LESION, OTHER]) == {
        "lesions.1.destination": "Lésion 2\u00a0: choisissez ce qui suit pour le patient."
    }
    assert list(missing_for_signature(several("gp", "emergency"), [LESION, OTHER])) == ["calls"]


def test_an_opinion_on_one_lesion_keeps_the_content_and_the_fingerprint_that_it_always_had() -> None:
    signed = settled(opinion())
    assert signed == opinion()
    assert opinion_fingerprint(signed) == "b3ea91e2cc803ab4007b665fba342d0c06d024b77f779b93e63193efd3b2b198"
    alone = opinion(lesions=[opinion().lesions[0].model_dump(mode="json") | {"destination": "surgery"}])
    assert settled(alone).destination == Destination.SURGERY
    assert "destination" not in settled(alone).lesions[0].model_dump(mode="json")


def test_a_critical_opinion_goes_on_after_half_an_hour_and_an_ordinary_one_is_read_by_opening() -> None:
    assert ESCALATION[Level.NOW].after.duration.total_seconds() == 1800
    assert not ESCALATION[Level.NOW].opening_acknowledges
    assert ESCALATION[Level.TWO_WEEKS].after.working_days == 1
    assert not ESCALATION[Level.TWO_WEEKS].opening_acknowledges
    assert ESCALATION[Level.ORDINARY].opening_acknowledges
    assert set(ESCALATION) == set(Level)


@pytest.mark.parametrize(
    ("path", "raw", "sentence"),
    [
        ("destination", {"destination": "home"}, "Choisissez une des réponses proposées."),
        ("follow_up_weeks", {"follow_up_weeks": 0}, "Indiquez au moins 1."),
        ("follow_up_weeks", {"follow_up_weeks": 105}, "Indiquez au plus 104."),
        (
            "lesions.0.certainty",
            {"lesions": [{"certainty": "sûr"}]},
            "Choisissez une des réponses proposées.",
        ),
        ("lesions.0.conduct", {"lesions": [{"conduct": "a" * 4001}]}, "4000 caractères au plus."),
        ("lesions", {"lesions": [{}] * 21}, "20 éléments au plus."),
    ],
)
def test_a_wrong_answer_is_told_beside_its_field(path: str, raw: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_opinion(raw)
    assert refused.value.errors == {path: sentence}


def test_an_opinion_is_read_and_written_the_same_and_its_fingerprint_follows_its_words() -> None:
    one = opinion(calls=[CALL], safety_net=" Reconsulter\r\nsi elle saigne ")
    again = read_opinion(json.loads(canonical(one)))
    assert again == one
    assert opinion_fingerprint(again) == opinion_fingerprint(one)
    assert opinion_fingerprint(opinion(safety_net="x")) != opinion_fingerprint(one)
    assert one.safety_net == "Reconsulter\nsi elle saigne"
    assert one.calls[0].phone == "+33639980012"

"""What a request lacks: told once for the review, the coordinator's board and the sending."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dermavis.adapters.specialty_files import load_specialty
from dermavis.domain.requests import read_request
from dermavis.domain.specialty import Missing, advisable, missing
from tests.specialties import FOLDER, complete_request

DERMATOLOGY = load_specialty("dermatology")
HAEMATOLOGY = load_specialty("haematology", FOLDER)
SPECIALTIES = {"dermatology": DERMATOLOGY, "haematology": HAEMATOLOGY}


def fields(request: dict[str, Any], **owned: bool) -> list[str]:
    return [lack.field for lack in missing(DERMATOLOGY, request, **owned)]


def changed(**parts: Any) -> dict[str, Any]:
    return complete_request("dermatology") | parts


@pytest.mark.parametrize("specialty_id", sorted(SPECIALTIES))
def test_a_complete_request_lacks_nothing(specialty_id: str) -> None:
    assert missing(SPECIALTIES[specialty_id], complete_request(specialty_id)) == []
    assert advisable(SPECIALTIES[specialty_id], complete_request(specialty_id)) == []


@pytest.mark.parametrize("specialty_id", sorted(SPECIALTIES))
def test_a_request_read_by_its_format_lacks_nothing_either(specialty_id: str) -> None:
    content = read_request(complete_request(specialty_id), date(2026, 3, 12)).model_dump(mode="json")
    assert missing(SPECIALTIES[specialty_id], content) == []
    empty = read_request({}, date(2026, 3, 12)).model_dump(mode="json")
    assert missing(SPECIALTIES[specialty_id], empty) == missing(SPECIALTIES[specialty_id], {})


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ("red_flags", "red_flags"),
        ("consent", "consent"),
        ("motive", "motive"),
        ("lesions", "lesions"),
        ("contact", "contact.phone"),
    ],
)
def test_a_part_left_out_is_told(part: str, field: str) -> None:
    request = complete_request("dermatology")
    del request[part]
    assert field in fields(request)


def test_an_empty_draft_is_told_in_the_order_of_the_screens() -> None:
    assert fields({}) == [
        "red_flags",
        "patient.birth_name",
        "patient.first_name",
        "patient.birth_date",
        "patient.sex",
        "consent",
        "motive",
        "lesions",
        "history.duration",
        "history.course",
        "history.treatments_tried",
        "history.current_drugs",
        "history.allergies",
        "history.past_history",
        "contact.phone",
    ]


def test_a_coordinator_may_complete_identity_and_address_and_nothing_clinical() -> None:
    told = {
        lack.field: lack.administrative for lack in missing(DERMATOLOGY, {"addressing": {"mode": "named"}})
    }
    assert {field for field, administrative in told.items() if administrative} == {
        "patient.birth_name",
        "patient.first_name",
        "patient.birth_date",
        "patient.sex",
        "contact.phone",
        "addressing",
    }


def test_the_board_reads_short_labels() -> None:
    request = complete_request("dermatology")
    request["motive"] = "wound"
    del request["history"]["allergies"]
    labels = [lack.label for lack in missing(DERMATOLOGY, request)]
    assert labels == ["Échelle", "Oblique", "Allergies"]


def test_a_view_may_be_skipped_with_a_reason() -> None:
    request = complete_request("dermatology")
    request["photos"].pop()
    [lack] = missing(DERMATOLOGY, request)
    assert lack == Missing(
        f"photos.{request['lesions'][0]['id']}.close_up",
        "Gros plan",
        False,
        "Prenez la photo «\u00a0Gros plan\u00a0», ou dites pourquoi elle manque.",
    )
    request["photos"].append(
        {
            "id": "x",
            "lesion": request["lesions"][0]["id"],
            "view": "close_up",
            "skipped": "painful",
            "sha256": None,
        }
    )
    assert fields(request) == []


def test_a_picture_without_its_hash_is_still_missing() -> None:
    request = complete_request("dermatology")
    request["photos"][1]["sha256"] = None
    assert fields(request) == [f"photos.{request['lesions'][0]['id']}.close_up"]


def test_every_lesion_needs_its_own_pictures_and_its_number_is_told() -> None:
    request = complete_request("dermatology")
    request["lesions"].append(request["lesions"][0] | {"id": "other", "site": "hand_back", "side": ""})
    labels = [lack.label for lack in missing(DERMATOLOGY, request)]
    assert labels == [
        "Côté, lésion 2",
        "Ensemble, lésion 2",
        "Gros plan, lésion 2",
        "Ancienneté, lésion 2",
        "Évolution, lésion 2",
    ]


def test_a_question_of_each_lesion_is_answered_for_each_and_the_others_once() -> None:
    request = complete_request("dermatology")
    one = request["lesions"][0]
    request["lesions"].append(one | {"id": "other", "history": {"course": {"status": "unknown"}}})
    del request["history"]["duration"], request["history"]["allergies"]
    told = [lack for lack in missing(DERMATOLOGY, request) if "history" in lack.field]
    assert [(lack.field, lack.label) for lack in told] == [
        ("history.duration", "Ancienneté, lésion 1"),
        ("history.allergies", "Allergies"),
        ("lesions.other.history.duration", "Ancienneté, lésion 2"),
    ]


def test_no_more_lesions_are_sent_than_the_specialty_takes() -> None:
    request = complete_request("dermatology")
    one = request["lesions"][0] | {"history": request["history"]}
    more = [one | {"id": f"lesion-{rank}"} for rank in range(DERMATOLOGY.most_lesions)]
    request["lesions"] += more[:-1]
    assert "lesions" not in fields(request)
    request["lesions"].append(more[-1])
    assert "lesions" in fields(request)


def test_the_distribution_is_photographed_once_for_all_lesions() -> None:
    request = changed(motive="inflammatory", photos=[])
    request["lesions"].append(request["lesions"][0] | {"id": "other"})
    assert fields(request).count("photos.distribution") == 1
    request["photos"] = [
        {"id": "d", "lesion": None, "view": "distribution", "skipped": None, "sha256": "0" * 64}
    ]
    assert "photos.distribution" not in fields(request)
    assert "photos.other.region" in fields(request)


def test_a_site_with_a_dermatoscope_owes_the_dermoscopy_of_a_pigmented_lesion() -> None:
    request = complete_request("dermatology")
    request["lesions"][0]["pigmented"] = True
    told = set(fields(request, site_has_dermatoscope=True)) - set(fields(request))
    assert told == {f"photos.{request['lesions'][0]['id']}.dermoscopy"}


def test_a_site_written_in_words_needs_no_map() -> None:
    request = complete_request("dermatology")
    request["lesions"][0] |= {"site": "", "side": "none"}
    assert any(field.endswith(".site") for field in fields(request))
    request["lesions"][0]["free_site"] = "Sous le pli du bras"
    assert fields(request) == []


def test_a_serious_red_flag_waits_for_the_call_and_an_urgency() -> None:
    flagged = {"answered": True, "flags": ["erythroderma"], "called": None}
    assert fields(changed(red_flags=flagged)) == ["red_flags.called", "urgency"]
    called = flagged | {"called": {"whom": "Astreinte du CHU", "at": "2026-03-12T09:00:00+00:00"}}
    assert fields(changed(red_flags=called, urgency="urgent")) == []


def test_the_third_tier_asks_for_no_call_but_leaves_as_soon() -> None:
    flagged = {"answered": True, "flags": ["fast_nodule"], "called": None}
    assert fields(changed(red_flags=flagged)) == ["urgency"]
    assert fields(changed(red_flags=flagged, urgency="soon")) == []


def test_a_representative_who_agrees_is_named() -> None:
    request = complete_request("dermatology")
    request["consent"]["by"] = "representative"
    assert fields(request) == ["consent.representative_name"]


@pytest.mark.parametrize("born", ["1958-13-12", "12/03/1958", "hier", ""])
def test_an_impossible_birth_date_is_missing(born: str) -> None:
    request = complete_request("dermatology")
    request["patient"]["birth_date"] = born
    assert fields(request) == ["patient.birth_date"]


def test_the_effect_is_asked_once_treatments_are_told() -> None:
    request = complete_request("dermatology")
    request["history"]["treatments_tried"] = {"status": "answered", "value": "Dermocorticoïde, 2 semaines"}
    assert fields(request) == ["history.treatments_effect"]
    request["history"]["treatments_effect"] = {"status": "none"}
    assert fields(request) == []


def test_each_mandatory_question_of_the_history_offers_unknown() -> None:
    mandatory = {question.id for question in DERMATOLOGY.questions if question.required}
    assert mandatory == {
        "duration",
        "course",
        "treatments_tried",
        "treatments_effect",
        "current_drugs",
        "allergies",
        "past_history",
    }
    request = complete_request("dermatology")
    request["history"] = {question: {"status": "unknown"} for question in mandatory}
    assert fields(request) == []
    request["history"] |= {question: {"status": "none"} for question in mandatory - {"duration", "course"}}
    assert fields(request) == []


def test_a_wrong_answer_to_an_optional_question_is_told_and_an_absent_one_is_not() -> None:
    request = complete_request("dermatology")
    request["history"] |= {"phototype": {"status": "answered", "value": None}}
    assert fields(request) == []
    request["history"] |= {"phototype": {"status": "answered", "value": "seven"}}
    assert fields(request) == ["history.phototype"]


def test_pregnancy_is_not_asked_of_a_man() -> None:
    request = complete_request("dermatology")
    request["history"]["pregnancy"] = {"status": "answered", "value": "perhaps"}
    assert fields(request) == ["history.pregnancy"]
    request["patient"]["sex"] = "M"
    assert fields(request) == []


def test_what_would_help_prevents_nothing() -> None:
    request = complete_request("dermatology")
    request["patient"] |= {"identity_status": "provisional", "phone": "", "treating_doctor": ""}
    request["lesions"][0]["size_mm"] = None
    request["question"] = ""
    assert fields(request) == []
    assert [lack.label for lack in advisable(DERMATOLOGY, request)] == [
        "Identité provisoire",
        "Téléphone du patient",
        "Médecin traitant",
        "Taille",
        "Question",
    ]


def test_a_specialty_without_lesion_or_picture_is_judged_by_the_same_functions() -> None:
    request = complete_request("haematology")
    del request["history"]["haemoglobin"]
    request["history"]["platelets"] = {"status": "answered", "value": 5000}
    request["motive"] = "monoclonal_peak"
    request["question"] = ""
    assert [lack.field for lack in missing(HAEMATOLOGY, request)] == [
        "history.haemoglobin",
        "history.platelets",
        "history.peak",
        "question",
    ]

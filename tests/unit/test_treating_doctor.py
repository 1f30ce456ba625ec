"""The treating doctor in a request: who is given the opinion, and when a chosen person stands no longer for it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from dermavis.adapters.specialty_files import load_specialty
from dermavis.domain.request_differences import part_differences
from dermavis.domain.requests import PatientTraits, fingerprint, read_request
from dermavis.domain.treating_doctor import is_named, named_anew, who_gets_a_copy
from tests.whole_request import TODAY, WHOLE, changed

CHOSEN = UUID(int=7)
NAMED = {"treating_doctor": "Dr Rose Hennequin", "treating_doctor_id": str(CHOSEN)}


@pytest.mark.parametrize(
    ("patient", "given"),
    [
        (NAMED, CHOSEN),
        (NAMED | {"treating_doctor_refused": False}, CHOSEN),
        (NAMED | {"treating_doctor_refused": True}, None),
        (NAMED | {"treating_doctor_id": None}, None),
        ({"treating_doctor": "Dr Rose Hennequin"}, None),
        ({}, None),
    ],
)
def test_a_chosen_doctor_is_given_the_opinion_unless_the_patient_objects(
    patient: dict[str, Any], given: UUID | None
) -> None:
    assert who_gets_a_copy(patient) == given


def test_a_chosen_person_goes_with_the_words_they_were_chosen_with() -> None:
    other = NAMED | {"treating_doctor": "Dr Rameau"}
    assert named_anew(NAMED, other)["treating_doctor_id"] is None
    assert named_anew(NAMED, NAMED | {"treating_doctor": "DR ROSE HENNEQUIN"}) == NAMED | {
        "treating_doctor": "DR ROSE HENNEQUIN"
    }
    chosen_anew = other | {"treating_doctor_id": str(UUID(int=8))}
    assert named_anew(NAMED, chosen_anew) == chosen_anew


@pytest.mark.parametrize(
    ("words", "last_name", "named"),
    [
        ("Dr Rose Hennequin", "Hennequin", True),
        ("hennequin rose", "HENNEQUIN", True),
        ("Dr d'Aubigne", "D’Aubigné", True),
        ("Dr Rameau", "Hennequin", False),
        ("", "Hennequin", False),
        ("Dr Rameau", "", False),
    ],
)
def test_words_name_a_person_by_their_last_name(words: str, last_name: str, named: bool) -> None:
    assert is_named(words, last_name) is named


def test_an_id_without_words_is_no_part_of_a_request() -> None:
    assert PatientTraits.model_validate(NAMED).treating_doctor_id == CHOSEN
    assert PatientTraits.model_validate(NAMED | {"treating_doctor": " "}).treating_doctor_id is None


def test_a_request_that_says_neither_is_the_one_it_was_before() -> None:
    said = read_request(WHOLE, TODAY).model_dump(mode="json")["patient"]
    assert not {"treating_doctor_id", "treating_doctor_refused"} & said.keys()
    refused = changed("patient.treating_doctor_refused", True)
    assert fingerprint(read_request(refused, TODAY)) != fingerprint(read_request(WHOLE, TODAY))


def test_an_objection_is_told_between_versions_and_a_persons_id_is_not() -> None:
    after = changed("patient.treating_doctor_refused", True)
    after["patient"]["treating_doctor_id"] = str(CHOSEN)
    (row,) = part_differences(load_specialty("dermatology"), WHOLE, after)
    assert (row.label, row.before, row.after) == ("Envoi au médecin traitant", "", "Le patient s’y oppose")

"""A request's content: lenient while it is a draft, cleaned at entry, told in French where it is wrong."""

import json
from copy import deepcopy
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dermavis.domain.errors import InvalidInput
from dermavis.domain.fields import canonical
from dermavis.domain.request_faults import faults
from dermavis.domain.requests import RequestContent, fingerprint, read_request
from tests.whole_request import LESION, PHOTO, TODAY, WHOLE, changed


def errors_of(raw: object) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        read_request(raw, TODAY)
    return refused.value.errors


def test_a_whole_request_is_read_and_written_the_same() -> None:
    content = read_request(WHOLE, TODAY)
    again = read_request(json.loads(canonical(content)), TODAY)
    assert again == content
    assert canonical(again) == canonical(content)
    assert content.patient.birth_date == date(1958, 3, 12)
    assert content.lesions[0].id == UUID(LESION)
    assert content.patient.used_name == "D’Aubigné"


def test_an_empty_draft_is_a_draft() -> None:
    content = read_request({}, TODAY)
    assert content.urgency == "routine"
    assert content.lesions == []
    assert RequestContent.model_validate({}) == content


@pytest.mark.parametrize("key", [key for key in WHOLE if key not in {"consent"}])
@pytest.mark.parametrize("nothing", ["absent", None])
def test_any_part_may_be_absent_or_null(key: str, nothing: str | None) -> None:
    raw = {other: value for other, value in WHOLE.items() if other != key}
    if nothing is None:
        raw[key] = None
    assert read_request(raw, TODAY) == read_request({k: v for k, v in WHOLE.items() if k != key}, TODAY)


def test_text_is_cleaned_at_entry_and_numbers_are_kept_in_one_form() -> None:
    raw = changed("patient.birth_name", " Vau\u202etrin\x00 ")
    content = read_request(raw, TODAY)
    assert content.patient.birth_name == "Vautrin"
    assert content.patient.phone == "+33639980012"
    assert content.history["drugs"].value == "Apixaban\nRamipril"
    assert read_request(changed("patient.postcode", "1310"), TODAY).patient.postcode == "01310"


def test_a_draft_keeps_a_wrong_number_as_typed_and_the_fault_is_told_before_sending() -> None:
    raw = changed("patient.phone", "06 39 98")
    content = read_request(raw, TODAY)
    assert content.patient.phone == "06 39 98"
    assert list(faults(content, TODAY)) == ["patient.phone"]


@pytest.mark.parametrize("typed", ["12/03/1958", "12.03.1958", "12 3 1958", "1958-03-12"])
def test_a_birth_date_is_a_day_however_it_is_typed(typed: str) -> None:
    content = read_request(changed("patient.birth_date", typed), TODAY)
    for _ in range(3):
        content = read_request(json.loads(canonical(content)), TODAY)
    assert content.model_dump(mode="json")["patient"]["birth_date"] == "1958-03-12"


@pytest.mark.parametrize(
    "typed",
    ["1958-03-12T00:00:00Z", "31/02/1958", "1958", 0, 1e9, True, [], "12/03/58", "demain", "0000-01-01"],
)
def test_an_instant_or_an_impossible_day_is_no_birth_date(typed: object) -> None:
    assert list(errors_of(changed("patient.birth_date", typed))) == ["patient.birth_date"]


def test_nobody_is_born_tomorrow_or_before_the_oldest_living() -> None:
    assert read_request(changed("patient.birth_date", "2026-11-26"), TODAY)
    assert "futur" in errors_of(changed("patient.birth_date", "2026-11-27"))["patient.birth_date"]
    assert read_request(changed("patient.birth_date", "1896-01-01"), TODAY)
    assert "130" in errors_of(changed("patient.birth_date", "1895-12-31"))["patient.birth_date"]


def test_no_picture_is_taken_before_consent() -> None:
    raw = changed("consent.given", False)
    assert list(errors_of(raw)) == ["photos"]
    del raw["consent"]
    assert "accord" in errors_of(raw)["photos"]
    raw["photos"][0]["sha256"] = None
    raw["photos"][0]["skipped"] = "Patient parti"
    assert read_request(raw, TODAY).photos[0].skipped == "Patient parti"


def test_an_arrow_and_a_circle_stand_beside_a_picture_one_of_each() -> None:
    circle = {"shape": "circle", "start": [0.25, 0.5], "end": [0.25, 1.0]}
    arrow = {"shape": "arrow", "start": [1.0, 0.0], "end": [0.5, 0.5]}
    [first, *_] = read_request(changed("photos.0.marks", [circle, arrow]), TODAY).photos
    assert [(mark.shape, mark.start, mark.end) for mark in first.marks] == [
        ("circle", (0.25, 0.5), (0.25, 1.0)),
        ("arrow", (1.0, 0.0), (0.5, 0.5)),
    ]
    assert "marks" not in read_request(changed("photos.0.marks", []), TODAY).photos[0].model_dump()


@pytest.mark.parametrize(
    "wrong",
    [
        {"shape": "square", "start": [0.5, 0.5], "end": [0.6, 0.6]},
        {"shape": "circle", "start": [0.5, 1.01], "end": [0.6, 0.6]},
        {"shape": "circle", "start": [-0.01, 0.5], "end": [0.6, 0.6]},
        {"shape": "circle", "start": [0.5], "end": [0.6, 0.6]},
        {"shape": "circle", "start": [0.5, float("nan")], "end": [0.6, 0.6]},
        {"shape": "circle", "start": [0.5, 0.5]},
    ],
)
def test_a_mark_that_lies_outside_its_picture_or_is_no_mark_is_refused(wrong: dict[str, object]) -> None:
    assert any(
        field.startswith("photos.0.marks.0") for field in errors_of(changed("photos.0.marks", [wrong]))
    )


def test_two_circles_beside_one_picture_are_refused() -> None:
    circle = {"shape": "circle", "start": [0.25, 0.5], "end": [0.3, 0.5]}
    assert errors_of(changed("photos.0.marks", [circle, circle])) == {
        "photos.0.marks": "Une flèche et un cercle par photo."
    }


WRONG = [
    ("patient.birth_name", "a" * 101, "100 caractères au plus."),
    ("question", "a" * 4001, "4000 caractères au plus."),
    ("patient.sex", "X", "Choisissez une des réponses proposées."),
    ("patient.birth_name", 3, "Un texte est attendu."),
    ("lesions.0.size_mm", 0, "Indiquez au moins 1."),
    ("lesions.0.size_mm", 5000, "Indiquez au plus 2000."),
    ("lesions.0.size_mm", 1.5, "Indiquez un nombre entier."),
    ("lesions.0.size_mm", "douze", "Indiquez un nombre entier."),
    ("lesions.0.id", "x", "Cet identifiant est illisible."),
    ("lesions.0.id", None, "Cette réponse manque."),
    ("lesions.0.pigmented", "peut-être", "Répondez par oui ou par non."),
    ("photos.0.sha256", "A", "Cette valeur n’est pas reconnue."),
    ("motive", "<script>", "Cette valeur n’est pas reconnue."),
    ("consent.at", "2026-11-26T08:20:00", "Cet horaire n’indique pas son fuseau."),
    ("consent.at", 12, "Cet horaire est illisible."),
    ("consent.at", "hier", "Cet horaire est illisible."),
    ("urgency", "now", "Choisissez une des réponses proposées."),
    ("format", 2, "Choisissez une des réponses proposées."),
    ("patient", "Vautrin", "Cette réponse est illisible."),
    ("lesions", {}, "Cette réponse est illisible."),
    ("red_flags.flags", ["fever"] * 51, "50 éléments au plus."),
    ("history.duration.value", [[1]], "Cette réponse est illisible."),
    ("history.duration.value", float("nan"), "Cette réponse est illisible."),
    ("history.duration.value", "a" * 4001, "4000 caractères au plus."),
    ("device.offset_minutes", 2000, "Indiquez au plus 1080."),
]


@pytest.mark.parametrize(("path", "value", "sentence"), WRONG)
def test_a_wrong_answer_is_told_beside_its_field(path: str, value: object, sentence: str) -> None:
    assert errors_of(changed(path, value)) == {path: sentence}


@pytest.mark.parametrize("raw", [None, [], "x", 3, {"lesions": [None]}, {"photos": [[]]}])
def test_what_is_no_request_is_refused_in_words(raw: object) -> None:
    assert all(sentence.endswith(".") for sentence in errors_of(raw).values())


def test_an_error_never_repeats_what_was_typed() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_request(changed("patient.sex", "Secret"), TODAY)
    assert refused.value.__cause__ is None
    assert "Secret" not in str(refused.value) + str(refused.value.errors) + str(refused.value.__context__)


@pytest.mark.parametrize("part", ["lesions", "photos"])
def test_the_same_lesion_or_photo_twice_is_refused(part: str) -> None:
    assert list(errors_of(changed(part, WHOLE[part] * 2))) == [part]


@pytest.mark.parametrize("value", [True, 38.5, 4, "stable", ["fever", "pain"], {"number": 4}, None])
def test_an_answer_keeps_a_plain_value_of_any_kind(value: object) -> None:
    raw = changed("history.duration", {"status": "answered", "value": value})
    assert read_request(raw, TODAY).history["duration"].value == value


def test_a_birth_date_may_come_from_the_program_itself() -> None:
    assert read_request(changed("patient.birth_date", date(1958, 3, 12)), TODAY) == read_request(WHOLE, TODAY)


def test_an_answer_of_none_has_no_value() -> None:
    raw = changed("history.allergies", {"status": "none", "value": "pollens"})
    assert read_request(raw, TODAY).history["allergies"].value is None


def test_an_unknown_key_is_dropped() -> None:
    assert read_request({**WHOLE, "price": 3}, TODAY) == read_request(WHOLE, TODAY)


def test_the_same_request_sent_again_has_the_same_fingerprint_whatever_the_phones_clock() -> None:
    one = fingerprint(read_request(WHOLE, TODAY))
    assert len(one) == 64
    shuffled = dict(reversed(list(deepcopy(WHOLE).items())))
    shuffled["device"] = {"time": "2028-01-01T00:00:00Z"}
    shuffled["patient"]["representative"] = None
    assert fingerprint(read_request(shuffled, TODAY)) == one


def test_a_request_of_one_lesion_keeps_the_content_and_the_fingerprint_that_it_always_had() -> None:
    whole = read_request(WHOLE, TODAY)
    assert "history" not in whole.model_dump(mode="json")["lesions"][0]
    assert fingerprint(whole) == "e8543f077e88596298c5b96eb78856da33de2f2400f8c978b6b9ea7dfd4a29f0"


def test_what_is_asked_of_each_lesion_is_kept_with_it() -> None:
    second = WHOLE["lesions"][0] | {"id": PHOTO, "history": {"course": {"value": "stable"}}}
    content = read_request(WHOLE | {"lesions": [*WHOLE["lesions"], second]}, TODAY).model_dump(mode="json")
    assert content["lesions"][1]["history"] == {"course": {"status": "answered", "value": "stable"}}
    assert read_request(content, TODAY).model_dump(mode="json") == content


@pytest.mark.parametrize("path", ["question", "patient.first_name", "motive", "contact.substitute"])
def test_another_content_has_another_fingerprint(path: str) -> None:
    other = read_request(changed(path, "autre"), TODAY)
    assert fingerprint(other) != fingerprint(read_request(WHOLE, TODAY))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(JSON, st.sampled_from(sorted(RequestContent.model_fields)))
def test_anything_at_all_is_read_or_refused_in_french_and_never_breaks(value: object, key: str) -> None:
    try:
        content = read_request({**WHOLE, key: value}, TODAY)
    except InvalidInput as refused:
        sentences = list(refused.errors.values())
    else:
        assert read_request(json.loads(canonical(content)), TODAY) == content
        sentences = list(faults(content, TODAY).values())
        sentences.append("Aucune faute de forme.")
    assert sentences
    assert all(sentence.endswith(".") for sentence in sentences)

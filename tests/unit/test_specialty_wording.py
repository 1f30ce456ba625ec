"""How a request reads to the expert."""

from __future__ import annotations

from typing import Any

import pytest

from dermavis.adapters.specialty_files import load_specialty
from dermavis.domain.specialty import Fact, describe, lesion_names, lesion_title
from dermavis.domain.specialty_wording import still_skipped
from tests.specialties import FOLDER, complete_request

DERMATOLOGY = load_specialty("dermatology")
HAEMATOLOGY = load_specialty("haematology", FOLDER)


def read(request: dict[str, Any], label: str) -> list[tuple[str, bool]]:
    """What one line says, and whether it is emphasised."""
    return [(fact.value, fact.emphasised) for fact in describe(DERMATOLOGY, request) if fact.label == label]


def answering(**answers: Any) -> dict[str, Any]:
    request = complete_request("dermatology")
    request["history"] = {
        question: answer
        if isinstance(answer, dict) and "status" in answer
        else {"status": "answered", "value": answer}
        for question, answer in answers.items()
    }
    return request


def test_a_whole_request_reads_as_the_expert_expects_it() -> None:
    assert describe(DERMATOLOGY, complete_request("dermatology")) == [
        Fact("Demande", "Question", "Surveiller ou retirer\u00a0?", True),
        Fact("Demande", "Hypothèse", "Kératose (peu sûr)", False),
        Fact("Demande", "Sans cet avis", "Aurait adressé", False),
        Fact("Lésions", "Lésion", "Kératose, haut du dos à droite, unique, 12\u00a0mm, en relief", False),
        Fact("Lésions", "Aspect", "Papule", False),
        Fact("Histoire", "Évolution", "Depuis des années, stable", False),
        Fact("Histoire", "Signes", "Saigne au frottement.", True),
        Fact("Histoire", "Signes", "Ni prurit, ni douleur", False),
        Fact("Histoire", "Traitements essayés", "Aucun", False),
        Fact("Terrain", "Médicaments", "Amlodipine 5 mg", False),
        Fact("Terrain", "Allergies", "Aucune", False),
        Fact("Terrain", "Antécédents", "Aucun", False),
        Fact("Terrain", "Cancers de la peau", "Ni cancer personnel, ni mélanome familial", False),
    ]


def test_what_is_asked_of_each_lesion_is_read_under_its_number() -> None:
    request = complete_request("dermatology")
    recent = {"status": "answered", "value": {"unit": "weeks", "count": 3}}
    second = request["lesions"][0] | {"id": "other", "side": "left", "history": {"duration": recent}}
    request["lesions"].append(second)
    request["photos"].append({"lesion": "other", "view": "close_up", "skipped": "refused"})
    assert [fact[1:3] for fact in describe(DERMATOLOGY, request) if "ésion" in fact.label + fact.value] == [
        ("Lésion 1", "Kératose, haut du dos à droite, unique, 12\u00a0mm, en relief"),
        ("Aspect, lésion 1", "Papule"),
        ("Lésion 2", "Kératose, haut du dos à gauche, unique, 12\u00a0mm, en relief"),
        ("Aspect, lésion 2", "Papule"),
        ("Évolution, lésion 1", "Depuis des années, stable"),
        ("Signes, lésion 1", "Saigne au frottement."),
        ("Signes, lésion 1", "Pas de douleur"),
        ("Évolution, lésion 2", "Depuis 3\u00a0semaines"),
        ("Vues non prises", "Gros plan, lésion 2\u00a0: le patient ne souhaite pas"),
    ]
    assert read(request, "Signes") == [("Pas de prurit", False)]
    names = lesion_names(DERMATOLOGY, request["lesions"])
    assert list(names.values()) == [
        "Lésion 1\u00a0: haut du dos à droite",
        "Lésion 2\u00a0: haut du dos à gauche",
    ]
    assert lesion_names(DERMATOLOGY, request["lesions"][:1]) == {}


def test_a_request_without_lesion_reads_too_and_unusual_values_stand_out() -> None:
    request = complete_request("haematology")
    facts = {fact.label: fact for fact in describe(HAEMATOLOGY, request)}
    assert facts["Hémoglobine"] == Fact("Biologie", "Hémoglobine", "9,4\u00a0g/dL", True)
    assert facts["Plaquettes"] == Fact("Biologie", "Plaquettes", "310\u00a0G/L", False)
    assert facts["Signes"].value == "Pas de saignement"
    assert lesion_title(HAEMATOLOGY, "anaemia", None) == "Anémie"


@pytest.mark.parametrize(
    ("observed", "title"),
    [
        ({"site": "hand", "side": "right"}, "Plaie, main droite"),
        ({"site": "forearm", "side": "left", "count": "few"}, "Plaie, avant-bras gauche, 2 à 5 éléments"),
        ({"site": "chest", "side": "middle"}, "Plaie, thorax sur la ligne médiane"),
        (
            {"site": "elbow_fold", "side": "both", "count": "many"},
            "Plaie, pli du coude des deux côtés, éléments nombreux",
        ),
        ({"site": "shoulder_back", "side": "left"}, "Plaie, arrière de l’épaule gauche"),
        ({"site": "widespread", "side": "none"}, "Plaie, tout le corps"),
        ({"site": "", "free_site": "sous l’alliance", "size_mm": 3}, "Plaie, sous l’alliance, 3\u00a0mm"),
        ({"site": "ear", "side": "right", "free_site": "lobule"}, "Plaie, oreille droite (lobule)"),
        ({"site": "unheard_of", "side": "up", "size_mm": True, "palpation": "loud"}, "Plaie"),
    ],
)
def test_a_lesion_is_named_by_motive_place_number_size_and_relief(
    observed: dict[str, Any], title: str
) -> None:
    assert lesion_title(DERMATOLOGY, "wound", observed) == title


def test_every_site_reads_well_on_each_of_its_sides() -> None:
    for site in DERMATOLOGY.body_sites:
        for side in site.sides or ["none"]:
            title = lesion_title(DERMATOLOGY, "other", {"site": site.id, "side": side})
            place = title.removeprefix("Lésion, ")
            assert place != title
            assert place[0].islower()
            assert place.endswith(("droit", "droite", "gauche", "médiane", "côtés")) == (side != "none")


def test_a_yes_carries_its_details_and_comes_first_in_bold() -> None:
    request = answering(
        itch=True, itch_at_night="yes", pain=True, pain_score=6, fever=True, fever_value=39.2, bleeding=False
    )  # fmt: skip
    assert read(request, "Signes") == [
        ("Démange jusqu’à réveiller la nuit, douleur cotée 6 sur 10, fièvre à 39,2\u00a0°C.", True),
        ("Pas de saignement", False),
    ]


def test_details_of_a_no_are_not_read() -> None:
    assert read(answering(fever=False, fever_value=39.2), "Signes") == [("Pas de fièvre", False)]


def test_a_denial_is_elided_before_a_vowel() -> None:
    assert read(answering(immunosuppression=False), "Terrain") == [("Pas d’immunodépression", False)]


def test_unknown_is_said_for_its_question() -> None:
    assert read(answering(allergies={"status": "unknown"}), "Allergies") == [("Inconnu", False)]
    assert read(answering(itch={"status": "unknown"}, pain=False), "Signes") == [
        ("Démange\u00a0: inconnu. Pas de douleur", False)
    ]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"unit": "years", "count": None}, "Depuis des années"),
        ({"unit": "years", "count": 1}, "Depuis 1\u00a0an"),
        ({"unit": "weeks", "count": 3}, "Depuis 3\u00a0semaines"),
        ({"unit": "months", "count": 2}, "Depuis 2\u00a0mois"),
        ({"unit": "always", "count": 4}, "Depuis toujours"),
    ],
)
def test_a_duration_is_said_in_french(value: dict[str, Any], said: str) -> None:
    assert read(answering(duration=value), "Évolution") == [(said, False)]


def test_several_choices_make_one_sentence() -> None:
    assert read(answering(change=["size", "colour"]), "Signes") == [("Change de taille, de couleur", True)]
    assert read(answering(change={"status": "none"}), "Signes") == [("Pas de changement d’aspect", False)]


def test_an_allergy_stands_out_and_treatments_are_read_with_their_effect() -> None:
    assert read(answering(allergies="Pénicilline"), "Allergies") == [("Pénicilline", True)]
    treated = answering(treatments_tried="Bétaméthasone, 2 semaines", treatments_effect="better")
    assert read(treated, "Traitements essayés") == [("Bétaméthasone, 2 semaines, amélioration", False)]


def test_red_flags_come_first_gravest_first_with_the_call() -> None:
    request = complete_request("dermatology")
    request["red_flags"] = {
        "answered": True,
        "flags": ["fast_nodule", "febrile_purpura", "forgotten"],
        "called": {"whom": "Le 15 (SAMU)", "at": "2026-03-12T09:00:00+00:00"},
    }
    assert describe(DERMATOLOGY, request)[:3] == [
        Fact("Signes d’alerte", "Signe d’alerte", "Purpura avec fièvre", True),
        Fact("Signes d’alerte", "Signe d’alerte", "Nodule qui grossit vite", True),
        Fact("Signes d’alerte", "Appel passé", "Le 15 (SAMU)", False),
    ]


def test_views_that_were_skipped_are_read_with_their_reason() -> None:
    request = complete_request("dermatology")
    request["photos"] = [
        {"id": "a", "lesion": None, "view": "scale", "skipped": "painful", "sha256": None},
        {"id": "b", "lesion": None, "view": "oblique", "skipped": "Pansement en place", "sha256": None},
    ]
    assert read(request, "Vues non prises") == [
        ("Gros plan avec échelle\u00a0: trop douloureux", False),
        ("Vue oblique\u00a0: Pansement en place", False),
    ]


def test_a_skipped_view_that_was_taken_later_is_read_no_more() -> None:
    request = complete_request("dermatology")
    request["photos"] = [
        {"id": "a", "lesion": "one", "view": "scale", "skipped": "painful", "sha256": None},
        {"id": "b", "lesion": "two", "view": "scale", "skipped": "painful", "sha256": None},
        {"id": "c", "lesion": "one", "view": "oblique", "skipped": "painful", "sha256": None},
        {"id": "d", "lesion": "one", "view": "scale", "skipped": None, "sha256": "00"},
    ]
    assert read(request, "Vues non prises") == [
        ("Gros plan avec échelle\u00a0: trop douloureux", False),
        ("Vue oblique\u00a0: trop douloureux", False),
    ]
    assert [photo["id"] for photo in still_skipped(request, [("", "oblique")])] == ["b"]


def test_several_lesions_are_numbered() -> None:
    request = complete_request("dermatology")
    request["lesions"].append({"id": "x", "site": "nose", "side": "left", "pigmented": True})
    labels = [fact.label for fact in describe(DERMATOLOGY, request) if fact.section == "Lésions"]
    assert labels == ["Lésion 1", "Aspect, lésion 1", "Lésion 2", "Aspect, lésion 2"]
    assert read(request, "Aspect, lésion 2") == [("Pigmentée", False)]


def test_sections_stay_together() -> None:
    sections = [fact.section for fact in describe(DERMATOLOGY, complete_request("dermatology"))]
    runs = [section for rank, section in enumerate(sections) if rank == 0 or sections[rank - 1] != section]
    assert len(runs) == len(set(runs))

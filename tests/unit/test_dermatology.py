"""The dermatology file holds what the field asks for, in whole and well-made parts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

from dermavis.adapters.specialty_files import load_codes, load_specialty
from dermavis.domain.coding import exported_code
from dermavis.domain.specialty import as_client, flags_of, gravest_outcome, highest_tier
from dermavis.domain.specialty_answer_schema import Occasion
from tests.specialties import FOLDER

DERMATOLOGY = load_specialty("dermatology")


def test_the_six_motives_stand() -> None:
    assert {motive.id for motive in DERMATOLOGY.motives} == {
        "tumour",
        "inflammatory",
        "pigmented",
        "keratosis",
        "wound",
        "other",
    }


def test_red_flags_have_three_tiers_and_the_gravest_decides() -> None:
    counts = {
        tier.id: sum(flag.tier == tier.id for flag in DERMATOLOGY.red_flags) for tier in DERMATOLOGY.tiers
    }
    assert counts == {"call_now": 5, "same_day": 11, "soon": 3}
    assert highest_tier(DERMATOLOGY, []) is None
    assert highest_tier(DERMATOLOGY, ["unheard_of"]) is None
    assert highest_tier(DERMATOLOGY, ["fast_nodule"]) == "soon"
    assert highest_tier(DERMATOLOGY, ["fast_nodule", "erythroderma"]) == "same_day"
    assert highest_tier(DERMATOLOGY, ["erythroderma", "angioedema", "fast_nodule"]) == "call_now"
    assert [flag.id for flag in flags_of(DERMATOLOGY, ["fast_nodule", "angioedema"])] == [
        "angioedema",
        "fast_nodule",
    ]


def test_each_tier_says_whom_to_call() -> None:
    assert {tier.id: (tier.call, tier.urgency) for tier in DERMATOLOGY.tiers} == {
        "call_now": ("samu", "urgent"),
        "same_day": ("on_call", "urgent"),
        "soon": ("nobody", "soon"),
    }


def test_outcomes_go_from_the_lightest_to_the_gravest() -> None:
    assert [outcome.id for outcome in DERMATOLOGY.outcomes] == [
        "gp",
        "in_person",
        "surgery",
        "admission",
        "emergency",
    ]
    assert [outcome.id for outcome in DERMATOLOGY.outcomes if outcome.needs_call] == [
        "admission",
        "emergency",
    ]
    assert [outcome.id for outcome in DERMATOLOGY.outcomes if outcome.level == "now"] == [
        "admission",
        "emergency",
    ]
    gravest = gravest_outcome(DERMATOLOGY, ["surgery", "gp", "in_person"])
    assert gravest is not None
    assert gravest.id == "surgery"
    assert gravest_outcome(DERMATOLOGY, []) is None


def test_every_zone_of_the_body_map_exists_on_its_face() -> None:
    front = [
        "head",
        "neck",
        "shoulder",
        "chest",
        "abdomen",
        "pelvis",
        "upper_arm",
        "forearm",
        "hand",
        "thigh",
        "knee",
    ]
    back = ["scalp_back", "nape", "shoulder_back", "upper_back", "lower_back", "buttock", "upper_arm_back"]
    assert [site.id for site in DERMATOLOGY.body_sites if site.face == "front"] == [
        *front,
        "lower_leg",
        "foot",
    ]
    assert [site.id for site in DERMATOLOGY.body_sites if site.face == "back"] == [
        *back,
        "forearm_back",
        "hand_back",
        "thigh_back",
        "popliteal",
        "calf",
        "heel_sole",
    ]
    drawn = [site for site in DERMATOLOGY.body_sites if site.face in ("front", "back")]
    assert all({"left", "right"} <= set(site.sides) for site in drawn)


def test_every_detail_site_is_reached_by_a_zoom_and_every_zoom_leads_somewhere() -> None:
    details = [site for site in DERMATOLOGY.body_sites if site.face == "detail"]
    assert {site.zoom for site in details} == {zoom.id for zoom in DERMATOLOGY.site_zooms}
    assert {site.group for site in DERMATOLOGY.body_sites} == {"skin", "nail", "hair", "mucosa"}


def test_the_face_and_intimate_parts_are_marked_for_consent() -> None:
    sensitive = {site.id for site in DERMATOLOGY.body_sites if site.sensitive}
    assert {
        "head",
        "nose",
        "whole_face",
        "buttock",
        "pelvis",
        "vulva",
        "glans",
        "scrotum",
        "perianal",
    } <= sensitive
    assert not {"hand", "upper_back", "calf", "scalp_back"} & sensitive


def test_every_icon_of_the_file_is_drawn() -> None:
    sprite = (Path(__file__).parents[2] / "static" / "icons" / "sprite.svg").read_text("utf-8")
    assert 'id="no-such-icon"' not in sprite
    named = [view.icon for view in DERMATOLOGY.views] + [outcome.icon for outcome in DERMATOLOGY.outcomes]
    assert all(named)
    assert [icon for icon in named if f'id="{icon}"' not in sprite] == []


def test_mandatory_questions_are_never_folded_and_have_a_way_out() -> None:
    required = [question for question in DERMATOLOGY.questions if question.required]
    assert len(required) == 7
    assert all(question.unknown_label for question in required)
    assert all(question.none_label for question in required if question.id not in ("duration", "course"))


def test_every_template_is_a_whole_answer_with_a_code_of_the_list() -> None:
    codes = {diagnosis.code for diagnosis in load_codes()}
    assert len(DERMATOLOGY.opinion_templates) >= 12
    for template in DERMATOLOGY.opinion_templates:
        assert template.code in codes
        assert template.motives
        assert template.safety_net
        suspected = template.diagnosis.endswith("suspecté")
        assert (exported_code(template.code, template.certainty) != template.code) == suspected


def test_a_suspected_melanoma_or_squamous_carcinoma_is_for_within_two_weeks() -> None:
    soon = {template.id for template in DERMATOLOGY.opinion_templates if template.within_two_weeks}
    assert soon == {"melanoma_suspicion", "scc_suspicion"}


def test_every_act_that_needs_a_reason_has_some_and_one_in_free_words() -> None:
    for occasion in get_args(Occasion):
        reasons = [reason for reason in DERMATOLOGY.reasons if occasion in reason.occasions]
        assert len(reasons) >= 3
        assert [reason.id for reason in reasons if reason.needs_text] == ["another"]


def test_the_requesters_half_holds_its_rules_and_nothing_of_the_answer() -> None:
    content = as_client(DERMATOLOGY)
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    assert len(text.encode()) < 34_000
    assert not {"answer", "outcomes", "opinion_templates", "reasons"} & set(content)
    assert all(question["motives"] for question in content["questions"])
    assert content["view_rules"][0]["when"] == {"pigmented": True}
    assert content["durations"][0] == {"id": "days", "label": "Jours"}
    assert [view["id"] for view in content["views"]] == [view.id for view in DERMATOLOGY.views]


def test_a_specialty_without_pictures_says_so_to_the_wizard() -> None:
    content = as_client(load_specialty("haematology", FOLDER))
    assert (content["uses_pictures"], content["uses_lesions"]) == (False, False)
    assert "views" not in content
    assert "body_sites" not in content

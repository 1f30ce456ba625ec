"""What the expert is told of a picture: judged by the server's own measures, whatever the phone said."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from PIL import ImageFilter

from dermavis.domain.photo_quality import RULES_VERSION
from dermavis.domain.roles import Role
from dermavis.models import Case, PhotoMeasure
from dermavis.services import drafts
from dermavis.services.case_photos import CasePhoto, photos_shown
from dermavis.services.photo_verdicts import measures_of, quality_words, verdict_on
from dermavis.services.work import reading, writing
from tests import cases, material
from tests.factories import World
from tests.photographing import send, shown
from tests.uploading import process_all

SHARP = material.hairy(1600, 1200)
GOOD = {"edge_ratio": 0.7, "sharpness": 0.6, "width": 2016}


def measured(source: str, values: dict[str, Any], version: int = RULES_VERSION) -> PhotoMeasure:
    return PhotoMeasure(id=uuid4(), photo_id=uuid4(), version=version, source=source, values=values)


def strip(world: World, case_id: UUID) -> list[CasePhoto]:
    with reading(world.system, world.actor(Role.REQUESTER)) as work:
        case = work.session.get_one(Case, case_id)
        content = drafts.open_draft(work, case)
        return photos_shown(
            work, case, work.system.specialty(case.specialty_id, case.specialty_version), content
        )[0]


def test_a_blurred_picture_says_so_on_the_strip_with_the_tries_that_were_made(world: World) -> None:
    case_id = cases.drafted(world)
    blurred = send(world, case_id, material.jpeg(SHARP.filter(ImageFilter.GaussianBlur(9))), role="original")
    sharp = send(world, case_id, material.jpeg(material.hairy()), role="original")
    process_all(world.system)

    notes = {row.id: (row.note, row.tone) for row in strip(world, case_id)}
    assert notes == {blurred: ("floue, petite taille", "warn"), sharp: ("", "")}

    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        case = work.session.get_one(Case, case_id)
        entry = {
            "id": str(blurred),
            "view": "close_up",
            "quality": {
                "findings": [{"reason": "focus", "measure": "edge_ratio", "value": 0.2}],
                "retries": 2,
            },
        }
        content = drafts.open_draft(work, case) | {"photos": [entry]}
        drafts.write_draft(work, case, content)
    notes = {row.id: (row.note, row.tone) for row in strip(world, case_id)}
    assert notes[blurred] == ("floue, petite taille, après 2\u00a0reprises", "warn")


def test_what_was_measured_is_kept_with_its_version(world: World) -> None:
    case_id = cases.drafted(world)
    send(world, case_id, material.jpeg(SHARP), role="original")
    process_all(world.system)
    (photo,) = shown(world, case_id)
    assert photo.measures["version"] == RULES_VERSION
    assert photo.measures["long_side"] == 1600
    assert {
        "sharpness",
        "edge_ratio",
        "noise",
        "dark_share",
        "bright_share",
        "glare_share",
    } <= photo.measures.keys()


def test_the_size_is_judged_on_the_original_and_the_rest_on_the_picture_that_is_looked_at() -> None:
    diagnostic, original = (
        measured("diagnostic", GOOD),
        measured("original", GOOD | {"width": 2500, "sharpness": 0.1}),
    )
    assert verdict_on(measures_of([diagnostic])).colour == "green"
    both = verdict_on(measures_of([original, diagnostic]))
    assert [(finding.reason, finding.value) for finding in both.findings] == [("size", 2500)]
    assert verdict_on(measures_of([measured("diagnostic", GOOD | {"width": 900})])).reasons == ("size",)


def test_measures_of_before_the_limits_are_not_judged_and_newer_ones_take_their_place() -> None:
    old = measured("original", {"sharpness": 0.1, "edge_ratio": 0.1, "width": 900}, version=1)
    assert verdict_on(measures_of([old])).colour == "green"
    assert verdict_on(measures_of([])).colour == "green"
    assert verdict_on(measures_of([measured("original", GOOD | {"sharpness": 0.1}), old])).reasons == (
        "motion",
        "size",
    )


def test_one_try_is_said_in_the_singular() -> None:
    assert quality_words({"version": RULES_VERSION, "glare_share": 0.03}, 1) == "reflet, après 1\u00a0reprise"
    assert quality_words({"version": RULES_VERSION, "glare_share": 0.03}, 0) == "reflet"
    assert quality_words({"version": RULES_VERSION, "glare_share": 0.0}, 2) == ""

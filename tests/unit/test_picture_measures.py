"""What is measured on a picture, and that the phone measures the same."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFilter

from dermavis.adapters.imaging.measures import measure
from dermavis.domain.photo_quality import judge
from tests import material
from tests.load.quality.degrading import Change, defocused, exposed, grainy, moved, shining
from tests.load.quality.phone import judged
from tests.load.quality.things import THINGS
from tests.load.quality.tones import MONK, recoloured

SIZE = (1280, 960)


@pytest.fixture(scope="module")
def sharp() -> Image.Image:
    """Skin with spots, drawn once."""
    skin = Image.new("RGB", SIZE, (190, 140, 115))
    spots = material.scene(1600, 1280).crop((420, 420, 1520, 1220))
    skin.paste(spots, (90, 80))
    return skin


def values(image: Image.Image) -> dict[str, Any]:
    return measure(image, image.size)


@pytest.mark.parametrize("angle", [0, 30, 45, 60, 90, 135])
def test_motion_lowers_the_sharpness_whichever_way_it_went(sharp: Image.Image, angle: float) -> None:
    assert values(sharp)["sharpness"] > 0.5
    assert values(moved(9, angle)(sharp))["sharpness"] < 0.4


def test_defocus_lowers_both_ratios(sharp: Image.Image) -> None:
    before, after = values(sharp), values(defocused(2)(sharp))
    assert after["edge_ratio"] < 0.42 < before["edge_ratio"]
    assert after["sharpness"] < 0.4 < before["sharpness"]


@pytest.mark.parametrize("level", [1.5, 3, 6])
def test_grain_is_measured_and_does_not_make_a_soft_picture_sharp(sharp: Image.Image, level: float) -> None:
    soft = defocused(3)(sharp)
    grained = values(grainy(level)(soft))
    assert grained["noise"] > values(soft)["noise"] + level / 4
    assert judge(grained).colour == "red"


def test_nothing_but_grain_has_no_sharpness_at_all() -> None:
    measures = values(grainy(4)(Image.new("RGB", SIZE, (150, 120, 100))))
    assert (measures["sharpness"], measures["edge_ratio"]) == (0, 0)


def test_small_reflections_on_skin_are_glare_on_every_tone(sharp: Image.Image) -> None:
    for tone in range(1, len(MONK) + 1):
        skin = recoloured(sharp, tone)
        assert values(skin)["glare_share"] < 0.005, tone
        assert values(shining(0.04)(skin))["glare_share"] > 0.015, tone


@pytest.mark.parametrize("tone", [1, 2, 6])
@pytest.mark.parametrize("name", THINGS)
def test_a_white_thing_is_neither_glare_nor_too_much_light(sharp: Image.Image, name: str, tone: int) -> None:
    measures = values(THINGS[name](recoloured(sharp, tone)))
    assert measures["glare_share"] <= 0.015
    assert measures["bright_share"] <= 0.02


def test_reflections_do_not_count_as_blur_on_dark_skin(sharp: Image.Image) -> None:
    skin = recoloured(sharp, 9)
    assert judge(values(shining(0.025)(skin))).reasons == ("glare",)


def test_a_large_burnt_area_is_too_much_light(sharp: Image.Image) -> None:
    light = Image.new("L", SIZE)
    ImageDraw.Draw(light).ellipse((300, 200, 900, 700), fill=255)
    burnt = Image.composite(
        Image.new("RGB", SIZE, (255, 255, 255)), sharp, light.filter(ImageFilter.GaussianBlur(60))
    )
    assert "bright" in judge(values(burnt)).reasons
    assert "dark" in judge(values(exposed(-6)(sharp))).reasons


def test_skin_burnt_all_around_a_dark_lesion_is_no_white_thing() -> None:
    burnt = Image.new("RGB", SIZE, (255, 255, 255))
    lesion = material.hairy().resize(SIZE).point(lambda level: level // 3)
    burnt.paste(lesion.crop((0, 0, 400, 400)), (400, 300))
    assert "bright" in judge(values(burnt)).reasons


def through_dermoscope(image: Image.Image) -> Image.Image:
    """Return what a dermoscope shows of it: a disc with a soft edge, and black around."""
    seen = Image.new("L", image.size)
    ImageDraw.Draw(seen).ellipse((180, 20, 1100, 940), fill=255)
    black = Image.new("RGB", image.size)
    return Image.composite(image, black, seen.filter(ImageFilter.GaussianBlur(6)))


def with_white_border(image: Image.Image) -> Image.Image:
    """Draw the line that some programs put around a picture."""
    drawn = image.copy()
    ImageDraw.Draw(drawn).rectangle((0, 0, image.width - 1, image.height - 1), outline="white", width=3)
    return drawn


@pytest.mark.parametrize("border", [lambda image: image, with_white_border])
def test_the_rim_of_a_dermoscope_is_no_part_of_the_picture(sharp: Image.Image, border: Change) -> None:
    black = Image.new("RGB", SIZE)
    dermoscopic = values(border(through_dermoscope(sharp)))
    assert dermoscopic["vignette"] is True
    assert dermoscopic["dark_share"] < 0.05
    assert judge(dermoscopic).colour == "green"
    assert values(border(sharp))["vignette"] is False
    assert values(black)["vignette"] is False
    assert values(black)["dark_share"] == 1


CHANGES: dict[str, Change] = {
    "sharp": lambda image: image,
    "defocused": defocused(1.5),
    "moved": moved(9, 40),
    "grainy": grainy(3),
    "dark": exposed(-4),
    "light": exposed(2),
    "shining": shining(0.03),
    "card": THINGS["card"],
    "gauze": THINGS["gauze"],
    "palest, shining": lambda image: shining(0.03)(recoloured(image, 1)),
    "palest, sheet": lambda image: THINGS["sheet"](recoloured(image, 1)),
    "dermoscope, border": lambda image: with_white_border(through_dermoscope(image)),
    "small": lambda image: image.resize((333, 251)),
    "upright": lambda image: image.transpose(Image.Transpose.ROTATE_90),
    "tiny": lambda image: image.resize((5, 3)),
    "black": lambda image: Image.new("RGB", image.size),
}


def test_the_phone_measures_what_the_server_measures(sharp: Image.Image) -> None:
    pictures = {name: change(sharp) for name, change in CHANGES.items()}
    said = dict(zip(pictures, judged([(image, 4032) for image in pictures.values()]), strict=True))
    for name, image in pictures.items():
        mine = values(image)
        for key, value in said[name]["measures"].items():
            if key == "long_side":
                continue
            assert value == pytest.approx(
                mine[key], abs=0.011 * max(1, abs(mine[key])) if key != "version" else 0
            ), (
                name,
                key,
            )
        verdict = judge(mine | {"long_side": 4032})
        assert said[name]["colour"] == verdict.colour, name
        assert {finding["reason"] for finding in said[name]["findings"]} == set(verdict.reasons), name


def test_a_live_frame_is_told_apart_when_it_is_blurred(sharp: Image.Image) -> None:
    frames = [
        change(sharp).resize((480, 360), Image.Resampling.BOX) for change in (CHANGES["sharp"], defocused(4))
    ]
    still, blurred = judged([(frame, 0) for frame in frames], live=True)
    assert still["colour"] == "green"
    assert blurred["colour"] != "green"

"""The reader of the reference card, on the sheet's own rendering seen by a simulated phone."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from PIL import Image

from dermavis.adapters.imaging.card import find_card
from dermavis.adapters.imaging.card_search import dense_regions
from dermavis.domain import reference_card as card
from dermavis.domain.card_reading import SCALE, CardReading, neutral_offered, said_beside
from dermavis.domain.homography import apply
from tests import material
from tests.load.card_camera import FOCAL_35MM, SIZE, Camera
from tests.load.card_scenes import BATCH, Fault, Scene, composed, printed_card, without_card

STRAIGHT = Camera(0.0, 0.0, 0.0, 180.0, (-30.0, -10.0), 0.0, 0.0)
LESION = ((50.0, 58.0), (60.0, 58.0))
PLAIN = Scene(STRAIGHT, LESION, Fault(grain=3, quality=90))


def test_the_card_gives_the_length_of_a_lesion_beside_it_from_any_side() -> None:
    for turn, tilt in ((0.0, 0.0), (1.1, 20.0), (math.pi, 35.0), (4.4, 28.0)):
        camera = replace(STRAIGHT, turn=turn, tilt=math.radians(tilt), tilt_axis=turn / 2, aside=(0.0, 0.0))
        reading = _read(replace(PLAIN, camera=camera))

        assert (reading.batch, reading.discs) == (BATCH, 6)
        assert said_beside(reading, verified=True) == SCALE
        assert _length(reading, camera) == pytest.approx(10, abs=0.1)
        assert reading.tilt == pytest.approx(tilt, abs=2)


def test_a_soft_picture_is_read_after_it_is_sharpened() -> None:
    soft = replace(PLAIN, fault=Fault(defocus=2.1, grain=2))

    assert _length(_read(soft), STRAIGHT) == pytest.approx(10, abs=0.1)


def test_paper_bent_under_the_phone_is_never_said_to_give_the_scale() -> None:
    bent = replace(STRAIGHT, radius=140.0, aside=(0.0, 0.0))

    reading = _read(replace(PLAIN, camera=bent))

    assert reading.worst_mm > 0.12
    assert said_beside(reading, verified=True) != SCALE


def test_a_disc_under_a_finger_is_left_out_and_the_others_carry_the_scale() -> None:
    picture = composed(PLAIN)
    x, y = STRAIGHT.seen(card.DISCS[-1])
    picture.paste((190, 140, 120), (round(x) - 60, round(y) - 60, round(x) + 60, round(y) + 60))

    reading = find_card(picture, FOCAL_35MM)

    assert reading is not None
    assert reading.discs == 5
    assert _length(reading, STRAIGHT) == pytest.approx(10, abs=0.1)


def test_the_gains_make_the_greys_neutral_and_keep_their_light() -> None:
    reading = _read(replace(PLAIN, fault=Fault(tint=(1.0, 0.85, 0.6), exposure=0.8, grain=2)))

    assert reading.gains is not None
    red, green, blue = reading.gains
    assert red < green < blue
    assert blue / red == pytest.approx(1 / 0.6, rel=0.12)
    assert neutral_offered(reading)
    assert not neutral_offered(_read(replace(PLAIN, fault=Fault(exposure=0.8, grain=2))))


def test_a_shadow_over_half_the_card_withholds_the_neutral() -> None:
    picture = composed(replace(PLAIN, fault=Fault(tint=(1.0, 0.9, 0.7), exposure=0.9, grain=2)))
    x, _ = STRAIGHT.seen((45.0, 20.0))
    half = picture.crop((round(x), 0, *SIZE)).point([level * 3 // 4 for level in range(256)] * 3)
    picture.paste(half, (round(x), 0))

    reading = find_card(picture, FOCAL_35MM)

    assert reading is not None
    assert reading.uneven is not None
    assert reading.uneven > 1.25
    assert not neutral_offered(reading)


def test_burnt_greys_give_no_neutral_but_the_scale_stays() -> None:
    burnt = composed(PLAIN).point([min(255, level * 2) for level in range(256)] * 3)

    reading = find_card(burnt, FOCAL_35MM)

    assert reading is not None
    assert reading.gains is None
    assert _length(reading, STRAIGHT) == pytest.approx(10, abs=0.15)


def test_other_codes_and_patterns_are_no_card() -> None:
    assert _read(PLAIN).batch == BATCH
    for seed in range(8):
        assert find_card(without_card(seed)) is None
    assert find_card(Image.new("RGB", (40, 30), "white")) is None
    assert find_card(material.scene()) is None


def test_a_code_cut_out_of_its_card_gives_no_disc() -> None:
    left, top = card.CODE_CORNERS[0]
    code = (
        printed_card(2)
        .convert("RGB")
        .crop(tuple(round((at + 2) * 8) for at in (left - 3, top - 3, left + 23, top + 23)))
    )
    picture = Image.new("RGB", (1280, 960), (196, 150, 130))
    picture.paste(code, (500, 400))

    reading = find_card(picture)

    assert reading is None or (reading.discs == 0 and said_beside(reading, verified=True) == "")


def test_skin_is_not_searched_twice_and_a_code_is() -> None:
    assert dense_regions(material.scene(2016, 1512).convert("L")) == []
    x, y = STRAIGHT.seen((22.0, 24.75))
    boxes = dense_regions(composed(PLAIN).convert("L"))
    assert any(left < x < right and top < y < bottom for left, top, right, bottom in boxes)


def _read(scene: Scene) -> CardReading:
    reading = find_card(composed(scene), FOCAL_35MM)
    assert reading is not None
    return reading


def _length(reading: CardReading, camera: Camera) -> float:
    ends = [apply(reading.to_mm, (u / SIZE[0], v / SIZE[1])) for u, v in map(camera.seen, LESION)]
    return math.dist(*ends)

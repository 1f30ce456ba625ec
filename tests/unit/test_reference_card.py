"""The card's layout and codes, the check of a print, and what may be said from a reading."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dermavis.domain import reference_card as card
from dermavis.domain.card_reading import (
    APPROXIMATE,
    CLIENT_LIMITS,
    NOTHING,
    SCALE,
    CardReading,
    neutral_offered,
    reading_of,
    said_at,
    said_beside,
)
from dermavis.domain.errors import InvalidInput

ROOT = Path(__file__).parents[2]
GOOD = CardReading(
    batch="A",
    to_mm=(90.0, 0, 0, 0, 60.0, 0, 0, 0, 1.0),
    discs=6,
    both_ends=True,
    worst_mm=0.05,
    rms_mm=0.03,
    module_pixels=5.0,
    confidence=0.9,
    tilt=12.0,
    gains=(1.2, 1.0, 0.9),
    uneven=1.1,
)


def test_every_code_of_a_batch_fits_the_smallest_code_and_is_told_from_others() -> None:
    codes = list(card.batch_codes())

    assert len(codes) == len(set(codes)) == 36 + 36 * 36
    assert all(len(card.payload(code)) <= 10 and card.batch_of(card.payload(code)) == code for code in codes)
    for foreign in (
        "DVC1-20-",
        "DVC1-20-ABC",
        "DVC2-20-A",
        "DVC1-25-A",
        "dvc1-20-a",
        "DVC1-20-A ",
        "https://a.fr",
    ):
        assert card.batch_of(foreign) is None


def test_nothing_on_the_card_touches_a_disc_or_the_code() -> None:
    boxes = [(x - card.DISC_MM / 2, y - card.DISC_MM / 2, card.DISC_MM, card.DISC_MM) for x, y in card.DISCS]
    quiet = card.CODE_MM / card.MODULES * card.QUIET_MODULES
    left, top = card.CODE_CORNERS[0]
    boxes.append((left - quiet, top - quiet, card.CODE_MM + 2 * quiet, card.CODE_MM + 2 * quiet))
    boxes += [(x, y, card.GREY_MM, card.GREY_MM) for _, (x, y) in card.GREY_PATCHES]
    boxes += [(x, y, card.LIGHT_MM, card.LIGHT_MM) for x, y in card.LIGHT_PATCHES]

    for rank, (x, y, wide, high) in enumerate(boxes):
        assert min(x, y, card.WIDTH_MM - x - wide, card.HEIGHT_MM - y - high) >= 0
        for u, v, across, down in boxes[rank + 1 :]:
            assert x + wide <= u or u + across <= x or y + high <= v or v + down <= y


def test_a_print_within_half_a_millimetre_is_as_drawn_and_a_shrunk_one_is_corrected() -> None:
    assert not card.AS_DRAWN.corrected
    assert card.AS_DRAWN.factor == 1
    assert not card.check_print("85,4", "85.8 mm").corrected

    shrunk = card.check_print("83,0", "83,2")

    assert shrunk.corrected
    assert shrunk.factor == pytest.approx(83.1 / 85.6)


@pytest.mark.parametrize(
    ("across", "down", "wrong"),
    [
        ("", "85,6", "across"),
        ("85,6", "quatre-vingts", "down"),
        ("8,56", "85,6", "across"),
        ("nan", "85,6", "across"),
        ("inf", "85,6", "across"),
        ("83,0", "84,2", "down"),
    ],
)
def test_a_length_that_is_none_and_a_distorted_print_are_refused_beside_their_field(
    across: str, down: str, wrong: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        card.check_print(across, down)

    assert list(refused.value.errors) == [wrong]


@pytest.mark.parametrize(
    ("change", "verified", "said"),
    [
        ({}, True, SCALE),
        ({}, False, APPROXIMATE),
        ({"discs": 3}, True, SCALE),
        ({"discs": 4, "both_ends": False}, True, APPROXIMATE),
        ({"discs": 2}, True, APPROXIMATE),
        ({"discs": 1}, True, APPROXIMATE),
        ({"discs": 0}, True, NOTHING),
        ({"worst_mm": 0.12}, True, SCALE),
        ({"worst_mm": 0.13}, True, APPROXIMATE),
        ({"rms_mm": 0.13}, True, APPROXIMATE),
        ({"worst_mm": 0.7}, True, NOTHING),
        ({"module_pixels": 3.0}, True, SCALE),
        ({"module_pixels": 2.9}, True, APPROXIMATE),
    ],
)
def test_what_is_said_beside_the_card(change: dict[str, float], verified: bool, said: str) -> None:
    assert said_beside(replace(GOOD, **change), verified=verified) == said  # type: ignore[arg-type]


def test_what_is_said_weakens_with_the_distance_from_the_card() -> None:
    assert [said_at(SCALE, far) for far in (0, 20, 20.1, 60, 60.1)] == [
        SCALE,
        SCALE,
        APPROXIMATE,
        APPROXIMATE,
        NOTHING,
    ]
    assert [said_at(APPROXIMATE, far) for far in (0, 60.1)] == [APPROXIMATE, NOTHING]
    assert said_at(NOTHING, 0) == NOTHING


@pytest.mark.parametrize(
    ("gains", "uneven", "offered"),
    [
        ((1.2, 1.0, 0.9), 1.1, True),
        ((1.05, 1.0, 1.0), 1.1, False),
        ((1.11, 1.0, 1.01), 1.1, True),
        ((1.79, 1.0, 1.0), 1.1, True),
        ((1.81, 1.0, 1.0), 1.1, False),
        ((1.2, 1.0, 0.9), 1.25, False),
        ((1.2, 1.0, 0.9), None, False),
        (None, 1.1, False),
    ],
)
def test_the_neutral_is_offered_for_a_visible_cast_in_even_light(
    gains: tuple[float, float, float] | None, uneven: float | None, offered: bool
) -> None:
    assert neutral_offered(replace(GOOD, gains=gains, uneven=uneven)) is offered


@given(st.integers(0, 6), st.floats(0, 5), st.one_of(st.none(), st.floats(0, 60)))
def test_a_reading_is_stored_and_read_again(discs: int, worst: float, tilt: float | None) -> None:
    reading = replace(GOOD, discs=discs, worst_mm=worst, tilt=tilt)

    assert reading_of(reading.as_values() | {"to_mm": list(reading.to_mm)}) == reading
    assert reading_of({"found": False}) is None
    assert reading_of({}) is None


def test_the_phone_has_the_layout_and_the_limits_of_the_server() -> None:
    file = ROOT / "static" / "js" / "camera" / "card-layout.js"
    assert file.read_text("utf-8") == card.client_module(CLIENT_LIMITS), (
        'write it anew: .venv/bin/python -c "from dermavis.domain.reference_card import client_module; '
        f"from dermavis.domain.card_reading import CLIENT_LIMITS; print(client_module(CLIENT_LIMITS), end='')\""
        f" > {file.relative_to(ROOT)}"
    )

"""The tokens' colours keep the contrast that words and controls need, by day and by night (WCAG 1.4.3, 1.4.11)."""

from __future__ import annotations

import re

import pytest

from tests.web.specimen import ROOT

TOKENS = (ROOT / "static/css/tokens.css").read_text(encoding="utf-8")
DAY, NIGHT = re.split(r"@media \(prefers-color-scheme: dark\)", TOKENS)[:2]
NIGHT = NIGHT.split("@media")[0]

WORDS = [
    ("ink", ground) for ground in ("paper", "surface", "sunk", "accent-soft")
] + [
    ("ink-soft", "paper"), ("ink-soft", "surface"), ("ink-soft", "sunk"),
    ("accent", "paper"), ("accent", "surface"), ("accent", "accent-soft"),
    ("on-accent", "accent"), ("on-accent", "accent-deep"), ("on-alarm", "alarm"),
    ("late", "paper"), ("late", "surface"), ("late", "late-soft"),
    ("warn", "paper"), ("warn", "surface"), ("warn", "warn-soft"),
    ("ok", "paper"), ("ok", "surface"), ("ok", "ok-soft"),
    ("on-band", "band"), ("on-band-soft", "band"),
    ("on-room", "room"), ("on-room", "room-high"), ("on-room-soft", "room"),
    ("room-warn", "room"), ("room-ok", "room"),
]  # fmt: skip
EDGES = [("edge", "surface"), ("edge", "paper"), ("focus", "surface"), ("focus", "paper")]


def colours(mode: str) -> dict[str, str]:
    found = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{3,6});", DAY))
    return found | (dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{3,6});", NIGHT)) if mode == "night" else {})


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(sign * 2 for sign in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_is_the_standards() -> None:
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_night_changes_colours() -> None:
    assert colours("night")["paper"] != colours("day")["paper"]


@pytest.mark.parametrize("mode", ["day", "night"])
@pytest.mark.parametrize(("words", "ground"), WORDS)
def test_words_can_be_read(mode: str, words: str, ground: str) -> None:
    tokens = colours(mode)
    assert contrast(tokens[words], tokens[ground]) >= 4.5


@pytest.mark.parametrize("mode", ["day", "night"])
def test_body_text_is_better_than_it_must_be(mode: str) -> None:
    tokens = colours(mode)
    assert min(contrast(tokens["ink"], tokens["paper"]), contrast(tokens["ink-soft"], tokens["paper"])) >= 7


@pytest.mark.parametrize("mode", ["day", "night"])
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_the_edge_of_a_control_can_be_seen(mode: str, edge: str, ground: str) -> None:
    tokens = colours(mode)
    assert contrast(tokens[edge], tokens[ground]) >= 3

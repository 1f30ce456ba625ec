"""The printed sheet: the layout of the domain, in pure black ink, with the outlines that verify the print."""

from __future__ import annotations

import re
import zlib

from dermavis.adapters.reports.cards import TypstCards
from dermavis.domain import reference_card as card

POINTS_A_MM = 72 / 25.4


def test_a_sheet_is_one_a4_page_and_the_same_each_time() -> None:
    made = TypstCards().sheet("A7", "Cabinet des Tilleuls, 27 nov. 2026")

    assert made.startswith(b"%PDF-")
    assert made == TypstCards().sheet("A7", "Cabinet des Tilleuls, 27 nov. 2026")
    assert made != TypstCards().sheet("A8", "Cabinet des Tilleuls, 27 nov. 2026")
    assert len(re.findall(rb"/Type\s*/Page\b", made)) == 1
    assert re.search(rb"/MediaBox\s*\[0 0 595.27\d* 841.88\d*\]", made)


def test_discs_code_and_greys_are_in_pure_black_ink() -> None:
    inks = {tuple(map(float, ink.split())) for ink in re.findall(r"(\S+ \S+ \S+ \S+) [kK]\s", _drawing())}

    assert all(ink[:3] == (0, 0, 0) for ink in inks)
    shares = {round(ink[3], 3) for ink in inks}
    assert {1.0, *(round((255 - level) / 255, 3) for level in card.GREYS)} == shares


def test_two_outlines_have_the_size_of_a_bank_card_one_across_and_one_down() -> None:
    strokes = re.findall(r" 0\.5669\d* w \S+ M (.*?)\nS\n", _drawing(), re.S)

    sizes = [_size(path) for path in strokes]

    assert sizes == [(card.WIDTH_MM, card.HEIGHT_MM), (card.HEIGHT_MM, card.WIDTH_MM)]


def test_a_place_with_characters_without_a_glyph_is_printed_all_the_same() -> None:
    assert TypstCards().sheet("A", "Cabinet \U0001f9ea \u4e2d").startswith(b"%PDF-")


def _size(path: str) -> tuple[float, float]:
    points = re.findall(r"(\S+) (\S+) (?=[mlc]\b)", path)
    return (
        round(max(float(x) for x, _ in points) / POINTS_A_MM, 2),
        round(max(float(y) for _, y in points) / POINTS_A_MM, 2),
    )


def _drawing() -> str:
    """Return what the page draws."""
    made = TypstCards().sheet("A7", "Cabinet")
    drawn = []
    for found in re.finditer(rb"stream\r?\n", made):
        try:
            drawn.append(zlib.decompressobj().decompress(made[found.end() :]).decode("latin-1"))
        except zlib.error:
            continue
    pages = [text for text in drawn if re.search(r"\d k\s", text)]
    assert len(pages) == 1
    return pages[0]

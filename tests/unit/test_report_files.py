"""The file of a report: for archives and screen readers, its pictures untouched, the same each time."""

from __future__ import annotations

import io
import time
from datetime import date
from typing import Any

import pypdf
import pytest
from PIL import Image

from dermavis.adapters.reports import FONT
from dermavis.adapters.reports.glyphs import characters, printable
from dermavis.domain.report import file_name, pictures_to_show
from tests.reporting import REPORTS, common_report, drawn


def test_the_file_is_an_archive_and_tagged_for_screen_readers() -> None:
    reader = pypdf.PdfReader(io.BytesIO(REPORTS.make(common_report())))
    root = reader.trailer["/Root"]
    about = root["/Metadata"].get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in about
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in about
    assert "<pdfuaid:part>1</pdfuaid:part>" in about
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "fr-FR"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert reader.metadata.title == "Avis D-4821 du 26\u00a0novembre\u00a02026"
    assert "VAUTRIN" not in str(reader.metadata)
    kinds, alternatives = _tags(root["/StructTreeRoot"])
    assert kinds.count("/H1") == 1
    assert kinds.count("/H2") == 2
    assert kinds.count("/Figure") == 3
    assert alternatives == ["Vue d’ensemble du dos", "Gros plan du dos", "Gros plan avec échelle du dos"]


def _tags(node: Any) -> tuple[list[str], list[str]]:
    node = node.get_object()
    if isinstance(node, list):
        below = [_tags(each) for each in node]
    elif isinstance(node, dict) and "/K" in node:
        below = [_tags(node["/K"])]
    else:
        below = []
    kinds, alternatives = [], []
    if isinstance(node, dict) and "/S" in node:
        kinds.append(str(node["/S"]))
        if "/Alt" in node:
            alternatives.append(str(node["/Alt"]))
    for more_kinds, more_alternatives in below:
        kinds += more_kinds
        alternatives += more_alternatives
    return kinds, alternatives


def test_pictures_are_whole_and_their_bytes_untouched() -> None:
    wide, tall = drawn(1600, 900), drawn(700, 1400)
    pictures = [{"content": wide, "legend": "a", "alternative": ""}, {"content": tall, "legend": "b"}]
    pdf = REPORTS.make(common_report(pictures=pictures))
    found = [image for page in pypdf.PdfReader(io.BytesIO(pdf)).pages for image in page.images]
    assert sorted(image.image.size for image in found if image.image) == [(700, 1400), (1600, 900)]
    assert wide in pdf
    assert tall in pdf


def test_at_most_two_rows_of_four_pictures_are_printed() -> None:
    pictures = [{"content": drawn(300, 200 + rank), "legend": str(rank)} for rank in range(10)]
    reader = pypdf.PdfReader(io.BytesIO(REPORTS.make(common_report(pictures=pictures))))
    assert sum(len(page.images) for page in reader.pages) == 8


@pytest.mark.parametrize(
    ("ranks", "several", "shown"),
    [
        ([0, 0, 0, 0, 0], False, [0, 1, 2, 3]),
        ([], True, []),
        ([0] * 9 + [1, 2], True, [0, 1, 2, 3, 4, 5, 9, 10]),
        ([1, 0, -1, 0], True, [2, 1, 3, 0]),
        ([0, 0, 1, 1, 2, 2, 3, 3, 4, 4], True, [0, 1, 2, 3, 4, 5, 6, 8]),
    ],
)
def test_no_lesion_is_left_without_a_picture_in_the_report(
    ranks: list[int], several: bool, shown: list[int]
) -> None:
    assert pictures_to_show(ranks, several) == shown


def test_a_picture_that_is_no_jpeg_is_refused() -> None:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    with pytest.raises(ValueError, match="not a JPEG"):
        REPORTS.make(common_report(pictures=[{"content": out.getvalue(), "legend": "a"}]))


def test_the_same_report_is_the_same_file_and_comes_quickly() -> None:
    report = common_report()
    first = REPORTS.make(report)
    start = time.perf_counter()
    assert REPORTS.make(report) == first
    assert time.perf_counter() - start < 2


def test_the_name_of_the_file_is_the_number_and_the_day() -> None:
    assert file_name("D-4821", date(2026, 11, 26)) == "avis-D-4821-2026-11-26.pdf"
    assert file_name("D-4821", date(2026, 11, 26), 2) == "avis-D-4821-2026-11-26-v2.pdf"
    assert file_name('../"\r\n', date(2026, 11, 26)) == "avis-avis-2026-11-26.pdf"


def test_the_font_says_what_it_holds() -> None:
    known = characters(FONT)
    assert {ord(character) for character in "œŒŸ≤≥×µ«»’€ﬁ\u202f\u00a0□"} <= known
    assert ord("中") not in known
    assert printable("a\r\nb\u2028c\td", FONT) == "a\nb\nc d"

"""The file of a report: for archives and screen readers, its pictures untouched, the same each time."""

from __future__ import annotations

import io
import time
from datetime import date
from typing import Any

import pypdf
import pytest
import typst
from PIL import Image, ImageChops

from dermavis.adapters.reports import FONT
from dermavis.adapters.reports.glyphs import characters, printable
from dermavis.adapters.reports.picture_pages import in_svg
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


def test_an_arrow_and_a_circle_lie_over_the_picture_at_their_place() -> None:
    skin = Image.new("RGB", (400, 200), (200, 150, 120))
    out = io.BytesIO()
    skin.save(out, "JPEG", quality=95)
    marks = [
        {"shape": "circle", "start": [0.25, 0.5], "end": [0.375, 0.5]},
        {"shape": "arrow", "start": [0.625, 0.25], "end": [0.875, 0.75]},
    ]
    plain, drawn_on = (_rendered(in_svg(out.getvalue(), 400, 200, these)) for these in ((), marks))
    changed = ImageChops.difference(plain, drawn_on).convert("L").point([0, *[255] * 255])
    assert ImageChops.difference(plain, skin).convert("L").getextrema()[1] < 5, "nothing is drawn of itself"
    on_the_circle, on_the_shaft, on_the_head = (150, 100), (300, 100), (350, 150)
    for place in (on_the_circle, on_the_shaft, on_the_head):
        assert min(drawn_on.getpixel(place)) > 225, place
    for place in ((100, 100), (100, 20), (200, 100), (300, 180)):
        assert changed.getpixel(place) == 0


def test_a_picture_that_is_drawn_on_keeps_its_bytes_and_the_report_its_standards() -> None:
    content = drawn(900, 700)
    marks = [{"shape": "circle", "start": [0.5, 0.5], "end": [0.6, 0.5]}]
    pdf = REPORTS.make(common_report(pictures=[{"content": content, "legend": "a", "marks": marks}]))
    assert content in pdf
    assert pdf != REPORTS.make(common_report(pictures=[{"content": content, "legend": "a"}]))


def _rendered(svg: str) -> Image.Image:
    """Return a page of that picture alone, a pixel of it a pixel of the page."""
    page = (
        '#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.picture), format: "svg")'
    )
    png = typst.compile(page.encode(), sys_inputs={"picture": svg}, format="png", ppi=96)
    assert isinstance(png, bytes)
    with Image.open(io.BytesIO(png)) as read:
        return read.convert("RGB").resize((400, 200), Image.Resampling.BOX)


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

"""Files for spreadsheets: no cell begins a formula, whatever stands in it."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dermavis.domain.csv_text import BYTE_ORDER_MARK, csv_text, safe_cell


@pytest.mark.parametrize(
    "text", ["=1+1", "+33", "-2", "@SUM(A1)", "\tx", "\rx", "\n=1", "  =1", "\u00a0@x", "\ufeff=1"]
)
def test_what_would_be_a_formula_is_text(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Dr Maubert", "D-4821", "a=b", "3 = 3", "2026-03-12 10:00:00"])
def test_ordinary_cells_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


def test_the_file_has_its_mark_and_semicolons() -> None:
    text = csv_text(["Qui", "Quoi"], [["Dr « A » ; B", 'dit "oui"']])
    assert text.startswith(BYTE_ORDER_MARK + "Qui;Quoi\r\n")
    assert list(csv.reader(io.StringIO(text[1:]), delimiter=";"))[1] == ["Dr « A » ; B", 'dit "oui"']


@given(st.lists(st.text(alphabet=st.characters(blacklist_characters="\x00\r\n")), min_size=1))
def test_whatever_is_typed_comes_back_as_text(cells: list[str]) -> None:
    [_, row] = csv.reader(io.StringIO(csv_text(["a"], [cells])[1:]), delimiter=";")
    assert [cell.removeprefix("'") for cell in row] == [cell.removeprefix("'") for cell in cells]
    assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]

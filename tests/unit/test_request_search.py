"""What is typed into the search of « Mes demandes »."""

from __future__ import annotations

from typing import Any

import pytest

from dermavis.domain.request_search import Wanted, matches, read_query

LEBOEUF = {"birth_name": "LEBŒUF", "used_name": "", "first_name": "Élodie", "birth_date": "1980-03-01"}
AUBIGNE = {
    "birth_name": "D’Aubigné",
    "used_name": "Le Goff‑Martin",
    "first_name": "Zoé",
    "birth_date": "1975-12-24",
}


@pytest.mark.parametrize(
    ("query", "summary", "number"),
    [
        ("leboeuf", LEBOEUF, "D-1"),
        ("lebœuf elodie", LEBOEUF, "D-1"),
        ("Élo", LEBOEUF, "D-1"),
        ("01/03/1980", LEBOEUF, "D-1"),
        ("1.3.1980 lebo", LEBOEUF, "D-1"),
        ("01031980", LEBOEUF, "D-1"),
        ("d'aubigne", AUBIGNE, "D-2"),
        ("martin", AUBIGNE, "D-2"),
        ("le goff-martin", AUBIGNE, "D-2"),
        ("D-4821", LEBOEUF, "D-4821"),
        ("d4821", LEBOEUF, "D-4821"),
        ("4821", LEBOEUF, "D-4821"),
    ],
)
def test_a_request_is_found_as_people_write(query: str, summary: dict[str, Any], number: str) -> None:
    assert matches(read_query(query), summary, number)


@pytest.mark.parametrize(
    "query", ["%", "_", "％", "", "  ", "boeuf", "leboeuf martin", "02/03/1980", "482", "D-48211", "leb%f"]
)
def test_what_is_not_there_is_not_found(query: str) -> None:
    assert matches(read_query("leboeuf"), LEBOEUF, "D-4821")
    assert not matches(read_query(query), LEBOEUF, "D-4821")


def test_signs_alone_ask_for_nothing() -> None:
    assert read_query("% _ ％ '") == Wanted()
    assert not read_query("%")


def test_a_date_that_no_calendar_has_is_read_as_words() -> None:
    assert read_query("31/02/1980").born == ""
    assert read_query("29/02/1980").born == "1980-02-29"

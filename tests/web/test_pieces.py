"""Pieces of pages that are drawn once: the same words give the same piece, other words another."""

from __future__ import annotations

from typing import Any

import pytest
from jinja2 import DictLoader, Environment
from markupsafe import Markup

from blueprints.pwa.pieces import Pieces

MACROS = """
{% macro said(words) %}{{ drawn() }}<p>{{ words }}</p>{% endmacro %}
{% macro bar(items) %}{{ drawn() }}{% for item in items %}<a>{{ item.count }}</a>{% endfor %}{% endmacro %}
{% macro form() %}<input type="hidden" name="csrf_token" value="1">{% endmacro %}
"""


@pytest.fixture
def drawings() -> list[str]:
    """One entry for each time that a macro ran."""
    return []


@pytest.fixture
def pieces(drawings: list[str]) -> Pieces:
    """Pieces of three macros."""
    environment = Environment(loader=DictLoader({"macros.html": MACROS}), autoescape=True)
    environment.globals["drawn"] = lambda: drawings.append("drawn") or ""
    return Pieces(environment)


def test_the_same_words_are_drawn_once_and_stay_escaped(pieces: Pieces, drawings: list[str]) -> None:
    first = pieces.piece("macros.html", "said", "<b>Vautrin</b>")
    assert first == Markup("<p>&lt;b&gt;Vautrin&lt;/b&gt;</p>")
    assert pieces.piece("macros.html", "said", "<b>Vautrin</b>") is first
    assert len(drawings) == 1
    assert "Aubigné" in pieces.piece("macros.html", "said", "Aubigné")


def test_a_changed_part_of_a_list_is_another_piece(pieces: Pieces) -> None:
    items = [{"href": "/worklist", "count": "1"}, {"href": "/account", "count": ""}]
    assert ">1<" in pieces.piece("macros.html", "bar", items)
    items[0]["count"] = "2"
    assert ">2<" in pieces.piece("macros.html", "bar", items)


@pytest.mark.parametrize(("one", "other"), [(1, True), (0, False), (1, 1.0), (None, ""), ("1", 1)])
def test_what_python_takes_for_equal_and_a_page_writes_otherwise_stays_apart(
    pieces: Pieces, drawings: list[str], one: Any, other: Any
) -> None:
    assert pieces.piece("macros.html", "said", one) == f"<p>{one}</p>"
    assert pieces.piece("macros.html", "said", other) == f"<p>{other}</p>"
    assert len(drawings) == 2


def test_text_is_escaped_whatever_markup_was_drawn_before(pieces: Pieces) -> None:
    assert pieces.piece("macros.html", "said", Markup("<b>")) == "<p><b></p>"
    assert pieces.piece("macros.html", "said", "<b>") == "<p>&lt;b&gt;</p>"
    assert pieces.piece("macros.html", "bar", [{"count": Markup("<i>")}]) == "<a><i></a>"
    assert pieces.piece("macros.html", "bar", [{"count": "<i>"}]) == "<a>&lt;i&gt;</a>"


@pytest.mark.parametrize("words", [object(), [object()], {"label": b"words"}])
def test_unknown_things_are_refused(pieces: Pieces, words: Any) -> None:
    with pytest.raises(TypeError):
        pieces.piece("macros.html", "said", words)


def test_what_belongs_to_one_request_is_no_piece(pieces: Pieces) -> None:
    with pytest.raises(ValueError, match="one request"):
        pieces.piece("macros.html", "form")

"""Pieces of pages that say the same for the same words: drawn once, then taken from memory.

A macro that is not given the page's context depends on its arguments alone. Nothing goes stale: other words are another
piece. What belongs to one request (a token, the id of a message) may not stand in one.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, cast

from flask import Flask
from jinja2 import Environment
from markupsafe import Markup

from dermavis.services.recent import Recent

MOST = 2_000
PLAIN = frozenset({bool, int, float, Markup})
OF_ONE_REQUEST = ('name="csrf_token"', 'name="message_id"')


class Pieces:
    """The pieces drawn lately with the templates of one application."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._drawn: Recent[Hashable, Markup] = Recent(MOST)

    def piece(self, template: str, macro: str, *words: Any) -> Markup:
        """Return the macro of a template drawn for these words: text, markup, numbers, lists and dictionaries of them.

        Raises TypeError for anything else, ValueError for a piece that belongs to one request.
        """
        place = (template, macro, _frozen(words))
        drawn = self._drawn.get(place)
        if drawn is None:
            drawn = self._draw(template, macro, words)
            self._drawn.keep(place, drawn)
        return drawn

    def _draw(self, template: str, macro: str, words: tuple[Any, ...]) -> Markup:
        drawn = cast(Markup, getattr(self._environment.get_template(template).module, macro)(*words))
        if any(sign in drawn for sign in OF_ONE_REQUEST):
            raise ValueError(f"{macro} of {template} belongs to one request")
        return drawn


def register(app: Flask) -> None:
    """Give the templates ``piece(template, macro, …)``."""
    app.jinja_env.globals["piece"] = Pieces(app.jinja_env).piece


def _frozen(words: Any) -> Hashable:
    """The words as a key. Those that Python takes for equal and a page writes otherwise stay apart.

    So 1 and True, and above all text, which is escaped, and markup, which is not.
    """
    kind = type(words)
    if kind is str or words is None:
        return cast(Hashable, words)
    if kind in PLAIN:
        return (kind, words)
    if kind is tuple or kind is list:
        return tuple([_frozen(one) for one in words])
    if kind is dict:
        return (dict, *[(name, _frozen(one)) for name, one in words.items()])
    raise TypeError(f"a piece is not drawn from {kind.__name__}")

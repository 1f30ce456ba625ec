"""One address, a page for each part: who opens ``/cases/<id>`` gets the page of the part they play on that case.

The modules of each part mark their views with ``page_for`` and ``words_from``; ``page`` chooses between them.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask.typing import ResponseReturnValue

from dermavis.services.case_part import Part

View = Callable[[UUID], ResponseReturnValue]

PAGES: dict[Part, View] = {}
WORDS: dict[Part, View] = {}


def page_for(part: Part) -> Callable[[View], View]:
    """Mark the view that shows a case to this part."""

    def mark(view: View) -> View:
        PAGES[part] = view
        return view

    return mark


def words_from(part: Part) -> Callable[[View], View]:
    """Mark the view that takes a message written by this part."""

    def mark(view: View) -> View:
        WORDS[part] = view
        return view

    return mark

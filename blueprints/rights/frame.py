"""What the pages of patients' demands share: the tabs of an administration, or a site's way back; days in words."""

from __future__ import annotations

from typing import Any

from flask import render_template

from blueprints.administration.frame import DEMANDS, Answer, demands_due, tabs
from blueprints.entrance.current import actor
from dermavis.domain.permission_map import allowed
from dermavis.domain.permissions import Permission
from dermavis.domain.wording import date_words, moment_words


def page(name: str, answer: Answer | None = None, **context: Any) -> tuple[str, int]:
    """Render a page of the demands, under the administration's tabs or those of a site."""
    answer = answer or Answer()
    zone = actor().time_zone
    html = render_template(
        f"pages/rights/{name}.html",
        navigation=tabs(DEMANDS) if looks_after_all() else _of_site(),
        answer=answer,
        all_sites=looks_after_all(),
        day=date_words,
        moment=lambda instant: moment_words(instant, zone),
        **context,
    )
    return html, answer.status


def looks_after_all() -> bool:
    """Whether the person looks after the demands of the whole network."""
    return allowed(actor().facts, Permission.DEMANDS_READ_ALL)


def _of_site() -> list[dict[str, Any]]:
    return [
        {"label": "Mes demandes", "href": "/requests", "current": False},
        {"label": "Droits des patients", "href": DEMANDS, "current": True} | demands_due(),
    ]

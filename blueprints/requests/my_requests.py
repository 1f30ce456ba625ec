"""« Mes demandes »: the list, its further pages, and the search. What is looked for never stands in an address."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from blueprints.entrance.current import actor, system, wants_partial
from dermavis.domain.errors import NotFound
from dermavis.domain.permissions import Permission
from dermavis.services import my_requests
from dermavis.services.access import require
from dermavis.services.demand_reminders import records_due_from_me
from dermavis.services.lists import note_list
from dermavis.services.merge_list import waiting_for_me
from dermavis.services.my_requests import Section
from dermavis.services.notices import unread_count
from dermavis.services.photo_course import offer_of
from dermavis.services.received_opinions import received_counts
from dermavis.services.work import Work, reading

blueprint = Blueprint("my_requests", __name__)

TITLES = {Section.FOR_YOU: "Pour vous", Section.RUNNING: "En cours", Section.OVER: "Terminées"}


@blueprint.get("/requests")
def show_list() -> str:
    """Show the three sections, or one further page of one of them."""
    chosen, after = _section(), request.args.get("after", "")
    with reading(system(), actor()) as work:
        wanted = [chosen] if chosen else list(Section)
        pages = {section: my_requests.page_of(work, section, after if chosen else "") for section in wanted}
        around = _around(work)
        course = None if chosen else offer_of(work)
    shown = [row.id for page in pages.values() for row in page.rows]
    note_list(system(), actor(), "requests", shown, chosen or "all")
    sections = [(section.value, TITLES[section], page) for section, page in pages.items()]
    return render_template(
        "pages/requests/my_requests.html", sections=sections, chosen=chosen, course=course, **around
    )


@blueprint.get("/requests/search")
def show_search() -> str:
    """Show the search as a page of its own, for a browser without scripts."""
    with reading(system(), actor()) as work:
        require(work, Permission.REQUESTS_LIST)
        around = _around(work)
    nothing = my_requests.Found([], False)
    return render_template("pages/requests/my_requests_search.html", found=nothing, query="", **around)


@blueprint.post("/requests/search")
def search() -> str:
    """Show what a search found: the part of the page that htmx asks for, or a page of its own."""
    query = request.form.get("q", "")[:200]
    with reading(system(), actor()) as work:
        found = my_requests.search(work, query)
        around = _around(work)
    note_list(system(), actor(), "requests", [row.id for row in found.rows], "search")
    template = "my_requests_found" if wants_partial() else "my_requests_search"
    return render_template(f"pages/requests/{template}.html", found=found, query=query, **around)


def _section() -> Section | None:
    name = request.args.get("section", "")
    try:
        return Section(name) if name else None
    except ValueError:
        raise NotFound from None


def _around(work: Work) -> dict[str, Any]:
    whole_site = my_requests.sees_whole_site(work)
    unread = unread_count(work)
    received, received_unread = received_counts(work)
    return {
        "received": received,
        "received_unread": received_unread,
        "title": "Demandes du site" if whole_site else "Mes demandes",
        "merges_waiting": waiting_for_me(work),
        "demands_due": records_due_from_me(work),
        "navigation_items": [
            {"label": "Demandes", "icon": "inbox", "href": "/requests", "current": True},
            {
                "label": "Notifications",
                "icon": "bell",
                "href": "/notifications",
                "count": unread and str(unread),
            },
            {"label": "Compte", "icon": "circle-user", "href": "/account"},
        ],
    }

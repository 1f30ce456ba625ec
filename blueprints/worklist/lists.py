"""The expert's three lists, whole pages or the part that htmx swaps, at the same addresses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from blueprints.entrance.current import actor, system, wants_partial
from blueprints.worklist.sittings import rank_of
from dermavis.domain.roles import Role
from dermavis.domain.wording import duration_words
from dermavis.services.lists import note_list
from dermavis.services.notices import unread_count
from dermavis.services.taking_back import Leaving, leaving
from dermavis.services.work import Work, reading
from dermavis.services.worklist import MINUTES_EACH, Worklist, worklist

blueprint = Blueprint("worklist", __name__)

TABS = (
    ("queue", "À répondre"),
    ("waiting", "En attente d’une précision"),
    ("answered", "Répondus"),
)

LISTS_BY_NAME = dict(TABS)

LABELS = {
    "queue": "Demandes à répondre, la plus pressée d’abord",
    "waiting": "Demandes en attente d’une précision",
    "answered": "Demandes répondues, la dernière d’abord",
}


@blueprint.get("/worklist")
def show() -> ResponseReturnValue:
    """Show a list: ``list`` names it, ``motive`` filters, ``after`` a place is the next page, ``through`` unfolds."""
    asked = {name: request.args.get(name, "") for name in ("motive", "after", "through")}
    with reading(system(), actor()) as work:
        found = worklist(work, request.args.get("list", "queue"), **asked)
        just = just_signed(work, request.args.get("signed", ""))
        unread = unread_count(work)
    shown = [row.id for row in (*found.above.rows, *found.rows)]
    note_list(system(), actor(), f"worklist.{found.name}", shown, found.motive)
    template = "partials/worklist.html" if wants_partial() else "pages/worklist/list.html"
    return render_template(
        template,
        found=found,
        above=bool(found.above.rows),
        rows=drawn(found),
        list_label=LABELS[found.name],
        motives=motives(found),
        leaving=just,
        navigation=navigation(found),
        unread_notifications=lambda: unread,
        query=query_of,
        duration=duration_words(timedelta(minutes=found.minutes)),
        each=MINUTES_EACH,
        done=done_words(rank_of(request.args.get("done", ""))),
    )


def drawn(found: Worklist) -> Markup:
    """Draw the rows of a list; one that was drawn before is taken as it was, as long as the row itself stands."""
    macros: Any = None
    way_back = query_of(found.name, found.motive)
    pieces = []
    for row in found.rows:
        on = (found.name, found.motive, found.completed.get(row.id, "") if found.completed else "")
        if on not in row.drawn:
            macros = macros or current_app.jinja_env.get_template("components/worklist_row.html").module
            row.drawn[on] = macros.worklist_row(row, found.name, way_back, on[2])
        pieces.append(row.drawn[on])
    return Markup("\n").join(pieces)


def motives(found: Worklist) -> list[tuple[str, int | str | None, str, bool]]:
    """The chips of the queue, for ``components/worklist_parts.html``: all of it, then each motive."""
    if found.name != "queue":
        return []
    every = ("Tous", found.queue.words, query_of("queue"), not found.motive)
    return [
        every,
        *[(row.label, row.count, query_of("queue", row.id), found.motive == row.id) for row in found.motives],
    ]


def just_signed(work: Work, text: str) -> Leaving | None:
    """What the actor signed a moment ago on the case of this id, and may still take back."""
    try:
        return leaving(work, UUID(text))
    except ValueError:
        return None


def done_words(answered: int) -> str:
    """What is said when a sitting has come to its end."""
    if not answered:
        return ""
    seen = "1 demande vue" if answered == 1 else f"{answered} demandes vues"
    return f"Séance terminée\u00a0: {seen}."


def navigation(found: Worklist) -> list[dict[str, Any]]:
    """The bar of the expert's pages; whoever answers for a centre's charter finds it there."""
    counts = {"queue": found.queue, "waiting": found.waiting}
    charter = {"label": "Charte", "href": "/administration/charters", "current": False, "count": ""}
    return [
        {
            "label": label,
            "href": "/worklist" if name == "queue" else f"/worklist?list={name}",
            "current": name == found.name,
            "count": counts[name].words if name in counts and counts[name].number else "",
        }
        for name, label in TABS
    ] + ([charter] if Role.SUPER_USER in actor().roles else [])


def query_of(name: str, motive: str = "", **more: str) -> str:
    """The query of an address that leads back to this list, without what is empty; with its question mark."""
    kept = {"list": name if name != "queue" else "", "motive": motive, **more}
    words = urlencode({key: value for key, value in kept.items() if value})
    return f"?{words}" if words else ""

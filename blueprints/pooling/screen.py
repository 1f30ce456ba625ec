"""The coordinator's screen: a list, the bar above it, and the request that is open beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import render_template, request
from markupsafe import Markup

from blueprints.entrance.current import actor, system, wants_partial
from blueprints.entrance.fields import typed_id
from dermavis.domain.errors import InvalidInput, Refusal
from dermavis.services.case_view import note_reading
from dermavis.services.lists import note_list
from dermavis.services.pooling_board import Board, PoolRow, SentPage, board, coordination_name, sent
from dermavis.services.pooling_case import PoolCase, pool_case
from dermavis.services.work import reading

LONGEST_QUERY = 200
HOLD_WORDS = ("Famille à joindre", "Médecin à joindre", "Photo attendue", "Pièce d’identité attendue")
DONE_WORDS = {
    "completed": "Dossier complété.",
    "returned": "Demande renvoyée à son médecin, qui est prévenu.",
    "noted": "Note enregistrée.",
    "addressed": "Destinataire changé.",
}
SHORTCUTS = (
    (("↑", "↓"), "Demande précédente, suivante"),
    (("Espace",), "Choisir la demande, ou ne plus la choisir"),
    (("⏎",), "Ouvrir le dossier"),
    (("T",), "Transmettre les demandes choisies"),
    (("A",), "Mettre en attente les demandes choisies"),
    (("E",), "Compléter le dossier ouvert"),
    (("R",), "Renvoyer le dossier ouvert au médecin"),
    (("/",), "Chercher"),
    (("Échap",), "Revenir à la liste"),
    (("?",), "Ces raccourcis"),
)
VIEW_ICONS = {"scale": "ruler", "overview": "image", "distribution": "user"}


@dataclass(frozen=True)
class Said:
    """What a batch or a refused form says on the screen: its result, or why it was refused and what was typed."""

    form: str = ""
    refusal: Refusal | None = None
    typed: dict[str, str] = field(default_factory=dict)
    result: dict[str, Any] | None = None

    @property
    def errors(self) -> dict[str, str]:
        """Field to sentence."""
        if self.refusal is None:
            return {}
        return self.refusal.errors if isinstance(self.refusal, InvalidInput) else {"": self.refusal.message}


def show_board(case_id: UUID | None = None, query: str = "", said: Said | None = None) -> str:
    """Render the board, whole or the part that a program asks for, with the request that is open."""
    query = query[:LONGEST_QUERY]
    with reading(system(), actor()) as work:
        opened = pool_case(work, case_id) if case_id else None
    if opened is not None and request.headers.get("HX-Target") == "panel":
        return _panel(opened)
    with reading(system(), actor()) as work:
        found = board(work, query)
        here = opened is None or any(row.id == opened.view.id for row in (*found.rows, *found.skipped))
        left = None if here else sent(work)
    if left is not None:
        return show_list(left, opened=opened, waiting=found.total, said=said)
    shown = [row.shown.id for row in (*found.rows, *found.skipped)]
    note_list(system(), actor(), "pooling", shown, "search" if query.strip() else "")
    return _screen(
        "board", found.rows, opened, found.total, said, board=found, skipped=found.skipped, query=query
    )


def show_list(
    found: SentPage,
    *,
    opened: PoolCase | None = None,
    waiting: int = 0,
    query: str = "",
    said: Said | None = None,
) -> str:
    """Render what left."""
    shown = [row.shown.id for row in found.rows]
    note_list(system(), actor(), "pooling.sent", shown, "search" if query.strip() else "")
    return _screen("sent", found.rows, opened, waiting, said, page=found, query=query)


def bar(current: str, waiting: int) -> dict[str, Any]:
    """The bar of the coordinator's pages: where they may go, and for whom they act."""
    with reading(system(), actor()) as work:
        place = coordination_name(work)
    name = Markup('<span>{}<span class="beyond">, {}</span></span>').format(actor().name, place)
    return {"navigation": _navigation(current, waiting), "person_name": name}


def _navigation(current: str, waiting: int) -> list[dict[str, Any]]:
    return [
        {
            "label": "Demandes des membres",
            "href": "/pooling",
            "current": current == "board",
            "count": waiting or "",
        },
        {"label": "Transmises", "href": "/pooling/sent", "current": current == "sent"},
        {"label": "Membres", "href": "/pooling/members", "current": current == "members"},
    ]


def _screen(
    tab: str,
    rows: list[PoolRow],
    opened: PoolCase | None,
    waiting: int,
    said: Said | None,
    *,
    query: str = "",
    board: Board | None = None,
    skipped: list[PoolRow] | None = None,
    page: SentPage | None = None,
) -> str:
    if opened is not None:
        note_reading(system(), actor(), opened.view, "pooling")
    template = "partials/pooling/answer.html" if wants_partial() else "pages/pooling/board.html"
    return render_template(
        template,
        tab=tab,
        rows=rows,
        skipped=skipped or [],
        board=board,
        page=page,
        query=query,
        **bar(tab, waiting),
        **_names_of_panel(opened, said),
    )


def _panel(opened: PoolCase) -> str:
    note_reading(system(), actor(), opened.view, "pooling")
    return render_template("partials/pooling/panel.html", tab="board", **_names_of_panel(opened, None))


def _names_of_panel(opened: PoolCase | None, said: Said | None) -> dict[str, Any]:
    shown = said or Said()
    return {
        "opened": opened,
        "opened_id": opened.view.id if opened else typed_id("open"),
        "said": shown,
        "errors": shown.errors,
        "missing_photos": [
            (label, VIEW_ICONS.get(view, "camera"))
            for label, view in (opened.missing_views if opened else [])
        ],
        "hold_words": HOLD_WORDS,
        "shortcuts": SHORTCUTS,
        "done": DONE_WORDS.get(request.args.get("done", ""), ""),
    }

"""What is done to several requests at once: released or held, each by itself, with a result a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from blueprints.entrance.current import actor, system
from blueprints.pooling.screen import Said, show_board
from dermavis.domain.permissions import Permission
from dermavis.services import pooling
from dermavis.services.access import require
from dermavis.services.pooling import Outcome
from dermavis.services.pooling_board import names_of
from dermavis.services.work import reading

blueprint = Blueprint("pooling_batch", __name__)


@blueprint.post("/pooling/release")
def release() -> ResponseReturnValue:
    """Send the chosen requests on; those that cannot leave say why."""
    chosen = _chosen()
    outcomes = pooling.release_many(system(), actor(), chosen)
    return _answer(outcomes, "transmise", "transmises", "Cochez d’abord les demandes à transmettre.")


@blueprint.post("/pooling/hold")
def hold() -> ResponseReturnValue:
    """Have the chosen requests wait for the reason given; ``lift`` lets them go on."""
    chosen, lifted = _chosen(), "lift" in request.form
    words = "" if lifted else request.form.get("words", "").strip() or "En attente"
    outcomes = pooling.hold_many(system(), actor(), chosen, words)
    done = ("remise à relire", "remises à relire") if lifted else ("mise en attente", "mises en attente")
    return _answer(outcomes, *done, "Cochez d’abord les demandes à mettre en attente.")


def _chosen() -> list[UUID]:
    with reading(system(), actor()) as work:
        require(work, Permission.POOL_LIST)
    found = []
    for text in request.form.getlist("case"):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _answer(outcomes: Sequence[Outcome], one: str, several: str, nothing: str) -> str:
    with reading(system(), actor()) as work:
        names = names_of(work, [row.case_id for row in outcomes])
    done = sum(row.done for row in outcomes)
    result: dict[str, Any] = {
        "title": _title(done, len(outcomes) - done, one, several) if outcomes else nothing,
        "kept": len(outcomes) - done or not outcomes,
        "one": one,
        "rows": [
            {"id": row.case_id, "name": names.get(row.case_id) or row.number or "Une demande", "outcome": row}
            for row in sorted(outcomes, key=lambda row: row.done)
        ],
    }
    return show_board(query=request.form.get("q", ""), said=Said(result=result))


def _title(done: int, kept: int, one: str, several: str) -> str:
    """Return "4 demandes transmises, 1 gardée"."""
    if not done:
        return f"Aucune demande {one}, {kept}\u00a0gardée{'s' if kept > 1 else ''}"
    words = f"1\u00a0demande {one}" if done == 1 else f"{done}\u00a0demandes {several}"
    return f"{words}, {kept}\u00a0gardée{'s' if kept > 1 else ''}" if kept else words

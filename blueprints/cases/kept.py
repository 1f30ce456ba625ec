"""Cases that a device keeps to be read without network: what it asks of the server, and the page that shows them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, render_template
from flask.typing import ResponseReturnValue

from blueprints.cases.words import call_rows, message_rows
from blueprints.entrance.current import actor, system
from blueprints.entrance.login import public
from dermavis.domain.errors import NotFound
from dermavis.domain.wording import moment_words
from dermavis.services.case_part import Part
from dermavis.services.case_photos import CasePhoto
from dermavis.services.case_view import CaseView, note_reading, view_of
from dermavis.services.kept_cases import cases_to_keep, part_kept
from dermavis.services.requester_view import requester_view
from dermavis.services.work import Work, reading

blueprint = Blueprint("kept_cases", __name__)

WITHOUT_NETWORK = "/cases/offline"
PLACES = r"^/cases/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$"
"""The addresses in whose place a device shows the page of ``WITHOUT_NETWORK``, where it keeps that case."""

TABLE = "cases"
"""Where a device keeps them, by their id."""


@blueprint.get(WITHOUT_NETWORK)
@public
def without_network() -> str:
    """Show the page that the service worker keeps: it names nobody, and asks for the code of its device."""
    return render_template("pages/cases/kept.html")


@blueprint.get("/api/v1/kept-cases")
def list_kept_cases() -> Response:
    """Tell which cases a device keeps for the actor, each with a stamp that changes with what it shows; no names."""
    with reading(system(), actor()) as work:
        kept = cases_to_keep(work)
    return jsonify(format=1, cases=[{"id": str(one.id), "stamp": one.stamp} for one in kept])


@blueprint.get("/api/v1/kept-cases/<uuid:case_id>")
def copy_kept_case(case_id: UUID) -> ResponseReturnValue:
    """Give what a device keeps of one case: its words as HTML, and where its pictures are fetched. A reading, noted."""
    with reading(system(), actor()) as work:
        expert = part_kept(work, case_id) is Part.EXPERT
        view, shown = _for_expert(work, case_id) if expert else _for_requester(work, case_id)
    note_reading(system(), actor(), view, "kept")
    photos = [_as_kept(photo, expert, actor().time_zone) for photo in shown["photos"]]
    html = render_template("partials/cases/kept.html", case=view, **shown | {"photos": photos})
    told = {name: shown[name] for name in ("words", "moment")}
    told |= {"name": view.patient.name, "number": view.number, "part": "expert" if expert else "requester"}
    return jsonify(format=1, html=html, pictures=[photo.full for photo in photos], **told)


def _for_requester(work: Work, case_id: UUID) -> tuple[CaseView, dict[str, Any]]:
    """The opinion as its requester reads it, nothing to do about it. A moment is told by its day: it gets old."""
    view = replace(requester_view(work, case_id), acts=frozenset())
    signed = view.case.opinion
    if view.opinion is None or signed is None:
        raise NotFound
    given = moment_words(signed.signed_at, work.acting.time_zone)
    view = replace(view, opinion=replace(view.opinion, given=f"le {given}", read=""))
    words, moment = f"{view.opinion.title}, {given}", signed.signed_at.isoformat()
    return view.case, _rest(work, view.case) | {
        "view": view,
        "calls": call_rows(signed.content, work.now, work.acting.time_zone, dated=True),
        "photos": view.photos,
        "words": words,
        "moment": moment,
    }


def _for_expert(work: Work, case_id: UUID) -> tuple[CaseView, dict[str, Any]]:
    view = view_of(work, case_id)
    promise = view.promise
    words = (
        f"À répondre avant le {moment_words(promise.at, work.acting.time_zone)}" if promise else "À répondre"
    )
    moment = promise.at.isoformat() if promise else ""
    return view, _rest(work, view) | {"view": None, "photos": view.photos, "words": words, "moment": moment}


def _rest(work: Work, view: CaseView) -> dict[str, Any]:
    messages = message_rows(view, work.acting.time_zone, work.now, dated=True)
    sent = moment_words(view.sent_at, work.acting.time_zone) if view.sent_at else ""
    return {"messages": messages, "sent": sent}


def _as_kept(photo: CasePhoto, whole: bool, zone: str) -> CasePhoto:
    """Who answers looks at the whole picture; who asked has an idea of it. One file serves for both of its sizes."""
    kept = photo.full if whole else photo.thumb
    when = moment_words(photo.at, zone) if photo.when else ""
    return replace(photo, thumb=kept, full=kept, original="", turn=1, when=when)

"""The case page of the requester's side: where it stands, the opinion, the words, and what may be done next."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.cases.opening import a_person_opens
from blueprints.cases.parts import page_for, words_from
from blueprints.cases.words import call_rows
from blueprints.entrance.current import actor, system
from blueprints.entrance.fields import Fields, typed_id
from dermavis.domain.errors import Conflict, InvalidInput, Refusal
from dermavis.domain.wording import ago_words
from dermavis.services import appointments, conversation, follow_ups, following
from dermavis.services.case_part import Part
from dermavis.services.case_view import CaseView, note_reading
from dermavis.services.requester_view import RequesterView, requester_view
from dermavis.services.work import Work, reading, writing

blueprint = Blueprint("requester_case", __name__)

DONE_WORDS = {
    "acknowledged": "Merci : votre lecture est confirmée.",
    "message": "Votre message est parti.",
    "question_after": "Votre question est partie à l’expert.",
    "answer": "Votre réponse est partie. Le délai court de nouveau.",
    "completed": "Votre demande est complétée.",
    "unchanged": "Rien n’a changé dans votre demande.",
    "photos": "Vos photos sont arrivées.",
    "cancelled": "Votre demande est annulée.",
    "redirected": "Votre demande est partie vers ce centre.",
    "aftermath": "C’est noté.",
    "closed": "La demande est close.",
    "appointment": "Le rendez-vous est noté.",
    "settled": "C’est noté\u00a0: rien n’est à renvoyer.",
    "identity": "L’identité est corrigée. Ceux qui suivent une demande ouverte sont prévenus.",
}


@page_for(Part.REQUESTER)
def show_case(case_id: UUID) -> ResponseReturnValue:
    """Show the case. Opening it is noted before the page leaves: who read what, and that the opinion was opened."""
    with reading(system(), actor()) as work:
        view = requester_view(work, case_id)
        when = _moments(work, view.case)
    if view.to_record and a_person_opens():
        with writing(system(), actor()) as work:
            following.open_case(work, case_id)
        with reading(system(), actor()) as work:
            view = requester_view(work, case_id)
    note_reading(system(), actor(), view.case, "requester")
    return _page(view, when)


@words_from(Part.REQUESTER)
def write_words(case_id: UUID) -> ResponseReturnValue:
    """Take a message; while a precision is asked it is the answer, and the expert's clock goes on."""
    text = request.form.get("text", "")
    try:
        with writing(system(), actor()) as work:
            message = conversation.write(work, case_id, text, typed_id("message_id"))
            done = message.kind
    except (InvalidInput, Conflict) as refusal:
        return _again(case_id, refusal, {"text": text}), refusal.status
    return _back(case_id, done if done in {"answer", "question_after"} else "message", "thread")


@blueprint.post("/cases/<uuid:case_id>/acknowledgement")
def acknowledge(case_id: UUID) -> ResponseReturnValue:
    """Confirm that the opinion on the screen was read."""
    try:
        with writing(system(), actor()) as work:
            following.acknowledge(work, case_id, typed_id("opinion"))
    except Conflict as conflict:
        return _again(case_id, conflict, {}), conflict.status
    return _back(case_id, "acknowledged")


@blueprint.post("/cases/<uuid:case_id>/aftermath")
def tell_aftermath(case_id: UUID) -> ResponseReturnValue:
    """Keep what was done and whether it helped."""
    typed = {name: request.form.get(name, "") for name in ("done", "helped", "note")}
    try:
        with writing(system(), actor()) as work:
            case = following.tell_aftermath(work, case_id, **typed)
            done = "closed" if case.state == "closed" else "aftermath"
    except InvalidInput as refusal:
        return _again(case_id, refusal, typed), refusal.status
    return _back(case_id, done, "aftermath")


@blueprint.post("/cases/<uuid:case_id>/closure")
def close(case_id: UUID) -> ResponseReturnValue:
    """Close an answered case on which nothing is open."""
    try:
        with writing(system(), actor()) as work:
            following.close(work, case_id)
    except Refusal as refusal:
        if refusal.code != "still_open":
            raise
        return _again(case_id, refusal, {}), refusal.status
    return _back(case_id, "closed")


@blueprint.post("/cases/<uuid:case_id>/appointment")
def note_appointment(case_id: UUID) -> ResponseReturnValue:
    """Note when the patient is seen, or what became of it."""
    typed = {name: request.form.get(name, "") for name in ("day", "hour", "place")}
    became = request.form.get("became", "")
    try:
        with writing(system(), actor()) as work:
            if became:
                appointments.tell(work, case_id, became)
            else:
                appointments.plan(work, case_id, **typed)
    except InvalidInput as refusal:
        return _again(case_id, refusal, typed), refusal.status
    return _back(case_id, "appointment", "appointment")


@blueprint.post("/cases/<uuid:case_id>/follow-up")
def begin_follow_up(case_id: UUID) -> ResponseReturnValue:
    """Begin the request that follows this one: pictures again, or the view after some weeks."""
    with writing(system(), actor()) as work:
        new_id = follow_ups.begin_follow_up(work, case_id)
    return redirect(f"/requests/{new_id}", 303)


def _moments(work: Work, case: CaseView) -> dict[UUID, str]:
    return {
        message.id: ago_words(message.at, work.now, work.acting.time_zone, True) for message in case.messages
    }


def _again(case_id: UUID, refusal: Refusal, typed: dict[str, str]) -> str:
    """The page with what was typed and why it was refused."""
    with reading(system(), actor()) as work:
        view = requester_view(work, case_id)
        when = _moments(work, view.case)
    note_reading(system(), actor(), view.case, "requester")
    errors = refusal.errors if isinstance(refusal, InvalidInput) else {}
    return _page(view, when, typed=typed, errors=errors, refused="" if errors else refusal.message)


def _page(
    view: RequesterView,
    when: dict[UUID, str],
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    refused: str = "",
) -> str:
    names: dict[str, Any] = {
        "view": view,
        "case": view.case,
        "calls": call_rows(view.case.opinion.content, system().clock.now(), actor().time_zone)
        if view.case.opinion
        else [],
        "when": when,
        "typed": Fields(typed or {}),
        "errors": Fields(errors or {}),
        "refused": refused,
        "done": DONE_WORDS.get(request.args.get("done", ""), ""),
        "done_options": list(following.DONE.items()),
        "helped_options": list(following.HELPED.items()),
    }
    return render_template("pages/cases/requester/case.html", **names)


def _back(case_id: UUID, done: str, place: str = "") -> ResponseReturnValue:
    return redirect(f"/cases/{case_id}?done={done}{f'#{place}' if place else ''}", 303)

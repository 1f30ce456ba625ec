"""« Compléter »: parts of a sent request are changed or added to, as a numbered revision."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from blueprints.cases.history_form import NONE, UNKNOWN, field_name, fields_of, read_answers
from blueprints.entrance.current import actor, system
from blueprints.entrance.fields import Fields, typed_id
from dermavis.domain.errors import Conflict, Forbidden, InvalidInput
from dermavis.domain.permissions import Permission
from dermavis.domain.phones import show_phone
from dermavis.domain.text import whole_number
from dermavis.services import changing, conversation
from dermavis.services.access import find_case, may
from dermavis.services.case_view import CaseView, note_reading, view_of
from dermavis.services.crossed_completions import Crossed, crossed
from dermavis.services.work import reading, writing

blueprint = Blueprint("completion", __name__)


@blueprint.get("/cases/<uuid:case_id>/completion")
def show_form(case_id: UUID) -> str:
    """Show what may be completed, as it stands."""
    return _form(case_id)


@blueprint.post("/cases/<uuid:case_id>/completion")
def complete(case_id: UUID) -> ResponseReturnValue:
    """Write the completion as a revision, and the added word on the thread."""
    form = request.form
    since = whole_number(form.get("revision", "")) or 0
    view = _opened(case_id)
    changes = {
        "question": form.get("question", ""),
        "contact": {"phone": form.get("phone", ""), "substitute": form.get("substitute", "")},
    } | read_answers(view.specialty, view.content, form)
    try:
        with writing(system(), actor()) as work:
            words = bool(form.get("words", "").strip())
            if words:
                # First: while the expert waits it is the answer, and what is completed comes with it.
                conversation.write(work, case_id, form["words"], typed_id("message_id"))
            row = changing.complete(work, case_id, changes, since, form.get("why", ""))
            changed = words or row.number > view.content_revision
    except InvalidInput as refusal:
        return _form(case_id, form, refusal.errors), refusal.status
    except Conflict as conflict:
        if conflict.code not in {"request_changed", "message_changed"}:
            raise
        with reading(system(), actor()) as work:
            both = crossed(work, case_id, changes, since) if conflict.code == "request_changed" else None
        return _form(case_id, form, conflict=conflict.message, both=both), conflict.status
    done = "unchanged" if not changed else "answer" if view.state == "on_hold" else "completed"
    return redirect(f"/cases/{case_id}?done={done}", 303)


def _form(
    case_id: UUID,
    typed: MultiDict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    conflict: str = "",
    both: Crossed | None = None,
) -> str:
    """The form as it was typed; where somebody else wrote meanwhile, with what they changed in it."""
    view = _opened(case_id)
    content = both.content if both else view.content
    contact = content.get("contact") or {}
    values: dict[str, Any] = {
        "question": content.get("question") or "",
        "phone": show_phone(contact.get("phone") or ""),
        "substitute": contact.get("substitute") or "",
        "words": "",
        "why": "",
    }
    if typed is not None:
        kept = ("words", "why") if both else values
        values |= {name: typed.get(name, "") for name in kept}
    renamed = {"contact.phone": "phone", "contact.substitute": "substitute", "text": "words"}
    shown = {renamed.get(field, field): words for field, words in (errors or {}).items()}
    return render_template(
        "pages/cases/requester/completion.html",
        case=view,
        fields=fields_of(view.specialty, content, None if both else typed, errors),
        values=values,
        errors=Fields({field_name(field): words for field, words in shown.items()}),
        conflict=conflict,
        both=both,
        thumbs={str(photo.id): photo for photo in view.photos if photo.thumb},
        mark_none=NONE,
        mark_unknown=UNKNOWN,
    )


def _opened(case_id: UUID) -> CaseView:
    with reading(system(), actor()) as work:
        if not may(work, Permission.CASE_COMPLETE, find_case(work, case_id)):
            raise Forbidden("Cette demande ne se complète plus\u00a0: écrivez plutôt dans les échanges.")
        view = view_of(work, case_id)
    note_reading(system(), actor(), view, "completion")
    return view

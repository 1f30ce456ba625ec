"""« Compléter »: the administrative parts of a request that waits here, as a numbered revision."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.entrance.current import actor, system
from blueprints.entrance.fields import Fields
from blueprints.pooling.screen import bar
from dermavis.domain.errors import Conflict, Forbidden, InvalidInput
from dermavis.domain.identity import STATUS_WORDS
from dermavis.domain.phones import normalise_phone, show_phone
from dermavis.domain.text import whole_number
from dermavis.services import pooling
from dermavis.services.case_view import note_reading
from dermavis.services.pooling_board import count_pooled
from dermavis.services.pooling_case import PoolCase, pool_case
from dermavis.services.work import reading, writing

blueprint = Blueprint("pooling_completion", __name__)

TRAITS = (
    "used_name",
    "given_names",
    "birthplace_insee",
    "phone",
    "address",
    "postcode",
    "commune",
    "place_of_stay",
    "treating_doctor",
    "identity_status",
    "document",
)
REPRESENTATIVE = ("name", "relation")
PLACES = (
    ("home", "À domicile"),
    ("ehpad", "En EHPAD"),
    ("institution", "En établissement"),
    ("prison", "En détention"),
    ("other", "Ailleurs"),
)
TOOLS = ("retrieved", "qualified")
"""Statuses that only the national identity service gives: kept where they stand, not to be chosen by hand."""


@blueprint.get("/pooling/<uuid:case_id>/completion")
def show(case_id: UUID) -> ResponseReturnValue:
    """Show what may be completed, as it stands."""
    opened = _opened(case_id)
    if not opened.pooled:
        raise Forbidden("Cette demande est déjà partie\u00a0: elle ne se complète plus ici.")
    return _form(opened, _as_it_stands(opened))


@blueprint.post("/pooling/<uuid:case_id>/completion")
def complete(case_id: UUID) -> ResponseReturnValue:
    """Write the completion; what is wrong, or was changed by somebody else meanwhile, is said and nothing is lost."""
    typed = {name: request.form.get(name, "") for name in (*TRAITS, "contact_phone")}
    typed |= {
        f"representative_{name}": request.form.get(f"representative_{name}", "") for name in REPRESENTATIVE
    }
    traits: dict[str, Any] = {name: typed[name] for name in TRAITS}
    speaker = {name: typed[f"representative_{name}"] for name in REPRESENTATIVE}
    traits["representative"] = speaker if any(text.strip() for text in speaker.values()) else None
    known = whole_number(request.form.get("revision", "")) or 0
    try:
        with writing(system(), actor()) as work:
            pooling.complete(work, case_id, traits, {"phone": typed["contact_phone"]}, known)
    except InvalidInput as refusal:
        return _form(_opened(case_id), typed, errors=_by_field(refusal.errors)), refusal.status
    except Conflict as conflict:
        return _form(_opened(case_id), typed, conflict=conflict.message), conflict.status
    return redirect(f"/pooling/{case_id}?done=completed", 303)


def _opened(case_id: UUID) -> PoolCase:
    with reading(system(), actor()) as work:
        opened = pool_case(work, case_id)
    note_reading(system(), actor(), opened.view, "pooling.completion")
    return opened


def _as_it_stands(opened: PoolCase) -> dict[str, str]:
    patient = opened.view.patient.traits
    speaker = patient.get("representative") or {}
    found = {name: str(patient.get(name) or "") for name in TRAITS}
    found |= {f"representative_{name}": speaker.get(name) or "" for name in REPRESENTATIVE}
    found["contact_phone"] = (opened.view.content.get("contact") or {}).get("phone") or ""
    for name in ("phone", "contact_phone"):
        number = normalise_phone(found[name]) if found[name] else None
        found[name] = show_phone(number) if number else found[name]
    return found


def _by_field(errors: dict[str, str]) -> dict[str, str]:
    """Paths of the request as the fields of this form: "patient.representative.name" is "representative_name"."""
    found = {}
    for path, sentence in errors.items():
        part, _, name = path.partition(".")
        field = f"contact_{name}" if part == "contact" else name.replace(".", "_") or part
        found["representative_name" if field == "representative" else field] = sentence
    return found


def _form(
    opened: PoolCase, typed: dict[str, str], errors: dict[str, str] | None = None, conflict: str = ""
) -> str:
    with reading(system(), actor()) as work:
        waiting = count_pooled(work)
    status = opened.view.patient.traits.get("identity_status") or "provisional"
    return render_template(
        "pages/pooling/completion.html",
        opened=opened,
        typed=Fields(typed),
        errors=Fields(errors or {}),
        conflict=conflict,
        places=PLACES,
        statuses=[
            (key.value, words)
            for key, words in STATUS_WORDS.items()
            if key.value not in TOOLS or key.value == status
        ],
        **bar("board", waiting),
    )

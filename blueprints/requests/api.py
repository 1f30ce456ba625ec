"""The JSON interface of the guided request. Every payload carries its format number.

It is guarded by the origin of its requests, not by form tokens: a request may stay open on a phone for days.
"""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request

from blueprints.entrance.current import actor, system
from blueprints.requests.api_body import FORMAT, read_body
from blueprints.requests.api_words import as_difference, as_offers, as_receipt
from blueprints.requests.specialties import SPECIALTY
from dermavis.domain.errors import Conflict, InvalidInput, NotFound
from dermavis.domain.requests import RequestContent
from dermavis.domain.text import whole_number
from dermavis.services import draft_stubs, drafts, request_checks, sending
from dermavis.services.access import find_case
from dermavis.services.added_photos import withdraw
from dermavis.services.device_keys import device_key
from dermavis.services.guided_request import name_of_centre, start
from dermavis.services.offers import offers as offers_for
from dermavis.services.patients import FoundPatient, recent_patients, search_patients
from dermavis.services.phone_clocks import phone_clock
from dermavis.services.photo_states import PhotoState, photo_states
from dermavis.services.request_versions import against_kept
from dermavis.services.work import Work, reading, writing

blueprint = Blueprint("request_api", __name__, url_prefix="/api/v1")

LONGEST_QUERY = 200


@blueprint.get("/device-key")
def give_device_key() -> Response:
    """Give this person's key for the drafts on this device."""
    with reading(system(), actor()) as work:
        key = device_key(work)
    return jsonify(format=FORMAT, key=base64.b64encode(key).decode(), person=str(actor().person_id))


@blueprint.get("/drafts/<uuid:case_id>")
def read_draft(case_id: UUID) -> Response:
    """Give a draft with its revision; of a sent one, the receipt."""
    with reading(system(), actor()) as work:
        try:
            return jsonify(_draft_words(drafts.read(work, case_id)))
        except Conflict:
            return jsonify(format=FORMAT, receipt=_receipt_words(work, sending.receipt_of(work, case_id)))


@blueprint.put("/drafts/<uuid:case_id>")
def save_draft(case_id: UUID) -> Response:
    """Keep a draft made from the revision that If-Match names; answer with the new one and what is still missing."""
    content = read_body().get("content")
    if not isinstance(content, dict):
        raise InvalidInput({"content": "La demande est illisible."})
    try:
        with writing(system(), actor()) as work:
            draft = drafts.save(work, case_id, content, _from_revision())
            missing = _missing(work, case_id, draft)
    except Conflict as conflict:
        return _changed_meanwhile(case_id, conflict, content)
    response = jsonify(format=FORMAT, revision=draft.revision, missing=missing)
    response.set_etag(str(draft.revision))
    return response


@blueprint.delete("/drafts/<uuid:case_id>")
def discard_draft(case_id: UUID) -> Response:
    """Throw a draft away."""
    with writing(system(), actor()) as work:
        drafts.discard(work, case_id)
    return jsonify(format=FORMAT)


@blueprint.get("/drafts/<uuid:case_id>/photos")
def read_photo_states(case_id: UUID) -> Response:
    """Tell where each picture stands."""
    with reading(system(), actor()) as work:
        states = photo_states(work, case_id)
    return jsonify(format=FORMAT, photos=[_photo_words(case_id, state) for state in states])


@blueprint.delete("/drafts/<uuid:case_id>/photos/<uuid:photo_id>")
def withdraw_photo(case_id: UUID, photo_id: UUID) -> Response:
    """Take back a picture added to a sent request that is not part of it yet."""
    with writing(system(), actor()) as work:
        withdraw(work, case_id, photo_id)
    return jsonify(format=FORMAT)


@blueprint.post("/drafts/<uuid:case_id>/send")
def send_draft(case_id: UUID) -> Response:
    """Send the draft as it stands at a revision; again gives the same receipt."""
    payload = read_body()
    revision, content = payload.get("revision"), payload.get("content")
    if not isinstance(revision, int) or isinstance(revision, bool):
        raise InvalidInput({"revision": "La demande est illisible."})
    try:
        with writing(system(), actor()) as work:
            receipt = _receipt_words(work, sending.send(work, case_id, revision, content))
    except request_checks.PicturesPending as pending:
        with reading(system(), actor()) as work:
            states = photo_states(work, case_id)
        photos = [_photo_words(case_id, state) for state in states]
        return _answer(409, code=pending.code, message=pending.message, photos=photos)
    except Conflict as conflict:
        return _changed_meanwhile(case_id, conflict, content)
    return jsonify(format=FORMAT, receipt=receipt)


@blueprint.put("/stubs")
def note_stubs() -> Response:
    """Hear which requests a phone holds alone: their ids and for how many seconds nothing was changed in each."""
    payload = read_body()
    rows = payload.get("stubs")
    try:
        device = UUID(str(payload.get("device")))
        waiting = {UUID(str(row["id"])): _idle(row["idle_s"]) for row in rows if isinstance(row, dict)}
    except (KeyError, TypeError, ValueError):
        raise InvalidInput({"stubs": "La liste est illisible."}) from None
    with writing(system(), actor()) as work:
        draft_stubs.note_stubs(work, device, waiting)
    return jsonify(format=FORMAT)


def _idle(seconds: Any) -> timedelta:
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 <= seconds <= 10 * 366 * 86400:
        raise ValueError
    return timedelta(seconds=seconds)


@blueprint.post("/patients")
def find_patients() -> Response:
    """Find the site's patients by the beginning of their names or their birth date; the last seen without a query.

    POST, although it changes nothing: a name never stands in an address, which logs and histories keep.
    """
    query = read_body().get("q")
    if not isinstance(query, str) or len(query) > LONGEST_QUERY:
        raise InvalidInput({"q": "Cette recherche est trop longue."})
    query = query.strip()
    with writing(system(), actor()) as work:
        found = search_patients(work, query) if query else recent_patients(work)
    return jsonify(format=FORMAT, patients=[_patient_words(row) for row in found])


def _patient_words(row: FoundPatient) -> dict[str, Any]:
    return {**row.identity, "id": str(row.id), "written_at": row.written_at.isoformat()}


@blueprint.get("/addressing")
def read_addressing() -> Response:
    """Tell to whom a request of this motive and urgency goes, by when it is answered, and whom to telephone."""
    asked = request.args
    with reading(system(), actor()) as work:
        told = _addressing_words(
            work,
            asked.get("specialty") or SPECIALTY,
            asked.get("motive", ""),
            asked.get("urgency") or "routine",
        )
    return jsonify(format=FORMAT, **told)


@blueprint.get("/addressing/each")
def read_addressing_of_each() -> Response:
    """Tell the same of a routine request of each motive, and of one without: for a phone that will have no network."""
    specialty_id = request.args.get("specialty") or SPECIALTY
    if specialty_id not in system().specialties:
        raise NotFound("Cette spécialité n’est pas proposée ici.")
    motives = ["", *(motive.id for motive in system().specialty(specialty_id).motives)]
    with reading(system(), actor()) as work:
        each = {motive: _addressing_words(work, specialty_id, motive, "routine") for motive in motives}
    return jsonify(format=FORMAT, each=each)


def _addressing_words(work: Work, specialty_id: str, motive: str, urgency: str) -> dict[str, Any]:
    content = RequestContent.model_validate({"motive": motive, "urgency": urgency})
    begun = start(work)
    offers = offers_for(work, content, specialty_id)
    # An urgent request skips the coordination.
    reader = "" if content.urgency == "urgent" else begun.read_first_by
    return {"contact": {"phone": begun.phone}, "read_first_by": reader, **as_offers(offers)}


def _from_revision() -> int:
    text = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    revision = whole_number(text)
    if revision is None:
        raise InvalidInput({"revision": "Il manque la version que vous modifiez."})
    return revision


def _missing(work: Work, case_id: UUID, draft: drafts.Draft) -> list[dict[str, str]]:
    found = request_checks.incomplete(
        work, find_case(work, case_id), RequestContent.model_validate(draft.content)
    )
    return [{"field": field, "message": message} for field, message in found.items()]


def _changed_meanwhile(case_id: UUID, conflict: Conflict, content: Any) -> Response:
    """Tell who changed it, when, what it holds now and where that differs; of a sent one, the receipt."""
    told: dict[str, Any] = {"code": conflict.code, "message": conflict.message}
    with reading(system(), actor()) as work:
        try:
            if content is not None:
                told["differences"] = [as_difference(row) for row in against_kept(work, case_id, content)]
            if conflict.code == "already_sent":
                return _answer(409, **told, receipt=_receipt_words(work, sending.receipt_of(work, case_id)))
            if conflict.code == "draft_changed":
                return _answer(412, **told, **_draft_words(drafts.read(work, case_id)))
        except (Conflict, NotFound):
            raise conflict from None
    raise conflict


def _draft_words(draft: drafts.Draft) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "revision": draft.revision,
        "number": draft.number,
        "content": draft.content,
        "changed_by": draft.changed_by,
        "changed_at": draft.changed_at,
        "sent_back": vars(draft.sent_back) if draft.sent_back else None,
    }


def _photo_words(case_id: UUID, state: PhotoState) -> dict[str, str]:
    words = {"id": str(state.id), "view": state.view, "state": state.state, "message": state.message}
    if state.state == "verified":
        address = f"/cases/{case_id}/photos/{state.id}"
        words |= {"thumb": f"{address}/thumb", "picture": f"{address}/diagnostic"}
    return words


def _receipt_words(work: Work, receipt: sending.Receipt) -> dict[str, Any]:
    told = as_receipt(receipt, name_of_centre(work, receipt.case_id), work.now, actor().time_zone)
    return told | {"clock": phone_clock(work, receipt.case_id)}


def _answer(status: int, **content: Any) -> Response:
    response = jsonify({"format": FORMAT, **content})
    response.status_code = status
    return response

"""The opinion of a case: saved at every change, signed once. One address for the form and for the program beside it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from blueprints.cases.expert import Refused, show_case
from blueprints.cases.opinion_form import call_hour_problem, read_form
from blueprints.entrance.current import actor, system
from blueprints.entrance.fields import typed_id
from blueprints.worklist.sittings import next_page, rank_of
from dermavis.domain.errors import Conflict, InvalidInput, Refusal
from dermavis.domain.text import whole_number
from dermavis.domain.wording import hour_words
from dermavis.services import answering, second_round, taking_back, unread_opinions
from dermavis.services.access import find_case
from dermavis.services.request_versions import completed_since
from dermavis.services.work import Actor, System, Work, writing

blueprint = Blueprint("opinion", __name__)

SAVE, SIGN, SIGN_AND_GO_ON = "save", "sign", "sign_next"
OTHER_TEXT = {
    "begin_anew": answering.begin_anew,
    "take_prepared": answering.take_prepared,
    "drop_amendment": answering.drop_amendment,
}
"""What may be done with a text besides writing it: one that somebody prepared, or a version that was begun."""

SHOWN_AGAIN = {"request_changed", "newer_opinion", "opinion_leaving", "opinion_changed", "referral_changed"}
"""Refusals after which the form stands there again with what was typed."""


@blueprint.post("/cases/<uuid:case_id>/opinion")
def keep(case_id: UUID) -> ResponseReturnValue:
    """Save the opinion as it stands, or sign it; ``act`` says which. Or do something with what others prepared."""
    act = request.form.get("act", SAVE)
    if act in OTHER_TEXT:
        with writing(system(), actor()) as work:
            OTHER_TEXT[act](work, case_id)
        return redirect(_same_page(case_id), 303)
    raw = read_form(request.form, system().clock.now(), actor().time_zone)
    try:
        if act == SAVE:
            return _saved(case_id, raw)
        with writing(system(), actor()) as work:
            _check_call_hour(work, case_id)
            answering.sign(
                work,
                case_id,
                raw,
                seen_revision=_number("case_revision"),
                seen_version=_number("opinion_version"),
                from_revision=_number("revision"),
                seen_referral=typed_id("referral"),
            )
    except Refusal as refusal:
        if _wants_json():
            return _told(refusal)
        if not isinstance(refusal, InvalidInput) and refusal.code not in SHOWN_AGAIN:
            raise
        return show_case(case_id, Refused("opinion", refusal, raw)), refusal.status
    target = _after_signature(case_id, act)
    return jsonify(format=1, next=target) if _wants_json() else redirect(target, 303)


@blueprint.post("/cases/<uuid:case_id>/opinion/taken-back")
def take_back(case_id: UUID) -> ResponseReturnValue:
    """Take back the signature that was just given: the form is open again, with its text."""
    try:
        with writing(system(), actor()) as work:
            taking_back.take_back(work, case_id, _number("version"))
            amends = answering.is_amending(work, find_case(work, case_id))
    except Conflict as refusal:
        return show_case(case_id, Refused("taken_back", refusal)), refusal.status
    return redirect(f"/cases/{case_id}?did=taken_back{'&amend=1' if amends else ''}#opinion", 303)


@blueprint.post("/cases/<uuid:case_id>/reached")
def note_reached(case_id: UUID) -> ResponseReturnValue:
    """Say who was reached by telephone about a critical opinion that nobody had read."""
    with writing(system(), actor()) as work:
        unread_opinions.note_reached(work, case_id, request.form.get("whom", ""))
    return redirect(f"/cases/{case_id}?did=reached", 303)


@blueprint.post("/cases/<uuid:case_id>/question/settled")
def settle_question(case_id: UUID) -> ResponseReturnValue:
    """Say that the question asked after the opinion needs no reply."""
    with writing(system(), actor()) as work:
        second_round.settle(work, case_id)
    return redirect(f"/cases/{case_id}?did=settled", 303)


def _saved(case_id: UUID, raw: dict[str, Any]) -> ResponseReturnValue:
    with writing(system(), actor()) as work:
        revision = answering.save_draft(work, case_id, raw, _number("revision"))
        completed = completed_since(work, find_case(work, case_id), _number("case_revision"))
    if not _wants_json():
        return redirect(f"/cases/{case_id}{'?amend=1' if _number('amend') else ''}", 303)
    told = {"completed": completed} if completed else {}
    return jsonify(format=1, revision=revision, saved=f"Enregistré à {_hour(system(), actor())}", **told)


def _check_call_hour(work: Work, case_id: UUID) -> None:
    sent_at = find_case(work, case_id).sent_at
    problem = call_hour_problem(request.form, work.now, work.acting.time_zone, sent_at)
    if problem:
        raise InvalidInput({"call_hour": problem})


def _after_signature(case_id: UUID, act: str) -> str:
    if act == SIGN_AND_GO_ON:
        target = next_page(request.form.get("motive", "")[:64], rank_of(request.form.get("sitting", "")) + 1)
        return f"{target}&signed={case_id}"
    return f"/cases/{case_id}?signed=1"


def _same_page(case_id: UUID) -> str:
    """The case, with the list or the sitting that it was opened from."""
    kept = {name: request.form.get(name, "")[:64] for name in ("list", "motive", "sitting")}
    words = urlencode({name: value for name, value in kept.items() if value})
    return f"/cases/{case_id}{'?' if words else ''}{words}"


def _told(refusal: Refusal) -> ResponseReturnValue:
    payload: dict[str, Any] = {"format": 1, "code": refusal.code, "message": refusal.message}
    if isinstance(refusal, InvalidInput):
        payload["fields"] = refusal.errors
    if isinstance(refusal, Conflict):
        payload |= {"holder": refusal.holder, "when": refusal.when}
    return jsonify(payload), refusal.status


def _number(name: str) -> int:
    return whole_number(request.form.get(name, "")) or 0


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _hour(here: System, who: Actor) -> str:
    return hour_words(here.clock.now().astimezone(ZoneInfo(who.time_zone)))

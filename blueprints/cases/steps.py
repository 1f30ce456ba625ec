"""What an expert does with a case besides answering: take it, give it back, ask, decline, confide, regrade."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from blueprints.cases.expert import Refused, show_case
from blueprints.entrance.current import actor, system
from blueprints.entrance.fields import typed_id
from blueprints.worklist.sittings import next_page, rank_of
from dermavis.domain.errors import Conflict, InvalidInput, NotFound
from dermavis.domain.lifecycle import LifecycleError
from dermavis.services import claiming, conversation, regrading
from dermavis.services.case_part import part_of
from dermavis.services.work import Work, reading, writing

blueprint = Blueprint("case_steps", __name__)


@blueprint.post("/cases/<uuid:case_id>/claim")
def claim(case_id: UUID) -> ResponseReturnValue:
    """Take the case to answer it; whoever comes second is told who has it."""
    return _do(case_id, "claim", lambda work: claiming.claim(work, case_id), goes_on=False)


@blueprint.post("/cases/<uuid:case_id>/release")
def release(case_id: UUID) -> ResponseReturnValue:
    """Give the case back to its queue."""
    return _do(case_id, "release", lambda work: claiming.release(work, case_id))


@blueprint.post("/cases/<uuid:case_id>/handover")
def hand_over(case_id: UUID) -> ResponseReturnValue:
    """Confide the case to a colleague."""
    person = _id(request.form.get("person", ""))
    words = request.form.get("words", "")
    return _do(case_id, "handover", lambda work: claiming.hand_over(work, case_id, person, words))


@blueprint.post("/cases/<uuid:case_id>/decline")
def decline(case_id: UUID) -> ResponseReturnValue:
    """Decline the case with a coded reason."""
    reason, words = request.form.get("reason", ""), request.form.get("words", "")
    return _do(case_id, "decline", lambda work: claiming.decline(work, case_id, reason, words))


@blueprint.post("/cases/<uuid:case_id>/precision")
def ask(case_id: UUID) -> ResponseReturnValue:
    """Ask the requester for what is missing; the delay stops meanwhile."""
    text = request.form.get("text", "")
    views, questions = request.form.getlist("views"), request.form.getlist("questions")
    return _do(
        case_id,
        "precision",
        lambda work: conversation.ask(work, case_id, text, views, questions, typed_id("message_id")),
    )


@blueprint.post("/cases/<uuid:case_id>/urgency")
def regrade(case_id: UUID) -> ResponseReturnValue:
    """Change how pressing the request is."""
    urgency, words = request.form.get("urgency", ""), request.form.get("words", "")
    return _do(
        case_id, "urgency", lambda work: regrading.regrade(work, case_id, urgency, words), goes_on=False
    )


def _do(
    case_id: UUID, form: str, act: Callable[[Work], object], *, goes_on: bool = True
) -> ResponseReturnValue:
    """Do it and go on: to the next request of a sitting, or back to the case."""
    try:
        with writing(system(), actor()) as work:
            act(work)
    except (InvalidInput, Conflict, LifecycleError) as refusal:
        typed = {name: request.form.getlist(name) for name in request.form}
        return show_case(case_id, Refused(form, refusal, typed)), refusal.status
    except NotFound:
        # A stranger learns nothing; whose request was cancelled meanwhile reads that there.
        with reading(system(), actor()) as work:
            part_of(work, case_id)
        return redirect(f"/cases/{case_id}", 303)
    rank = rank_of(request.form.get("sitting", ""))
    motive = request.form.get("motive", "")[:64]
    if rank and goes_on:
        return redirect(next_page(motive, rank + 1, after=case_id), 303)
    if form in {"release", "handover", "decline"}:
        return redirect("/worklist" + _query({"motive": motive}), 303)
    listed = request.form.get("list", "")
    sitting = str(rank) if rank else ""
    query = _query({"list": listed, "motive": motive, "sitting": sitting, "did": form})
    return redirect(f"/cases/{case_id}{query}{'#opinion' if form == 'claim' else ''}", 303)


def _query(kept: dict[str, str]) -> str:
    words = urlencode({name: value for name, value in kept.items() if value})
    return f"?{words}" if words else ""


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)

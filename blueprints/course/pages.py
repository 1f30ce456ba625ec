"""« Formation photo »: one page a step. What was chosen in the pairs comes with the last form, and is judged again."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, session
from flask.typing import ResponseReturnValue

from blueprints.entrance.current import actor, system
from blueprints.entrance.fields import Fields, as_id
from blueprints.requests.specialties import SPECIALTY
from dermavis.domain.errors import InvalidInput, NotFound
from dermavis.domain.permissions import Permission
from dermavis.domain.photo_course import PAIRS, STEPS, Step, check_pairs, neighbours
from dermavis.domain.wording import date_words
from dermavis.services import card_prints, photo_course
from dermavis.services.access import may, require
from dermavis.services.work import Work, reading, writing

blueprint = Blueprint("course", __name__)

PLACE = "/photo-course"
WAITING = "course_request"
"""In the form's cookie: the id of the request that the course was taken for, to go back to."""


@blueprint.get(PLACE)
def show_start() -> ResponseReturnValue:
    """Show what the course holds, and whether it was taken."""
    waiting = as_id(request.args.get("request", ""))
    done = request.args.get("done") == "1"
    if waiting is not None and not done:
        session[WAITING] = str(waiting)
    with reading(system(), actor()) as work:
        taken = photo_course.taken_at(work)
    return render_template(
        "pages/course/start.html",
        taken=date_words(taken.date()) if taken else "",
        done=bool(taken) and done,
        waiting=f"/requests/{waiting}" if waiting else "",
        first=f"{PLACE}/{STEPS[0]}",
    )


@blueprint.get(f"{PLACE}/<step>")
def show_step(step: str) -> ResponseReturnValue:
    """Show one step; the last one to who has the pairs right."""
    wanted = _step(step)
    if wanted is Step.PRACTICE:
        try:
            check_pairs(_answers())
        except InvalidInput:
            return redirect(f"{PLACE}/{Step.PAIRS}", 303)
    return _show(wanted)


@blueprint.post(f"{PLACE}/pairs")
def answer_pairs() -> ResponseReturnValue:
    """Judge what was chosen; on to the picture that is tried where every pair is right."""
    try:
        check_pairs(_answers())
    except InvalidInput as refused:
        return _show(Step.PAIRS, refused), refused.status
    return redirect(f"{PLACE}/{Step.PRACTICE}?{urlencode(_answers())}", 303)


@blueprint.post(f"{PLACE}/card")
def prepare_card() -> ResponseReturnValue:
    """Take a code for a sheet, and stay in the course."""
    with writing(system(), actor()) as work:
        require(work, Permission.CASE_CREATE)
        card_prints.begin_print(work)
    return redirect(f"{PLACE}/{Step.CARD}#print", 303)


@blueprint.post(f"{PLACE}/finish")
def finish() -> ResponseReturnValue:
    """Keep that the course was taken."""
    try:
        with writing(system(), actor()) as work:
            photo_course.finish(work, _answers())
    except InvalidInput as refused:
        return _show(Step.PAIRS, refused), refused.status
    waiting = session.pop(WAITING, "")
    return redirect(f"{PLACE}?done=1{f'&request={waiting}' if waiting else ''}", 303)


def _show(step: Step, refused: InvalidInput | None = None) -> str:
    before, after = neighbours(step)
    with reading(system(), actor()) as work:
        photo_course.taken_at(work)
        sheet = _sheet(work) if step is Step.CARD else None
        prints = may(work, Permission.CARDS_PRINT)
    chosen = _answers()
    return render_template(
        f"pages/course/{step}.html",
        position=STEPS.index(step) + 1,
        steps=len(STEPS),
        before=f"{PLACE}/{before}" if before else PLACE,
        after=f"{PLACE}/{after}" if after else "",
        pairs=PAIRS,
        typed=Fields(chosen),
        judged=bool(chosen),
        errors=Fields(refused.errors if refused else {}),
        prints=prints,
        sheet=sheet,
        view=next(view for view in system().specialty(SPECIALTY).views if view.close_up),
    )


def _sheet(work: Work) -> UUID | None:
    """The sheet of the actor's place that waits to be verified."""
    if not may(work, Permission.CARDS_PRINT):
        return None
    return next((row.id for row in card_prints.prints_of_place(work) if row.waits), None)


def _answers() -> dict[str, str]:
    return {pair.id: request.values[pair.id] for pair in PAIRS if request.values.get(pair.id) in {"a", "b"}}


def _step(name: str) -> Step:
    try:
        return Step(name)
    except ValueError:
        raise NotFound from None

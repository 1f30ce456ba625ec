"""Signing in and out: password, code, recovery code, and the password again after an idle hour."""

from __future__ import annotations

from flask import Blueprint, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.account.forms import Answer, answer_of, refused, shown
from blueprints.account.visitor import let_in, next_page, remember_next, see_other, visitor
from blueprints.entrance.current import found_session, system
from blueprints.entrance.doorway import CODE, RESUME, SIGN_IN
from blueprints.entrance.login import clear_session_cookie, public
from dermavis.domain.errors import Conflict, InvalidInput, TooMany
from dermavis.services import sign_in
from dermavis.services.account_state import pending_person
from dermavis.services.sessions import FoundSession, sign_out
from dermavis.services.unlocking import again_with_password

blueprint = Blueprint("account", __name__)


@blueprint.get("/sign-in")
@public
def sign_in_page() -> ResponseReturnValue:
    """Ask for the address and the password."""
    remember_next(request.args.get("next", ""))
    if current_user.is_authenticated:
        return see_other(next_page())
    return render_template("pages/account/sign_in.html", email="", answer=Answer())


@blueprint.post("/sign-in")
@public
def give_password() -> ResponseReturnValue:
    """Check the password."""
    email = request.form.get("email", "")
    try:
        opened = sign_in.with_password(system(), email, request.form.get("password", ""), visitor())
    except (InvalidInput, TooMany) as refusal:
        return refused("pages/account/sign_in.html", refusal, email=email.strip())
    return let_in(opened)


@blueprint.get("/sign-in/code")
@public
def code_page() -> ResponseReturnValue:
    """Ask for the authenticator's or the mailed code."""
    remember_next(request.args.get("next", ""))
    found = _pending()
    if found is None:
        return see_other(SIGN_IN)
    return _show_code(found, Answer())


@blueprint.post("/sign-in/code")
@public
def give_code() -> ResponseReturnValue:
    """Check the code."""
    found = _pending()
    if found is None:
        return see_other(SIGN_IN)
    keep = request.form.get("keep_device") == "1"
    try:
        opened = sign_in.with_code(system(), found.id, request.form.get("code", ""), visitor(), keep)
    except (InvalidInput, TooMany) as refusal:
        return _show_code(found, answer_of(refusal), keep)
    except Conflict as conflict:
        return refused("pages/account/sign_in.html", conflict, email="")
    return let_in(opened)


@blueprint.post("/sign-in/code/again")
@public
def send_code_again() -> ResponseReturnValue:
    """Mail another code."""
    found = _pending()
    if found is None:
        return see_other(SIGN_IN)
    try:
        sign_in.send_another_code(system(), found.id, visitor())
    except TooMany as refusal:
        return _show_code(found, answer_of(refusal))
    return see_other(CODE)


@blueprint.get("/sign-in/recovery")
@public
def recovery_page() -> ResponseReturnValue:
    """Ask for a recovery code."""
    if _pending() is None:
        return see_other(SIGN_IN)
    return render_template("pages/account/recovery.html", answer=Answer())


@blueprint.post("/sign-in/recovery")
@public
def give_recovery_code() -> ResponseReturnValue:
    """Check a recovery code."""
    found = _pending()
    if found is None:
        return see_other(SIGN_IN)
    try:
        opened = sign_in.with_recovery_code(system(), found.id, request.form.get("code", ""), visitor())
    except (InvalidInput, TooMany) as refusal:
        return refused("pages/account/recovery.html", refusal)
    except Conflict as conflict:
        return refused("pages/account/sign_in.html", conflict, email="")
    return let_in(opened)


@blueprint.get("/sign-in/resume")
@public
def resume_page() -> ResponseReturnValue:
    """Ask for the password again after an idle hour."""
    remember_next(request.args.get("next", ""))
    found = found_session()
    if found is None or not found.locked:
        return see_other(next_page() if current_user.is_authenticated else SIGN_IN)
    return _show_resume(found, Answer())


@blueprint.post("/sign-in/resume")
@public
def resume() -> ResponseReturnValue:
    """Check the password and unlock the session."""
    found = found_session()
    if found is None or not found.locked:
        return see_other(next_page() if current_user.is_authenticated else SIGN_IN)
    try:
        opened = again_with_password(system(), found.id, request.form.get("password", ""), visitor())
    except InvalidInput as refusal:
        return _show_resume(found, answer_of(refusal))
    except (TooMany, Conflict) as refusal:
        return refused("pages/account/sign_in.html", refusal, email="")
    return let_in(opened)


@blueprint.post("/sign-out")
@public
def leave() -> ResponseReturnValue:
    """End the session; an enrolled device stays enrolled."""
    found = found_session()
    if found is not None:
        sign_out(system(), found)
    response = see_other(SIGN_IN if request.form.get("other") else f"{SIGN_IN}?out=1")
    session.pop("next", None)
    clear_session_cookie(response)
    return response


def _pending() -> FoundSession | None:
    found = found_session()
    return found if found is not None and found.stage == "second_factor" else None


def _show_code(found: FoundSession, answer: Answer, keep: bool = False) -> ResponseReturnValue:
    person = pending_person(system(), found.person_id, sign_in.SIGN_IN)
    if not person.second_factor:
        return shown("pages/account/no_factor.html", Answer(status=200))
    return shown("pages/account/code.html", answer, person=person, keep=keep)


def _show_resume(found: FoundSession, answer: Answer) -> ResponseReturnValue:
    person = pending_person(system(), found.person_id, sign_in.SIGN_IN)
    return shown(
        "pages/account/resume.html",
        answer,
        person=person,
        resume=RESUME,
    )

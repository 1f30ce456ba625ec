"""Installing a second factor, and the recovery codes that are shown once."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.account.forms import Answer, answer_of, refused, shown
from blueprints.account.proof import is_proved
from blueprints.account.visitor import give_cookies, next_page, renew_form_token, see_other, visitor
from blueprints.entrance.current import found_session, system
from blueprints.entrance.doorway import ENROLMENT, SIGN_IN
from blueprints.entrance.login import public
from dermavis.domain.errors import Conflict, InvalidInput, TooMany
from dermavis.services import enrolment
from dermavis.services.account_state import pending_person
from dermavis.services.sessions import FoundSession

blueprint = Blueprint("enrolment", __name__)


@blueprint.get("/sign-in/enrolment")
@public
def choose_page() -> ResponseReturnValue:
    """Ask which second factor to install."""
    found = _enrolling()
    if found is None:
        return _elsewhere()
    return render_template("pages/account/factor_choice.html", answer=Answer(), new=found.stage != "full")


@blueprint.post("/sign-in/enrolment")
@public
def choose() -> ResponseReturnValue:
    """Go on with the chosen factor; a code leaves at once when it is the e-mail."""
    found = _enrolling()
    if found is None:
        return _elsewhere()
    if request.form.get("factor") != "email":
        return see_other(f"{ENROLMENT}/authenticator")
    return _send_code(found)


@blueprint.get("/sign-in/enrolment/authenticator")
@public
def authenticator_page() -> ResponseReturnValue:
    """Show the QR code."""
    found = _enrolling()
    return _elsewhere() if found is None else _show_authenticator(found, Answer())


@blueprint.post("/sign-in/enrolment/authenticator")
@public
def authenticator() -> ResponseReturnValue:
    """Check that the authenticator shows our code."""
    found = _enrolling()
    if found is None:
        return _elsewhere()
    try:
        done = enrolment.with_authenticator(
            system(), found.id, request.form.get("code", ""), visitor(), _keeps_device()
        )
    except (InvalidInput, TooMany) as refusal:
        return _show_authenticator(found, answer_of(refusal), _keeps_device())
    except Conflict as conflict:
        return refused("pages/account/sign_in.html", conflict, email="")
    return _show_recovery_codes(done)


@blueprint.get("/sign-in/enrolment/email")
@public
def email_page() -> ResponseReturnValue:
    """Ask for the mailed code."""
    found = _enrolling()
    return _elsewhere() if found is None else _show_email(found, Answer())


@blueprint.post("/sign-in/enrolment/email")
@public
def email() -> ResponseReturnValue:
    """Check the mailed code."""
    found = _enrolling()
    if found is None:
        return _elsewhere()
    try:
        done = enrolment.with_email(
            system(), found.id, request.form.get("code", ""), visitor(), _keeps_device()
        )
    except (InvalidInput, TooMany) as refusal:
        return _show_email(found, answer_of(refusal), _keeps_device())
    except Conflict as conflict:
        return refused("pages/account/sign_in.html", conflict, email="")
    return _show_recovery_codes(done)


@blueprint.post("/sign-in/enrolment/email/again")
@public
def email_again() -> ResponseReturnValue:
    """Mail another code."""
    found = _enrolling()
    return _elsewhere() if found is None else _send_code(found)


@blueprint.get("/welcome")
def welcome() -> ResponseReturnValue:
    """Offer to install the application and to be notified, once the account is open."""
    return render_template("pages/account/welcome.html", push_key=system().push.public_key)


@blueprint.post("/welcome")
def begin() -> ResponseReturnValue:
    """Go to the page that was asked for, or home."""
    return see_other(next_page())


def _enrolling() -> FoundSession | None:
    """Return the session that may install a factor: behind a link, or proved anew by the password."""
    found = found_session()
    if found is None:
        return None
    if found.stage == "enrolment" or (current_user.is_authenticated and is_proved()):
        return found
    return None


def _elsewhere() -> ResponseReturnValue:
    return see_other("/account" if current_user.is_authenticated else SIGN_IN)


def _keeps_device() -> bool:
    return request.form.get("keep_device") == "1"


def _send_code(found: FoundSession) -> ResponseReturnValue:
    try:
        enrolment.send_code(system(), found.id, visitor())
    except TooMany as refusal:
        return _show_email(found, answer_of(refusal))
    return see_other(f"{ENROLMENT}/email")


def _show_authenticator(found: FoundSession, answer: Answer, keep: bool = False) -> ResponseReturnValue:
    seed = enrolment.seed_for(system(), found.id)
    groups = [seed.secret[start : start + 4] for start in range(0, len(seed.secret), 4)]
    return shown(
        "pages/account/authenticator.html",
        answer,
        qr=qr_code(seed.uri),
        uri=seed.uri,
        groups=groups,
        keep=keep,
        new=found.stage != "full",
    )


def _show_email(found: FoundSession, answer: Answer, keep: bool = False) -> ResponseReturnValue:
    person = pending_person(system(), found.person_id, enrolment.ENROLMENT)
    return shown(
        "pages/account/email_factor.html", answer, person=person, keep=keep, new=found.stage != "full"
    )


def _show_recovery_codes(done: enrolment.Enrolled) -> Response:
    if done.opened is not None:
        renew_form_token(done.opened)
    onward = "/welcome" if done.opened is not None else "/account"
    response = make_response(
        render_template("pages/account/recovery_codes.html", codes=done.recovery_codes, onward=onward)
    )
    if done.opened is not None:
        give_cookies(response, done.opened)
    return response


def qr_code(content: str) -> str:
    """Return a QR code as an SVG element without a style of its own."""
    import segno

    drawn: str = segno.make(content, error="m").svg_inline(
        scale=1, border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None
    )
    return drawn

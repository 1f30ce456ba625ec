"""Pages behind a link sent by e-mail: an invitation, a forgotten password, a lost authenticator."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.account.forms import Answer, answer_of, refused, shown
from blueprints.account.visitor import let_in, see_other, visitor
from blueprints.entrance.current import system
from blueprints.entrance.login import public
from dermavis.domain.errors import InvalidInput, NotFound, TooMany
from dermavis.services import factor_resets, invitations, password_changes

blueprint = Blueprint("links", __name__)


@blueprint.get("/invitation/<token>")
@public
def invitation_page(token: str) -> ResponseReturnValue:
    """Show who is invited where, and ask for a password. Opening the page uses nothing up."""
    return _show_invitation(token, Answer())


@blueprint.post("/invitation/<token>")
@public
def accept_invitation(token: str) -> ResponseReturnValue:
    """Take the password and go on to the second factor."""
    try:
        opened = invitations.accept(
            system(), token, request.form.get("password", ""), request.form.get("again", ""), visitor()
        )
    except (InvalidInput, TooMany) as refusal:
        return _show_invitation(token, answer_of(refusal))
    except NotFound as over:
        return _link_over(over)
    return let_in(opened)


@blueprint.get("/password/forgotten")
@public
def forgotten_page() -> ResponseReturnValue:
    """Ask for the address."""
    return render_template("pages/account/forgotten.html", email="", answer=Answer())


@blueprint.post("/password/forgotten")
@public
def forgotten() -> ResponseReturnValue:
    """Say the same to everybody."""
    email = request.form.get("email", "").strip()
    try:
        password_changes.forgotten(system(), email, visitor())
    except (InvalidInput, TooMany) as refusal:
        return refused("pages/account/forgotten.html", refusal, email=email)
    return see_other("/password/forgotten/sent")


@blueprint.get("/password/forgotten/sent")
@public
def forgotten_sent() -> ResponseReturnValue:
    """Say that a letter leaves if there is an account."""
    return render_template("pages/account/forgotten_sent.html")


@blueprint.get("/password/reset/<token>")
@public
def reset_page(token: str) -> ResponseReturnValue:
    """Ask for a new password."""
    return _show_reset(token, Answer())


@blueprint.post("/password/reset/<token>")
@public
def reset(token: str) -> ResponseReturnValue:
    """Set the new password; the sign-in page follows, with its second factor."""
    try:
        password_changes.reset(
            system(), token, request.form.get("password", ""), request.form.get("again", ""), visitor()
        )
    except (InvalidInput, TooMany) as refusal:
        return _show_reset(token, answer_of(refusal))
    except NotFound as over:
        return _link_over(over)
    return see_other("/sign-in?changed=1")


@blueprint.get("/second-factor/<token>")
@public
def lost_factor_page(token: str) -> ResponseReturnValue:
    """Ask for the password before a new second factor is installed."""
    return _show_lost(token, Answer())


@blueprint.post("/second-factor/<token>")
@public
def lost_factor(token: str) -> ResponseReturnValue:
    """Go on to the new second factor."""
    try:
        opened = factor_resets.begin_enrolment(system(), token, request.form.get("password", ""), visitor())
    except (InvalidInput, TooMany) as refusal:
        return _show_lost(token, answer_of(refusal))
    except NotFound as over:
        return _link_over(over)
    return let_in(opened)


def _show_invitation(token: str, answer: Answer) -> ResponseReturnValue:
    try:
        invitation = invitations.find_invitation(system(), token)
    except NotFound as over:
        return _link_over(over)
    return shown("pages/account/invitation.html", answer, invitation=invitation)


def _show_reset(token: str, answer: Answer) -> ResponseReturnValue:
    try:
        email = password_changes.find_reset(system(), token)
    except NotFound as over:
        return _link_over(over)
    return shown("pages/account/reset.html", answer, email=email)


def _show_lost(token: str, answer: Answer) -> ResponseReturnValue:
    try:
        email = factor_resets.find_person(system(), token)
    except NotFound as over:
        return _link_over(over)
    return shown("pages/account/lost_factor.html", answer, email=email)


def _link_over(refusal: NotFound) -> ResponseReturnValue:
    return render_template("pages/account/link_over.html", words=refusal.message), 404

"""Who is not completely signed in goes no further than the views marked public; what they had typed is kept."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from flask import Flask, current_app, jsonify, make_response, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.entrance import typed
from blueprints.entrance.current import found_session, wants_json
from blueprints.entrance.login import PUBLIC

SIGN_IN = "/sign-in"
CODE = "/sign-in/code"
ENROLMENT = "/sign-in/enrolment"
RESUME = "/sign-in/resume"


def register(app: Flask) -> None:
    """Ask for a complete sign-in before every view that is not marked public."""
    app.before_request(ask_for_sign_in)


def ask_for_sign_in() -> ResponseReturnValue | None:
    """Let the request pass, or send its sender to sign in."""
    if view_is_public():
        return None
    if current_user.is_authenticated:
        return _refuse_other_person()
    if wants_json():
        return _refuse_program()
    typed.keep_typed()
    here = way_back()
    target = f"{_door()}?{urlencode({'next': here})}" if here != "/" else _door()
    if request.headers.get("HX-Request") == "true":
        return make_response("", 200, {"HX-Redirect": target})
    return redirect(target, 303)


def _refuse_other_person() -> ResponseReturnValue | None:
    """A page that holds one person's drafts sends nothing under the session of another, who signed in meanwhile."""
    speaker = request.headers.get("X-Person")
    if speaker is None or speaker == current_user.get_id():
        return None
    message = "Une autre personne s’est connectée sur cet appareil : reconnectez-vous."
    return jsonify(format=1, code="other_person", message=message), 401


def view_is_public() -> bool:
    """Whether the asked view is open to a stranger; an address that leads nowhere is, and answers 404."""
    if request.endpoint is None:
        return True
    return bool(getattr(current_app.view_functions[request.endpoint], PUBLIC, False))


def safe_next(target: str, default: str = "/") -> str:
    """Return a target within this site, or ``default``: only a path, never a scheme, a host or a control sign."""
    if not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return default
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in target) or len(target) > 2000:
        return default
    parts = urlsplit(target)
    return default if parts.scheme or parts.netloc else target


def way_back() -> str:
    """Return the page to come back to: the one asked for, or the one that the form or htmx stood on."""
    if request.method == "GET" and request.headers.get("HX-Request") != "true":
        return safe_next(request.full_path.removesuffix("?"))
    stood_on = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "")
    if stood_on.netloc and stood_on.netloc != request.host:
        return "/"
    return safe_next(stood_on.path + (f"?{stood_on.query}" if stood_on.query else ""))


def _door() -> str:
    found = found_session()
    if found is None:
        return SIGN_IN
    return (
        RESUME if found.locked else {"second_factor": CODE, "enrolment": ENROLMENT}.get(found.stage, SIGN_IN)
    )


def _refuse_program() -> ResponseReturnValue:
    found = found_session()
    if found is not None and found.locked:
        message = "Après une heure sans activité, DermAvis redemande votre mot de passe."
        return jsonify(format=1, code="locked", locked=True, message=message), 401
    return jsonify(format=1, code="signed_out", message="Votre session est terminée : reconnectez-vous."), 401

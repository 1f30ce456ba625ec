"""The browser that knocks, and what it is given when it is let in."""

from __future__ import annotations

from flask import redirect, request, session
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from blueprints.entrance import typed
from blueprints.entrance.current import system
from blueprints.entrance.doorway import CODE, ENROLMENT, safe_next
from blueprints.entrance.login import set_session_cookie
from dermavis.services.devices import MOST_TOKENS, VALID_FOR
from dermavis.services.sign_in import Opened, Visitor

NEXT = "next"
HELD = "/sign-in/held"

SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)
BROWSERS = (
    ("Edg", "Edge"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


def visitor() -> Visitor:
    """Return who knocks; the address is the one that TRUSTED_PROXIES lets us believe."""
    tokens = tuple(token for token in request.cookies.get(device_cookie(), "").split(".") if token)
    label = browser_label(request.headers.get("User-Agent", ""))
    return Visitor(request.remote_addr or "", label, tokens[:MOST_TOKENS])


def browser_label(agent: str) -> str:
    """Return "iPhone, Safari" from a User-Agent; a word for what is not known."""
    machine = next((name for mark, name in SYSTEMS if mark in agent), "Appareil")
    browser = next((name for mark, name in BROWSERS if mark in agent), "navigateur inconnu")
    return f"{machine}, {browser}"


def device_cookie() -> str:
    """Return the name of the cookie of an enrolled device."""
    return "__Host-dermavis-device" if system().settings.https else "dermavis-device"


def remember_next(target: str) -> None:
    """Remember the page to come back to, when it is one of ours."""
    safe = safe_next(target, "")
    if safe and not safe.startswith("/sign-"):
        session[NEXT] = safe


def let_in(opened: Opened) -> Response:
    """Give the browser its session, and send it on: to the rest of the sign-in, to what was typed, or to the page."""
    renew_form_token(opened)
    response = redirect(_onward(opened), 303)
    give_cookies(response, opened)
    return response


def give_cookies(response: Response, opened: Opened) -> None:
    """Set the session's cookie, and the device's when it was enrolled."""
    set_session_cookie(response, opened.token)
    if opened.device_token:
        known = visitor().device_tokens
        response.set_cookie(
            device_cookie(),
            ".".join([opened.device_token, *known][:MOST_TOKENS]),
            max_age=int(VALID_FOR.total_seconds()),
            secure=system().settings.https,
            httponly=True,
            samesite="Strict",
            path="/",
        )


def renew_form_token(opened: Opened) -> None:
    """Bind the browser's forms to this person: pages shown to somebody else send nothing under this session."""
    session.permanent = True
    if session.get(typed.AUTHOR) != str(opened.person_id):
        session.pop("csrf_token", None)
        session[typed.AUTHOR] = str(opened.person_id)
        generate_csrf()


def next_page() -> str:
    """Return the page to come back to, once."""
    return safe_next(str(session.pop(NEXT, "/")))


def _onward(opened: Opened) -> str:
    if opened.stage == "second_factor":
        return CODE
    if opened.stage == "enrolment":
        return ENROLMENT
    return HELD if typed.kept_form(opened.person_id) else next_page()


def see_other(target: str) -> Response:
    """Send the browser to one of our pages by GET."""
    return redirect(target, 303)

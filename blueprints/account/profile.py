"""Everybody's own account: who they are, whom they act for, what is signed in, and how they sign in."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.account.forms import Answer, answer_of, shown
from blueprints.account.proof import is_proved, note_proof
from blueprints.account.visitor import see_other, visitor
from blueprints.entrance.current import actor, system
from blueprints.entrance.doorway import ENROLMENT
from blueprints.entrance.fields import as_id, typed_id
from dermavis.domain.errors import InvalidInput, TooMany
from dermavis.domain.permissions import Permission
from dermavis.domain.phones import normalise_phone, show_phone
from dermavis.domain.wording import ago_words, date_words
from dermavis.services import accounts, password_changes
from dermavis.services.access import may
from dermavis.services.case_part import Part
from dermavis.services.kept_cases import MOST, kinds_kept
from dermavis.services.photo_course import taken_at
from dermavis.services.stolen_devices import report_stolen, stolen_devices
from dermavis.services.work import reading, writing

blueprint = Blueprint("profile", __name__)

SAVED = {
    "profile": "Vos coordonnées sont enregistrées.",
    "absence": "Votre absence est enregistrée.",
    "password": "Mot de passe changé. Vos autres appareils sont déconnectés.",
    "sessions": "Les autres sessions sont terminées.",
    "session": "Cette session est terminée.",
    "device": "Cet appareil est oublié.",
    "stolen": "Cet appareil est oublié. Les brouillons qu’il garde seront détruits dès qu’il aura du réseau.",
}
GRAVE = {"factor": ENROLMENT, "recovery": "/account/recovery-codes", "code": "/account#code"}
"""What asks the password again, and where it leads."""

KEEPS = {
    (Part.REQUESTER,): f"mes {MOST} derniers avis",
    (Part.EXPERT,): "les demandes que j’ai prises",
    (Part.REQUESTER, Part.EXPERT): f"mes {MOST} derniers avis et les demandes que j’ai prises",
}
"""What a device may keep, by whose part it is."""


@blueprint.get("/account")
def account_page() -> ResponseReturnValue:
    """Show the account."""
    return _show_account(Answer(), saved=SAVED.get(request.args.get("saved", ""), ""))


@blueprint.post("/account/profile")
def save_profile() -> ResponseReturnValue:
    """Save name and telephone."""
    names = ("first_name", "last_name", "title", "phone")
    typed = {name: request.form.get(name, "") for name in names}
    try:
        with writing(system(), actor()) as work:
            accounts.change_profile(work, accounts.Profile(**typed))
    except InvalidInput as refusal:
        return _show_account(answer_of(refusal), typed=typed)
    return see_other("/account?saved=profile")


@blueprint.post("/account/absence")
def save_absence() -> ResponseReturnValue:
    """Save the absence and who stands in."""
    names = ("substitute", "absent_from", "absent_to")
    typed = {name: request.form.get(name, "").strip() for name in names}
    try:
        if request.form.get("end"):
            typed = dict.fromkeys(names, "")
        first, last = _typed_date(typed, "absent_from"), _typed_date(typed, "absent_to")
        with writing(system(), actor()) as work:
            accounts.set_absence(work, as_id(typed["substitute"]), first, last)
    except InvalidInput as refusal:
        return _show_account(answer_of(refusal), typed=typed)
    return see_other("/account?saved=absence#absence")


@blueprint.post("/account/organization")
def choose_organization() -> ResponseReturnValue:
    """Act for another organisation from now on."""
    chosen = typed_id("organization")
    if chosen is None:
        return see_other("/account")
    with writing(system(), actor()) as work:
        accounts.act_for(work, chosen)
    return see_other("/")


@blueprint.post("/account/sessions/<uuid:session_id>/end")
def end_session(session_id: UUID) -> ResponseReturnValue:
    """End one session."""
    with writing(system(), actor()) as work:
        accounts.end_session(work, session_id)
    return see_other("/account?saved=session#sessions")


@blueprint.post("/account/sessions/end-others")
def end_other_sessions() -> ResponseReturnValue:
    """End every other session."""
    with writing(system(), actor()) as work:
        accounts.end_other_sessions(work)
    return see_other("/account?saved=sessions#sessions")


@blueprint.post("/account/devices/<uuid:device_id>/forget")
def forget_device(device_id: UUID) -> ResponseReturnValue:
    """Forget one device; one that was lost or stolen is told to destroy its drafts besides."""
    stolen = bool(request.form.get("stolen"))
    with writing(system(), actor()) as work:
        (report_stolen if stolen else accounts.forget_device)(work, device_id)
    return see_other(f"/account?saved={'stolen' if stolen else 'device'}#sessions")


@blueprint.get("/account/password")
def password_page() -> ResponseReturnValue:
    """Ask for the old and the new password."""
    return render_template("pages/account/password.html", answer=Answer())


@blueprint.post("/account/password")
def change_password() -> ResponseReturnValue:
    """Change the password."""
    form = request.form
    try:
        password_changes.change(
            system(),
            actor(),
            form.get("old_password", ""),
            form.get("password", ""),
            form.get("again", ""),
            visitor(),
        )
    except (InvalidInput, TooMany) as refusal:
        return shown("pages/account/password.html", answer_of(refusal))
    return see_other("/account?saved=password")


@blueprint.get("/account/prove/<what>")
def prove_page(what: str) -> ResponseReturnValue:
    """Ask for the password before something grave."""
    if what not in GRAVE:
        return see_other("/account")
    return see_other(GRAVE[what]) if is_proved() else _show_prove(what, Answer())


@blueprint.post("/account/prove/<what>")
def prove(what: str) -> ResponseReturnValue:
    """Check the password and go on."""
    if what not in GRAVE:
        return see_other("/account")
    try:
        password_changes.prove(system(), actor().person_id, request.form.get("password", ""), visitor())
    except (InvalidInput, TooMany) as refusal:
        return _show_prove(what, answer_of(refusal))
    note_proof()
    return see_other(GRAVE[what])


@blueprint.get("/account/recovery-codes")
def recovery_codes_page() -> ResponseReturnValue:
    """Say how many codes are left, and offer new ones."""
    with reading(system(), actor()) as work:
        left = accounts.read_account(work).recovery_codes_left
    return render_template("pages/account/recovery_codes_left.html", left=left)


@blueprint.post("/account/recovery-codes")
def renew_recovery_codes() -> ResponseReturnValue:
    """Show ten new codes, once."""
    if not is_proved():
        return see_other("/account/prove/recovery")
    with writing(system(), actor()) as work:
        codes = accounts.renew_recovery_codes(work)
    return render_template("pages/account/recovery_codes.html", codes=codes, onward="/account")


def _show_account(
    answer: Answer, typed: dict[str, str] | None = None, saved: str = ""
) -> ResponseReturnValue:
    me = actor()
    with reading(system(), me) as work:
        account = accounts.read_account(work)
        stolen = stolen_devices(work)
        asks = may(work, Permission.CASE_CREATE)
        course_taken = taken_at(work) if asks else None
        prints_cards = may(work, Permission.CARDS_PRINT)
        keeps = kinds_kept(work)
        now = work.now
    return shown(
        "pages/account/account.html",
        answer,
        account=account,
        phone=_shown_phone(account),
        saved=saved,
        asks=asks,
        course_taken=course_taken,
        prints_cards=prints_cards,
        keeps=KEEPS.get(keeps, ""),
        stolen=stolen,
        proved=is_proved(),
        kept=any(device.this for device in account.devices),
        push_key=system().push.public_key,
        typed=_as_typed(account) | (typed or {}),
        when=lambda instant: ago_words(instant, now, me.time_zone, with_hour=True),
        day=_day_words,
    )


def _day_words(day: date | datetime) -> str:
    return date_words(day.date() if isinstance(day, datetime) else day)


def _show_prove(what: str, answer: Answer) -> ResponseReturnValue:
    return shown("pages/account/prove.html", answer, what=what)


def _shown_phone(account: accounts.Account) -> str:
    return show_phone(normalise_phone(account.phone) or account.phone)


def _as_typed(account: accounts.Account) -> dict[str, Any]:
    return {
        "first_name": account.first_name,
        "last_name": account.last_name,
        "title": account.title,
        "phone": _shown_phone(account),
        "substitute": str(account.substitute_id or ""),
        "absent_from": account.absent_from.isoformat() if account.absent_from else "",
        "absent_to": account.absent_to.isoformat() if account.absent_to else "",
    }


def _typed_date(typed: dict[str, str], name: str) -> date | None:
    if not typed[name]:
        return None
    try:
        return date.fromisoformat(typed[name])
    except ValueError:
        raise InvalidInput({name: "Une date est attendue."}) from None

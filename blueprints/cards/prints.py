"""« Carte-repère »: print a sheet, verify it with a bank card, withdraw it when it wears."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.entrance.current import actor, system
from blueprints.entrance.fields import Fields
from dermavis.domain.errors import InvalidInput
from dermavis.domain.reference_card import AS_DRAWN, check_print
from dermavis.domain.wording import ago_words
from dermavis.services import card_prints
from dermavis.services.work import reading, writing

blueprint = Blueprint("cards", __name__)

DONE_WORDS = {
    "verified": "Planche vérifiée\u00a0: découpez les cartes, elles donnent l’échelle.",
    "corrected": "Longueurs notées\u00a0: l’échelle des photos en tiendra compte. Découpez les cartes.",
    "withdrawn": "Planche retirée\u00a0: jetez ses cartes.",
}


@blueprint.get("/reference-card")
def show_prints() -> ResponseReturnValue:
    """Show how the card is printed, the sheet that waits to be verified, and the former ones."""
    return _page(done=DONE_WORDS.get(request.args.get("done", ""), ""))


@blueprint.post("/reference-card/prints")
def begin() -> ResponseReturnValue:
    """Take a code for a sheet."""
    with writing(system(), actor()) as work:
        card_prints.begin_print(work)
    return redirect("/reference-card#check", 303)


@blueprint.get("/reference-card/prints/<uuid:print_id>/sheet.pdf")
def show_sheet(print_id: UUID) -> Response:
    """Send the sheet as a file: what prints it is the device's own viewer, at its real size."""
    with reading(system(), actor()) as work:
        name, content = card_prints.sheet(work, print_id)
    headers = {
        "Content-Disposition": f'inline; filename="{name}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, mimetype="application/pdf", headers=headers)


@blueprint.post("/reference-card/prints/<uuid:print_id>/verify")
def verify(print_id: UUID) -> ResponseReturnValue:
    """Keep that the bank card fills both outlines, or how long they are."""
    typed = {name: request.form.get(name, "") for name in ("across", "down")}
    try:
        check = AS_DRAWN if request.form.get("fits") else check_print(**typed)
        with writing(system(), actor()) as work:
            card_prints.verify_print(work, print_id, check)
    except InvalidInput as refused:
        return _page(errors=refused.errors, typed=typed), refused.status
    return redirect(f"/reference-card?done={'corrected' if check.corrected else 'verified'}", 303)


@blueprint.post("/reference-card/prints/<uuid:print_id>/withdraw")
def withdraw(print_id: UUID) -> ResponseReturnValue:
    """Withdraw a sheet."""
    with writing(system(), actor()) as work:
        card_prints.withdraw_print(work, print_id)
    return redirect("/reference-card?done=withdrawn", 303)


def _page(done: str = "", errors: dict[str, str] | None = None, typed: dict[str, str] | None = None) -> str:
    me = actor()
    with reading(system(), me) as work:
        prints = card_prints.prints_of_place(work)
        now = work.now
    waiting = [one for one in prints if one.waits]
    return render_template(
        "pages/cards/prints.html",
        waiting=waiting[0] if waiting else None,
        prints=[one for one in prints if one not in waiting],
        done=done,
        errors=Fields(errors or {}),
        typed=Fields(typed or {}),
        when=lambda instant: ago_words(instant, now, me.time_zone),
        millimetres=lambda length: f"{length:.1f}".replace(".", ",") + "\u00a0mm",
    )

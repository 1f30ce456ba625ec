"""What was typed when the session ended, offered again; it is sent by a press on its button and never by itself."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from blueprints.account.visitor import next_page, see_other
from blueprints.entrance import typed
from blueprints.entrance.current import found_session, system
from dermavis.services import held_forms

blueprint = Blueprint("held", __name__)

MOST_SHOWN = 12


@dataclass(frozen=True)
class Shown:
    """The texts that a person recognises among what is kept."""

    texts: list[str]
    more: int


@blueprint.get("/sign-in/held")
def held_page() -> ResponseReturnValue:
    """Show what was kept, to its author."""
    found = found_session()
    kept = typed.kept_form(found.person_id) if found else None
    if kept is None:
        return see_other(next_page())
    return render_template("pages/account/held.html", kept=kept, shown=_recognisable(kept))


@blueprint.post("/sign-in/held/discard")
def discard() -> ResponseReturnValue:
    """Forget what was kept."""
    held_forms.discard(system(), typed.held_token())
    response = see_other(next_page())
    typed.forget_cookie(response)
    return response


def _recognisable(kept: held_forms.KeptForm) -> Shown:
    texts = [value.strip() for _, value in kept.fields if _is_human(value.strip())]
    return Shown(texts[:MOST_SHOWN], max(0, len(texts) - MOST_SHOWN))


def _is_human(value: str) -> bool:
    """Tell whether a value was typed rather than chosen or carried: it has letters and is no identifier."""
    if len(value) < 3 or not any(sign.isalpha() for sign in value):
        return False
    try:
        UUID(value)
    except ValueError:
        return " " in value or not value.isascii() or value[0].isupper() or len(value) > 20
    return False

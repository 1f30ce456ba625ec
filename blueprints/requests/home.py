"""``/``: everybody finds their own place."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from blueprints.entrance.current import found_session, system
from dermavis.domain.permissions import Permission
from dermavis.services.access import may
from dermavis.services.work import reading

blueprint = Blueprint("home", __name__)

PLACES: tuple[tuple[Permission, str], ...] = (
    (Permission.REQUESTS_LIST, "/requests"),
    (Permission.WORKLIST_LIST, "/worklist"),
    (Permission.POOL_LIST, "/pooling"),
    (Permission.PEOPLE_MANAGE, "/administration"),
    (Permission.AUDIT_READ, "/administration/audit"),
)
"""Where a person stands: the first place whose permission they hold."""


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Send the person to their place, or say why there is none yet."""
    found = found_session()
    if found is None or found.actor is None:
        return render_template("pages/requests/no_place.html", known=False, several=False)
    with reading(system(), found.actor) as work:
        for permission, address in PLACES:
            if may(work, permission):
                return redirect(address, 303)
    several = len(found.organizations) > 1
    return render_template("pages/requests/no_place.html", known=True, several=several)

"""The page of the guided request. Its first screen comes ready; the program beside it does the rest."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from blueprints.entrance.current import actor, system
from blueprints.entrance.login import public
from blueprints.requests.specialties import SPECIALTY, address_of
from dermavis.domain.errors import Conflict, Discarded, NotFound
from dermavis.services import drafts
from dermavis.services.guided_request import is_known, start
from dermavis.services.my_requests import sees_whole_site
from dermavis.services.work import reading

blueprint = Blueprint("wizard", __name__)

WITHOUT_NETWORK = "/requests/offline"
PLACES = r"^/requests/(new|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$"
"""The addresses in whose place a phone without network shows the page of ``WITHOUT_NETWORK``."""


@blueprint.get("/requests/new")
def new_request() -> ResponseReturnValue:
    """Show the first screen of a new request."""
    return _shell("")


@blueprint.get("/requests/<uuid:case_id>")
def resume_request(case_id: UUID) -> ResponseReturnValue:
    """Take a draft up again where it stood; a sent request has its own page.

    An id that the server does not know may still be a draft of this phone: the page looks there.
    """
    with reading(system(), actor()) as work:
        try:
            drafts.read(work, case_id)
        except (Conflict, Discarded):
            return redirect(f"/cases/{case_id}", 303)
        except NotFound:
            if is_known(work, case_id):
                raise
    return _shell(str(case_id))


@blueprint.get(WITHOUT_NETWORK)
@public
def without_network() -> ResponseReturnValue:
    """Show the page that the service worker keeps: it names nobody, and asks for the code of its phone."""
    return render_template(
        "pages/requests/wizard.html",
        offline=True,
        specialty=system().specialty(SPECIALTY),
        specialty_address=address_of(SPECIALTY),
        draft_id="",
        dermatoscope=False,
        push_key="",
        person_id="",
        prepares=False,
        own_name="",
    )


def _shell(draft_id: str) -> ResponseReturnValue:
    with reading(system(), actor()) as work:
        begun = start(work)
        prepares = sees_whole_site(work)
    return render_template(
        "pages/requests/wizard.html",
        offline=False,
        specialty=system().specialty(SPECIALTY),
        specialty_address=address_of(SPECIALTY),
        draft_id=draft_id,
        dermatoscope=begun.has_dermatoscope,
        push_key=system().push.public_key,
        person_id=actor().person_id,
        prepares=prepares,
        own_name=begun.own_name,
    )

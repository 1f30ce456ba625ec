"""The guided request unlocks its session in place: ``POST /api/v1/session`` with the password."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from flask_login import current_user

from blueprints.account.visitor import give_cookies, visitor
from blueprints.entrance.current import found_session, system
from blueprints.entrance.login import public
from dermavis.domain.errors import Conflict, InvalidInput, TooMany
from dermavis.services.sign_in import again_with_password

blueprint = Blueprint("session_api", __name__)


@blueprint.post("/api/v1/session")
@public
def unlock() -> Response:
    """Unlock an idle session.

    422 for a wrong password; 401 with ``sign_in`` when only the sign-in page helps: the session has ended, or too many
    tries ended it.
    """
    found = found_session()
    if current_user.is_authenticated:
        return jsonify(format=1)
    if found is None or not found.locked:
        return _sign_in_again("Votre session est terminée : reconnectez-vous.")
    content = request.get_json(silent=True)
    password = content.get("password") if isinstance(content, dict) else None
    if not isinstance(password, str) or not password:
        raise InvalidInput({"password": "Le mot de passe manque."}, "Le mot de passe manque.")
    try:
        opened = again_with_password(system(), found.id, password, visitor())
    except (TooMany, Conflict) as refusal:
        return _sign_in_again(refusal.message)
    response = jsonify(format=1)
    give_cookies(response, opened)
    return response


def _sign_in_again(message: str) -> Response:
    response = jsonify(format=1, code="signed_out", sign_in=True, message=message)
    response.status_code = 401
    return response

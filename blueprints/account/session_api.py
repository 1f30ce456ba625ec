"""The guided request unlocks its session in place, by the password or by what the device's code opens."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from flask_login import current_user

from blueprints.account.proof import is_proved
from blueprints.account.visitor import give_cookies, visitor
from blueprints.entrance.current import actor, found_session, system
from blueprints.entrance.login import public
from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, TooMany
from dermavis.services.stolen_devices import note_destroyed, to_destroy
from dermavis.services.unlocking import (
    again_with_password,
    again_with_proof,
    give_proof,
    spend_code,
    take_proof,
)
from dermavis.services.work import reading, writing

blueprint = Blueprint("session_api", __name__)


@blueprint.post("/api/v1/session")
@public
def unlock() -> Response:
    """Unlock an idle session.

    422 for a wrong password or proof; 401 with ``sign_in`` when only the sign-in page helps: the session has ended, or
    too many tries ended it.
    """
    found = found_session()
    if current_user.is_authenticated:
        return jsonify(format=1)
    if found is None or not found.locked:
        return _sign_in_again("Votre session est terminée : reconnectez-vous.")
    content = request.get_json(silent=True)
    given = content if isinstance(content, dict) else {}
    unlock_by = again_with_proof if "proof" in given else again_with_password
    secret = given.get("proof", given.get("password"))
    if not isinstance(secret, str) or not secret:
        raise InvalidInput({"password": "Le mot de passe manque."}, "Le mot de passe manque.")
    try:
        opened = unlock_by(system(), found.id, secret, visitor())
    except (TooMany, Conflict) as refusal:
        return _sign_in_again(refusal.message)
    response = jsonify(format=1)
    give_cookies(response, opened)
    return response


@blueprint.post("/api/v1/device-code")
def set_device_code() -> Response:
    """Give what the code of this kept device will open.

    403 unless the password was given a moment ago: a phone taken unlocked is not to get a code. 409 in words on a
    device that is not kept.
    """
    if not is_proved():
        raise Forbidden("Redonnez d’abord votre mot de passe.", "unproved")
    with writing(system(), actor()) as work:
        return jsonify(format=1, proof=give_proof(work))


@blueprint.delete("/api/v1/device-code")
def remove_device_code() -> Response:
    """Have the code of this device open no session any more."""
    with writing(system(), actor()) as work:
        take_proof(work)
    return jsonify(format=1)


@blueprint.post("/api/v1/device-code/spent")
def spend_device_code() -> Response:
    """Hear that five wrong codes were typed on this device: the password is asked for again."""
    with writing(system(), actor()) as work:
        spend_code(work)
    return jsonify(format=1)


@blueprint.get("/api/v1/device/orders")
@public
def device_orders() -> Response:
    """Tell a browser whose drafts it must destroy: of devices that were reported lost or stolen."""
    with reading(system()) as work:
        return jsonify(format=1, destroy=[str(one) for one in to_destroy(work, visitor().device_tokens)])


@blueprint.post("/api/v1/device/orders")
@public
def device_has_destroyed() -> Response:
    """Hear from a browser that it has done so."""
    with writing(system()) as work:
        note_destroyed(work, visitor().device_tokens)
    return jsonify(format=1)


def _sign_in_again(message: str) -> Response:
    response = jsonify(format=1, code="signed_out", sign_in=True, message=message)
    response.status_code = 401
    return response

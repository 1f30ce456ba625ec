"""Opening a session again after an idle hour: by the password, or by the code of a device that is kept.

The code itself never leaves the phone. What it opens there holds a proof, of which the server keeps the hash.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from uuid import UUID

from dermavis.domain.errors import Conflict, InvalidInput, TooMany
from dermavis.models import Device, Person, UserSession
from dermavis.services import passwords, rate_limits, sessions
from dermavis.services.sign_in import Opened, Visitor
from dermavis.services.work import System, Work, reading, writing

WRONG_PASSWORD = "Mot de passe incorrect."  # noqa: S105 - a sentence
WRONG_PROOF = "Ce code n’ouvre plus la session : donnez votre mot de passe."
NOT_KEPT = "Cet appareil n’est pas gardé : reconnectez-vous et cochez « Garder cet appareil 30 jours »."


def again_with_password(system: System, session_id: UUID, password: str, visitor: Visitor) -> Opened:
    """Unlock an idle session. Raises InvalidInput; TooMany once too many tries have ended the session."""
    with reading(system) as work:
        row = work.session.get_one(UserSession, session_id)
        password_hash = work.session.get_one(Person, row.person_id).password_hash
    return _again(
        system,
        session_id,
        visitor,
        lambda: passwords.matches(password_hash, password),
        {"password": WRONG_PASSWORD},
    )


def again_with_proof(system: System, session_id: UUID, proof: str, visitor: Visitor) -> Opened:
    """Unlock an idle session by what the device's code opened. Raises the same."""
    with reading(system) as work:
        device = _device(work, session_id)
        expected = device.code_proof_hash if device is not None else None
    right = expected is not None and hmac.compare_digest(expected, sessions.hash_of(proof))
    return _again(system, session_id, visitor, lambda: right, {"proof": WRONG_PROOF})


def give_proof(work: Work) -> str:
    """Give the actor's kept device a new proof for its code; the one before opens nothing any more. Raises Conflict."""
    device = _device(work, work.acting.session_id)
    if device is None:
        raise Conflict("device_not_kept", NOT_KEPT)
    proof = secrets.token_urlsafe(32)
    device.code_proof_hash = sessions.hash_of(proof)
    work.audit("device.code_set", subject_kind="device", subject_id=device.id)
    return proof


def take_proof(work: Work) -> None:
    """From now on the code of the actor's device opens no session."""
    device = _device(work, work.acting.session_id)
    if device is None or device.code_proof_hash is None:
        return
    device.code_proof_hash = None
    work.audit("device.code_removed", subject_kind="device", subject_id=device.id)


def spend_code(work: Work) -> None:
    """Five wrong codes were typed on the actor's device: it opens nothing, and the session waits for the password."""
    take_proof(work)
    if work.acting.session_id is not None:
        sessions.lock(work, work.acting.session_id)
    work.audit("session.locked_by_codes", subject_kind="person", subject_id=work.acting.person_id)


def _device(work: Work, session_id: UUID | None) -> Device | None:
    session = work.session.get(UserSession, session_id) if session_id else None
    return work.session.get(Device, session.device_id) if session and session.device_id else None


def _again(
    system: System,
    session_id: UUID,
    visitor: Visitor,
    is_right: Callable[[], bool],
    refusal: dict[str, str],
) -> Opened:
    with reading(system) as work:
        person_id = work.session.get_one(UserSession, session_id).person_id
    by_session = (rate_limits.PASSWORD_BY_DEVICE, str(session_id))
    by_address = (rate_limits.PASSWORD_BY_ADDRESS, visitor.address_subject)
    try:
        rate_limits.count_try(system, by_session, by_address)
    except TooMany:
        with writing(system) as work:
            sessions.revoke(work, session_id, person_id)
            work.audit("session.ended_by_tries", subject_kind="person", subject_id=person_id)
        raise
    right = is_right()
    token = None
    with writing(system) as work:
        if right:
            token = sessions.unlock(work, session_id)
            rate_limits.forget(work, by_session)
            rate_limits.give_back(work, by_address)
        work.audit(
            "session.unlocked" if token else "session.unlock_refused",
            subject_kind="person",
            subject_id=person_id,
        )
    if right and token is None:
        raise Conflict("session_ended", "Votre session est terminée : reconnectez-vous.")
    if token is None:
        raise InvalidInput(refusal, next(iter(refusal.values())))
    return Opened(token, "full", person_id)

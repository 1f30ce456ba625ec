"""The second factor: an authenticator's code, accepted once for each time step, or a recovery code from paper."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid4

import pyotp
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from dermavis.domain.text import normalise_code
from dermavis.models import Person, RecoveryCode, TotpUse
from dermavis.services.vault import open_under_master, seal_under_master
from dermavis.services.work import Work

STEP = 30
"""Seconds (RFC 6238)."""

WINDOW = (0, -1, 1)
"""Steps around the present that are accepted, at enrolment as at sign-in: a clock may be half a minute off."""

Acceptance = Callable[[Work, Person], str | None]
"""Tries what was typed for a person; returns why it is refused, or None."""

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""For recovery codes: no sign that looks like another one."""

RECOVERY_CODES = 10
ISSUER = "DermAvis"


def new_secret() -> str:
    """Return a fresh seed of 160 bits, in base32."""
    return pyotp.random_base32()


def provisioning_uri(person: Person, secret: str) -> str:
    """Return the otpauth:// address that the QR code carries."""
    return pyotp.TOTP(secret).provisioning_uri(name=person.email, issuer_name=ISSUER)


def keep_secret(work: Work, person: Person, secret: str) -> None:
    """Keep an authenticator's seed, sealed. Codes of a former seed are forgotten."""
    person.totp_sealed = seal_under_master(work, secret, Person.__tablename__, person.id, "totp_sealed")
    work.session.execute(delete(TotpUse).where(TotpUse.person_id == person.id))


def secret_of(work: Work, person: Person) -> str | None:
    """Return the seed of the person's authenticator."""
    if person.totp_sealed is None:
        return None
    secret: str = open_under_master(
        work.system.cipher, person.totp_sealed, Person.__tablename__, person.id, "totp_sealed"
    )
    return secret


def accept_totp(work: Work, person_id: UUID, secret: str, typed: str) -> bool:
    """Accept a code of the window once: the step it belongs to is written down under a unique constraint."""
    code = normalise_code(typed)
    if len(code) != 6:
        return False
    now_step = step_of(work.now)
    work.session.execute(delete(TotpUse).where(TotpUse.person_id == person_id, TotpUse.step < now_step - 10))
    totp = pyotp.TOTP(secret)
    fitting = [
        now_step + shift
        for shift in WINDOW
        if secrets.compare_digest(totp.generate_otp(now_step + shift), code)
    ]
    return any(_use_step(work, person_id, step) for step in fitting)


def totp_code(secret: str, now: datetime) -> str:
    """Return the code that an authenticator with that seed shows now."""
    return pyotp.TOTP(secret).generate_otp(step_of(now))


def step_of(instant: datetime) -> int:
    """Return the number of the time step that an instant lies in."""
    return int(instant.timestamp()) // STEP


def new_recovery_codes(work: Work, person_id: UUID) -> list[str]:
    """Replace the person's recovery codes by ten new ones and return them; only their hashes are kept."""
    work.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    for code in codes:
        work.session.add(
            RecoveryCode(id=uuid4(), person_id=person_id, code_hash=_recovery_hash(work, person_id, code))
        )
    work.session.flush()
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def accept_recovery_code(work: Work, person_id: UUID, typed: str) -> bool:
    """Use a recovery code up; tell whether it was one. Case, blanks and hyphens do not matter."""
    code = "".join(sign for sign in typed.casefold() if sign in ALPHABET)
    used = work.session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person_id,
            RecoveryCode.code_hash == _recovery_hash(work, person_id, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=work.now)
        .returning(RecoveryCode.id)
    )
    return len(used.all()) > 0


def recovery_codes_left(work: Work, person_id: UUID) -> int:
    """Return how many recovery codes are unused."""
    return (
        work.session.scalar(
            select(func.count()).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
        )
        or 0
    )


def _use_step(work: Work, person_id: UUID, step: int) -> bool:
    try:
        with work.session.begin_nested():
            work.session.add(TotpUse(person_id=person_id, step=step, used_at=work.now))
    except IntegrityError:
        return False
    return True


def _recovery_hash(work: Work, person_id: UUID, code: str) -> bytes:
    return work.system.cipher.lasting_hash("recovery-code", f"{person_id}:{code}")

"""Links sent by e-mail: random, used once, out of date after a while; only the token's hash is kept."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select, update

from dermavis.domain.errors import NotFound
from dermavis.models import AccessToken, Person
from dermavis.services.sessions import hash_of
from dermavis.services.work import Work

INVITATION = "invitation"
PASSWORD_RESET = "password_reset"  # noqa: S105 - a kind of link
FACTOR_RESET = "factor_reset"

VALID_FOR = {
    INVITATION: timedelta(days=7),
    PASSWORD_RESET: timedelta(hours=1),
    FACTOR_RESET: timedelta(days=1),
}
PATHS = {INVITATION: "invitation", PASSWORD_RESET: "password/reset", FACTOR_RESET: "second-factor"}
REFUSED = "Ce lien n’ouvre plus rien\u00a0: il a servi, ou il est trop vieux."


def new_link(work: Work, person_id: UUID, purpose: str) -> str:
    """Return the whole address of a fresh link; earlier ones of the same purpose end."""
    end_links(work, person_id, purpose)
    token = secrets.token_urlsafe(32)
    work.session.add(
        AccessToken(
            id=uuid4(),
            person_id=person_id,
            purpose=purpose,
            token_hash=hash_of(token),
            created_at=work.now,
            created_by=work.actor.person_id if work.actor else None,
            expires_at=work.now + VALID_FOR[purpose],
        )
    )
    work.session.flush()
    return f"{work.system.settings.origin}/{PATHS[purpose]}/{token}"


def find_link(work: Work, token: str, purpose: str) -> AccessToken:
    """Return a link that still opens: known, unused, in date, and of a person who was not revoked.

    Raises NotFound, in words, for any other.
    """
    row = work.session.scalar(
        select(AccessToken).where(AccessToken.token_hash == hash_of(token), AccessToken.purpose == purpose)
    )
    if row is None or row.used_at is not None or row.expires_at <= work.now:
        raise NotFound(REFUSED)
    if work.session.get_one(Person, row.person_id).state == "revoked":
        raise NotFound(REFUSED)
    return row


def use_link(work: Work, link_id: UUID) -> None:
    """Use a link up. Raises NotFound, in words, when another request was first."""
    used = work.session.execute(
        update(AccessToken)
        .where(AccessToken.id == link_id, AccessToken.used_at.is_(None))
        .values(used_at=work.now)
        .returning(AccessToken.id)
    )
    if not used.all():
        raise NotFound(REFUSED)


def end_links(work: Work, person_id: UUID, *purposes: str) -> int:
    """End the person's open links of these purposes, by default of all; return how many there were."""
    used = work.session.execute(
        update(AccessToken)
        .where(
            AccessToken.person_id == person_id,
            AccessToken.purpose.in_(purposes or tuple(VALID_FOR)),
            AccessToken.used_at.is_(None),
        )
        .values(used_at=work.now)
        .returning(AccessToken.id)
    )
    return len(used.all())

"""The steps of a sign-in: where one is, what one's phone shows, what is mailed."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from dermavis.models import OutboxItem, Person
from dermavis.services import second_factor, sign_in
from dermavis.services.letters import carried_by
from dermavis.services.sessions import find_session
from dermavis.services.sign_in import Opened, Visitor
from dermavis.services.work import System, reading, writing
from tests.clock import FakeClock
from tests.factories import PASSWORD, TOTP_SECRET

HERE = Visitor("192.0.2.10", "iPhone, Safari")


def code_now(clock: FakeClock, seconds: int = 0) -> str:
    """What the authenticator of a phone shows whose clock is so many seconds off."""
    return second_factor.totp_code(TOTP_SECRET, clock.now() + timedelta(seconds=seconds))


def session_of(system: System, opened: Opened) -> UUID:
    found = find_session(system, opened.token)
    assert found is not None
    return found.id


def begin(system: System, email: str, visitor: Visitor = HERE) -> UUID:
    """Give the password; return the session that waits for the second factor."""
    return session_of(system, sign_in.with_password(system, email, PASSWORD, visitor))


def by_email(system: System, person_id: UUID) -> None:
    """Let a person have codes by e-mail instead of an authenticator."""
    with writing(system) as work:
        work.session.execute(
            update(Person).where(Person.id == person_id).values(second_factor="email", totp_sealed=None)
        )


def carried(system: System, event: str) -> list[dict[str, str]]:
    """Return what the letters of one kind carry, oldest first."""
    with reading(system) as work:
        items = work.session.scalars(
            select(OutboxItem).where(OutboxItem.event == event).order_by(OutboxItem.created_at)
        )
        return [carried_by(work, item) for item in items]


def mailed_codes(system: System) -> list[str]:
    """Return the codes in the outbox, oldest first."""
    return [letter["code"] for letter in carried(system, "email_code")]

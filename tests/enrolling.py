"""An invited person on the way to an account, and the links that letters carry."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from dermavis.domain.roles import Role
from dermavis.services import enrolment, invitations, second_factor
from dermavis.services.invitations import Invited, Newcomer
from dermavis.services.sessions import find_session
from dermavis.services.sign_in import Opened
from dermavis.services.work import System, writing
from tests.clock import FakeClock
from tests.entering import carried
from tests.factories import World

NEW = "un cerf traverse la route"
JEANNE = Newcomer(" Jeanne.Novel@Example.org ", "Jeanne", "Novel", title="Dr")


def invite(world: World, newcomer: Newcomer = JEANNE, role: Role = Role.REQUESTER) -> Invited:
    with writing(world.system, world.actor(Role.ADMINISTRATOR)) as work:
        return invitations.invite(work, newcomer, world.site_id, role)


def token_of(link: str) -> str:
    return link.rsplit("/", 1)[1]


def mailed(system: System, event: str) -> list[str]:
    """Return the links of the letters of one kind, oldest first."""
    return [letter["link"] for letter in carried(system, event)]


def enrolling(system: System, opened: Opened) -> UUID:
    found = find_session(system, opened.token)
    assert found is not None
    assert found.stage == "enrolment"
    assert found.actor is None
    return found.id


def shown_code(system: System, session_id: UUID, clock: FakeClock, seconds: int = 0) -> str:
    """What an authenticator shows that has just read the QR code."""
    secret = enrolment.seed_for(system, session_id).secret
    return second_factor.totp_code(secret, clock.now() + timedelta(seconds=seconds))

"""Accounts that are revoked and restored: out at once, with what was begun."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.models import Person, UserSession
from dermavis.services import enrolment, invitations, password_changes, revocations, sign_in
from dermavis.services.sessions import find_session, open_session
from dermavis.services.work import System, reading, writing
from tests.clock import FakeClock
from tests.enrolling import NEW, enrolling, invite, mailed, shown_code, token_of
from tests.entering import HERE
from tests.factories import PASSWORD, World


def test_a_revoked_person_is_out_at_once(system: System, world: World) -> None:
    who = world.who(Role.REQUESTER)
    password_changes.forgotten(system, who.email, HERE)
    (link,) = mailed(system, "password_reset")
    with writing(system) as work:
        token = open_session(work, who.person_id)
    assert find_session(system, token) is not None

    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        revocations.revoke_person(work, who.person_id)

    assert find_session(system, token) is None
    with pytest.raises(InvalidInput):
        sign_in.with_password(system, who.email, PASSWORD, HERE)
    with pytest.raises(NotFound):
        password_changes.find_reset(system, token_of(link))
    with reading(system) as work:
        rows = work.session.scalars(select(UserSession).where(UserSession.person_id == who.person_id)).all()
    assert rows
    assert all(row.revoked_at is not None for row in rows)


def test_an_administrator_cannot_revoke_themselves_or_a_stranger_anybody(
    system: System, world: World
) -> None:
    administrator = world.actor(Role.ADMINISTRATOR)
    with pytest.raises(Forbidden), writing(system, administrator) as work:
        revocations.revoke_person(work, administrator.person_id)
    with pytest.raises(Forbidden), writing(system, world.actor(Role.EXPERT)) as work:
        revocations.revoke_person(work, world.who(Role.REQUESTER).person_id)


def test_a_restored_account_opens_again_with_its_own_factors(system: System, world: World) -> None:
    who = world.who(Role.REQUESTER)
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        revocations.revoke_person(work, who.person_id)
        revocations.restore_person(work, who.person_id)

    assert sign_in.with_password(system, who.email, PASSWORD, HERE).stage == "second_factor"


def test_a_revoked_person_cannot_finish_an_enrolment(system: System, clock: FakeClock, world: World) -> None:
    invited = invite(world)
    session_id = enrolling(system, invitations.accept(system, token_of(invited.link), NEW, NEW, HERE))
    code = shown_code(system, session_id, clock)
    with writing(system) as work:
        work.session.execute(update(Person).where(Person.id == invited.person_id).values(state="revoked"))
        work.session.execute(update(UserSession).values(revoked_at=work.now))

    with pytest.raises(Conflict):
        enrolment.with_authenticator(system, session_id, code, HERE)

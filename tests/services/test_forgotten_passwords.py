"""Forgotten passwords: a link that opens once within an hour, and says nothing of who has an account."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from dermavis.domain.errors import InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent
from dermavis.services import password_changes, second_factor, sign_in
from dermavis.services.sessions import find_session
from dermavis.services.sign_in import Visitor
from dermavis.services.work import System, reading
from tests.clock import FakeClock
from tests.enrolling import JEANNE, NEW, invite, mailed, token_of
from tests.entering import HERE
from tests.factories import PASSWORD, TOTP_SECRET, World


def test_a_forgotten_password_is_set_by_a_link_and_the_second_factor_is_still_asked(
    system: System, clock: FakeClock, world: World
) -> None:
    who = world.who(Role.REQUESTER)
    half = find_session(system, sign_in.with_password(system, who.email, PASSWORD, HERE).token)
    assert half is not None
    whole = sign_in.with_code(
        system, half.id, second_factor.totp_code(TOTP_SECRET, clock.now()), HERE, keep_device=True
    )
    password_changes.forgotten(system, who.email.upper(), HERE)
    (link,) = mailed(system, "password_reset")
    assert password_changes.find_reset(system, token_of(link)) == who.email

    password_changes.reset(system, token_of(link), NEW, NEW, HERE)

    assert find_session(system, whole.token) is None
    known = Visitor("192.0.2.10", "", (whole.device_token or "",))
    with pytest.raises(InvalidInput):
        sign_in.with_password(system, who.email, PASSWORD, known)
    assert sign_in.with_password(system, who.email, NEW, known).stage == "second_factor"
    with pytest.raises(NotFound):
        password_changes.reset(system, token_of(link), PASSWORD, PASSWORD, HERE)


def test_a_reset_link_lives_an_hour(system: System, clock: FakeClock, world: World) -> None:
    password_changes.forgotten(system, world.who(Role.REQUESTER).email, HERE)
    (link,) = mailed(system, "password_reset")
    clock.advance(minutes=59)
    assert password_changes.find_reset(system, token_of(link))

    clock.advance(minutes=1)

    with pytest.raises(NotFound):
        password_changes.reset(system, token_of(link), NEW, NEW, HERE)


def test_eight_at_once_use_a_reset_link_once(system: System, world: World) -> None:
    password_changes.forgotten(system, world.who(Role.REQUESTER).email, HERE)
    token = token_of(mailed(system, "password_reset")[0])

    def use(number: int) -> bool:
        chosen = f"une phrase assez longue {number}"
        try:
            password_changes.reset(system, token, chosen, chosen, HERE)
        except NotFound:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(use, range(8))).count(True) == 1


def test_a_forgotten_password_of_nobody_sends_nothing_and_says_nothing(system: System, world: World) -> None:
    password_changes.forgotten(system, "nobody@example.org", HERE)
    assert mailed(system, "password_reset") == []

    password_changes.forgotten(system, world.who(Role.REQUESTER).email, HERE)
    assert len(mailed(system, "password_reset")) == 1
    with reading(system) as work:
        events = work.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "password.forgotten")
        ).all()
    assert len(events) == 2


def test_an_invited_person_who_forgot_is_invited_again(system: System, world: World) -> None:
    invite(world)

    password_changes.forgotten(system, JEANNE.email, HERE)

    assert len(mailed(system, "invitation")) == 2
    assert mailed(system, "password_reset") == []

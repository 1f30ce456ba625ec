"""Lost authenticators: one administrator asks, another agrees, and the person enrols anew."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent
from dermavis.services import enrolment, factor_resets, second_factor, sign_in
from dermavis.services.sessions import find_session, open_session
from dermavis.services.work import System, reading, writing
from tests.clock import FakeClock
from tests.enrolling import enrolling, mailed, shown_code, token_of
from tests.entering import HERE
from tests.factories import PASSWORD, TOTP_SECRET, World


def test_a_lost_authenticator_takes_two_administrators(
    system: System, clock: FakeClock, world: World
) -> None:
    who = world.who(Role.REQUESTER)
    first, second = world.actor(Role.ADMINISTRATOR), world.actor("other_administrator")
    with writing(system) as work:
        codes = second_factor.new_recovery_codes(work, who.person_id)
        signed_in = open_session(work, who.person_id)
    with writing(system, first) as work:
        reset_id = factor_resets.ask(work, who.person_id)
    with pytest.raises(Forbidden), writing(system, first) as work:
        factor_resets.approve(work, reset_id)
    assert find_session(system, signed_in) is not None
    with reading(system, second) as work:
        (waiting,) = factor_resets.waiting_resets(work)
    assert (waiting.id, waiting.mine) == (reset_id, False)

    with writing(system, second) as work:
        factor_resets.approve(work, reset_id)

    assert find_session(system, signed_in) is None
    half = find_session(system, sign_in.with_password(system, who.email, PASSWORD, HERE).token)
    assert half is not None
    with pytest.raises(InvalidInput):
        sign_in.with_code(system, half.id, second_factor.totp_code(TOTP_SECRET, clock.now()), HERE)
    with pytest.raises(InvalidInput):
        sign_in.with_recovery_code(system, half.id, codes[0], HERE)
    (link,) = mailed(system, "factor_reset")
    with pytest.raises(InvalidInput):
        factor_resets.begin_enrolment(system, token_of(link), "not the password", HERE)
    session_id = enrolling(system, factor_resets.begin_enrolment(system, token_of(link), PASSWORD, HERE))
    assert enrolment.with_authenticator(
        system, session_id, shown_code(system, session_id, clock), HERE
    ).opened
    with pytest.raises(NotFound):
        factor_resets.begin_enrolment(system, token_of(link), PASSWORD, HERE)
    with reading(system) as work:
        actions = set(work.session.scalars(select(AuditEvent.action)))
    assert {"factor_reset.asked", "factor_reset.approved", "factor.enrolled"} <= actions


def test_nobody_resets_their_own_second_factor(system: System, world: World) -> None:
    first, second = world.actor(Role.ADMINISTRATOR), world.actor("other_administrator")
    with pytest.raises(Forbidden), writing(system, first) as work:
        factor_resets.ask(work, first.person_id)
    with writing(system, first) as work:
        reset_id = factor_resets.ask(work, second.person_id)

    with pytest.raises(Forbidden), writing(system, second) as work:
        factor_resets.approve(work, reset_id)


def test_only_administrators_ask_and_agree(system: System, world: World) -> None:
    requester = world.who(Role.REQUESTER).person_id
    with pytest.raises(Forbidden), writing(system, world.actor(Role.SUPPORT)) as work:
        factor_resets.ask(work, requester)
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        reset_id = factor_resets.ask(work, requester)

    with pytest.raises(Forbidden), writing(system, world.actor(Role.SUPER_USER)) as work:
        factor_resets.approve(work, reset_id)


def test_a_demand_waits_two_days_and_is_accepted_once(system: System, clock: FakeClock, world: World) -> None:
    first, second = world.actor(Role.ADMINISTRATOR), world.actor("other_administrator")
    requester = world.who(Role.REQUESTER).person_id
    with writing(system, first) as work:
        stale = factor_resets.ask(work, requester)
    with pytest.raises(Conflict), writing(system, first) as work:
        factor_resets.ask(work, requester)
    clock.advance(days=2)
    with pytest.raises(Conflict), writing(system, second) as work:
        factor_resets.approve(work, stale)
    with writing(system, first) as work:
        fresh = factor_resets.ask(work, requester)
    with writing(system, second) as work:
        factor_resets.approve(work, fresh)

    with pytest.raises(Conflict), writing(system, second) as work:
        factor_resets.approve(work, fresh)

"""Devices that are kept: without a second factor for thirty days, locked after an idle hour."""

from __future__ import annotations

import pytest

from dermavis.domain.errors import Conflict, InvalidInput, TooMany
from dermavis.domain.roles import Role
from dermavis.services import sign_in
from dermavis.services.sessions import find_session
from dermavis.services.sign_in import Visitor
from dermavis.services.unlocking import (
    again_with_password,
    again_with_proof,
    give_proof,
    spend_code,
    take_proof,
)
from dermavis.services.work import Actor, System, writing
from tests.clock import FakeClock
from tests.entering import HERE, begin, code_now, session_of
from tests.factories import PASSWORD, World


def test_a_kept_device_skips_the_second_factor_for_thirty_days(
    system: System, clock: FakeClock, email: str
) -> None:
    whole = sign_in.with_code(system, begin(system, email), code_now(clock), HERE, keep_device=True)
    assert whole.device_token
    known = Visitor("198.51.100.7", "iPhone, Safari", (whole.device_token,))

    clock.advance(days=29, hours=23)
    again = sign_in.with_password(system, email, PASSWORD, known)
    found = find_session(system, again.token)
    assert again.stage == "full"
    assert found is not None
    assert found.device_id is not None

    clock.advance(hours=2)
    assert sign_in.with_password(system, email, PASSWORD, known).stage == "second_factor"


def test_a_device_kept_by_one_person_asks_the_code_of_another(
    system: System, clock: FakeClock, email: str, world: World
) -> None:
    whole = sign_in.with_code(system, begin(system, email), code_now(clock), HERE, keep_device=True)
    shared = Visitor("192.0.2.10", "iPad, Safari", (whole.device_token or "",))

    other = sign_in.with_password(system, world.who(Role.EXPERT).email, PASSWORD, shared)

    assert other.stage == "second_factor"


def test_an_idle_hour_locks_a_kept_device_and_ends_another_session(
    system: System, clock: FakeClock, email: str
) -> None:
    kept = sign_in.with_code(system, begin(system, email), code_now(clock), HERE, keep_device=True)
    clock.advance(seconds=30)
    passing = sign_in.with_code(system, begin(system, email), code_now(clock), HERE)
    assert find_session(system, passing.token) is not None

    clock.advance(hours=1)

    locked = find_session(system, kept.token)
    assert locked is not None
    assert locked.locked
    assert find_session(system, passing.token) is None


def test_the_password_alone_unlocks_under_a_new_token(system: System, clock: FakeClock, email: str) -> None:
    kept = sign_in.with_code(system, begin(system, email), code_now(clock), HERE, keep_device=True)
    session_id = session_of(system, kept)
    clock.advance(hours=2)
    with pytest.raises(InvalidInput, match="Mot de passe incorrect"):
        again_with_password(system, session_id, "no", HERE)

    unlocked = again_with_password(system, session_id, PASSWORD, HERE)

    found = find_session(system, unlocked.token)
    assert found is not None
    assert not found.locked
    assert found.id == session_id
    assert find_session(system, kept.token) is None


def test_too_many_wrong_passwords_end_the_locked_session(
    system: System, clock: FakeClock, email: str
) -> None:
    kept = sign_in.with_code(system, begin(system, email), code_now(clock), HERE, keep_device=True)
    session_id = session_of(system, kept)
    clock.advance(hours=2)
    for _ in range(10):
        with pytest.raises(InvalidInput):
            again_with_password(system, session_id, "no", HERE)

    with pytest.raises(TooMany):
        again_with_password(system, session_id, PASSWORD, HERE)

    assert find_session(system, kept.token) is None
    clock.advance(hours=1)
    with pytest.raises(Conflict, match="reconnectez-vous"):
        again_with_password(system, session_id, PASSWORD, HERE)


def test_what_the_code_of_a_device_opens_unlocks_its_session_until_the_code_is_changed_or_removed(
    system: System, clock: FakeClock, email: str
) -> None:
    kept = sign_in.with_code(system, begin(system, email), code_now(clock), HERE, keep_device=True)
    session_id = session_of(system, kept)
    first, second = _proof(system, kept), _proof(system, kept)
    clock.advance(hours=2)
    for wrong in (first, "", "no"):
        with pytest.raises(InvalidInput, match="donnez votre mot de passe"):
            again_with_proof(system, session_id, wrong, HERE)

    unlocked = again_with_proof(system, session_id, second, HERE)

    with writing(system, _actor(system, unlocked.token)) as work:
        take_proof(work)
    clock.advance(hours=2)
    with pytest.raises(InvalidInput, match="donnez votre mot de passe"):
        again_with_proof(system, session_id, second, HERE)


def test_too_many_wrong_proofs_end_the_session_like_wrong_passwords(
    system: System, clock: FakeClock, email: str
) -> None:
    kept = sign_in.with_code(system, begin(system, email), code_now(clock), HERE, keep_device=True)
    session_id, proof = session_of(system, kept), _proof(system, kept)
    clock.advance(hours=2)
    for _ in range(10):
        with pytest.raises(InvalidInput):
            again_with_proof(system, session_id, "no", HERE)

    with pytest.raises(TooMany):
        again_with_proof(system, session_id, proof, HERE)

    assert find_session(system, kept.token) is None


def test_five_wrong_codes_lock_the_session_that_is_open_until_the_password_and_their_proof_opens_nothing(
    system: System, clock: FakeClock, email: str
) -> None:
    kept = sign_in.with_code(system, begin(system, email), code_now(clock), HERE, keep_device=True)
    session_id, proof = session_of(system, kept), _proof(system, kept)
    with writing(system, _actor(system, kept.token)) as work:
        spend_code(work)
    found = find_session(system, kept.token)
    assert found is not None
    assert found.locked
    with pytest.raises(InvalidInput):
        again_with_proof(system, session_id, proof, HERE)
    opened = again_with_password(system, session_id, PASSWORD, HERE)
    unlocked = find_session(system, opened.token)
    assert unlocked is not None
    assert not unlocked.locked


def test_a_device_that_is_not_kept_has_no_code(system: System, clock: FakeClock, email: str) -> None:
    passing = sign_in.with_code(system, begin(system, email), code_now(clock), HERE)

    with pytest.raises(Conflict, match="cochez"), writing(system, _actor(system, passing.token)) as work:
        give_proof(work)


def _actor(system: System, token: str) -> Actor:
    found = find_session(system, token)
    assert found is not None
    assert found.actor is not None
    return found.actor


def _proof(system: System, opened: sign_in.Opened) -> str:
    with writing(system, _actor(system, opened.token)) as work:
        return give_proof(work)

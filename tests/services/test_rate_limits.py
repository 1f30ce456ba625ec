"""How often something may be tried."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from dermavis.bootstrap import build
from dermavis.domain.errors import InvalidInput, TooMany
from dermavis.domain.roles import Role
from dermavis.models import RateCount
from dermavis.services import second_factor, sign_in
from dermavis.services.rate_limits import Limit, address_subject, count_try, in_words
from dermavis.services.sessions import find_session
from dermavis.services.sign_in import Visitor
from dermavis.services.work import System, reading
from dermavis.settings import Settings
from tests.clock import FakeClock
from tests.factories import PASSWORD, TOTP_SECRET, World

pytestmark = pytest.mark.postgres

FIVE = Limit("test", 5, timedelta(minutes=15))
HERE = Visitor("192.0.2.10")


def test_a_limit_holds_over_threads_and_processes(
    system: System, settings: Settings, clock: FakeClock
) -> None:
    """Two systems on one database stand for two processes: they share nothing but SQL."""
    other = build(settings, clock)

    def try_once(number: int) -> bool:
        try:
            count_try(system if number % 2 else other, (FIVE, "somebody"))
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(try_once, range(24)))
    other.engine.dispose()

    assert answers.count(True) == 5


def test_a_limit_is_for_one_subject_and_one_window(system: System, clock: FakeClock) -> None:
    for _ in range(5):
        count_try(system, (FIVE, "somebody"))
    with pytest.raises(TooMany) as refusal:
        count_try(system, (FIVE, "somebody"))

    assert 0 < refusal.value.retry_after <= 900
    assert "Réessayez dans" in refusal.value.message
    count_try(system, (FIVE, "somebody else"))
    clock.advance(seconds=refusal.value.retry_after)
    count_try(system, (FIVE, "somebody"))


def test_counts_name_neither_a_person_nor_an_address(system: System) -> None:
    count_try(system, (FIVE, "somebody@example.org"), (FIVE, "192.0.2.10"))

    with reading(system) as work:
        keys = work.session.scalars(select(RateCount.key)).all()
    assert len(keys) == 2
    assert all(len(key) == 64 and "example" not in key and "192" not in key for key in keys)


def test_an_account_takes_ten_wrong_passwords_a_quarter_of_an_hour(
    system: System, clock: FakeClock, world: World
) -> None:
    email = world.who(Role.REQUESTER).email
    for number in range(10):
        with pytest.raises(InvalidInput):
            sign_in.with_password(system, email, "wrong", Visitor(f"192.0.2.{number}"))

    with pytest.raises(TooMany) as refusal:
        sign_in.with_password(system, email, PASSWORD, Visitor("192.0.2.99"))

    clock.advance(seconds=refusal.value.retry_after)
    assert sign_in.with_password(system, email, PASSWORD, HERE).stage == "second_factor"


def test_an_unknown_account_is_limited_like_a_known_one(system: System, world: World) -> None:
    for _ in range(10):
        with pytest.raises(InvalidInput):
            sign_in.with_password(system, "nobody@example.org", "wrong", HERE)

    with pytest.raises(TooMany):
        sign_in.with_password(system, "Nobody@example.org", "wrong", HERE)


def test_a_stranger_cannot_lock_a_known_phone_out(system: System, clock: FakeClock, world: World) -> None:
    email = world.who(Role.REQUESTER).email
    opened = sign_in.with_password(system, email, PASSWORD, HERE)
    half = find_session(system, opened.token)
    assert half is not None
    code = second_factor.totp_code(TOTP_SECRET, clock.now())
    whole = sign_in.with_code(system, half.id, code, HERE, keep_device=True)
    for number in range(10):
        with pytest.raises(InvalidInput):
            sign_in.with_password(system, email, "wrong", Visitor(f"203.0.113.{number}"))
    with pytest.raises(TooMany):
        sign_in.with_password(system, email, PASSWORD, Visitor("203.0.113.99"))

    known = Visitor("192.0.2.10", device_tokens=(whole.device_token or "",))

    assert sign_in.with_password(system, email, PASSWORD, known).stage == "full"


def test_an_address_takes_sixty_wrong_passwords_and_successes_are_given_back(
    system: System, world: World
) -> None:
    email = world.who(Role.REQUESTER).email
    for _ in range(8):
        sign_in.with_password(system, email, PASSWORD, HERE)
    for number in range(60):
        with pytest.raises(InvalidInput):
            sign_in.with_password(system, f"nobody{number}@example.org", "wrong", HERE)

    with pytest.raises(TooMany):
        sign_in.with_password(system, email, PASSWORD, HERE)


def test_guessing_codes_ends_after_ten(system: System, world: World) -> None:
    opened = sign_in.with_password(system, world.who(Role.REQUESTER).email, PASSWORD, HERE)
    half = find_session(system, opened.token)
    assert half is not None
    for _ in range(10):
        with pytest.raises(InvalidInput):
            sign_in.with_code(system, half.id, "12345", HERE)

    with pytest.raises(TooMany):
        sign_in.with_recovery_code(system, half.id, "abcde-23456", HERE)


def test_an_ipv6_subscriber_is_one_address() -> None:
    assert address_subject("2001:db8:1:2:3::4") == address_subject("2001:db8:1:2:ffff::1")
    assert address_subject("2001:db8:1:2::1") != address_subject("2001:db8:1:3::1")
    assert address_subject("::ffff:192.0.2.1") == "192.0.2.1"
    assert address_subject("nonsense") == "unknown"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "dans 1 seconde"), (40, "dans 40 secondes"), (61, "dans 2 minutes"), (7200, "dans 2 heures")],
)
def test_a_wait_is_told_in_words(seconds: int, words: str) -> None:
    assert in_words(seconds) == words

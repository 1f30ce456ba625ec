"""Password, then the code of an authenticator: what opens a session, and how often a code does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import select, update

from dermavis.domain.errors import InvalidInput
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Person, TotpUse
from dermavis.services import passwords, sign_in
from dermavis.services.sessions import find_session
from dermavis.services.work import System, reading, writing
from tests.clock import FakeClock
from tests.entering import HERE, begin, code_now, session_of
from tests.factories import PASSWORD, World


def test_password_then_authenticator_opens_a_whole_session(
    system: System, clock: FakeClock, email: str, world: World
) -> None:
    opened = sign_in.with_password(system, f" {email.title()} ", PASSWORD, HERE)

    assert opened.stage == "second_factor"
    half = find_session(system, opened.token)
    assert half is not None
    assert half.actor is None
    whole = sign_in.with_code(system, half.id, code_now(clock), HERE)
    found = find_session(system, whole.token)
    assert found is not None
    assert found.actor is not None
    assert found.actor.person_id == world.who(Role.REQUESTER).person_id


def test_the_token_changes_when_the_session_becomes_whole(
    system: System, clock: FakeClock, email: str
) -> None:
    opened = sign_in.with_password(system, email, PASSWORD, HERE)
    whole = sign_in.with_code(system, session_of(system, opened), code_now(clock), HERE)

    assert whole.token != opened.token
    assert find_session(system, opened.token) is None


def test_half_a_session_dies_after_an_hour(system: System, clock: FakeClock, email: str) -> None:
    opened = sign_in.with_password(system, email, PASSWORD, HERE)
    assert find_session(system, opened.token) is not None

    clock.advance(hours=1)

    assert find_session(system, opened.token) is None


@pytest.mark.parametrize("kind", ["known", "unknown", "invited", "revoked"])
def test_every_refused_password_gets_the_same_answer_after_the_same_work(
    system: System, email: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind in {"invited", "revoked"}:
        with writing(system) as work:
            work.session.execute(update(Person).where(Person.email == email).values(state=kind))
    verified: list[str] = []
    real = passwords._verify
    monkeypatch.setattr(passwords, "_verify", lambda kept, typed: verified.append(kept) or real(kept, typed))
    asked = "nobody@example.org" if kind == "unknown" else email
    typed = PASSWORD if kind in {"invited", "revoked"} else "not the password"

    with pytest.raises(InvalidInput) as refusal:
        sign_in.with_password(system, asked, typed, HERE)

    assert refusal.value.errors == {"password": "Adresse ou mot de passe incorrects."}
    assert len(verified) == 1
    assert verified[0].startswith("$argon2id$")
    with reading(system) as work:
        events = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "sign_in.refused")).all()
    assert len(events) == 1


def test_a_code_is_accepted_once_whatever_the_order(system: System, clock: FakeClock, email: str) -> None:
    """A, B, A, B within the window: exactly two."""
    earlier, later = code_now(clock, -30), code_now(clock)
    assert earlier != later
    answers = []
    for typed in (earlier, later, earlier, later):
        session_id = begin(system, email)
        try:
            sign_in.with_code(system, session_id, typed, HERE)
            answers.append("accepted")
        except InvalidInput:
            answers.append("refused")

    assert answers == ["accepted", "accepted", "refused", "refused"]


def test_the_newer_code_first_leaves_the_older_one_good_once(
    system: System, clock: FakeClock, email: str
) -> None:
    sign_in.with_code(system, begin(system, email), code_now(clock, 30), HERE)
    sign_in.with_code(system, begin(system, email), code_now(clock, -30), HERE)

    with pytest.raises(InvalidInput, match="déjà servi"):
        sign_in.with_code(system, begin(system, email), code_now(clock, 30), HERE)


@pytest.mark.parametrize("seconds", [-25, 25, 0])
def test_a_phone_clock_half_a_minute_off_signs_in(
    system: System, clock: FakeClock, email: str, seconds: int
) -> None:
    assert sign_in.with_code(system, begin(system, email), code_now(clock, seconds), HERE).stage == "full"


@pytest.mark.parametrize("seconds", [-75, 75])
def test_a_code_of_another_time_is_refused(
    system: System, clock: FakeClock, email: str, seconds: int
) -> None:
    with pytest.raises(InvalidInput):
        sign_in.with_code(system, begin(system, email), code_now(clock, seconds), HERE)


@pytest.mark.parametrize("shape", ["{} {}", "{}-{}\n", " {}{} ", "{}\u00a0{}", "full width"])
def test_a_code_is_understood_however_it_is_pasted(
    system: System, clock: FakeClock, email: str, shape: str
) -> None:
    code = code_now(clock)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    typed = wide if shape == "full width" else shape.format(code[:3], code[3:])

    assert sign_in.with_code(system, begin(system, email), typed, HERE).stage == "full"


def test_a_code_that_begins_with_zero_is_accepted(system: System, clock: FakeClock, email: str) -> None:
    while not code_now(clock).startswith("0"):
        clock.advance(seconds=30)

    assert sign_in.with_code(system, begin(system, email), code_now(clock), HERE).stage == "full"


def test_eight_at_once_with_one_code_let_one_in(system: System, clock: FakeClock, email: str) -> None:
    waiting = [begin(system, email) for _ in range(8)]
    code = code_now(clock)

    def give(session_id: UUID) -> bool:
        try:
            return bool(sign_in.with_code(system, session_id, code, HERE))
        except InvalidInput:
            return False

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(give, waiting))

    assert answers.count(True) == 1
    with reading(system) as work:
        assert len(work.session.scalars(select(TotpUse)).all()) == 1


def test_an_old_hash_is_renewed_at_sign_in(system: System, email: str) -> None:
    sign_in.with_password(system, email, PASSWORD, HERE)

    with reading(system) as work:
        kept = work.session.scalars(select(Person.password_hash).where(Person.email == email)).one()
    assert not passwords.is_outdated(kept)
    assert sign_in.with_password(system, email, PASSWORD, HERE).stage == "second_factor"

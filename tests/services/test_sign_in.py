"""Password, second factor, known devices, idle sessions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from dermavis.domain.errors import Conflict, InvalidInput, TooMany
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, OneTimeCode, OutboxItem, Person, RecoveryCode, TotpUse
from dermavis.services import passwords, second_factor, sign_in
from dermavis.services.letters import carried_by
from dermavis.services.sessions import find_session
from dermavis.services.sign_in import Opened, Visitor
from dermavis.services.work import System, reading, writing
from tests.clock import FakeClock
from tests.factories import PASSWORD, TOTP_SECRET, World

HERE = Visitor("192.0.2.10", "iPhone, Safari")


@pytest.fixture
def email(world: World) -> str:
    """The requester's address."""
    return world.who(Role.REQUESTER).email


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


def mailed_codes(system: System) -> list[str]:
    """Return the codes in the outbox, oldest first."""
    with reading(system) as work:
        items = work.session.scalars(
            select(OutboxItem).where(OutboxItem.event == "email_code").order_by(OutboxItem.created_at)
        )
        return [carried_by(work, item)["code"] for item in items]


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


def test_a_mailed_code_works_once_for_ten_minutes(
    system: System, clock: FakeClock, email: str, world: World
) -> None:
    by_email(system, world.who(Role.REQUESTER).person_id)
    session_id = begin(system, email)
    (code,) = mailed_codes(system)

    clock.advance(minutes=9, seconds=59)
    assert sign_in.with_code(system, session_id, f"{code[:3]} {code[3:]}", HERE).stage == "full"

    with pytest.raises(InvalidInput, match="n’est plus valable"):
        sign_in.with_code(system, begin(system, email), code, HERE)


def test_a_mailed_code_is_kept_as_a_keyed_hash_only(system: System, email: str, world: World) -> None:
    by_email(system, world.who(Role.REQUESTER).person_id)
    begin(system, email)
    (code,) = mailed_codes(system)

    with reading(system) as work:
        row = work.session.scalars(select(OneTimeCode)).one()
        item = work.session.scalars(select(OutboxItem)).one()
        assert row.code_hash == system.cipher.lasting_hash("one-time-code", f"{row.id}:{code}")
        assert code.encode() not in (item.secret_sealed or b"")
        assert code not in str(item.payload)


def test_a_mailed_code_ends_after_ten_minutes_or_five_tries(
    system: System, clock: FakeClock, email: str, world: World
) -> None:
    by_email(system, world.who(Role.REQUESTER).person_id)
    late = begin(system, email)
    clock.advance(minutes=10)
    with pytest.raises(InvalidInput):
        sign_in.with_code(system, late, mailed_codes(system)[0], HERE)

    tried = begin(system, email)
    right = mailed_codes(system)[-1]
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _ in range(5):
        with pytest.raises(InvalidInput):
            sign_in.with_code(system, tried, wrong, HERE)
    with pytest.raises(InvalidInput):
        sign_in.with_code(system, tried, right, HERE)


def test_another_code_waits_half_a_minute_and_ends_the_one_before(
    system: System, clock: FakeClock, email: str, world: World
) -> None:
    by_email(system, world.who(Role.REQUESTER).person_id)
    session_id = begin(system, email)
    assert sign_in.send_another_code(system, session_id, HERE) == 30
    assert len(mailed_codes(system)) == 1

    clock.advance(seconds=30)
    sign_in.send_another_code(system, session_id, HERE)

    first, second = mailed_codes(system)
    with pytest.raises(InvalidInput):
        sign_in.with_code(system, session_id, first, HERE)
    assert sign_in.with_code(system, session_id, second, HERE).stage == "full"


def test_a_recovery_code_works_once_and_is_told_by_mail(system: System, email: str, world: World) -> None:
    with writing(system) as work:
        codes = second_factor.new_recovery_codes(work, world.who(Role.REQUESTER).person_id)
    assert len(set(codes)) == 10

    typed = f"  {codes[0].upper().replace('-', ' ')} "
    assert sign_in.with_recovery_code(system, begin(system, email), typed, HERE).stage == "full"
    with pytest.raises(InvalidInput, match="déjà servi"):
        sign_in.with_recovery_code(system, begin(system, email), codes[0], HERE)

    with reading(system) as work:
        letter = work.session.scalars(
            select(OutboxItem).where(OutboxItem.event == "recovery_code_used")
        ).one()
        assert carried_by(work, letter) == {"left": "9"}
        kept = [row.code_hash for row in work.session.scalars(select(RecoveryCode))]
    assert not any(code.replace("-", "").encode() in hash_ for code in codes for hash_ in kept)


def test_somebody_elses_recovery_code_opens_nothing(system: System, email: str, world: World) -> None:
    with writing(system) as work:
        codes = second_factor.new_recovery_codes(work, world.who(Role.EXPERT).person_id)

    with pytest.raises(InvalidInput):
        sign_in.with_recovery_code(system, begin(system, email), codes[0], HERE)


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
        sign_in.again_with_password(system, session_id, "no", HERE)

    unlocked = sign_in.again_with_password(system, session_id, PASSWORD, HERE)

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
            sign_in.again_with_password(system, session_id, "no", HERE)

    with pytest.raises(TooMany):
        sign_in.again_with_password(system, session_id, PASSWORD, HERE)

    assert find_session(system, kept.token) is None
    clock.advance(hours=1)
    with pytest.raises(Conflict, match="reconnectez-vous"):
        sign_in.again_with_password(system, session_id, PASSWORD, HERE)


def test_an_old_hash_is_renewed_at_sign_in(system: System, email: str) -> None:
    sign_in.with_password(system, email, PASSWORD, HERE)

    with reading(system) as work:
        kept = work.session.scalars(select(Person.password_hash).where(Person.email == email)).one()
    assert not passwords.is_outdated(kept)
    assert sign_in.with_password(system, email, PASSWORD, HERE).stage == "second_factor"

"""Where no authenticator is at hand: codes by e-mail, and those kept for recovery."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dermavis.domain.errors import InvalidInput
from dermavis.domain.roles import Role
from dermavis.models import OneTimeCode, OutboxItem, RecoveryCode
from dermavis.services import second_factor, sign_in
from dermavis.services.letters import carried_by
from dermavis.services.work import System, reading, writing
from tests.clock import FakeClock
from tests.entering import HERE, begin, by_email, mailed_codes
from tests.factories import World


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

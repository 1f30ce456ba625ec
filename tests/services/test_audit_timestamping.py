"""Seals of the audit stamped by an authority (RFC 3161): verified when they come, and again by ``audit verify``."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from dermavis.adapters.timestamping import TimestampsRefused, open_authority
from dermavis.domain.ports import DeliveryFailed, StampRefused
from dermavis.models import AuditSeal, AuditTimestamp, Heartbeat
from dermavis.services.audit_sealing import seal
from dermavis.services.audit_timestamping import stamp_due
from dermavis.services.audit_verification import verify
from dermavis.services.health import complaints
from dermavis.services.work import System, reading, writing
from tests.clock import FakeClock
from tests.factories import World
from tests.stamping import Authority


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Authority]:
    """A real authority, for this test alone."""
    with Authority(tmp_path / "tsa") as running:
        yield running


def stamping(system: System, authority: Authority, minutes: int = 60) -> System:
    return dataclasses.replace(system, authority=open_authority(authority.url, authority.root, minutes))


def one_more_seal(system: System) -> None:
    with writing(system) as work:
        work.audit("sign_out")
    assert seal(system) is not None


def stamped(system: System) -> list[int]:
    with reading(system) as work:
        return list(
            work.session.scalars(select(AuditTimestamp.seal_number).order_by(AuditTimestamp.seal_number))
        )


def faults(system: System) -> list[tuple[str, str]]:
    return [(fault.kind, fault.place) for fault in verify(system).faults]


def test_the_newest_seal_is_stamped_when_its_turn_comes_and_the_stamp_verifies(
    system: System, world: World, clock: FakeClock, authority: Authority
) -> None:
    system = stamping(system, authority)
    clock.set(datetime.now(UTC))
    stamp_due(system)
    assert stamped(system) == []
    one_more_seal(system)
    stamp_due(system)
    one_more_seal(system)
    stamp_due(system)
    assert stamped(system) == [1]
    clock.advance(minutes=61)
    one_more_seal(system)
    authority.away = True
    stamp_due(system)
    assert stamped(system) == [1]
    authority.away = False
    clock.set(datetime.now(UTC))
    found = verify(system)
    assert (found.faults, found.stamps, found.stamped_to) == ((), 1, 1)


def test_a_rewritten_seal_a_foreign_token_and_a_cut_end_are_found(
    system: System, world: World, clock: FakeClock, authority: Authority
) -> None:
    system = stamping(system, authority, minutes=0)
    clock.set(datetime.now(UTC))
    for _ in range(2):
        clock.advance(seconds=2)  # a stamp tells whole seconds
        one_more_seal(system)
        stamp_due(system)
    assert (stamped(system), faults(system)) == ([1, 2], [])
    with writing(system) as work:
        first, second = work.session.scalars(select(AuditTimestamp).order_by(AuditTimestamp.seal_number))
        first.token, second.token = second.token, first.token
    assert faults(system) == [("stamp_differs", "1"), ("stamp_differs", "2")]
    with writing(system) as work:
        first, second = work.session.scalars(select(AuditTimestamp).order_by(AuditTimestamp.seal_number))
        first.token, second.token = second.token, first.token
        second.nonce = "1"
    assert faults(system) == [("stamp_differs", "2")]
    with writing(system) as work:
        work.session.execute(delete(AuditSeal).where(AuditSeal.number == 2))
    assert ("stamp_without_seal", "2") in faults(system)
    with writing(system) as work:
        work.session.execute(update(AuditSeal).values(head=bytes(32)))
    assert ("stamp_differs", "1") in faults(system)


def test_an_answer_of_another_authority_or_for_something_else_is_refused(
    authority: Authority, tmp_path: Path
) -> None:
    with Authority(tmp_path / "other") as other:
        trusted = open_authority(authority.url, authority.root, 60)
        foreign = open_authority(other.url, authority.root, 60)
        assert trusted is not None
        assert foreign is not None
        made = trusted.stamp(b"a seal")
        assert trusted.check(b"a seal", made.token, made.nonce) == made.at
        with pytest.raises(StampRefused):
            trusted.check(b"another seal", made.token, made.nonce)
        with pytest.raises(StampRefused):
            trusted.check(b"a seal", b"no token", made.nonce)
        with pytest.raises(StampRefused):
            foreign.stamp(b"a seal")
    with pytest.raises(DeliveryFailed):
        foreign.stamp(b"a seal")


def test_an_authority_that_is_away_holds_up_no_seal_and_its_lateness_shows(
    system: System, world: World, clock: FakeClock, authority: Authority
) -> None:
    system = stamping(system, authority)
    clock.set(datetime.now(UTC))
    authority.away = True

    def wrong() -> list[str]:
        with writing(system) as work:
            work.session.merge(Heartbeat(name="worker.stamps", at=work.now))
        return complaints(system)

    one_more_seal(system)
    stamp_due(system)
    clock.advance(minutes=70)
    assert wrong() == []
    clock.advance(minutes=10)
    assert wrong() == ["timestamp_late"]
    one_more_seal(system)


def test_settings_that_name_no_authority_or_no_root_are_refused_in_words(
    tmp_path: Path, authority: Authority
) -> None:
    assert open_authority("", None, 60) is None
    for url, certificates, words in (
        ("tsa", authority.root, "RFC 3161"),
        (authority.url, None, "AUDIT_TIMESTAMP_CA manque"),
        (authority.url, tmp_path / "nothing.pem", "ne se lit pas"),
        (authority.url, tmp_path / "tsa" / "tsa.pem", "racine"),
    ):
        with pytest.raises(TimestampsRefused, match=words):
            open_authority(url, certificates, 60)

"""bin/dermavis audit: what it says of a seal, of a witness, and of what was tampered with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from dermavis.adapters.witness import FileWitness
from dermavis.cli import main
from dermavis.domain.audit_witness import attested_in
from dermavis.models import AuditEvent
from dermavis.services.audit_sealing import newest_seal, seal
from dermavis.services.work import System, reading, writing
from dermavis.settings import Settings
from tests import cases
from tests.clock import FakeClock
from tests.factories import World
from tests.fixtures.systems import MASTER_KEY


@pytest.fixture
def same_database(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Commands read the settings that the test's system has, with a witness; return its file."""
    witness = tmp_path / "witness.txt"
    for name, value in {
        "DERMAVIS_ENV": "test",
        "DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.database_url,
        "MASTER_KEY": MASTER_KEY,
        "AUDIT_WITNESS": witness.as_uri(),
    }.items():
        monkeypatch.setenv(name, value)
    return witness


@pytest.fixture
def three_seals(system: System, world: World, clock: FakeClock) -> int:
    """An audit under three seals; the id of its last row."""
    cases.drafted(world)
    for _ in range(3):
        with writing(system) as work:
            work.audit("sign_out")
        seal(system)
        clock.advance(minutes=1)
    with reading(system) as work:
        return work.session.scalar(select(func.max(AuditEvent.id))) or 0


def said(capsys: pytest.CaptureFixture[str]) -> str:
    found = capsys.readouterr()
    return (found.out + found.err).replace("\u00a0", " ")


def test_the_commands_seal_at_once_and_say_what_is_wrong_and_where(
    system: System, three_seals: int, same_database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    last = three_seals
    assert main(["check"]) == 0
    capsys.readouterr()
    assert main(["audit", "verify"]) == 0
    assert f"le témoin des réglages ({same_database.as_uri()}) n’est pas lisible d’ici" in said(capsys)

    assert main(["audit", "seal"]) == 0
    assert f"Scellé jusqu’à la ligne n° {last} (sceau n° 3)." in said(capsys)
    assert [line.number for line in attested_in(same_database.read_text())] == [3]

    assert main(["audit", "verify"]) == 0
    words = said(capsys)
    assert "L’audit est intact : 4 lignes sous 3 sceaux" in words
    assert "À noter" not in words

    with writing(system) as work:
        work.session.execute(delete(AuditEvent).where(AuditEvent.id == last))
    assert main(["audit", "verify", "--witness", str(same_database)]) == 1
    words = said(capsys)
    assert "Sceau n° 3" in words
    assert "une ligne au moins" in words
    assert "L’audit n’est PAS intact : ce qui ne va pas est dit ci-dessus (2)." in words


def test_what_is_no_witness_is_refused_in_words(
    system: System, three_seals: int, same_database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "verify", "--witness", str(tmp_path / "absent.txt")]) == 1
    assert "n’est pas lisible" in said(capsys)
    other = tmp_path / "other.txt"
    other.write_text("Bonjour")
    assert main(["audit", "verify", "--witness", str(other)]) == 1
    assert "ce n’est pas un témoin" in said(capsys)


def test_without_a_witness_and_without_a_seal_the_commands_say_how_far_they_reach(
    system: System,
    world: World,
    same_database: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("AUDIT_WITNESS")
    cases.drafted(world)

    assert main(["audit", "verify"]) == 0
    words = said(capsys)
    assert re.search(r"lignes qui attendent leur sceau depuis le 12/03/2026 à 09:00:00 UTC : \d+", words)
    assert "sans témoin, une récriture de toute la base" in words

    assert main(["audit", "seal"]) == 0
    assert "Sans témoin extérieur (AUDIT_WITNESS)" in said(capsys)
    with reading(system) as work:
        assert newest_seal(work) is not None


def test_a_witness_that_is_away_is_said_and_the_seal_stands(
    system: System,
    three_seals: int,
    same_database: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    away = FileWitness(same_database.parent / "share" / "witness.txt")
    monkeypatch.setenv("AUDIT_WITNESS", away.path.as_uri())
    with writing(system) as work:
        work.audit("sign_out")
    assert main(["audit", "seal"]) == 1
    assert "Le témoin n’a PAS pu être prévenu" in said(capsys)
    assert main(["check"]) == 1
    assert "témoin de l’audit            EN PANNE" in said(capsys)
    with reading(system) as work:
        newest = newest_seal(work)
    assert newest is not None
    assert newest.number == 4

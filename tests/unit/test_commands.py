"""bin/dermavis, without a running service: its words, its keys."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from dermavis.adapters.cipher import decode_key
from dermavis.cli import COMMANDS, main
from dermavis.commands.prepared import is_prepared
from dermavis.settings import Settings


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of this test's own."""
    for name in ("DATABASE_URL", "MASTER_KEY", "MASTER_KEY_FILE", "ORIGIN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DERMAVIS_ENV", "test")
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))


def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    for name, (_, meaning, _) in COMMANDS.items():
        with pytest.raises(SystemExit) as ended:
            main([*name.split(), "--help"])
        assert ended.value.code == 0
        assert meaning.split()[0] in capsys.readouterr().out


@pytest.mark.parametrize("typed", [[], ["nonsense"], ["keys"], ["keys", "create"], ["web", "--nonsense"]])
def test_a_command_typed_wrong_is_answered_in_french_with_its_usage(
    typed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(typed)

    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert said.startswith("Commande incomplète ou inconnue.\nUsage : ")
    assert "error" not in said


def test_a_new_key_is_well_formed_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    key = tmp_path / "keys" / "master.key"

    assert main(["keys", "create", str(key)]) == 0

    assert len(decode_key(key.read_text())) == 32
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    key = tmp_path / "master.key"
    main(["keys", "create", str(key)])
    before = key.read_bytes()

    with pytest.raises(SystemExit, match="existe déjà"):
        main(["keys", "create", str(key)])

    assert key.read_bytes() == before


def test_the_key_of_a_database_is_told_from_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["prepare"]) == 0
    other = tmp_path / "other.key"
    main(["keys", "create", str(other)])

    assert main(["keys", "check"]) == 0
    assert "bien celle de cette base" in capsys.readouterr().out
    assert main(["keys", "check", str(other)]) == 1
    assert "PAS celle de cette base" in capsys.readouterr().out


def test_checking_says_what_is_in_order_and_what_is_broken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["prepare"])
    assert main(["check"]) == 0
    assert "EN PANNE" not in capsys.readouterr().out

    monkeypatch.setenv("SMTP_URL", "smtp://127.0.0.1:1")

    assert main(["check"]) == 1
    assert "courriel                     EN PANNE" in capsys.readouterr().out


def test_a_database_of_another_version_is_refused_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 1

    assert "bin/dermavis migrate" in capsys.readouterr().err


def test_a_wrong_specialty_file_is_refused_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "toy.toml").write_text('id = "toy"\nnonsense = 3\n')
    monkeypatch.setenv("SPECIALTIES_DIR", str(tmp_path))

    assert main(["prepare"]) == 1

    assert "toy.toml, ligne 2" in capsys.readouterr().err


def test_a_demonstration_is_prepared_once_and_again_when_anything_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DERMAVIS_ENV", "demonstration")
    settings = Settings.from_environment()
    database, key = tmp_path / "var" / "dermavis.sqlite3", tmp_path / "var" / "keys" / "master.key"
    assert not is_prepared(settings)
    monkeypatch.setenv("DERMAVIS_ENV", "test")
    assert main(["prepare"]) == 0
    assert not is_prepared(settings)  # nobody is in it yet
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(
            "INSERT INTO persons (id, state, title, first_name, last_name, email, phone, profession, rpps,"
            " password_hash, second_factor, preferences, demonstration, created_at)"
            " VALUES ('1', 'active', '', 'A', 'B', 'a@b.fr', '', '', '', '', '', '{}', 1, '2026-03-12')"
        )

    assert is_prepared(settings)

    for sentence in ("UPDATE alembic_version SET version_num = '0000'", "DROP TABLE alembic_version"):
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute(sentence)
        assert not is_prepared(settings)
    key.unlink()
    assert not is_prepared(settings)


def test_production_shows_no_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DERMAVIS_ENV", "production")
    monkeypatch.setenv("ORIGIN", "https://dermavis.example.fr")
    monkeypatch.setenv("MASTER_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
    for name, value in {
        "SMTP_URL": "smtp://127.0.0.1:1",
        "MAIL_FROM": "dermavis@example.fr",
        "VAPID_SUBJECT": "mailto:dsi@example.fr",
    }.items():
        monkeypatch.setenv(name, value)

    assert main(["code", "Martin"]) == 1

    assert "ni comptes de démonstration ni codes" in capsys.readouterr().err

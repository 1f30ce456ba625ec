"""bin/dermavis keys rotate and keys check: what they say while a master key is replaced, and how they end."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from dermavis.cli import main
from dermavis.services import key_rotation
from dermavis.services.work import System
from dermavis.settings import Settings
from tests.rotating import NEW, NEW_KEY, OLD, Held, versions, with_keys


@pytest.fixture
def key_files(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The old and the new key in files, and the settings of a service that holds the old one."""
    files = (tmp_path / "old.key", tmp_path / "new.key")
    for path, key in zip(files, (OLD, NEW), strict=True):
        path.write_text(base64.b64encode(key).decode() + "\n")
    monkeypatch.delenv("MASTER_KEY", raising=False)
    monkeypatch.setenv("DERMAVIS_ENV", "test")
    monkeypatch.setenv("DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("MASTER_KEY_FILE", str(files[0]))
    return files


def test_the_command_says_what_comes_first_how_far_it_is_and_when_the_old_key_may_go(
    system: System,
    held: Held,
    key_files: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    old, new = key_files
    assert main(["keys", "rotate", str(new)]) == 1
    assert f"MASTER_KEY_FILE={new}" in capsys.readouterr().out
    assert versions(system) == [1]
    monkeypatch.setenv("MASTER_KEY_FILE", str(new))
    monkeypatch.setenv("PREVIOUS_MASTER_KEY_FILE", str(old))

    assert main(["keys", "rotate", str(new)]) == 0

    said = capsys.readouterr().out
    assert "télédossiers : 1 sur 1" in said
    assert "Reste : 0." in said
    assert "Détruisez l’ancienne clé" in said
    assert main(["keys", "check", str(old)]) == 1
    assert main(["keys", "check"]) == 0
    assert main(["keys", "rotate", str(new)]) == 1
    assert "rien ne reste à faire" in capsys.readouterr().err
    old.unlink()
    assert main(["check"]) == 0


def test_checking_a_key_during_a_rotation_tells_the_old_from_the_new(
    system: System, key_files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = key_files
    key_rotation.begin(with_keys(system, NEW, OLD), NEW_KEY)

    assert main(["keys", "check", str(old)]) == 0
    assert "l’ancienne, encore nécessaire" in capsys.readouterr().out
    assert main(["keys", "check", str(new)]) == 0
    assert "c’est la nouvelle" in capsys.readouterr().out

"""bin/dermavis backup, backup verify, restore: what they say, and how they end."""

from __future__ import annotations

import fcntl
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from dermavis.cli import main
from dermavis.services.work import System
from dermavis.settings import Settings
from tests.backing_up import damage, drafted_with_pieces
from tests.factories import World
from tests.fixtures.systems import MASTER_KEY

OTHER_MASTER_KEY = MASTER_KEY.replace("A", "B", 1)
Said = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def same_database(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands read the settings that the test's system has, and a backup key of the test's own."""
    key = tmp_path / "backup.key"
    assert main(["keys", "create", str(key)]) == 0
    monkeypatch.setenv("DERMAVIS_ENV", "test")
    monkeypatch.setenv("DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("MASTER_KEY", MASTER_KEY)
    monkeypatch.setenv("BACKUP_KEY_FILE", str(key))


@pytest.fixture
def to_elsewhere(
    tmp_path: Path, new_database: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[], str]:
    """Return a function that gives the commands the settings of another, empty service, and returns its database."""

    def move() -> str:
        url = new_database("sqlite")
        monkeypatch.setenv("DATA_DIR", str(tmp_path / "elsewhere"))
        monkeypatch.setenv("DATABASE_URL", url)
        return url

    return move


def test_a_service_is_backed_up_verified_and_restored_by_its_commands(
    world: World,
    tmp_path: Path,
    to_elsewhere: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: Said,
) -> None:
    drafted_with_pieces(world)
    folder = str(tmp_path / "backups")

    assert main(["backup", folder]) == 0
    assert re.search(
        r"Sauvegarde \S+ faite\xa0: \d+ tables, \d+ lignes\xa0; 3 photographies et documents \(150,\d\xa0ko\), "
        r"dont nouveaux\xa0: 3 \(150,\d\xa0ko\)\.",
        capsys.readouterr().out,
    )
    assert main(["backup", folder, "--keep", "1"]) == 0
    said = capsys.readouterr().out
    assert "dont nouveaux\xa0: 0 (0 octets)." in said
    assert re.search(r"Anciennes sauvegardes retirées\xa0: \d{8}t\d{6}z-[0-9a-f]{8}\.", said)

    assert main(["backup", "verify", folder]) == 0
    assert "Tout s’ouvre\xa0; nombres et empreintes concordent." in capsys.readouterr().out

    to_elsewhere()
    monkeypatch.delenv("MASTER_KEY")
    assert main(["restore", folder]) == 0
    assert "restaurée\xa0: " in capsys.readouterr().out
    assert not (tmp_path / "elsewhere" / "keys").exists()  # no key is made where the old one belongs

    monkeypatch.setenv("MASTER_KEY", MASTER_KEY)
    assert main(["check"]) == 0
    monkeypatch.setenv("MASTER_KEY", OTHER_MASTER_KEY)
    assert main(["check"]) == 1
    assert "autre clé maîtresse" in capsys.readouterr().err


def test_a_planted_damage_is_told_and_the_command_fails(world: World, tmp_path: Path, capsys: Said) -> None:
    drafted_with_pieces(world)
    folder = tmp_path / "backups"
    assert main(["backup", str(folder)]) == 0
    assert main(["backup", "verify", str(folder)]) == 0
    picture = next(path for path in sorted((folder / "pictures").rglob("*")) if path.is_file())

    damage(folder, str(picture.relative_to(folder)))

    assert main(["backup", "verify", str(folder)]) == 1
    said = capsys.readouterr().out
    assert f"ABÎMÉ\xa0: {picture.relative_to(folder)} est abîmé" in said
    assert "Dommages\xa0: 1." in said


def test_a_file_that_the_service_itself_lost_is_named_and_the_command_fails(
    world: World, tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dermavis.services import backup_pictures

    monkeypatch.setattr(backup_pictures, "SETTLE_S", 0.05)  # nobody else is at work
    drafted_with_pieces(world)
    lost = next(iter(world.system.photo_store.list("pieces/")))
    world.system.photo_store.delete(lost)

    assert main(["backup", str(tmp_path / "backups"), "--keep", "1"]) == 1

    said = capsys.readouterr().out
    assert lost in said
    assert "Rien d’ancien n’est retiré" in said


def test_a_wrong_key_is_refused_in_words_and_nothing_is_restored(
    system: System, tmp_path: Path, to_elsewhere: Callable[[], str], capsys: Said
) -> None:
    folder, other = str(tmp_path / "backups"), tmp_path / "other.key"
    main(["keys", "create", str(other)])
    assert main(["backup", folder]) == 0
    url = to_elsewhere()

    assert main(["restore", folder, "--key", str(other)]) == 1

    assert "autre clé de sauvegarde" in capsys.readouterr().err
    engine = create_engine(url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (["backup", "ftp://host/folder"], "Adresse de sauvegarde inconnue"),
        (["backup", "{}", "--key", "{}/absent.key"], "n’est pas lisible"),
        (["backup", "verify", "{}/absent"], "aucune sauvegarde"),
        (["restore", "{}/absent"], "aucune sauvegarde"),
        (["backup", "/proc/nowhere"], "n’est pas faite"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(
    system: System, tmp_path: Path, typed: list[str], words: str, capsys: Said
) -> None:
    assert main([part.format(tmp_path) for part in typed]) == 1

    assert words in capsys.readouterr().err


def test_no_backup_is_made_without_a_key_of_its_own(
    system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    monkeypatch.delenv("BACKUP_KEY_FILE")

    assert main(["backup", str(tmp_path / "backups")]) == 1

    assert "--key" in capsys.readouterr().err
    assert not (tmp_path / "backups").exists()


def test_a_backup_does_not_stand_among_the_pictures_it_copies(
    system: System, settings: Settings, capsys: Said
) -> None:
    assert main(["backup", str(settings.data_dir / "photos")]) == 1

    assert "dépôt des photographies lui-même" in capsys.readouterr().err


def test_two_backups_do_not_run_at_once(
    system: System, settings: Settings, tmp_path: Path, capsys: Said
) -> None:
    with (settings.data_dir / "backup.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert main(["backup", str(tmp_path / "backups")]) == 1
    assert "déjà en cours" in capsys.readouterr().err

    assert main(["backup", str(tmp_path / "backups")]) == 0


def test_at_least_one_backup_is_kept(tmp_path: Path, settings: Settings, capsys: Said) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["backup", str(tmp_path), "--keep", "0"])

    assert ended.value.code == 2
    assert "Usage : " in capsys.readouterr().err

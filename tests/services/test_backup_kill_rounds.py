"""Backups of a running service are killed again and again: the last whole one stays, and the next one is whole."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.backing_up import drafted_with_pieces
from tests.fixtures.servers import ROOT, LiveServer

ROUNDS = 6
PATIENCE_S = 180


@pytest.mark.long
def test_a_backup_that_is_killed_leaves_the_last_whole_one_usable(
    start_server: Callable[..., LiveServer], tmp_path: Path
) -> None:
    server = start_server()
    key, place = tmp_path / "backup.key", tmp_path / "backups"
    environment = server.environment | {"BACKUP_KEY_FILE": str(key)}
    assert _ended(_command(environment, "keys", "create", key)) == 0
    drafted_with_pieces(server.world)
    begun = time.monotonic()
    assert _ended(_command(environment, "backup", place)) == 0
    usual_s = time.monotonic() - begun

    killed, dice = 0, random.Random()
    for _ in range(ROUNDS):
        drafted_with_pieces(server.world, 1_000_000)
        running = _command(environment, "backup", place)
        time.sleep(dice.uniform(usual_s * 0.4, usual_s))
        running.kill()
        killed += _ended(running) != 0
        assert _ended(_command(environment, "backup", "verify", place)) == 0

    assert killed, "none was killed before it had ended"
    assert _ended(_command(environment, "restore", place)) == 1  # people are in it
    assert _ended(_command(environment, "backup", place, "--keep", 1)) == 0
    there = environment | {
        "DATA_DIR": str(tmp_path / "there"),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'there' / 'dermavis.sqlite3'}",
        "PHOTO_STORE_URL": (tmp_path / "there" / "photos").as_uri(),
        "MASTER_KEY_FILE": f"{environment['DATA_DIR']}/keys/master.key",
    }
    assert _ended(_command(there, "restore", place)) == 0
    assert _ended(_command(there, "keys", "check")) == 0


def _command(environment: dict[str, str], *typed: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "dermavis.cli", *map(str, typed)],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def _ended(process: subprocess.Popen[bytes]) -> int:
    return process.wait(PATIENCE_S)

"""Processes that work on one database at the same time: two that claim every case, one that imports others.

``python -m tests.rivals claim TOKEN CASE…`` claims each case by its address, as a browser does, and prints for each
the answer's status, where it leads and how long it took (seconds, the time spent in the queue for a processor left
out: a busy machine is not what is measured). ``python -m tests.rivals import CASE SECONDS``
copies a case again and again into new rows, fifty in a transaction, and prints how many. Both wait for a line on their
standard input before they begin. Settings come from the environment.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from dermavis.models import Case
from dermavis.services.work import System, writing
from tests.clock import FakeClock
from tests.fixtures.servers import ROOT

AT_ONCE = 50


@dataclass
class Rival:
    """A process of this module, ready to begin."""

    process: subprocess.Popen[str]

    def begin(self) -> None:
        """Let it work."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def said(self, patience_s: float) -> Any:
        """Wait for its end and return what it printed."""
        out, _ = self.process.communicate(timeout=patience_s)
        assert self.process.returncode == 0, "a rival broke"
        return json.loads(out)


def rival(system: System, *arguments: str) -> Rival:
    """Start a process on the same database and key, and wait until it is ready."""
    settings = system.settings
    key = os.environ | {
        "DERMAVIS_ENV": "test",
        "DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.database_url,
        "MASTER_KEY": _key_of(system),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.rivals", *arguments],
        cwd=ROOT,
        env=key,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return Rival(process)


def _key_of(_system: System) -> str:
    from tests.fixtures.systems import MASTER_KEY

    return MASTER_KEY


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says."""
    from dermavis.bootstrap import build
    from dermavis.settings import Settings

    system = build(Settings.from_environment(), FakeClock())
    if arguments[0] == "claim":
        client = _browser(system, arguments[1])
        _ready()
        done: object = [_claim(client, case_id) for case_id in arguments[2:]]
    else:
        _ready()
        done = _import(system, UUID(arguments[1]), float(arguments[2]))
    print(json.dumps(done), flush=True)
    return 0


def _ready() -> None:
    print("ready", flush=True)
    sys.stdin.readline()


def _browser(system: System, token: str) -> Any:
    from app import create_app
    from tests.signing_in import cookie_name

    app = create_app(system)
    app.config.update(WTF_CSRF_ENABLED=False)
    client = app.test_client()
    client.set_cookie(cookie_name(system), token)
    client.get("/worklist")  # compiled once, like a service that runs
    return client


def _claim(client: Any, case_id: str) -> tuple[int, str, float]:
    began, queued = time.monotonic(), _queued_s()
    answer = client.post(f"/cases/{case_id}/claim")
    took = time.monotonic() - began - (_queued_s() - queued)
    return answer.status_code, answer.headers.get("Location", ""), took


def _queued_s() -> float:
    """How long this thread has waited for a processor, by the kernel's own account; nothing where it keeps none."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text("ascii").split()[1]) / 1e9
    except OSError:
        return 0.0


def _import(system: System, case_id: UUID, seconds: float) -> int:
    with system.engine.connect() as connection:
        row = connection.execute(Case.__table__.select().where(Case.id == case_id)).mappings().one()
    count = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with writing(system) as work:
            copies = [dict(row) | {"id": uuid4(), "number": None} for _ in range(AT_ONCE)]
            work.session.execute(Case.__table__.insert(), copies)
        count += AT_ONCE
    return count


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

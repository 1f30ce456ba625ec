"""Twenty phones that send a picture of four megabytes at once to a service as it runs: what its processes hold."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select

from dermavis.domain.roles import Role
from dermavis.models import Photo, PictureJob
from dermavis.services.work import reading
from tests import cases
from tests.fixtures.servers import LiveServer, serve
from tests.load.measuring import Verdict
from tests.receivers import wait_until
from tests.sending_phone import SendingPhone
from tests.signing_in import cookie_name, new_session
from tests.weighing import CHILD_MOST, MEGABYTE, SERVICE_MOST, Scale, weighed

PHONES = 20
PIECE_BYTES = 128 * 1024
"""The most that is taken at a time, twice what the browser sends (static/js/wizard/tus.js)."""

PATIENCE_S = 600


def peaks_of_uploads(folder: Path, pictures: Sequence[bytes]) -> list[Verdict]:
    """Send each picture from a phone of its own, all at once, and print what the service held meanwhile."""
    with ExitStack() as stack:
        server = serve(stack, folder)
        token = new_session(server.system, server.world.who(Role.REQUESTER))
        cookie = f"{cookie_name(server.system)}={token}"
        phones = [SendingPhone(server.url, cookie, piece_bytes=PIECE_BYTES) for _ in pictures]
        with weighed(server.processes) as scale, ThreadPoolExecutor(len(pictures)) as pool:
            started = time.monotonic()
            list(pool.map(_sends, phones, pictures))
            acknowledged = time.monotonic() - started
            wait_until(lambda: _waiting(server) == 0, PATIENCE_S)
            ready = time.monotonic() - started
        _check(server, len(pictures))
    print(
        f"{len(pictures)} uploads at once of {sum(map(len, pictures)) / len(pictures) / 1e6:.1f} MB:"
        f" acknowledged in {acknowledged:.1f} s, ready in {ready:.1f} s"
    )
    return verdicts(scale, f"under {len(pictures)} uploads at once")


def verdicts(scale: Scale, when: str) -> list[Verdict]:
    """Return what is said of web, worker and the pictures' children."""
    found = [
        Verdict(f"peak memory of the {name} {when}", peak / MEGABYTE, SERVICE_MOST / MEGABYTE, " MB")
        for name, peak in scale.service.items()
    ]
    if scale.children:
        heaviest = scale.heaviest_child / MEGABYTE
        found.append(
            Verdict(f"peak memory of a picture's child {when}", heaviest, CHILD_MOST / MEGABYTE, " MB")
        )
    return found


def _sends(phone: SendingPhone, content: bytes) -> None:
    case_id, request = uuid4(), cases.content()
    photo: dict[str, Any] = request["photos"][0]
    photo |= {"skipped": None, "sha256": hashlib.sha256(content).hexdigest()}
    draft = {"format": 1, "content": request}
    assert phone.ask("PUT", f"/api/v1/drafts/{case_id}", draft, {"If-Match": '"0"'}).status == 200
    phone.send_picture(case_id, content, photo)


def _waiting(server: LiveServer) -> int:
    with reading(server.system) as work:
        return work.session.scalar(select(func.count()).where(PictureJob.done_at.is_(None))) or 0


def _check(server: LiveServer, expected: int) -> None:
    with reading(server.system) as work:
        states = list(work.session.scalars(select(Photo.state)))
    if states != ["ready"] * expected:
        raise SystemExit(f"{expected} pictures were sent, and are {sorted(states)}\n{server.log('worker')}")

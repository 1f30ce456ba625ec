"""Web and worker are killed again and again while phones send: nothing that was acknowledged is lost or doubled."""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from uuid import UUID

import pytest
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import Case, CaseRevision, Notification, OutboxItem, Photo, PhotoFile, Transition, Upload
from dermavis.services.photos import read_file
from dermavis.services.upload_pieces import assemble
from dermavis.services.vault import Sealer
from dermavis.services.work import Work, reading
from tests import material
from tests.fixtures.servers import LiveServer
from tests.receivers import wait_until
from tests.sending_phone import SendingPhone, SentPicture
from tests.signing_in import cookie_name, new_session

ROUNDS = 5
PHONES = 2
PICTURES = [material.jpeg(material.grainy(480, 360), quality=quality) for quality in range(80, 96)]
"""Some seventy thousand bytes each: two pieces."""


@pytest.mark.long
def test_what_was_acknowledged_outlives_kill_9(start_server: Callable[..., LiveServer]) -> None:
    server = start_server()
    phones = [_phone(server) for _ in range(PHONES)]
    dice = random.Random()
    with ExitStack() as stack:
        for phone in phones:
            sender = threading.Thread(
                target=phone.send_until_over, args=(lambda: dice.choice(PICTURES),), daemon=True
            )
            sender.start()
            stack.callback(sender.join, 60)
            stack.callback(phone.over.set)
        for _ in range(ROUNDS):
            _kill_in_the_midst(server, phones, dice)
        before = _acknowledged(phones)
        wait_until(lambda: _acknowledged(phones) > before, 60)  # it serves again
    server.stop()
    assert sum(phone.broken for phone in phones) >= ROUNDS, "each kill broke something that was on its way"
    _check(server, phones)
    _check_finds_what_is_missing(server, phones)


def _check_finds_what_is_missing(server: LiveServer, phones: list[SendingPhone]) -> None:
    """The same check fails when a picture is another than the one acknowledged, and when a case is not there."""
    done = next(request for phone in phones for request in phone.requests)
    kept = done.pictures[0]
    other = next(content for content in PICTURES if content != kept.content)
    done.pictures[0] = SentPicture(kept.case_id, kept.photo_id, other)
    with pytest.raises(AssertionError):
        _check(server, phones)
    done.pictures[0] = kept
    done.case_id = UUID(int=7)
    with pytest.raises(AssertionError, match="is gone"):
        _check(server, phones)


def _phone(server: LiveServer) -> SendingPhone:
    token = new_session(server.system, server.world.who(Role.REQUESTER))
    return SendingPhone(server.url, f"{cookie_name(server.system)}={token}")


def _acknowledged(phones: list[SendingPhone]) -> int:
    return sum(len(phone.requests) for phone in phones)


def _kill_in_the_midst(server: LiveServer, phones: list[SendingPhone], dice: random.Random) -> None:
    """Wait until something was acknowledged since the start, then kill at a moment that nobody chose."""
    before = _acknowledged(phones)
    wait_until(lambda: _acknowledged(phones) > before, 60)
    time.sleep(dice.uniform(0, 0.8))
    names = ["web", "worker"]
    dice.shuffle(names)
    server.kill(names[0])
    time.sleep(dice.choice([0, 0, 0.2]))
    server.kill(names[1])
    server.start()


def _check(server: LiveServer, phones: list[SendingPhone]) -> None:
    acknowledged = {request.case_id: request for phone in phones for request in phone.requests}
    with reading(server.system) as work:
        cases = {case.id: case for case in work.session.scalars(select(Case).where(Case.number.is_not(None)))}
        for case_id, request in acknowledged.items():
            assert case_id in cases, f"{request.number} was acknowledged and is gone"
            assert (cases[case_id].number, cases[case_id].state) == (request.number, "submitted")
        assert len({case.number for case in cases.values()}) == len(cases), "each number once"
        for rows in (
            select(Transition.case_id).where(Transition.name == "submit"),
            select(CaseRevision.case_id),
        ):
            assert Counter(work.session.scalars(rows)) == dict.fromkeys(cases, 1)
        _check_notices(work, server, list(cases))
        for phone in phones:
            for picture in [*phone.pictures, *(p for request in phone.requests for p in request.pictures)]:
                _check_picture(work, picture, sent=picture.case_id in acknowledged)


def _check_notices(work: Work, server: LiveServer, cases: list[UUID]) -> None:
    rows = select(Notification.case_id, Notification.person_id).where(Notification.event == "submitted")
    told = Counter((case_id, person_id) for case_id, person_id in work.session.execute(rows))
    experts = {server.world.who(name).person_id for name in (Role.EXPERT, "other_expert", Role.SUPER_USER)}
    for case_id in cases:
        assert all(told[case_id, person_id] == 1 for person_id in experts), told
    on_their_way = set(work.session.scalars(select(OutboxItem.case_id).where(OutboxItem.channel == "mail")))
    assert set(cases) <= on_their_way


def _check_picture(work: Work, picture: SentPicture, sent: bool) -> None:
    """The original is there, its pixels bit for bit; a picture that was never sent may still be in pieces."""
    file = work.session.scalar(
        select(PhotoFile).where(PhotoFile.photo_id == picture.photo_id, PhotoFile.role == "original")
    )
    case = work.session.get_one(Case, picture.case_id)
    if file is None:
        assert not sent, "a case was acknowledged without its picture"
        upload = work.session.scalars(select(Upload).where(Upload.photo_id == picture.photo_id)).one()
        assert assemble(work, upload, Sealer(work.system.cipher, case)) == picture.content
        return
    assert file.sent_sha256 == hashlib.sha256(picture.content).digest()
    assert work.session.get_one(Photo, picture.photo_id).state == "ready"
    for role in ("original", "diagnostic", "thumb"):
        opened = read_file(work, case, picture.photo_id, role)
        row = work.session.scalars(
            select(PhotoFile).where(PhotoFile.photo_id == picture.photo_id, PhotoFile.role == role)
        ).one()
        assert hashlib.sha256(opened.content).digest() == row.sha256
        if role == "original":
            assert material.opened(opened.content).tobytes() == material.opened(picture.content).tobytes()

"""Rounds of kill -9 while phones send and a tablet signs: was anything acknowledged lost or doubled?"""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import (
    Case,
    CaseRevision,
    Notification,
    Opinion,
    OutboxItem,
    Photo,
    PhotoFile,
    Transition,
    Upload,
)
from dermavis.services.audit_verification import verify
from dermavis.services.photos import read_file
from dermavis.services.upload_pieces import assemble
from dermavis.services.vault import Sealer
from dermavis.services.work import Work, reading
from tests import material
from tests.fixtures.servers import LiveServer
from tests.receivers import wait_until
from tests.sending_phone import SendingPhone, SentPicture
from tests.signing_in import cookie_name, new_session
from tests.signing_tablet import SigningTablet

PHONES = 2
PATIENCE_S = 60
PICTURES = [material.jpeg(material.grainy(480, 360), quality=quality) for quality in range(80, 96)]
"""Some seventy thousand bytes each: two pieces."""


@dataclass
class KillRounds:
    """Phones and a tablet at work on a service that is killed again and again."""

    server: LiveServer
    phones: list[SendingPhone]
    tablet: SigningTablet
    dice: random.Random = field(default_factory=random.Random)
    refused: list[str] = field(default_factory=list)

    @classmethod
    def on(cls, server: LiveServer) -> KillRounds:
        """Sign two requesters' phones and an expert's tablet in."""
        phones = [SendingPhone(server.url, _cookie(server, Role.REQUESTER)) for _ in range(PHONES)]
        return cls(server, phones, SigningTablet(server.url, _cookie(server, Role.EXPERT)))

    @property
    def acknowledged(self) -> int:
        """How many requests and signatures the server has acknowledged."""
        return sum(len(phone.requests) for phone in self.phones) + len(self.tablet.signed)

    @property
    def broken(self) -> int:
        """How many answers never came."""
        return sum(one.broken for one in (*self.phones, self.tablet))

    def run(self, rounds: int) -> None:
        """Kill web and worker ``rounds`` times, and stop once something was acknowledged after the last."""
        with ExitStack() as stack:
            for work in self._at_work():
                thread = threading.Thread(target=self._noting, args=(work,), daemon=True)
                thread.start()
                stack.callback(thread.join, PATIENCE_S)
            for one in (*self.phones, self.tablet):
                stack.callback(one.over.set)
            for _ in range(rounds):
                self._kill_in_the_midst()
            self._wait_for_more()
        assert not self.refused, self.refused

    def check(self) -> None:
        """Raise AssertionError when anything acknowledged is gone, changed, doubled or was not told."""
        sent = {request.case_id: request for phone in self.phones for request in phone.requests}
        with reading(self.server.system) as work:
            cases = {
                case.id: case for case in work.session.scalars(select(Case).where(Case.number.is_not(None)))
            }
            for case_id, request in sent.items():
                assert case_id in cases, f"{request.number} was acknowledged and is gone"
                assert cases[case_id].number == request.number
            assert len({case.number for case in cases.values()}) == len(cases), "each number once"
            for rows in (
                select(Transition.case_id).where(Transition.name == "submit"),
                select(CaseRevision.case_id),
            ):
                assert Counter(work.session.scalars(rows)) == dict.fromkeys(cases, 1)
            self._check_signatures(work, cases)
            self._check_notices(work, list(cases))
            for phone in self.phones:
                for picture in [*phone.pictures, *(p for one in phone.requests for p in one.pictures)]:
                    _check_picture(work, picture, sent=picture.case_id in sent)
        assert verify(self.server.system).faults == ()

    def _at_work(self) -> Iterator[Callable[[], None]]:
        for phone in self.phones:
            yield lambda phone=phone: phone.send_until_over(lambda: self.dice.choice(PICTURES))
        yield lambda: self.tablet.sign_until_over(self.phones)

    def _noting(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as refused:  # noqa: BLE001 - whatever it was, the rounds must say it
            self.refused.append(repr(refused))

    def _kill_in_the_midst(self) -> None:
        """Wait until something was acknowledged since the start, then kill at a moment that nobody chose."""
        self._wait_for_more()
        time.sleep(self.dice.uniform(0, 0.8))
        names = ["web", "worker"]
        self.dice.shuffle(names)
        self.server.kill(names[0])
        time.sleep(self.dice.choice([0, 0, 0.2]))
        self.server.kill(names[1])
        self.server.start()

    def _wait_for_more(self) -> None:
        before = self.acknowledged
        wait_until(lambda: self.acknowledged > before or bool(self.refused), PATIENCE_S)

    def _check_signatures(self, work: Work, cases: dict[object, Case]) -> None:
        opinions = Counter(
            work.session.scalars(select(Opinion.case_id).where(Opinion.signed_at.is_not(None)))
        )
        answers = Counter(work.session.scalars(select(Transition.case_id).where(Transition.name == "answer")))
        assert set(self.tablet.signed) <= set(opinions), "a signature was acknowledged and is gone"
        assert opinions == answers == dict.fromkeys(opinions, 1)
        for case_id in opinions:
            assert cases[case_id].state == "answered"

    def _check_notices(self, work: Work, cases: list[object]) -> None:
        rows = select(Notification.case_id, Notification.person_id).where(Notification.event == "submitted")
        told = Counter((case_id, person_id) for case_id, person_id in work.session.execute(rows))
        who = self.server.world.who
        experts = {who(name).person_id for name in (Role.EXPERT, "other_expert", Role.SUPER_USER)}
        for case_id in cases:
            assert all(told[case_id, person_id] == 1 for person_id in experts), told
        on_their_way = set(
            work.session.scalars(select(OutboxItem.case_id).where(OutboxItem.channel == "mail"))
        )
        assert set(cases) <= on_their_way


def _cookie(server: LiveServer, role: Role) -> str:
    return f"{cookie_name(server.system)}={new_session(server.system, server.world.who(role))}"


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

"""What reaches a phone or a mailbox: a push service and a mail server that lose, refuse and forget."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from uuid import UUID

from dermavis.domain.notice_words import EVENTS
from dermavis.domain.ports import ChannelGone, DeliveryFailed, DeliveryRefused, Mail, PushTarget
from tests.clock import FakeClock

SENTENCES = {event.sentence: name for name, event in EVENTS.items()}
assert len(SENTENCES) == len(EVENTS), "a letter tells its event by its sentence"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Received:
    """Something that reached a person's ``device`` (an endpoint or an address)."""

    at: datetime
    channel: str
    device: str
    event: str
    case_id: UUID


@dataclass
class Channels:
    """Both ways out. ``dead`` phones answer 404, ``broken`` ones are refused, ``full`` mailboxes bounce.

    While ``mail_is_out`` the mail server takes no letter from anybody; ``mail_up_since`` says when that last ended.
    One delivery in fifty fails for now. ``tell`` is called for each that arrives.
    """

    clock: FakeClock
    random: Random
    tell: Callable[[Received], None] = lambda _received: None
    dead: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    full: set[str] = field(default_factory=set)
    mail_is_out: bool = False
    mail_up_since: datetime = LONG_AGO
    public_key: str = "public"

    def accepts(self, _target: PushTarget) -> bool:
        """Every phone of this region has a push service."""
        return True

    def send(self, *parcel: object) -> None:
        """Take a push (target, payload, urgency, ttl, topic) or a letter. Raises as the ports say."""
        if isinstance(parcel[0], Mail):
            self._letter(parcel[0])
        elif isinstance(parcel[0], PushTarget) and isinstance(parcel[1], bytes):
            self._push(parcel[0].endpoint, json.loads(parcel[1]))

    def stop_mail(self) -> None:
        """The mail server is down, or refuses the service itself."""
        self.mail_is_out = True

    def mend_mail(self) -> None:
        """The mail server takes letters again."""
        self.mail_is_out, self.mail_up_since = False, self.clock.now()

    def _letter(self, mail: Mail) -> None:
        if self.mail_is_out:
            raise DeliveryFailed("SMTPConnectError")
        if mail.to in self.full:
            raise DeliveryRefused("550")
        self._sometimes_fail()
        event = SENTENCES[mail.text.split("\n\n")[1].split(" (dossier")[0].removesuffix(".")]
        page = mail.text.split("Ouvrez DermAvis : ")[1].split("\n")[0]
        self.tell(Received(self.clock.now(), "mail", mail.to, event, case_of(page)))

    def _push(self, endpoint: str, shown: dict[str, str]) -> None:
        if endpoint in self.dead:
            raise ChannelGone
        if endpoint in self.broken:
            raise DeliveryRefused("400")
        self._sometimes_fail()
        event = shown["tag"].split(" ")[0]
        self.tell(Received(self.clock.now(), "push", endpoint, event, case_of(shown["url"])))

    def _sometimes_fail(self) -> None:
        if self.random.random() < 0.02:
            raise DeliveryFailed("503")


def case_of(page: str) -> UUID:
    """Return the case that a page is about."""
    return UUID(page.removesuffix("/report").split("case=")[-1].split("/")[-1])

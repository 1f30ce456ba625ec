"""The demonstration's mailbox: letters stay in a folder, where people trying DermAvis can read them."""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path

from dermavis.adapters.mail_message import message_bytes
from dermavis.domain.ports import Clock, Mail

NAME = re.compile(r"\d{8}T\d{12}-[0-9a-f]{8}")


@dataclass(frozen=True)
class KeptLetter:
    """A letter of the mailbox; ``sent_at`` is in UTC."""

    id: str
    to: str
    subject: str
    text: str
    sent_at: datetime


class MailboxFolder:
    """Sends nothing: writes each letter as an ``.eml`` file, readable by the service's own user only."""

    def __init__(self, folder: Path, sender: str, clock: Clock) -> None:
        self._folder = folder
        self._sender = sender
        self._clock = clock

    def send(self, mail: Mail) -> None:
        """Keep the letter. Raises DeliveryRefused for an unusable address, as a server would."""
        now = self._clock.now()
        name = f"{now:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
        content = message_bytes(mail, self._sender, name, now)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = self._folder / f"{name}.part"
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        unfinished.rename(self._folder / f"{name}.eml")

    def list(self, limit: int = 50) -> list[KeptLetter]:
        """Return the latest letters, newest first."""
        names = sorted((path.stem for path in self._folder.glob("*.eml")), reverse=True)
        letters = (self.read(name) for name in names[:limit])
        return [letter for letter in letters if letter]

    def read(self, name: str) -> KeptLetter | None:
        """Return one letter, or None when there is none of that name."""
        path = self._folder / f"{name}.eml"
        if not NAME.fullmatch(name) or not path.is_file():
            return None
        message = message_from_bytes(path.read_bytes(), policy=default)
        body = message.get_body(("plain",))
        return KeptLetter(
            id=name,
            to=str(message["To"]).strip("<>"),
            subject=str(message["Subject"]),
            text=str(body.get_content()).replace("\r\n", "\n") if body else "",
            sent_at=parsedate_to_datetime(str(message["Date"])).astimezone(UTC),
        )

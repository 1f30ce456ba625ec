"""The demonstration's letters, which never leave the machine: for people who try DermAvis."""

from __future__ import annotations

from dermavis.adapters.mail_message import LINK
from dermavis.adapters.mailbox import KeptLetter, MailboxFolder
from dermavis.domain.errors import NotFound
from dermavis.services.work import System

LATEST = 60


def kept_letters(system: System) -> list[KeptLetter]:
    """Return the latest letters, newest first. Raises NotFound where there is no demonstration."""
    return _mailbox(system).list(LATEST)


def kept_letter(system: System, letter_id: str) -> KeptLetter:
    """Return one letter. Raises NotFound."""
    letter = _mailbox(system).read(letter_id)
    if letter is None:
        raise NotFound
    return letter


def with_links(text: str) -> list[tuple[str, bool]]:
    """Return a text in pieces, each with whether it is an address to follow."""
    pieces, end = [], 0
    for found in LINK.finditer(text):
        pieces += [(text[end : found.start()], False), (found.group(), True)]
        end = found.end()
    return [piece for piece in [*pieces, (text[end:], False)] if piece[0]]


def _mailbox(system: System) -> MailboxFolder:
    if not system.settings.demonstration or not isinstance(system.mail, MailboxFolder):
        raise NotFound
    return system.mail

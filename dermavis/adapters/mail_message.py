"""A letter as bytes that every mail server and reader takes: subject intact, plain text and simple HTML."""

from __future__ import annotations

import base64
import re
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from markupsafe import escape

from dermavis.domain.ports import DeliveryRefused, Mail

# RFC 5322, dot-atom on the left of the @; quoted local parts exist in no professional's address book.
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
LINK = re.compile(r"https?://[^\s<>«»\"]*[^\s<>«»\".,;:!?)]")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# A line with encoded words has 76 characters at most (RFC 2047): the name of the header, 12 of frame, and 4 of base64
# for each 3 bytes.
BYTES_A_WORD = 39


def deliverable_address(text: str) -> str:
    """Return the bare address in ASCII. Raises DeliveryRefused when it is none."""
    local, at, domain = text.strip().rpartition("@")
    try:
        address = f"{local}{at}{domain.encode('idna').decode('ascii')}"
    except UnicodeError as error:
        raise DeliveryRefused("unusable address") from error
    if not ADDRESS.fullmatch(address):
        raise DeliveryRefused("unusable address")
    return address


def message_bytes(mail: Mail, sender: str, message_id: str, now: datetime) -> bytes:
    """Return the whole message, lines ended by CR LF.

    ``sender`` is ``Name <address>``. The top headers are written here, not by ``email``: Python 3.11 alters accented
    subjects when it folds them. Raises DeliveryRefused for an unusable address.
    """
    name, address = parseaddr(sender)
    top = [
        f"From: {encoded_words(name)}\r\n <{deliverable_address(address)}>",
        f"To: <{deliverable_address(mail.to)}>",
        f"Subject: {encoded_words(mail.subject)}",
        f"Date: {format_datetime(now)}",
        f"Message-ID: <{message_id}@{address.rpartition('@')[2]}>",
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
        "Content-Language: fr",
    ]
    body = EmailMessage(policy=SMTP)
    body.set_content(mail.text, cte="base64")
    body.add_alternative(simple_html(mail.text), subtype="html", cte="base64")
    return "\r\n".join(top).encode("ascii") + b"\r\n" + body.as_bytes()


def encoded_words(text: str) -> str:
    """Return ``text`` as one header value: as it is when plain and short, else in folded encoded words."""
    clean = CONTROL.sub(" ", text).strip(" ")
    if clean.isascii() and len(clean) <= 60 and "=?" not in clean and '"' not in clean:
        return clean
    words: list[bytes] = [b""]
    for character in clean:
        piece = character.encode()
        if len(words[-1]) + len(piece) > BYTES_A_WORD:
            words.append(b"")
        words[-1] += piece
    return "\r\n ".join(f"=?utf-8?B?{base64.b64encode(word).decode()}?=" for word in words)


def simple_html(text: str) -> str:
    """Return the text as a plain page: one paragraph a block, addresses as links, nothing fetched."""
    blocks = [block for block in re.split(r"\n\s*\n", text.strip()) if block]
    paragraphs = "\n".join(f"<p>{_linked(block)}</p>" for block in blocks)
    return f'<!doctype html>\n<html lang="fr"><head><meta charset="utf-8"></head><body>\n{paragraphs}\n</body></html>\n'


def _linked(block: str) -> str:
    parts, end = [], 0
    for found in LINK.finditer(block):
        parts.append(str(escape(block[end : found.start()])))
        parts.append(f'<a href="{escape(found.group())}">{escape(found.group())}</a>')
        end = found.end()
    parts.append(str(escape(block[end:])))
    return "".join(parts).replace("\n", "<br>\n")

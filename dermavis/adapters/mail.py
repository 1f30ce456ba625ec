"""Electronic mail over SMTP."""

from __future__ import annotations

import contextlib
import ipaddress
import smtplib
import ssl
import uuid
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

from dermavis.adapters.mail_message import deliverable_address, message_bytes
from dermavis.domain.ports import Clock, DeliveryFailed, DeliveryRefused, Mail

TIMEOUT = 20.0


class MailUrlRefused(ValueError):
    """SMTP_URL says nothing that can be followed; the message tells what is expected."""


@dataclass(frozen=True)
class MailServer:
    """Where letters are handed over, and how the line is protected: ``tls``, ``starttls`` or ``none``."""

    host: str
    port: int
    protection: str
    user: str
    password: str

    @classmethod
    def from_url(cls, url: str) -> MailServer:
        """Read ``smtp://user:password@host:port?starttls=required|none`` or ``smtps://…``.

        Without a word on it STARTTLS is required, except on the machine itself. Raises MailUrlRefused.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise MailUrlRefused(
                "SMTP_URL s’écrit smtp://nom:secret@serveur:587 ou smtps://nom:secret@serveur:465."
            )
        default = "none" if _is_this_machine(parts.hostname) else "required"
        asked = parse_qs(parts.query).get("starttls", [default])[-1]
        if asked not in {"required", "none"}:
            raise MailUrlRefused("Dans SMTP_URL, starttls vaut « required » ou « none ».")
        protection = "tls" if parts.scheme == "smtps" else {"required": "starttls", "none": "none"}[asked]
        return cls(
            host=parts.hostname,
            port=parts.port or {"tls": 465, "starttls": 587, "none": 25}[protection],
            protection=protection,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )


class SmtpSender:
    """Hands letters to one SMTP server; certificates are checked."""

    def __init__(self, url: str, sender: str, clock: Clock) -> None:
        self._server = MailServer.from_url(url)
        self._sender = sender
        self._clock = clock

    def send(self, mail: Mail) -> None:
        """Hand the letter over. Raises DeliveryFailed (try later) or DeliveryRefused (never)."""
        recipient = deliverable_address(mail.to)
        content = message_bytes(mail, self._sender, uuid.uuid4().hex, self._clock.now())
        connection = self._connect()
        try:
            connection.sendmail(parseaddr(self._sender)[1], [recipient], content)
        except smtplib.SMTPRecipientsRefused as error:
            raise _verdict(max(code for code, _ in error.recipients.values())) from None
        except smtplib.SMTPDataError as error:
            raise _verdict(error.smtp_code) from None
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryFailed(type(error).__name__) from None
        finally:
            # The letter is handed over once DATA is answered: a line that breaks at good-bye changes nothing.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                connection.quit()

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        try:
            connection: smtplib.SMTP
            if server.protection == "tls":
                context = ssl.create_default_context()
                connection = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
            else:
                connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
            try:
                if server.protection == "starttls":
                    connection.starttls(context=ssl.create_default_context())
                if server.user:
                    connection.login(server.user, server.password)
            except BaseException:
                connection.close()
                raise
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryFailed(type(error).__name__) from None
        return connection


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


def _verdict(code: int) -> DeliveryRefused | DeliveryFailed:
    """A 5xx answer is for good, a 4xx one for now (RFC 5321, 4.2.1)."""
    return DeliveryRefused(str(code)) if code >= 500 else DeliveryFailed(str(code))

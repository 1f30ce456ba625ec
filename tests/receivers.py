"""The other side of notifications: a push service that decrypts, and a mail server that keeps what it is given."""

from __future__ import annotations

import base64
import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from dermavis.domain.ports import PushTarget


def encoded(content: bytes) -> str:
    """Return unpadded base64url, as a browser's subscription holds it."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@dataclass
class Phone:
    """A browser with a push subscription: the half of its keys that never leaves it."""

    name: str
    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def target(self) -> PushTarget:
        """What the browser gives to the application."""
        point = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return PushTarget(endpoint=self.endpoint, p256dh=encoded(point), auth=encoded(self.secret))

    @property
    def subscription(self) -> dict[str, Any]:
        """The same as ``PushSubscription.toJSON()`` gives it."""
        target = self.target
        keys = {"p256dh": target.p256dh, "auth": target.auth}
        return {"endpoint": target.endpoint, "expirationTime": None, "keys": keys}


@dataclass(frozen=True)
class Received:
    """One message as it reached a phone."""

    phone: str
    payload: bytes
    headers: dict[str, str]
    sealed: bytes

    @property
    def content(self) -> dict[str, Any]:
        """The payload read as JSON."""
        content: dict[str, Any] = json.loads(self.payload)
        return content


class PushReceiver:
    """A push service on a free loopback port, which opens each message with its phone's own key."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.attempts: list[tuple[str, int]] = []
        self._phones: dict[str, Phone] = {}
        self._answers: dict[str, list[tuple[int, dict[str, str]]]] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def host(self) -> str:
        """``host:port``, for the setting that opens the way to a test receiver."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def phone(self, name: str) -> Phone:
        """Return a new phone subscribed here, of a name that no other has."""
        assert f"/push/{name}" not in self._phones, name
        phone = Phone(name, f"http://{self.host}/push/{name}")
        self._phones[f"/push/{name}"] = phone
        return phone

    def answer(self, phone: Phone, *answers: int | tuple[int, dict[str, str]]) -> None:
        """Make the next messages to a phone be answered so; the last answer stays. None given: 201 again."""
        each = [(answer, {}) if isinstance(answer, int) else answer for answer in answers]
        self._answers[f"/push/{phone.name}"] = each

    def for_phone(self, phone: Phone) -> list[Received]:
        """Return what reached one phone."""
        with self._lock:
            return [message for message in self.received if message.phone == phone.name]

    def __enter__(self) -> PushReceiver:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        """Record one message and return the answer it gets."""
        with self._lock:
            phone = self._phones.get(path)
            if phone is None:
                return 404, {}
            planned = self._answers.get(path, [])
            status, more = (planned.pop(0) if len(planned) > 1 else planned[0]) if planned else (201, {})
            self.attempts.append((phone.name, status))
            if status == 201:
                clear = http_ece.decrypt(
                    body, private_key=phone.key, auth_secret=phone.secret, version="aes128gcm"
                )
                self.received.append(Received(phone.name, clear, headers, body))
            return status, more

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, more = receiver.take(self.path, headers, body)
                self.send_response(status)
                for name, value in {**more, "Content-Length": "0"}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing on the test's output."""

        return Handler


class FreePortController(Controller):
    """A server that takes whatever port is free."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class _Handler:
    """What the mail server asks. It looks at every attribute of this object for each connection: there are few."""

    def __init__(self, envelopes: list[tuple[list[str], bytes]], answers: dict[str, str]) -> None:
        self._envelopes, self._answers = envelopes, answers

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _: list[str]
    ) -> str:
        """Take or refuse a recipient."""
        if address in self._answers:
            return self._answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Keep a message."""
        self._envelopes.append((list(envelope.rcpt_tos), envelope.content))
        return "250 OK"


class MailReceiver:
    """A mail server on a free loopback port. ``answer`` replaces the answer to RCPT of one address."""

    def __init__(self) -> None:
        self.envelopes: list[tuple[list[str], bytes]] = []
        self._answers: dict[str, str] = {}
        self._controller = FreePortController(
            _Handler(self.envelopes, self._answers), hostname="127.0.0.1", port=0
        )

    @property
    def url(self) -> str:
        """The address for SMTP_URL."""
        return f"smtp://127.0.0.1:{self._controller.port}"

    def answer(self, address: str, line: str) -> None:
        """Make the server refuse an address with this answer, such as ``550 no such user``."""
        self._answers[address] = line

    @property
    def messages(self) -> list[EmailMessage]:
        """Everything received, decoded."""
        return [message_from_bytes(content, policy=default) for _, content in self.envelopes]

    def to(self, address: str) -> list[EmailMessage]:
        """Everything received for one address."""
        return [
            message_from_bytes(content, policy=default)
            for recipients, content in self.envelopes
            if address in recipients
        ]

    def __enter__(self) -> MailReceiver:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()


def plain_text(message: EmailMessage) -> str:
    """Return the plain text of a letter."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def wait_until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait for something that another thread does. Raises AssertionError when it never comes."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "what was waited for never came"
        time.sleep(0.02)

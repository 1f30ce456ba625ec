"""Web push (RFC 8030, 8188, 8291, 8292): encrypts for one browser and hands over to its push service."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dermavis.adapters import vapid_key
from dermavis.domain.ports import ChannelGone, Clock, DeliveryFailed, DeliveryRefused, PushTarget

if TYPE_CHECKING:
    import requests

URGENCIES = frozenset({"very-low", "low", "normal", "high"})
TOPIC = re.compile(r"[A-Za-z0-9_-]{1,32}")
LARGEST_PAYLOAD = 3000
TOKEN_LIFE = 12 * 3600
TOKEN_RENEWED_BEFORE = 3600
LONGEST_WAIT = 24 * 3600


class WebPushSender:
    """Sends to the browsers' push services, and to nobody else.

    ``key_file`` holds the service's VAPID key and is made when absent; ``subject`` is the ``mailto:`` or
    ``https:`` address that push services may write to; ``test_hosts`` (``host`` or ``host:port``) open the way
    to test receivers.
    """

    def __init__(self, key_file: Path, subject: str, clock: Clock, test_hosts: Iterable[str] = ()) -> None:
        self._key_file = key_file
        self._subject = subject
        self._clock = clock
        self._test_hosts = frozenset(test_hosts)
        self._tokens: dict[str, tuple[int, str]] = {}
        self._lock = threading.Lock()
        # Reading a subscription takes a quarter of the time of a message, and the same phones come back.
        self._opened = lru_cache(maxsize=1024)(self._open)

    @cached_property
    def _key(self) -> Any:
        return vapid_key.read_or_create(self._key_file)

    @cached_property
    def public_key(self) -> str:
        """The key that a browser subscribes with (``applicationServerKey``)."""
        return vapid_key.application_server_key(self._key)

    def accepts(self, target: PushTarget) -> bool:
        """Tell whether a subscription could be served at all: a known push service and well-formed keys."""
        from dermavis.adapters.push_network import endpoint_refusal

        return endpoint_refusal(target.endpoint, self._test_hosts) is None and _keys_are_sound(target)

    def send(self, target: PushTarget, payload: bytes, urgency: str, ttl: int, topic: str = "") -> None:
        """Encrypt ``payload`` and deliver it to the push service, which keeps it ``ttl`` seconds at most.

        A waiting message with the same ``topic`` is replaced. Raises ChannelGone (404, 410), DeliveryFailed
        (429, 5xx, no answer) or DeliveryRefused (anything else).
        """
        request = self.prepare(target, payload, urgency, ttl, topic)
        response = self._post(target.endpoint, *request)
        try:
            # Reading the few bytes of an answer lets the connection serve the next message.
            response.raw.read(4096)
        finally:
            response.close()
        _judge(response, self._clock.now())

    def prepare(
        self, target: PushTarget, payload: bytes, urgency: str, ttl: int, topic: str = ""
    ) -> tuple[bytes, dict[str, str]]:
        """Return the encrypted body and the headers, ready to post. Raises DeliveryRefused."""
        encrypt_for, audience = self._opened(target)
        if not 0 < len(payload) <= LARGEST_PAYLOAD or urgency not in URGENCIES or ttl <= 0:
            raise DeliveryRefused("payload, urgency or ttl out of bounds")
        if topic and not TOPIC.fullmatch(topic):
            raise DeliveryRefused("topic out of bounds")
        try:
            body: bytes = encrypt_for.encode(payload)["body"]
        except ValueError as error:  # the key is no point of the curve
            raise DeliveryRefused("keys refused") from error
        headers = {
            "Authorization": self._authorization(audience),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(ttl),
            "Urgency": urgency,
        }
        if topic:
            headers["Topic"] = topic
        return body, headers

    def _open(self, target: PushTarget) -> tuple[Any, str]:
        """Return what encrypts for a subscription, and the origin that its token is signed for."""
        from pywebpush import WebPusher

        if not self.accepts(target):
            raise DeliveryRefused("endpoint or keys refused")
        parts = urlsplit(target.endpoint)
        keys = {"p256dh": target.p256dh, "auth": target.auth}
        return WebPusher({"endpoint": target.endpoint, "keys": keys}), f"{parts.scheme}://{parts.netloc}"

    def _authorization(self, audience: str) -> str:
        """Return the signed token for a push service, kept while it lives: signing costs a third of a message."""
        from py_vapid import Vapid02

        now = int(self._clock.now().timestamp())
        with self._lock:
            expires, header = self._tokens.get(audience, (0, ""))
            if expires - now < TOKEN_RENEWED_BEFORE:
                expires = now + TOKEN_LIFE
                claims = {"aud": audience, "exp": expires, "sub": self._subject}
                header = Vapid02(self._key).sign(claims)["Authorization"]
                self._tokens[audience] = (expires, header)
        return header

    def _post(self, endpoint: str, body: bytes, headers: dict[str, str]) -> requests.Response:
        import requests

        from dermavis.adapters.push_network import TIMEOUT

        try:
            return self._session_for(endpoint).post(
                endpoint, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False, stream=True
            )
        except (requests.RequestException, OSError) as error:
            # Only the kind: the message of the error holds the endpoint, which is a secret of the person's.
            raise DeliveryFailed(type(error).__name__) from None

    def _session_for(self, endpoint: str) -> requests.Session:
        from dermavis.adapters.push_network import is_test_receiver

        if is_test_receiver(urlsplit(endpoint), self._test_hosts):
            return self._open_session
        return self._checked_session

    @cached_property
    def _checked_session(self) -> requests.Session:
        from dermavis.adapters.push_network import push_session

        return push_session()

    @cached_property
    def _open_session(self) -> requests.Session:
        from dermavis.adapters.push_network import open_session

        return open_session()


def _keys_are_sound(target: PushTarget) -> bool:
    point, secret = _decoded(target.p256dh), _decoded(target.auth)
    return len(point) == 65 and point[0] == 4 and len(secret) == 16


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return b""


def _judge(response: requests.Response, now: datetime) -> None:
    status = response.status_code
    if status in {200, 201, 202, 204}:
        return
    if status in {404, 410}:
        raise ChannelGone(str(status))
    if status == 429 or status >= 500:
        raise DeliveryFailed(str(status), _retry_after(response.headers.get("Retry-After", ""), now))
    raise DeliveryRefused(str(status))


def _retry_after(text: str, now: datetime) -> int | None:
    """Return the wait in seconds, from a number or a date, bounded to a day."""
    if text.isascii() and text.isdigit():
        return min(int(text), LONGEST_WAIT)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    wait = (when if when.tzinfo else when.replace(tzinfo=UTC)) - now
    return min(max(int(wait.total_seconds()), 0), LONGEST_WAIT)

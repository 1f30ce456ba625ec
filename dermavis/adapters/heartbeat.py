"""A sign of life to an outside address that raises the alarm when it stops coming (a dead man's switch)."""

from __future__ import annotations

from dermavis.adapters.web_address import is_web_address
from dermavis.domain.ports import DeliveryFailed

TIMEOUT_S = 10


class HeartbeatRefused(ValueError):
    """HEARTBEAT_URL is no address; the message tells what is expected."""


class UrlHeartbeat:
    """Asks for one address; any answer of success will do. Nothing but the address itself is told."""

    def __init__(self, url: str) -> None:
        self._url = url

    def give(self) -> None:
        """Give one sign. Raises DeliveryFailed, without the address, which is a secret."""
        import requests

        try:
            answer = requests.get(self._url, timeout=TIMEOUT_S, allow_redirects=False)
        except requests.RequestException as error:
            raise DeliveryFailed(type(error).__name__) from None
        if not answer.ok:
            raise DeliveryFailed(f"status {answer.status_code}")


def open_heartbeat(url: str) -> UrlHeartbeat | None:
    """Return what gives signs of life to a setting's address, None for an empty one. Raises HeartbeatRefused."""
    if not url:
        return None
    if not is_web_address(url):
        raise HeartbeatRefused(
            "HEARTBEAT_URL est l’adresse https:// que le service appelle chaque minute tant que tout va bien."
        )
    return UrlHeartbeat(url)

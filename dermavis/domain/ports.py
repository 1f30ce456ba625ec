"""What the domain needs from the outside, and nothing about how it is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol


class Clock(Protocol):
    """The server's clock: the only one that deadlines know."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class SealBroken(Exception):
    """A sealed value was altered, moved to another row or column, or sealed with another key."""


class MasterKey(Protocol):
    """One master key. The database knows it by its check value, which reveals nothing of it."""

    @property
    def check_value(self) -> bytes:
        """The 32 bytes by which a database tells this key from another."""
        ...

    @property
    def own_lasting(self) -> bytes:
        """The secret of what outlives rotations, where no older key handed one down."""
        ...

    def wrap(self, key: bytes, bound: bytes) -> bytes:
        """Seal a data key under this key; ``bound`` names its owner, such as ``b"cases:<uuid>"``."""
        ...

    def unwrap(self, wrapped: bytes, bound: bytes) -> bytes:
        """Open a data key that this key wrapped. Raises SealBroken."""
        ...

    def search_hash(self, kind: str, value: str) -> bytes:
        """Return the keyed hash (32 bytes) under which a normalised value of that kind can be searched."""
        ...


class Cipher(Protocol):
    """AES-256-GCM with the place of the value bound to it, under one master key, or two while one replaces the other.

    ``lasting``: 32 bytes from which is derived what must outlive a rotation.
    """

    lasting: bytes

    @property
    def masters(self) -> Sequence[MasterKey]:
        """The master keys at hand: that of the settings, then the previous one where it is given."""
        ...

    def master(self, check_value: bytes) -> MasterKey | None:
        """Return the key at hand that has this check value."""
        ...

    def new_key(self) -> bytes:
        """Return 32 random bytes for one case or one patient."""
        ...

    def unwrap(self, wrapped: bytes, bound: bytes) -> bytes:
        """Open a data key that any key at hand wrapped. Raises SealBroken."""
        ...

    def seal(self, key: bytes, clear: bytes, bound: bytes) -> bytes:
        """Seal bytes under a data key; ``bound`` names table, row and column."""
        ...

    def open(self, key: bytes, sealed: bytes, bound: bytes) -> bytes:
        """Open sealed bytes. Raises SealBroken."""
        ...

    def lasting_hash(self, kind: str, value: str) -> bytes:
        """Return a keyed hash (32 bytes) that stays the same whatever master key replaces this one."""
        ...


class NotFoundInStore(Exception):
    """No object of that name is in the photo store."""


class PhotoStore(Protocol):
    """Sealed picture files by key. What ``put`` returned from survives a power cut."""

    def put(self, key: str, content: bytes) -> None:
        """Store ``content`` durably. An existing key keeps its content when equal and raises otherwise."""
        ...

    def get(self, key: str) -> bytes:
        """Return the content. Raises NotFoundInStore."""
        ...

    def delete(self, key: str) -> None:
        """Remove the object, silently when it is absent."""
        ...

    def exists(self, key: str) -> bool:
        """Tell whether the object is there."""
        ...

    def list(self, prefix: str) -> Iterator[str]:
        """Yield the keys that begin with ``prefix``."""
        ...


@dataclass(frozen=True)
class PictureFile:
    """One clean picture; width and height in pixels as stored, before any orientation."""

    content: bytes
    media_type: str
    width: int
    height: int


@dataclass(frozen=True)
class Picture:
    """The three files of one view, and what the device told about it.

    ``orientation`` (1 to 8, EXIF's meaning) applies to ``original`` only; the renditions are upright. ``card``: what
    was read of a reference card (``card_reading``), with its version; ``measures``: of the picture's quality.
    """

    original: PictureFile
    diagnostic: PictureFile
    thumb: PictureFile
    source_format: str
    orientation: int = 1
    taken_at: str | None = None
    lens: str | None = None
    focal_length_mm: float | None = None
    focal_length_35mm: float | None = None
    measures: dict[str, Any] = field(default_factory=dict)
    card: dict[str, Any] = field(default_factory=dict)


class Imaging(Protocol):
    """Turns whatever a phone sends into three clean pictures, outside this process."""

    def process(self, content: bytes, close_up: bool) -> Picture:
        """Return the clean picture. Raises PictureRefused with a sentence for the doctor."""
        ...


@dataclass(frozen=True)
class PushTarget:
    """A browser's push subscription."""

    endpoint: str
    p256dh: str
    auth: str


class ChannelGone(Exception):
    """The channel will never work again (404, 410): remove it."""


class DeliveryFailed(Exception):
    """The delivery may succeed later; ``retry_after`` in seconds where the other side said so."""

    def __init__(self, reason: str, retry_after: int | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class DeliveryRefused(Exception):
    """The delivery was refused for good, and the channel itself may still live."""


class PushSender(Protocol):
    """Web push."""

    @property
    def public_key(self) -> str:
        """The key that a browser subscribes with, in base64url."""
        ...

    def accepts(self, target: PushTarget) -> bool:
        """Tell whether a subscription could be served: a known push service and well-formed keys."""
        ...

    def send(self, target: PushTarget, payload: bytes, urgency: str, ttl: int, topic: str = "") -> None:
        """Deliver to the push service, which keeps it ``ttl`` seconds; a waiting one of the same topic is replaced.

        Raises ChannelGone, DeliveryFailed or DeliveryRefused.
        """
        ...


@dataclass(frozen=True)
class Mail:
    """One letter, never with a patient's name in it."""

    to: str
    subject: str
    text: str


class MailSender(Protocol):
    """Electronic mail."""

    def send(self, mail: Mail) -> None:
        """Hand the letter over. Raises DeliveryFailed or DeliveryRefused."""
        ...


class Witness(Protocol):
    """A place outside the reach of whoever runs the database, which remembers how far the audit was sealed.

    ``every``: the shortest pause between two lines that it wants.
    """

    every: timedelta

    def remember(self, line: str) -> None:
        """Keep one line, for good when this returns. Raises DeliveryFailed or DeliveryRefused."""
        ...


class StampRefused(Exception):
    """A token that does not say that its authority saw this message."""


@dataclass(frozen=True)
class Stamp:
    """What an authority signed: its whole answer, the number that was asked with it, and its time (UTC)."""

    token: bytes
    nonce: str
    at: datetime


class TimestampAuthority(Protocol):
    """An authority that signs when it saw something. ``every``: the pause between two stamps."""

    every: timedelta

    def stamp(self, message: bytes) -> Stamp:
        """Have a message stamped, and verify the answer. Raises DeliveryFailed or StampRefused."""
        ...

    def check(self, message: bytes, token: bytes, nonce: str) -> datetime:
        """Return when the authority saw the message. Raises StampRefused."""
        ...


class SignOfLife(Protocol):
    """Somebody outside who raises the alarm when no sign comes any more."""

    def give(self) -> None:
        """Give one sign. Raises DeliveryFailed."""
        ...


class Machine(Protocol):
    """The machine that this process runs on; bytes, or None where it cannot tell."""

    def free_disk(self) -> int | None:
        """Return what may still be written where the data lie."""
        ...

    def free_memory(self) -> int | None:
        """Return what may still be used of the memory."""
        ...


class CardMaker(Protocol):
    """Typesets the reference card."""

    def sheet(self, batch: str, printed: str) -> bytes:
        """Return the PDF of a batch's sheet; ``printed``: where and when, in words."""
        ...


class ReportMaker(Protocol):
    """Typesets the report of a signed opinion."""

    def make(self, report: dict[str, Any]) -> bytes:
        """Return a PDF/A of the report."""
        ...

"""What a backup is made of, how its objects are named, and which old ones may go.

A place of backups holds, each object sealed under the backup key and bound to its name:

- ``manifests/<backup>``: what the backup holds. It is written last: without it there is no backup.
- ``rows/<backup>/<listing>-<number>``: the rows of a table, or the index of the pictures, in pieces.
- ``pictures/<aa>/<sha256>``: an object of the photo store under its hash, once for all the backups that name it.
- ``destination/key``: alone in clear, the value that tells which backup key belongs here; it reveals nothing of it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from pydantic import BaseModel, ConfigDict

FORMAT: Final = 1
KEY_MARK: Final = "destination/key"
MANIFESTS: Final = "manifests/"
PICTURES: Final = "pictures/"
INDEX: Final = "pictures"
"""The listing that names every object of the photo store; no table has this name."""

HALF_DONE_KEPT: Final = timedelta(days=1)
"""A backup without a manifest may be on its way from another machine; older, it was cut."""

_INSTANT: Final = "%Y%m%dt%H%M%Sz"


class BackupDamaged(Exception):
    """A backup does not hold what it should; the message says what, in French."""


class Named(NamedTuple):
    """A row that names an object of the photo store: the table, the row's id (32 hexadecimal figures), the key."""

    table: str
    id: str
    store_key: str


class PictureCopy(NamedTuple):
    """Where an object of the photo store stands in the backup: under ``sha256`` of its sealed bytes, ``size`` of them.

    ``sha256`` is empty where the photo store itself had lost the object.
    """

    table: str
    id: str
    store_key: str
    sha256: str
    size: int

    @property
    def names(self) -> Named:
        """The row that names it."""
        return Named(self.table, self.id, self.store_key)


class Listing(BaseModel):
    """Rows in ``chunks`` pieces; ``sha256`` (hexadecimal) is of all their lines, one after the other."""

    model_config = ConfigDict(frozen=True)

    columns: tuple[str, ...]
    rows: int
    chunks: int
    sha256: str


class Manifest(BaseModel):
    """What one backup holds.

    ``revision`` is that of the tables, ``database`` the kind it was taken from; ``picture_bytes`` counts every object
    named, ``missing`` those that the photo store had lost.
    """

    model_config = ConfigDict(frozen=True)

    format: int = FORMAT
    id: str
    begun_at: datetime
    ended_at: datetime
    release: str
    revision: str
    database: str
    tables: dict[str, Listing]
    pictures: Listing
    picture_bytes: int
    missing: int

    @property
    def rows(self) -> int:
        """How many rows all tables hold together."""
        return sum(listing.rows for listing in self.tables.values())


def backup_id(begun_at: datetime, chance: str) -> str:
    """Return a name that sorts by time; ``chance`` (small letters and figures) tells apart what began together."""
    return f"{begun_at.astimezone(UTC).strftime(_INSTANT)}-{chance}"


def begun(backup: str) -> datetime:
    """Return when a backup began, by its name. Raises ValueError."""
    return datetime.strptime(backup.split("-")[0], _INSTANT).replace(tzinfo=UTC)


def manifest_name(backup: str) -> str:
    """Return the name of a backup's manifest."""
    return f"{MANIFESTS}{backup}"


def rows_of(backup: str = "") -> str:
    """Return what the names of a backup's rows begin with, or of all backups'."""
    return f"rows/{backup}/" if backup else "rows/"


def chunk_name(backup: str, listing: str, number: int) -> str:
    """Return the name of one piece of a listing."""
    return f"{rows_of(backup)}{listing}-{number:08}"


def picture_name(sha256: str) -> str:
    """Return the name of an object of the photo store."""
    return f"{PICTURES}{sha256[:2]}/{sha256}"


def surplus(backups: list[str], keep: int) -> list[str]:
    """Return the backups that may go when the ``keep`` newest stay, oldest first."""
    return sorted(backups)[:-keep] if keep > 0 else []


def cut_short(half_done: set[str], now: datetime) -> set[str]:
    """Return which backups without a manifest were cut, rather than being on their way."""
    return {backup for backup in half_done if begun(backup) <= now - HALF_DONE_KEPT}

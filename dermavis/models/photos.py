"""A photograph is a view with its sealed files; uploads are its pieces on their way."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dermavis.models.base import Base, Code, Id


class Photo(Base):
    """One view. ``id`` is made by the client. ``state``: awaited, uploading, received, ready, refused, withdrawn."""

    __tablename__ = "photos"

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    lesion_id: Mapped[UUID | None]
    view: Mapped[Code]
    position: Mapped[int] = mapped_column(default=0)
    state: Mapped[Code] = mapped_column(default="awaited")
    refusal: Mapped[str] = mapped_column(default="")
    flagged: Mapped[str] = mapped_column(default="")
    answers_request: Mapped[UUID | None] = mapped_column(ForeignKey("messages.id"))
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("photos.id"))
    added_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    created_at: Mapped[datetime]
    device_time: Mapped[datetime | None]
    device_offset_minutes: Mapped[int | None]
    verified_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class PhotoFile(Base):
    """One sealed file of a view. ``role``: original, diagnostic, thumb. ``sha256`` and ``size`` are of the clear bytes.

    ``sent_sha256`` is the hash of the bytes as they were sent, before anything was removed. ``capture_sealed`` holds
    what the device told (time, lens, focal lengths); ``orientation`` applies to the original only.
    """

    __tablename__ = "photo_files"
    __table_args__ = (UniqueConstraint("photo_id", "role"),)

    id: Mapped[Id]
    photo_id: Mapped[UUID] = mapped_column(ForeignKey("photos.id"))
    role: Mapped[Code]
    store_key: Mapped[str]
    sha256: Mapped[bytes]
    sent_sha256: Mapped[bytes | None]
    size: Mapped[int]
    media_type: Mapped[Code]
    width: Mapped[int]
    height: Mapped[int]
    orientation: Mapped[int] = mapped_column(default=1)
    capture_sealed: Mapped[bytes | None]
    key_version: Mapped[int]
    created_at: Mapped[datetime]


CARD = "card"
"""The source of the measure that is a reference card's reading."""


class PhotoMeasure(Base):
    """What was measured on a picture, with the version of the measure.

    ``source``: the role of the file it was measured on, or ``card`` for what was read of a reference card.
    """

    __tablename__ = "photo_measures"
    __table_args__ = (UniqueConstraint("photo_id", "version", "source"),)

    id: Mapped[Id]
    photo_id: Mapped[UUID] = mapped_column(ForeignKey("photos.id"))
    version: Mapped[int]
    source: Mapped[Code]
    values: Mapped[dict[str, Any]]
    measured_at: Mapped[datetime]


class Upload(Base):
    """A resumable upload (tus): ``length`` and ``offset`` in bytes. ``state``: open, complete, failed."""

    __tablename__ = "uploads"
    __table_args__ = (Index("ix_uploads_case", "case_id"), Index("ix_uploads_expires", "state", "expires_at"))

    id: Mapped[Id]
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    photo_id: Mapped[UUID] = mapped_column(ForeignKey("photos.id"), index=True)
    role: Mapped[Code]
    length: Mapped[int]
    offset: Mapped[int] = mapped_column(default=0)
    expected_sha256: Mapped[bytes | None]
    state: Mapped[Code] = mapped_column(default="open")
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class UploadPiece(Base):
    """A sealed piece (at most 64 kB of clear bytes) of an upload, in the store under ``store_key``."""

    __tablename__ = "upload_pieces"
    __table_args__ = (UniqueConstraint("upload_id", "start"),)

    id: Mapped[Id]
    upload_id: Mapped[UUID] = mapped_column(ForeignKey("uploads.id"))
    start: Mapped[int]
    size: Mapped[int]
    store_key: Mapped[str]


class PictureJob(Base):
    """A completed upload that waits to be decoded and re-encoded. Leased like the outbox."""

    __tablename__ = "picture_jobs"
    __table_args__ = (Index("ix_picture_jobs_due", "done_at", "not_before"),)

    id: Mapped[Id]
    upload_id: Mapped[UUID] = mapped_column(ForeignKey("uploads.id"), unique=True)
    priority: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    lease: Mapped[UUID | None]
    tries: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]

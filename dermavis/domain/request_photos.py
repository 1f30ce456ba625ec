"""The pictures of a request, each in its view, and what the phone found wanting in one that was kept."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from dermavis.domain.fields import Digest, Ident, Line, Part


class PhotoFinding(Part):
    """Why the phone found a picture wanting: codes of ``photo_quality``, and what was measured."""

    reason: Ident = ""
    measure: Ident = ""
    value: Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)] = 0


class PhotoQuality(Part):
    """A picture that was kept although the phone would have it taken again, after so many tries of the view."""

    findings: Annotated[list[PhotoFinding], Field(max_length=20)] = Field(default_factory=list)
    retries: Annotated[int, Field(ge=0, le=1000)] = 0


class PhotoContent(Part):
    """One view of one lesion (or of the whole request): a picture by its hash, or why there is none.

    ``quality``: what the phone measured on a picture that is not beyond doubt; nothing on any other.
    """

    id: UUID
    lesion: UUID | None = None
    view: Ident = ""
    skipped: Line | None = None
    sha256: Digest | None = None
    quality: PhotoQuality | None = Field(default=None, exclude_if=lambda given: given is None)

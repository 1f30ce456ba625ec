"""The pictures of a request, each in its view, and what the phone found wanting in one that was kept."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from dermavis.domain.fields import Digest, Ident, Line, Part, wrong


class PhotoFinding(Part):
    """Why the phone found a picture wanting: codes of ``photo_quality``, and what was measured."""

    reason: Ident = ""
    measure: Ident = ""
    value: Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)] = 0


class PhotoQuality(Part):
    """A picture that was kept although the phone would have it taken again, after so many tries of the view."""

    findings: Annotated[list[PhotoFinding], Field(max_length=20)] = Field(default_factory=list)
    retries: Annotated[int, Field(ge=0, le=1000)] = 0


Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class PhotoMark(Part):
    """Where to look: an arrow from its tail to its tip, or a circle from its centre to a point of its rim.

    Places are shares of the upright picture's width and height: right whatever file is shown, however it is turned.
    """

    shape: Literal["arrow", "circle"]
    start: tuple[Share, Share]
    end: tuple[Share, Share]


def _one_of_each(marks: list[PhotoMark]) -> list[PhotoMark]:
    if len({mark.shape for mark in marks}) < len(marks):
        raise wrong("Une flèche et un cercle par photo.")
    return marks


class PhotoContent(Part):
    """One view of one lesion (or of the whole request): a picture by its hash, or why there is none.

    ``quality``: what the phone measured on a picture that is not beyond doubt; nothing on any other. ``marks``: beside
    the picture, never in it.
    """

    id: UUID
    lesion: UUID | None = None
    view: Ident = ""
    skipped: Line | None = None
    sha256: Digest | None = None
    quality: PhotoQuality | None = Field(default=None, exclude_if=lambda given: given is None)
    marks: Annotated[list[PhotoMark], AfterValidator(_one_of_each)] = Field(
        default_factory=list, exclude_if=lambda given: not given
    )

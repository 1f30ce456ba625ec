"""The pictures of a case as its page shows them: addresses, what each shows, what is to know of its quality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from dermavis.domain.card_reading import (
    BEYOND_ALL_MM,
    FARTHEST_MM,
    CardReading,
    neutral_offered,
    said_beside,
)
from dermavis.domain.homography import compose, in_front
from dermavis.domain.lesion_wording import lesion_labels
from dermavis.domain.phrases import small
from dermavis.domain.reference_card import HEIGHT_MM, WIDTH_MM
from dermavis.domain.specialty import Specialty, lesion_title
from dermavis.domain.specialty_wording import still_skipped
from dermavis.domain.takes import takes
from dermavis.domain.wording import ago_words
from dermavis.models import Case
from dermavis.services.card_prints import KnownPrint, known_prints
from dermavis.services.photo_verdicts import quality_words
from dermavis.services.photos import ShownPhoto, photos_of
from dermavis.services.work import Work

IN_ERROR = "saisie par erreur"
"""What every picture of a case entered in error bears."""


@dataclass(frozen=True)
class CasePhoto:
    """A picture that can be looked at, or where it stands while it cannot (then ``full`` is empty).

    ``label`` is its view in a word or two; ``note`` what is to know in words ("plein format en attente"), with a
    ``tone`` when it is a warning; ``turn`` (1 to 8) applies to the original alone. ``answers``: the message it answers.
    ``confirmed`` is false while its own side has not made it part of the sent request. ``group``: "Lésion 2", where the
    request has several lesions and this is a picture of one. ``card``: what the viewer measures by (``card_shown``).
    ``marks``: what was drawn beside it (``PhotoMark``). ``take``: "2e prise", where others show the same.
    """

    id: UUID
    view: str
    lesion: UUID | None
    label: str
    alt: str
    note: str
    tone: str
    when: str
    at: datetime
    thumb: str
    full: str
    original: str
    turn: int
    width: int
    height: int
    answers: UUID | None
    confirmed: bool
    refused: bool = False
    group: str = ""
    card: dict[str, Any] | None = None
    marks: tuple[dict[str, Any], ...] = ()
    take: str = ""


def photos_shown(
    work: Work, case: Case, specialty: Specialty, content: dict[str, Any]
) -> tuple[list[CasePhoto], list[CasePhoto]]:
    """Return the pictures that can be looked at, lesion by lesion and take by take, and the others in their order.

    The others are on their way, refused, or not part of the sent request yet. A refused file that a later picture of
    the same view replaced is nowhere any more.
    """
    titles = {
        lesion.get("id"): lesion_title(specialty, case.motive, lesion)
        for lesion in content.get("lesions") or []
    }
    labels = {view.id: (view.short_label, view.label) for view in specialty.views}
    groups = lesion_labels(content.get("lesions") or [])
    photos = photos_of(work, case)
    prints = known_prints(work, [photo.card.batch for photo in photos if photo.card])
    told = {photo.get("id"): photo for photo in content.get("photos") or []}
    rows = [
        _shown(
            work,
            case,
            row,
            labels,
            titles,
            groups,
            told.get(str(row.id), {}),
            prints,
        )
        for row in photos
    ]
    ranks = {lesion: rank for rank, lesion in enumerate(groups)}
    ready = [row for row in rows if row.full and row.confirmed]
    order = takes(
        [((row.view, row.lesion), row.at) for row in ready],
        case.sent_at,
        [ranks.get(str(row.lesion), -1) for row in ready],
    )
    shown = [replace(ready[take.place], take=take.words) for take in order]
    return shown, [row for row in rows if not (row.full and row.confirmed) and not _is_replaced(row, rows)]


def skipped_views(
    specialty: Specialty, content: dict[str, Any], shown: Sequence[CasePhoto] = ()
) -> list[tuple[str, str]]:
    """Return the views that were not taken, then or since, each with its reason in words."""
    labels = {view.id: view.short_label for view in specialty.views}
    reasons = {reason.id: reason.label for reason in specialty.skip_reasons}
    groups = lesion_labels(content.get("lesions") or [])
    return [
        (
            ", ".join(
                part
                for part in (
                    labels.get(photo["view"], photo["view"]),
                    small(groups.get(photo.get("lesion") or "", "")),
                )
                if part
            ),
            reasons.get(photo["skipped"], photo["skipped"]),
        )
        for photo in still_skipped(content, [(str(row.lesion or ""), row.view) for row in shown])
    ]


def _is_replaced(refused: CasePhoto, rows: Sequence[CasePhoto]) -> bool:
    return refused.refused and any(
        row.full and row.at >= refused.at and row.view == refused.view and row.lesion == refused.lesion
        for row in rows
    )


def _shown(
    work: Work,
    case: Case,
    row: ShownPhoto,
    labels: dict[str, tuple[str, str]],
    titles: dict[str | None, str],
    groups: dict[str, str],
    told: dict[str, Any],
    prints: dict[str, KnownPrint],
) -> CasePhoto:
    quality = quality_words(row.measures, (told.get("quality") or {}).get("retries") or 0)
    short, long = labels.get(row.view, ("Photo", "Photo"))
    place = f"/cases/{case.id}/photos/{row.id}"
    diagnostic, original = row.files.get("diagnostic"), row.files.get("original")
    title = titles.get(str(row.lesion_id) if row.lesion_id else None, "")
    return CasePhoto(
        id=row.id,
        view=row.view,
        lesion=row.lesion_id,
        label=short,
        alt=f"{long}\u00a0: {title}" if title else long,
        note=IN_ERROR if case.state == "entered_in_error" else _note(row, quality),
        tone="warn"
        if quality or row.flagged or row.state == "refused" or case.state == "entered_in_error"
        else "",
        when=ago_words(row.added_at, work.now, work.acting.time_zone) if _came_later(case, row) else "",
        at=row.added_at,
        thumb=f"{place}/thumb" if "thumb" in row.files else "",
        full=f"{place}/diagnostic" if diagnostic else "",
        original=f"{place}/original" if original else "",
        turn=original.orientation if original else 1,
        width=diagnostic.width if diagnostic else 0,
        height=diagnostic.height if diagnostic else 0,
        answers=row.answers,
        confirmed=row.confirmed,
        refused=row.state == "refused",
        group=groups.get(str(row.lesion_id), ""),
        marks=tuple(told.get("marks") or ()),
        card=card_shown(row.card, prints.get(row.card.batch, KnownPrint())) if row.card else None,
    )


def card_shown(reading: CardReading, print_: KnownPrint) -> dict[str, Any] | None:
    """Return what the viewer needs of a card, None where neither a length nor a neutral is to be had from it.

    ``map``: from shares of the upright picture to millimetres as this print was measured, ``size`` of the print;
    ``said`` of a length beside it, and ``reach``: up to how many millimetres from the card that holds, and anything
    may be said; ``gains`` per channel where the neutral is offered.
    """
    said = said_beside(reading, verified=print_.verified)
    gains = list(reading.gains) if reading.gains and neutral_offered(reading) else None
    if not said and gains is None:
        return None
    larger = (print_.factor, 0.0, 0.0, 0.0, print_.factor, 0.0, 0.0, 0.0, 1.0)
    return {
        "map": in_front(compose(larger, reading.to_mm), (WIDTH_MM / 2, HEIGHT_MM / 2)),
        "size": [WIDTH_MM * print_.factor, HEIGHT_MM * print_.factor],
        "said": said,
        "reach": [FARTHEST_MM, BEYOND_ALL_MM],
        "gains": gains,
    }


def _note(row: ShownPhoto, quality: str) -> str:
    if row.state == "refused":
        return row.refusal or "refusée"
    if "diagnostic" not in row.files:
        return "en préparation" if row.state == "received" else "en route"
    notes = [] if row.confirmed else ["pas encore transmise"]
    notes += [words for words in (row.flagged, quality) if words]
    if row.original_awaited:
        notes.append("plein format en attente")
    return ", ".join(notes)


def _came_later(case: Case, row: ShownPhoto) -> bool:
    return case.sent_at is not None and row.added_at > case.sent_at

"""Prints of the reference card: each has a code of its own, is verified with a bank card, and withdrawn in the end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from dermavis.domain.calendars import local_day
from dermavis.domain.errors import Conflict, NotFound
from dermavis.domain.permissions import Permission
from dermavis.domain.reference_card import CODE_MM, LAYOUT, PrintCheck, batch_codes
from dermavis.domain.wording import date_words
from dermavis.models import Organization, Person, PrintBatch
from dermavis.services.access import require
from dermavis.services.names import full_name
from dermavis.services.work import Work

_TRIES = 5


@dataclass(frozen=True)
class ShownPrint:
    """A print as its page shows it. ``check`` is None until it was verified."""

    id: UUID
    code: str
    printed_by: str
    printed_at: datetime
    check: PrintCheck | None
    withdrawn_at: datetime | None

    @property
    def waits(self) -> bool:
        """Whether it is still to be verified."""
        return self.check is None and self.withdrawn_at is None


@dataclass(frozen=True)
class KnownPrint:
    """What a batch says of a scale: how much larger it is than drawn, and whether that was measured and still holds."""

    factor: float = 1.0
    verified: bool = False


def prints_of_place(work: Work) -> list[ShownPrint]:
    """Return the prints of the actor's organisation, the newest first. Raises Forbidden."""
    require(work, Permission.CARDS_PRINT)
    rows = work.session.execute(
        select(PrintBatch, Person)
        .join(Person, Person.id == PrintBatch.printed_by)
        .where(PrintBatch.organization_id == work.acting.organization_id)
        .order_by(PrintBatch.printed_at.desc(), PrintBatch.id)
    )
    return [
        ShownPrint(row.id, row.code, full_name(person), row.printed_at, _check(row), row.withdrawn_at)
        for row, person in rows
    ]


def begin_print(work: Work) -> UUID:
    """Take a code for a sheet and return its print; one that waits to be verified is taken again. Raises Forbidden.

    Codes are few (1332): a sheet that was never verified keeps nobody else from its code but its own place.
    Raises Conflict when none is left.
    """
    require(work, Permission.CARDS_PRINT)
    waiting = work.session.scalar(
        select(PrintBatch)
        .where(
            PrintBatch.organization_id == work.acting.organization_id,
            PrintBatch.verified_at.is_(None),
            PrintBatch.withdrawn_at.is_(None),
        )
        .order_by(PrintBatch.printed_at)
    )
    if waiting is not None:
        return waiting.id
    row = _with_new_code(work)
    work.audit("card.print", subject_kind="print_batch", subject_id=row.id, code=row.code)
    return row.id


def verify_print(work: Work, print_id: UUID, check: PrintCheck) -> None:
    """Keep what was measured on a print. Raises NotFound, Forbidden, or Conflict for one that was verified before."""
    row = _own(work, print_id)
    if row.verified_at is not None or row.withdrawn_at is not None:
        raise Conflict(
            "print_verified", "Cette planche est déjà vérifiée ou retirée\u00a0: imprimez-en une autre."
        )
    row.measured_width_hundredths = round(check.across_mm * 100)
    row.measured_height_hundredths = round(check.down_mm * 100)
    row.verified_by, row.verified_at = work.acting.person_id, work.now
    work.audit(
        "card.verify",
        subject_kind="print_batch",
        subject_id=row.id,
        code=row.code,
        width_hundredths=row.measured_width_hundredths,
        height_hundredths=row.measured_height_hundredths,
    )


def withdraw_print(work: Work, print_id: UUID) -> None:
    """Say that a print serves no more; doing it twice changes nothing. Raises NotFound, Forbidden."""
    row = _own(work, print_id)
    if row.withdrawn_at is None:
        row.withdrawn_by, row.withdrawn_at = work.acting.person_id, work.now
        work.audit("card.withdraw", subject_kind="print_batch", subject_id=row.id, code=row.code)


def sheet(work: Work, print_id: UUID) -> tuple[str, bytes]:
    """Return a file name and the PDF of a print's sheet. Raises NotFound (withdrawn too), Forbidden."""
    row = _own(work, print_id)
    if row.withdrawn_at is not None:
        raise NotFound("Cette planche est retirée\u00a0: imprimez-en une autre.")
    place = work.session.get_one(Organization, row.organization_id)
    day = date_words(local_day(row.printed_at, work.acting.time_zone))
    return f"carte-repere-{row.code}.pdf", work.system.cards.sheet(row.code, f"{place.name}, {day}")


def known_prints(work: Work, codes: Iterable[str]) -> dict[str, KnownPrint]:
    """Return what is known of these codes; of a print that nobody verified, or that is withdrawn, little is sure."""
    known = {}
    for row in work.session.scalars(select(PrintBatch).where(PrintBatch.code.in_(set(codes)))):
        check = _check(row)
        known[row.code] = KnownPrint(
            check.factor if check else 1.0, verified=check is not None and row.withdrawn_at is None
        )
    return known


def _own(work: Work, print_id: UUID) -> PrintBatch:
    require(work, Permission.CARDS_PRINT)
    row = work.session.get(PrintBatch, print_id, with_for_update=True)
    if row is None or row.organization_id != work.acting.organization_id:
        raise NotFound
    return row


def _with_new_code(work: Work) -> PrintBatch:
    """Add a print under the first code that is free; another place may take it in the same moment (PostgreSQL)."""
    for _ in range(_TRIES):
        taken = set(work.session.scalars(select(PrintBatch.code)))
        code = next((code for code in batch_codes() if code not in taken), None)
        if code is None:
            break
        row = PrintBatch(
            organization_id=work.acting.organization_id,
            code=code,
            layout=LAYOUT,
            code_size=CODE_MM,
            printed_by=work.acting.person_id,
            printed_at=work.now,
        )
        try:
            with work.session.begin_nested():
                work.session.add(row)
        except IntegrityError:
            continue
        return row
    raise Conflict(
        "no_code_left", "Tous les codes de planche sont pris\u00a0: prévenez votre administrateur."
    )


def _check(row: PrintBatch) -> PrintCheck | None:
    if row.measured_width_hundredths is None or row.measured_height_hundredths is None:
        return None
    return PrintCheck(row.measured_width_hundredths / 100, row.measured_height_hundredths / 100)

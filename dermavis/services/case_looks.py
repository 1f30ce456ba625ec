"""What has become of a request since the actor last had it before them, and which rows of a list they have not seen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import bindparam, func, select
from sqlalchemy import case as case_when
from sqlalchemy.dialects import postgresql, sqlite

from dermavis.domain.request_differences import PartDifference
from dermavis.domain.wording import at_words
from dermavis.models import Case, CaseLook, CaseRevision, Photo
from dermavis.models.queries.quick import Question, numbered, rounded, several
from dermavis.services.access import find_case
from dermavis.services.case_photos import CasePhoto
from dermavis.services.request_versions import (
    RequestVersion,
    parts_between,
    reason_words,
    versions_of_request,
)
from dermavis.services.work import Work


@dataclass(frozen=True)
class News:
    """What changed in a request since a revision.

    ``fresh``: the actor has not had it before them yet. ``made`` are the revisions since ``since``, the latest last;
    ``photos`` the pictures that came, those that answer a question included; ``when`` the latest in words.
    """

    fresh: bool
    since: int
    made: list[RequestVersion]
    when: str
    parts: list[PartDifference]
    photos: list[CasePhoto]


def news_of(work: Work, case_id: UUID, photos: Sequence[CasePhoto], since: int = 0) -> News | None:
    """Return what changed since the actor last looked, or since revision ``since`` where they name one.

    ``photos`` are those shown to them. Where nothing is new it is the last completion, told as known; None for a
    request that was never completed.
    """
    case = find_case(work, case_id)
    made = versions_of_request(work, case)
    if not made:
        return None
    last, look = made[-1].number, _look(work, case)
    seen = since or (look.revision if look else last)
    came = _came_since(work, case, look) & {str(photo.id) for photo in photos}
    base = seen if seen < last else last if came else last - 1
    if base < 1:
        return None
    parts = parts_between(work, case, base, last)
    told = {row.photo for row in parts if row.taken and row.after} | came
    shown = [photo for photo in photos if str(photo.id) in told]
    new = [row for row in made if row.number > base]
    return News(
        fresh=seen < last or bool(came),
        since=base,
        made=new,
        when=at_words(
            max([*(row.at for row in new), *(row.at for row in shown)]), work.now, work.acting.time_zone
        ),
        parts=parts,
        photos=shown,
    )


def note_look(work: Work, case_id: UUID, revision: int) -> None:
    """Note that the actor has a revision of the case before them now; an earlier one takes nothing back."""
    insert: Any = sqlite.insert if work.system.on_sqlite else postgresql.insert
    row = {
        "id": uuid4(),
        "person_id": work.acting.person_id,
        "case_id": case_id,
        "revision": revision,
        "looked_at": work.now,
    }
    later = case_when((CaseLook.revision < revision, revision), else_=CaseLook.revision)
    work.session.execute(
        insert(CaseLook)
        .values(**row)
        .on_conflict_do_update(
            index_elements=[CaseLook.person_id, CaseLook.case_id],
            set_={"revision": later, "looked_at": work.now},
        )
    )


def unseen_completions(work: Work, case_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the cases changed since they reached the experts, of which the actor has not seen the last revision.

    Each with what its last revision is, in words.
    """
    if not case_ids:
        return {}
    size = rounded(len(case_ids))
    found = _unseen_completions(size).all(
        work.session, person_id=work.acting.person_id, **numbered("case", case_ids, size)
    )
    return {row.case_id: reason_words(row.reason) for row in found}


_cases, _revisions, _looks = (table.__table__.c for table in (Case, CaseRevision, CaseLook))


@lru_cache(maxsize=16)
def _unseen_completions(count: int) -> Question:
    return Question(
        select(_revisions.case_id, _revisions.reason)
        .join_from(CaseRevision.__table__, Case.__table__, _cases.id == _revisions.case_id)
        .outerjoin(
            CaseLook.__table__,
            (_looks.case_id == _revisions.case_id) & (_looks.person_id == bindparam("person_id")),
        )
        .where(
            _revisions.case_id.in_(several("case", count)),
            _revisions.made_at > _cases.submitted_at,
            _revisions.number > func.coalesce(_looks.revision, 1),
        )
        .order_by(_revisions.number)
    )


def _look(work: Work, case: Case) -> CaseLook | None:
    return work.session.scalar(
        select(CaseLook).where(CaseLook.case_id == case.id, CaseLook.person_id == work.acting.person_id)
    )


def _came_since(work: Work, case: Case, look: CaseLook | None) -> set[str]:
    """The pictures that can be looked at since then; whoever has not looked yet finds all of them new."""
    if look is None:
        return set()
    found = select(Photo.id).where(
        Photo.case_id == case.id, Photo.state == "ready", Photo.verified_at > look.looked_at
    )
    return {str(photo_id) for photo_id in work.session.scalars(found)}

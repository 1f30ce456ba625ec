"""Two people completed a request at once: what the other wrote, and a text in which nothing of either is lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from dermavis.domain.permissions import Permission
from dermavis.domain.request_differences import PartDifference, joined
from dermavis.domain.requests import read_request
from dermavis.services.access import find_case
from dermavis.services.changing import COMPLETABLE
from dermavis.services.drafts import as_json, local_today
from dermavis.services.request_versions import differences_in_words
from dermavis.services.revisions import last_revision, open_content, revision_numbered
from dermavis.services.work import Work


@dataclass(frozen=True)
class Crossed:
    """``content``: the last revision with what the actor changed in it. ``theirs``: what the others changed.

    ``both`` are the parts that both changed, from the other's words to the actor's; there the actor's stand.
    """

    content: dict[str, Any]
    theirs: list[PartDifference]
    both: list[PartDifference]


def crossed(work: Work, case_id: UUID, changes: dict[str, Any], from_revision: int) -> Crossed:
    """Join what the actor typed on ``from_revision`` with what was written since.

    Where that is no revision, all that was typed stands. Raises NotFound, InvalidInput.
    """
    case = find_case(work, case_id, Permission.CASE_COMPLETE)
    now = open_content(work, case, last_revision(work, case))
    row = revision_numbered(work, case, from_revision)
    base = open_content(work, case, row) if row else now
    typed = base | {name: changes[name] for name in COMPLETABLE & changes.keys()}
    mine = as_json(read_request(typed, local_today(work, work.acting.time_zone)))
    theirs = differences_in_words(work, case, base, now)
    content = joined(base, mine, now)
    written = {row.path for row in theirs}
    both = [row for row in differences_in_words(work, case, now, content) if row.path in written]
    return Crossed(content, theirs, both)

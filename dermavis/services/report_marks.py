"""What a report says of itself: which version it replaces, and what became known since it was signed.

A mark that came later makes another file: the PDF that was kept before it is never written over.
"""

from __future__ import annotations

from sqlalchemy import select

from dermavis.domain.amendments import AMENDMENTS
from dermavis.domain.case_states import State
from dermavis.domain.opinions import OpinionContent
from dermavis.domain.report import Report
from dermavis.models import Case, CaseRevision, Opinion
from dermavis.services.error_mark import marked_at
from dermavis.services.identity_corrections import corrected_since
from dermavis.services.opinion_versions import replaced_by, replaced_of
from dermavis.services.work import Work

NAME_ENDS = {
    "_replaced": "-remplace",
    "_in_error": "-saisi-par-erreur",
    "_identity": "-identite-corrigee",
}
"""What the name of a marked file ends on, by the mark in its kind."""


def kind_of(work: Work, case: Case, opinion: Opinion) -> str:
    """Return under which kind the version's PDF is kept: a mark that came later makes another file."""
    marks = []
    if case.state == State.ENTERED_IN_ERROR:
        marks.append("in_error")
    elif replaced_by(work, opinion):
        marks.append("replaced")
    later = corrected_since(work, case, revision_of(work, case, opinion).made_at)
    if later is not None:
        marks.append(f"identity_{later.version}")
    return "_".join(["report_pdf", *marks])


def name_end(kind: str) -> str:
    """Return what a file of this kind is called by, before its ending; empty without any mark."""
    return "".join(words for mark, words in NAME_ENDS.items() if mark in kind)


def revision_of(work: Work, case: Case, opinion: Opinion) -> CaseRevision:
    """The request as its signer saw it."""
    return work.session.scalars(
        select(CaseRevision).where(
            CaseRevision.case_id == case.id, CaseRevision.number == opinion.case_revision
        )
    ).one()


def with_marks(work: Work, case: Case, opinion: Opinion, content: OpinionContent, report: Report) -> Report:
    """Return the report with what it says of itself."""
    return _with_later_marks(work, case, opinion, _with_versions(work, opinion, content, report))


def _with_versions(work: Work, opinion: Opinion, content: OpinionContent, report: Report) -> Report:
    """Say which version this one replaces and why, and which one has replaced it."""
    before, later = replaced_of(work, opinion), replaced_by(work, opinion)
    if before is not None and before.signed_at is not None:
        report["replaces_version"] = before.version
        report["replaces_signed_at"] = before.signed_at.isoformat()
        report["amends"] = AMENDMENTS.get(content.amends, "")
        report["amends_why"] = content.amends_why
    if later is not None and later.signed_at is not None:
        report["replaced_by"] = later.version
        report["replaced_at"] = later.signed_at.isoformat()
    return report


def _with_later_marks(work: Work, case: Case, opinion: Opinion, report: Report) -> Report:
    """Say what became known since: that the case was entered in error, that the identity was corrected."""
    at = marked_at(work, case)
    if at is not None:
        report["entered_in_error_at"] = at.isoformat()
    later = corrected_since(work, case, revision_of(work, case, opinion).made_at)
    if later is not None:
        report["identity_corrected_at"] = later.changed_at.isoformat()
    return report

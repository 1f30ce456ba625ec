"""What the clock of the phone said that sent a request."""

from __future__ import annotations

from uuid import UUID

from dermavis.domain.phone_clocks import clock_words
from dermavis.services.access import find_case
from dermavis.services.request_versions import content_of
from dermavis.services.revisions import last_revision
from dermavis.services.work import Work


def phone_clock(work: Work, case_id: UUID) -> str:
    """Tell how far the phone's clock was off when it last spoke of this request: "avance de 2 jours", or ``""``.

    Raises NotFound.
    """
    case = find_case(work, case_id)
    content = content_of(work, case, last_revision(work, case).number)
    return clock_words(content.get("device", {}).get("ahead_s"))

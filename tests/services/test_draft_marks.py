"""The mark of a phone's last change: kept with what that phone wrote, gone from what anybody else writes."""

from __future__ import annotations

from uuid import uuid4

from dermavis.domain.roles import Role
from dermavis.models import Case
from dermavis.services import drafts
from dermavis.services.drafts import open_draft, write_draft
from dermavis.services.work import System, writing
from tests import cases
from tests.factories import World


def test_a_draft_that_the_service_writes_itself_bears_no_phones_mark(system: System, world: World) -> None:
    case_id = uuid4()
    content = cases.content(device={"time": "2026-03-12T10:00:00+00:00", "offset_minutes": 60, "mark": 1773})
    with writing(system, world.actor(Role.REQUESTER)) as work:
        drafts.save(work, case_id, content, 0)
        case = work.session.get_one(Case, case_id)
        written = open_draft(work, case)
        assert written["device"]["mark"] == 1773
        write_draft(work, case, written | {"question": "Autre ?"})
        again = open_draft(work, case)
    assert again["question"] == "Autre ?"
    assert again["device"].get("mark") is None
    assert again["device"]["offset_minutes"] == 60

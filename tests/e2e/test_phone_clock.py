"""A request made without network on a phone whose clock is wrong: the server's clock decides, the person is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from dermavis.models import Case, CaseRevision, Consent, Photo
from dermavis.services.work import reading
from tests import cases
from tests.e2e.arrivals import assert_arrived_once
from tests.e2e.guided_request import GuidedRequest

if TYPE_CHECKING:
    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.e2e

NEAR = timedelta(minutes=2)


@pytest.mark.parametrize(
    ("off", "words"),
    [
        (timedelta(days=2), "avance de 2\u00a0jours"),
        pytest.param(timedelta(days=-3652), "retarde de 10\u00a0ans", marks=pytest.mark.long),
    ],
)
def test_a_wrong_clock_changes_neither_deadline_nor_order_nor_consent_and_is_told(
    request_on_phone: GuidedRequest, live_server: LiveServer, off: timedelta, words: str
) -> None:
    request, page = request_on_phone, request_on_phone.page
    page.clock.install(time=datetime.now(UTC) + off)
    request.begin()
    page.wait_for_load_state("networkidle")
    page.route("**/api/v1/**", lambda route: route.abort())
    request.name_patient()
    request.describe_lesion()
    request.photograph_everything()
    request.answer_history()
    request.ask()
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("heading", name="Prête à partir")).to_be_visible()
    before = cases.sent(live_server.world)
    page.unroute("**/api/v1/**")
    request.receipt()
    expect(page.locator("#main")).to_contain_text(f"L’horloge de ce téléphone {words}")
    assert_arrived_once(live_server, request.case_id)
    after = cases.sent(live_server.world)

    now = datetime.now(UTC)
    with reading(live_server.system) as work:
        first, mine, last = (
            work.session.get_one(Case, UUID(str(one))) for one in (before, request.case_id, after)
        )
        assert mine.sent_at is not None
        assert abs(mine.sent_at - now) < NEAR
        assert first.sent_at < mine.sent_at < last.sent_at
        assert first.due_at <= mine.due_at <= last.due_at
        revision = work.session.scalars(select(CaseRevision).where(CaseRevision.case_id == mine.id)).one()
        assert abs(revision.made_at - now) < NEAR
        assert revision.device_time is not None
        assert abs(revision.device_time - off - now) < NEAR
        consent = work.session.scalars(select(Consent).where(Consent.case_id == mine.id)).one()
        assert abs(consent.recorded_at - now) < NEAR
        pictures = work.session.scalars(
            select(Photo.view).where(Photo.case_id == mine.id).order_by(Photo.position, Photo.created_at)
        ).all()
    assert list(pictures) == ["overview", "close_up"]

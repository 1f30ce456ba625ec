"""A picture that the expert asked for again is judged before it leaves: offered again twice, then accepted and told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from PIL import ImageFilter
from playwright.sync_api import expect
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import Case, Photo
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.work import reading
from tests import cases, material
from tests.e2e.looking import looked_at
from tests.seen import view_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.e2e

SHARP = material.jpeg(material.hairy())
BLURRED = material.jpeg(material.hairy().filter(ImageFilter.GaussianBlur(14)))


@pytest.fixture
def asked(gp: Callable[..., Page], live_server: LiveServer) -> tuple[Page, UUID]:
    """The page of a picture that the expert waits for."""
    case_id = cases.on_hold(live_server.world)
    page = gp()
    page.goto(f"/cases/{case_id}/photos/new")
    return page, case_id


def photograph(page: Page, content: bytes, name: str) -> None:
    """Give the first card a picture, and wait until it was judged."""
    before = (
        page.locator(".taken img").first.get_attribute("src") if page.locator(".taken img").count() else ""
    )
    page.locator("input[capture]").first.set_input_files(
        {"name": name, "mimeType": "image/jpeg", "buffer": content}
    )
    page.wait_for_function(
        "(before) => ![null, '', before].includes(document.querySelector('.taken img')?.src ?? null)",
        arg=before,
    )


def pictures(live_server: LiveServer, case_id: UUID) -> list[str]:
    """Return where each picture that came to the server stands."""
    with reading(live_server.system) as work:
        return list(work.session.scalars(select(Photo.state).where(Photo.case_id == case_id)))


def said(live_server: LiveServer, case_id: UUID) -> list[dict[str, Any]]:
    """Return what the request says of its pictures."""
    with reading(live_server.system) as work:
        case = work.session.get_one(Case, case_id)
        content = open_content(work, case, last_revision(work, case))
    return [photo for photo in content["photos"] if not photo["skipped"]]


def finish(page: Page) -> None:
    expect(page.locator("[data-told]").first).to_contain_text("Reçue, vérifiée", timeout=30_000)
    page.get_by_role("button", name="Terminer").click()
    page.wait_for_url("**done=photos", timeout=30_000)


def test_a_blurred_one_is_asked_twice_before_it_leaves_and_the_expert_reads_how_often(
    asked: tuple[Page, UUID], live_server: LiveServer, axe: Callable[..., None]
) -> None:
    page, case_id = asked
    keep = page.get_by_role("button", name="Garder quand même")
    for name in ("first.jpg", "second.jpg"):
        photograph(page, BLURRED, name)
        expect(keep).to_be_visible()
        expect(page.locator(".view-card .notice").first).to_contain_text("attendez la netteté")
        expect(page.locator("[data-told]").first).to_have_text("Pas encore envoyée")
        expect(page.get_by_role("button", name="Terminer")).to_be_disabled()
        assert pictures(live_server, case_id) == [], "nothing leaves before somebody has decided"
    looked_at(page, axe, "asked-again")
    photograph(page, BLURRED, "third.jpg")
    expect(keep).to_have_count(0)
    expect(page.locator(".view-card .notice").first).to_contain_text("l’expert verra cette mention")
    finish(page)
    (photo,) = said(live_server, case_id)
    assert photo["quality"]["retries"] == 2
    assert "focus" in {finding["reason"] for finding in photo["quality"]["findings"]}
    (shown,) = view_for(live_server.world, Role.EXPERT, case_id).photos
    assert shown.note.startswith("floue")
    assert "après 2\u00a0reprises" in shown.note


def test_it_may_be_kept_at_once_and_a_sharp_one_in_its_place_leaves_without_a_word(
    asked: tuple[Page, UUID], live_server: LiveServer
) -> None:
    page, case_id = asked
    photograph(page, BLURRED, "kept.jpg")
    page.get_by_role("button", name="Garder quand même").click()
    expect(page.locator("[data-told]").first).to_contain_text("Reçue, vérifiée", timeout=30_000)
    assert pictures(live_server, case_id) == ["ready"]
    photograph(page, SHARP, "sharp.jpg")
    expect(page.locator(".view-card .notice")).to_have_count(0)
    finish(page)
    (photo,) = said(live_server, case_id)
    assert "quality" not in photo
    assert sorted(pictures(live_server, case_id)) == ["ready", "withdrawn"]

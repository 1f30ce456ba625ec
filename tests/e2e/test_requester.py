"""The requester's day in a real browser: every screen, the list, opinions and their copies."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests import cases
from tests.answered_cases import critical, declined, deliveries
from tests.fixtures.browsers import assert_each_stands

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer

SHAPES = ("phone", "tablet")


def named(first: str, last: str, **more: Any) -> dict[str, Any]:
    return {**cases.content()["patient"], "first_name": first, "birth_name": last, **more}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_screen_is_accessible_stands_still_and_never_scrolls_sideways(
    gp: Callable[..., Page],
    axe: Callable[[Page], None],
    axe_again: Callable[[Page], None],
    live_server: LiveServer,
    shape: str,
) -> None:
    world = live_server.world
    check = axe if shape == "phone" else axe_again
    sent, held, answered = cases.sent(world), cases.on_hold(world), cases.answered(world)
    urgent, refused = critical(live_server.world), declined(live_server.world)
    paths = [
        "/requests",
        "/requests/search",
        *(f"/cases/{case_id}" for case_id in (sent, held, answered, urgent, refused)),
        f"/cases/{sent}/completion",
        f"/cases/{sent}/cancellation",
        f"/cases/{held}/photos/new",
        f"/cases/{refused}/redirection",
    ]
    page = gp(shape)
    assert_each_stands(page, paths, check)


def test_the_list_is_searched_without_an_address_that_tells_and_back_brings_the_search_again(
    gp: Callable[..., Page], live_server: LiveServer
) -> None:
    case_id = cases.sent(live_server.world, patient=named("Élodie", "LEBŒUF"))
    cases.sent(live_server.world)
    page = gp()
    page.goto("/requests")
    page.get_by_role("button", name="Chercher une demande").click()
    page.fill("#q", "leboeuf")
    page.wait_for_selector(f"#found #request-{case_id}")
    assert page.locator("#found .case-row").count() == 1
    assert page.locator("#requests").is_hidden()
    assert "leboeuf" not in page.url
    page.click(f"#found #request-{case_id} a")
    page.wait_for_url(f"**/cases/{case_id}")
    page.go_back()
    page.wait_for_selector(f"#found #request-{case_id}")
    assert page.input_value("#q") == "leboeuf"
    page.go_forward()
    page.wait_for_url(f"**/cases/{case_id}")
    assert page.locator("h1").count() == 1
    page.reload()
    assert page.locator(".patient-band").inner_text().startswith("Mme Élodie LEBŒUF")
    page.go_back()
    page.locator("#q").press("Escape")
    expect(page.locator("#requests")).to_be_visible()


def test_the_list_renews_itself_without_losing_the_place(
    gp: Callable[..., Page], live_server: LiveServer
) -> None:
    for number in range(12):
        cases.sent(live_server.world, patient=named("Paul", f"Martin{'abcdefghijkl'[number]}"))
    page = gp()
    page.goto("/requests")
    page.locator("#requests .case-row a").nth(8).focus()
    page.evaluate("scrollTo(0, 300)")
    focused = page.evaluate("document.activeElement.href")
    new = cases.sent(live_server.world, patient=named("Nouvelle", "Venue"))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_selector(f"#request-{new}", state="attached")
    assert page.evaluate("document.activeElement.href") == focused
    assert abs(page.evaluate("scrollY") - 300) < 5


def test_an_opinion_is_read_outcome_first_and_copied_within_the_tap(
    gp: Callable[..., Page], live_server: LiveServer
) -> None:
    answer = cases.opinion(follow_up_weeks=6, safety_net="elle saigne\nelle fonce")
    case_id = cases.answered(live_server.world, answer=answer)
    page = gp(permissions=["clipboard-read", "clipboard-write"])
    page.goto("/requests")
    row = page.locator(f"#request-{case_id}")
    expect(row).to_contain_text("Avis rendu, à lire", use_inner_text=True)
    row.locator("a").click()
    expect(page.locator("h1")).to_have_text("Suivi par vous", use_inner_text=True)
    box = page.locator("h1").bounding_box()
    diagnosis = page.locator(".diagnosis").bounding_box()
    assert box is not None
    assert diagnosis is not None
    assert box["y"] < diagnosis["y"] < 844
    page.context.set_offline(True)  # nothing may be fetched between the tap and the copy
    page.get_by_role("button", name="Copier l’avis").click()
    expect(page.locator("#live")).to_have_text("Copié")
    page.context.set_offline(False)
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("AVIS DE TÉLÉEXPERTISE")
    assert "Kératose séborrhéique irritée" in copied
    assert "<" not in copied
    page.goto("/requests")
    assert page.locator(f"#request-{case_id}.unread").count() == 0


def test_the_report_opens_in_a_page_with_a_way_back_and_is_downloaded_under_its_name(
    gp: Callable[..., Page], live_server: LiveServer, tmp_path: Path
) -> None:
    case_id = cases.answered(live_server.world)
    page = gp()
    page.goto(f"/cases/{case_id}")
    page.get_by_role("link", name="PDF").click()
    page.wait_for_url(f"**/cases/{case_id}/report")
    if page.evaluate("navigator.pdfViewerEnabled"):
        frame = page.locator(".report-frame iframe")
        assert frame.get_attribute("src") == f"/cases/{case_id}/report.pdf?version=1"
        page.get_by_text("Le compte rendu en texte").click()
    expect(page.locator("#report-text")).to_contain_text("AVIS DE TÉLÉEXPERTISE", use_inner_text=True)
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger").click()
    assert re.fullmatch(r"avis-D-\d+-\d{4}-\d\d-\d\d\.pdf", download.value.suggested_filename)
    download.value.save_as(tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")
    page.get_by_role("link", name="Retour").last.click()
    page.wait_for_url(f"**/cases/{case_id}")
    expect(page.locator("h1")).to_have_text("Suivi par vous", use_inner_text=True)


def test_a_critical_opinion_stays_red_until_the_button_is_pressed(
    gp: Callable[..., Page], live_server: LiveServer
) -> None:
    case_id = critical(live_server.world)
    page = gp()
    for _ in range(2):
        page.goto(f"/cases/{case_id}")
        expect(page.locator(".critical-bar")).to_have_text("Avis urgent, à confirmer", use_inner_text=True)
    button = page.get_by_role("button", name="J’ai pris connaissance")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 48
    assert box["y"] + box["height"] <= 844
    button.click()
    page.wait_for_url("**done=acknowledged")
    assert page.locator(".critical-bar").count() == 0
    expect(page.get_by_role("status").first).to_contain_text(
        "votre lecture est confirmée", use_inner_text=True
    )
    assert deliveries(live_server.system, case_id) == ["acknowledged"]

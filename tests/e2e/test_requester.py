"""The requester's day in a real browser: the list, opinions, copies, answers with a picture, what comes next."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import CaseRevision, Photo
from dermavis.services.work import reading
from tests import cases
from tests.answered_cases import critical, declined, deliveries, state_of
from tests.fixtures.browsers import assert_fits
from tests.material import grainy, jpeg
from tests.receivers import wait_until
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.browsers import OpenPage
    from tests.fixtures.servers import LiveServer

SHAPES = ("phone", "tablet")
SHIFT = """
  window.shifted = 0;
  const add = (one) => (window.shifted += one.hadRecentInput ? 0 : one.value);
  new PerformanceObserver((list) => list.getEntries().forEach(add)).observe({ type: "layout-shift", buffered: true });
"""


def named(first: str, last: str, **more: Any) -> dict[str, Any]:
    return {**cases.content()["patient"], "first_name": first, "birth_name": last, **more}


@pytest.fixture
def gp(open_page: OpenPage, live_server: LiveServer) -> Callable[..., Page]:
    """Return a function that opens a page with the requester signed in."""

    def open_one(shape: str = "phone", **options: Any) -> Page:
        page = open_page(shape, **options)
        page.add_init_script(SHIFT)
        sign_in_page(page, live_server.system, live_server.world.who(Role.REQUESTER))
        return page

    return open_one


@pytest.mark.parametrize("shape", SHAPES)
def test_every_screen_is_accessible_stands_still_and_never_scrolls_sideways(
    gp: Callable[..., Page], axe: Callable[[Page], None], live_server: LiveServer, shape: str
) -> None:
    world = live_server.world
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
    for path in paths:
        page.goto(path, wait_until="load")
        page.wait_for_timeout(250)
        axe(page)
        assert page.evaluate("window.shifted") == 0, path
        assert_fits(page)


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


def test_a_precision_is_answered_with_a_picture_and_the_clock_goes_on(
    gp: Callable[..., Page], axe: Callable[[Page], None], live_server: LiveServer
) -> None:
    case_id = cases.on_hold(live_server.world)
    page = gp()
    page.goto(f"/cases/{case_id}")
    page.get_by_label("Votre réponse").fill("Elle gratte depuis hier.")
    page.get_by_role("link", name="Prendre la photo").click()
    camera = page.get_by_label("Prendre la photo, Vue d’ensemble, à prendre")
    camera.set_input_files(
        {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": jpeg(grainy(2400, 1800))}
    )
    expect(page.locator("[data-told]").first).to_have_text("Reçue, vérifiée", timeout=30_000)
    expect(page.locator(".taken img")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Terminer").click()
    page.wait_for_url("**done=photos", timeout=30_000)
    assert state_of(live_server.system, case_id) == "claimed"
    expect(page.locator("#text")).to_have_value("Elle gratte depuis hier.")
    assert page.locator(".photo-strip img").count() >= 1
    with reading(live_server.system) as work:
        photo = work.session.scalars(select(Photo).where(Photo.case_id == case_id)).one()
        assert (photo.state, photo.view) == ("ready", "overview")
        assert photo.answers_request is not None
        numbers = work.session.scalars(
            select(CaseRevision.number).where(CaseRevision.case_id == case_id)
        ).all()
    assert sorted(numbers) == [1, 2]


def test_a_bad_file_is_told_on_its_view_and_another_may_be_taken(
    gp: Callable[..., Page], live_server: LiveServer
) -> None:
    case_id = cases.on_hold(live_server.world)
    page = gp()
    page.goto(f"/cases/{case_id}/photos/new")
    bad = {"name": "IMG_2.jpg", "mimeType": "image/jpeg", "buffer": b"this is no picture" * 40}
    page.locator("input[capture]").first.set_input_files(bad)
    page.wait_for_selector("[data-told].late", timeout=30_000)
    assert page.locator("[data-told]").first.inner_text().strip()
    assert page.get_by_role("button", name="Terminer").is_disabled()
    good = {"name": "IMG_3.jpg", "mimeType": "image/jpeg", "buffer": jpeg(grainy(1600, 1200))}
    page.locator("input[capture]").first.set_input_files(good)
    page.wait_for_selector("#done:not([disabled])", timeout=30_000)


def test_a_picture_taken_again_replaces_the_first_and_one_left_behind_is_found_again(
    gp: Callable[..., Page], axe: Callable[[Page], None], live_server: LiveServer
) -> None:
    case_id = cases.claimed(live_server.world)
    page = gp()
    page.goto(f"/cases/{case_id}/photos/new")
    card = page.locator("#other-card")
    for name, seed in (("IMG_4.jpg", 1), ("IMG_5.jpg", 2)):
        file = {"name": name, "mimeType": "image/jpeg", "buffer": jpeg(grainy(1600 + seed, 1200))}
        card.locator("input[capture]").set_input_files(file)
        expect(card.locator("[data-told]")).to_have_text("Reçue, vérifiée", timeout=30_000)
    wait_until(lambda: standing(live_server, case_id) == ["ready", "withdrawn"], 10)

    page.goto(f"/cases/{case_id}")
    expect(page.locator(".photo-strip img")).to_have_count(0)
    expect(page.get_by_text("pas encore transmise").first).to_be_visible()
    page.goto(f"/cases/{case_id}/photos/new")
    expect(page.get_by_role("heading", name="Pas encore transmises")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Terminer").click()
    page.wait_for_url("**done=photos")
    expect(page.locator("#photos-title ~ .photo-strip img")).to_have_count(1)


def test_a_picture_left_behind_is_taken_back(gp: Callable[..., Page], live_server: LiveServer) -> None:
    case_id = cases.claimed(live_server.world)
    page = gp()
    page.goto(f"/cases/{case_id}/photos/new")
    file = {"name": "IMG_6.jpg", "mimeType": "image/jpeg", "buffer": jpeg(grainy(1600, 1200))}
    page.locator("#other-card input[capture]").set_input_files(file)
    expect(page.locator("#other-card [data-told]")).to_have_text("Reçue, vérifiée", timeout=30_000)
    page.goto(f"/cases/{case_id}/photos/new")
    page.get_by_role("button", name="Retirer").click()
    expect(page.locator("[data-kept]")).to_have_count(0)
    expect(page.get_by_role("button", name="Terminer")).to_be_disabled()
    assert standing(live_server, case_id) == ["withdrawn"]


def standing(live_server: LiveServer, case_id: UUID) -> list[str]:
    """Return where each picture of the case stands."""
    with reading(live_server.system) as work:
        return sorted(work.session.scalars(select(Photo.state).where(Photo.case_id == case_id)))


def test_a_request_is_completed_then_cancelled(gp: Callable[..., Page], live_server: LiveServer) -> None:
    case_id = cases.sent(live_server.world)
    page = gp()
    page.goto(f"/cases/{case_id}")
    page.locator(".dock").get_by_role("link", name="Compléter").click()
    page.fill("#question", "Et si elle saigne ?")
    page.get_by_role("button", name="Enregistrer").click()
    page.wait_for_url("**done=completed")
    expect(page.locator("main")).to_contain_text("Et si elle saigne ?", use_inner_text=True)
    page.get_by_role("link", name="Annuler la demande").click()
    page.get_by_role("button", name="Annuler la demande").click()
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_label("Guéri ou amélioré depuis").check()
    page.get_by_role("button", name="Annuler la demande").click()
    page.wait_for_url("**done=cancelled")
    assert state_of(live_server.system, case_id) == "cancelled"
    page.go_back()
    page.wait_for_url(f"**/cases/{case_id}/cancellation")
    assert page.locator("h1").count() == 1, (
        "a page of ours, where the browser would ask to send the form again"
    )


def test_a_declined_request_leaves_for_another_centre(
    gp: Callable[..., Page], live_server: LiveServer
) -> None:
    case_id = declined(live_server.world)
    page = gp()
    page.goto("/requests")
    page.click(f"#request-{case_id} a")
    page.get_by_role("link", name="Choisir un autre centre").click()
    assert page.get_by_label("CHU de Dijon").is_checked()
    page.get_by_role("button", name="Envoyer à ce centre").click()
    page.wait_for_url("**done=redirected")
    expect(page.locator("h1")).to_have_text("Envoyée au CHU de Dijon", use_inner_text=True)
    assert state_of(live_server.system, case_id) == "submitted"


def test_what_was_typed_survives_the_end_of_the_session(
    gp: Callable[..., Page], live_server: LiveServer
) -> None:
    case_id = cases.claimed(live_server.world)
    page = gp()
    page.goto(f"/cases/{case_id}")
    page.fill("#text", "Elle saigne depuis ce matin.")
    page.context.clear_cookies(name="dermavis")
    page.get_by_role("button", name="Envoyer le message").click()
    page.wait_for_url("**/sign-in**")
    assert page.get_by_role("heading", level=1).count() == 1
    assert str(case_id) in page.url
    sign_in_page(page, live_server.system, live_server.world.who(Role.REQUESTER))
    page.goto(f"/cases/{case_id}")
    expect(page.locator("#text")).to_have_value("Elle saigne depuis ce matin.")


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

"""What a requester adds and changes in a real browser: answers, pictures, completions, another centre."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from playwright.sync_api import expect
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import CaseRevision, Photo
from dermavis.services.work import reading
from tests import cases
from tests.answered_cases import declined, state_of
from tests.material import hairy, jpeg
from tests.receivers import wait_until
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer


def test_a_precision_is_answered_with_a_picture_and_the_clock_goes_on(
    gp: Callable[..., Page], axe: Callable[[Page], None], live_server: LiveServer
) -> None:
    case_id = cases.on_hold(live_server.world)
    page = gp()
    page.goto(f"/cases/{case_id}")
    page.get_by_label("Votre réponse").fill("Elle gratte depuis hier.")
    page.get_by_role("link", name="Prendre la photo").click()
    camera = page.get_by_label("Prendre la photo, Vue d’ensemble, à prendre")
    camera.set_input_files({"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": jpeg(hairy())})
    expect(page.locator("[data-told]").first).to_contain_text("Reçue, vérifiée", timeout=30_000)
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
    good = {"name": "IMG_3.jpg", "mimeType": "image/jpeg", "buffer": jpeg(hairy())}
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
        file = {"name": name, "mimeType": "image/jpeg", "buffer": jpeg(hairy(seed=seed))}
        card.locator("input[capture]").set_input_files(file)
        expect(card.locator("[data-told]")).to_contain_text("Reçue, vérifiée", timeout=30_000)
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
    file = {"name": "IMG_6.jpg", "mimeType": "image/jpeg", "buffer": jpeg(hairy())}
    page.locator("#other-card input[capture]").set_input_files(file)
    expect(page.locator("#other-card [data-told]")).to_contain_text("Reçue, vérifiée", timeout=30_000)
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

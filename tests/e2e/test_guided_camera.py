"""The guided camera: what it says of what it sees, the picture it gives, and every way in which there is none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import ImageFilter
from playwright.sync_api import expect

from dermavis.domain.roles import Role
from dermavis.services import conversation
from dermavis.services.work import writing
from tests.e2e.filming import filmed as filmed  # a fixture
from tests.e2e.guided_request import GuidedRequest
from tests.e2e.looking import looked_at
from tests.load.quality.degrading import Change, exposed, shining
from tests.material import real_skin
from tests.pictured_cases import claimed_with_pictures
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.e2e.filming import Filmed
    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.e2e

SIZE = (1280, 960)
SHARP = real_skin(SIZE)


@pytest.fixture
def at_photo(live_server: LiveServer, tmp_path: Path) -> Callable[[Page], Page]:
    """Return a function that goes to the first view of a new request."""

    def go(page: Page) -> Page:
        sign_in_page(page, live_server.system, live_server.world.who(Role.REQUESTER))
        request = GuidedRequest(page, tmp_path)
        request.begin_photos()
        return page

    return go


def open_camera(page: Page) -> None:
    page.get_by_role("button", name="Photographier").click()
    expect(page.locator("dialog.camera video[data-runs]")).to_be_visible()


def test_a_sharp_picture_is_said_to_be_and_becomes_the_view(
    filmed: Filmed, at_photo: Callable[[Page], Page], axe: Callable[..., None]
) -> None:
    page = at_photo(filmed([SHARP]))
    looked_at(page, axe, "photo-with-camera")
    open_camera(page)
    expect(page.get_by_text("Netteté")).to_be_visible()
    looked_at(page, axe, "camera-sharp")
    page.get_by_role("button", name="Prendre la photo").click()
    expect(page.locator("dialog.camera")).to_have_count(0)
    expect(page.get_by_role("img", name="Vue d’ensemble")).to_be_visible()


@pytest.mark.parametrize(
    ("change", "chip", "advice"),
    [
        (
            lambda image: image.filter(ImageFilter.GaussianBlur(8)),
            "Netteté",
            "Reculez un peu, attendez la netteté",
        ),
        (exposed(-6), "Lumière", "Plus de lumière, sans flash"),
        (shining(0.06), "Reflet", "Inclinez pour éviter le reflet"),
    ],
    ids=["blurred", "dark", "glare"],
)
def test_what_is_wrong_is_said_with_what_to_do_and_the_shutter_never_locks(
    filmed: Filmed,
    at_photo: Callable[[Page], Page],
    axe: Callable[..., None],
    change: Change,
    chip: str,
    advice: str,
) -> None:
    page = at_photo(filmed([change(SHARP)]))
    open_camera(page)
    expect(page.locator(".quality .warn", has_text=chip)).to_be_visible()
    expect(page.locator(".camera .told")).to_have_text(advice)
    looked_at(page, axe, f"camera-{chip}")
    expect(page.get_by_role("button", name="Prendre la photo")).to_be_enabled()


@pytest.mark.long
def test_the_automatic_shutter_takes_the_picture_when_all_is_good(
    filmed: Filmed, at_photo: Callable[[Page], Page]
) -> None:
    page = at_photo(filmed([SHARP]))
    open_camera(page)
    page.get_by_role("button", name="Auto").click()
    expect(page.locator("dialog.camera")).to_have_count(0, timeout=30_000)
    expect(page.get_by_role("img", name="Vue d’ensemble")).to_be_visible()


def test_escape_and_back_close_the_camera_and_let_it_go(
    filmed: Filmed, at_photo: Callable[[Page], Page]
) -> None:
    page = at_photo(filmed([SHARP]))
    open_camera(page)
    page.evaluate("() => { window.kept = document.querySelector('dialog.camera video').srcObject; }")
    page.keyboard.press("Escape")
    expect(page.locator("dialog.camera")).to_have_count(0)
    assert page.evaluate("() => window.kept.getTracks().every((track) => track.readyState === 'ended')")
    expect(page.get_by_role("button", name="Photographier")).to_be_focused()


@pytest.mark.long
def test_a_hidden_page_lets_the_camera_go_and_takes_it_again_on_return(
    filmed: Filmed, at_photo: Callable[[Page], Page]
) -> None:
    page = at_photo(filmed([SHARP]))
    open_camera(page)
    page.evaluate(
        """() => {
             window.kept = document.querySelector('dialog.camera video').srcObject;
             Object.defineProperty(document, 'hidden', { configurable: true, get: () => window.away });
             window.away = true;
             document.dispatchEvent(new Event('visibilitychange'));
           }"""
    )
    page.wait_for_function("() => window.kept.getTracks().every((track) => track.readyState === 'ended')")
    # An iPhone may come back without saying so.
    page.evaluate("() => { window.away = false; window.dispatchEvent(new Event('focus')); }")
    page.wait_for_function(
        """() => {
             const stream = document.querySelector('dialog.camera video').srcObject;
             return stream && stream !== window.kept && stream.getTracks()[0].readyState === 'live';
           }"""
    )


REFUSING = """
    const refuse = () => Promise.reject(new DOMException('', window.name || 'NotAllowedError'));
    const given = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (wish) => (window.name === 'given' ? given(wish) : refuse());
"""


@pytest.mark.parametrize(
    ("error", "heading"),
    [
        ("NotAllowedError", "Caméra non permise"),
        pytest.param("NotFoundError", "Pas de caméra ici", marks=pytest.mark.long),
        pytest.param("NotReadableError", "La caméra est prise", marks=pytest.mark.long),
    ],
)
def test_each_refusal_of_the_camera_has_its_sentence_and_its_way_on(
    filmed: Filmed, at_photo: Callable[[Page], Page], axe: Callable[..., None], error: str, heading: str
) -> None:
    page = filmed([SHARP])
    page.add_init_script(REFUSING)
    at_photo(page)
    page.evaluate("name => { window.name = name; }", error)
    page.get_by_role("button", name="Photographier").click()
    expect(page.get_by_text(heading)).to_be_visible()
    expect(page.get_by_role("button", name="Prendre la photo")).to_be_disabled()
    looked_at(page, axe, f"camera-{error}")
    page.evaluate("() => { window.name = 'given'; }")
    page.get_by_role("button", name="Réessayer").click()
    expect(page.locator("dialog.camera video[data-runs]")).to_be_visible()


@pytest.mark.long
def test_a_file_of_the_gallery_is_one_tap_away_from_the_camera(
    filmed: Filmed, at_photo: Callable[[Page], Page], tmp_path: Path
) -> None:
    page = at_photo(filmed([SHARP]))
    open_camera(page)
    chosen = tmp_path / "chosen.jpg"
    SHARP.save(chosen)
    page.get_by_label("Galerie, choisir Vue d’ensemble").set_input_files(chosen)
    expect(page.get_by_role("img", name="Vue d’ensemble")).to_be_visible()


@pytest.mark.long
def test_without_webassembly_the_camera_and_its_gates_work(
    filmed: Filmed, at_photo: Callable[[Page], Page]
) -> None:
    page = filmed([SHARP])
    page.add_init_script("delete globalThis.WebAssembly; delete globalThis.ImageCapture;")
    at_photo(page)
    open_camera(page)
    expect(page.get_by_text("Netteté")).to_be_visible()
    page.get_by_role("button", name="Prendre la photo").click()
    expect(page.get_by_role("img", name="Vue d’ensemble")).to_be_visible()


def test_the_link_of_a_request_for_another_picture_opens_the_camera_over_the_former_one(
    filmed: Filmed, live_server: LiveServer, axe: Callable[..., None]
) -> None:
    case_id = claimed_with_pictures(live_server.world)
    with writing(live_server.system, live_server.world.actor(Role.EXPERT)) as work:
        conversation.ask(work, case_id, "Une vue plus nette, s’il vous plaît.", ["overview"], [])
    page = filmed([SHARP])
    sign_in_page(page, live_server.system, live_server.world.who(Role.REQUESTER))
    page.goto(f"/cases/{case_id}")
    page.get_by_role("link", name="Prendre la photo").click()
    expect(page.locator("dialog.camera video[data-runs]")).to_be_visible()
    guide = page.locator("dialog.camera img.guide")
    expect(guide).to_be_visible()
    looked_at(page, axe, "camera-guide")
    page.get_by_role("button", name="Calque").click()
    expect(guide).to_be_hidden()
    page.get_by_role("button", name="Prendre la photo", exact=True).click()
    # The film of this camera is small: it is asked again, as any picture that is not beyond doubt.
    page.get_by_role("button", name="Garder quand même").click()
    expect(page.locator("[data-told]").first).to_contain_text("Reçue", timeout=30_000)


@pytest.mark.long
def test_of_several_lesions_the_camera_names_the_one_that_is_asked(
    filmed: Filmed, at_photo: Callable[[Page], Page], tmp_path: Path, axe: Callable[..., None]
) -> None:
    page = at_photo(filmed([SHARP]))
    request = GuidedRequest(page, tmp_path)
    open_camera(page)
    expect(page.locator(".camera .instruction")).not_to_contain_text("Lésion")
    page.get_by_role("button", name="Prendre la photo").click()
    page.wait_for_selector("figure.photo img")
    request.go_on()
    request.at("photo/1/close_up")
    open_camera(page)
    page.get_by_role("button", name="Prendre la photo").click()
    page.wait_for_selector("figure.photo img")
    page.get_by_role("button", name="Ajouter une autre lésion").click()
    request.at("lesion/2")
    request.show_place("Abdomen, côté gauche")
    request.go_on_to("photo/2/overview")
    open_camera(page)
    expect(page.locator(".camera .instruction")).to_contain_text("Lésion\u00a02\u00a0: abdomen à gauche.")
    looked_at(page, axe, "camera-second-lesion")

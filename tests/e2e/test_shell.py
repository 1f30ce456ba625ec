"""The shell in a real browser: fields and focus, keyboard, photos, paper, and what works without network."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.e2e.specimen_pages import until
from tests.fixtures.browsers import FRENCH, SHAPES, assert_fits, watch_page
from tests.web.specimen import PAGES

if TYPE_CHECKING:
    from flask import Flask
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.e2e

Opener = Callable[..., "Page"]

TAPPED = """navigator.serviceWorker.dispatchEvent(
  new MessageEvent("message", { data: { type: "open", url: "/specimen/phone" } }))"""


@pytest.fixture
def show(browser: Browser, address: str) -> Iterator[Opener]:
    """Open a specimen on a device; a script error or a breach of the policy fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_one(name: str, shape: str = "phone", **options: Any) -> Page:
        settings = {"base_url": address, "service_workers": "block", **FRENCH, **SHAPES[shape], **options}
        context = browser.new_context(**settings)
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        watch_page(page, faults)
        page.goto(f"/specimen/{name}", wait_until="load")
        settle(page)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert faults == []


def settle(page: Page) -> None:
    """Wait until the page's programs have fetched what they need: nothing more for a tenth of a second."""
    fetched = -1
    while fetched < (now := page.evaluate("performance.getEntriesByType('resource').length")):
        fetched = now
        page.wait_for_timeout(100)


@pytest.mark.parametrize(
    ("shape", "scheme"), [("phone", "light"), pytest.param("tablet", "dark", marks=pytest.mark.long)]
)
@pytest.mark.parametrize("name", PAGES)
def test_every_component_is_accessible(
    show: Opener, axe: Callable[[Page], None], name: str, shape: str, scheme: str
) -> None:
    axe(show(name, shape, color_scheme=scheme))


def test_no_page_scrolls_sideways(show: Opener) -> None:
    page = show(PAGES[0], "phone")
    for name in PAGES:
        page.goto(f"/specimen/{name}")
        for width in (320, 390, 820, 1180):
            page.set_viewport_size({"width": width, "height": 820})
            assert_fits(page)


def test_what_no_screen_reader_could_name_would_be_found(show: Opener, axe: Callable[[Page], None]) -> None:
    page = show("pieces")
    page.evaluate("document.querySelector('h1').append(document.createElement('button'))")
    with pytest.raises(AssertionError, match="button-name"):
        axe(page)


def test_a_page_too_wide_for_a_phone_would_be_found(show: Opener) -> None:
    page = show("pieces", "phone")
    page.evaluate("document.querySelector('h1').style.width = '450px'")
    with pytest.raises(AssertionError, match="on a screen of 390 px"):
        assert_fits(page)


@pytest.mark.parametrize("shape", ["phone", "tablet"])
@pytest.mark.parametrize("name", ["pieces", "answer"])
def test_a_finger_never_meets_a_field_that_makes_ios_zoom(show: Opener, name: str, shape: str) -> None:
    sizes = show(name, shape).evaluate(
        """[...document.querySelectorAll('input:not([type=radio],[type=checkbox],[type=hidden]), textarea, select')]
           .map((field) => [field.id || field.ariaLabel, parseFloat(getComputedStyle(field).fontSize)])"""
    )
    assert len(sizes) >= 3
    assert [field for field in sizes if field[1] < 16] == []


def test_the_error_summary_takes_the_focus_and_leads_to_the_field(show: Opener) -> None:
    page = show("pieces")
    assert "error-summary" in page.evaluate("document.activeElement.className")
    page.get_by_role("link", name="Numéro RPPS : il manque un chiffre").click()
    assert page.evaluate("document.activeElement.id") == "rpps"


def test_enter_in_a_line_never_signs_and_the_shortcut_does(show: Opener, specimens: Flask) -> None:
    page = show("answer", "desk")
    received: list[dict[str, str]] = specimens.extensions["received"]
    received.clear()
    page.focus("#diagnosis")
    page.keyboard.press("Enter")
    page.focus("#conduct")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert received == []
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert [one["diagnosis"] for one in received] == ["Kératose séborrhéique irritée · L82"]


def test_a_date_and_a_code_are_understood_as_people_write_them(show: Opener) -> None:
    page = show("pieces")
    page.fill("#birth", "1.3.1980")
    page.locator("#birth").blur()
    assert page.input_value("#birth") == "01/03/1980"
    for typed in ("123 456", "123-456", "１２３４５６"):
        page.fill("#code", typed)
        assert page.input_value("#code") == "123456"


def test_the_viewer_zooms_by_keys_double_tap_and_wheel_and_shows_two(show: Opener) -> None:
    page = show("answer", "desk")
    level = page.locator(".zoom-level")
    page.keyboard.press("z")
    expect(level).to_have_text("× 2,5")
    page.keyboard.press("z")
    expect(level).to_have_text("Entière")
    box = page.locator(".frame-of-picture").bounding_box()
    assert box
    page.mouse.dblclick(box["x"] + 200, box["y"] + 200)
    expect(level).to_have_text("× 2,5")
    page.keyboard.press("0")
    page.mouse.wheel(0, -200)
    until(page, "document.querySelector('.zoom-level').textContent !== 'Entière'")
    page.keyboard.press("ArrowRight")
    assert page.inner_text(".stage figcaption") == "Gros plan, un peu floue"
    page.keyboard.press("c")
    assert page.locator(".stage figcaption").all_inner_texts() == ["Gros plan, un peu floue", "Échelle"]
    page.keyboard.press("z")
    page.wait_for_timeout(300)
    moved = page.evaluate("[...document.querySelectorAll('.zoomed')].map((one) => one.style.transform)")
    assert moved[0] == moved[1]
    assert "scale(2.5)" in moved[0]


def test_zoom_beyond_the_diagnostic_picture_fetches_its_own_resolution(show: Opener) -> None:
    page = show("answer", "desk")
    page.keyboard.press("ArrowLeft")
    assert (
        page.locator(".zoomed img").get_attribute("src") == page.url.split("/specimen")[0] + "/picture/900/3"
    )
    with page.expect_response("**/picture/3000/3"):
        page.keyboard.press("z")
    until(page, "document.querySelector('.zoomed img').src.endsWith('/picture/3000/3')")


def test_a_thumbnail_opens_the_photo_over_the_phones_page_and_closes_back(show: Opener) -> None:
    page = show("pieces")
    page.locator("main [data-photo=p2]").tap()
    expect(page.locator("#big")).to_be_visible()
    assert page.inner_text("#big figcaption") == "Gros plan, un peu floue"
    picture = page.locator("#big .zoomed img").bounding_box()
    assert picture
    assert picture["height"] > 300
    page.get_by_role("button", name="Fermer").first.tap()
    expect(page.locator("#big")).to_be_hidden()
    assert page.evaluate("document.activeElement.dataset.photo") == "p2"


def test_on_paper_every_photo_is_there_whole_and_the_patient_on_each_sheet(show: Opener) -> None:
    page = show("pieces")
    page.emulate_media(media="print")
    boxes = page.evaluate(
        """[...document.querySelectorAll('main .photo-strip img')].map((image) => {
             const box = image.getBoundingClientRect();
             return [box.width / box.height, image.naturalWidth / image.naturalHeight, box.height];
           })"""
    )
    assert len(boxes) == 3
    for drawn, natural, height in boxes:
        assert drawn == pytest.approx(natural, abs=0.02)
        assert height > 100
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.patient-band')).display")
        == "table-header-group"
    )
    expect(page.locator(".dock")).to_be_hidden()


def test_the_text_typed_before_a_sign_in_comes_back_to_the_same_person(show: Opener, address: str) -> None:
    page = show("answer", "desk")
    page.fill("#conduct", "Vaseline le soir")
    page.evaluate("import('/static/x/js/kept.js').then(({ keep }) => keep())")
    until(page, "sessionStorage.getItem('kept-text') !== null")
    assert "Vaseline" not in page.evaluate("JSON.stringify({ ...sessionStorage })")
    page.evaluate(
        """(() => {
             const note = JSON.parse(sessionStorage.getItem('kept-text'));
             sessionStorage.setItem('kept-text', JSON.stringify({ ...note, passed: true }));
           })()"""
    )
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{address}/specimen/answer")
    until(page, "document.querySelector('#conduct').value === 'Vaseline le soir'")
    assert page.evaluate("sessionStorage.getItem('kept-text')") is None


def test_a_tapped_notification_leaves_a_text_that_was_not_sent_where_it_is(show: Opener) -> None:
    page = show("answer", "desk", service_workers="allow")
    until(page, "navigator.serviceWorker.controller !== null")
    page.fill("#conduct", "Texte en cours")
    page.evaluate(TAPPED)
    page.get_by_role("link", name="Voir", exact=True).wait_for()
    assert page.url.endswith("/specimen/answer")
    assert page.input_value("#conduct") == "Texte en cours"
    page.evaluate("document.querySelector('form').dispatchEvent(new Event('saved', { bubbles: true }))")
    with page.expect_navigation(url=re.compile("/specimen/phone$")):
        page.evaluate(TAPPED)

"""The viewer measures by the reference card: two taps, any zoom, a turned original, the keyboard; and its neutral."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from PIL import Image
from playwright.sync_api import expect

from dermavis.domain import reference_card as card
from dermavis.domain.homography import Point
from dermavis.domain.roles import Role
from dermavis.models import PrintBatch
from dermavis.services.work import writing
from tests.e2e.looking import looked_at
from tests.load.card_camera import SIZE
from tests.load.card_scenes import BATCH, Fault, composed
from tests.material import planted_jpeg
from tests.pictured_cases import claimed_with_pictures
from tests.unit.test_card_finding import LESION, PLAIN, STRAIGHT

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer

TINTED = replace(PLAIN, fault=Fault(tint=(1.0, 0.85, 0.62), exposure=0.8, grain=2, quality=92))
SHOWN = """(zoomed, [across, down]) => {
  const box = zoomed.getBoundingClientRect();
  const fit = Math.min(box.width / across, box.height / down);
  return [box.left + (box.width - across * fit) / 2, box.top + (box.height - down * fit) / 2, across * fit, down * fit];
}"""


@pytest.fixture(scope="module")
def carded() -> bytes:
    """The picture of a lesion of 10 mm beside the card, stored lying as a phone held upright stores it."""
    return planted_jpeg(composed(TINTED).transpose(Image.Transpose.ROTATE_90), orientation=6)


@pytest.fixture
def page_with_card(
    expert: Callable[..., Page], live_server: LiveServer, carded: bytes
) -> Callable[..., Page]:
    """Return a function that opens the case; its first picture has a card, the second has none."""

    def open_one(shape: str = "tablet", factor: float | None = 1.0) -> Page:
        world = live_server.world
        with writing(world.system) as work:
            known = work.session.query(PrintBatch).filter_by(code=BATCH).one_or_none()
            row = known or PrintBatch(
                id=uuid4(), code=BATCH, layout="DVC1", code_size=20, printed_at=work.now
            )
            who = world.who(Role.REQUESTER)
            row.organization_id, row.printed_by = who.organization_id, who.person_id
            hundredths = round(card.WIDTH_MM * factor * 100) if factor else None
            row.measured_width_hundredths = row.measured_height_hundredths = hundredths
            row.verified_at = work.now if factor else None
            work.session.add(row)
        files = {"close_up": ("original", carded), "overview": ("original", planted_jpeg())}
        page = expert(shape)
        page.goto(f"/cases/{claimed_with_pictures(world, files=files)}")
        return page

    return open_one


def test_two_taps_give_the_length_whatever_the_zoom_and_the_turn(page_with_card: Callable[..., Page]) -> None:
    page = page_with_card()
    page.get_by_role("button", name="Mesurer").click()
    _tap_lesion(page)
    assert _told(page, r"([\d,]+)\u00a0mm, échelle, valable dans le plan de la carte") == pytest.approx(
        10, rel=0.02
    )

    for _ in range(4):
        page.get_by_role("button", name="Zoomer", exact=True).click()
    expect(page.locator(".zoomed img")).to_have_class("turned turned-6")
    page.locator(".zoomed img").evaluate("(image) => image.decode()")
    _tap_lesion(page)

    assert _told(page, r"([\d,]+)\u00a0mm, échelle, valable") == pytest.approx(10, rel=0.02)
    # The original stands upright where the diagnostic picture stood: a disc of the card is black there.
    seen = _screen(page)
    dark, light = (_colour(seen, page, place) for place in ((80.1, 44.0), (75.0, 38.0)))
    assert max(dark) < 110 < min(light[:2])


@pytest.mark.long
def test_a_print_measured_smaller_and_one_never_verified_are_told_so(
    page_with_card: Callable[..., Page],
) -> None:
    page = page_with_card(factor=0.95)
    page.get_by_role("button", name="Mesurer").click()
    _tap_lesion(page)
    assert _told(page, r"([\d,]+)\u00a0mm, échelle") == pytest.approx(9.5, rel=0.02)

    page = page_with_card(factor=None)
    page.get_by_role("button", name="Mesurer").click()
    _tap_lesion(page)
    assert _told(page, r"environ (\d+)\u00a0mm, échelle approximative, valable dans le plan") == 10


@pytest.mark.long
def test_far_from_the_card_it_is_approximate_and_a_picture_without_a_card_offers_nothing(
    page_with_card: Callable[..., Page],
) -> None:
    page = page_with_card()
    page.get_by_role("button", name="Mesurer").click()
    _tap(page, _share((50.0, 70.0)))
    _tap(page, _share((60.0, 78.0)))
    assert _told(page, r"environ (\d+)\u00a0mm, échelle approximative") == 13

    page.locator(".viewer [data-photo]").nth(1).click()

    expect(page.get_by_role("button", name="Mesurer")).to_be_hidden()
    expect(page.get_by_role("button", name="Couleurs neutralisées")).to_be_hidden()
    expect(page.locator("[data-measured]")).to_be_empty()


def test_the_keyboard_measures_and_escape_leaves(
    page_with_card: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    page = page_with_card()
    expect(page.get_by_role("button", name="Mesurer")).to_be_visible()
    page.keyboard.press("e")
    sheet = page.get_by_role("application", name=re.compile("Mesure sur la photo"))
    expect(sheet).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    # A tenth of 2016 pixels, at 8.4 pixels a millimetre.
    assert _told(page, r"([\d,]+)\u00a0mm, échelle") == pytest.approx(
        0.1 * SIZE[0] / _pixels_per_mm(), rel=0.02
    )
    looked_at(page, axe, "card-measuring")

    page.keyboard.press("Escape")

    expect(page.get_by_role("button", name="Mesurer")).to_have_attribute("aria-pressed", "false")
    expect(sheet).to_be_hidden()


def test_the_neutral_is_off_first_and_makes_the_greys_grey(
    page_with_card: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    page = page_with_card()
    toggle = page.get_by_role("button", name="Couleurs neutralisées par la carte")
    expect(toggle).to_have_attribute("aria-pressed", "false")
    middle = (46.5, 16.0)
    assert _chroma(_colour(_screen(page), page, middle)) > 25

    toggle.click()

    expect(toggle).to_have_attribute("aria-pressed", "true")
    assert _chroma(_colour(_screen(page), page, middle)) < 10
    looked_at(page, axe, "card-neutral")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "false")
    assert _chroma(_colour(_screen(page), page, middle)) > 25


@pytest.mark.long
def test_on_a_phone_it_measures_too(page_with_card: Callable[..., Page], axe: Callable[[Page], None]) -> None:
    page = page_with_card("phone")
    page.get_by_role("button", name="Mesurer").click()
    _tap_lesion(page)

    assert _told(page, r"([\d,]+)\u00a0mm, échelle") == pytest.approx(10, rel=0.03)
    looked_at(page, axe, "card-measuring-phone")


def _pixels_per_mm() -> float:
    one, other = STRAIGHT.seen((40.0, 20.0)), STRAIGHT.seen((41.0, 20.0))
    return abs(other[0] - one[0])


def _share(place: Point) -> Point:
    u, v = STRAIGHT.seen(place)
    return u / SIZE[0], v / SIZE[1]


def _at(page: Page, share: Point) -> Point:
    left, top, width, height = page.locator(".zoomed").first.evaluate(SHOWN, list(SIZE))
    return left + share[0] * width, top + share[1] * height


def _tap(page: Page, share: Point) -> None:
    page.mouse.click(*_at(page, share))


def _tap_lesion(page: Page) -> None:
    for end in LESION:
        _tap(page, _share(end))


def _told(page: Page, words: str) -> float:
    told = page.locator("[data-measured]")
    expect(told).to_have_text(re.compile(words))
    found = re.search(words, told.inner_text())
    assert found
    return float(found[1].replace(",", "."))


def _screen(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def _colour(seen: Image.Image, page: Page, place: Point) -> tuple[int, ...]:
    x, y = _at(page, _share(place))
    scale = seen.width / (page.viewport_size or {"width": seen.width})["width"]
    patch = seen.crop(tuple(round(each * scale) for each in (x - 2, y - 2, x + 2, y + 2))).resize(
        (1, 1), Image.Resampling.BOX
    )
    pixel = patch.getpixel((0, 0))
    assert isinstance(pixel, tuple)
    return tuple(int(each) for each in pixel)


def _chroma(colour: tuple[int, ...]) -> int:
    return max(colour) - min(colour)

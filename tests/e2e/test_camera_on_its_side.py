"""The guided camera of a phone held sideways: everything is in sight, and nothing lies over another thing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import ImageFilter
from playwright.sync_api import expect

from dermavis.domain.roles import Role
from tests.e2e.filming import filmed as filmed  # a fixture
from tests.e2e.guided_request import GuidedRequest
from tests.e2e.looking import looked_at
from tests.material import real_skin
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.e2e.filming import Filmed
    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.e2e

BLURRED = real_skin((1280, 960)).filter(ImageFilter.GaussianBlur(8))
SIZES = {"side": (844, 390), "small-side": (667, 331), "upright": (390, 844), "tablet": (1180, 820)}
APART = ".patient-band, .instruction, .quality, .told, .settings > *, .shutter, .shutter-side"
TARGETS = "button, summary, input, .shutter-side"
BOXES = """(dialog, selector) => {
  const seen = [...dialog.querySelectorAll(selector)].filter((one) => one.checkVisibility());
  return seen.map((one) => {
    const { left, top, right, bottom } = one.getBoundingClientRect();
    return [`${one.className} ${one.textContent.slice(0, 20)}`, left, top, right, bottom];
  });
}"""
EVERY_SETTING = (
    "(settings) => settings.querySelectorAll('[hidden]').forEach((one) => { one.hidden = false; })"
)
"""A lamp and a zoom, which a film has not."""
Box = tuple[str, float, float, float, float]


@pytest.fixture
def camera(filmed: Filmed, live_server: LiveServer, tmp_path: Path) -> Page:
    """A phone whose guided camera is open over a blurred picture, and says so."""
    page = filmed([BLURRED])
    sign_in_page(page, live_server.system, live_server.world.who(Role.REQUESTER))
    GuidedRequest(page, tmp_path).begin_photos()
    page.get_by_role("button", name="Photographier").click()
    expect(page.locator(".camera .told")).to_have_text("Reculez un peu, attendez la netteté")
    return page


def boxes(page: Page, selector: str) -> list[Box]:
    return [tuple(row) for row in page.locator("dialog.camera").evaluate(BOXES, selector)]


def overlapping(found: list[Box]) -> list[tuple[str, str]]:
    """Return the names of every two boxes that share more than a hair."""
    return [
        (one[0], other[0])
        for place, one in enumerate(found)
        for other in found[place + 1 :]
        if min(one[3], other[3]) - max(one[1], other[1]) > 1
        and min(one[4], other[4]) - max(one[2], other[2]) > 1
    ]


def test_in_every_shape_nothing_lies_over_another_thing_and_the_shutter_is_in_sight(
    camera: Page, axe: Callable[..., None]
) -> None:
    for name, (width, height) in SIZES.items():
        camera.set_viewport_size({"width": width, "height": height})
        camera.wait_for_function("(width) => innerWidth === width", arg=width)
        looked_at(camera, axe, f"camera-{name}")
        camera.locator(".settings").evaluate(EVERY_SETTING)
        apart = boxes(camera, APART)
        assert len(apart) >= 11, "the search finds what must not lie over another thing"
        assert overlapping(apart) == [], name
        assert [row for row in apart if row[1] < 0 or row[2] < 0 or row[3] > width or row[4] > height] == []
        if height > 400:
            continue
        expect(camera.get_by_role("button", name="Prendre la photo")).to_be_in_viewport(ratio=1)
        targets = boxes(camera, TARGETS)
        assert [row for row in targets if row[3] - row[1] < 44 or row[4] - row[2] < 44] == [], name
        whole = "(words) => words.scrollHeight <= words.clientHeight + 1 && words.scrollWidth <= words.clientWidth + 1"
        assert camera.locator(".instruction > p").evaluate(whole), f"{name}: the instruction is cut"
        (finder,) = boxes(camera, ".finder")
        taken = boxes(camera, ".instruction, .quality, .told")
        free = finder[4] - finder[2] - sum(bottom - top for _, _, top, _, bottom in taken)
        assert free > height / 3, f"{name}: the picture has a third of the height to itself"
        assert finder[3] - finder[1] > width / 2

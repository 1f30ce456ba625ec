"""The camera sees the reference card while the picture is being taken, and says what would make it readable."""

from __future__ import annotations

import io
import math
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from dermavis.adapters.imaging.card import find_card
from dermavis.domain.roles import Role
from tests.e2e.filming import filmed as filmed  # a fixture
from tests.e2e.guided_request import GuidedRequest
from tests.e2e.looking import looked_at
from tests.load.card_camera import SIZE
from tests.load.card_scenes import Fault, composed
from tests.signing_in import sign_in_page
from tests.unit.test_card_finding import PLAIN, STRAIGHT

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.e2e.filming import Filmed
    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.e2e

READ = """async address => {
  const image = new Image();
  image.src = address;
  await image.decode();
  const bitmap = await createImageBitmap(image);
  const base = document.querySelector('script[type=module]').src.split('/js/')[0];
  const worker = new Worker(`${base}/js/camera/card-worker.js`, { type: 'module' });
  worker.postMessage({ bitmap }, [bitmap]);
  const { data } = await new Promise(tell => { worker.onmessage = tell; });
  worker.terminate();
  return data;
}"""


def seen(page: Page, picture: Image.Image) -> Any:
    """Return what the phone's worker says of one frame."""
    frame = io.BytesIO()
    picture.save(frame, "PNG")
    said = page.evaluate(READ, f"data:image/png;base64,{b64encode(frame.getvalue()).decode()}")
    assert not said.get("broken")
    return said["card"]


@pytest.fixture(scope="module")
def plain() -> Image.Image:
    """A lesion beside a flat card, at the size of a live frame."""
    return smaller(composed(PLAIN))


def smaller(picture: Image.Image) -> Image.Image:
    picture.thumbnail((1280, 1280), Image.Resampling.LANCZOS)
    return picture


def test_what_the_phone_sees_of_a_card_is_what_the_server_reads(
    gp: Callable[..., Page], plain: Image.Image
) -> None:
    page = gp("phone")
    page.goto("/requests")
    for tint in ((1.0, 1.0, 1.0), (1.0, 0.85, 0.62)):
        picture = smaller(composed(replace(PLAIN, fault=Fault(tint=tint, grain=2, quality=92))))
        read, told = find_card(picture), seen(page, picture)
        assert read is not None
        assert told["reason"] == "", told
        found = told["found"]
        assert found["module"] == pytest.approx(read.module_pixels, rel=0.05)
        assert read.gains is not None
        assert found["cast"] == pytest.approx(max(read.gains) / min(read.gains), rel=0.04)
        assert found["uneven"] == pytest.approx(1.0, abs=0.12)
        assert found["tilt"] < 20, (
            "a corner is a whole pixel: some fifteen degrees where the phone is in front"
        )
    assert seen(page, Image.new("RGB", (1280, 960), (190, 150, 130))) is None


@pytest.mark.parametrize("fault", ["cut", "small", "tilted", "cast", "uneven"])
def test_what_would_spoil_the_measure_is_said_before_the_picture(
    gp: Callable[..., Page], plain: Image.Image, fault: str
) -> None:
    page = gp("phone")
    page.goto("/requests")
    told = seen(page, spoilt(plain, fault))
    assert told["reason"] == fault
    assert 0 < len(told["advice"].split()) <= 8


def spoilt(plain: Image.Image, fault: str) -> Image.Image:
    """Return a live frame on which the card has one fault."""
    if fault == "tilted":
        steep = replace(STRAIGHT, tilt=math.radians(40), aside=(0.0, 0.0))
        return smaller(composed(replace(PLAIN, camera=steep)))
    if fault == "cast":
        return smaller(composed(replace(PLAIN, fault=Fault(tint=(1.0, 0.78, 0.45), grain=2))))
    across = round(STRAIGHT.seen((45.0, 20.0))[0] * plain.width / SIZE[0])
    if fault == "cut":
        return plain.crop((0, 0, across, plain.height))
    if fault == "uneven":
        half = plain.crop((across, 0, *plain.size)).point([level * 3 // 4 for level in range(256)] * 3)
        shaded = plain.copy()
        shaded.paste(half, (across, 0))
        return shaded
    far = plain.resize(plain.size, Image.Resampling.BICUBIC)
    far.paste(plain.resize((plain.width // 2, plain.height // 2), Image.Resampling.LANCZOS))
    return far.crop((0, 0, *plain.size))


def test_the_camera_says_whether_it_sees_the_card_where_a_scale_is_asked(
    filmed: Filmed, live_server: LiveServer, plain: Image.Image, tmp_path: Path, axe: Callable[..., None]
) -> None:
    page = filmed([plain])
    sign_in_page(page, live_server.system, live_server.world.who(Role.REQUESTER))
    request = GuidedRequest(page, tmp_path)
    request.begin_photos("Lésion pigmentée")
    page.get_by_role("button", name="Photographier").click()
    expect(page.locator(".quality")).to_contain_text("Netteté")
    assert page.locator(".of-card").count() == 0, "an overview asks for no scale"
    page.keyboard.press("Escape")
    page.evaluate("() => { location.hash = 'photo/1/scale'; }")
    page.get_by_role("button", name="Photographier").click()
    expect(page.locator(".of-card.ok")).to_have_text("Cartelue", timeout=30_000)
    looked_at(page, axe, "camera-card")

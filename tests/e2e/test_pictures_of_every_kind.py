"""Pictures however a phone stores them: through the page's own resize, or straight, they stand upright alike."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

import pypdf
import pytest
from PIL import Image

from dermavis.adapters.imaging.icc import DISPLAY_P3, matrix_profile
from dermavis.domain.roles import Role
from dermavis.services import claiming
from dermavis.services.work import writing
from tests import cases, material
from tests.receivers import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.e2e.guided_request import GuidedRequest
    from tests.fixtures.servers import LiveServer

pytestmark = [pytest.mark.e2e, pytest.mark.long]

UPRIGHT = material.scene(1600, 1200, seed=3)
CLOSE = 9.0
"""Levels of 256, of cells that are an eighth of the picture wide: a turned picture differs by thirty and more."""

UNABLE = """
  delete window.OffscreenCanvas;
  window.createImageBitmap = () => Promise.reject(new DOMException('', 'InvalidStateError'));
"""
"""A browser that cannot read the picture: its file is sent as it is, and the service makes the rest."""


def kinds() -> dict[str, bytes]:
    """Return a file of every kind; all but a phone's own HEIC show ``UPRIGHT``."""
    grey = UPRIGHT.convert("L").convert("I").point(lambda level: level * 257).convert("I;16")
    made = {
        f"turned {turn}.jpg": material.planted_jpeg(material.as_stored(UPRIGHT, turn), turn)
        for turn in range(1, 9)
    }
    made["48 Mpx.jpg"] = material.jpeg(UPRIGHT.resize((8064, 6048), Image.Resampling.BILINEAR), quality=85)
    made["display p3.jpg"] = material.jpeg(UPRIGHT, icc_profile=matrix_profile(DISPLAY_P3))
    made["grey 16 bit.png"] = material.png(grey)
    made |= {path.name: path.read_bytes() for path in material.shared_files("exif/iphone11pro_p3.heic")}
    return made


def cells(picture: Image.Image) -> Image.Image:
    """Return a picture as eight cells along its long side."""
    if picture.mode.startswith("I"):  # sixteen bits, which Pillow would cut off and not scale
        picture = picture.convert("I").point(lambda level: level / 257).convert("L")
    size = (8, 6) if picture.width > picture.height else (6, 8)
    return picture.convert("RGB").resize(size, Image.Resampling.BOX)


@pytest.mark.parametrize("way", ["resized", "straight"])
def test_list_viewer_original_and_report_show_the_same_upright_picture(
    request_on_phone: GuidedRequest, expert: Callable[..., Page], live_server: LiveServer, way: str
) -> None:
    request, phone, files = request_on_phone, request_on_phone.page, kinds()
    if way == "straight":
        phone.add_init_script(UNABLE)
    request.begin_photos()
    for at, (name, content) in enumerate(files.items()):
        path = request.written(content, name)
        if at:
            phone.locator(".picture-line input[type=file]").set_input_files(path)
        else:
            request.pick(path)
        wait_until(lambda wanted=at + 1: request.picture_states() == ["verified"] * wanted, 60)
    request.go_on()
    request.at("photo/1/close_up")
    request.photograph_everything()
    request.answer_history()
    request.ask()
    request.send()
    case_id = UUID(request.case_id)
    with writing(live_server.system, live_server.world.actor(Role.EXPERT)) as work:
        claiming.claim(work, case_id)
    page = expert("tablet")

    def shown() -> list[dict[str, str]]:
        """What the expert's viewer opens, picture by picture."""
        page.goto(f"/cases/{case_id}")
        links = page.locator("a.thumbnail[data-photo]")
        told = "{ thumb: link.querySelector('img').src, full: link.href, ...link.dataset }"
        return list(links.evaluate_all(f"links => links.map(link => ({told}))"))

    wait_until(lambda: all("original" in one for one in shown()[: len(files)]), 60)
    seen = [[fetched(page, one, role) for role in ("thumb", "full", "original")] for one in shown()]
    for name, pictures in zip(files, seen, strict=False):
        if name.endswith(".heic"):
            assert material.difference(cells(pictures[0]), cells(pictures[1])) < CLOSE, name
            assert material.difference(cells(pictures[1]), cells(pictures[2])) < CLOSE, name
            continue
        meant = cells(UPRIGHT.convert("L") if "grey" in name else UPRIGHT)
        for role, picture in zip(("thumb", "full", "original"), pictures, strict=True):
            assert material.difference(meant, cells(picture)) < CLOSE, f"{name}, {role}"

    cases.sign(live_server.world, case_id)
    report = pypdf.PdfReader(io.BytesIO(page.request.get(f"/cases/{case_id}/report.pdf").body()))
    printed = [image.image for sheet in report.pages for image in sheet.images]
    assert len(printed) > 1
    for image, (_, full, _) in zip(printed, seen, strict=False):
        assert image is not None
        assert material.difference(cells(image), cells(full)) < CLOSE


def fetched(page: Page, link: dict[str, str], role: str) -> Image.Image:
    """Return one file of a picture as the viewer turns it."""
    picture = material.opened(page.request.get(link[role]).body())
    turn = int(link.get("turn", 1)) if role == "original" else 1
    return material.upright_again(picture, turn)

"""A browser whose camera plays pictures that a test has drawn, and the ways in which a camera is refused."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.fixtures.browsers import FRENCH, SHAPES, chromium_path, watch_page
from tests.ins_codes import film

if TYPE_CHECKING:
    from PIL import Image
    from playwright.sync_api import Page, Playwright

    from tests.fixtures.servers import LiveServer

Filmed = Callable[..., "Page"]


def camera_arguments(played: Path) -> list[str]:
    """Return what has Chromium play a film in the place of a camera, and ask nobody."""
    return [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={played}",
    ]


@pytest.fixture
def filmed(
    playwright: Playwright, live_server: LiveServer, page_faults: list[str], tmp_path: Path
) -> Iterator[Filmed]:
    """Return a function that opens a phone whose camera sees these pictures, one after the other for ever."""
    with ExitStack() as stack:

        def open_one(pictures: Iterable[Image.Image], shape: str = "phone", **options: Any) -> Page:
            played = film(tmp_path / f"film-{len(list(tmp_path.iterdir()))}.mjpeg", pictures)
            arguments = [*camera_arguments(played), *(["--no-sandbox"] if os.geteuid() == 0 else [])]
            browser = playwright.chromium.launch(executable_path=chromium_path(), args=arguments)
            stack.callback(browser.close)
            settings = {"base_url": live_server.url, "service_workers": "block"}
            context = browser.new_context(**{**settings, **FRENCH, **SHAPES[shape], **options})
            context.set_default_timeout(15_000)
            page = context.new_page()
            watch_page(page, page_faults)
            return page

        yield open_one
    assert page_faults == []

"""The coordinator's board in a browser."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from dermavis.domain.roles import Role
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer

PICTURES = os.environ.get("SCREENSHOTS")


def kept(page: Page, name: str) -> None:
    """Keep a picture of the screen where SCREENSHOTS says so."""
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"))


def opened(page: Page, server: LiveServer, address: str = "/pooling") -> Page:
    sign_in_page(page, server.system, server.world.who(Role.COORDINATOR))
    page.goto(address, wait_until="load")
    return page


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))

"""A screen is looked at: by axe, by its width, and by whoever asks for its picture with SCREENSHOTS."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.fixtures.browsers import assert_fits

if TYPE_CHECKING:
    from playwright.sync_api import Page

PICTURES = os.environ.get("SCREENSHOTS")
Check = Callable[..., Any]


def looked_at(page: Page, axe: Check, name: str) -> None:
    """Check a screen: nothing that axe finds, nothing wider than the screen; keep its picture where asked."""
    axe(page)
    assert_fits(page)
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def covered(page: Page) -> bool:
    """Whether a sheet stands over the page and nothing of it is seen behind."""
    behind = page.evaluate(
        "getComputedStyle([...document.querySelectorAll('dialog:modal')].at(-1), '::backdrop').backgroundColor"
    )
    return str(behind).startswith("rgb(")

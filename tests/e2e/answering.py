"""The form of an opinion in a browser, and the screens that it is answered on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

SHAPES = ("tablet", "phone")
SAVED = re.compile(r"Enregistré à \d")


def field(page: Page, name: str) -> Any:
    """A field of the opinion by its path."""
    return page.locator(f'#opinion [name="{name}"]')


def fill_in(page: Page, destination: str = "Médecin traitant") -> None:
    """Fill what a signature asks for."""
    field(page, "lesions.0.diagnosis").fill("Kératose séborrhéique")
    field(page, "lesions.0.conduct").fill("Pas de biopsie.")
    page.get_by_role("radio", name=destination).check(force=True)

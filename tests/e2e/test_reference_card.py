"""« Carte-repère » in a real browser: reached from the account, on a phone and a desk, accessible at each step."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.looking import looked_at

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.mark.parametrize("shape", ["phone", "tablet"])
def test_a_sheet_is_prepared_and_verified_from_the_account(
    gp: Callable[..., Page], axe: Callable[[Page], None], shape: str
) -> None:
    page = gp(shape)
    page.goto("/account")
    page.get_by_role("link", name="Imprimer la carte-repère").click()
    looked_at(page, axe, f"card-page-{shape}")

    page.get_by_role("button", name="Préparer une planche").click()
    sheet = page.get_by_role("link", name="Ouvrir la planche (PDF)")
    assert page.request.get(sheet.get_attribute("href") or "").body().startswith(b"%PDF-")
    page.get_by_text("Il reste un écart, ou la carte dépasse").click()
    page.get_by_label("Cadre en travers").fill("83,0")
    page.get_by_label("Cadre en hauteur").fill("84,9")
    page.get_by_role("button", name="Noter ces longueurs").click()
    expect(page.get_by_role("alert")).to_contain_text("déforme la carte")
    expect(page.get_by_label("Cadre en travers")).to_have_value("83,0")
    looked_at(page, axe, f"card-check-{shape}")

    page.get_by_role("button", name="La carte remplit les deux cadres").click()
    expect(page.get_by_text("Planche vérifiée")).to_be_visible()
    looked_at(page, axe, f"card-done-{shape}")

"""The photo course in a person's hand: read, the pairs compared, a picture tried that goes nowhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from dermavis.domain.photo_course import PAIRS
from tests import material

if TYPE_CHECKING:
    from tests.e2e.guided_request import GuidedRequest

pytestmark = pytest.mark.e2e


def test_the_course_is_taken_and_the_picture_that_was_tried_goes_nowhere(
    request_on_phone: GuidedRequest, tmp_path: Path, axe: Callable[[Page], None]
) -> None:
    page = request_on_phone.page
    page.goto("/requests")
    page.get_by_role("link", name="Suivre la formation").click()
    page.get_by_role("link", name="Commencer").click()
    for heading in ("La lumière d’abord", "Plusieurs vues", "Le téléphone, en face", "La carte-repère"):
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        axe(page)
        page.get_by_role("link", name="Continuer").click()
    for pair in PAIRS:
        page.locator(f"input[name={pair.id}][value={pair.right}]").check()
    first = PAIRS[0]
    page.locator(f"input[name={first.id}]:not([value={first.right}])").check()
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_text("Plutôt l’autre")).to_have_count(2)
    axe(page)
    page.locator(f"input[name={first.id}][value={first.right}]").check()
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_role("heading", name="Une photo d’essai")).to_be_visible()
    axe(page)

    sent: list[str] = []
    page.on("request", lambda asked: sent.append(f"{asked.method} {asked.url}"))
    sharp, dim = tmp_path / "sharp.jpg", tmp_path / "dim.jpg"
    material.hairy().save(sharp, quality=92)
    material.hairy().point(lambda value: value // 12).save(dim, quality=92)
    take = page.locator("#take input")
    take.set_input_files(dim)
    expect(page.get_by_role("status").filter(has_text="Plus de lumière")).to_be_visible()
    take.set_input_files(sharp)
    expect(page.get_by_text("Un expert pourrait y répondre")).to_be_visible()
    axe(page)
    assert not [one for one in sent if not one.startswith("GET ")]
    assert page.evaluate("async () => (await indexedDB.databases()).length") == 0
    page.get_by_role("button", name="Terminer").click()
    assert [one.split()[0] for one in sent].count("POST") == 1
    expect(page.get_by_text("Formation suivie")).to_be_visible()
    page.goto("/requests")
    expect(page.get_by_role("link", name="Suivre la formation")).to_have_count(0)

"""The photo course in a person's hand: read, the pairs compared, a picture tried that goes nowhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from dermavis.domain.photo_course import PAIRS
from tests import material
from tests.claims import charters_say
from tests.e2e.guided_request import READY, GuidedRequest

if TYPE_CHECKING:
    from tests.fixtures.servers import LiveServer

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


@pytest.mark.long
@pytest.mark.whole_browser
def test_a_request_that_waits_for_the_course_is_sent_after_it(
    kept_phone: Page, server: LiveServer, tmp_path: Path, axe: Callable[[Page], None]
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    charters_say(server.system, photo_course=True)
    page.goto("/requests")
    expect(page.locator(".notice", has_text="Cinq minutes")).to_contain_text("demande")
    request.begin_photos()
    request.photograph_everything()
    request.answer_history()
    request.ask()
    page.get_by_role("button", name="Envoyer").click()
    refused = page.get_by_role("link", name="demande la formation photo")
    expect(refused).to_be_visible()
    axe(page)
    refused.click()
    expect(page.get_by_text("Ce centre demande la formation photo")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="Suivre la formation").click()
    page.wait_for_url("**/photo-course?request=*")
    page.goto("/photo-course/pairs")
    for pair in PAIRS:
        page.locator(f"input[name={pair.id}][value={pair.right}]").check()
    page.get_by_role("button", name="Vérifier").click()
    page.get_by_role("button", name="Terminer sans photo d’essai").click()
    page.get_by_role("link", name="Revenir à la demande").click()
    page.wait_for_selector(READY)
    page.evaluate("() => { location.hash = 'destinataire'; }")
    page.wait_for_selector("input[name=addressing]:checked")
    expect(page.get_by_text("Ce centre demande la formation photo")).to_have_count(0)
    request.go_on_to("relecture")
    assert request.send()

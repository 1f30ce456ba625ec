"""A picture is being kept while another window of the same request saves: it is shown, and leaves."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests import material
from tests.e2e.guided_request import GuidedRequest

pytestmark = pytest.mark.e2e

SEAL_LATER = """() => {
  const seal = crypto.subtle.encrypt.bind(crypto.subtle);
  const held = new Promise(go => { window.sealNow = go; });
  crypto.subtle.encrypt = async (...parts) => { await held; return seal(...parts); };
}"""


def test_a_picture_that_is_being_kept_while_another_window_saves_is_shown_and_leaves(
    request_on_phone: GuidedRequest,
) -> None:
    request, page = request_on_phone, request_on_phone.page
    request.begin_photos()
    other = GuidedRequest(page.context.new_page(), request.folder)
    other.reopen(page.url)
    page.evaluate(SEAL_LATER)
    request.pick(request.written(material.planted_jpeg(material.scene(1600, 1200)), "photo.jpg"))
    other.page.evaluate("location.hash = 'coordonnees'")
    other.page.get_by_label("Commune").fill("Dijon")
    other.go_on()
    expect(page.locator("#live")).to_contain_text("autre onglet")
    page.evaluate("sealNow()")
    page.wait_for_selector("figure.photo img")
    kept = request.kept()["content"]
    assert kept["patient"]["commune"] == "Dijon"
    assert len(kept["photos"]) == 1

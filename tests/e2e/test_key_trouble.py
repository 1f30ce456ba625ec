"""A key that is lost or that the browser will not keep, or no storage at all: said in words, and new requests work."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from dermavis.domain.roles import Role
from tests.e2e.arrivals import assert_arrived_once
from tests.e2e.guided_request import GuidedRequest
from tests.e2e.phone_code import CODE, enter
from tests.e2e.phone_database import kept_on_phone
from tests.factories import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.e2e

SPOIL = """() => new Promise((resolve) => {
  const opening = indexedDB.open('dermavis');
  opening.onsuccess = () => {
    const changing = opening.result.transaction('drafts', 'readwrite');
    const drafts = changing.objectStore('drafts');
    drafts.getAll().onsuccess = ({ target }) => {
      for (const record of target.result) drafts.put({ ...record, iv: record.iv.map((one) => one ^ 1) });
    };
    changing.oncomplete = () => { opening.result.close(); resolve(); };
  };
})"""
"""What is sealed no longer opens, as under a key that is gone."""

REFUSED = (
    "IDBFactory.prototype.open = () => { throw new DOMException('Not here.', 'SecurityError'); };",
    "Object.defineProperty(window, 'indexedDB', { value: undefined });",
)
"""Storage in private windows: one that refuses, one that is not there."""

NO_KEYS = """
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (record) {
    if (Object.values(record).some((one) => one instanceof CryptoKey)) {
      window.refused = true;
      throw new DOMException('No keys.', 'DataCloneError');
    }
    return put.call(this, record);
  };
"""


def begin_again(page: Page, request: GuidedRequest) -> None:
    """Begin one more request, and see that the phone keeps it."""
    new = GuidedRequest(page.context.new_page(), request.folder)
    new.begin()
    new.identify("Rastignac", "12/03/1958")
    assert new.case_id in kept_on_phone(new.page)["drafts"]


def test_a_draft_whose_key_is_lost_is_said_to_be_closed_not_gone_and_a_new_one_begins(
    request_on_phone: GuidedRequest,
) -> None:
    request, page = request_on_phone, request_on_phone.page
    request.begin()
    request.identify("Vautrin", "12/03/1958")
    case_id = request.case_id
    page.goto("/requests")
    expect(page.locator("#local-drafts")).to_contain_text("Vautrin")
    page.evaluate(SPOIL)
    page.reload()
    expect(page.locator("#local-drafts")).to_contain_text("ne s’ouvre plus")
    page.goto(f"/requests/{case_id}")
    expect(page.locator("#trouble")).to_contain_text("gardée ici, et ne s’ouvre plus")
    assert case_id in kept_on_phone(page)["drafts"]
    begin_again(page, request)
    page.goto("/requests")
    page.get_by_role("button", name="La supprimer de cet appareil").click()
    page.get_by_role("button", name="Garder").click()
    assert case_id in kept_on_phone(page)["drafts"]
    page.get_by_role("button", name="La supprimer de cet appareil").click()
    page.get_by_role("button", name="Supprimer", exact=True).click()
    expect(page.locator("#local-drafts")).not_to_contain_text("ne s’ouvre plus")
    assert case_id not in kept_on_phone(page)["drafts"]
    expect(page.locator("#local-drafts")).to_contain_text("Rastignac")


@pytest.mark.long
@pytest.mark.parametrize("refused", REFUSED)
def test_a_private_window_says_that_it_keeps_nothing_and_sends_all_the_same(
    request_on_phone: GuidedRequest, live_server: LiveServer, refused: str
) -> None:
    request, page = request_on_phone, request_on_phone.page
    page.add_init_script(refused)
    request.review_kept(live_server.world)
    expect(page.locator("#trouble")).to_contain_text("Ce navigateur ne garde pas les brouillons")
    assert request.send() == assert_arrived_once(live_server, request.case_id)


@pytest.mark.long
def test_a_browser_that_keeps_no_key_says_so_where_a_code_is_chosen_and_keeps_drafts(
    open_page: Callable[..., Page], live_server: LiveServer, request_on_phone: GuidedRequest
) -> None:
    page = open_page("phone")
    enter(page, live_server, live_server.world.who(Role.REQUESTER))
    page.add_init_script(NO_KEYS)
    page.goto("/account")
    page.get_by_role("link", name="Choisir un code").click()
    page.get_by_role("textbox", name="Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Code, six chiffres").fill(CODE)
    page.get_by_label("Le même code").fill(CODE)
    page.get_by_role("button", name="Enregistrer le code").click()
    expect(page.locator("#phone_code-told")).to_contain_text("ne peut pas garder de code")
    assert page.evaluate("window.refused")
    assert page.evaluate("localStorage.getItem('dermavis-code')") is None
    request = GuidedRequest(page, request_on_phone.folder)
    request.begin()
    expect(page.locator("#trouble")).to_be_hidden()
    request.identify("Rastignac", "12/03/1958")
    assert request.case_id in kept_on_phone(page)["drafts"]

"""A requester's kept phone and its code."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from playwright.sync_api import expect

from dermavis.models import Case
from dermavis.services.devices import enrol
from dermavis.services.work import reading, writing
from tests.e2e.arrivals import wait_on
from tests.e2e.guided_request import READY
from tests.e2e.phone_database import kept_on_phone
from tests.factories import PASSWORD
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.factories import Who
    from tests.fixtures.servers import LiveServer

CODE = "274961"


def enter(page: Page, server: LiveServer, who: Who) -> None:
    """Sign in on a device that is kept."""
    with writing(server.system) as work:
        device_id, _ = enrol(work, who.person_id, "Essai")
    sign_in_page(page, server.system, who, device_id=device_id)


def choose_code(page: Page, code: str = CODE) -> None:
    """Choose the code of this phone on the account's page."""
    page.goto("/account")
    page.get_by_role("link", name="Choisir un code").click()
    page.get_by_role("textbox", name="Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Code, six chiffres").fill(code)
    page.get_by_label("Le même code").fill(code)
    page.get_by_role("button", name="Enregistrer le code").click()
    expect(page.get_by_text("Cet appareil a un code")).to_be_visible()


def use_once(page: Page) -> None:
    """Open a request with the network, so that the phone has what the next one begins with."""
    page.goto("/requests/new")
    page.wait_for_selector(READY)
    page.get_by_role("link", name="Aucun de ces signes").click()
    # What it begins with, and to whom it goes.
    wait_on(page, lambda: len(kept_on_phone(page)["facts"]) == 2)


def type_code(page: Page, code: str) -> None:
    """Type six digits where the page asks them; the sixth tries them."""
    page.get_by_label("Code de cet appareil").fill(code)


def state_of(server: LiveServer, case_id: str) -> str:
    """Return where a request stands."""
    with reading(server.system) as work:
        return work.session.get_one(Case, UUID(case_id)).state

"""A request sent for the wrong patient, on a phone: marked, made anew, its pictures confirmed, and sent."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from dermavis.domain.roles import Role
from tests.fixtures.browsers import assert_fits
from tests.pictured_cases import sent_with_pictures
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer


def test_a_request_for_the_wrong_patient_is_made_anew_picture_by_picture(
    phone: Page, live_server: LiveServer, axe: Callable[[Page], None]
) -> None:
    case_id = sent_with_pictures(live_server.world)
    sign_in_page(phone, live_server.system, live_server.world.who(Role.REQUESTER))
    phone.goto(f"/cases/{case_id}")
    phone.get_by_role("link", name="C’est une erreur").click()
    phone.get_by_text("Erreur de patient").click()
    phone.get_by_role("button", name="C’est une erreur").click()
    expect(phone.get_by_role("link", name="Renvoyer au bon nom")).to_be_visible()
    axe(phone)
    phone.get_by_role("link", name="Renvoyer au bon nom").click()
    phone.get_by_label("Nom de naissance").fill("Martin")
    phone.get_by_label("Prénom").fill("Rose")
    phone.get_by_label("Date de naissance").fill("04/05/1961")
    phone.get_by_text("Féminin").click()
    phone.get_by_text("Informé et d’accord").click()
    phone.get_by_role("button", name="Continuer").click()
    for _ in range(3):
        expect(phone.get_by_role("heading", level=1)).to_contain_text("Cette photo est bien celle de")
        assert_fits(phone)
        phone.get_by_role("button", name="Oui").click()
    expect(phone).to_have_url(re.compile(r"/requests/[^/]+#relecture$"))
    expect(phone.get_by_text("Rose Martin").first).to_be_visible()
    phone.get_by_role("button", name="Envoyer").click()
    expect(phone.get_by_role("heading", name="Demande envoyée")).to_be_visible(timeout=15_000)

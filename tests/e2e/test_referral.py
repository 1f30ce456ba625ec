"""A request that its expert refers up, in a browser: chosen beside the opinion, signed with it, read by its doctor."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from dermavis.domain.roles import Role
from tests.e2e.answering import SAVED, fill_in
from tests.fixtures.browsers import assert_fits, assert_stands_still
from tests.pictured_cases import claimed_with_pictures
from tests.referrals import child_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer


@pytest.mark.long
@pytest.mark.parametrize("shape", ["tablet", "phone"])
def test_a_request_goes_up_with_the_signature_and_is_found_by_its_requester(
    expert: Callable[..., Page], axe: Callable[[Page], None], live_server: LiveServer, shape: str
) -> None:
    world = live_server.world
    case_id = claimed_with_pictures(world)
    page = expert(shape)
    page.goto(f"/cases/{case_id}")
    fill_in(page)
    expect(page.locator("#saving")).to_have_text(SAVED)
    page.get_by_role("button", name="Autre réponse…").click()
    axe(page)
    page.get_by_role("link", name="Répondre et adresser à un autre centre").click()
    axe(page)
    assert_fits(page)
    page.get_by_label("Votre question au confrère").fill("Une exérèse d’emblée ?")
    page.get_by_role("button", name="Adresser en signant").click()
    expect(page.get_by_role("alert")).to_contain_text("Le patient doit être d’accord")
    expect(page.get_by_label("Votre question au confrère")).to_have_value("Une exérèse d’emblée ?")
    page.get_by_text("Le patient me l’a dit au téléphone").click()
    page.get_by_role("button", name="Adresser en signant").click()
    expect(page.locator("#referral")).to_contain_text("la demande part aussi : CHU de Dijon")
    expect(page.locator('[name="lesions.0.conduct"]')).to_have_value("Pas de biopsie.")
    axe(page)
    page.get_by_role("button", name="Signer", exact=True).click()
    expect(page.locator("#referred-to")).to_contain_text("Part au CHU de Dijon avec l’avis")
    page.get_by_role("button", name="Annuler").click()
    expect(page.locator("#referral")).to_contain_text("la demande part aussi")
    assert child_of(world, case_id) is None
    page.get_by_role("button", name="Signer", exact=True).click()
    expect(page.locator("#referred-to")).to_be_visible()
    child = _leaves(live_server, case_id)
    page.goto(f"/cases/{case_id}")
    expect(page.locator("#referred-to")).to_contain_text("Adressée aussi au CHU de Dijon")
    axe(page)
    doctor = expert("phone", Role.REQUESTER)
    doctor.goto(f"/cases/{case_id}")
    axe(doctor)
    assert_stands_still(doctor)
    doctor.locator("#referred-to").get_by_role("link").click()
    expect(doctor).to_have_url(re.compile(str(child)))
    axe(doctor)
    assert_fits(doctor)
    there = expert(shape, "stranger_expert")
    there.goto(f"/cases/{child}")
    there.get_by_text("Lire le premier avis").click()
    expect(there.get_by_text("Demande adressée aussi au CHU de Dijon")).to_be_visible()
    axe(there)
    assert_fits(there)


def _leaves(live_server: LiveServer, case_id: object) -> object:
    """The case begun elsewhere, once the worker has seen that the twenty seconds are over."""
    for _turn in range(80):
        child = child_of(live_server.world, case_id)  # type: ignore[arg-type]
        if child is not None:
            return child
        time.sleep(0.5)
    raise AssertionError("it has not left")

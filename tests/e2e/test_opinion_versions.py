"""A signed opinion in a real browser: taken back, corrected on a tablet, and read with its reason on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from dermavis.domain.roles import Role
from dermavis.services import answering
from dermavis.services.work import writing
from tests import cases
from tests.fixtures.browsers import assert_fits
from tests.pictured_cases import claimed_with_pictures
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from uuid import UUID

    from playwright.sync_api import Page

    from tests.fixtures.browsers import OpenPage
    from tests.fixtures.servers import LiveServer

LEAVES = 25_000
"""Milliseconds in which an opinion has left: the twenty seconds, and a little."""


def _page(open_page: OpenPage, live: LiveServer, shape: str, who: Role) -> Page:
    page = open_page(shape)
    sign_in_page(page, live.system, live.world.who(who))
    return page


def _answered(live: LiveServer) -> UUID:
    case_id = claimed_with_pictures(live.world)
    cases.sign(live.world, case_id)
    return case_id


def _look(page: Page, axe: Callable[[Page], None]) -> None:
    axe(page)
    assert_fits(page)


def _amend(page: Page, case_id: UUID, axe: Callable[[Page], None]) -> None:
    page.goto(f"/cases/{case_id}")
    _look(page, axe)
    page.get_by_role("link", name="Corriger ou compléter l’avis").click()
    expect(page.locator('[name="lesions.0.conduct"]')).to_have_value("Pas de biopsie. Émollient le soir.")
    page.locator('[name="lesions.0.conduct"]').fill("Pas de biopsie. Émollient matin et soir.")
    page.get_by_role("button", name="Signer", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Dites pourquoi, en une ligne.")
    _look(page, axe)
    page.get_by_role("radio", name="Correction").check(force=True)
    page.get_by_label("Pourquoi").fill("Le rythme était incomplet.")
    page.get_by_role("button", name="Signer", exact=True).click()
    expect(page.get_by_text("Version 2, signée par Dr Camille Expert")).to_be_visible()


def test_a_correction_is_written_on_a_tablet_and_read_on_a_phone(
    open_page: OpenPage, live_server: LiveServer, axe: Callable[[Page], None]
) -> None:
    case_id = _answered(live_server)
    tablet = _page(open_page, live_server, "tablet", Role.EXPERT)
    _amend(tablet, case_id, axe)
    phone = _page(open_page, live_server, "phone", Role.REQUESTER)
    phone.goto(f"/cases/{case_id}")
    expect(phone.get_by_text("Émollient le soir.").first).to_be_visible()
    expect(tablet.get_by_text("L’avis est parti.")).to_be_visible(timeout=LEAVES)
    phone.reload()
    expect(phone.get_by_text("Avis corrigé")).to_be_visible()
    expect(phone.locator(".opinion .notice")).to_contain_text("Le rythme était incomplet.")
    expect(phone.get_by_text("Émollient matin et soir.").first).to_be_visible()
    phone.get_by_text("Version remplacée").click()
    _look(phone, axe)
    phone.get_by_role("link", name="Version 1").click()
    expect(phone.get_by_text("Une version plus récente est signée")).to_be_visible()
    expect(phone.locator("#report-text")).to_contain_text("VERSION REMPLACÉE")
    _look(phone, axe)


def test_a_signature_is_taken_back_by_one_press_and_the_text_is_there(
    open_page: OpenPage, live_server: LiveServer, axe: Callable[[Page], None]
) -> None:
    world = live_server.world
    case_id = claimed_with_pictures(world)
    tablet = _page(open_page, live_server, "tablet", Role.EXPERT)
    with writing(live_server.system, world.actor(Role.EXPERT)) as work:
        answering.save_draft(work, case_id, cases.opinion(safety_net="elle saigne"), 0)

    tablet.goto(f"/cases/{case_id}")
    tablet.get_by_role("button", name="Signer", exact=True).click()
    toast = tablet.locator(".toast")
    expect(toast).to_contain_text("Avis signé. Il part dans")
    _look(tablet, axe)
    toast.get_by_role("button", name="Annuler").click()
    expect(toast).to_contain_text("Signature annulée.")
    expect(tablet.locator('[name="safety_net"]')).to_have_value("elle saigne")
    expect(tablet.get_by_role("button", name="Signer", exact=True)).to_be_visible()


def test_a_question_after_the_opinion_stands_above_the_list_and_is_answered(
    open_page: OpenPage, live_server: LiveServer, axe: Callable[[Page], None]
) -> None:
    case_id = _answered(live_server)
    phone = _page(open_page, live_server, "phone", Role.REQUESTER)
    phone.goto(f"/cases/{case_id}")
    phone.get_by_label("Une question sur cet avis").fill("Et si elle saigne ?")
    phone.get_by_role("button", name="Poser la question").click()
    expect(phone.get_by_text("Votre question est partie à l’expert.")).to_be_visible()
    _look(phone, axe)
    tablet = _page(open_page, live_server, "tablet", Role.EXPERT)
    tablet.goto("/worklist")
    _look(tablet, axe)
    tablet.locator(f"#question-{case_id} a").click()
    _look(tablet, axe)
    tablet.get_by_label("Votre réponse").fill("Revoir sous huit jours.")
    tablet.get_by_role("button", name="Répondre", exact=True).click()
    expect(tablet.locator(".toast")).to_contain_text("Message envoyé.")
    tablet.goto("/worklist")
    expect(tablet.locator(f"#question-{case_id}")).to_have_count(0)

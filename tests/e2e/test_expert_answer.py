"""An answer in a real browser: the pictures, the diagnosis, a question, what is missing, an emergency."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from dermavis.domain.roles import Role
from dermavis.models import Case, Opinion
from dermavis.services import conversation
from dermavis.services.opinion_versions import open_opinion
from dermavis.services.work import reading, writing
from tests import cases
from tests.answered_cases import state_of
from tests.e2e.answering import SAVED, SHAPES, field, fill_in
from tests.pictured_cases import claimed_with_pictures

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer


def test_the_pictures_are_looked_at_closely_upright_and_two_by_two(answering_page: Page) -> None:
    page = answering_page
    viewer = page.get_by_role("region", name="Photos")
    shown = viewer.locator(".stage img")
    expect(viewer.locator(".photo-strip li")).to_have_count(3)
    page.get_by_role("link", name=re.compile("^Échelle, .*plein format en attente")).click()
    expect(viewer.locator("figcaption").first).to_contain_text("plein format en attente")
    page.keyboard.press("ArrowLeft")
    expect(viewer.locator("figcaption").first).to_contain_text("Gros plan")
    upright = shown.evaluate("img => img.decode().then(() => img.naturalHeight > img.naturalWidth)")
    assert upright, "its diagnostic picture stands"
    with page.expect_response(re.compile("/original$")):
        for _ in range(6):
            viewer.get_by_role("button", name="Zoomer", exact=True).click()
    expect(viewer.locator(".zoom-level")).to_contain_text("×")
    expect(shown).to_have_class("turned turned-6")
    box = shown.bounding_box()
    assert box is not None
    assert box["height"] > 0
    page.keyboard.press("0")
    page.keyboard.press("c")
    expect(viewer.locator(".stage figure")).to_have_count(2)


def test_a_diagnosis_is_found_while_typing_and_free_words_are_one_too(answering_page: Page) -> None:
    page = answering_page
    diagnosis = page.get_by_role("combobox", name="Diagnostic")
    diagnosis.press_sequentially("keratose seb", delay=20)
    option = page.get_by_role("option").first
    expect(option).to_contain_text("Kératose séborrhéique")
    diagnosis.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    diagnosis.press("Enter")
    expect(diagnosis).to_have_value("Kératose séborrhéique")
    expect(page.get_by_role("button", name="Retirer le code L82")).to_be_visible()
    diagnosis.press("End")
    diagnosis.press_sequentially(" irritée")
    expect(page.get_by_role("button", name="Retirer le code L82")).to_be_visible()
    diagnosis.fill("Une chose sans code")
    page.get_by_role("button", name="Retirer le code L82").click()
    expect(page.locator("#saving")).to_have_text(SAVED)
    page.reload()
    expect(diagnosis).to_have_value("Une chose sans code")
    expect(page.locator(".code-mark")).to_be_hidden()


def test_a_template_fills_the_form_and_gives_back_what_stood_there(answering_page: Page) -> None:
    page = answering_page
    field(page, "lesions.0.conduct").fill("Mes mots.")
    page.get_by_role("button", name="Kératose séb.").click()
    expect(field(page, "lesions.0.conduct")).to_have_value(re.compile("Lésion bénigne"))
    expect(page.get_by_role("radio", name="Médecin traitant")).to_be_checked()
    expect(field(page, "safety_net")).to_be_visible()
    page.get_by_role("button", name="Revenir à mon texte").click()
    expect(field(page, "lesions.0.conduct")).to_have_value("Mes mots.")
    expect(page.get_by_role("radio", name="Médecin traitant")).not_to_be_checked()


def test_a_precision_is_asked_with_its_view_and_the_clock_pauses(
    expert: Callable[..., Page], live_server: LiveServer
) -> None:
    case_id = claimed_with_pictures(live_server.world)
    page = expert("desk")
    page.goto(f"/cases/{case_id}")
    page.keyboard.press("q")
    page.locator("#precision .chip", has_text="Dermoscopie").click()
    page.get_by_label("Votre question").fill("Avez-vous un dermoscope ?")
    page.get_by_role("button", name="Demander", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("Le délai est en pause")
    expect(page.locator(".thread")).to_contain_text("Demandé : Dermoscopie")
    assert state_of(live_server.system, case_id) == "on_hold"
    with writing(live_server.system, live_server.world.actor(Role.REQUESTER)) as work:
        conversation.write(work, case_id, "Non, désolé.")
    page.reload()
    expect(page.locator(".thread")).to_contain_text("Non, désolé.")


def test_what_is_missing_takes_the_focus_and_each_line_leads_to_its_field(answering_page: Page) -> None:
    page = answering_page
    page.get_by_role("button", name="Signer", exact=True).click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    lines = summary.get_by_role("link")
    assert [line.strip() for line in lines.all_inner_texts()][-1] == "Choisissez ce qui suit pour le patient."
    expect(field(page, "lesions.0.conduct")).to_have_attribute("aria-invalid", "true")
    lines.nth(1).click()
    expect(field(page, "lesions.0.conduct")).to_be_focused()


def test_weeks_tick_the_follow_up_and_a_tick_without_weeks_is_asked_about(answering_page: Page) -> None:
    page = answering_page
    weeks, tick = field(page, "follow_up_weeks"), field(page, "follow_up")
    weeks.fill("6")
    expect(tick).to_be_checked()
    tick.uncheck()
    expect(weeks).to_have_value("")
    tick.check()
    expect(weeks).to_be_focused()
    fill_in(page)
    page.get_by_role("button", name="Signer", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Dans combien de semaines")
    expect(weeks).to_have_attribute("aria-invalid", "true")
    weeks.fill("6")
    page.get_by_role("button", name="Signer", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("Avis signé")


@pytest.mark.parametrize("shape", SHAPES)
def test_an_emergency_is_told_by_telephone_before_it_is_signed(
    expert: Callable[..., Page], live_server: LiveServer, shape: str
) -> None:
    case_id = cases.claimed(live_server.world)
    page = expert(shape)
    page.goto(f"/cases/{case_id}")
    fill_in(page, "Urgence")
    page.get_by_role("button", name="Signer", exact=True).click()
    sheet = page.locator("#calls")
    links = sheet.get_by_role("link").evaluate_all("all => all.map((one) => one.getAttribute('href'))")
    assert links[0] == "tel:+33639980011"
    assert links[-1] == "tel:+33639980013", "the patient last"
    sheet.get_by_role("button", name="Signer").click()
    expect(sheet.get_by_role("alert")).to_contain_text("Notez qui a été appelé")
    assert state_of(live_server.system, case_id) == "claimed"
    sheet.get_by_role("checkbox", name="J’ai appelé Dr Camille Requester").check()
    sheet.get_by_label("À quelle heure").fill("25h99")
    sheet.get_by_role("button", name="Signer").click()
    expect(sheet.locator(".field-error")).to_contain_text("Écrivez l’heure de l’appel")
    expect(sheet.get_by_label("À quelle heure")).to_have_value("25h99")
    now = live_server.system.clock.now().astimezone(ZoneInfo("Europe/Paris"))
    sheet.get_by_label("À quelle heure").fill(f"{now:%H:%M}")
    sheet.get_by_role("button", name="Signer").click()
    expect(page.get_by_text("Version 1, signée par")).to_be_visible()
    with reading(live_server.system) as work:
        case = work.session.get_one(Case, case_id)
        opinion = work.session.query(Opinion).filter_by(case_id=case_id).one()
        assert (case.state, opinion.level) == ("answered", "now")
        assert open_opinion(work, case, opinion).calls[0].phone == "+33639980011"

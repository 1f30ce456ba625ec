"""The request that a coordinator opened, in a real browser: its note, its keys, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import AdministrativeNote, Case
from dermavis.services import pooling
from dermavis.services.pooling import note_of
from dermavis.services.work import reading, writing
from tests.answered_cases import state_of
from tests.e2e.pooling_board import kept, opened
from tests.pooled_cases import pooled

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer


def test_the_open_request_is_noted_sent_back_and_completed_by_its_keys(
    live_server: LiveServer, desk: Page
) -> None:
    world = live_server.world
    case_id = pooled(world, "Bouvret", ("allergies",))
    page = opened(desk, live_server, f"/pooling/{case_id}")
    page.get_by_label("Note administrative").fill("Infirmière jeudi.")
    page.get_by_label("Note administrative").blur()
    expect(page.locator("#note-state")).to_contain_text("Enregistrée à")
    with reading(world.system, world.actor(Role.COORDINATOR)) as work:
        assert note_of(work, work.session.get_one(Case, case_id)) == "Infirmière jeudi."
        versions = work.session.scalars(
            select(AdministrativeNote).where(AdministrativeNote.case_id == case_id)
        )
        assert len(versions.all()) == 1
    page.get_by_label("Adresser à").select_option(label="CHU de Dijon")
    expect(page.locator("#addressing")).to_contain_text("CHU de Dijon répond sous 48")
    page.locator("#opened").focus()
    page.keyboard.press("e")
    page.wait_for_url("**/completion")
    page.get_by_label("Téléphone du patient").fill("12")
    page.get_by_role("button", name="Enregistrer").click()
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("téléphone")
    kept(page, "pooling-completion-refused")
    page.get_by_label("Téléphone du patient").fill("06 39 98 00 12")
    page.get_by_role("button", name="Enregistrer").click()
    page.wait_for_url("**/pooling/*done=completed")
    page.locator("#opened").focus()
    page.keyboard.press("r")
    sheet = page.get_by_role("dialog", name="Renvoyer au médecin")
    expect(sheet).to_be_visible()
    kept(page, "pooling-send-back")
    sheet.get_by_label("Histoire incomplète").check()
    sheet.get_by_label("Ce qu’il faut faire").fill("Allergies à préciser.")
    sheet.get_by_role("button", name="Renvoyer").click()
    expect(page.locator("#toasts")).to_contain_text("Demande renvoyée")
    assert state_of(world.system, case_id) == "draft"


def test_a_note_that_was_not_kept_stays_on_screen_when_another_request_is_opened(
    live_server: LiveServer, desk: Page
) -> None:
    world = live_server.world
    case_id, other = pooled(world, "Bouvret"), pooled(world, "Vougeot")
    page = opened(desk, live_server, f"/pooling/{case_id}")
    note, panel = page.get_by_label("Note administrative"), page.locator("#panel")
    with writing(world.system, world.actor(Role.COORDINATOR)) as work:
        pooling.write_note(work, case_id, "Écrite par une collègue.")
    note.fill("Ma note, sur l’ancienne.")
    page.locator(f"#open-{other}").click()

    expect(page.locator("#note-state")).to_contain_text("a modifié cette note entre-temps")
    expect(panel.get_by_role("heading", name="Bouvret")).to_be_visible()
    expect(note).to_have_value("Ma note, sur l’ancienne.")
    expect(note).to_be_focused()
    panel.get_by_role("button", name="Quitter sans garder").click()
    expect(panel.get_by_role("heading", name="Vougeot")).to_be_visible()

    page.route("**/note", lambda route: route.abort())
    note.fill("Écrite sans réseau.")
    page.locator(f"#open-{case_id}").click()
    expect(page.locator("#note-state")).to_contain_text("le réseau manque")
    expect(panel.get_by_role("heading", name="Vougeot")).to_be_visible()
    page.unroute("**/note")
    page.locator(f"#open-{case_id}").click()
    expect(panel.get_by_role("heading", name="Bouvret")).to_be_visible()
    with reading(world.system, world.actor(Role.COORDINATOR)) as work:
        assert note_of(work, work.session.get_one(Case, other)) == "Écrite sans réseau."


def test_one_request_after_another_opens_without_a_fault_whatever_the_size_of_its_note(
    live_server: LiveServer, desk: Page
) -> None:
    world = live_server.world
    first, second = pooled(world, "Premier"), pooled(world, "Second")
    page = opened(desk, live_server)
    panel = page.locator("#panel")
    page.locator(f"#open-{first}").click()
    expect(panel.get_by_role("heading", name="Premier")).to_be_focused()
    page.get_by_label("Note administrative").evaluate("note => { note.style.height = '12rem' }")
    page.locator(f"#open-{second}").click()
    expect(panel.get_by_role("heading", name="Second")).to_be_focused()


def test_back_leads_from_the_open_request_to_the_list_it_was_opened_from(
    live_server: LiveServer, desk: Page
) -> None:
    world = live_server.world
    first, second = pooled(world, "Partie"), pooled(world, "Suivante")
    pooling.release_many(world.system, world.actor(Role.COORDINATOR), [first, second])
    page = opened(desk, live_server)
    page.goto("/pooling/sent")
    panel, search = page.locator("#panel"), page.get_by_role("searchbox")
    search.fill("suivante")
    expect(page.locator(f"#row-{first}")).to_have_count(0)
    search.fill("")
    page.locator(f"#open-{first}").click()
    expect(panel.get_by_role("heading", name="Partie")).to_be_visible()
    page.locator(f"#open-{second}").click()
    expect(panel.get_by_role("heading", name="Suivante")).to_be_visible()

    page.go_back()
    page.wait_for_url("**/pooling/sent")
    expect(page.get_by_role("heading", name="Demandes transmises")).to_be_visible()
    expect(panel).to_contain_text("Ouvrez une demande")
    expect(page.locator(f"#open-{second}")).to_be_focused()

    page.go_forward()
    page.wait_for_url(f"**/pooling/{second}")
    expect(panel.get_by_role("heading", name="Suivante")).to_be_visible()
    page.reload()
    page.go_back()
    page.wait_for_url("**/pooling/sent")
    expect(page.get_by_role("heading", name="Demandes transmises")).to_be_visible()
    expect(panel).to_contain_text("Ouvrez une demande")


def test_back_keeps_a_note_that_was_not_saved(live_server: LiveServer, desk: Page) -> None:
    case_id = pooled(live_server.world, "Bouvret")
    page = opened(desk, live_server)
    page.locator(f"#open-{case_id}").click()
    page.route("**/note", lambda route: route.abort())
    page.get_by_label("Note administrative").fill("Écrite sans réseau.")
    page.go_back()
    expect(page.locator("#note-state")).to_contain_text("le réseau manque")
    page.wait_for_url(f"**/pooling/{case_id}")
    page.get_by_role("button", name="Quitter sans garder").click()
    page.wait_for_url("**/pooling")
    expect(page.locator("#panel")).to_contain_text("Ouvrez une demande")

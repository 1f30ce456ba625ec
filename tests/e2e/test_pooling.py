"""The coordinator's board in a real browser: by keyboard on a desk, by touch on a tablet and a phone."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import AdministrativeNote, Case
from dermavis.services import pooling
from dermavis.services.pooling import note_of
from dermavis.services.work import reading, writing
from tests import cases
from tests.fixtures.browsers import assert_fits
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.factories import World
    from tests.fixtures.servers import LiveServer

PICTURES = os.environ.get("SCREENSHOTS")
SHAPES = ("tablet", "phone", pytest.param("desk", marks=pytest.mark.long))
SHIFTS = """() => { window.shifts = 0; new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
}).observe({ type: "layout-shift", buffered: true }); }"""

CLEAR = """action => {
  const told = document.querySelector(".toast").getBoundingClientRect();
  const { top, bottom } = action.getBoundingClientRect();
  return told.bottom <= top || bottom <= told.top;
}"""
BROKEN = """() => {
  const broken = [], range = document.createRange();
  for (const root of document.querySelectorAll("#board, #panel")) {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) for (const { 0: word, index } of texts.currentNode.data.matchAll(/[^\\s-]+/g)) {
      range.setStart(texts.currentNode, index);
      range.setEnd(texts.currentNode, index + word.length);
      if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) broken.push(word);
    }
  }
  return broken;
}"""


def kept(page: Page, name: str) -> None:
    """Keep a picture of the screen where SCREENSHOTS says so."""
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"))


def pooled(world: World, name: str, lacks: tuple[str, ...] = (), **changes: Any) -> UUID:
    content = cases.content()
    history = {key: answer for key, answer in content["history"].items() if key not in lacks}
    patient = content["patient"] | {"birth_name": name, "used_name": ""}
    return cases.sent(world, "pooled_requester", patient=patient, history=history, **changes)


def state(world: World, case_id: UUID) -> str:
    with reading(world.system) as work:
        return work.session.get_one(Case, case_id).state


def opened(page: Page, server: LiveServer, address: str = "/pooling") -> Page:
    sign_in_page(page, server.system, server.world.who(Role.COORDINATOR))
    page.goto(address, wait_until="load")
    return page


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def test_the_board_is_read_chosen_and_sent_from_the_keyboard(live_server: LiveServer, desk: Page) -> None:
    world = live_server.world
    first, lacking, third = (
        pooled(world, "Premier"),
        pooled(world, "Lacunaire", ("allergies",)),
        pooled(world, "Troisième"),
    )
    page = opened(desk, live_server)
    bar = page.locator("#batch-bar")
    expect(bar).to_be_hidden()
    page.keyboard.press("t")
    expect(page.locator("#live")).to_contain_text("Choisissez d’abord")
    page.keyboard.press("ArrowDown")
    assert focused(page) == f"open-{first}"
    page.keyboard.press(" ")
    expect(bar).to_contain_text("1 demande choisie, complète")
    page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    expect(bar).to_contain_text("2 demandes choisies, dont 1 à compléter")
    page.keyboard.press("Enter")
    panel = page.locator("#panel")
    expect(panel.get_by_role("heading", name="Lacunaire")).to_be_focused()
    expect(panel).to_contain_text("Allergies")
    assert page.url.endswith(f"/pooling/{lacking}")
    page.keyboard.press("ArrowDown")
    assert focused(page) == f"open-{third}"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("/")
    page.keyboard.type("troisieme")
    expect(page.locator(f"#row-{first}")).to_have_count(0)
    expect(page.locator(f"#row-{third}")).to_be_visible()
    expect(bar).to_contain_text("2 demandes choisies, dont 1 à compléter (2 hors de la recherche)")
    assert focused(page) == "q"
    page.keyboard.press("Escape")
    expect(page.locator(f"#choose-{first}")).to_be_checked()
    kept(page, "pooling-keyboard")
    page.keyboard.press("t")
    result = page.locator("#outcomes-title")
    expect(result).to_be_focused()
    expect(result).to_have_text("1\u00a0demande transmise, 1\u00a0gardée")
    expect(page.locator(f"[data-outcome='{lacking}']")).to_contain_text("Il manque\u00a0: Allergies.")
    expect(page.locator(f"#row-{first}")).to_have_count(0)
    expect(page.locator("#live")).to_contain_text("2\u00a0demandes à relire")
    expect(bar).to_contain_text("1 demande choisie, à compléter")
    kept(page, "pooling-result")
    assert (state(world, first), state(world, lacking)) == ("submitted", "pooled")


def test_what_is_chosen_is_counted_as_the_head_of_the_list_counts_it(
    live_server: LiveServer, desk: Page
) -> None:
    world = live_server.world
    unsure = cases.content()["patient"] | {"birth_name": "Incertain", "identity_status": "provisional"}
    cases.sent(world, "pooled_requester", patient=unsure)
    held = pooled(world, "Attente", ("allergies",))
    pooled(world, "Lacunaire", ("allergies",))
    pooled(world, "Complète")
    with writing(world.system, world.actor(Role.COORDINATOR)) as work:
        pooling.hold(work, [held], "Famille à joindre")
    page = opened(desk, live_server)
    for words in ("1 complète", "2 à compléter", "1 en attente"):
        expect(page.locator("#board-head")).to_contain_text(words)
    page.get_by_label("Tout choisir").check()
    expect(page.locator("#chosen")).to_have_text("4 demandes choisies, dont 2 à compléter et 1 en attente")


def test_the_choice_survives_the_refresh_and_a_visit_elsewhere(live_server: LiveServer, desk: Page) -> None:
    world = live_server.world
    stays, leaves = pooled(world, "Reste"), pooled(world, "Partie")
    page = desk
    page.clock.install()
    opened(page, live_server)
    page.locator(f"#choose-{stays}").check()
    page.locator(f"#choose-{leaves}").check()
    expect(page.locator("#chosen")).to_have_text("2 demandes choisies, toutes complètes")
    arrived = pooled(world, "Arrivée")
    pooling.release_many(world.system, world.actor(Role.COORDINATOR), [leaves])
    page.locator(f"#open-{stays}").focus()
    page.clock.run_for(61_000)
    expect(page.locator(f"#row-{arrived}")).to_be_visible()
    expect(page.locator(f"#row-{leaves}")).to_have_count(0)
    expect(page.locator(f"#choose-{stays}")).to_be_checked()
    expect(page.locator("#chosen")).to_have_text("1 demande choisie, complète")
    assert focused(page) == f"open-{stays}"
    page.goto("/pooling/members")
    page.goto("/pooling")
    expect(page.locator(f"#choose-{stays}")).to_be_checked()


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
    assert state(world, case_id) == "draft"


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


def test_requests_wait_for_a_reason_given_in_a_sheet(live_server: LiveServer, desk: Page) -> None:
    case_id = pooled(live_server.world, "Pommard")
    page = opened(desk, live_server)
    page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    page.keyboard.press("a")
    sheet = page.get_by_role("dialog", name="Mettre en attente")
    sheet.get_by_role("button", name="Famille à joindre").click()
    kept(page, "pooling-hold")
    page.keyboard.press("Enter")
    expect(page.locator("#outcomes-title")).to_be_focused()
    expect(page.locator(f"#row-{case_id}")).to_contain_text("Famille à joindre")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Raccourcis du clavier")).to_be_visible()


def test_the_board_is_driven_by_touch_on_a_tablet(live_server: LiveServer, tablet: Page) -> None:
    world = live_server.world
    ids = [pooled(world, name) for name in ("Un", "Deux", "Trois")]
    page = opened(tablet, live_server)
    for case_id in ids[:2]:
        box = page.locator(f"#choose-{case_id}").locator("xpath=..")
        size = box.bounding_box()
        assert size is not None
        assert min(size["width"], size["height"]) >= 48
        box.tap()
    page.locator(f"#open-{ids[2]}").tap()
    expect(page.locator("#panel").get_by_role("heading", name="Trois")).to_be_visible()
    send = page.get_by_role("button", name="Transmettre les 2")
    size = send.bounding_box()
    assert size is not None
    assert size["height"] >= 48
    send.tap()
    expect(page.locator("#outcomes-title")).to_have_text("2\u00a0demandes transmises")
    assert [state(world, case_id) for case_id in ids] == ["submitted", "submitted", "pooled"]


def test_on_a_phone_requests_are_cards_and_the_open_one_is_a_page(
    live_server: LiveServer, phone: Page
) -> None:
    world = live_server.world
    first, second = pooled(world, "Premier"), pooled(world, "Second", ("allergies",))
    page = opened(phone, live_server)
    assert_fits(page)
    assert (page.locator(f"#row-{first}").bounding_box() or {})["width"] >= 380
    expect(page.locator(f"#row-{first}")).to_contain_text("Attend depuis")
    page.locator(f"#open-{second}").tap()
    page.wait_for_url(f"**/pooling/{second}")
    expect(page.locator("#board")).to_be_hidden()
    expect(page.locator("#panel")).to_contain_text("Allergies")
    page.get_by_role("button", name="Mettre en attente").first.tap()
    sheet = page.get_by_role("dialog", name="Mettre en attente")
    sheet.get_by_label("Qu’attendez-vous").fill("Médecin à joindre")
    sheet.get_by_role("button", name="Mettre en attente").tap()
    expect(page.locator("#outcomes-title")).to_be_visible()
    expect(page.locator(f"#row-{second}")).to_contain_text("Médecin à joindre")
    page.locator(f"#open-{first}").tap()
    page.wait_for_url(f"**/pooling/{first}")
    page.get_by_role("button", name="Transmettre").first.tap()
    expect(page.locator("#outcomes-title")).to_have_text("1\u00a0demande transmise")
    assert state(world, first) == "submitted"


@pytest.mark.parametrize("shape", SHAPES)
def test_every_screen_is_accessible_and_nothing_moves_by_itself(
    live_server: LiveServer, open_page: Callable[[str], Page], axe: Callable[[Page], None], shape: str
) -> None:
    world = live_server.world
    case_id = pooled(world, "Bouvret", ("allergies", "course"))
    pooled(world, "Pelletier", urgency="soon")
    held = pooled(world, "Pommard")
    pooled(world, "Sagna", urgency="urgent")
    left = pooled(world, "Parti")
    with writing(world.system, world.actor(Role.COORDINATOR)) as work:
        pooling.hold(work, [held], "Famille à joindre")
        pooling.release(work, left)
    page = open_page(shape)
    page.add_init_script(f"({SHIFTS})()")
    sign_in_page(page, live_server.system, world.who(Role.COORDINATOR))
    for name, address in {
        "board": "/pooling",
        "case": f"/pooling/{case_id}",
        "held": f"/pooling/{held}",
        "left": f"/pooling/{left}",
        "sent": "/pooling/sent",
        "members": "/pooling/members",
        "completion": f"/pooling/{case_id}/completion",
    }.items():
        page.goto(address, wait_until="load")
        page.wait_for_timeout(150)
        assert page.evaluate("window.shifts") == 0, address
        assert_fits(page)
        axe(page)
        kept(page, f"pooling-{shape}-{name}")
    page.goto("/pooling", wait_until="load")
    page.locator(f"#choose-{case_id}").check()
    page.evaluate("document.getElementById('hold-chosen').click()")
    axe(page)
    kept(page, f"pooling-{shape}-hold")


@pytest.mark.parametrize("shape", ["tablet", "phone"])
def test_what_was_done_is_told_where_it_hides_no_action(
    live_server: LiveServer, open_page: Callable[[str], Page], axe: Callable[[Page], None], shape: str
) -> None:
    world = live_server.world
    case_id = pooled(world, "Premier")
    for name in ("Second", "Troisième", "Quatrième", "Cinquième", "Sixième", "Septième"):
        pooled(world, name)
    page = opened(open_page(shape), live_server, f"/pooling/{case_id}?done=noted")
    expect(page.locator("#toasts")).to_contain_text("Note enregistrée")
    if shape == "phone":
        for name in ("Mettre en attente", "Transmettre"):
            assert page.locator("#panel .dock").get_by_role("button", name=name).evaluate(CLEAR), name
    page.goto("/pooling?done=returned", wait_until="load")
    page.locator(f"#choose-{case_id}").check()
    expect(page.locator("#toasts")).to_contain_text("Demande renvoyée")
    for action in ("#hold-chosen", "#release-chosen", "#choose-none", "#search input[type=search]"):
        assert page.locator(action).evaluate(CLEAR), action
    assert page.locator(f"#choose-{case_id}").locator("xpath=..").evaluate(CLEAR)
    axe(page)
    kept(page, f"pooling-{shape}-toast")


@pytest.mark.parametrize("shape", ["tablet", "phone"])
def test_no_label_breaks_inside_a_word(
    live_server: LiveServer, open_page: Callable[[str], Page], shape: str
) -> None:
    world = live_server.world
    case_id = pooled(world, "Bouvret", photos=[])
    pooled(world, "Pelletier", urgency="urgent")
    page = opened(open_page(shape), live_server, f"/pooling/{case_id}")
    label = page.locator("#panel .photo-strip p > span").last
    label.evaluate("label => { label.textContent = 'Dermoscopie' }")
    expect(label).to_be_visible()
    assert page.evaluate(BROKEN) == []
    assert_fits(page)
    kept(page, f"pooling-{shape}-labels")
    for address in ("/pooling", "/pooling/sent"):
        page.goto(address, wait_until="load")
        assert page.evaluate(BROKEN) == [], address
        kept(page, f"pooling-{shape}-labels{address.replace('/', '-')}")

"""The coordinator's board in a real browser: by keyboard on a desk, by touch on a tablet and a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from dermavis.domain.roles import Role
from dermavis.services import pooling
from dermavis.services.work import writing
from tests import cases
from tests.answered_cases import state_of
from tests.e2e.pooling_board import focused, kept, opened
from tests.fixtures.browsers import assert_fits
from tests.pooled_cases import pooled

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer


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
    assert (state_of(world.system, first), state_of(world.system, lacking)) == ("submitted", "pooled")


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
    assert [state_of(world.system, case_id) for case_id in ids] == ["submitted", "submitted", "pooled"]


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
    assert state_of(world.system, first) == "submitted"

"""The expert's day in a real browser: the list, the pictures, an answer that saves itself, questions, signatures."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from dermavis.domain.roles import Role
from dermavis.models import Case, Opinion
from dermavis.services import changing, conversation
from dermavis.services.opinion_versions import open_opinion
from dermavis.services.work import reading, writing
from tests import cases
from tests.answered_cases import critical, declined, state_of
from tests.fixtures.browsers import assert_fits
from tests.pictured_cases import claimed_with_pictures, sent_with_pictures
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.browsers import OpenPage
    from tests.fixtures.servers import LiveServer

SHAPES = ("tablet", "phone")
SHIFT = """
  window.shifted = 0;
  const add = (one) => (window.shifted += one.hadRecentInput ? 0 : one.value);
  new PerformanceObserver((list) => list.getEntries().forEach(add)).observe({ type: "layout-shift", buffered: true });
"""
SAVED = re.compile(r"Enregistré à \d")
# What a page says of scripts that a cut network kept from it.
OUTAGES = ("fetching the script", "dynamically imported module")


@pytest.fixture
def expert(open_page: OpenPage, live_server: LiveServer) -> Callable[..., Page]:
    """Return a function that opens a page with an expert signed in."""

    def open_one(shape: str = "tablet", who: Role | str = Role.EXPERT, **options: Any) -> Page:
        page = open_page(shape, **options)
        page.add_init_script(SHIFT)
        sign_in_page(page, live_server.system, live_server.world.who(who))
        return page

    return open_one


@pytest.fixture
def answering_page(expert: Callable[..., Page], live_server: LiveServer) -> Page:
    """A claimed case with pictures, open on a tablet."""
    page = expert()
    page.goto(f"/cases/{claimed_with_pictures(live_server.world)}")
    return page


def field(page: Page, name: str) -> Any:
    """A field of the opinion by its path."""
    return page.locator(f'#opinion [name="{name}"]')


def fill_in(page: Page, destination: str = "Médecin traitant") -> None:
    """Fill what a signature asks for."""
    field(page, "lesions.0.diagnosis").fill("Kératose séborrhéique")
    field(page, "lesions.0.conduct").fill("Pas de biopsie.")
    page.get_by_role("radio", name=destination).check(force=True)


@pytest.mark.parametrize(
    ("shape", "scheme"),
    [
        ("phone", "light"),
        ("tablet", "dark"),
        pytest.param("phone", "dark", marks=pytest.mark.long),
        pytest.param("tablet", "light", marks=pytest.mark.long),
    ],
)
def test_every_screen_is_accessible_stands_still_and_never_scrolls_sideways(
    expert: Callable[..., Page], axe: Callable[[Page], None], live_server: LiveServer, shape: str, scheme: str
) -> None:
    world = live_server.world
    made = [sent_with_pictures(world), claimed_with_pictures(world), critical(world), declined(world)]
    paths = [
        "/worklist",
        "/worklist?list=waiting",
        "/worklist?list=answered",
        *(
            f"/cases/{case_id}"
            for case_id in (*made, cases.on_hold(world), cases.claimed(world, "other_expert"))
        ),
    ]
    page = expert(shape, color_scheme=scheme)
    for path in paths:
        page.goto(path, wait_until="load")
        page.wait_for_timeout(250)
        axe(page)
        assert page.evaluate("window.shifted") == 0, path
        assert_fits(page)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_sheet_is_accessible(
    expert: Callable[..., Page], axe: Callable[[Page], None], live_server: LiveServer, shape: str
) -> None:
    page = expert(shape)
    page.goto(f"/cases/{claimed_with_pictures(live_server.world)}")
    for opener in ("Demander une précision", "Autre réponse…", "Autres…"):
        page.get_by_role("button", name=opener).click()
        axe(page)
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)
    page.get_by_role("radio", name="Urgence").check(force=True)
    page.get_by_role("button", name="Signer", exact=True).click()
    expect(page.get_by_role("heading", name="Prévenez avant de signer")).to_be_visible()
    axe(page)


FLAGGED = {"answered": True, "flags": ["febrile_purpura"], "called": {"whom": "Le 15 (SAMU)"}}
ROOM = """(one) => {
  const range = document.createRange();
  range.selectNodeContents(one);
  const [inner, outer] = [range.getBoundingClientRect(), one.getBoundingClientRect()];
  return Math.min(inner.left - outer.left, outer.right - inner.right);
}"""


def test_what_is_framed_has_room_and_the_list_says_its_order_at_its_edge(
    expert: Callable[..., Page], live_server: LiveServer
) -> None:
    case_id = cases.claimed(live_server.world, red_flags=FLAGGED, urgency="urgent")
    cases.sent(live_server.world, motive="other")
    cases.sent(live_server.world)
    page = expert()
    page.goto(f"/cases/{case_id}")
    assert page.locator(".asked-here .alarm").first.evaluate(ROOM) >= 4
    assert page.get_by_role("button", name="Demander une précision").evaluate(ROOM) >= 4
    page.goto("/worklist")
    order, chips = page.locator(".by-deadline").bounding_box(), page.locator(".filter .chips").bounding_box()
    queue = page.locator("#queue").bounding_box()
    assert order
    assert chips
    assert queue
    assert abs(order["x"] + order["width"] - queue["x"] - queue["width"]) <= 2
    assert abs(order["y"] + order["height"] / 2 - chips["y"] - chips["height"] / 2) <= 2
    phone = expert("phone")
    phone.goto("/worklist")
    bell, mark = phone.locator(".bell").bounding_box(), phone.locator(".desk-bar .wordmark").bounding_box()
    assert bell
    assert mark
    assert abs(bell["y"] - mark["y"]) <= 2


def test_the_list_is_walked_by_keyboard_and_filtered_without_losing_the_way_back(
    expert: Callable[..., Page], live_server: LiveServer
) -> None:
    cases.sent(live_server.world, motive="other")
    cases.sent(live_server.world)
    page = expert("desk")
    page.goto("/worklist")
    rows = page.locator("#queue .case-row a")
    page.keyboard.press("ArrowDown")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Raccourcis du clavier")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("link", name=re.compile("^Kératose")).click()
    page.wait_for_url("**/worklist?motive=keratosis")
    expect(page.locator("#worklist")).to_be_visible()
    page.locator("#queue .case-row a").first.click()
    page.get_by_role("link", name="Revenir à la liste").click()
    page.wait_for_url("**/worklist?motive=keratosis")


def test_an_open_list_learns_of_a_new_request_and_keeps_the_focus(
    expert: Callable[..., Page], live_server: LiveServer
) -> None:
    cases.sent(live_server.world)
    page = expert("desk")
    page.goto("/worklist")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("ArrowDown")
    held = page.evaluate("document.activeElement.href")
    before = page.locator("#queue > li").count()
    cases.sent(live_server.world)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#queue > li")).to_have_count(before + 1)
    assert page.evaluate("document.activeElement.href") == held


def test_the_rest_of_a_long_list_joins_what_is_shown_and_is_still_there_after_a_reload(
    expert: Callable[..., Page], live_server: LiveServer
) -> None:
    for _ in range(28):
        cases.sent(live_server.world)
    page = expert("desk")
    page.goto("/worklist")
    expect(page.locator("#queue > li")).to_have_count(25)
    page.get_by_role("link", name="Afficher la suite").click()
    expect(page.locator("#queue > li").nth(27)).to_be_visible()
    shown = page.locator("#queue > li").evaluate_all("rows => rows.map((row) => row.id)")
    assert len(shown) == len(set(shown))
    page.reload()
    expect(page.locator("#queue > li")).to_have_count(len(shown))


def test_one_expert_takes_a_request_and_the_other_is_told_who_has_it(
    expert: Callable[..., Page], live_server: LiveServer
) -> None:
    case_id = cases.sent(live_server.world)
    first, second = expert(), expert(who="other_expert")
    for page in (first, second):
        page.goto(f"/cases/{case_id}")
    first.get_by_role("button", name="Répondre").click()
    expect(first.get_by_role("combobox", name="Diagnostic")).to_be_visible()
    second.get_by_role("button", name="Répondre").click()
    expect(second.get_by_role("alert")).to_contain_text("Dr Camille Expert a pris cette demande")
    expect(second.locator("#opinion")).to_have_count(0)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_way_to_answer_is_at_hand_leads_to_the_form_and_who_was_first_is_said_above(
    expert: Callable[..., Page], axe: Callable[[Page], None], live_server: LiveServer, shape: str
) -> None:
    case_id = sent_with_pictures(live_server.world)
    first, second = expert(shape), expert(shape, who="other_expert")
    for page in (first, second):
        page.goto(f"/cases/{case_id}")
        expect(page.get_by_role("button", name="Répondre")).to_be_in_viewport(ratio=1)
    assert first.evaluate("scrollY") == 0
    first.get_by_role("button", name="Répondre").click()
    expect(first.locator("#templates")).to_be_in_viewport()
    second.get_by_role("button", name="Répondre").click()
    told = second.get_by_role("alert")
    expect(told).to_contain_text("Dr Camille Expert a pris cette demande")
    expect(told).to_be_in_viewport(ratio=1)
    expect(told).to_be_focused()
    axe(second)
    assert_fits(second)


def test_the_pictures_are_looked_at_closely_upright_and_two_by_two(answering_page: Page) -> None:
    page = answering_page
    viewer = page.get_by_role("region", name="Photos")
    shown = viewer.locator(".stage img")
    expect(viewer.locator(".photo-strip li")).to_have_count(3)
    page.get_by_role("link", name=re.compile("^Échelle, plein format en attente")).click()
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


def test_what_is_written_is_kept_without_a_press_and_survives_a_reload(answering_page: Page) -> None:
    page = answering_page
    fill_in(page, "Présentiel")
    field(page, "destination_delay").fill("sous un mois")
    expect(page.locator("#saving")).to_have_text(SAVED)
    page.wait_for_timeout(1200)
    page.reload()
    expect(field(page, "lesions.0.conduct")).to_have_value("Pas de biopsie.")
    expect(page.get_by_role("radio", name="Présentiel")).to_be_checked()
    expect(field(page, "destination_delay")).to_have_value("sous un mois")


def test_without_a_network_the_text_stays_and_is_kept_later(
    answering_page: Page, page_faults: list[str]
) -> None:
    page = answering_page
    page.context.set_offline(True)
    field(page, "lesions.0.conduct").fill("Écrit sans réseau.")
    expect(page.locator("#saving")).to_contain_text("Hors connexion")
    page.context.set_offline(False)
    expect(page.locator("#saving")).to_have_text(SAVED)
    page.reload()
    expect(field(page, "lesions.0.conduct")).to_have_value("Écrit sans réseau.")
    page_faults[:] = [fault for fault in page_faults if not any(outage in fault for outage in OUTAGES)]


def test_a_second_tab_is_told_and_keeps_its_own_text(
    expert: Callable[..., Page], live_server: LiveServer, page_faults: list[str]
) -> None:
    page = expert()
    page.goto(f"/cases/{cases.claimed(live_server.world)}")
    other = page.context.new_page()
    other.goto(page.url)
    field(page, "lesions.0.conduct").fill("Du premier onglet.")
    expect(page.locator("#saving")).to_have_text(SAVED)
    field(page, "lesions.0.diagnosis").fill("Kératose")
    expect(page.locator("#saving")).to_have_text(SAVED)
    field(other, "lesions.0.conduct").fill("Du second onglet.")
    told = other.locator("#opinion-conflict")
    expect(told).to_contain_text("Modifié sur un autre appareil par Dr Camille Expert à")
    expect(field(other, "lesions.0.conduct")).to_have_value("Du second onglet.")
    told.get_by_role("button", name="Comparer et choisir").click()
    sheet = other.get_by_role("dialog")
    for words in ("Du premier onglet.", "Du second onglet.", "Kératose"):
        expect(sheet).to_contain_text(words)
    sheet.get_by_role("button", name="Continuer avec ces choix").click()
    expect(other.locator("#saving")).to_have_text(SAVED)
    page.reload()
    expect(field(page, "lesions.0.conduct")).to_have_value("Du second onglet.")
    expect(field(page, "lesions.0.diagnosis")).to_have_value("Kératose")
    page_faults.clear()


def test_a_session_that_ended_gives_the_text_back_after_the_sign_in(
    expert: Callable[..., Page], live_server: LiveServer
) -> None:
    page = expert()
    page.goto(f"/cases/{cases.claimed(live_server.world)}")
    here = page.url
    page.context.clear_cookies(name="dermavis")
    field(page, "lesions.0.conduct").fill("Écrit trop tard.")
    page.wait_for_url("**/sign-in**")
    sign_in_page(page, live_server.system, live_server.world.who(Role.EXPERT))
    page.goto(here)
    expect(field(page, "lesions.0.conduct")).to_have_value("Écrit trop tard.")


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


def test_a_request_completed_meanwhile_comes_back_with_all_that_was_typed_and_is_then_signed(
    expert: Callable[..., Page], live_server: LiveServer, page_faults: list[str]
) -> None:
    case_id = cases.claimed(live_server.world)
    page = expert()
    page.goto(f"/cases/{case_id}")
    with writing(live_server.system, live_server.world.actor(Role.REQUESTER)) as work:
        changing.complete(work, case_id, {"question": "Et sous anticoagulant ?"}, 1)
    fill_in(page)
    page.get_by_role("button", name="Signer", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("complétée entre-temps")
    expect(page.locator("main")).to_contain_text("Et sous anticoagulant ?")
    expect(field(page, "lesions.0.conduct")).to_have_value("Pas de biopsie.")
    page.get_by_role("button", name="Signer", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("Avis signé")
    page_faults[:] = [fault for fault in page_faults if "409" not in fault]


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


def test_a_sitting_is_answered_from_the_keyboard_one_after_the_other(
    expert: Callable[..., Page], live_server: LiveServer
) -> None:
    cases.sent(live_server.world, urgency="urgent")
    cases.sent(live_server.world)
    page = expert("desk")
    page.goto("/worklist")
    page.keyboard.press("s")
    page.wait_for_url("**/cases/*sitting=1")
    first = UUID(page.url.split("/cases/")[1][:36])
    fill_in(page)
    field(page, "lesions.0.conduct").press("Control+Enter")
    page.wait_for_url("**/cases/*sitting=2&signed=*")
    assert state_of(live_server.system, first) == "answered"
    second = UUID(page.url.split("/cases/")[1][:36])
    page.keyboard.press("p")
    page.wait_for_url(lambda url: str(second) not in url)
    assert state_of(live_server.system, second) == "submitted"
    page.goto(f"/cases/{first}")
    expect(page.get_by_text("Version 1, signée par Dr Camille Expert")).to_be_visible()


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

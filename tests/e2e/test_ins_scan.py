"""« Scanner le code INS »: with the live camera, from a photograph, beside what was typed, and when it cannot be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from dermavis.domain.roles import Role
from tests.e2e.filming import filmed as filmed  # a fixture
from tests.e2e.guided_request import READY, GuidedRequest
from tests.e2e.looking import looked_at
from tests.ins_codes import code_text, drawn, on_paper, skin
from tests.material import jpeg
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.e2e.filming import Filmed
    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.e2e

SCAN = "Scanner le code INS"


@pytest.fixture
def at_patient(live_server: LiveServer) -> Callable[[Page], Page]:
    """Return a function that signs a requester in and goes to the patient's screen."""

    def go(page: Page) -> Page:
        sign_in_page(page, live_server.system, live_server.world.who(Role.REQUESTER))
        page.goto("/requests/new")
        page.wait_for_selector(READY)
        page.get_by_role("link", name="Aucun de ces signes").click()
        page.get_by_role("button", name=SCAN).wait_for()
        return page

    return go


def test_a_code_before_the_camera_names_the_patient(
    filmed: Filmed, at_patient: Callable[[Page], Page], axe: Callable[..., None], tmp_path: Path
) -> None:
    page = at_patient(filmed([on_paper(drawn(code_text()), turn=8)]))
    page.get_by_role("button", name=SCAN).click()
    expect(page.get_by_role("heading", name="Est-ce ce patient")).to_be_visible()
    looked_at(page, axe, "scan-found")
    page.get_by_role("button", name="Utiliser cette identité").click()
    GuidedRequest(page, tmp_path).at("identite")
    expect(page.get_by_label("Nom de naissance")).to_have_value("D'AUBIGNE LE GOFF-MARTIN")
    expect(page.get_by_label("Prénom")).to_have_value("HELENE")
    expect(page.get_by_label("Jour")).to_have_value("12")
    expect(page.get_by_text("2 79 03 51 215 189 89")).to_be_visible()
    expect(page.get_by_label("J’ai vérifié une pièce d’identité")).not_to_be_checked()
    looked_at(page, axe, "scan-taken")
    page.get_by_label("Nom de naissance").fill("Daubigny")
    expect(page.get_by_text("2 79 03 51 215 189 89")).to_have_count(0)


def test_what_differs_from_what_was_typed_is_named_and_may_be_kept(
    filmed: Filmed, at_patient: Callable[[Page], Page], axe: Callable[..., None], tmp_path: Path
) -> None:
    page = at_patient(filmed([on_paper(drawn(code_text(S4="VAUTRIN", S2="1.2.250.1.213.1.4.10")))]))
    request = GuidedRequest(page, tmp_path)
    page.get_by_role("button", name="Nouveau patient").click()
    request.at("identite")
    page.get_by_label("Nom de naissance").fill("Vautrin")
    page.get_by_label("Prénom").fill("Hélène")
    page.get_by_label("Jour").fill("13/03/1979")
    page.go_back()
    page.get_by_role("button", name=SCAN).click()
    expect(page.get_by_text("Une différence avec ce qui est saisi")).to_be_visible()
    expect(page.get_by_text("Saisi : 13/03/1979")).to_be_visible()
    expect(page.get_by_text("Identité d’essai")).to_be_visible()
    looked_at(page, axe, "scan-differs")
    page.get_by_role("button", name="Garder le saisi").click()
    expect(page.get_by_text("13/03/1979").first).to_be_visible()
    page.get_by_role("button", name=SCAN).click()
    page.get_by_role("button", name="Utiliser cette identité").click()
    request.at("identite")
    expect(page.get_by_label("Nom de naissance")).to_have_value("Vautrin")
    expect(page.get_by_label("Prénom")).to_have_value("Hélène")
    expect(page.get_by_label("Jour")).to_have_value("12")


def test_somebody_else_of_the_same_family_is_another_patient(
    filmed: Filmed, at_patient: Callable[[Page], Page], tmp_path: Path
) -> None:
    page = at_patient(filmed([on_paper(drawn(code_text(S4="VAUTRIN")))]))
    request = GuidedRequest(page, tmp_path)
    page.get_by_role("button", name="Nouveau patient").click()
    request.at("identite")
    page.get_by_label("Nom de naissance").fill("Vautrin")
    page.get_by_label("Prénom").fill("Paul")
    page.get_by_label("Jour").fill("02/05/1950")
    page.locator("label", has_text="Homme").click()
    page.get_by_label("Nom utilisé").fill("Martin")
    page.get_by_label("J’ai vérifié une pièce d’identité").check()
    page.go_back()
    page.get_by_role("button", name=SCAN).click()
    page.get_by_role("button", name="Utiliser cette identité").click()
    request.at("identite")
    expect(page.get_by_label("Prénom")).to_have_value("HELENE")
    expect(page.get_by_label("Nom utilisé")).to_have_value("")
    expect(page.get_by_label("J’ai vérifié une pièce d’identité")).not_to_be_checked()


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        pytest.param("Code128", "34009300001200", "C’est un code-barres", marks=pytest.mark.long),
        ("DataMatrix", "010340093000012017270101", "n’est pas un code INS"),
        pytest.param("DataMatrix", code_text()[:70], "incomplet", marks=pytest.mark.long),
    ],
)
def test_another_code_is_told_apart_while_the_camera_goes_on(
    filmed: Filmed,
    at_patient: Callable[[Page], Page],
    axe: Callable[..., None],
    kind: str,
    text: str,
    words: str,
) -> None:
    page = at_patient(filmed([on_paper(drawn(text, kind))]))
    page.get_by_role("button", name=SCAN).click()
    expect(page.locator(".camera .told")).to_contain_text(words)
    looked_at(page, axe, "scan-camera")
    page.get_by_role("button", name="À la main").click()
    expect(page.get_by_role("button", name=SCAN)).to_be_focused()


@pytest.mark.long
def test_a_photograph_of_the_code_serves_where_the_camera_is_refused(
    phone: Page, at_patient: Callable[[Page], Page], axe: Callable[..., None], tmp_path: Path
) -> None:
    page = at_patient(phone)
    page.get_by_role("button", name=SCAN).click()
    expect(page.get_by_text("Le reste marche sans elle")).to_be_visible()
    looked_at(page, axe, "scan-refused")
    nothing, code = tmp_path / "skin.jpg", tmp_path / "code.jpg"
    nothing.write_bytes(jpeg(skin()))
    code.write_bytes(jpeg(on_paper(drawn(code_text(), scale=4), (1600, 1200), turn=20)))
    page.get_by_label("Galerie, choisir une photo du code").set_input_files(nothing)
    expect(page.locator(".camera .told")).to_contain_text("Aucun code lisible")
    page.get_by_label("Galerie, choisir une photo du code").set_input_files(code)
    expect(page.get_by_role("heading", name="Est-ce ce patient")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=SCAN)).to_be_visible()


@pytest.mark.long
def test_without_webassembly_the_page_says_so(filmed: Filmed, at_patient: Callable[[Page], Page]) -> None:
    page = filmed([on_paper(drawn(code_text()))])
    page.add_init_script("delete globalThis.WebAssembly; delete globalThis.BarcodeDetector;")
    at_patient(page).get_by_role("button", name=SCAN).click()
    expect(page.locator(".camera .told")).to_contain_text("ne lit pas les codes")

"""The main job in WebKit, the engine of every iPhone: a request kept through a reload and sent, an opinion read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from dermavis.domain.roles import Role
from tests import cases, material
from tests.signing_in import cookie_name, new_session

if TYPE_CHECKING:
    from selenium.webdriver import WebKitGTK
    from selenium.webdriver.remote.webelement import WebElement

    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.long
PATIENCE_S = 30


class Handset:
    """WebKit in a requester's hand."""

    def __init__(self, driver: WebKitGTK, server: LiveServer, folder: Path) -> None:
        self.driver, self.server, self.folder = driver, server, folder
        who = server.world.who(Role.REQUESTER)
        driver.get(f"{server.url}/sign-in")
        driver.add_cookie(
            {"name": cookie_name(server.system), "value": new_session(server.system, who), "path": "/"}
        )

    def open(self, path: str) -> None:
        self.driver.get(self.server.url + path)

    def wait(self, script: str, *given: object) -> None:
        """Wait until the script says yes."""
        WebDriverWait(self.driver, PATIENCE_S).until(
            lambda driver: driver.execute_script(f"return Boolean({script})", *given), f"waited for {script}"
        )

    def find(self, selector: str) -> WebElement:
        """Wait for an element of the page."""
        self.wait("document.querySelector(arguments[0])", selector)
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def press(self, words: str, kind: str = "button, a") -> None:
        """Press what begins with these words."""
        found = (
            f"[...document.querySelectorAll({kind!r})].find((one) => one.checkVisibility()"
            " && !one.disabled && one.textContent.trim().startsWith(arguments[0]))"
        )
        self.wait(found, words)
        # The driver's own click misses what stands under the page's sticky bars.
        self.driver.execute_script(f"{found}.click()", words)

    def at(self, place: str) -> None:
        """Wait for that screen of the guided request."""
        self.wait("location.hash.slice(1).startsWith(arguments[0])", place)

    @property
    def place(self) -> str:
        return str(self.driver.execute_script("return location.hash.slice(1)"))

    def go_on(self) -> None:
        before = self.place
        self.press("Continuer", "#dock button")
        self.wait("location.hash.slice(1) !== arguments[0]", before)

    def fits(self) -> None:
        """Nothing runs out of the page sideways."""
        assert self.driver.execute_script("return document.documentElement.scrollWidth <= innerWidth"), (
            self.place
        )

    def photograph(self) -> None:
        path = self.folder / f"{self.place.replace('/', '-')}.jpg"
        path.write_bytes(material.planted_jpeg(material.scene(1600, 1200, seed=hash(self.place) % 1000)))
        field = self.driver.find_elements(By.CSS_SELECTOR, "#dock input[type=file]")[-1]
        field.send_keys(str(path))
        self.find("figure.photo img, figure.photo .placeholder")


@pytest.fixture
def handset(webkit: WebKitGTK, live_server: LiveServer, tmp_path: Path) -> Handset:
    return Handset(webkit, live_server, tmp_path)


def test_a_request_with_pictures_outlives_a_reload_and_is_sent(
    handset: Handset, live_server: LiveServer
) -> None:
    handset.open("/requests/new")
    handset.find("body[data-ready]")
    handset.press("Aucun de ces signes")
    handset.at("patient")
    handset.press("Nouveau patient")
    handset.at("identite")
    handset.find("#birth_name").send_keys("D’Aubigné")
    handset.find("#first_name").send_keys("Élise")
    for part, digits in enumerate(("01", "03", "1980")):
        handset.find(f"#birth-{part}").send_keys(digits)
    handset.press("Femme", "label")
    handset.fits()
    handset.go_on()
    handset.go_on()
    handset.at("accord")
    handset.press("Patient informé et d’accord", "label")
    handset.go_on()
    handset.at("motif")
    handset.press("Kératose", "label")
    handset.go_on()
    handset.at("lesion")
    handset.find("[role=radio][aria-label='Haut du dos, côté droit']").send_keys(Keys.SPACE)
    handset.fits()
    handset.go_on()
    handset.go_on()
    handset.at("photo")
    handset.photograph()

    handset.driver.refresh()
    handset.find("body[data-ready]")
    handset.at("photo")
    handset.find("figure.photo img")
    assert "D’AUBIGNÉ" in handset.find("#band").text.upper()

    handset.go_on()
    while handset.place.startswith("photo/"):
        handset.photograph()
        handset.go_on()
    handset.fits()
    while handset.place.startswith(("histoire/", "terrain")):
        for _ in range(2):  # an answer may open another question
            handset.driver.execute_script(
                """for (const group of document.querySelectorAll('#main fieldset'))
                     if (group.querySelector('input[type=radio]') && !group.querySelector('input:checked'))
                       [...group.querySelectorAll('label')].at(-1).click();"""
            )
        handset.go_on()
    handset.at("hypothese")
    handset.go_on()
    handset.at("question")
    handset.find("#question").send_keys("Surveiller ou retirer ?")
    handset.go_on()
    handset.find("input[name=addressing]:checked")
    handset.go_on()
    handset.at("relecture")
    handset.fits()
    handset.press("Envoyer")
    number = handset.find(".receipt-number").text
    assert re.fullmatch(r"D-\d+", number)


def test_the_opinion_is_read_and_its_report_opens_and_comes_back(
    handset: Handset, live_server: LiveServer
) -> None:
    case_id = cases.answered(live_server.world)
    handset.open(f"/cases/{case_id}")
    heading = handset.find("h1").text
    handset.fits()
    handset.press("PDF")
    handset.find("#report-text")
    assert "AVIS DE TÉLÉEXPERTISE" in handset.find("#report-text").text.upper()
    handset.fits()
    handset.press("Retour", ".dock a")
    handset.wait("location.pathname === arguments[0]", f"/cases/{case_id}")
    assert handset.find("h1").text == heading


def test_the_worklist_fits_a_phone(handset: Handset, live_server: LiveServer) -> None:
    world = live_server.world
    case_id = cases.sent(world)
    token = new_session(live_server.system, world.who(Role.EXPERT))
    handset.driver.add_cookie({"name": cookie_name(live_server.system), "value": token, "path": "/"})
    handset.open("/worklist")
    handset.find(f"#case-{case_id}")
    handset.fits()

"""A requester at the guided request in WebKit: one method for each thing that a person does there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests import material
from tests.e2e.handset import PATIENCE_S, READY, Handset

if TYPE_CHECKING:
    from selenium.webdriver import WebKitGTK

    from tests.fixtures.servers import LiveServer


class RequestOnHandset(Handset):
    """One request on one phone; ``taken`` holds the bytes of each picture that was taken with it."""

    def __init__(self, driver: WebKitGTK, server: LiveServer, folder: Path) -> None:
        super().__init__(driver, server, folder)
        self.taken: list[bytes] = []

    @property
    def place(self) -> str:
        """The screen's name in the address: ``photo/1/overview``."""
        return str(self.driver.execute_script("return location.hash.slice(1)"))

    @property
    def case_id(self) -> str:
        """The id that the phone gave to this request."""
        found = re.search(r"/requests/([0-9a-f-]{36})", self.driver.current_url)
        assert found, self.driver.current_url
        return found[1]

    def at(self, place: str) -> None:
        """Wait for that screen of the guided request, which fits."""
        self.wait("location.hash.slice(1).startsWith(arguments[0])", place)
        self.wait("document.activeElement?.tagName === 'H1'")
        self.fits()

    def go_on(self) -> None:
        """Press the main action, and wait for the next screen; a drawn picture is kept although it is doubtful."""
        before = self.place
        self.wait("document.querySelector('#dock button:not([disabled])')")
        kept = "return Boolean(document.querySelector('#dock [data-key=keep]'))"
        self.press("Garder quand même" if self.driver.execute_script(kept) else "Continuer", "#dock button")
        self.wait("location.hash.slice(1) !== arguments[0]", before)

    def begin(self) -> None:
        """Open a new request and find none of the signs."""
        self.open("/requests/new")
        self.find(READY)
        self.press("Aucun de ces signes")
        self.at("patient")

    def identify(self, name: str = "D’Aubigné", first: str = "Élise") -> None:
        """Type a new patient, an adult woman; nothing has left the phone yet."""
        self.press("Nouveau patient")
        self.at("identite")
        self.fill("#birth_name", name)
        self.fill("#first_name", first)
        for part, digits in enumerate(("01", "03", "1980")):
            self.fill(f"#birth-{part}", digits)
        self.press("Femme", "label")
        self.go_on()
        self.at("coordonnees")
        self.go_on()
        self.at("accord")

    def agree(self) -> None:
        """Record the patient's consent: from there on the phone sends."""
        self.press("Patient informé et d’accord", "label")
        self.go_on()
        self.at("motif")

    def describe_lesion(self) -> None:
        """Choose a motive that asks for two views, and show the lesion on the body."""
        self.press("Kératose", "label")
        self.go_on()
        self.at("lesion")
        self.find("[role=radio][aria-label='Haut du dos, côté droit']").send_keys(Keys.SPACE)
        self.go_on()
        self.at("description")
        self.go_on()
        self.at("photo")

    def photograph(self) -> None:
        """Take a picture of the view that is asked."""
        seed = len(self.taken) + 1
        self.taken.append(material.planted_jpeg(material.scene(1600, 1200, seed=seed)))
        path = self.folder / f"picture-{seed}.jpg"
        path.write_bytes(self.taken[-1])
        self.driver.find_elements(By.CSS_SELECTOR, "#dock input[type=file]")[-1].send_keys(str(path))
        self.find("figure.photo img, figure.photo .placeholder")

    def photograph_everything(self) -> None:
        """Take every view that is asked."""
        while self.place.startswith("photo/"):
            self.photograph()
            self.fits()
            self.go_on()

    def answer_history(self) -> None:
        """Answer every question with its last choice."""
        while self.place.startswith(("histoire/", "terrain")):
            for _ in range(2):  # an answer may open another question
                self.driver.execute_script(
                    """for (const group of document.querySelectorAll('#main fieldset'))
                         if (group.querySelector('input[type=radio]') && !group.querySelector('input:checked'))
                           [...group.querySelectorAll('label')].at(-1).click();"""
                )
            self.fits()
            self.go_on()

    def ask(self) -> None:
        """Leave the hypothesis, write the question, keep the usual centre."""
        self.at("hypothese")
        self.go_on()
        self.at("question")
        self.fill("#question", "Surveiller ou retirer ?")
        self.go_on()
        self.at("destinataire")
        self.find("input[name=addressing]:checked")
        self.go_on()
        self.at("relecture")

    def complete(self) -> None:
        """Everything from the patient to the review."""
        self.begin()
        self.identify()
        self.agree()
        self.describe_lesion()
        self.photograph_everything()
        self.answer_history()
        self.ask()

    def send(self) -> str:
        """Press Envoyer and return the number of the receipt."""
        self.press("Envoyer")
        return self.receipt()

    def receipt(self, patience_s: float = PATIENCE_S) -> str:
        """Wait for the receipt, untouched, and return its number."""
        return self.find(".receipt-number", patience_s).text

    def reload_in_place(self) -> None:
        """Load the request again: the same patient on the same screen."""
        place, band = (
            self.place,
            self.driver.execute_script("return document.getElementById('band').innerText"),
        )
        self.reload()
        self.find(READY)
        self.at(place)
        assert self.driver.execute_script("return document.getElementById('band').innerText") == band

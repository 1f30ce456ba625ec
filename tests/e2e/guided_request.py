"""A requester at the guided request, in a real browser: one method for each thing that a person does there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests import cases, material

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.factories import World

READY = "body[data-ready]"
LAST_HISTORY_SCREEN = "#question"


class GuidedRequest:
    """One request on one page."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self.folder = folder

    @property
    def place(self) -> str:
        """The screen's name in the address: ``photo/1/overview``."""
        return str(self.page.evaluate("location.hash.slice(1)"))

    @property
    def case_id(self) -> str:
        """The id that the phone gave to this request."""
        found = re.search(r"/requests/([0-9a-f-]{36})", self.page.url)
        assert found, self.page.url
        return found[1]

    def begin(self) -> None:
        """Open a new request and find none of the signs."""
        self.page.goto("/requests/new")
        self.page.wait_for_selector(READY)
        self.find_none_of_the_signs()

    def find_none_of_the_signs(self) -> None:
        """Answer the first screen, which stands."""
        self.page.get_by_role("link", name="Aucun de ces signes").click()
        self.at("patient")

    def reopen(self, address: str) -> None:
        """Come back to a request, as from the home page: without the screen in the address."""
        self.page.goto(address.split("#")[0])
        self.page.wait_for_selector(READY)

    def at(self, place: str) -> None:
        """Wait until that screen stands and its heading has the focus."""
        self.page.wait_for_function("place => location.hash.slice(1).startsWith(place)", arg=place)
        self.page.wait_for_function("() => document.activeElement.tagName === 'H1'")

    def go_on(self) -> None:
        """Press the main action; a drawn picture is kept although it is smaller than a phone's."""
        self.page.get_by_role("button", name=re.compile("^(Continuer|Garder quand même)$")).click()

    def name_patient(self, name: str = "D’Aubigné", birth: str = "01/03/1980", first: str = "Élise") -> None:
        """Type a new patient, an adult woman, and record her consent."""
        self.identify(name, birth, first)
        self.agree()

    def agree(self) -> None:
        """Record the consent, and go on."""
        self.record_consent()
        self.go_on_to("motif")

    def go_on_to(self, place: str) -> None:
        """Press the main action, and wait for that screen."""
        self.go_on()
        self.at(place)

    def identify(self, name: str, birth: str, first: str = "Élise") -> None:
        """Type a new patient, up to the screen of the consent: nothing has left the phone yet."""
        self.begin_patient()
        self.type_identity(name, birth, first)
        self.go_on_to("accord")

    def begin_patient(self) -> None:
        """Say that the patient is a new one."""
        self.page.get_by_role("button", name="Nouveau patient").click()
        self.at("identite")

    def type_identity(self, name: str = "D’Aubigné", birth: str = "01/03/1980", first: str = "Élise") -> None:
        """Type the traits of a woman who is seen for the first time."""
        page = self.page
        page.get_by_label("Nom de naissance").fill(name)
        page.get_by_label("Prénom").fill(first)
        page.get_by_label("Jour").fill(birth)
        page.locator("label", has_text="Femme").click()
        self.go_on_to("coordonnees")

    def record_consent(self) -> None:
        """Tick that the patient agrees: from there on the phone sends."""
        self.page.get_by_label("Patient informé et d’accord").check()

    def describe_lesion(self, motive: str = "Kératose", place: str = "Haut du dos, côté droit") -> None:
        """Choose the motive and show the lesion on the body; by default two views are asked."""
        self.choose_motive(motive)
        self.show_place(place)
        self.go_on_to("photo")

    def choose_motive(self, motive: str = "Kératose") -> None:
        """Choose what it is about."""
        self.page.get_by_label(re.compile(rf"^\s*{motive}")).check()
        self.go_on_to("lesion")

    def show_place(self, place: str = "Haut du dos, côté droit") -> None:
        """Show the lesion on the body."""
        self.page.get_by_role("radio", name=place).click()
        self.go_on_to("description")

    def begin_photos(self, motive: str = "Kératose") -> None:
        """Everything up to the first view that is asked."""
        self.begin()
        self.name_patient()
        self.describe_lesion(motive)

    def photograph(self, content: bytes | None = None, name: str = "photo.jpg") -> None:
        """Pick a picture for the view that is asked, and wait until the phone has it."""
        self.pick(
            self.written(
                material.planted_jpeg(material.scene(1600, 1200)) if content is None else content, name
            )
        )
        self.page.wait_for_selector("figure.photo img, figure.photo .placeholder")

    def pick(self, path: Path) -> None:
        """Choose a file, as the camera or the gallery gives it."""
        self.page.locator("#dock input[type=file]").first.set_input_files(path)

    def written(self, content: bytes, name: str) -> Path:
        """Put a file where the browser can pick it."""
        path = self.folder / name
        path.write_bytes(content)
        return path

    def photograph_everything(self) -> None:
        """Take every view that is asked."""
        while self.place.startswith("photo/"):
            self.photograph_one_view()

    def photograph_one_view(self) -> None:
        """Take the view of this screen, and go on."""
        before = self.place
        self.photograph(material.planted_jpeg(material.scene(1600, 1200, seed=hash(before) % 1000)))
        self.go_on()
        self.page.wait_for_function("place => location.hash.slice(1) !== place", arg=before)

    def answer_history(self) -> None:
        """Answer every question with its last choice, mostly "Inconnu"."""
        while self.place.startswith(("histoire/", "terrain")):
            self.answer_one_screen()

    def answer_one_screen(self) -> None:
        """Give every question of this screen that has no answer yet its last choice, and go on."""
        before = self.place
        for _ in range(2):  # an answer may open another question
            self._choose_last_of_each()
        self.go_on()
        self.page.wait_for_function("place => location.hash.slice(1) !== place", arg=before)

    def _choose_last_of_each(self) -> None:
        for group in self.page.locator("#main fieldset").all():
            if group.locator("input[type=radio]").count() and not group.locator("input:checked").count():
                group.locator("label").last.click()

    def ask(self, question: str = "Surveiller ou retirer ?") -> None:
        """Leave the hypothesis, write the question, keep the usual centre."""
        self.at("hypothese")
        self.go_on_to("question")
        self.write_question(question)
        self.page.wait_for_selector("input[name=addressing]:checked")
        self.go_on_to("relecture")

    def write_question(self, question: str = "Surveiller ou retirer ?") -> None:
        """Write what is asked of the expert."""
        self.page.get_by_label("Question à l’expert").fill(question)
        self.go_on_to("destinataire")

    def rewrite_question(self, words: str) -> None:
        """Change the question, up to the next screen."""
        self.page.evaluate("location.hash = 'question'")
        self.page.get_by_label("Question à l’expert").fill(words)
        self.go_on()
        self.page.wait_for_function("() => location.hash !== '#question'")

    def complete(self) -> None:
        """Everything from the patient to the review."""
        self.begin_photos()
        self.photograph_everything()
        self.answer_history()
        self.ask()

    def review_kept(self, world: World, **changes: Any) -> None:
        """Come to the review of a request that is complete, its pictures left out: for what happens from there on."""
        self.page.goto(f"/requests/{cases.drafted(world, **changes)}#relecture")
        self.page.wait_for_selector(READY)
        self.at("relecture")

    def send(self) -> str:
        """Press Envoyer and return the number of the receipt."""
        self.page.get_by_role("button", name="Envoyer").click()
        return self.receipt()

    def receipt(self) -> str:
        """Wait for the receipt and return its number."""
        self.page.wait_for_selector(".receipt-number", timeout=30_000)
        return self.page.locator(".receipt-number").inner_text()

    def kept(self) -> dict[str, Any]:
        """Wait until nothing is on its way to the server any more, and return the draft that it holds."""
        held: dict[str, Any] = {}
        for _ in range(20):
            before, held = held, self.page.request.get(f"/api/v1/drafts/{self.case_id}").json()
            if "revision" in held and held["revision"] == before.get("revision"):
                return held
            self.page.wait_for_timeout(800)
        raise AssertionError(f"the server holds no settled draft: {held}")

    def picture_states(self) -> list[Any]:
        """Ask the server where each picture stands."""
        answer = self.page.request.get(f"/api/v1/drafts/{self.case_id}/photos")
        return [photo["state"] for photo in answer.json()["photos"]]

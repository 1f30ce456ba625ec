"""A person at a phone who does the errands of a schedule, whatever happens to tabs, line, clock and service."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

from playwright.sync_api import Error

from tests import cases
from tests.schedules.drawing import Errand
from tests.schedules.happenings import happens
from tests.schedules.inside import LEFT_OUT, OUTCOME
from tests.schedules.model import Asked, TakenPicture
from tests.schedules.phone import Phone

if TYPE_CHECKING:
    from playwright.sync_api import Page

VIEWS = ("overview", "close_up")
TRIES = 8
ANSWER_S = 4.0


class CouldNotGoOn(Exception):
    """A person who tried again and again was not let on."""


@dataclass
class AtWork:
    """One errand at one phone: the request so far, and the tabs that stand open on it."""

    phone: Phone
    errand: Errand
    folder: Path
    end_process: Callable[[str], None]
    happened: Counter[str]
    asked: Asked = field(default_factory=lambda: Asked(str(uuid4())))
    chosen: dict[str, bytes] = field(default_factory=dict)
    tabs: list[Page] = field(default_factory=list)
    anew: bool = False

    def run(self, pictures: list[bytes]) -> None:
        """Do the whole errand. Raises CouldNotGoOn."""
        self.try_again(self._begin)
        self._moment("begun")
        for view, content in zip(VIEWS, pictures, strict=False):
            self.try_again(lambda view=view, content=content: self._photograph(view, content))
            self._moment("photographed")
        self.try_again(lambda: self._type("Première question"))
        self._moment("asked")
        if self.errand.sends:
            self._send()
        if self.errand.sends and self.errand.changes:
            self._change()
        self._moment("left")

    def press(self) -> None:
        """Touch « Envoyer » on the review, unless it was sent meanwhile."""
        page = self._at("relecture")
        if page is None or self._outcome(page) in {"sent", "waits"}:
            return self._hear(page)
        shown = page.locator("dl.facts strong").first.inner_text()
        self.asked.press(shown)
        page.locator("#send").click(timeout=3_000)
        return None

    def wait(self, seconds: float = ANSWER_S) -> str:
        """Wait for what the phone says of it: "sent", "waits", "lacks", or '' where it says nothing yet."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for page in list(self.tabs):
                said = self._hear(page)
                if said:
                    return said
            time.sleep(0.05)
        return ""

    def _send(self) -> None:
        self.try_again(self.press)
        self._moment("pressed")
        self.wait()
        self._moment("waiting")

    def _change(self) -> None:
        """Change the question after « Envoyer », unless it has left meanwhile; then send it again, or leave it so."""
        if self.wait(0.2) == "sent":
            return
        before = self.asked.typed
        self.try_again(lambda: self._type("Seconde question"))
        if self.asked.typed == before:
            return
        self.happened["changed after Envoyer"] += 1
        self._moment("changed")
        if self.errand.sends_again:
            self._send()

    def _begin(self) -> None:
        if self.errand.without_line:
            self.phone.line.cut(1.5)
            self.happened["begun without line"] += 1
        begun_elsewhere = self.errand.without_line or self.anew
        self.anew = True
        page = self.phone.open("/requests/new") if begun_elsewhere else self.phone.any_page()
        content = cases.content()
        lesion = content["lesions"][0]["id"]
        content["patient"] |= {"birth_name": _letters(self.asked.id)}
        content["photos"] = [row for row in content["photos"] if row["view"] in VIEWS[self.errand.pictures :]]
        content["lesions"][0]["id"] = lesion
        self.phone.put_together(page, self.asked.id, content)
        self.phone.close(page)

    def _photograph(self, view: str, content: bytes) -> None:
        page = self._at(f"photo/1/{view}")
        if page is None:
            return
        page.wait_for_selector("#dock input[type=file]", state="attached")
        # On a second try a page that is still drawing shows none although it keeps one.
        if view not in self.phone.kept(page, self.asked.id).get("pictures", {}):
            path = self.folder / f"{self.asked.id}-{view}.jpg"
            path.write_bytes(content)
            page.locator("#dock input[type=file]").first.set_input_files(path)
        page.wait_for_selector("figure.photo img")
        photo_id, diagnostic = self.phone.kept(page, self.asked.id)["pictures"][view]
        digest = sha256(content).hexdigest()
        self.chosen[digest] = content
        self.asked.pictures[photo_id] = TakenPicture(view, digest, diagnostic)

    def _type(self, question: str) -> None:
        """Write the question and come to the next screen: from there on it is kept."""
        page = self._at("question")
        if page is None:
            return
        words = f"{question} de {self.asked.id[:8]}"
        page.get_by_label("Question à l’expert").fill(words)
        page.get_by_role("button", name="Continuer", exact=True).click()
        page.wait_for_function("() => location.hash !== '#question'")
        if self._outcome(page) != "sent":
            self.asked.type(words)
            self._at("relecture")
        else:
            self.asked.late = words

    def _at(self, place: str) -> Page | None:
        """Stand on a screen of this request; None where the phone says that it was sent."""
        page = self._tab(place)
        said = self._outcome(page)
        if said == "sent":
            self._hear(page)
            return None
        if place == "relecture" and said == "waits":
            return page
        if page.evaluate("location.hash.slice(1)") != place:
            page.evaluate("place => { location.hash = place; }", place)
        page.wait_for_function(
            "place => location.hash.slice(1) === place || document.querySelector('.receipt-number')",
            arg=place,
        )
        if place == "relecture":
            page.wait_for_selector("#send, .receipt-number")
        return None if self._outcome(page) == "sent" else page

    def _tab(self, place: str) -> Page:
        self.tabs = [page for page in self.tabs if not page.is_closed()]
        mine = [page for page in self.tabs if self.asked.id in page.url]
        if not mine:
            mine = [self.phone.open(f"/requests/{self.asked.id}#{place}")]
            self.tabs += mine
        return mine[-1]

    def _outcome(self, page: Page) -> str:
        said = str(page.evaluate(OUTCOME))
        if said != "asks":
            return said
        self._answer_dialog(page)
        return ""

    def _answer_dialog(self, page: Page) -> None:
        """Two texts of this request: keep what was typed last."""
        if page.locator("#phone-code").count():
            return
        self.happened["asked which text"] += 1
        mine = (
            page.locator("label.choice", has_text=self.asked.typed)
            .first.locator("input")
            .get_attribute("value")
        )
        page.get_by_role("button", name="Tout l’autre" if mine == "theirs" else "Tout le mien").last.click()
        page.get_by_role("button", name="Continuer avec ces choix").last.click()

    def _hear(self, page: Page | None) -> str:
        """Remember what a tab says of the request."""
        if page is None or page.is_closed() or self.asked.id not in page.url:
            return ""
        with suppress(Error):
            said = self._outcome(page)
            if said in {"sent", "waits"} and self.asked.presses:
                self.asked.promise() if not self.asked.taken_back else None
            self.hear_left_out(page)
            return said
        return ""

    def says(self) -> str:
        """Return what each tab of the request shows: for whoever looks for a fault's cause."""
        said = []
        for page in self.tabs:
            with suppress(Error):
                shown = page.locator("#main, #trouble, .progress").all_inner_texts()
                said.append(f"{urlsplit(page.url).fragment}: {' '.join(' '.join(shown).split())[:400]}")
        return " | ".join(said)

    def hear_left_out(self, page: Page) -> None:
        """Remember which question a page says is not in the request that left."""
        told = str(page.evaluate(LEFT_OUT))
        written = {self.asked.typed, self.asked.late} - {""}
        self.asked.told_left_out |= {words for words in written if words in told}

    def try_again(self, act: Callable[[], object]) -> None:
        """Do it; where a tab died or a page stood still, open the request anew and try again."""
        for attempt in range(TRIES):
            try:
                act()
                return
            except (Error, KeyError) as error:
                trouble = error
                for page in self.tabs:
                    if attempt:
                        self.phone.close(page)
                time.sleep(0.1 * attempt)
        raise CouldNotGoOn(str(trouble)) from trouble

    def _moment(self, name: str) -> None:
        for happening in self.errand.happenings[name]:
            with suppress(Error):
                if happens(self, happening):
                    self.happened[happening.kind] += 1


def _letters(case_id: str) -> str:
    """A name of letters alone, each request's own."""
    return "V" + "".join(chr(ord("a") + int(digit, 16)) for digit in case_id[:8])

"""What the tests of the whole day stand on: everybody's device, what reaches it, and where it has been."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import Case, OutboxItem
from dermavis.services.work import reading
from tests import material
from tests.e2e.guided_request import GuidedRequest
from tests.fixtures.browsers import SHAPES, assert_fits
from tests.receivers import plain_text, wait_until
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.browsers import OpenPage
    from tests.fixtures.servers import LiveServer
    from tests.receivers import Phone, Received

GP = "aude.novel@example.org"
PATIENT, FIRST_NAME, BORN = "Quimperlé-d’Ouessant", "Zénobie", "1951-10-04"
QUESTION = "Faut-il retirer cette tache zébrée ?"
PRECISION = "Une vue au dermoscope, avec la règle zinzoline ?"
CONDUCT = "Exérèse en urgence, marges de cinq zinzolins."
SECRETS = {"name": PATIENT, "first name": FIRST_NAME, "question": QUESTION, "precision": PRECISION}

BOTH = ("phone", "tablet")
SUBSCRIBED = """(subscription) => {
  const held = { ...subscription, toJSON: () => subscription, unsubscribe: async () => true };
  PushManager.prototype.subscribe = async () => { localStorage.setItem("subscribed", "1"); return held; };
  PushManager.prototype.getSubscription = async () => (localStorage.getItem("subscribed") ? held : null);
}"""
"""A push service is never reached from here: the browser subscribes to the test's own, which opens what it gets."""


@dataclass
class Day:
    """The running service, its people's devices, and every address that they went to."""

    live: LiveServer
    folder: Path
    open_page: OpenPage
    axe: Callable[[Page], None]
    everything: bool = False
    addresses: set[str] = field(default_factory=set)
    screens: int = 0

    def device(self, shape: str, handset: Phone | None = None, who: Role | str | None = None) -> Page:
        """Open somebody's own browser; with a handset it can be pushed to, with a name it is signed in."""
        permissions = ["notifications", "clipboard-read", "clipboard-write"]
        page = self.open_page(shape, permissions=permissions)
        page.on("request", lambda request: self.addresses.add(request.url))
        if handset is not None:
            page.add_init_script(f"({SUBSCRIBED})({json.dumps(handset.subscription)})")
        if who is not None:
            sign_in_page(page, self.live.system, self.live.world.who(who))
        return page

    def look(self, page: Page, *shapes: str) -> None:
        """Check the screen that stands, in each of these sizes too: nothing is wider than it.

        The tests of each place show its screens to axe; here, at every step of the day, ``--everything`` does.
        """
        size = page.viewport_size
        assert size is not None
        page.wait_for_load_state()
        if self.everything:
            self.axe(page)
        assert_fits(page)
        for shape in shapes:
            if SHAPES[shape]["viewport"] == size:
                continue
            page.set_viewport_size(SHAPES[shape]["viewport"])
            assert_fits(page)
            if self.everything:
                self.axe(page)
        page.set_viewport_size(size)
        self.screens += 1

    def case(self, case_id: UUID) -> Case:
        """Return a case as its row stands now."""
        with reading(self.live.system) as work:
            case = work.session.get_one(Case, case_id)
            work.session.expunge(case)
            return case

    def letter(self, address: str, subject: str) -> str:
        """Wait for a letter and return its text."""
        found: list[str] = []

        def came() -> bool:
            found[:] = [
                plain_text(one) for one in self.live.mail.to(address) if subject in str(one["Subject"])
            ]
            return bool(found)

        try:
            wait_until(came, 90)
        except AssertionError as never:
            raise AssertionError(f"no letter to {address}:\n{self._on_its_way(address)}") from never
        return found[-1]

    def _on_its_way(self, address: str) -> str:
        with reading(self.live.system) as work:
            rows = work.session.scalars(
                select(OutboxItem).where(OutboxItem.channel == "mail", OutboxItem.done_at.is_(None))
            )
            waiting = [
                f"{item.event} {item.tries} {item.last_error} {item.address == address}" for item in rows
            ]
        return "\n".join([*waiting, self.live.log("worker")[-3000:]])

    def push(self, handset: Phone, words: str) -> dict[str, Any]:
        """Wait for a push that says these words and return what the phone could read of it."""
        found: list[Received] = []

        def came() -> bool:
            found[:] = [
                one for one in self.live.push.for_phone(handset) if words in str(one.content["title"])
            ]
            return bool(found)

        wait_until(came, 60)
        return found[-1].content

    def tap(self, page: Page, notice: dict[str, Any]) -> None:
        """Open what a push points to, as a tap on it does."""
        assert re.fullmatch(r"/(cases|pooling)/?\S*", notice["url"])
        page.goto(notice["url"])


class RequestOfTheDay(GuidedRequest):
    """A request whose every screen is looked at, with real photographs where there are some."""

    def __init__(self, day: Day, page: Page, looked_at: bool = True) -> None:
        super().__init__(page, day.folder)
        self.day = day
        self.looked_at = looked_at
        self.files = photographs()

    def begin(self) -> None:
        """Begin from the button of the home page."""
        self.page.get_by_role("link", name="Nouvelle demande").click()
        self.page.wait_for_selector("body[data-ready]")
        self.look()
        self.page.get_by_role("link", name="Aucun de ces signes").click()
        self.at("patient")
        self.look()

    def go_on(self) -> None:
        """Look at the screen, then press the main action."""
        self.look()
        super().go_on()

    def look(self) -> None:
        """Check the screen, unless another request of the day already showed it."""
        if self.looked_at:
            self.day.look(self.page)

    def photograph(self, content: bytes | None = None, name: str = "photo.jpg") -> None:
        """Take the next photograph of the day."""
        super().photograph(next(self.files), name)

    def complete(self) -> None:
        """Everything from the first screen to the review, about the patient of the day."""
        self.begin()
        year, month, day = BORN.split("-")
        self.name_patient(PATIENT, f"{day}/{month}/{year}", FIRST_NAME)
        self.describe_lesion()
        self.photograph_everything()
        self.answer_history()
        self.ask(QUESTION)
        self.look()


def photographs() -> Iterator[bytes]:
    """Return real photographs of skin where there are some, our own elsewhere, without an end."""
    real = [path.read_bytes() for path in material.shared_files("clinical/*.jpg")]
    drawn = (material.planted_jpeg(material.grainy(1600, 1200)) for _ in iter(int, 1))
    yield from real
    yield from drawn

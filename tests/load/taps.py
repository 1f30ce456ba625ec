"""The common request on a phone, tap by tap: one pigmented lesion, three views, the patient scanned.

The real screens are walked as a requester does, from the home page to the receipt. Each touch of the screen and each
typed character is counted by the page itself; signing in and the phone's code are not part of it. Nothing may be
answered that was not touched or typed: what arrives is compared with what was meant.
"""

from __future__ import annotations

import argparse
import base64
import io
import re
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from dermavis.domain.roles import Role
from dermavis.models import Case
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.work import reading
from tests.fixtures.browsers import FRENCH, SHAPES
from tests.fixtures.servers import serve
from tests.ins_codes import code_text, drawn, on_paper
from tests.load.measuring import Verdict, conclude, launch
from tests.material import hairy
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from PIL import Image
    from playwright.sync_api import Locator, Page

    from tests.fixtures.servers import LiveServer

TAPS, CHARACTERS = 45, 120
READY = "body[data-ready]"
CAMERA = """(() => {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: 3200, height: 2400 });
  const brush = canvas.getContext('2d');
  let seen = null;
  window.show = async address => {
    const image = new Image();
    image.src = address;
    await image.decode();
    seen = image;
  };
  setInterval(() => { if (seen) brush.drawImage(seen, 0, 0); }, 100);
  navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(10);
  navigator.mediaDevices.enumerateDevices = async () => [{ kind: 'videoinput', deviceId: 'canvas', label: '' }];
})();
"""
"""A camera that sees what it is shown."""

COUNTING = """(() => {
  const add = (name, by) => sessionStorage.setItem(name, String(Number(sessionStorage.getItem(name) ?? 0) + by));
  addEventListener('pointerdown', event => event.isTrusted && add('taps', 1), true);
  addEventListener('input', event => event.isTrusted && add('characters', event.data?.length ?? 0), true);
})();
"""
COUNTED = "() => ['taps', 'characters'].map(name => Number(sessionStorage.getItem(name) ?? 0))"

HYPOTHESIS = "Nævus"
MEANT = {
    "motive": "pigmented",
    "urgency": "routine",
    "question": "Surveiller ou retirer\u00a0?",
    "hypothesis": {"text": HYPOTHESIS, "confidence": None},
    "birth_name": "D'AUBIGNE LE GOFF-MARTIN",
    "lesion": ("upper_back", "right"),
    "views": ["overview", "close_up", "scale"],
    "skipped": [],
    "history": {
        "duration": ("answered", {"unit": "months", "count": None}),
        "course": ("answered", "growing"),
        "bleeding": ("answered", False),
        "change": ("answered", ["size"]),
        "treatments_tried": ("none", None),
        "current_drugs": ("none", None),
        "allergies": ("none", None),
        "past_history": ("none", None),
        "skin_cancer_personal": ("answered", False),
        "skin_cancer_family": ("answered", False),
        "phototype": ("answered", "three"),
    },
}
"""What the walk means to ask, and nothing else."""


@dataclass
class Hand:
    """One thumb on one phone."""

    page: Page
    steps: list[str] = field(default_factory=list)

    def tap(self, what: Locator, words: str) -> None:
        """Touch once."""
        what.scroll_into_view_if_needed()
        before = self.counted()[0]
        what.click()
        self.steps.append(words)
        touches = self.counted()[0] - before
        if touches != 1:
            raise AssertionError(f"{words}: {touches} touches instead of one")

    def button(self, name: str) -> None:
        """Touch a button, or a link that looks like one."""
        words = re.compile(rf"^\s*{re.escape(name)}\s*(,|$)")
        found = self.page.get_by_role("button", name=words)
        self.tap(found.or_(self.page.get_by_role("link", name=words)).first, name)

    def choose(self, question: str, answer: str) -> None:
        """Touch one answer of one question."""
        group = self.page.locator("#main fieldset", has=self.page.locator("legend", has_text=question))
        self.tap(group.locator("label", has_text=answer).first, f"{question} {answer}")

    def go_on(self) -> None:
        """Touch « Continuer », and wait for the next screen."""
        before = self.place()
        self.button("Continuer")
        self.page.wait_for_function("place => location.hash !== place", arg=before)

    def place(self) -> str:
        """Return where the request stands."""
        return str(self.page.evaluate("location.hash"))

    def counted(self) -> tuple[int, int]:
        """Return taps and characters so far."""
        taps, characters = self.page.evaluate(COUNTED)
        return int(taps), int(characters)

    def see(self, picture: Image.Image) -> None:
        """Hold something before the camera."""
        held = io.BytesIO()
        picture.save(held, "JPEG", quality=92)
        self.page.evaluate("show", f"data:image/jpeg;base64,{base64.b64encode(held.getvalue()).decode()}")


def walk(hand: Hand) -> str:
    """Ask from the home page to the receipt; return the id of the request."""
    page = hand.page
    page.goto("/")
    hand.button("Nouvelle demande")
    page.wait_for_selector(READY)
    hand.button("Aucun de ces signes")
    hand.see(on_paper(drawn(code_text(), scale=14), (3200, 2400)))
    hand.button("Scanner le code INS")
    page.get_by_role("heading", name="Est-ce ce patient").wait_for()
    hand.button("Utiliser cette identité")
    page.wait_for_function("() => location.hash === '#identite'")
    while hand.place() != "#accord":
        hand.go_on()
    hand.tap(page.locator("label", has_text="Patient informé et d’accord"), "accord")
    hand.go_on()
    hand.tap(page.locator("label", has_text="Lésion pigmentée").first, "motif")
    hand.go_on()
    hand.tap(page.get_by_role("radio", name="Haut du dos, côté droit"), "siège")
    hand.go_on()
    hand.go_on()
    hand.see(hairy())
    while hand.place().startswith("#photo/"):
        hand.button("Photographier")
        page.locator("dialog.camera video[data-runs]").wait_for()
        page.wait_for_timeout(600)
        hand.button("Prendre la photo")
        page.wait_for_selector("figure.photo img")
        page.get_by_role("button", name="Continuer", exact=True).wait_for()
        hand.go_on()
    answers = (
        [("Depuis quand", "Mois"), ("Comment évolue", "Grandit")],
        [("Saigne", "Non"), ("Qu’est-ce qui a changé", "La taille")],
        [("traitements", "Aucun")],
        [("médicaments", "Aucun")],
        [("allergies", "Aucune")],
        [("antécédents", "Aucun"), ("cancer de la peau", "Non"), ("mélanome", "Non")],
        [("Phototype", "III")],
    )
    waiting = [pair for screen in answers for pair in screen]
    while hand.place() != "#hypothese":
        while waiting and page.locator("#main legend", has_text=waiting[0][0]).count():
            hand.choose(*waiting.pop(0))
        hand.go_on()
    field_of = page.get_by_label("Hypothèse").first
    hand.tap(field_of, "hypothèse")
    field_of.press_sequentially(HYPOTHESIS)
    hand.go_on()
    hand.tap(page.get_by_role("button", name="Surveiller ou retirer ?"), "question")
    hand.go_on()
    page.wait_for_selector("input[name=addressing]:checked")
    hand.go_on()
    case_id = page.url.split("/requests/")[1][:36]
    hand.button("Envoyer")
    page.wait_for_selector(".receipt-number", timeout=60_000)
    return case_id


def arrived(server: LiveServer, case_id: str) -> dict[str, Any]:
    """Return what the service holds of it, as ``MEANT`` says it."""
    with reading(server.system) as work:
        case = work.session.get_one(Case, UUID(case_id))
        content = open_content(work, case, last_revision(work, case))
    [lesion] = content["lesions"]
    return {
        "motive": content["motive"],
        "urgency": content["urgency"],
        "question": content["question"],
        "hypothesis": {key: content["hypothesis"][key] for key in ("text", "confidence")},
        "birth_name": content["patient"]["birth_name"],
        "lesion": (lesion["site"], lesion["side"]),
        "views": [photo["view"] for photo in content["photos"] if not photo["skipped"]],
        "skipped": [photo["view"] for photo in content["photos"] if photo["skipped"]],
        "history": {name: (answer["status"], answer["value"]) for name, answer in content["history"].items()},
    }


def main() -> int:
    """Walk, count, print, and say whether every budget is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", action="store_true", help="print every tap")
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    with ExitStack() as stack:
        server = serve(stack, Path(stack.enter_context(tempfile.TemporaryDirectory())))
        browser = launch(stack.enter_context(sync_playwright()))
        context = browser.new_context(
            base_url=server.url, service_workers="block", **FRENCH, **SHAPES["phone"]
        )
        context.add_init_script(CAMERA + COUNTING)
        context.set_default_timeout(20_000)
        page = context.new_page()
        sign_in_page(page, server.system, server.world.who(Role.REQUESTER))
        hand = Hand(page)
        case_id = walk(hand)
        taps, characters = hand.counted()
        found = arrived(server, case_id)
        browser.close()
    if options.steps:
        for number, words in enumerate(hand.steps, 1):
            print(f"{number:3} {words}")
    differences = [name for name in MEANT if found[name] != MEANT[name]]
    for name in differences:
        print(f"{name}: meant {MEANT[name]}, arrived {found[name]}")
    verdicts = [
        Verdict("taps", taps, TAPS),
        Verdict("typed characters", characters, CHARACTERS),
        Verdict("answers that were not meant", len(differences), 0),
    ]
    return conclude("taps", taps / TAPS, 1.0, verdicts)


if __name__ == "__main__":
    raise SystemExit(main())

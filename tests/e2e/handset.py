"""WebKit in a requester's hand: what a person does with any page of an iPhone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from dermavis.domain.roles import Role
from dermavis.services.devices import enrol
from dermavis.services.second_factor import totp_code
from dermavis.services.work import writing
from tests.factories import PASSWORD, TOTP_SECRET
from tests.signing_in import cookie_name, new_session

if TYPE_CHECKING:
    from selenium.webdriver import WebKitGTK
    from selenium.webdriver.remote.webelement import WebElement

    from tests.factories import Who
    from tests.fixtures.servers import LiveServer

PATIENCE_S = 30
LOOK_S = 0.05
CODE = "274961"
READY = "body[data-ready]"
SIGNED_OUT = "body[data-signed-out]"


class Handset:
    """A requester's phone: its pages, its sessions, its code."""

    def __init__(self, driver: WebKitGTK, server: LiveServer, folder: Path) -> None:
        self.driver, self.server, self.folder = driver, server, folder
        self.owner = server.world.who(Role.REQUESTER)

    # ——— The browser

    def open(self, path: str) -> None:
        """Open a page of the service."""
        self.driver.get(self.server.url + path)

    def reload(self) -> None:
        """Load the page again, as pulling it down does."""
        self.driver.refresh()

    def wait(self, script: str, *given: object, patience_s: float = PATIENCE_S) -> None:
        """Wait until the script says yes."""
        WebDriverWait(self.driver, patience_s, LOOK_S).until(
            lambda driver: driver.execute_script(f"return Boolean({script})", *given), f"waited for {script}"
        )

    def find(self, selector: str, patience_s: float = PATIENCE_S) -> WebElement:
        """Wait for an element of the page that a person sees."""
        self.wait("document.querySelector(arguments[0])?.checkVisibility()", selector, patience_s=patience_s)
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def fill(self, selector: str, words: str) -> None:
        """Type into a field."""
        self.find(selector).send_keys(words)

    def says(self, selector: str, words: str) -> None:
        """Wait until that part of the page holds these words, whatever their spaces."""
        said = "document.querySelector(arguments[0])?.innerText.replace(/\\s/g, ' ').includes(arguments[1])"
        self.wait(said, selector, words)

    def press(self, words: str, kind: str = "button, a") -> None:
        """Press what begins with these words."""
        found = (
            f"[...document.querySelectorAll({kind!r})].find((one) => one.checkVisibility()"
            " && !one.disabled && one.textContent.trim().startsWith(arguments[0]))"
        )
        self.wait(found, words)
        # The driver's own click misses what stands under the page's sticky bars.
        self.driver.execute_script(f"{found}.click()", words)

    def fits(self) -> None:
        """Nothing runs out of the page sideways, and no field is so small that an iPhone would zoom into it."""
        wide = self.driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{self.driver.current_url} is {wide} px too wide"
        small = self.driver.execute_script(
            """return [...document.querySelectorAll('input, select, textarea')]
                 .filter((one) => !['hidden', 'radio', 'checkbox', 'file'].includes(one.type) && one.checkVisibility()
                   && parseFloat(getComputedStyle(one).fontSize) < 16).map((one) => one.outerHTML)"""
        )
        assert small == [], f"{self.driver.current_url}: an iPhone zooms into fields under 16 px"

    # ——— Sessions and the code

    def enter(self, who: Who | None = None) -> None:
        """Sign in on a kept device, without typing."""
        who = who or self.owner
        with writing(self.server.system) as work:
            device_id, _ = enrol(work, who.person_id, "Essai")
        token = new_session(self.server.system, who, device_id=device_id)
        if not self.driver.current_url.startswith(self.server.url):
            self.open("/sign-in")
        self.driver.add_cookie({"name": cookie_name(self.server.system), "value": token, "path": "/"})

    def sign_in(self) -> None:
        """Sign in as a person does, and keep the device."""
        if not self.driver.find_elements(By.CSS_SELECTOR, f"{SIGNED_OUT} #email"):
            self.open("/sign-in")
        self.fill("#email", self.owner.email)
        self.fill("#password", PASSWORD)
        self.fits()
        self.press("Continuer")
        self.fill("#code", totp_code(TOTP_SECRET, datetime.now(UTC)))
        self.press("Garder cet appareil", "label")
        self.fits()
        self.press("Se connecter")
        self.wait("document.body.dataset.person")

    def sign_out(self) -> None:
        """Sign out on the account's page."""
        self.open("/account")
        self.press("Se déconnecter", "button")
        self.find(SIGNED_OUT)

    def in_charge(self) -> None:
        """Wait until the service worker answers for the pages."""
        self.wait("navigator.serviceWorker.controller")

    def choose_code(self, code: str = CODE) -> None:
        """Choose the code of this phone on the account's page."""
        self.open("/account")
        self.press("Choisir un code")
        self.fill("#password", PASSWORD)
        self.press("Continuer")
        self.fill("#phone_code", code)
        self.fill("#phone_code_again", code)
        self.fits()
        self.press("Enregistrer le code")
        self.find("[data-code-present]")

    def give_code(self, code: str = CODE) -> None:
        """Type the code where the page asks it; the sixth digit tries it."""
        self.find("#phone-code:not([aria-busy])").send_keys(code)

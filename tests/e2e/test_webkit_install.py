"""What an iPhone and an iPad are told, in their own engine: how to put DermAvis on the home screen, and why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import cases
from tests.e2e.handset import READY
from tests.e2e.handset_request import RequestOnHandset

if TYPE_CHECKING:
    from selenium.webdriver import WebKitGTK

    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.long

SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0"
IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) {SAFARI} Mobile/15E148 Safari/604.1"
MAC = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {SAFARI} Safari/605.1.15"
STEPS = ("Partager", "touchez d’abord « ••• »", "Sur l’écran d’accueil", "« Ajouter »", "connectez-vous")
FORGETS = "Safari ne garde vos brouillons qu’une semaine"
HELP = "[data-install]"

TOUCHED = "Object.defineProperty(Navigator.prototype, 'maxTouchPoints', { configurable: true, get: () => 5 })"
"""The five fingers that tell an iPad from a Mac."""


def test_an_iphone_is_told_how_to_install_and_that_safari_forgets(
    open_webkit: Callable[..., WebKitGTK], live_server: LiveServer, tmp_path: Path
) -> None:
    handset = RequestOnHandset(open_webkit(IPHONE), live_server, tmp_path)
    handset.enter()
    for path in ("/welcome", "/account", "/notifications/preferences"):
        handset.open(path)
        told(handset)
    handset.begin()
    handset.says("#trouble", FORGETS)
    handset.fits()
    handset.open(f"/cases/{cases.answered(live_server.world)}/report")
    handset.find("#report-text")  # the words stay open: of a framed PDF an iPhone shows one page
    handset.fits()


def test_an_ipad_that_says_it_is_a_mac_is_told_the_same_and_a_mac_is_not(
    open_webkit: Callable[..., WebKitGTK], live_server: LiveServer, tmp_path: Path
) -> None:
    handset = RequestOnHandset(open_webkit(MAC), live_server, tmp_path)
    handset.enter()
    handset.open("/account")
    begin_again(handset, "mac")
    handset.wait(f"document.querySelector('{HELP}').hidden")
    handset.driver.execute_script(TOUCHED)
    begin_again(handset, "ipad")
    told(handset)

    handset.open("/requests/new")
    handset.find(READY)
    handset.driver.execute_script(TOUCHED)
    handset.press("Aucun de ces signes")
    handset.says("#trouble", FORGETS)
    handset.begin()  # the fingers are gone with the page: a Mac
    handset.identify()
    assert FORGETS not in handset.driver.execute_script(
        "return document.getElementById('trouble').textContent"
    )


def told(handset: RequestOnHandset) -> None:
    """The help stands there, whole, in the order in which it is done."""
    for words in STEPS:
        handset.says(f"{HELP} ol", words)
    handset.says(HELP, "Safari, lui, les efface après une semaine sans visite")
    shown = handset.find(f"{HELP} ol").get_property("innerText")
    places = [" ".join(str(shown).split()).find(words) for words in STEPS]
    assert places == sorted(places)
    handset.fits()


def begin_again(handset: RequestOnHandset, name: str) -> None:
    """Let the page's help look again at what it stands on, now that the browser says something else."""
    handset.driver.execute_async_script(
        """const [name, done] = arguments;
           const address = document.querySelector("script[src*='/js/app.js']").src.replace('app.js', 'install.js');
           import(`${address}?${name}`).then(() => done())""",
        name,
    )

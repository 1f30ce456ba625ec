"""Notices as they travel: from a change, through the worker's own process, to a phone, a mailbox and the list."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from dermavis.domain.roles import Role
from dermavis.services.notices import announce
from dermavis.services.work import writing
from tests.announced import sent_case, subscribed, the_case
from tests.receivers import plain_text, wait_until
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer

PICTURES = os.environ.get("SCREENSHOTS")


def kept(page: Page, name: str) -> None:
    """Keep a picture of the screen where SCREENSHOTS says so."""
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def test_the_worker_pushes_writes_and_lists_what_was_announced(
    live_server: LiveServer, phone: Page, axe: Callable[[Page], Any]
) -> None:
    system, world = live_server.system, live_server.world
    requester = world.who(Role.REQUESTER)
    handset = live_server.push.phone("notified")
    subscribed(system, world.actor(Role.REQUESTER), handset)
    case_id = sent_case(system, world, state="answered", number="D-7001")
    with writing(system) as work:
        case = the_case(work, case_id)
        announce(work, "message", case, [requester.person_id])
        announce(work, "opinion", case, [requester.person_id])
    wait_until(lambda: len(live_server.push.for_phone(handset)) == 2, 20)
    wait_until(lambda: live_server.mail.to(requester.email), 20)
    titles = {message.content["title"] for message in live_server.push.for_phone(handset)}
    assert titles == {"Nouveau message · D-7001", "Avis rendu · D-7001"}
    [letter] = live_server.mail.to(requester.email)
    assert letter["Subject"] == "Avis rendu · D-7001"
    assert f"{live_server.url}/cases/{case_id}" in plain_text(letter)

    sign_in_page(phone, system, requester)
    phone.goto("/notifications")
    expect(phone.get_by_role("link", name="Non lu : Avis rendu · D-7001")).to_be_visible()
    axe(phone)
    kept(phone, "notifications")
    phone.get_by_role("button", name="Tout marquer lu").click()
    phone.wait_for_selector("button:has-text('Tout marquer')", state="detached")
    expect(phone.get_by_role("link", name="Avis rendu · D-7001")).to_be_visible()


def test_choices_are_made_with_a_thumb(
    live_server: LiveServer, phone: Page, axe: Callable[[Page], Any]
) -> None:
    sign_in_page(phone, live_server.system, live_server.world.who(Role.EXPERT))
    phone.goto("/notifications")
    expect(phone.get_by_text("Aucune notification")).to_be_visible()
    axe(phone)
    phone.get_by_role("link", name="Réglages des notifications").click()
    axe(phone)
    kept(phone, "preferences")
    phone.get_by_label("Seulement pour les avis et ce qui est urgent").check()
    phone.locator("#quiet_from").fill("20:00")
    phone.get_by_role("button", name="Enregistrer").click()
    expect(phone.get_by_role("link", name="Donnez les deux heures, ou aucune.")).to_be_visible()
    axe(phone)
    kept(phone, "preferences-error")
    phone.locator("#quiet_to").fill("07:30")
    phone.get_by_role("button", name="Enregistrer").click()
    phone.get_by_text("Vos réglages sont enregistrés.").wait_for()
    assert phone.locator("#quiet_from").input_value() == "20:00"


def test_the_installed_applications_icon_tells_how_much_is_unread_and_nothing_once_signed_out(
    live_server: LiveServer, phone: Page
) -> None:
    system, world = live_server.system, live_server.world
    case_id = sent_case(system, world, state="answered", number="D-7003")
    with writing(system) as work:
        announce(work, "message", the_case(work, case_id), [world.who(Role.REQUESTER).person_id])
    phone.add_init_script(
        "navigator.setAppBadge = (count) => { window.badge = count; return Promise.resolve(); }"
    )
    sign_in_page(phone, system, world.who(Role.REQUESTER))
    phone.goto("/requests")
    phone.wait_for_function("() => window.badge === 1")
    phone.goto("/account")
    phone.get_by_role("button", name="Se déconnecter").click()
    phone.wait_for_url("**/sign-in*")
    phone.wait_for_function("() => window.badge === 0")

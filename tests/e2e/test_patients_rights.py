"""Patients' demands that are due, on a doctor's telephone and an officer's tablet."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from dermavis.domain.calendars import local_day
from dermavis.domain.roles import Role
from tests import cases
from tests.demanding import demanded
from tests.fixtures.browsers import assert_fits
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer

PICTURES = os.environ.get("SCREENSHOTS")
Check = Callable[..., Any]


def looked_at(page: Page, axe: Check, name: str) -> None:
    """Check a screen: nothing that axe finds, nothing wider than the screen; keep its picture where asked."""
    axe(page)
    assert_fits(page)
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"rights-{name}.png"), full_page=True)


def test_what_is_due_stands_first_for_the_doctor_and_for_the_officer(
    live_server: LiveServer, phone: Page, tablet: Page, axe: Check
) -> None:
    world, system = live_server.world, live_server.system
    case_id = cases.closed(world)
    number, today = cases.number_of(system, case_id), local_day(system.clock.now(), "Europe/Paris")
    for kind, days in (("access", 40), ("rectification", 28), ("opposition", 3)):
        demanded(world, kind, number=number, received_on=today - timedelta(days=days))

    sign_in_page(phone, system, world.who(Role.REQUESTER))
    phone.goto("/requests")
    expect(phone.get_by_text("Un patient attend son dossier")).to_be_visible()
    looked_at(phone, axe, "requests-phone")
    phone.get_by_role("link", name="Voir sa demande").click()
    expect(phone.get_by_role("navigation").get_by_text("1", exact=True)).to_be_visible()
    looked_at(phone, axe, "register-phone")

    sign_in_page(tablet, system, world.who(Role.DATA_PROTECTION_OFFICER))
    tablet.goto("/demands")
    expect(tablet.get_by_text("1 réponse est en retard")).to_be_visible()
    expect(tablet.get_by_role("navigation").get_by_text("2", exact=True)).to_be_visible()
    looked_at(tablet, axe, "register-tablet")
    tablet.get_by_role("table").get_by_role("link").first.click()
    expect(tablet.get_by_text(world.who(Role.DATA_PROTECTION_OFFICER).name).first).to_be_visible()
    looked_at(tablet, axe, "demand-tablet")

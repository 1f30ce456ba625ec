"""A doctor's whole path in WebKit, the engine of every iPhone: from the sign-in to the opinion that was read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import Delivery
from dermavis.services import claiming
from dermavis.services.work import reading, writing
from tests import cases
from tests.e2e.handset_request import RequestOnHandset
from tests.signing_in import cookie_name, new_session

if TYPE_CHECKING:
    from selenium.webdriver import WebKitGTK

    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.long


@pytest.fixture
def handset(webkit: WebKitGTK, live_server: LiveServer, tmp_path: Path) -> RequestOnHandset:
    """A requester's phone."""
    return RequestOnHandset(webkit, live_server, tmp_path)


def test_from_the_sign_in_to_the_opinion_that_is_acknowledged_a_reload_loses_nothing(
    handset: RequestOnHandset, live_server: LiveServer
) -> None:
    handset.sign_in()
    handset.choose_code()
    handset.begin()
    handset.identify()
    handset.reload_in_place()  # only the phone has it
    handset.agree()
    handset.describe_lesion()
    handset.photograph()
    handset.reload_in_place()
    handset.find("figure.photo img")
    handset.go_on()
    handset.photograph_everything()
    handset.answer_history()
    handset.reload_in_place()
    handset.ask()
    handset.reload_in_place()
    handset.says("#main", "Surveiller ou retirer")
    handset.wait("document.querySelectorAll('#main img').length === arguments[0]", len(handset.taken))
    case_id = handset.case_id
    number = handset.send()
    assert re.fullmatch(r"D-\d+", number)
    handset.fits()

    with writing(live_server.system, live_server.world.actor(Role.EXPERT)) as work:
        claiming.claim(work, UUID(case_id))
    cases.sign(live_server.world, UUID(case_id), answer=cases.emergency())
    handset.open("/requests")
    handset.fits()
    handset.says("main", "Avis urgent, à confirmer")
    handset.press("", f"main a[href*='{case_id}']")
    handset.says("main", "Kératose séborrhéique irritée")
    handset.fits()
    handset.press("J’ai pris connaissance")
    handset.wait("!document.querySelector('form[action$=acknowledgement]')")
    with reading(live_server.system) as work:
        delivered = select(Delivery).where(Delivery.case_id == UUID(case_id))
        mine = work.session.scalars(
            delivered.where(Delivery.acknowledged_by == handset.owner.person_id)
        ).all()
    assert mine


def test_the_opinion_is_read_and_its_report_opens_and_comes_back(
    handset: RequestOnHandset, live_server: LiveServer
) -> None:
    handset.enter()
    case_id = cases.answered(live_server.world)
    handset.open(f"/cases/{case_id}")
    heading = handset.find("h1").text
    handset.fits()
    handset.press("PDF")
    handset.wait("/avis de téléexpertise/i.test(document.querySelector('#report-text')?.textContent)")
    handset.fits()
    handset.press("Retour", ".dock a")
    handset.wait("location.pathname === arguments[0]", f"/cases/{case_id}")
    assert handset.find("h1").text == heading


def test_the_worklist_fits_a_phone(handset: RequestOnHandset, live_server: LiveServer) -> None:
    handset.enter()
    world = live_server.world
    case_id = cases.sent(world)
    token = new_session(live_server.system, world.who(Role.EXPERT))
    handset.driver.add_cookie({"name": cookie_name(live_server.system), "value": token, "path": "/"})
    handset.open("/worklist")
    handset.find(f"#case-{case_id}")
    handset.fits()

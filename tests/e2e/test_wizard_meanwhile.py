"""Nothing is lost and nothing doubled: tabs, other writers, idle hours, false receipts, requests that came back."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from playwright.sync_api import expect
from sqlalchemy import func, select

from dermavis.domain.roles import Role
from dermavis.models import Case, UserSession
from dermavis.services import pooling
from dermavis.services.devices import enrol
from dermavis.services.work import reading, writing
from tests import cases
from tests.e2e.guided_request import GuidedRequest
from tests.factories import PASSWORD
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from tests.fixtures.servers import LiveServer


def test_a_double_tap_and_two_tabs_make_one_case_and_one_receipt(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request = request_on_phone
    with reading(live_server.system) as work:
        before = (
            work.session.scalar(select(func.count()).select_from(Case).where(Case.number.is_not(None))) or 0
        )
    request.complete()
    other = GuidedRequest(request.page.context.new_page(), request.folder)
    other.reopen(request.page.url)
    other.page.wait_for_selector("#send")
    tap = "document.getElementById('send')?.click()"
    soon = time.time() * 1000 + 300
    for page, taps in ((request.page, f"{tap}; {tap}"), (other.page, tap)):
        page.evaluate(f"at => setTimeout(() => {{ {taps} }}, at - Date.now())", soon)
    assert request.receipt() == other.receipt()
    with reading(live_server.system) as work:
        after = (
            work.session.scalar(select(func.count()).select_from(Case).where(Case.number.is_not(None))) or 0
        )
    assert after == before + 1


def test_a_receipt_for_another_request_or_a_captive_portal_is_no_receipt(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request = request_on_phone
    request.review_kept(live_server.world)
    lies = [
        lambda route: route.fulfill(
            status=200, content_type="text/html", body="<h1>Bienvenue sur ce Wi-Fi</h1>"
        ),
        lambda route: route.fulfill(json={"format": 1, "receipt": {"id": "another", "number": "D-1"}}),
        lambda route: route.fulfill(status=503, body=""),
    ]

    def lie(route: Route) -> None:
        if lies:
            lies.pop()(route)
        else:
            route.continue_()

    request.page.route("**/send", lie)
    number = request.send()
    assert not lies
    assert number != "D-1" or cases_number(request) == "D-1"


def cases_number(request: GuidedRequest) -> str:
    return str(request.page.request.get(f"/api/v1/drafts/{request.case_id}").json()["receipt"]["number"])


def test_another_writer_is_named_and_both_texts_are_kept(request_on_phone: GuidedRequest) -> None:
    request, page = request_on_phone, request_on_phone.page
    request.complete()
    draft = request.kept()
    theirs = {**draft["content"], "question": "Une autre question ?", "contact": {"phone": "0385000099"}}
    taken = draft["content"]["photos"][0] | {"id": str(uuid4()), "view": "oblique", "skipped": "refused"}
    theirs["photos"] = [*draft["content"]["photos"][1:], taken | {"sha256": None}]
    saved = page.request.put(
        f"/api/v1/drafts/{request.case_id}",
        data={"format": 1, "content": theirs},
        headers={"If-Match": f'"{draft["revision"]}"'},
    )
    assert saved.ok
    page.get_by_role("link", name="Modifier la question").click()
    request.at("question")
    page.get_by_label("Question à l’expert").fill("Ma question ?")
    dialog = page.locator("dialog")
    dialog.wait_for()
    words = dialog.inner_text()
    assert "Ma question ?" in words
    assert "Une autre question ?" in words
    assert re.search(r"\d+\sh", words), "the hour of the other change is told"
    choices = dialog.get_by_role("radio", checked=True)
    assert [choice.get_attribute("value") for choice in choices.all()] == ["theirs", "mine", "mine", "theirs"]
    dialog.get_by_role("button", name="Continuer avec ces choix").click()
    page.wait_for_timeout(1000)
    kept = page.request.get(f"/api/v1/drafts/{request.case_id}").json()
    assert kept["content"]["question"] == "Ma question ?"
    assert kept["content"]["contact"]["phone"] == "+33385000099"
    pictures = {photo["id"] for photo in kept["content"]["photos"]}
    assert pictures == {photo["id"] for photo in (*draft["content"]["photos"], *theirs["photos"])}


def test_an_idle_hour_asks_the_password_in_place_and_loses_nothing(
    phone: Page, live_server: LiveServer, tmp_path: Path
) -> None:
    who = live_server.world.who(Role.REQUESTER)
    with writing(live_server.system) as work:
        device_id, _ = enrol(work, who.person_id, "Téléphone d’essai")
    sign_in_page(phone, live_server.system, who, device_id=device_id)
    request = GuidedRequest(phone, tmp_path)
    request.begin()
    request.name_patient()
    request.kept()
    with writing(live_server.system) as work:
        for row in work.session.scalars(select(UserSession).where(UserSession.device_id == device_id)):
            row.seen_at -= timedelta(hours=2)
    phone.goto(f"/requests/{request.case_id}#identite")
    phone.get_by_label("Nom de naissance").fill("Gardé")
    dialog = phone.locator("dialog")
    dialog.get_by_label("Mot de passe").fill("pas le bon")
    dialog.get_by_role("button", name="Continuer").click()
    dialog.get_by_text("Mot de passe incorrect.").wait_for()
    dialog.get_by_label("Mot de passe").fill(PASSWORD)
    dialog.get_by_label("Mot de passe").press("Enter")
    dialog.wait_for(state="detached")
    assert phone.get_by_label("Nom de naissance").input_value() == "Gardé"
    phone.wait_for_timeout(800)
    content = phone.request.get(f"/api/v1/drafts/{request.case_id}").json()["content"]
    assert content["patient"]["birth_name"] == "Gardé"


def test_a_request_that_came_back_is_cancelled_where_a_draft_would_be_deleted(
    phone: Page, live_server: LiveServer
) -> None:
    world = live_server.world
    case_id = cases.sent(world, "pooled_requester")
    with writing(world.system, world.actor(Role.COORDINATOR)) as work:
        pooling.send_back(work, case_id, "sent_twice", "Celle de lundi suffit.")
    sign_in_page(phone, live_server.system, world.who("pooled_requester"))
    phone.goto(f"/requests/{case_id}")
    phone.wait_for_selector("body[data-ready]")
    phone.wait_for_function("() => location.hash === '#relecture'")
    expect(phone.locator("#trouble")).to_contain_text("Renvoyée par")
    expect(phone.locator("#trouble")).to_contain_text("Celle de lundi suffit.")
    phone.goto(f"/requests/{case_id}#accord")
    phone.reload()
    phone.wait_for_selector("body[data-ready]")
    phone.get_by_text("Il refuse, ou ne peut pas répondre").click()
    phone.get_by_role("button", name="Supprimer ce brouillon").click()
    dialog = phone.locator("dialog")
    dialog.get_by_text("elle s’annule avec une raison").wait_for()
    dialog.get_by_role("button", name="Annuler la demande").click()
    phone.wait_for_url(f"**/cases/{case_id}/cancellation")
    phone.get_by_text("Elle ne partira plus.").wait_for()
    phone.locator("#cancel label").first.click()
    phone.get_by_role("button", name="Annuler la demande").click()
    phone.wait_for_url("**done=cancelled")
    with reading(live_server.system) as work:
        assert work.session.get_one(Case, case_id).state == "cancelled"


def test_a_request_that_came_back_leaves_again_and_no_longer_says_why(
    phone: Page, live_server: LiveServer, tmp_path: Path
) -> None:
    world = live_server.world
    case_id = cases.sent(world, "pooled_requester")
    with writing(world.system, world.actor(Role.COORDINATOR)) as work:
        pooling.send_back(work, case_id, "sent_twice", "")
    sign_in_page(phone, live_server.system, world.who("pooled_requester"))
    phone.goto(f"/requests/{case_id}")
    expect(phone.locator("#trouble")).to_contain_text("Renvoyée par")
    GuidedRequest(phone, tmp_path).send()
    expect(phone.locator("#trouble")).to_be_hidden()

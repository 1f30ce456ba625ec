"""The guided request in a real browser, on a running server with its worker."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from dermavis.domain.roles import Role
from dermavis.models import Case, Patient, Photo, PhotoFile
from dermavis.services.work import reading
from tests import cases
from tests.e2e.arrivals import wait_on
from tests.e2e.guided_request import GuidedRequest
from tests.fixtures.browsers import assert_fits
from tests.receivers import wait_until
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request, Route

    from tests.fixtures.browsers import OpenPage
    from tests.fixtures.servers import LiveServer


AUBIGNE = cases.content()["patient"] | {
    "birth_name": "D’Aubigné",
    "first_name": "Élise",
    "given_names": "Élise",
    "birth_date": "1980-03-01",
}


def cases_named(live_server: LiveServer, case_id: str) -> Case:
    with reading(live_server.system) as work:
        return work.session.get_one(Case, UUID(case_id))


def test_a_whole_request_is_sent_from_a_phone_and_its_pictures_went_before(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request = request_on_phone
    request.complete()
    wait_on(request.page, lambda: request.picture_states() == ["verified", "verified"])
    case_id = request.case_id
    number = request.send()
    case = cases_named(live_server, case_id)
    assert case.number == number
    assert case.state == "submitted"
    with reading(live_server.system) as work:
        wait_until(lambda: _originals(live_server, case_id) == 2, 20)
        roles = work.session.scalars(
            select(PhotoFile.role).join(Photo, Photo.id == PhotoFile.photo_id).where(Photo.case_id == case.id)
        ).all()
    assert sorted(roles) == ["diagnostic", "diagnostic", "original", "original", "thumb", "thumb"]


def test_a_secretary_prepares_a_request_that_a_doctor_of_the_site_sends(
    phone: Page, open_page: OpenPage, live_server: LiveServer, tmp_path: Path, axe: Callable[[Page], None]
) -> None:
    world = live_server.world
    sign_in_page(phone, live_server.system, world.who(Role.SITE_SECRETARY))
    request = GuidedRequest(phone, tmp_path)
    request.complete()
    case_id = request.case_id
    expect(phone.locator("#main")).to_contain_text("Prête à envoyer par un médecin du site")
    expect(phone.get_by_role("button", name="Envoyer")).to_have_count(0)
    axe(phone)
    wait_on(phone, lambda: request.picture_states() == ["verified", "verified"])
    saves: list[str] = []
    beside = phone.context.new_page()
    for window in (phone, beside):
        window.on("request", lambda sent: saves.append(sent.url) if sent.method == "PUT" else None)
    beside.goto(phone.url)
    expect(beside.locator("#main")).to_contain_text("Prête à envoyer par un médecin du site")
    assert saves, "what is missing was asked"
    phone.wait_for_timeout(1500)
    assert len(saves) <= 2, "two windows do not answer each other for ever"
    beside.close()
    phone.get_by_role("link", name="Terminer").click()
    phone.wait_for_url("**/requests")

    page = open_page("phone")
    sign_in_page(page, live_server.system, world.who(Role.REQUESTER))
    page.goto("/requests")
    row = page.locator(f"#request-{case_id}")
    expect(row).to_contain_text("Préparée par")
    row.get_by_role("link").first.click()
    page.goto(page.url.split("#")[0] + "#relecture")
    GuidedRequest(page, tmp_path).send()
    case = cases_named(live_server, case_id)
    assert (case.state, case.requester_id) == ("submitted", world.who(Role.REQUESTER).person_id)


def _originals(live_server: LiveServer, case_id: str) -> int:
    with reading(live_server.system) as work:
        rows = select(func.count()).select_from(PhotoFile).join(Photo, Photo.id == PhotoFile.photo_id)
        return (
            work.session.scalar(rows.where(Photo.case_id == UUID(case_id), PhotoFile.role == "original")) or 0
        )


def test_every_screen_is_accessible_and_fits_a_narrow_phone_and_a_tablet(
    request_on_phone: GuidedRequest, axe: Callable[[Page], None], pytestconfig: pytest.Config
) -> None:
    request, seen = request_on_phone, []
    looked_into = {390, 1180} if pytestconfig.getoption("everything") else {390}

    def look() -> None:
        place = request.place
        new = not seen or seen[-1] != place
        seen[len(seen) :] = [place] * new
        for width, height in ((1180, 820), (320, 640), (390, 844)):
            request.page.set_viewport_size({"width": width, "height": height})
            assert_fits(request.page)
            if new and width in looked_into:
                axe(request.page)

    go_on = request.go_on
    request.go_on = lambda: (look(), go_on())[1]  # type: ignore[method-assign]
    request.complete()
    look()
    request.send()
    look()
    assert len(seen) > 12


def test_a_sign_asks_who_was_called_and_the_request_goes_on_as_soon(request_on_phone: GuidedRequest) -> None:
    page = request_on_phone.page
    page.goto("/requests/new")
    page.wait_for_selector("body[data-ready]")
    page.get_by_role("link", name=re.compile("^Purpura")).click()
    assert page.get_by_role("link", name="Appeler le 15").get_attribute("href") == "tel:15"
    page.get_by_role("button", name="Poursuivre la demande").click()
    page.wait_for_function("() => document.activeElement.getAttribute('role') === 'alert'")
    page.get_by_label("Le 15 (SAMU)").check()
    page.get_by_role("button", name="Poursuivre la demande").click()
    request_on_phone.at("patient")
    request_on_phone.name_patient()
    content = request_on_phone.kept()["content"]
    assert content["urgency"] == "soon"
    assert content["red_flags"]["called"]["whom"] == "Le 15 (SAMU)"


def test_nothing_leaves_the_phone_before_the_consent_and_the_request_is_found_again(
    request_on_phone: GuidedRequest,
) -> None:
    request, page = request_on_phone, request_on_phone.page
    sent: dict[str, list[str]] = {"drafts": [], "stubs": []}

    def note(one: Request) -> None:
        if one.method == "PUT":
            sent["stubs" if one.url.endswith("stubs") else "drafts"].append(one.post_data or "")

    page.on("request", note)
    request.begin()
    page.get_by_role("button", name="Nouveau patient").click()
    request.at("identite")
    page.get_by_label("Nom de naissance").fill("Ici-Seulement")
    page.wait_for_timeout(1200)
    assert sent["drafts"] == []
    for body in sent["stubs"]:  # that something lies here, and for how long: nothing of it
        assert json.loads(body)["stubs"][0].keys() == {"id", "idle_s"}
        assert "Ici-Seulement" not in body
    assert page.request.get(f"/api/v1/drafts/{request.case_id}").status == 404

    page.goto("/requests")
    page.get_by_role("link", name="Ici-Seulement").wait_for()
    assert page.get_by_text("Aucune demande pour l’instant").count() == 0
    page.get_by_role("link", name="Ici-Seulement").click()
    page.wait_for_selector("body[data-ready]")
    assert page.get_by_label("Nom de naissance").input_value() == "Ici-Seulement"
    page.goto(page.url.split("#")[0] + "#patient")
    request.name_patient("Ici-Seulement")
    assert request.kept()["content"]["patient"]["birth_name"] == "Ici-Seulement"
    assert any("Ici-Seulement" in body for body in sent["drafts"])


def test_the_review_says_no_where_no_was_answered(request_on_phone: GuidedRequest) -> None:
    request, page = request_on_phone, request_on_phone.page
    request.begin_photos()
    request.photograph_everything()
    while request.place.startswith(("histoire/", "terrain")):
        for no in page.locator("#main fieldset label", has_text=re.compile(r"^\s*Non\s*$")).all():
            no.click()
        request.answer_one_screen()
    request.ask()
    words = page.locator("#main .facts").inner_text()
    assert re.search(r"(ni|Ni|Pas de) saignement", words), words
    assert re.search(r"(ni|Ni|Pas de) cancer personnel", words), words


def test_a_question_too_long_is_told_beside_its_field(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page = request_on_phone, request_on_phone.page
    request.review_kept(live_server.world)
    page.get_by_role("link", name="Modifier la question").click()
    request.at("question")
    page.get_by_label("Question à l’expert").fill("m" * 4001)
    page.get_by_text("4000\u00a0caractères au plus\u00a0: il y en a 4001.").wait_for()
    request.go_on()
    expect(page.get_by_role("alert")).to_contain_text("4000")
    assert request.place == "question"


def test_the_first_tap_counts_before_the_program_is_there(phone: Page, live_server: LiveServer) -> None:
    sign_in_page(phone, live_server.system, live_server.world.who(Role.REQUESTER))
    held: list[Route] = []
    phone.route("**/js/wizard/main.js", lambda route: held.insert(0, route))
    phone.goto("/requests/new", wait_until="commit")
    phone.get_by_role("link", name="Aucun de ces signes").click()
    assert phone.evaluate("location.hash") == "#aucun"
    wait_until(lambda: phone.wait_for_timeout(50) or bool(held), 10)
    for route in held:
        route.continue_()
    phone.wait_for_function("() => location.hash === '#patient'")


@pytest.mark.parametrize(
    "zone", ["America/Martinique", pytest.param("Pacific/Noumea", marks=pytest.mark.long)]
)
def test_a_birth_date_never_slips_a_day_overseas(
    open_page: Callable[..., Page], live_server: LiveServer, tmp_path: Path, zone: str
) -> None:
    page = open_page("phone", timezone_id=zone)
    sign_in_page(page, live_server.system, live_server.world.who(Role.REQUESTER))
    request = GuidedRequest(page, tmp_path)
    request.begin()
    request.name_patient(birth="01/03/1980")
    expect(page.locator("#band")).to_contain_text("01/03/1980", use_inner_text=True)
    page.wait_for_timeout(800)
    content = page.request.get(f"/api/v1/drafts/{request.case_id}").json()["content"]
    assert content["patient"]["birth_date"] == "1980-03-01"
    request.reopen(page.url)
    expect(page.locator("#band")).to_contain_text("01/03/1980", use_inner_text=True)


def test_a_returning_patient_is_found_by_either_spelling_and_agrees_again(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page = request_on_phone, request_on_phone.page
    request.review_kept(live_server.world, patient=AUBIGNE)
    request.send()
    with reading(live_server.system) as work:
        known = work.session.scalar(select(func.count()).select_from(Patient))
    request.begin()
    for spelling in ("aubigné", "d aubigne"):
        page.get_by_label(re.compile("Chercher un patient")).fill(spelling)
        page.wait_for_selector("#main .choice >> text=D’Aubigné")
    expect(page.locator("#main .choice", has_text="D’Aubigné").first).to_contain_text("dernière demande le")
    page.get_by_label(re.compile("Élise D’Aubigné")).first.check()
    consent = page.get_by_label(re.compile("informée et d’accord"))
    assert not consent.is_checked(), "an earlier consent is not this one"
    request.go_on()
    page.wait_for_selector("text=Cochez l’accord du patient")
    consent.check()
    request.go_on()
    request.at("motif")
    with reading(live_server.system) as work:
        assert work.session.scalar(select(func.count()).select_from(Patient)) == known

    assert request.kept()["content"]["patient"]["birth_name"] == "D’Aubigné"
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.post_data or "") if one.method == "PUT" else None)
    page.go_back()
    request.at("patient")
    page.get_by_role("button", name="Nouveau patient").click()
    request.at("identite")
    page.get_by_label("Nom de naissance").fill("Autre-Personne")
    page.wait_for_timeout(1200)
    assert not any("Autre-Personne" in body for body in sent), "another patient has not agreed yet"


def test_the_first_answer_of_a_question_with_several_is_kept_as_that_answer_alone(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page = request_on_phone, request_on_phone.page
    history = {name: answer for name, answer in cases.content()["history"].items() if name != "change"}
    request.review_kept(live_server.world, history=history, motive="pigmented")
    page.evaluate("location.hash = 'histoire/signs'")
    page.locator("label.chip", has_text="La taille").click()
    assert request.kept()["content"]["history"]["change"] == {"status": "answered", "value": ["size"]}
    page.locator("label.chip", has_text="La couleur").click()
    assert request.kept()["content"]["history"]["change"]["value"] == ["size", "colour"]

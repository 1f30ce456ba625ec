"""The treating doctor in a real browser: named in the guided request, given the opinion, who read it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect
from sqlalchemy import update

from dermavis.domain.roles import Role
from dermavis.models import Person
from dermavis.services.work import writing
from tests import cases
from tests.e2e.guided_request import READY, GuidedRequest
from tests.fixtures.browsers import assert_fits
from tests.signing_in import sign_in_page
from tests.treating import treated_by

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.browsers import OpenPage
    from tests.fixtures.servers import LiveServer

GIVEN = "Recevra l’avis dans DermAvis, en copie."


def _named(request: GuidedRequest) -> dict[str, Any]:
    patient = request.kept()["content"]["patient"]
    return {name: said for name, said in patient.items() if name.startswith("treating_doctor")}


def test_a_treating_doctor_is_found_by_a_few_letters_written_freely_or_oneself(
    request_on_phone: GuidedRequest, live_server: LiveServer, axe: Callable[[Page], None]
) -> None:
    request, page, world = request_on_phone, request_on_phone.page, live_server.world
    with writing(live_server.system) as work:
        work.session.execute(
            update(Person)
            .where(Person.id == world.who("stranger").person_id)
            .values(first_name="Rose", last_name="D’Aubigné")
        )
    page.goto(f"/requests/{cases.drafted(world)}#coordonnees")
    page.wait_for_selector(READY)
    request.at("coordonnees")
    field = page.get_by_role("textbox", name="Médecin traitant")
    copy = page.locator("#treating_doctor-copy")

    field.fill("")
    expect(page.get_by_role("group", name="Médecins de votre site").get_by_role("button")).to_have_count(2)
    field.fill("daub ros")
    found = page.get_by_role("group", name="Médecins du réseau").get_by_role("button")
    expect(found).to_have_text(re.compile("Dr Rose D’Aubigné.*Cabinet du Port"))
    axe(page)
    assert_fits(page)
    found.click()
    expect(field).to_have_value("Dr Rose D’Aubigné")
    expect(field).to_be_focused()
    expect(found).to_have_count(0)
    expect(copy).to_have_text(GIVEN)
    chosen = {
        "treating_doctor": "Dr Rose D’Aubigné",
        "treating_doctor_id": str(world.who("stranger").person_id),
    }
    assert _named(request) == chosen

    page.get_by_label("Ne pas transmettre au médecin traitant").check()
    expect(copy).to_contain_text("Le patient s’y oppose")
    assert _named(request) == chosen | {"treating_doctor_refused": True}
    page.get_by_label("Ne pas transmettre au médecin traitant").uncheck()

    field.fill("Dr Rameau, Buxy")
    expect(copy).to_contain_text("Sans compte ici")
    expect(page.get_by_text("Aucun médecin du réseau à ce nom")).to_be_visible()
    assert _named(request) == {"treating_doctor": "Dr Rameau, Buxy"}

    page.get_by_role("button", name="C’est moi").click()
    expect(copy).to_contain_text("C’est vous")
    me = world.who(Role.REQUESTER)
    assert _named(request) == {
        "treating_doctor": f"Dr {me.name}",
        "treating_doctor_id": str(me.person_id),
    }
    page.goto(f"/requests/{request.case_id}#relecture")
    page.wait_for_selector(READY)
    expect(page.locator(".facts > div", has_text="Médecin traitant")).to_contain_text("C’est vous")
    axe(page)


def test_what_the_server_refuses_of_a_chosen_doctor_stands_beside_the_field(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page, world = request_on_phone, request_on_phone.page, live_server.world
    request.review_kept(world, patient=treated_by(world, Role.NURSE_REQUESTER))
    page.get_by_role("link", name="Modifier le médecin traitant").click()
    request.at("coordonnees")
    page.get_by_role("textbox", name="Commune").fill("Givry")
    expect(page.locator("#treating_doctor-copy")).to_contain_text("Ce médecin ne peut pas recevoir l’avis")
    page.get_by_role("textbox", name="Médecin traitant").fill("Camille Nurse")
    expect(page.locator("#treating_doctor-copy")).to_contain_text("Sans compte ici")


def test_without_network_a_name_is_written_all_the_same(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page = request_on_phone, request_on_phone.page
    page.goto(f"/requests/{cases.drafted(live_server.world)}#coordonnees")
    page.wait_for_selector(READY)
    request.at("coordonnees")
    page.route("**/api/v1/doctors", lambda route: route.abort())
    page.get_by_role("textbox", name="Médecin traitant").fill("Dr Rameau")
    expect(page.get_by_text("Pas de réseau\u00a0: écrivez son nom.")).to_be_visible()
    assert _named(request) == {"treating_doctor": "Dr Rameau"}


def test_the_treating_doctor_finds_reads_and_confirms_an_opinion(
    open_page: OpenPage, live_server: LiveServer, axe: Callable[[Page], None]
) -> None:
    world = live_server.world
    case_id = cases.answered(world, answer=cases.emergency(), patient=treated_by(world))
    for shape in ("phone", "tablet"):
        page = open_page(shape)
        sign_in_page(page, live_server.system, world.who("stranger"))
        page.goto("/requests")
        axe(page)
        page.get_by_role("link", name=re.compile("Avis reçus pour mes patients|avis reçu à lire")).click()
        axe(page)
        assert_fits(page)
        page.locator(f"#request-{case_id} a").click()
        expect(page.get_by_text("Vous recevez cet avis comme médecin traitant")).to_be_visible()
        axe(page)
        assert_fits(page)
    page.get_by_role("button", name="J’ai pris connaissance").click()
    expect(page.get_by_text("votre lecture est confirmée")).to_be_visible()
    axe(page)
    for role, shape in ((Role.REQUESTER, "phone"), (Role.EXPERT, "tablet")):
        page = open_page(shape)
        sign_in_page(page, live_server.system, world.who(role))
        page.goto(f"/cases/{case_id}")
        expect(page.locator(".facts > div", has_text="Dr Camille Stranger")).to_contain_text("lu, ")
        axe(page)

"""Patients' demands that are due, and records that may be one patient, on a telephone and a tablet."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from dermavis.domain.calendars import local_day
from dermavis.domain.roles import Role
from dermavis.models import PatientMerge
from dermavis.services.patient_duplicates import PAGE, possible_duplicates
from dermavis.services.patient_merges import propose
from dermavis.services.work import writing
from tests import cases
from tests.demanding import demanded
from tests.e2e.looking import Check, looked_at
from tests.known_patients import OTHERS, known, leave
from tests.receivers import wait_until
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer


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
    looked_at(phone, axe, "rights-requests-phone")
    phone.get_by_role("link", name="Voir sa demande").click()
    expect(phone.get_by_role("navigation").get_by_text("1", exact=True)).to_be_visible()
    looked_at(phone, axe, "rights-register-phone")

    sign_in_page(tablet, system, world.who(Role.DATA_PROTECTION_OFFICER))
    tablet.goto("/demands")
    expect(tablet.get_by_text("1 réponse est en retard")).to_be_visible()
    expect(tablet.get_by_role("navigation").get_by_text("2", exact=True)).to_be_visible()
    looked_at(tablet, axe, "rights-register-tablet")
    tablet.get_by_role("table").get_by_role("link").first.click()
    expect(tablet.get_by_text(world.who(Role.DATA_PROTECTION_OFFICER).name).first).to_be_visible()
    looked_at(tablet, axe, "rights-demand-tablet")


def test_possible_duplicates_are_paged_and_say_who_confirms(
    live_server: LiveServer, phone: Page, tablet: Page, axe: Check
) -> None:
    world, system = live_server.world, live_server.system
    known(world, *({"first_name": f"Rose{chr(97 + n)}{'xyz'[n % 3]}"} for n in range(26) for _ in range(2)))
    wait_until(lambda: len(_pairs(live_server)) == PAGE, 30)
    sign_in_page(phone, system, world.who(Role.REQUESTER))
    phone.goto("/patients/duplicates")
    looked_at(phone, axe, "rights-duplicates-phone")
    phone.get_by_role("link", name="Voir la suite").click()
    looked_at(phone, axe, "rights-duplicates-rest-phone")
    phone.goto("/patients/duplicates")
    phone.get_by_role("link", name="Comparer").first.click()
    expect(phone.get_by_text("À confirmer par")).to_be_visible()
    looked_at(phone, axe, "rights-comparison-phone")
    phone.get_by_label("Fiche A").check()
    phone.get_by_role("button", name="Proposer la fusion").click()
    expect(phone.get_by_role("heading", name="À confirmer")).to_be_visible()
    looked_at(phone, axe, "rights-proposed-phone")

    sign_in_page(tablet, system, world.who(Role.NURSE_REQUESTER))
    tablet.goto("/requests")
    tablet.get_by_role("link", name="Une fusion de fiches attend votre accord").click()
    looked_at(tablet, axe, "rights-waiting-tablet")
    tablet.get_by_role("link", name="Lire et confirmer").click()
    looked_at(tablet, axe, "rights-proposal-tablet")
    tablet.get_by_role("button", name="Fusionner").click()
    expect(tablet.get_by_role("button", name="Annuler la fusion")).to_be_visible()


def test_a_doctor_alone_reads_both_records_a_second_time(
    live_server: LiveServer, phone: Page, tablet: Page, axe: Check
) -> None:
    world, system = live_server.world, live_server.system
    leave(world, Role.SITE_SECRETARY, *OTHERS)
    two = known(world, {}, {"birth_name": "Vautrain"})
    with writing(system, world.actor(Role.REQUESTER)) as work:
        row = propose(work, *two)
        merge_id = row.id
    sign_in_page(phone, system, world.who(Role.REQUESTER))
    phone.goto(f"/patients/merges/{merge_id}")
    expect(phone.get_by_text("Vous êtes seul à votre site")).to_be_visible()
    looked_at(phone, axe, "rights-alone-early-phone")
    with writing(system) as work:
        work.session.get_one(PatientMerge, merge_id).proposed_at = work.now - timedelta(hours=25)
    for page, name in ((phone, "phone"), (tablet, "tablet")):
        if page is tablet:
            sign_in_page(tablet, system, world.who(Role.REQUESTER))
        page.goto(f"/patients/merges/{merge_id}")
        page.get_by_role("button", name="Fusionner").click()
        expect(page.get_by_role("alert")).to_contain_text("Choisissez la fiche à garder.")
        looked_at(page, axe, f"rights-alone-again-{name}")
    phone.get_by_role("radio").nth(0 if str(two[0]) < str(two[1]) else 1).check()
    phone.get_by_role("button", name="Fusionner").click()
    expect(phone.get_by_text("Les deux fiches n’en font plus qu’une.")).to_be_visible()
    looked_at(phone, axe, "rights-alone-done-phone")


def _pairs(live_server: LiveServer) -> list[Any]:
    with writing(live_server.system, live_server.world.actor(Role.REQUESTER)) as work:
        return possible_duplicates(work).pairs

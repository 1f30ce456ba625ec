"""The administrator's day in a browser: people come and go, a centre opens, the audit of a case is read."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from dermavis.domain.roles import Role
from dermavis.services.second_factor import totp_code
from tests import cases
from tests.e2e.looking import Check, looked_at
from tests.receivers import plain_text, wait_until
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.browsers import OpenPage
    from tests.fixtures.servers import LiveServer


def test_somebody_is_invited_opens_the_letters_link_and_is_revoked(
    live_server: LiveServer, tablet: Page, phone: Page, axe: Check
) -> None:
    world = live_server.world
    sign_in_page(tablet, live_server.system, world.who(Role.ADMINISTRATOR))
    tablet.goto("/administration")
    looked_at(tablet, axe, "administration-people")
    tablet.get_by_role("link", name="Inviter").click()
    tablet.get_by_label("Prénom").fill("Zoé")
    tablet.get_by_label("Nom", exact=True).fill("Ménager")
    tablet.get_by_label("Adresse de courriel").fill("zoe.menager@example.org")
    tablet.get_by_label("Numéro RPPS").fill("123")
    tablet.get_by_label("Organisation", exact=True).select_option(str(world.centre_id))
    tablet.get_by_role("button", name="Inviter").click()
    summary = tablet.locator(".error-summary")
    summary.wait_for()
    assert summary.evaluate("part => part === document.activeElement")
    looked_at(tablet, axe, "administration-invite-refused")
    summary.get_by_role("link", name="RPPS").click()
    assert tablet.evaluate("document.activeElement.id") == "rpps"
    assert tablet.get_by_label("Prénom").input_value() == "Zoé"
    tablet.get_by_label("Numéro RPPS").fill("")
    tablet.get_by_label("Rôle", exact=True).select_option("expert")
    tablet.get_by_role("button", name="Inviter").click()
    tablet.get_by_text("Invitation envoyée").wait_for()
    looked_at(tablet, axe, "administration-person")

    wait_until(lambda: live_server.mail.to("zoe.menager@example.org"), 30)
    [letter] = live_server.mail.to("zoe.menager@example.org")
    link = re.search(r"http://\S+/invitation/\S+", plain_text(letter))
    assert link
    phone.goto(link[0])
    phone.locator("#password").fill("une lampe sous la pluie 8")
    phone.locator("#again").fill("une lampe sous la pluie 8")
    phone.get_by_role("button", name="Continuer").click()
    phone.goto("/sign-in/enrolment/authenticator")
    secret = re.sub(r"\s", "", phone.locator("#seed").text_content() or "")
    phone.get_by_label("Code à 6 chiffres").fill(totp_code(secret, datetime.now(UTC)))
    phone.get_by_role("button", name="Vérifier").click()
    phone.wait_for_url("**/sign-in/enrolment/authenticator")
    phone.goto("/worklist")
    assert phone.url.endswith("/worklist")

    tablet.goto("/administration/people")
    tablet.get_by_label("Chercher un nom").fill("menager")
    tablet.get_by_role("button", name="Chercher").click()
    tablet.get_by_text("1 personne", exact=True).wait_for()
    tablet.get_by_role("link", name="Zoé Ménager").click()
    tablet.get_by_role("link", name="Révoquer").click()
    looked_at(tablet, axe, "administration-revocation")
    tablet.get_by_role("button", name="Révoquer maintenant").click()
    tablet.get_by_text("Compte fermé").wait_for()
    phone.reload()
    phone.wait_for_url("**/sign-in**")


def test_a_practice_opens_with_its_team_and_charter(
    live_server: LiveServer, tablet: Page, open_page: OpenPage, axe: Check
) -> None:
    world = live_server.world
    sign_in_page(tablet, live_server.system, world.who(Role.ADMINISTRATOR))
    tablet.goto("/administration/organizations")
    looked_at(tablet, axe, "administration-organizations")
    tablet.get_by_role("link", name="Créer").click()
    tablet.get_by_label("Genre", exact=True).select_option("site")
    expect(tablet.get_by_label("Genre de site")).to_be_visible()
    tablet.get_by_label("Genre", exact=True).select_option("practice")
    expect(tablet.get_by_label("Genre de site")).to_be_hidden()
    looked_at(tablet, axe, "administration-organization-new")
    tablet.get_by_label("Nom", exact=True).fill("Cabinet du Dr Aubertin")
    tablet.get_by_label("Téléphone", exact=False).first.fill("03 85 39 98 00")
    tablet.get_by_role("button", name="Enregistrer").click()
    tablet.get_by_text("Organisation créée.").wait_for()
    looked_at(tablet, axe, "administration-organization")
    place = tablet.url.split("?")[0]
    person = f"/administration/people/{world.who('other_expert').person_id}"
    tablet.goto(person)
    tablet.get_by_label("Organisation", exact=True).select_option(
        label="Cabinet du Dr Aubertin · Cabinet de dermatologie"
    )
    tablet.get_by_label("Rôle", exact=True).select_option("expert")
    tablet.get_by_role("button", name="Ajouter ce rôle").click()
    tablet.get_by_text("Rôle ajouté.").wait_for()
    tablet.goto(place)
    tablet.get_by_label("Nom de l’équipe").first.fill("Dermatologie libérale")
    tablet.get_by_label("Dr Camille Other Expert").check()
    tablet.get_by_role("button", name="Enregistrer l’équipe").click()
    tablet.get_by_text("Équipe enregistrée.").wait_for()
    assert tablet.get_by_label("Dr Camille Other Expert").is_checked()

    tablet.get_by_role("link", name="Charte").click()
    looked_at(tablet, axe, "administration-charter")
    tablet.locator("#routine_target").fill("assez")
    tablet.get_by_label("mardi, plage 1, à").fill("07:00")
    tablet.get_by_role("button", name="Publier cette charte").click()
    tablet.locator(".error-summary").wait_for()
    looked_at(tablet, axe, "administration-charter-refused")
    assert tablet.locator("#routine_target").input_value() == "assez"
    tablet.locator("#routine_target").fill("36")
    tablet.get_by_label("mardi, plage 1, à").fill("12:30")
    tablet.get_by_label("mardi, plage 2, de").fill("14:00")
    tablet.get_by_label("mardi, plage 2, à").fill("18:00")
    tablet.get_by_role("button", name="Publier cette charte").click()
    tablet.get_by_text("Charte publiée.").wait_for()
    tablet.get_by_role("link", name="Version 1").click()
    expect(tablet.get_by_text("9 h – 12 h 30, 14 h – 18 h")).to_be_visible()
    expect(tablet.get_by_text("36 h, en retard après 72 h")).to_be_visible()
    looked_at(tablet, axe, "administration-charter-version")

    handset = open_page("phone")
    sign_in_page(handset, live_server.system, world.who(Role.ADMINISTRATOR))
    version = tablet.url
    for name, address in {
        "people-phone": "/administration/people",
        "invite-phone": "/administration/people/new",
        "person-phone": person,
        "organizations-phone": "/administration/organizations",
        "organization-phone": place,
        "site-phone": f"/administration/organizations/{world.site_id}",
        "organization-edit-phone": f"{place}/edit",
        "charter-phone": version.split("/versions")[0],
        "charter-version-phone": version,
        "closing-phone": f"{place}/closing",
    }.items():
        handset.goto(address)
        looked_at(handset, axe, name)


def test_who_opened_a_case_is_read_and_given_as_a_file(
    live_server: LiveServer, open_page: OpenPage, axe: Check
) -> None:
    world = live_server.world
    case_id = cases.claimed(world)
    number = cases.number_of(live_server.system, case_id)
    assert number
    expert = open_page("tablet")
    sign_in_page(expert, live_server.system, world.who(Role.EXPERT))
    expert.goto(f"/cases/{case_id}")
    expert.get_by_role("heading").first.wait_for()

    for shape in ("tablet", "phone"):
        page = open_page(shape)
        sign_in_page(page, live_server.system, world.who(Role.DATA_PROTECTION_OFFICER))
        page.goto("/administration/audit")
        looked_at(page, axe, f"administration-audit-{shape}")
        page.get_by_label("Demande", exact=True).fill(number.lower())
        page.get_by_label("Professionnel").fill("personne de ce nom")
        page.get_by_role("button", name="Filtrer").click()
        page.locator(".error-summary").wait_for()
        looked_at(page, axe, f"administration-audit-refused-{shape}")
        page.get_by_label("Professionnel").fill("camille expert")
        page.get_by_role("button", name="Filtrer").click()
        page.get_by_text("Plusieurs personnes répondent à ce nom").wait_for()
        looked_at(page, axe, f"administration-audit-several-{shape}")
        page.get_by_role("link", name="Dr Camille Expert", exact=True).click()
        page.get_by_role("cell", name="Dossier ouvert").first.wait_for()
        assert "camille" not in page.url.lower()
        with page.expect_download() as download:
            page.get_by_role("link", name="Exporter (CSV)").click()
        text = Path(download.value.path()).read_text("utf-8-sig")
        assert f";{number};case.read" in text
        page.get_by_role("link", name=f"Qui a ouvert le dossier {number}").click()
        page.get_by_role("heading", name=f"Qui a ouvert {number}").wait_for()
        expect(page.get_by_text("Dr Camille Expert").first).to_be_visible()
        looked_at(page, axe, f"administration-audit-case-{shape}")

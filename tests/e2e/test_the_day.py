"""The whole day, from the invitation of a doctor to what a patient may ask: who opened the case, and each picture."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from playwright.sync_api import expect

from dermavis.domain.roles import Role
from tests.e2e import day_of_expert as at_the_centre
from tests.e2e import day_of_requester as at_the_practice
from tests.e2e.day import (
    BORN,
    BOTH,
    CONDUCT,
    FIRST_NAME,
    GP,
    PATIENT,
    PRECISION,
    SECRETS,
    Day,
    RequestOfTheDay,
)
from tests.planted import Planted, addresses_that_tell, birth_dates
from tests.receivers import plain_text

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.browsers import OpenPage
    from tests.fixtures.servers import LiveServer
    from tests.receivers import Phone

pytestmark = pytest.mark.e2e


@pytest.mark.whole_browser
def test_the_whole_day(
    live_server: LiveServer,
    tmp_path: Path,
    open_page: OpenPage,
    axe: Callable[[Page], None],
    request: pytest.FixtureRequest,
) -> None:
    day = Day(live_server, tmp_path, open_page, axe, request.config.getoption("everything"))
    handset, tablet = live_server.push.phone("handset"), live_server.push.phone("tablet")

    link = an_administrator_invites_a_doctor(day)
    phone = at_the_practice.the_doctor_opens_an_account(day, link, handset)
    expert = at_the_centre.the_expert_wants_to_be_told(day, tablet)

    number, case_id = at_the_practice.the_doctor_asks(day, phone)
    notice = the_team_is_told(day, tablet, number)
    at_the_centre.one_expert_takes_it_and_another_is_told_who(day, expert, notice["url"])
    at_the_centre.the_expert_asks_a_precision(day, expert, case_id)
    at_the_practice.the_doctor_answers_with_a_picture(day, phone, handset, number, case_id)
    at_the_centre.the_expert_answers(day, expert, tablet, number, case_id)
    at_the_practice.the_doctor_reads_copies_and_tells(day, phone, handset, number, case_id)

    a_pooled_request_passes_by_its_coordination(day, tablet)
    an_administrator_reads_who_opened_it(day, number, case_id)
    nothing_told_who_it_was_about(day)


def an_administrator_invites_a_doctor(day: Day) -> str:
    page = day.device("tablet", who=Role.ADMINISTRATOR)
    page.goto("/administration/people")
    day.look(page, *BOTH)
    page.get_by_role("link", name="Inviter").click()
    page.get_by_label("Prénom").fill("Aude")
    page.get_by_label("Nom", exact=True).fill("Novel")
    page.get_by_label("Titre").fill("Dr")
    page.get_by_label("Adresse de courriel").fill(GP)
    page.get_by_label("Organisation").select_option(str(day.live.world.site_id))
    page.get_by_label("Rôle").select_option(Role.REQUESTER.value)
    day.look(page, *BOTH)
    page.get_by_role("button", name="Inviter").click()
    page.wait_for_url(re.compile(r"/administration/people/[0-9a-f-]{36}"))
    day.look(page, *BOTH)
    found = re.search(r"https?://\S+/invitation/\S+", day.letter(GP, ""))
    assert found
    return found[0]


def the_team_is_told(day: Day, tablet: Phone, number: str) -> dict[str, str]:
    notice = day.push(tablet, f"Nouvelle demande · {number}")
    for name in (Role.EXPERT, "other_expert"):
        letter = day.letter(day.live.world.who(name).email, f"Nouvelle demande · {number}")
        assert f"{day.live.url}{notice['url']}" in letter
    return notice


def a_pooled_request_passes_by_its_coordination(day: Day, tablet: Phone) -> None:
    page = day.device("phone", who="pooled_requester")
    page.goto("/requests")
    request = RequestOfTheDay(day, page, looked_at=False)
    request.complete()
    case_id = UUID(request.case_id)
    number = request.send()
    expect(page.get_by_role("heading", level=1)).to_have_text("Demande confiée à votre CPTS")
    assert day.case(case_id).state == "pooled"
    assert not any(number in one.content["title"] for one in day.live.push.for_phone(tablet))
    day.letter(day.live.world.who(Role.COORDINATOR).email, f"Demande à relire · {number}")
    board = day.device("tablet", who=Role.COORDINATOR)
    board.goto("/pooling")
    expect(board.locator(f"#row-{case_id}")).to_contain_text(PATIENT)
    day.look(board, *BOTH)
    board.locator(f"#open-{case_id}").click()
    expect(board.locator("#panel").get_by_role("heading", name=re.compile(PATIENT))).to_be_visible()
    day.look(board, *BOTH)
    board.locator(f"#choose-{case_id}").check()
    board.get_by_role("button", name="Transmettre").first.click()
    expect(board.locator("#outcomes-title")).to_have_text("1\u00a0demande transmise")
    day.look(board, *BOTH)
    assert day.case(case_id).state == "submitted"
    day.push(tablet, f"Nouvelle demande · {number}")


def an_administrator_reads_who_opened_it(day: Day, number: str, case_id: UUID) -> None:
    page = day.device("tablet", who=Role.ADMINISTRATOR)
    page.goto("/administration/audit")
    page.get_by_label("Demande").fill(number)
    page.get_by_role("button", name="Filtrer").click()
    day.look(page, *BOTH)
    page.get_by_role("link", name=f"Qui a ouvert le dossier {number}").click()
    for part in ("Dossier", "Compte rendu"):
        expect(page.get_by_role("region", name=part, exact=True)).to_contain_text("Dr Aude Novel")
    expect(page.get_by_role("region", name="Dossier", exact=True)).to_contain_text("Dr Camille Other Expert")
    pictures = page.locator("section[aria-labelledby^=picture-]")
    expect(pictures).to_have_count(3)
    for picture in pictures.all():
        expect(picture).to_contain_text("Dr Camille Expert")
    day.look(page, *BOTH)
    assert day.screens > 40


def nothing_told_who_it_was_about(day: Day) -> None:
    planted = Planted({**SECRETS, **birth_dates(BORN)}, pictures=False)
    assert planted.in_text(f"/requests?q={PATIENT}") == {"name"}
    assert planted.in_text(f'{{"body":"{FIRST_NAME}, {PRECISION}"}}') == {"first name", "precision"}
    assert len(day.addresses) > 50
    assert addresses_that_tell(day.addresses, planted) == []
    pushes = day.live.push.received
    assert len(pushes) > 4
    for message in pushes:
        assert planted.in_bytes(message.payload) == set()
    letters = day.live.mail.messages
    assert len(letters) > 4
    for letter in letters:
        assert planted.in_text(f"{letter['Subject']}\n{plain_text(letter)}") == set()
    on_disk = Planted({**SECRETS, "conduct": CONDUCT, **birth_dates(BORN)})
    (day.folder / "careless.log").write_text(f"404 /cases {PATIENT}", "utf-8")
    assert set(on_disk.in_folder(day.folder)) >= {
        str(day.folder / name) for name in ("careless.log", "report.pdf")
    }
    assert on_disk.in_folder(day.live.folder) == {}

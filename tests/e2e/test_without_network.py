"""A request with no network at all: the server is stopped, and the phone opens by its code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import psutil
import pytest
from playwright.sync_api import Error, expect
from sqlalchemy import func, select, update

from dermavis.domain.roles import Role
from dermavis.models import Case, Device, Notification, Photo, Transition, UserSession
from dermavis.services.devices import enrol
from dermavis.services.work import reading, writing
from tests import material
from tests.e2e.guided_request import READY, GuidedRequest
from tests.e2e.phone_code import CODE, choose_code, enter, type_code, use_once
from tests.fixtures.browsers import FRENCH, SHAPES, chromium_path
from tests.receivers import wait_until
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page, Playwright

    from tests.fixtures.browsers import OpenPage
    from tests.fixtures.servers import LiveServer

pytestmark = [pytest.mark.e2e, pytest.mark.whole_browser]

WRONG = "999912"


@pytest.fixture
def server(start_server: Callable[..., LiveServer]) -> LiveServer:
    """A service of this test's own, that it may stop."""
    return start_server()


@pytest.fixture
def kept_phone(server: LiveServer, open_page: OpenPage) -> Page:
    """A requester's kept phone with the service worker in charge."""
    page = open_page("phone", base_url=server.url)
    enter(page, server, server.world.who(Role.REQUESTER))
    page.goto("/")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    return page


def state_of(server: LiveServer, case_id: str) -> str:
    """Return where a request stands."""
    with reading(server.system) as work:
        return work.session.get_one(Case, UUID(case_id)).state


def test_a_request_begins_without_network_and_leaves_by_itself_when_the_server_is_back(
    kept_phone: Page, server: LiveServer, tmp_path: Path, axe: Callable[[Page], None]
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    choose_code(page)
    use_once(page)
    server.stop("web")

    page.goto("/requests/new")
    page.get_by_label("Code de cet appareil").wait_for()
    axe(page)
    type_code(page, CODE)
    page.wait_for_selector(READY)
    page.get_by_role("link", name="Aucun de ces signes").click()
    request.at("patient")
    request.name_patient()
    request.describe_lesion()
    request.photograph_everything()
    request.answer_history()
    place, address = request.place, page.url.split("#")[0]
    page.goto("about:blank")  # closed in the middle, and opened again: the same place
    page.goto(address)
    page.wait_for_selector(READY)
    expect(page.locator("#band")).to_contain_text("D’Aubigné")
    assert request.place == place
    request.ask()
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("heading", name="Prête à partir")).to_be_visible()
    axe(page)
    page.goto("/")
    expect(page.get_by_role("heading", name="Pas de réseau")).to_be_visible()
    expect(page.locator("#local-drafts")).to_contain_text("part dès que le réseau revient")
    axe(page)

    page.goto(address)
    page.wait_for_selector(READY)
    server.start("web")
    number = page.locator(".receipt-number").inner_text(timeout=60_000)

    with reading(server.system) as work:
        sent = work.session.get_one(Case, UUID(address.rsplit("/", 1)[1]))
        pictures = work.session.scalar(select(func.count()).where(Photo.case_id == sent.id))
    assert (sent.state, sent.number) == ("submitted", number)
    assert pictures == 2


def test_a_request_that_waits_leaves_from_the_next_page_that_is_opened(
    kept_phone: Page, server: LiveServer, tmp_path: Path
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    request.review_kept(server.world)
    case_id = request.case_id
    server.stop("web")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("heading", name="Prête à partir")).to_be_visible()
    page.goto("about:blank")
    server.start("web")
    page.goto("/requests")
    wait_until(lambda: state_of(server, case_id) == "submitted", 30)
    page.wait_for_function("() => localStorage.getItem('dermavis-outbox') === null")


def test_what_waits_is_taken_back_by_changing_it(
    kept_phone: Page, server: LiveServer, tmp_path: Path
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    request.review_kept(server.world)
    case_id = request.case_id
    server.stop("web")
    page.get_by_role("button", name="Envoyer").click()
    page.get_by_role("button", name="Modifier").click()
    request.at("relecture")
    server.start("web")
    page.goto("/requests")
    page.wait_for_timeout(3000)
    assert state_of(server, case_id) == "draft"
    page.goto(f"/requests/{case_id}#relecture")
    page.wait_for_selector(READY)
    request.send()
    assert state_of(server, case_id) == "submitted"


def test_one_that_the_server_refuses_says_why_and_lets_the_others_leave(
    kept_phone: Page, server: LiveServer, tmp_path: Path
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    waiting = []
    for changes in ({"history": {}}, {}):
        request.review_kept(server.world, **changes)
        waiting.append(request.case_id)
        server.stop("web")
        page.get_by_role("button", name="Envoyer").click()
        expect(page.get_by_role("heading", name="Prête à partir")).to_be_visible()
        page.goto("about:blank")
        server.start("web")
    page.goto("/requests")
    wait_until(lambda: state_of(server, waiting[1]) == "submitted", 30)
    expect(page.locator("#local-drafts")).to_contain_text("À reprendre")
    assert state_of(server, waiting[0]) == "draft"


def test_back_from_what_waits_takes_it_back(kept_phone: Page, server: LiveServer, tmp_path: Path) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    request.review_kept(server.world)
    case_id = request.case_id
    server.stop("web")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("heading", name="Prête à partir")).to_be_visible()
    page.go_back()
    request.at("relecture")
    server.start("web")
    page.wait_for_timeout(4000)
    assert state_of(server, case_id) == "draft"
    request.send()


def test_a_refusal_that_comes_once_the_line_is_back_is_told_on_the_open_page(
    kept_phone: Page, server: LiveServer, tmp_path: Path
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    request.review_kept(server.world, history={})
    server.stop("web")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("heading", name="Prête à partir")).to_be_visible()
    server.start("web")
    expect(page.get_by_role("heading", name="Relire et envoyer")).to_be_visible(timeout=30_000)
    expect(page.locator("#lacks")).to_contain_text("Il manque")


def test_an_urgent_request_is_never_queued_and_shows_the_telephone(
    kept_phone: Page, server: LiveServer, tmp_path: Path
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    request.review_kept(server.world, urgency="urgent")
    case_id = request.case_id
    server.stop("web")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator("#lacks")).to_contain_text("une urgence se téléphone")
    page.goto("about:blank")
    server.start("web")
    page.goto("/requests")
    page.wait_for_timeout(4000)
    assert state_of(server, case_id) == "draft"


def test_two_tabs_and_the_queue_send_a_request_once(
    kept_phone: Page, server: LiveServer, tmp_path: Path
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    request.review_kept(server.world)
    address, case_id = page.url, request.case_id
    other, list_page = page.context.new_page(), page.context.new_page()
    other.goto(address)
    other.wait_for_selector(READY)
    list_page.goto("/requests")
    server.stop("web")
    for tab in (page, other):
        tab.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("heading", name="Prête à partir")).to_be_visible()
    list_page.evaluate("dispatchEvent(new Event('online'))")
    server.start("web")
    for tab in (page, other):
        tab.locator(".receipt-number").wait_for(timeout=60_000)
    list_page.reload()
    with reading(server.system) as work:
        told = work.session.scalars(
            select(Notification.person_id).where(
                Notification.case_id == UUID(case_id), Notification.event == "submitted"
            )
        ).all()
        steps = work.session.scalars(
            select(Transition.id).where(
                Transition.case_id == UUID(case_id), Transition.to_state == "submitted"
            )
        ).all()
    assert len(steps) == 1
    assert len(told) == len(set(told)) > 0


def test_a_page_sends_nothing_under_the_session_of_somebody_who_signed_in_meanwhile(
    kept_phone: Page, server: LiveServer, tmp_path: Path
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    request.begin()
    enter(page, server, server.world.who("other_requester"))
    page.get_by_role("button", name="Nouveau patient").click()
    request.at("identite")
    page.get_by_label("Nom de naissance").fill("Vautrin")
    page.get_by_label("Prénom").fill("Hélène")
    page.get_by_label("Jour").fill("12/03/1958")
    page.locator("label", has_text="Femme").click()
    request.go_on()
    request.at("coordonnees")
    request.go_on()
    request.at("accord")
    page.get_by_label("Patient informé et d’accord").check()
    expect(page.get_by_role("heading", name="Votre session est terminée")).to_be_visible()
    with reading(server.system) as work:
        assert work.session.get(Case, UUID(request.case_id)) is None


def test_an_hour_without_a_touch_closes_the_page_until_the_code_and_opens_the_session(
    kept_phone: Page, server: LiveServer, tmp_path: Path
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    page.clock.install()
    choose_code(page)
    request.begin()
    with writing(server.system) as work:
        work.session.execute(update(UserSession).values(seen_at=work.now - timedelta(hours=2)))
    page.clock.fast_forward("01:00:30")
    expect(page.get_by_role("heading", name="Toujours là")).to_be_visible()
    type_code(page, CODE)
    expect(page.get_by_role("heading", name="Toujours là")).to_be_hidden()
    page.reload()
    page.wait_for_selector(READY)
    assert page.url.endswith("patient")


def test_five_wrong_codes_close_the_phone_until_a_sign_in_and_lose_nothing(
    kept_phone: Page, server: LiveServer
) -> None:
    choose_code(kept_phone)
    use_once(kept_phone)
    address = kept_phone.url.split("#")[0]
    server.stop("web")
    kept_phone.goto(address)
    for left in ("4 essais", "3 essais", "2 essais", "1 essai."):
        type_code(kept_phone, WRONG)
        expect(kept_phone.get_by_role("alert")).to_contain_text(f"Encore {left}")
    type_code(kept_phone, WRONG)
    expect(kept_phone.get_by_role("alert")).to_contain_text("n’ouvre plus cet appareil")
    kept_phone.goto(address)
    expect(kept_phone.locator("#trouble")).to_contain_text("pas de code sur cet appareil")
    server.start("web")
    kept_phone.goto(address)
    kept_phone.wait_for_selector(READY)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("123456", "trop facile"),
        ("111111", "trop facile"),
        ("121212", "trop facile"),
        ("27496", "six chiffres"),
    ],
)
def test_a_code_that_is_easy_to_guess_is_refused_beside_its_field(
    kept_phone: Page, code: str, words: str
) -> None:
    choose_code(kept_phone)
    kept_phone.get_by_text("Changer de code").click()
    kept_phone.get_by_label("Code, six chiffres").fill(code)
    kept_phone.get_by_role("button", name="Enregistrer le code").click()
    expect(kept_phone.locator("#phone_code-told")).to_contain_text(words)


def test_signing_out_or_another_person_ends_the_code(kept_phone: Page, server: LiveServer) -> None:
    choose_code(kept_phone)
    kept_phone.get_by_role("button", name=re.compile("Se déconnecter")).click()
    kept_phone.wait_for_url("**/sign-in*")
    kept_phone.wait_for_function("() => localStorage.getItem('dermavis-code') === null")
    enter(kept_phone, server, server.world.who(Role.REQUESTER))
    choose_code(kept_phone)
    enter(kept_phone, server, server.world.who("other_requester"))
    kept_phone.goto("/")
    kept_phone.wait_for_function("() => localStorage.getItem('dermavis-code') === null")
    server.stop("web")
    kept_phone.goto("/requests/new")
    expect(kept_phone.locator("#trouble")).to_contain_text("pas de code sur cet appareil")


def test_a_browser_killed_without_network_takes_the_request_up_again_and_its_disk_holds_nothing_in_clear(
    playwright: Playwright, server: LiveServer, tmp_path: Path
) -> None:
    profile, secret = tmp_path / "profile", "Zzyzxovitch"
    picture, control = (material.planted_jpeg(material.scene(1600, 1200, seed=seed)) for seed in (3, 4))
    with killed_browser(playwright, server, profile) as page:
        enter(page, server, server.world.who(Role.REQUESTER))
        page.goto("/")
        page.wait_for_function("() => navigator.serviceWorker.controller !== null")
        choose_code(page)
        use_once(page)
        page.evaluate("localStorage.setItem('control', 'Planted in clear')")
        page.evaluate(PLANT, list(control))
        server.stop("web")
        page.goto("/requests/new")
        type_code(page, CODE)
        page.wait_for_selector(READY)
        page.get_by_role("link", name="Aucun de ces signes").click()
        request = GuidedRequest(page, tmp_path)
        request.at("patient")
        request.name_patient(secret, "23/07/1961")
        request.describe_lesion()
        request.photograph(picture)
        address, place = page.url.split("#")[0], request.place
        page.wait_for_timeout(1500)
    on_disk = written(profile)
    assert found_in(on_disk, "Planted in clear"), "the search finds what stands in clear"
    middle = slice(len(control) // 3, len(control) // 3 + 24)
    assert found_in(on_disk, control[middle]), "the search finds a picture that stands in clear"
    for clear in (secret, "1961-07-23", picture[middle], picture[len(picture) // 2 :][:24]):
        assert not found_in(on_disk, clear)
    with killed_browser(playwright, server, profile) as page:
        page.goto(address)
        type_code(page, CODE)
        page.wait_for_selector(READY)
        expect(page.locator("#band")).to_contain_text(secret)
        assert GuidedRequest(page, tmp_path).place == place
        page.wait_for_selector("figure.photo img")


PLANT = """bytes => new Promise((resolve) => {
  const opening = indexedDB.open('planted', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('one');
  opening.onsuccess = () => {
    const kept = opening.result.transaction('one', 'readwrite', { durability: 'strict' });
    kept.objectStore('one').put(new Uint8Array(bytes).buffer, 'one');
    kept.oncomplete = resolve;
  };
})"""
"""Keeps a picture in clear, in a database of its own: what the search of the disk must find."""


@contextmanager
def killed_browser(playwright: Playwright, server: LiveServer, profile: Path) -> Iterator[Page]:
    """A phone's browser whose profile stays on the disk, and whose processes are killed at the end, not closed."""
    before = set(psutil.Process().children(recursive=True))
    context = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=chromium_path(),
        args=["--no-sandbox"],
        base_url=server.url,
        **FRENCH,
        **SHAPES["phone"],
    )
    try:
        yield context.new_page()
    finally:
        for process in set(psutil.Process().children(recursive=True)) - before:
            if any(f"--user-data-dir={profile}" in part for part in process.cmdline()):
                process.kill()
        with suppress(Error):
            context.close()


def written(profile: Path) -> list[bytes]:
    """Return every file of a profile."""
    return [path.read_bytes() for path in profile.rglob("*") if path.is_file() and "Default" in path.parts]


def found_in(files: list[bytes], what: str | bytes) -> bool:
    """Tell whether a file holds these bytes, or these words in one of the ways in which browsers write them."""
    forms = (
        [what] if isinstance(what, bytes) else [what.encode(c) for c in ("utf-8", "utf-16-le", "utf-16-be")]
    )
    return any(form in content for content in files for form in forms)


def test_a_draft_that_has_waited_for_days_says_so_and_its_writer_is_written_to(
    kept_phone: Page, server: LiveServer, tmp_path: Path
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    request.begin()
    page.get_by_role("button", name="Nouveau patient").click()
    request.at("identite")
    page.get_by_label("Nom de naissance").fill("Vautrin")
    page.wait_for_timeout(800)
    page.clock.install(time=datetime.now(UTC) + timedelta(days=4))
    page.goto("/requests")
    expect(page.locator("#local-drafts")).to_contain_text("depuis 4 jours")
    address = server.world.who(Role.REQUESTER).email
    wait_until(lambda: [one for one in server.mail.to(address) if "téléphone" in str(one["Subject"])], 20)


def test_a_stolen_phone_destroys_its_owners_drafts_when_it_is_heard_of_and_nobody_elses(
    server: LiveServer, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page("phone", base_url=server.url)
    who = server.world.who(Role.REQUESTER)
    with writing(server.system) as work:
        device_id, token = enrol(work, who.person_id, "Téléphone volé")
    sign_in_page(page, server.system, who, device_id=device_id)
    page.context.add_cookies([{"name": "dermavis-device", "value": token, "url": server.url}])
    request = GuidedRequest(page, tmp_path)
    request.begin()
    page.get_by_role("button", name="Nouveau patient").click()
    request.at("identite")
    page.get_by_label("Nom de naissance").fill("Vautrin")
    page.wait_for_timeout(800)
    page.evaluate(
        """() => new Promise((resolve) => {
             const opening = indexedDB.open('dermavis');
             opening.onsuccess = () => {
               const kept = opening.result.transaction('drafts', 'readwrite');
               kept.objectStore('drafts').put({ id: 'theirs', owner: 'somebody else', at: 1 });
               kept.oncomplete = () => { opening.result.close(); resolve(); };
             };
           })"""
    )
    assert kept_drafts(page) == {"theirs", request.case_id}
    enter(tablet := open_page("tablet", base_url=server.url), server, who)
    tablet.goto("/account")
    tablet.get_by_role("button", name="Perdu ou volé : Téléphone volé").click()
    expect(tablet.get_by_text("Les brouillons qu’il garde seront détruits")).to_be_visible()

    page.goto("/")
    wait_until(lambda: has_answered(server, device_id), 15)
    assert kept_drafts(page) == {"theirs"}
    tablet.goto("/account")
    expect(tablet.get_by_text("brouillons détruits")).to_be_visible()


def has_answered(server: LiveServer, device_id: UUID) -> bool:
    """Tell whether a device has said that its drafts are gone."""
    with reading(server.system) as work:
        return work.session.get_one(Device, device_id).destroyed_at is not None


def kept_drafts(page: Page) -> set[str]:
    """Return the ids of the drafts in this phone's database."""
    return set(
        page.evaluate(
            """() => new Promise((resolve) => {
                 const opening = indexedDB.open('dermavis');
                 opening.onsuccess = () => {
                   const asked = opening.result.transaction('drafts').objectStore('drafts').getAllKeys();
                   asked.onsuccess = () => { opening.result.close(); resolve(asked.result); };
                 };
               })"""
        )
    )

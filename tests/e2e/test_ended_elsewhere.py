"""A request that ends elsewhere does not stay on this phone, unless something of it is nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from playwright.sync_api import expect

from dermavis.domain.roles import Role
from dermavis.models import Case
from dermavis.services import drafts, sending
from dermavis.services.erasure import erase_lapsed_draft
from dermavis.services.work import writing
from tests import cases
from tests.e2e.arrivals import sent_fingerprints, wait_on
from tests.e2e.guided_request import GuidedRequest
from tests.e2e.phone_database import kept_on_phone
from tests.e2e.test_queue_receipts import answers
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.e2e

NO_ANSWERS: dict[str, dict[str, Any]] = {
    "a broken server": {"status": 500, "body": ""},
    "a page of somebody on the line": {"status": 404, "content_type": "text/html", "body": "<h1>404</h1>"},
    "a service that was just restored": {"status": 404, "json": {"format": 1, "code": "not_found"}},
    "a session that has ended": {"status": 401, "json": {"format": 1, "code": "signed_out"}},
    "a right that was taken back": {"status": 403, "json": {"format": 1, "code": "forbidden"}},
    "a receipt of another request": {"json": {"format": 1, "receipt": {"id": "another", "number": "D-1"}}},
}

#: The pictures are at the service, and the page was killed before it heard so.
UNHEARD = """async () => {
  const key = document.querySelector('link[href$="wizard/key.js"]').href;
  const from = name => import(key.replace('key.js', `${name}.js`));
  const [{ sealJson, unsealJson }, { all }, { put }] = await Promise.all(['key', 'kept-records', 'store'].map(from));
  for (const record of await all('pictures', () => true)) {
    const place = `pictures:${record.id}`;
    const picture = { ...(await unsealJson(record, place)), done: {}, state: 'sending' };
    await put('pictures', { ...record, ...(await sealJson(picture, place)) });
  }
}"""


def send(server: LiveServer, case_id: str, **changes: Any) -> None:
    """Send it from another device of the same person, which changed it before where it says so."""
    with writing(server.system, server.world.actor(Role.REQUESTER)) as work:
        draft = drafts.read(work, UUID(case_id))
        if changes:
            draft = drafts.save(work, draft.id, draft.content | changes, draft.revision)
        sending.send(work, draft.id, draft.revision)


def discard(server: LiveServer, case_id: str) -> None:
    with writing(server.system, server.world.actor(Role.REQUESTER)) as work:
        drafts.discard(work, UUID(case_id))


def lapse(server: LiveServer, case_id: str) -> None:
    with writing(server.system) as work:
        erase_lapsed_draft(work, work.session.get_one(Case, UUID(case_id)))


def keep_copy(request: GuidedRequest, server: LiveServer) -> str:
    """Open a draft that the server holds, and leave it."""
    request.review_kept(server.world)
    case_id = request.case_id
    wait_on(request.page, lambda: kept_on_phone(request.page)["drafts"] == [case_id])
    request.page.goto("/healthz")
    return case_id


def take_alone(request: GuidedRequest) -> str:
    """Take a picture that does not leave, of a request whose text does, and leave it."""
    page = request.page
    page.route("**/api/v1/uploads", lambda route: route.abort())
    request.begin_photos()
    request.photograph()
    case_id = request.case_id
    wait_on(page, lambda: [photo for photo in request.kept()["content"]["photos"] if photo["sha256"]])
    page.goto("/healthz")
    return case_id


def is_asked(page: Page, case_id: str) -> None:
    """Open the list, and wait until the server was asked about the copy and the page has heard it."""
    with page.expect_response(f"**/api/v1/drafts/{case_id}"):
        page.goto("/requests")
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("end", [send, discard, pytest.param(lapse, marks=pytest.mark.long)])
def test_what_ended_elsewhere_is_forgotten(
    request_on_phone: GuidedRequest, live_server: LiveServer, end: Any
) -> None:
    page, case_id = request_on_phone.page, keep_copy(request_on_phone, live_server)
    is_asked(page, case_id)
    assert kept_on_phone(page)["drafts"] == [case_id]

    end(live_server, case_id)

    page.goto("/requests")
    wait_on(page, lambda: kept_on_phone(page)["drafts"] == [])
    page.goto("/requests")
    page.wait_for_function("() => localStorage.getItem('dermavis-here') === null")


@pytest.mark.long
def test_nothing_is_forgotten_on_what_is_no_answer(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    page, case_id = request_on_phone.page, keep_copy(request_on_phone, live_server)
    send(live_server, case_id)
    for name, answer in NO_ANSWERS.items():
        page.route("**/api/v1/drafts/*", answers(**answer))
        is_asked(page, case_id)
        assert kept_on_phone(page)["drafts"] == [case_id], name
        page.unroute("**/api/v1/drafts/*")
    sign_in_page(page, live_server.system, live_server.world.who("other_requester"))
    page.goto("/requests")
    page.wait_for_load_state("networkidle")
    assert kept_on_phone(page)["drafts"] == [case_id]

    sign_in_page(page, live_server.system, live_server.world.who(Role.REQUESTER))
    page.goto("/requests")
    wait_on(page, lambda: kept_on_phone(page)["drafts"] == [])


def test_a_picture_that_only_this_phone_has_keeps_a_request_that_was_thrown_away_elsewhere(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    page, case_id = request_on_phone.page, take_alone(request_on_phone)
    discard(live_server, case_id)
    page.goto("/requests")
    expect(page.locator("#local-drafts")).to_contain_text("Une photo n’est que sur cet appareil")
    kept = kept_on_phone(page)
    assert (kept["drafts"], len(kept["pictures"])) == ([case_id], 1)

    page.get_by_role("button", name="La supprimer de cet appareil").click()
    page.get_by_role("button", name="Supprimer", exact=True).click()
    wait_on(page, lambda: kept_on_phone(page)["drafts"] == kept_on_phone(page)["bytes"] == [])


def test_words_that_never_left_keep_a_request_that_was_thrown_away_elsewhere_until_their_writer_lets_go(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page = request_on_phone, request_on_phone.page
    request.review_kept(live_server.world)
    case_id = request.case_id
    page.route("**/api/v1/drafts/**", lambda route: route.abort())
    request.rewrite_question("Écrite sans réseau ?")
    page.goto("/healthz")
    page.unroute("**/api/v1/drafts/**")
    discard(live_server, case_id)
    page.goto("/requests")
    expect(page.locator("#local-drafts")).to_contain_text(
        "Vos derniers changements ne sont que sur cet appareil"
    )
    assert kept_on_phone(page)["drafts"] == [case_id]

    page.get_by_role("button", name="La supprimer de cet appareil").click()
    page.get_by_role("button", name="Supprimer", exact=True).click()
    wait_on(page, lambda: kept_on_phone(page)["drafts"] == [])


@pytest.mark.long
def test_an_open_request_that_was_thrown_away_elsewhere_is_not_told_to_be_sent(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    page = request_on_phone.page
    request_on_phone.review_kept(live_server.world)
    discard(live_server, request_on_phone.case_id)
    page.evaluate("location.hash = 'question'")
    page.get_by_label("Question à l’expert").fill("Encore là ?")
    request_on_phone.go_on()
    expect(page.locator("#trouble")).to_contain_text("supprimé ailleurs")
    expect(page.locator(".receipt-number")).to_have_count(0)


@pytest.mark.long
def test_a_picture_that_was_taken_out_elsewhere_is_told_and_not_sent(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    page, case_id = request_on_phone.page, take_alone(request_on_phone)
    page.unroute("**/api/v1/uploads")
    send(live_server, case_id, **cases.content())
    page.goto("/requests")
    expect(page.locator("#local-drafts")).to_contain_text("partie sans une photo de cet appareil")
    assert len(kept_on_phone(page)["pictures"]) == 1
    page.get_by_role("button", name="Ne plus montrer").click()
    wait_on(page, lambda: kept_on_phone(page)["drafts"] == kept_on_phone(page)["pictures"] == [])
    assert sent_fingerprints(live_server, case_id) == {}


@pytest.mark.parametrize("unheard", [True, pytest.param(False, marks=pytest.mark.long)])
def test_full_size_pictures_of_a_request_that_was_sent_elsewhere_leave_before_it_is_forgotten(
    request_on_phone: GuidedRequest, live_server: LiveServer, unheard: bool
) -> None:
    request, page = request_on_phone, request_on_phone.page
    request.complete()
    case_id = request.case_id
    wait_on(page, lambda: request.picture_states() == ["verified", "verified"])
    request.kept()
    if unheard:
        page.evaluate(UNHEARD)
    page.goto("/healthz")
    send(live_server, case_id)
    page.goto("/requests")
    wait_on(page, lambda: len(sent_fingerprints(live_server, case_id, "original")) == 2)
    wait_on(page, lambda: kept_on_phone(page)["drafts"] == kept_on_phone(page)["bytes"] == [])

"""A new release while a request is open: other files, another worker, renewed secrets. The form goes on and sends."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Error, expect

from dermavis.domain.roles import Role
from tests.e2e.arrivals import assert_arrived_once, wait_on
from tests.e2e.guided_request import READY, GuidedRequest
from tests.e2e.next_release import write_next_release
from tests.e2e.phone_code import CODE, choose_code, type_code, use_once
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.browsers import OpenPage
    from tests.fixtures.servers import LiveServer

pytestmark = [pytest.mark.e2e, pytest.mark.whole_browser]


def replace_release(server: LiveServer, folder: Path) -> None:
    """Stop the service, and start the next release on the same data."""
    server.stop("web")
    server.root = write_next_release(folder)
    server.start("web")


def begin_up_to_pictures(request: GuidedRequest) -> None:
    """The first two waves of screens are there, the others are fetched later."""
    request.begin_photos()


def finish(request: GuidedRequest) -> str:
    """From the pictures to the receipt."""
    request.photograph_everything()
    request.answer_history()
    request.ask()
    return request.send()


def take_new_worker(page: Page) -> None:
    """Let another tab of the phone find the new release, and take it."""
    other = page.context.new_page()
    other.goto("/")
    assert "NEXT" in own_file(other), "a page of the new release has its own files under the old worker"
    other.evaluate("navigator.serviceWorker.ready.then((one) => one.update())")
    other.get_by_role("button", name="Mettre à jour").click(timeout=30_000)
    wait_on(other, lambda: is_taken(other))
    other.wait_for_load_state()
    other.close()


def is_taken(page: Page) -> bool:
    """Tell whether no release waits to be taken; a page that is just being loaded again does not say."""
    try:
        return bool(page.evaluate("navigator.serviceWorker.ready.then((one) => !one.waiting)"))
    except Error:
        return False


def own_file(page: Page) -> str:
    """Fetch a file that the next release changes, from the release of this page."""
    return str(
        page.evaluate(
            """() => fetch(`${document.querySelector('script[type=module]').src.split('/js/')[0]}/js/wizard/words.js`)
                 .then(answer => answer.text())"""
        )
    )


def releases_of(page: Page) -> set[str]:
    """Return the releases from which this page's files came."""
    return set(
        page.evaluate(
            """() => performance.getEntriesByType('resource').map(one => new URL(one.name).pathname.split('/'))
                 .filter(([, first]) => first === 'static').map(([, , release]) => release)"""
        )
    )


@pytest.mark.long
def test_a_request_open_during_a_release_is_sent_and_the_next_cold_start_is_of_the_new_one(
    kept_phone: Page, server: LiveServer, tmp_path: Path
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    choose_code(page)
    use_once(page)
    begin_up_to_pictures(request)
    replace_release(server, tmp_path)
    take_new_worker(page)
    assert "NEXT" not in own_file(page), "the page goes on with the files of its own release"
    number = finish(request)
    assert number == assert_arrived_once(server, request.case_id)
    [old] = releases_of(page)

    server.stop("web")
    page.goto("/requests/new")
    type_code(page, CODE)
    page.wait_for_selector(READY)
    assert page.locator("body").get_attribute("data-release") == "next"
    request.find_none_of_the_signs()
    request.name_patient()
    request.describe_lesion()
    request.photograph_everything()
    request.answer_history()
    request.ask()
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("heading", name="Prête à partir")).to_be_visible()
    [new] = releases_of(page)
    assert new != old


@pytest.mark.long
def test_with_no_worker_the_page_goes_on_with_the_files_of_its_own_release(
    open_page: OpenPage, server: LiveServer, tmp_path: Path
) -> None:
    page = open_page("phone", base_url=server.url, service_workers="block")
    sign_in_page(page, server.system, server.world.who(Role.REQUESTER))
    request = GuidedRequest(page, tmp_path)
    begin_up_to_pictures(request)
    page.wait_for_load_state("networkidle")
    replace_release(server, tmp_path)
    number = finish(request)
    assert number == assert_arrived_once(server, request.case_id)

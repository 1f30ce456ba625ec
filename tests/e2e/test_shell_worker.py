"""The shell's service worker in a real browser: without network, and when a push comes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from flask import request
from playwright.sync_api import expect

from blueprints.pwa.assets import Assets
from tests.e2e.specimen_pages import until
from tests.fixtures.browsers import FRENCH, SHAPES
from tests.web.specimen import create_specimen_app, served

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.e2e


def worker_page(browser: Browser, address: str) -> Page:
    context = browser.new_context(
        base_url=address, permissions=["notifications"], **FRENCH, **SHAPES["phone"]
    )
    page = context.new_page()
    page.goto("/specimen/phone")
    page.evaluate("navigator.serviceWorker.ready.then((one) => one.active.state)")
    until(page, "navigator.serviceWorker.controller !== null")
    return page


def test_without_network_a_page_says_so_and_no_page_or_picture_was_kept(browser: Browser) -> None:
    with served(create_specimen_app()) as url:
        page = worker_page(browser, url)
        page.goto("/specimen/answer", wait_until="networkidle")
        kept = page.evaluate(
            """(async () => (await Promise.all((await caches.keys()).map(async (name) =>
                 (await (await caches.open(name)).keys()).map((one) => new URL(one.url).pathname)))).flat())()"""
        )
    assert "/offline" in kept
    assert any(path.endswith("/css/app.css") for path in kept)
    assert [path for path in kept if path != "/offline" and not path.startswith("/static/")] == []
    page.goto("/specimen/answer")
    expect(page.get_by_role("heading", name="Pas de réseau")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.dock')).position") == "sticky"
    page.context.close()


@pytest.mark.long
def test_a_worker_whose_files_a_process_of_another_release_answers_is_not_installed(browser: Browser) -> None:
    app = create_specimen_app()
    assets: Assets = app.extensions["assets"]
    ours, theirs = assets.release, "0123456789ab"

    @app.before_request
    def answer_as_another() -> None:
        assets.release = theirs if request.path == "/service-worker.js" and mixed else ours

    with served(app) as url:
        for mixed in (True, False):
            context = browser.new_context(base_url=url, **FRENCH, **SHAPES["phone"])
            page = context.new_page()
            page.goto("/specimen/phone")
            end = page.evaluate(
                """async () => {
                  const { installing, active } = await navigator.serviceWorker.register('/service-worker.js');
                  const worker = installing ?? active;
                  const ended = () => ['activated', 'redundant'].includes(worker.state);
                  if (!ended()) await new Promise((done) => {
                    worker.addEventListener('statechange', () => ended() && done());
                  });
                  return [worker.state, (await caches.keys()).length];
                }"""
            )
            assert end == (["redundant", 0] if mixed else ["activated", 1])
            context.close()


def test_a_push_is_shown_with_its_words_and_points_inside(whole_browser: Browser, address: str) -> None:
    page = worker_page(whole_browser, address)
    deliver = pusher(page, address)
    payload = {
        "title": "Avis rendu · D-4821",
        "body": "Touchez pour lire.",
        "url": "https://evil.example/x",
        "tag": "d",
    }
    assert shown_after(page, lambda: deliver(json.dumps(payload))) == {
        "title": "Avis rendu · D-4821",
        "body": "Touchez pour lire.",
        "tag": "d",
        "url": "/",
    }
    page.context.close()


def test_a_push_puts_the_number_of_what_is_unread_on_the_icon_or_a_mere_sign(
    whole_browser: Browser, address: str
) -> None:
    page = worker_page(whole_browser, address)
    [worker] = page.context.service_workers
    worker.evaluate(
        "() => { self.badges = []; navigator.setAppBadge = async (...given) => badges.push(given); }"
    )
    deliver = pusher(page, address)
    for count, data in enumerate(('{"unread": 3}', '{"unread": "3"}', "not to be read", '{"unread": 0}')):
        deliver(data)
        for _ in range(100):
            if worker.evaluate("badges.length") > count:
                break
            page.wait_for_timeout(50)
    assert worker.evaluate("badges") == [[3], [], [], [0]]
    page.context.close()


def pusher(page: Page, address: str) -> Callable[[str], object]:
    """Return a function that delivers a push to the worker of a page."""
    session = page.context.new_cdp_session(page)
    found: list[dict[str, Any]] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    session.send("ServiceWorker.enable")
    for _ in range(200):
        if found:
            break
        page.wait_for_timeout(50)
    return lambda data: session.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": address, "registrationId": found[0]["registrationId"], "data": data},
    )


def shown_after(page: Page, deliver: Callable[[], object], *, tries: int = 10) -> dict[str, str] | None:
    """Return what the browser shows once the push has been delivered.

    Asked for its notifications before a new one stands on the screen, Chromium takes it for dismissed and forgets it.
    So each delivery is given its time before the question, and what was forgotten is delivered again.
    """
    for _ in range(tries):
        deliver()
        page.wait_for_timeout(500)
        shown: dict[str, str] | None = page.evaluate(
            """navigator.serviceWorker.ready.then((one) => one.getNotifications()).then(([first]) =>
                 first ? { title: first.title, body: first.body, tag: first.tag, url: first.data.url } : null)"""
        )
        if shown:
            return shown
    return None

"""What several browser tests begin with.

``request_on_phone``   a signed-in requester's phone, for the guided request (``tests.e2e.guided_request``).
``gp`` ``expert``      functions that open a page with a requester, or an expert, signed in; it counts its shifts.
``specimens`` ``address`` the application of the specimens, and where it is served.
``server`` ``kept_phone`` a service that the test may stop, and a requester's kept phone there.
``answering_page``     a claimed case with pictures, open on an expert's tablet (``tests.e2e.answering``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dermavis.domain.roles import Role
from tests.e2e.guided_request import GuidedRequest
from tests.e2e.phone_code import enter
from tests.fixtures.browsers import SHIFT
from tests.pictured_cases import claimed_with_pictures
from tests.signing_in import sign_in_page
from tests.web.specimen import create_specimen_app, served

if TYPE_CHECKING:
    from flask import Flask
    from playwright.sync_api import Page

    from tests.fixtures.browsers import OpenPage
    from tests.fixtures.servers import LiveServer


@pytest.fixture(scope="module")
def specimens() -> Flask:
    """The specimens of every component."""
    return create_specimen_app()


@pytest.fixture(scope="module")
def address(specimens: Flask) -> Iterator[str]:
    """Where they are served."""
    with served(specimens) as url:
        yield url


@pytest.fixture
def request_on_phone(phone: Page, live_server: LiveServer, tmp_path: Path) -> GuidedRequest:
    """A signed-in requester's phone."""
    sign_in_page(phone, live_server.system, live_server.world.who(Role.REQUESTER))
    return GuidedRequest(phone, tmp_path)


@pytest.fixture
def gp(open_page: OpenPage, live_server: LiveServer) -> Callable[..., Page]:
    """Return a function that opens a page with the requester signed in."""

    def open_one(shape: str = "phone", **options: Any) -> Page:
        return _opened(open_page, live_server, shape, Role.REQUESTER, **options)

    return open_one


@pytest.fixture
def expert(open_page: OpenPage, live_server: LiveServer) -> Callable[..., Page]:
    """Return a function that opens a page with an expert signed in."""

    def open_one(shape: str = "tablet", who: Role | str = Role.EXPERT, **options: Any) -> Page:
        return _opened(open_page, live_server, shape, who, **options)

    return open_one


def _opened(
    open_page: OpenPage, live_server: LiveServer, shape: str, who: Role | str, **options: Any
) -> Page:
    page = open_page(shape, **options)
    page.add_init_script(SHIFT)
    sign_in_page(page, live_server.system, live_server.world.who(who))
    return page


@pytest.fixture
def answering_page(expert: Callable[..., Page], live_server: LiveServer) -> Page:
    """A claimed case with pictures, open on a tablet."""
    page = expert()
    page.goto(f"/cases/{claimed_with_pictures(live_server.world)}")
    return page


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

"""What the tests of the guided request begin with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dermavis.domain.roles import Role
from tests.e2e.guided_request import GuidedRequest
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer


@pytest.fixture
def request_on_phone(phone: Page, live_server: LiveServer, tmp_path: Path) -> GuidedRequest:
    """A signed-in requester's phone."""
    sign_in_page(phone, live_server.system, live_server.world.who(Role.REQUESTER))
    return GuidedRequest(phone, tmp_path)

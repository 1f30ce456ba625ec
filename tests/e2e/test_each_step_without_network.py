"""At each step of a request the server goes, the phone closes the page and opens it again: the step stands answered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from playwright.sync_api import expect

from dermavis.models import Case
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.work import reading
from tests.e2e.arrivals import assert_arrived_once, sent_fingerprints
from tests.e2e.guided_request import READY, GuidedRequest
from tests.e2e.phone_code import CODE, choose_code, type_code, use_once

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.whole_browser]

Act = Callable[[], object]


def test_each_step_is_answered_without_network_and_kept_through_a_closed_page(
    kept_phone: Page, server: LiveServer, tmp_path: Path
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    choose_code(page)
    use_once(page)
    page.goto("/requests/new")
    page.wait_for_selector(READY)
    walked = []

    def lonely(act: Act) -> None:
        """Do this step with the server gone, and find it done when the page is opened again."""
        walked.append(request.place.split("/")[0])
        page.wait_for_load_state("networkidle")
        server.stop("web")
        act()
        after, address = request.place, page.url.split("#")[0]
        page.goto("about:blank")
        page.goto(address)
        asked = page.get_by_label("Code de cet appareil")
        asked.or_(page.locator(READY)).first.wait_for()
        if asked.is_visible():
            type_code(page, CODE)
        page.wait_for_selector(READY)
        assert request.place == after, f"after {walked[-1]}"
        server.start("web")

    lonely(request.find_none_of_the_signs)
    lonely(request.begin_patient)
    lonely(request.type_identity)
    lonely(lambda: request.go_on_to("accord"))
    expect(page.locator("#band")).to_contain_text("D’Aubigné")
    lonely(request.agree)
    lonely(request.choose_motive)
    lonely(request.show_place)
    lonely(lambda: request.go_on_to("photo"))
    while request.place.startswith("photo/"):
        lonely(request.photograph_one_view)
    while request.place.startswith(("histoire/", "terrain")):
        lonely(request.answer_one_screen)
    lonely(lambda: request.go_on_to("question"))
    lonely(request.write_question)
    lonely(lambda: request.go_on_to("relecture"))
    assert set(walked) == {
        *("alerte", "patient", "identite", "coordonnees", "accord", "motif", "lesion", "description"),
        *("photo", "histoire", "terrain", "hypothese", "question", "destinataire"),
    }
    page.wait_for_load_state("networkidle")
    server.stop("web")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("heading", name="Prête à partir")).to_be_visible()
    case_id, address = request.case_id, page.url.split("#")[0]
    page.goto("about:blank")
    server.start("web")
    page.goto(address)
    assert request.receipt() == assert_arrived_once(server, case_id)
    assert what_arrived(server, case_id) == {
        "name": "D’Aubigné",
        "consent": True,
        "motive": "keratosis",
        "places": [("upper_back", "right")],
        "question": "Surveiller ou retirer ?",
    }
    assert len(sent_fingerprints(server, case_id)) == walked.count("photo") > 1


def what_arrived(server: LiveServer, case_id: str) -> dict[str, Any]:
    """Return what the server holds of the request, as far as this walk answered it."""
    with reading(server.system) as work:
        case = work.session.get_one(Case, UUID(case_id))
        content = open_content(work, case, last_revision(work, case))
    return {
        "name": content["patient"]["birth_name"],
        "consent": content["consent"]["given"],
        "motive": content["motive"],
        "places": [(lesion["site"], lesion["side"]) for lesion in content["lesions"]],
        "question": content["question"],
    }

"""WebKit and a service that stops, dies and comes back: nothing of a request is lost, and one case is made."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import func, select

from dermavis.models import Case, Photo, PhotoFile, Transition
from dermavis.services.photos import read_file
from dermavis.services.work import reading
from tests import material
from tests.e2e.dying_line import dying_line
from tests.e2e.handset import READY
from tests.e2e.handset_request import RequestOnHandset
from tests.ports import free_port
from tests.receivers import wait_until

if TYPE_CHECKING:
    from selenium.webdriver import WebKitGTK

    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.long

WRONG = "999912"
BY_ITSELF_S = 60


@pytest.fixture
def kept(webkit: WebKitGTK, server: LiveServer, tmp_path: Path) -> RequestOnHandset:
    """A requester's kept phone with a code, the service worker in charge, on a service that may be stopped."""
    return kept_handset(webkit, server, tmp_path)


def kept_handset(webkit: WebKitGTK, server: LiveServer, folder: Path) -> RequestOnHandset:
    """Sign a requester in on a kept phone and choose its code."""
    handset = RequestOnHandset(webkit, server, folder)
    handset.enter()
    handset.choose_code()
    handset.in_charge()
    return handset


def test_a_request_goes_on_while_the_server_is_stopped_and_leaves_by_itself_when_it_is_back(
    kept: RequestOnHandset, server: LiveServer
) -> None:
    kept.begin()
    kept.identify()
    kept.agree()
    kept.describe_lesion()
    server.stop("web")
    kept.photograph()
    kept.says("#dock", "dès que le réseau revient")
    place, case_id = kept.place, kept.case_id
    kept.reload()
    kept.give_code()
    kept.find(READY)
    kept.at(place)
    kept.says("#band", "D’Aubigné")
    kept.find("figure.photo img")
    kept.go_on()
    kept.photograph_everything()
    kept.answer_history()
    kept.ask()
    kept.press("Envoyer")
    kept.says("h1", "Prête à partir")
    kept.fits()
    kept.open("/")
    kept.says("h1", "Pas de réseau")
    kept.says("#local-drafts", "part dès que le réseau revient")
    kept.fits()
    kept.open(f"/requests/{case_id}")
    kept.says("h1", "Prête à partir")

    server.start("web")
    assert kept.receipt(BY_ITSELF_S)
    assert_one_case(server, kept)


def test_a_server_that_dies_between_the_bytes_and_the_receipt_makes_one_case(
    webkit: WebKitGTK, start_server: Callable[..., LiveServer], tmp_path: Path
) -> None:
    inner = free_port()
    server = start_server(started=False, PORT=inner)
    door = urlsplit(server.url).port
    assert door is not None
    with dying_line(door, inner, lambda: server.kill("web")) as line:
        server.start()
        kept = kept_handset(webkit, server, tmp_path)
        kept.complete()
        line.arm("/send HTTP")
        kept.press("Envoyer")
        assert line.died.wait(30)
        kept.says("h1", "Prête à partir")
        assert len(submitted(server, kept.case_id)) == 1, "the service had kept it"
        server.start("web")
        number = kept.receipt(BY_ITSELF_S)
        assert_one_case(server, kept)
        with reading(server.system) as work:
            assert work.session.get_one(Case, UUID(kept.case_id)).number == number


def test_five_wrong_codes_and_a_sign_out_lock_a_draft_until_its_owner_signs_in_again(
    kept: RequestOnHandset, server: LiveServer
) -> None:
    kept.begin()
    kept.identify()
    kept.agree()
    kept.describe_lesion()
    server.stop("web")
    kept.photograph()
    place, address = kept.place, f"/requests/{kept.case_id}"
    kept.open(address)
    for left in ("4 essais", "3 essais", "2 essais", "1 essai."):
        kept.give_code(WRONG)
        kept.says("dialog [role=alert]", f"Encore {left}")
    kept.give_code(WRONG)
    kept.says("dialog [role=alert]", "n’ouvre plus cet appareil")
    kept.open(address)
    kept.says("#trouble", "pas de code sur cet appareil")
    kept.fits()

    server.start("web")
    kept.sign_out()
    kept.fits()
    kept.enter(server.world.who("stranger"))
    kept.open(address)
    kept.says("h1", "Page introuvable")
    kept.fits()
    kept.sign_out()
    kept.sign_in()
    kept.open(address)
    kept.find(READY)
    kept.at(place)
    kept.says("#band", "D’Aubigné")
    kept.find("figure.photo img")
    kept.go_on()
    kept.photograph_everything()
    kept.answer_history()
    kept.ask()
    kept.send()
    assert_one_case(server, kept)


def submitted(server: LiveServer, case_id: str) -> list[UUID]:
    """Return the steps by which a case was submitted."""
    with reading(server.system) as work:
        rows = select(Transition.id).where(
            Transition.case_id == UUID(case_id), Transition.to_state == "submitted"
        )
        return list(work.session.scalars(rows))


def assert_one_case(server: LiveServer, handset: RequestOnHandset) -> None:
    """One case came to this service, submitted once, with the very pictures that were taken, byte for byte."""
    taken = {hashlib.sha256(content).digest(): content for content in handset.taken}
    case_id = UUID(handset.case_id)
    assert len(submitted(server, handset.case_id)) == 1
    wait_until(lambda: set(originals(server)) == set(taken), 30)  # full size follows the receipt
    with reading(server.system) as work:
        assert work.session.scalars(select(Case.id)).all() == [case_id]
        assert work.session.scalar(select(func.count()).select_from(Photo)) == len(taken)
        case = work.session.get_one(Case, case_id)
        for sent, photo_id in originals(server).items():
            stored = material.opened(read_file(work, case, photo_id, "original").content)
            assert stored.tobytes() == material.opened(taken[sent]).tobytes()


def originals(server: LiveServer) -> dict[bytes, UUID]:
    """Return the picture that came in with each fingerprint at full size."""
    with reading(server.system) as work:
        rows = work.session.execute(
            select(PhotoFile.sent_sha256, PhotoFile.photo_id).where(PhotoFile.role == "original")
        )
        return {row.sent_sha256: row.photo_id for row in rows}

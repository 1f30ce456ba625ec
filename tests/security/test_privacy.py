"""After a life with a planted patient: nothing of them lies about in clear, in no file, address, push or letter.

Each search first finds what was planted, in a careless copy of the very content that the service sealed.
"""

from __future__ import annotations

import html
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import Case, Photo, PhotoFile
from dermavis.services import answering, claiming, conversation, drafts, following, pooling
from dermavis.services.case_view import CaseView, view_of
from dermavis.services.opinion_versions import last_signed, open_opinion
from dermavis.services.photos import read_file
from dermavis.services.reports import report_pdf
from dermavis.services.work import reading, writing
from tests import cases, material
from tests.announced import subscribed
from tests.factories import Who
from tests.fixtures.servers import LiveServer, serve
from tests.planted import Planted, addresses_that_tell, birth_dates
from tests.receivers import plain_text, wait_until
from tests.sending_phone import SendingPhone
from tests.signing_in import cookie_name, new_session
from tests.uploading import ADDRESS, TUS, metadata

BORN = "1951-10-04"
WORDS = {
    "name": "Quimperlé-d’Ouessant",
    "first name": "Zénobie",
    "telephone": "639980127",
    "question": "Faut-il retirer cette tache zébrée ?",
    "hypothesis": "Nævus zinzolin",
    "message": "Elle a gratté hier soir chez sa sœur.",
    "precision": "Depuis combien de lunaisons ?",
    "note": "Taxi à réserver auprès de la fille.",
    "conduct": "Exérèse aux marges de cinq zinzolins.",
    "aftermath": "Opérée par la voisine de palier.",
    **birth_dates(BORN),
}
PLANTED = Planted(WORDS)
TOLD = Planted(WORDS, pictures=False)
WALKERS = (Role.REQUESTER, Role.EXPERT, Role.COORDINATOR, Role.CENTRE_SECRETARY, Role.ADMINISTRATOR)
MOST_PAGES = 25


@dataclass
class Life:
    """A service through which a planted patient went, and every address that its people were shown."""

    server: LiveServer
    case_id: UUID
    pooled_id: UUID
    photo_id: UUID
    addresses: set[str]

    @property
    def folders(self) -> list[Path]:
        """Where the service writes: database, keys, pictures, logs of both processes, temporary files."""
        return [self.server.folder]


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """Live the life once for this module's tests; web and worker have stopped when they look."""
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("life")
        (folder / "tmp").mkdir()
        server = serve(stack, folder, more={"TMPDIR": str(folder / "tmp")})
        yield lived(server)


def lived(server: LiveServer) -> Life:
    """Send, ask, answer, write, sign, report, tell, search, err; then visit whatever every role is shown."""
    world, system = server.world, server.system
    server.mail.answer(world.who("other_expert").email, f"550 5.1.1 no such user, about {WORDS['name']}")
    for name in (Role.REQUESTER, Role.EXPERT):
        subscribed(system, world.actor(name), server.push.phone(str(name)))
    phone = device(server, world.who(Role.REQUESTER))
    pictures = [material.planted_jpeg(material.grainy(800, 600)), material.planted_png()]
    sent = phone.send_request(pictures, patience_s=90, **request())
    again = phone.send_request([], patience_s=90, **request())
    pooled = device(server, world.who("pooled_requester")).send_request([], patience_s=90, **request())
    with writing(system, world.actor(Role.COORDINATOR)) as work:
        pooling.write_note(work, pooled.case_id, WORDS["note"])
    # What is answered before it was told is told to nobody.
    wait_until(lambda: len(server.push.received) > 1 and len(server.mail.envelopes) > 2, 60)
    with writing(system, world.actor(Role.EXPERT)) as work:
        claiming.claim(work, sent.case_id)
        conversation.ask(work, sent.case_id, WORDS["precision"], ["overview"], [])
    wait_until(lambda: len(server.push.received) > 2, 60)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        conversation.write(work, sent.case_id, WORDS["message"])
    answer = cases.opinion()
    answer["lesions"][0] |= {"conduct": WORDS["conduct"]}
    with writing(system, world.actor(Role.EXPERT)) as work:
        answering.save_draft(work, sent.case_id, answer, 0)
    cases.sign(world, sent.case_id, answer=answer)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        following.open_case(work, sent.case_id)
        following.tell_aftermath(work, sent.case_id, "adapted", "partly", WORDS["aftermath"])
    mistaken(phone, again.case_id)
    addresses: set[str] = set()
    for role in WALKERS:
        addresses |= walked(server, device(server, world.who(role)))
    addresses |= walked(server, phone, f"/cases/{sent.case_id}/report", f"/cases/{sent.case_id}/report.pdf")
    broken(server, phone, sent.pictures[1].photo_id)
    server.stop()
    return Life(server, sent.case_id, pooled.case_id, sent.pictures[0].photo_id, addresses)


def request() -> dict[str, Any]:
    """The planted patient's request."""
    traits = cases.content()["patient"] | {
        "birth_name": WORDS["name"],
        "first_name": WORDS["first name"],
        "given_names": WORDS["first name"],
        "birth_date": BORN,
        "phone": f"0{WORDS['telephone']}",
    }
    return {
        "patient": traits,
        "question": WORDS["question"],
        "hypothesis": {"text": WORDS["hypothesis"], "confidence": "low"},
    }


def device(server: LiveServer, who: Who) -> SendingPhone:
    """Return a person's signed-in browser."""
    return SendingPhone(server.url, f"{cookie_name(server.system)}={new_session(server.system, who)}")


def mistaken(phone: SendingPhone, case_id: UUID) -> None:
    """Everything that may go wrong with a patient's name at hand: whatever is logged, is logged now."""
    body = {"format": 1, "content": request() | {"patient": {"birth_date": WORDS["name"]}, "lesions": 7}}
    assert phone.ask("PUT", f"/api/v1/drafts/{uuid4()}", body, {"If-Match": '"0"'}).status == 422
    assert (
        phone.ask("POST", f"/api/v1/drafts/{case_id}/send", {"format": 1, "revision": WORDS["name"]}).status
        == 422
    )
    found = phone.ask("POST", "/api/v1/patients", {"format": 1, "q": WORDS["name"]})
    assert WORDS["first name"] in json.dumps(found.json, ensure_ascii=False)
    text = f"text={WORDS['message']}".encode()
    assert phone.ask("POST", f"/cases/{case_id}/messages", text).status == 400
    assert phone.ask("GET", f"/cases/{case_id}/nothing").status == 404
    told = {
        **TUS,
        "Upload-Length": "7",
        "Upload-Metadata": metadata(case=WORDS["name"], photo=WORDS["question"]),
    }
    assert phone.ask("POST", ADDRESS, None, told).status == 400


def broken(server: LiveServer, phone: SendingPhone, photo_id: UUID) -> None:
    """Break the service itself where a patient's words are in its hands: a content that no longer fits, a lost file.

    And a mailbox that does not exist, for the worker.
    """
    case_id, actor = uuid4(), server.world.actor(Role.REQUESTER)
    with writing(server.system, actor) as work:
        drafts.save(work, case_id, cases.content(), 0)
        wrong = cases.content(**request()) | {"history": {"course": WORDS["question"]}}
        wrong["patient"]["birth_date"] = WORDS["name"]
        drafts.write_draft(work, work.session.get_one(Case, case_id), wrong)
    assert phone.ask("POST", f"/api/v1/drafts/{case_id}/send", {"format": 1, "revision": 2}).status == 500
    assert phone.ask("GET", "/requests").status == 500
    with reading(server.system) as work:
        rows = select(PhotoFile.store_key).where(PhotoFile.photo_id == photo_id, PhotoFile.role == "thumb")
        server.system.photo_store.delete(work.session.scalars(rows).one())
        place = f"/cases/{work.session.get_one(Photo, photo_id).case_id}/photos/{photo_id}/thumb"
    assert phone.ask("GET", place).status >= 404


def walked(server: LiveServer, phone: SendingPhone, *first: str) -> set[str]:
    """Follow links from a person's home, some way; return every address asked, shown, or led to."""
    waiting, seen, shown = list(first) or ["/"], set(), set()
    while waiting and len(seen) < MOST_PAGES:
        place = waiting.pop(0)
        if place in seen:
            continue
        seen.add(place)
        answer = phone.ask("GET", place)
        assert answer.status in {200, 403, 404}, (place, answer.status)
        shown |= {answer.url, *answer.headers.get("location", "").split()}
        if "html" not in answer.headers.get("content-type", ""):
            continue
        for name, address in re.findall(r'(href|action|src|hx-get|hx-post)="([^"]+)"', answer.body.decode()):
            address = urljoin(answer.url, html.unescape(address))
            if not address.startswith(server.url):
                continue
            shown.add(address)
            path = urlsplit(address).path
            if name == "href" and not path.startswith("/static/"):
                waiting.append(address.removeprefix(server.url).split("#")[0])
    return shown


def opened(life: Life) -> tuple[CaseView, str, bytes, bytes]:
    """What the service sealed, opened as its readers see it: the case, all its words, a picture, the report."""
    world, system = life.server.world, life.server.system
    with reading(system, world.actor(Role.REQUESTER)) as work:
        view = view_of(work, life.case_id)
        case = work.session.get_one(Case, life.case_id)
        opinion = last_signed(work, case)
        assert opinion is not None
        signed = open_opinion(work, case, opinion).model_dump_json()
        picture = read_file(work, case, life.photo_id, "original").content
    with reading(system, world.actor(Role.COORDINATOR)) as work:
        note = pooling.note_of(work, work.session.get_one(Case, life.pooled_id))
    report = report_pdf(system, world.actor(Role.REQUESTER), life.case_id, opinion.id).content
    words = json.dumps([view.content, signed, note, [row.text for row in view.messages]], ensure_ascii=False)
    return view, words, picture, report


def test_files_of_a_careless_copy_give_everything_away(life: Life, tmp_path: Path) -> None:
    _, words, picture, report = opened(life)
    words += WORDS["aftermath"] + " ".join(birth_dates(BORN).values())
    for encoding in ("UTF-8", "UTF-16le", "UTF-16be"):
        path = tmp_path / f"{encoding}.sqlite3"
        with closing(sqlite3.connect(path)) as copy:
            copy.execute(f"PRAGMA encoding = '{encoding}'")
            copy.execute("PRAGMA page_size = 65536")  # a word may not fall between two pages
            copy.execute("CREATE TABLE revisions (content TEXT, picture BLOB)")
            copy.execute("INSERT INTO revisions VALUES (?, '')", (words,))
            copy.execute("INSERT INTO revisions VALUES ('', ?)", (picture,))
            copy.commit()
        found_in_it = PLANTED.in_bytes(path.read_bytes())
        assert set(WORDS) - found_in_it == set(), encoding
        assert {"JPEG without", "JPEG with its application block"} & found_in_it
    (tmp_path / "photo").write_bytes(picture)
    (tmp_path / "report").write_bytes(report)
    (tmp_path / "web.log").write_text(f"GET /requests?q={WORDS['name']} 200\n", "utf-8")
    (tmp_path / "worker.log").write_text(json.dumps({"error": WORDS["conduct"]}) + "\n", "ascii")
    found = PLANTED.in_folder(tmp_path)
    assert len(found) == 7
    assert any("begins with" in name for name in found[str(tmp_path / "photo")])
    assert "PDF" in found[str(tmp_path / "report")]
    assert found[str(tmp_path / "web.log")] == {"name"}
    assert found[str(tmp_path / "worker.log")] == {"conduct"}


def test_no_file_of_the_service_holds_a_word_or_a_picture_in_clear(life: Life) -> None:
    names = [path.name for path in life.server.folder.rglob("*") if path.is_file()]
    assert {"web.log", "worker.log", "dermavis.sqlite3"} <= set(names)
    assert len(names) > 8, "pictures and a report are stored"
    assert {"ValidationError", "ValueError"} <= set(re.findall(r"\w+", life.server.log("web"))), (
        "it was logged"
    )
    assert life.server.log("worker")
    assert PLANTED.in_folder(*life.folders) == {}


def test_no_address_names_a_patient(life: Life) -> None:
    searched = f"{life.server.url}/requests?q=Quimperl%C3%A9-d%E2%80%99Ouessant"
    assert addresses_that_tell({*life.addresses, searched}, TOLD) == [searched]
    assert len(life.addresses) > 80
    assert any(str(life.case_id) in address for address in life.addresses)


def test_no_push_tells_who_or_what(life: Life) -> None:
    told = [message.payload for message in life.server.push.received]
    assert TOLD.in_bytes(json.dumps({"body": f"{WORDS['first name']} : {WORDS['conduct']}"}).encode()) == {
        "first name",
        "conduct",
    }
    assert any(b"D-1" in payload for payload in told)
    for payload in told:
        assert TOLD.in_bytes(payload) == set()


def test_no_letter_tells_who_or_what(life: Life) -> None:
    letters = [f"{one['Subject']}\n{plain_text(one)}" for one in life.server.mail.messages]
    assert TOLD.in_text(f"Avis rendu\n{WORDS['name']} : {WORDS['question']}") == {"name", "question"}
    assert any("D-1" in letter for letter in letters)
    for letter in letters:
        assert TOLD.in_text(letter) == set()

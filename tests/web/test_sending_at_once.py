"""Envoyer pressed many times at once over real HTTP: one case, and the same answer for everybody."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request

import pytest
from flask import Flask
from sqlalchemy import func, select

from dermavis.domain.roles import Role
from dermavis.models import Case, CaseRevision, Notification, Transition
from dermavis.services import drafts
from dermavis.services.work import reading, writing
from tests import cases
from tests.factories import World
from tests.signing_in import cookie_name, new_session
from tests.web.specimen import served

SENDERS = 8


def pressed(url: str, cookie: str, revision: int) -> tuple[int, bytes]:
    """Press Envoyer once."""
    request = urllib.request.Request(
        url,
        json.dumps({"format": 1, "revision": revision}).encode(),
        {"Content-Type": "application/json", "Cookie": cookie, "Sec-Fetch-Site": "same-origin"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read()


def pressed_at_once(url: str, cookie: str, revisions: list[int]) -> list[tuple[int, bytes]]:
    """Press from as many connections, let go together."""
    together, answers = threading.Barrier(len(revisions)), []

    def press(revision: int) -> None:
        together.wait()
        answers.append(pressed(url, cookie, revision))

    threads = [threading.Thread(target=press, args=(revision,)) for revision in revisions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.postgres
def test_eight_identical_sends_make_one_case_and_get_eight_equal_answers(app: Flask, world: World) -> None:
    case_id = cases.drafted(world)
    cookie = f"{cookie_name(world.system)}={new_session(world.system, world.who(Role.REQUESTER))}"
    with served(app) as url:
        answers = pressed_at_once(f"{url}/api/v1/drafts/{case_id}/send", cookie, [1] * SENDERS)
    assert len(answers) == SENDERS
    assert {status for status, _ in answers} == {200}
    assert len(set(answers)) == 1, "every answer is the same, byte for byte"
    receipt = json.loads(answers[0][1])["receipt"]
    with reading(world.system) as work:
        assert [(str(case.number), case.id) for case in work.session.scalars(select(Case))] == [
            (receipt["number"], case_id)
        ]
        for table in (CaseRevision, Transition):
            assert work.session.scalar(select(func.count()).select_from(table)) == 1
        told = list(work.session.scalars(select(Notification.person_id)))
    assert len(told) == len(set(told)) > 0, "and everybody is told once"


def test_of_two_contents_that_are_sent_at_once_one_leaves_and_the_other_is_told_so(
    app: Flask, world: World
) -> None:
    case_id = cases.drafted(world)
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        changed = drafts.open_draft(work, work.session.get_one(Case, case_id)) | {"question": "Et le cuir ?"}
        drafts.save(work, case_id, changed, 1)
    cookie = f"{cookie_name(world.system)}={new_session(world.system, world.who(Role.REQUESTER))}"
    with served(app) as url:
        answers = pressed_at_once(f"{url}/api/v1/drafts/{case_id}/send", cookie, [1, 2] * (SENDERS // 2))
    # Those who come before the one that leaves are told that the draft changed (412), those after that it left (409).
    assert [status for status, _ in answers].count(200) == SENDERS // 2
    assert {status for status, _ in answers} - {200} <= {409, 412}
    assert len({body for status, body in answers if status == 200}) == 1
    with reading(world.system) as work:
        assert work.session.scalar(select(func.count()).select_from(CaseRevision)) == 1

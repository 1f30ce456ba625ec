"""Whatever is planted in requests, errors and exceptions: the log holds the request's reference and nothing of it."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterator

import pytest
from flask import request
from flask.testing import FlaskClient
from sqlalchemy import select, text

from dermavis.adapters.logs import configure_logs
from dermavis.domain.roles import Role
from dermavis.models import Breakdown, OutboxItem
from dermavis.services.letters import write_letter
from dermavis.services.outbox import deliver_due
from dermavis.services.schedule import schedule
from dermavis.services.timers import run_due
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.factories import World
from tests.planted import Planted
from tests.signing_in import sign_in

WORDS = {
    "name": "Quimperlé-d’Ouessant",
    "first name": "Zénobie",
    "INS": "251102911603426",
    "e-mail": "zenobie.quimperle@exemple.fr",
    "question": "Faut-il retirer cette tache zébrée ?",
}
PLANTED = Planted(WORDS, pictures=False)


@pytest.fixture(autouse=True)
def loggers_as_they_were() -> Iterator[None]:
    """Give the other tests their loggers back."""
    names = ("", "dermavis", "dermavis.requests")
    before = [(logging.getLogger(name), logging.getLogger(name).level) for name in names]
    handlers, hooks = logging.getLogger().handlers[:], (sys.excepthook, threading.excepthook)
    yield
    for logger, level in before:
        logger.setLevel(level)
    logging.getLogger().handlers[:] = handlers
    sys.excepthook, threading.excepthook = hooks


def break_with_everything(system: System) -> None:
    """Fail as a program fails that has the patient in hand: in its variables, its texts, its database."""
    typed = {**request.args, **request.form, "body": request.get_data(as_text=True)}
    try:
        with writing(system) as work:
            work.session.execute(
                text("INSERT INTO persons (id, first_name) VALUES (:id, :first)"),
                {"id": "x", "first": " ".join(WORDS.values())},
            )
    except Exception as error:
        logging.getLogger("gunicorn.error").exception("Error handling request %s", request.full_path)
        raise ValueError(f"{WORDS} {typed}") from error


def test_a_breakdown_among_planted_words_is_logged_and_kept_without_any_of_them(
    guarded_client: FlaskClient,
    system: System,
    world: World,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case_id = cases.answered(world)
    sign_in(guarded_client, world.who(Role.REQUESTER))
    configure_logs(as_json=True)
    views = guarded_client.application.view_functions
    monkeypatch.setitem(views, "case_page.show", lambda **_: break_with_everything(system))
    answer = guarded_client.get(
        f"/cases/{case_id}", query_string=WORDS, headers={"Referer": f"/?{WORDS['INS']}"}
    )
    assert answer.status_code == 500
    reference = answer.headers["X-Request-Id"]
    assert reference in answer.text

    log = capsys.readouterr().err
    lines = [json.loads(line) for line in log.splitlines()]
    assert {line["request"] for line in lines} == {reference}
    assert [line["message"] for line in lines][-1] == "answered"
    assert (lines[-1]["route"], lines[-1]["status"]) == ("case_page.show", 500)
    assert "break_with_everything" in log
    assert PLANTED.in_text(f"{log} {WORDS['INS']}") == {"INS"}  # the search finds what stands there
    assert PLANTED.in_text(log) == set()
    with reading(system) as work:
        kept = work.session.scalars(select(Breakdown)).one()
        assert (kept.reference, kept.case_id, kept.status) == (reference, case_id, 500)
        assert "ValueError from IntegrityError" in kept.kinds or "ValueError from DataError" in kept.kinds
        assert PLANTED.in_text(f"{kept.route} {kept.kinds} {kept.trace}") == set()


def test_ordinary_requests_leave_a_line_of_their_route_and_nothing_that_was_typed(
    guarded_client: FlaskClient, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    sign_in(guarded_client, world.who(Role.REQUESTER))
    configure_logs(as_json=True)
    answers = [
        guarded_client.get(f"/requests/{WORDS['INS']}", query_string=WORDS),
        guarded_client.post("/requests/search", data={"q": WORDS["name"]}),
        guarded_client.post("/api/v1/patients", json={"format": 1, "q": WORDS["name"]}),
        guarded_client.post("/sign-in", data={"email": WORDS["e-mail"], "password": WORDS["question"]}),
    ]
    log = capsys.readouterr().err
    lines = [json.loads(line) for line in log.splitlines()]
    assert [line["request"] for line in lines] == [answer.headers["X-Request-Id"] for answer in answers]
    assert len({line["request"] for line in lines}) == len(answers)
    assert PLANTED.in_text(log) == set()


def test_the_worker_tells_of_rows_that_fail_without_what_they_carry(
    system: System, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    with writing(system) as work:
        write_letter(work, "password_changed", WORDS["e-mail"], None)
        schedule(work, "hold_reminder", work.now, note=WORDS["question"])
        work.session.scalars(select(OutboxItem)).one().payload = {"name": WORDS["name"]}
        work.session.scalars(select(OutboxItem)).one().secret_sealed = b"no seal"
    configure_logs(as_json=True)
    deliver_due(system, "mail")
    run_due(system)
    log = capsys.readouterr().err
    assert "outbox row" in log
    assert "timer row" in log
    assert PLANTED.in_text(log) == set()

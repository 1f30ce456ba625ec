"""The log: readable by a machine in production, and silent about the values that an error stood among."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from dermavis.adapters.database import open_engine
from dermavis.adapters.logs import configure_logs


@pytest.fixture(autouse=True)
def loggers_as_they_were() -> Iterator[None]:
    """Give the other tests their loggers back."""
    root, ours = logging.getLogger(), logging.getLogger("dermavis")
    before = root.handlers[:], root.level, ours.level, sys.excepthook, threading.excepthook
    yield
    root.handlers[:], root.level, ours.level, sys.excepthook, threading.excepthook = before


def test_production_writes_one_json_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(as_json=True)

    logging.getLogger("dermavis.worker").info("lane %s failed", "pictures")

    line = json.loads(capsys.readouterr().err)
    assert line["message"] == "lane pictures failed"
    assert (line["logger"], line["level"]) == ("dermavis.worker", "info")
    assert line["at"].endswith("Z")


@pytest.mark.parametrize("as_json", [True, False])
def test_a_trace_tells_the_place_and_no_value(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    configure_logs(as_json)
    patient = "LEBŒUF"

    try:
        raise LookupError(f"no row of {patient}")
    except LookupError:
        logging.getLogger("dermavis.web").exception("breakdown")
        logging.getLogger("gunicorn.error").exception("Error handling request")

    said = capsys.readouterr().err
    assert said.count("test_logs.py") == 2
    assert "LookupError" in said
    assert patient not in said


def test_a_library_is_heard_by_its_fixed_words_and_its_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(as_json=True)
    server = logging.getLogger("gunicorn.error")

    server.error("Worker (pid:%s) was sent %s!", 4821, "SIGKILL")
    server.warning("Error handling request /requests/search?q=LEBŒUF")
    server.error("Ignored %(what)s", {"what": "LEBŒUF"})

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["message"] for line in lines] == ["Worker (pid:4821) was sent …!", "…", "…"]
    assert all(line["place"].startswith("test_logs:") for line in lines)


def test_what_ends_a_thread_is_logged_without_its_values(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(as_json=True)

    patient = "LEBŒUF"

    def fail() -> None:
        raise ValueError(patient)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()

    line = json.loads(capsys.readouterr().err)
    assert "ValueError" in line["trace"]
    assert patient not in json.dumps(line, ensure_ascii=False)


def test_a_person_reads_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(as_json=False)

    logging.getLogger("dermavis.worker").warning("the database does not answer")

    said = capsys.readouterr().err
    assert "the database does not answer" in said
    assert not said.startswith("{")
    assert "\x1b" not in said


def test_an_error_of_the_database_does_not_repeat_the_values_it_was_given(tmp_path: Path) -> None:
    told = create_engine(f"sqlite:///{tmp_path / 'told.sqlite3'}")
    ours = open_engine(f"sqlite:///{tmp_path / 'ours.sqlite3'}")

    assert "LEBŒUF" in _error_of(told)  # the search finds it where nothing hides it
    assert "LEBŒUF" not in _error_of(ours)


def _error_of(engine: Engine) -> str:
    with engine.connect() as connection, pytest.raises(OperationalError) as error:
        connection.execute(text("INSERT INTO nowhere VALUES (:name)"), {"name": "LEBŒUF"})
    engine.dispose()
    return str(error.value)

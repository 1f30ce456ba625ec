"""A running service whose database stands still: it refuses in words what can wait, and serves what cannot."""

from __future__ import annotations

import http.client
import json
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from dermavis.domain.roles import Role
from tests import cases
from tests.fixtures.servers import LiveServer
from tests.signing_in import cookie_name, new_session

Answered = tuple[int, dict[str, str], str]


class Browser:
    """Somebody's browser, one line for each request."""

    def __init__(self, server: LiveServer, role: Role) -> None:
        self.place = urlsplit(server.url)
        token = new_session(server.system, server.world.who(role))
        self.headers = {"Cookie": f"{cookie_name(server.system)}={token}"}

    def ask(self, method: str, path: str, told: object = None, **headers: str) -> Answered:
        connection = http.client.HTTPConnection(self.place.hostname or "", self.place.port or 0, timeout=20)
        with closing(connection):
            body = None if told is None else json.dumps(told)
            kind = {} if told is None else {"Content-Type": "application/json"}
            connection.request(method, path, body, {**self.headers, **kind, **headers})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()


@pytest.mark.long
@pytest.mark.sqlite_only
def test_while_the_database_stands_still_lists_are_refused_in_words_and_an_opinion_is_read(
    start_server: Callable[..., LiveServer],
) -> None:
    server = start_server(started=False, OVERLOAD_WAIT_MS=200)
    case_id = cases.answered(server.world)
    drafts = [cases.drafted(server.world) for _ in range(2)]
    requester, expert = Browser(server, Role.REQUESTER), Browser(server, Role.EXPERT)
    server.start("web")
    path = server.system.engine.url.database
    assert path
    with closing(sqlite3.connect(path, isolation_level=None)) as other, ThreadPoolExecutor(4) as together:
        assert expert.ask("GET", "/worklist")[0] == 200
        other.execute("BEGIN IMMEDIATE")
        saved = [
            together.submit(
                requester.ask,
                "PUT",
                f"/api/v1/drafts/{draft}",
                {"format": 1, "content": {}},
                **{"If-Match": '"1"'},
            )
            for draft in drafts
        ]
        time.sleep(1)
        opened = together.submit(requester.ask, "GET", f"/cases/{case_id}")
        status, headers, page = expert.ask("GET", "/worklist")
        assert (status, "plus urgentes passent d’abord" in page) == (503, True)
        assert 10 <= int(headers["Retry-After"]) <= 20
        assert headers["X-Request-Id"] in page
        time.sleep(1)
        status, headers, told = requester.ask("GET", "/api/v1/addressing")
        assert (status, json.loads(told)["code"]) == (503, "busy")
        assert int(headers["Retry-After"]) >= 5
        other.execute("ROLLBACK")
        assert opened.result()[0] == 200
        assert {answer.result()[0] for answer in saved} <= {200, 409, 422}
    assert expert.ask("GET", "/worklist")[0] == 200

"""A phone without a screen: sends whole requests with pictures over HTTP, and tries again whatever breaks.

It keeps what the server acknowledged to it, so that a test can ask afterwards for every bit of it.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from uuid import UUID, uuid4

from tests import cases
from tests.uploading import ADDRESS, PIECE, TUS, metadata

PIECE_BYTES = 48_000
AGAIN_S = 0.1
BUSY = frozenset({423, 502, 503})


class GaveUp(Exception):
    """The test is over, or the picture of a killed worker comes too late for this request."""


@dataclass
class Answer:
    """What the server said."""

    status: int
    headers: dict[str, str]
    body: bytes
    url: str

    @property
    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)


@dataclass
class SentPicture:
    """A picture whose last byte the server acknowledged."""

    case_id: UUID
    photo_id: UUID
    content: bytes


@dataclass
class SentRequest:
    """A request whose receipt came back."""

    case_id: UUID
    number: str
    pictures: list[SentPicture]


@dataclass
class SendingPhone:
    """One person's phone, which sends pictures ``piece_bytes`` at a time.

    ``broken`` counts the answers that never came.
    """

    url: str
    cookie: str
    piece_bytes: int = PIECE_BYTES
    over: threading.Event = field(default_factory=threading.Event)
    requests: list[SentRequest] = field(default_factory=list, repr=False)
    pictures: list[SentPicture] = field(default_factory=list, repr=False)
    broken: int = 0

    def send_until_over(self, picture: Callable[[], bytes]) -> None:
        """Send one request after the other until told to stop."""
        while not self.over.is_set():
            try:
                self.send_request([picture(), picture()])
            except GaveUp:
                continue

    def send_request(self, contents: list[bytes], patience_s: float = 5, **changes: Any) -> SentRequest:
        """Draft, upload, press Envoyer until there is a receipt. Raises GaveUp."""
        case_id, request, photos = uuid4(), cases.content(**changes), []
        for content, photo in zip(contents, request["photos"], strict=False):
            photo |= {"skipped": None, "sha256": hashlib.sha256(content).hexdigest()}
            photos.append((content, photo))
        draft = f"/api/v1/drafts/{case_id}"
        saved = self.ask("PUT", draft, {"format": 1, "content": request}, {"If-Match": '"0"'})
        assert saved.status == 200, saved.body
        sent = [self.send_picture(case_id, content, photo) for content, photo in photos]
        until = time.monotonic() + patience_s
        while True:
            answer = self.ask("POST", f"{draft}/send", {"format": 1, "revision": saved.json["revision"]})
            if answer.status == 200:
                break
            assert answer.status == 409, answer.body
            assert answer.json["code"] == "pictures_pending", answer.body
            self._wait()
            if time.monotonic() > until:
                raise GaveUp
        done = SentRequest(case_id, answer.json["receipt"]["number"], sent)
        self.requests.append(done)
        return done

    def send_picture(self, case_id: UUID, content: bytes, photo: dict[str, Any]) -> SentPicture:
        """Send one original piece by piece, from wherever the server stands."""
        told = {
            "case": case_id,
            "photo": photo["id"],
            "lesion": photo["lesion"] or "",
            "role": "original",
            "view": photo["view"],
            "sha256": photo["sha256"],
        }
        announced = {**TUS, "Upload-Length": str(len(content)), "Upload-Metadata": metadata(**told)}
        created = self.ask("POST", ADDRESS, None, announced)
        assert created.status == 201, created.body
        place, offset = created.headers["location"], int(created.headers["upload-offset"])
        while offset < len(content):
            piece = content[offset : offset + self.piece_bytes]
            answer = self.ask("PATCH", place, piece, {**PIECE, "Upload-Offset": str(offset)})
            assert answer.status in {204, 409}, answer.body
            offset = int(answer.headers["upload-offset"])
        sent = SentPicture(case_id, UUID(photo["id"]), content)
        self.pictures.append(sent)
        return sent

    def ask(
        self, method: str, path: str, body: dict[str, Any] | bytes | None = None, headers: Any = None
    ) -> Answer:
        """Ask until there is an answer. Raises GaveUp when the test is over first."""
        while True:
            try:
                answer = self._ask_once(method, path, body, dict(headers or {}))
            except (OSError, HTTPException):
                self.broken += 1
            else:
                if answer.status not in BUSY:
                    return answer
            self._wait()

    def _ask_once(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
        data = body
        if isinstance(body, dict):
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        url = path if path.startswith("http") else self.url + path
        request = urllib.request.Request(
            url, data, {"Cookie": self.cookie, "Sec-Fetch-Site": "same-origin", **headers}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return _read(answer.status, answer)
        except urllib.error.HTTPError as refused:
            with refused:
                return _read(refused.code, refused)

    def _wait(self) -> None:
        if self.over.wait(AGAIN_S):
            raise GaveUp


def _read(status: int, answer: Any) -> Answer:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Answer(status, headers, answer.read(), answer.url)

"""What browsers are told about every answer: what may run, who may frame it, who may keep it."""

from __future__ import annotations

import gzip

import pytest
from flask import Flask

from tests.web.specimen import create_specimen_app


@pytest.fixture(scope="module")
def specimens() -> Flask:
    return create_specimen_app()


def policy(app: Flask, path: str = "/offline") -> dict[str, str]:
    header = app.test_client().get(path).headers["Content-Security-Policy"]
    return {part.split()[0]: " ".join(part.split()[1:]) for part in header.split(";") if part.strip()}


def test_nothing_runs_that_is_not_ours_and_nothing_inline(specimens: Flask) -> None:
    rules = policy(specimens)
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert rules["object-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert rules["form-action"] == "'self'"
    assert not any("unsafe" in rule or "*" in rule or "http" in rule for rule in rules.values())


@pytest.mark.parametrize("path", ["/offline", "/manifest.webmanifest", "/service-worker.js", "/nowhere"])
def test_every_answer_carries_the_headers(specimens: Flask, path: str) -> None:
    headers = specimens.test_client().get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "camera=(self)" in headers["Permissions-Policy"]
    assert "geolocation=()" in headers["Permissions-Policy"]


def test_only_https_is_promised_for_longer_than_one_visit(specimens: Flask) -> None:
    assert "Strict-Transport-Security" not in specimens.test_client().get("/offline").headers
    secure = create_specimen_app("https://dermavis.example").test_client().get("/offline")
    assert secure.headers["Strict-Transport-Security"].startswith("max-age=63072000")


def test_pages_are_kept_by_nobody_and_static_files_by_everybody(specimens: Flask) -> None:
    client = specimens.test_client()
    assert client.get("/specimen/phone").headers["Cache-Control"] == "no-store"
    static = client.get(specimens.extensions["assets"].url("js/app.js"))
    assert "immutable" in static.headers["Cache-Control"]


def test_a_part_of_a_page_is_never_taken_for_the_page(specimens: Flask) -> None:
    assert "HX-Request" in specimens.test_client().get("/specimen/phone").headers["Vary"]


def test_a_page_is_compressed_only_for_those_who_can_read_it(specimens: Flask) -> None:
    client = specimens.test_client()
    packed = client.get("/specimen/phone", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.data)
    plain = client.get("/specimen/phone", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data
    assert "Accept-Encoding" in plain.headers["Vary"]


def test_a_picture_passes_as_it_is(specimens: Flask) -> None:
    answer = specimens.test_client().get("/picture/900/1", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers


def test_only_the_readers_of_codes_may_compile_webassembly(specimens: Flask) -> None:
    assets, client = specimens.extensions["assets"], specimens.test_client()
    for worker in ("js/scan/worker.js", "js/camera/card-worker.js"):
        allowed = client.get(assets.url(worker)).headers["Content-Security-Policy"]
        assert "'wasm-unsafe-eval'" in allowed
        assert "'unsafe-eval'" not in allowed
    for address in ("/offline", assets.url("js/scan/reader.js"), assets.url("js/app.js")):
        assert "wasm" not in client.get(address).headers["Content-Security-Policy"]

"""Static files, manifest, service worker and offline page are there before anybody signs in, and tell nothing."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient

from blueprints.pwa.shell import keep_page_offline
from tests.web.specimen import create_specimen_app


def test_a_stranger_receives_the_shell(client: FlaskClient) -> None:
    for path in ("/manifest.webmanifest", "/service-worker.js", "/offline", "/static/any/css/app.css"):
        assert client.get(path).status_code == 200, path


def test_the_manifest_installs_a_french_application_that_starts_at_home() -> None:
    app = create_specimen_app()
    answer = app.test_client().get("/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    manifest = json.loads(answer.data)
    assert (manifest["lang"], manifest["display"], manifest["start_url"], manifest["scope"]) == (
        "fr", "standalone", "/", "/",
    )  # fmt: skip
    assert manifest["shortcuts"][0]["name"] == "Nouvelle demande"
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        assert app.test_client().get(icon["src"]).content_type == "image/png"


def test_the_worker_is_renewed_at_every_release_and_keeps_only_files_that_exist() -> None:
    app = create_specimen_app()
    keep_page_offline(app, r"^/specimen$", "/offline")
    answer = app.test_client().get("/service-worker.js")
    assert answer.headers["Cache-Control"] == "no-cache"
    settings = json.loads(answer.get_data(as_text=True).split("const SETTINGS = ")[1].split(";\n")[0])
    assert settings["release"] == app.extensions["assets"].release
    assert settings["pages"] == [["^/specimen$", "/offline", ""]]
    assert any(path.endswith("/js/app.js") for path in settings["shell"])
    later = [path for path in settings["shell"] if path.startswith(tuple(settings["later"]))]
    assert settings["later"]
    assert not later, "what few use is kept from its first use on"
    for path in [*settings["shell"], settings["offline"], settings["icon"], settings["badge"]]:
        assert app.test_client().get(path).status_code == 200, path


@pytest.mark.parametrize("path", ["/offline", "/specimen/phone"])
def test_no_token_is_kept_with_the_offline_page(path: str) -> None:
    page = create_specimen_app().test_client().get(path).get_data(as_text=True)
    assert ("csrf-token" in page) == (path != "/offline")

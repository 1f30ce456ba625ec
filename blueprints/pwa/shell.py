"""Manifest, service worker and offline page: what a phone keeps, and it is never a page or picture with health data."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, render_template

from blueprints.entrance.login import public
from blueprints.pwa.assets import Assets

blueprint = Blueprint("pwa", __name__)

SHELL_FOLDERS = ("css/app.css", "css/apart/", "js/", "icons/", "fonts/", "vendor/")
SHELL_TYPES = (".css", ".js", ".svg", ".png", ".woff2", ".wasm")
LATER = ("vendor/zxing-wasm-",)
"""Kept from their first use on: large, and used by few."""

NOT_KEPT = ("js/service-worker.js", "icons/icon-512.png", "icons/icon-maskable-512.png")
"""Fetched by the browser itself, once."""


@blueprint.get("/manifest.webmanifest")
@public
def manifest() -> Response:
    """Answer what the home screen shows."""
    assets: Assets = current_app.extensions["assets"]
    response = jsonify(
        id="/",
        name="DermAvis",
        short_name="DermAvis",
        description="Demander un avis de dermatologie et y répondre, de soignant à soignant.",
        lang="fr",
        dir="ltr",
        start_url="/",
        scope="/",
        display="standalone",
        background_color="#f5f3ee",
        theme_color="#10363c",
        categories=["medical"],
        icons=[
            _icon(assets, "icon-192.png", "192x192"),
            _icon(assets, "icon-512.png", "512x512"),
            _icon(assets, "icon-maskable-512.png", "512x512", purpose="maskable"),
        ],
        shortcuts=[
            {
                "name": "Nouvelle demande",
                "url": "/requests/new",
                "icons": [_icon(assets, "icon-192.png", "192x192")],
            }
        ],
    )
    response.mimetype = "application/manifest+json"
    response.headers["Cache-Control"] = "no-cache"
    return response


def _icon(assets: Assets, name: str, sizes: str, purpose: str = "any") -> dict[str, str]:
    return {"src": assets.url(f"icons/{name}"), "sizes": sizes, "type": "image/png", "purpose": purpose}


@blueprint.get("/service-worker.js")
@public
def service_worker() -> Response:
    """Answer the service worker, headed by the release and by what it keeps."""
    assets: Assets = current_app.extensions["assets"]
    settings = {
        "release": assets.release,
        "shell": [assets.url(path) for path in assets.files if _belongs_to_shell(path)]
        + [address() for address in current_app.config.get("OFFLINE_FILES", [])],
        "later": [f"/static/{assets.release}/{beginning}" for beginning in LATER],
        "offline": "/offline",
        "pages": offline_pages(),
        "icon": assets.url("icons/icon-192.png"),
        "badge": assets.url("icons/badge-96.png"),
    }
    script = assets.files["js/service-worker.js"].content.decode()
    response = Response(
        f"const SETTINGS = {json.dumps(settings)};\n{script}", content_type="text/javascript; charset=utf-8"
    )
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Service-Worker-Allowed"] = "/"
    return response


def _belongs_to_shell(path: str) -> bool:
    return (
        path.startswith(SHELL_FOLDERS)
        and path.endswith(SHELL_TYPES)
        and path not in NOT_KEPT
        and not path.startswith(LATER)
    )


@blueprint.get("/offline")
@public
def offline() -> str:
    """Show what still works without network; the service worker keeps this page."""
    return render_template("pages/offline.html")


def keep_page_offline(app: Flask, pattern: str, page: str, table: str = "") -> None:
    """Have the service worker keep one public page that names nobody, and show it when there is no network.

    ``pattern`` is a regular expression over the path that was asked for (``^/requests/(new|[0-9a-f-]{36})$``), ``page``
    the path of the page shown in its place (``/requests/offline``). With a ``table`` of the device's own, a slow
    network gives way to the page only where that table keeps the id which the pattern's first group names.
    """
    app.config.setdefault("OFFLINE_PAGES", []).append([pattern, page, table])


def keep_file_offline(app: Flask, address: Callable[[], str]) -> None:
    """Have the service worker keep what stands at this public address of ours, which changes with its content."""
    app.config.setdefault("OFFLINE_FILES", []).append(address)


def offline_pages() -> list[Any]:
    """Return the triples (pattern, page, table) that the blueprints asked to keep."""
    pages: list[Any] = current_app.config.get("OFFLINE_PAGES", [])
    return pages

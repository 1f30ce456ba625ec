"""What makes the pages an application: static files, security headers, manifest, service worker, offline page."""

from pathlib import Path

from flask import Flask

from blueprints.pwa import compression, headers, pieces, shell
from blueprints.pwa.assets import Assets, serve

STATIC = Path(__file__).resolve().parents[2] / "static"


def register(app: Flask) -> None:
    """Install ``asset()``, ``piece()``, the headers, compression, the manifest and the service worker."""
    assets = Assets(STATIC)
    app.extensions["assets"] = assets
    app.jinja_env.globals["asset"] = assets.url
    app.add_url_rule("/static/<release>/<path:path>", "static", serve, methods=["GET"])
    pieces.register(app)
    app.register_blueprint(shell.blueprint)
    # after_request functions run last registered first: headers are set before the body is compressed.
    compression.register(app)
    headers.register(app)

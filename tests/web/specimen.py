"""A small application that shows every component, on pages of the tests' own (``specimens/``)."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask, Response, render_template, request
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from PIL import Image
from werkzeug.serving import make_server

from blueprints import pwa

ROOT = Path(__file__).resolve().parents[2]
SPECIMENS = Path(__file__).with_name("specimens")
PAGES = ("phone", "pieces", "answer", "desk")
PHOTOS = [
    {"id": "p1", "thumb": "/picture/90/1", "full": "/picture/900/1", "label": "Ensemble"},
    {
        "id": "p2",
        "thumb": "/picture/90/2",
        "full": "/picture/900/2",
        "label": "Gros plan",
        "note": "un peu floue",
        "tone": "warn",
    },
    {
        "id": "p3",
        "thumb": "/picture/90/3",
        "full": "/picture/900/3",
        "original": "/picture/3000/3",
        "label": "Échelle",
    },
]
TINTS = {"1": (190, 140, 120), "2": (120, 80, 60), "3": (210, 170, 150)}


def create_specimen_app(origin: str = "http://localhost") -> Flask:
    """Return an application with the shell, the layouts and the specimen pages."""
    app = Flask("specimens", static_folder=None)
    app.config["ORIGIN"] = origin
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.loader = ChoiceLoader([FileSystemLoader(SPECIMENS), FileSystemLoader(ROOT / "templates")])
    app.jinja_env.globals["csrf_token"] = lambda: "token"
    app.extensions["received"] = []
    pwa.register(app)
    app.add_url_rule("/specimen/<name>", view_func=show, endpoint="show", methods=["GET", "POST"])
    app.add_url_rule("/refusal/<int:status>", view_func=refuse, endpoint="refuse")
    app.add_url_rule("/picture/<int:size>/<tint>", view_func=picture, endpoint="picture")
    app.add_url_rule("/notifications/subscriptions", view_func=receive, endpoint="receive", methods=["POST"])
    return app


def show(name: str) -> str:
    """Answer a specimen; what a form sent is noted in ``app.extensions['received']``."""
    if request.method == "POST":
        from flask import current_app

        current_app.extensions["received"].append(request.form.to_dict())
    return render_template(f"{name}.html", photos=PHOTOS)


def receive() -> tuple[str, int]:
    """Note a push subscription."""
    return "", 204


def refuse(status: int) -> tuple[str, int]:
    """Answer an error page."""
    return render_template(f"pages/errors/{status}.html"), status


def picture(size: int, tint: str) -> Response:
    """Answer a plain picture of that width, three by four."""
    out = io.BytesIO()
    Image.new("RGB", (size, size * 4 // 3), TINTS[tint]).save(out, "JPEG")
    return Response(out.getvalue(), mimetype="image/jpeg")


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve an application on a free port, in this process, and yield its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()

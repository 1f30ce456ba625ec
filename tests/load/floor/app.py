"""The floor: the barest page that does what a page must: a session looked up, one query, 50 rows, one template.

Its style and script weigh what a bare page's do. It runs under the same server settings as DermAvis.
"""

from __future__ import annotations

import gzip
import os
import sqlite3
import threading
from pathlib import Path

from flask import Flask, Response, request

PLACE = Path(__file__).parent
ROWS = 50
STYLE = (PLACE / "floor.css").read_text("utf-8")
SCRIPT = (PLACE.parents[2] / "static/vendor/panzoom-4.6.2.min.js").read_text("utf-8")
TEMPLATE = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>Liste</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/floor.css"><script type="module" src="/floor.js"></script></head>
<body><h1>Liste de {{ who }}</h1><a class="button" href="/">Nouvelle ligne</a>
<table>{% for row in rows %}<tr>{% for value in row %}<td>{{ value }}</td>{% endfor %}</tr>{% endfor %}</table>
</body></html>"""

local = threading.local()


def database() -> sqlite3.Connection:
    """Return this thread's connection."""
    if not hasattr(local, "connection"):
        local.connection = sqlite3.connect(os.environ["FLOOR_DATABASE"])
    return local.connection


def prepare(path: str) -> None:
    """Write the rows that the page shows."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE sessions (token TEXT PRIMARY KEY, who TEXT)")
        connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, a, b, c, d, e, f)")
        connection.execute("INSERT INTO sessions VALUES ('floor', 'Camille')")
        connection.executemany(
            "INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (n, f"D-{n}", "Mme Vautrin", "12/03/1958", "Kératose", "Courante", "Reste 25 h")
                for n in range(1000)
            ],
        )


def create_app() -> Flask:
    """Return the application."""
    app = Flask(__name__)
    app.jinja_env.autoescape = True
    template = app.jinja_env.from_string(TEMPLATE)

    @app.get("/")
    def page() -> Response:
        token = request.cookies.get("session", "floor")
        who = database().execute("SELECT who FROM sessions WHERE token = ?", (token,)).fetchone()
        rows = (
            database()
            .execute("SELECT id, a, b, c, d, e, f FROM rows ORDER BY id LIMIT ?", (ROWS,))
            .fetchall()
        )
        return packed(template.render(who=who[0], rows=rows), "text/html")

    @app.get("/empty")
    def empty() -> Response:
        return Response("", mimetype="text/plain")

    @app.get("/floor.css")
    def style() -> Response:
        return packed(STYLE, "text/css")

    @app.get("/floor.js")
    def script() -> Response:
        return packed(SCRIPT, "text/javascript")

    return app


def packed(text: str, kind: str) -> Response:
    """Return a compressed answer."""
    response = Response(gzip.compress(text.encode(), 6), mimetype=kind)
    response.headers["Content-Encoding"] = "gzip"
    return response

"""A page as a browser gets it."""

from __future__ import annotations

import html

import html5lib
from flask.testing import FlaskClient


def valid_page(client: FlaskClient, path: str) -> str:
    """Return a page's text, entities resolved; it is there, and its HTML has no error."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(answer.text)
    assert parser.errors == []
    return html.unescape(answer.text)

"""What the content security policy forbids is not written: no inline style, no inline script, no on… attribute."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.web.specimen import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static/js").glob("*.js"))

FORBIDDEN = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style[\s>]", re.IGNORECASE),
    "an inline script": re.compile(r"<script(?![^>]*\ssrc=)[^>]*>", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "an address outside": re.compile(r"""(?:src|href)\s*=\s*["']https?://""", re.IGNORECASE),
}
PLANTED = {
    "a style attribute": '<p class="a" style="color:red">',
    "a style element": "<style>p{}</style>",
    "an inline script": '<script type="module">go()</script>',
    "an event attribute": '<button onclick="go()">',
    "a javascript: address": '<a href="javascript:go()">',
    "an address outside": '<script src="https://cdn.example/x.js">',
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_check_finds_what_is_planted(what: str) -> None:
    assert FORBIDDEN[what].search(PLANTED[what])


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_holds_nothing_that_the_policy_forbids(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(text)] == []


CASE_PAGES = [
    *sorted((ROOT / "templates/pages/cases").rglob("*.html")),
    *sorted((ROOT / "templates/partials/cases").rglob("*.html")),
]


@pytest.mark.parametrize("path", CASE_PAGES, ids=lambda path: path.name)
def test_no_line_of_a_case_begins_with_a_sign_that_ends_a_sentence(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert re.findall(r".{12}(?<=[\w}»’)]) (?:[?:;!](?!=)|»)", text) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_neither_evaluates_text_nor_writes_style_attributes(path: Path) -> None:
    pattern = re.compile(
        r"\beval\(|new Function\(|setAttribute\(\s*[\"']style|document\.write|\.innerHTML\s*=[^=]"
    )
    assert pattern.search('part.innerHTML = "x"')
    assert pattern.search("eval(words)")
    assert not pattern.search(path.read_text(encoding="utf-8"))


def test_pinching_is_never_blocked() -> None:
    base = (ROOT / "templates/layout/base.html").read_text(encoding="utf-8")
    viewport = re.search(r'<meta name="viewport" content="([^"]+)"', base)
    assert viewport
    assert "user-scalable" not in viewport[1]
    assert "maximum-scale" not in viewport[1]

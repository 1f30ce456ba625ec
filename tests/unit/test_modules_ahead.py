"""Modules of the guided request that are fetched later: a page in use brings them all, of one release."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

WIZARD = Path(__file__).resolve().parents[2] / "static/js/wizard"
AT_THE_START = {"kept-draft", "without-network", "settling"}


def test_what_a_page_may_need_later_is_brought_once_it_is_in_use() -> None:
    later = set()
    for path in WIZARD.rglob("*.js"):
        for name in re.findall(r"import\('([^']+)\.js'\)", path.read_text("utf-8")):
            later.add(posixpath.normpath(posixpath.join(path.parent.relative_to(WIZARD).as_posix(), name)))
    assert {"screens/review", "tus"} <= later, "the search finds what is fetched later"
    listed = re.search(r"LATER = \[(.*?)\]", (WIZARD / "settling.js").read_text("utf-8"), re.DOTALL)
    assert listed
    assert set(re.findall(r"'([^']+)'", listed[1])) == later - AT_THE_START - {"line", "facts"}

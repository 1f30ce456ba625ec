"""What happens to a phone, its line, its tabs and the service while a person is at work."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.load.slow_line import Snare

if TYPE_CHECKING:
    from tests.schedules.drawing import Happening
    from tests.schedules.person import AtWork

DAY_MS = 24 * 3600 * 1000
CLOCKS = {"clock ahead": 2 * DAY_MS, "clock behind": -3652 * DAY_MS}
SNARES = {
    "cut in a piece": (rb"PATCH /api/v1/uploads/", False),
    "receipt lost": (rb"POST /api/v1/drafts/[0-9a-f-]{36}/send ", True),
    "save lost": (rb"PUT /api/v1/drafts/", True),
    "answer torn": (rb"(GET|PUT|POST|PATCH|HEAD) /api/v1/(drafts|uploads|device-key)", True),
}


def happens(work: AtWork, happening: Happening) -> bool:
    """Let it happen to the phone, its line, its tabs or the service; tell whether it could."""
    kind, line = happening.kind, work.phone.line
    if kind in SNARES:
        pattern, answer = SNARES[kind]
        after = 0 if kind in {"receipt lost", "save lost"} else happening.after_bytes
        after = min(after, 200) if answer else after
        line.set_snare(Snare(kind, re.compile(pattern), after, answer))
        return False  # counted when it springs
    if kind == "line cut":
        line.cut(happening.seconds)
    elif kind == "line silent":
        line.silence(happening.seconds)
    elif kind in CLOCKS:
        work.phone.step_clock(CLOCKS[kind])
    elif kind == "browser killed":
        work.phone.kill()
    elif kind in {"web killed", "worker killed"}:
        work.end_process(kind.split()[0])
    else:
        return _in_tabs(work, kind)
    return True


def _in_tabs(work: AtWork, kind: str) -> bool:
    work.tabs = [page for page in work.tabs if not page.is_closed()]
    if kind == "second tab":
        work.tabs.append(work.phone.open(f"/requests/{work.asked.id}"))
    elif kind == "list beside":
        work.tabs.insert(0, work.phone.open("/requests"))
    elif not work.tabs:
        return False
    elif kind == "tab closed":
        work.phone.close(work.tabs[-1])
    elif kind == "tab crashed":
        work.phone.crash(work.tabs[-1])
    else:
        return _touch_again(work)
    return True


def _touch_again(work: AtWork) -> bool:
    """Touch « Envoyer » once more, in the oldest tab that shows it."""
    if not work.asked.presses or work.asked.taken_back:
        return False
    for page in work.tabs:
        if page.locator("#send").count() and work.asked.id in page.url:
            work.asked.presses.append(page.locator("dl.facts strong").first.inner_text())
            page.locator("#send").dispatch_event("click")
            return True
    return False

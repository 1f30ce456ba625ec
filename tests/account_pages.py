"""What the pages of an account show, and what its letters carry."""

from __future__ import annotations

import html
import re

from sqlalchemy import select

from dermavis.models import OutboxItem
from dermavis.services.letters import carried_by
from dermavis.services.work import System, reading


def shown_secret(page: str) -> str:
    return "".join(re.findall(r"<span>([A-Z2-7]{4})</span>", page))


def heading(page: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.S)
    assert found
    return html.unescape(found[1])


def carried(system: System, event: str) -> dict[str, str]:
    """Return what the newest letter of a kind carries."""
    with reading(system) as work:
        items = work.session.scalars(select(OutboxItem).where(OutboxItem.event == event)).all()
        return carried_by(work, max(items, key=lambda item: item.created_at))

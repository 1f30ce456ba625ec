"""Who opens a page: a person who looks, or a browser and a page that fetch by themselves."""

from __future__ import annotations

from flask import request

ASKED_BY_BROWSERS = {"prefetch", "prerender"}


def a_person_opens() -> bool:
    """Whether somebody looks: not a browser that fetches ahead, nor a page that renews itself."""
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return request.headers.get("X-Background") != "1" and not any(
        word in purpose for word in ASKED_BY_BROWSERS
    )

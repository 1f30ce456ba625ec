"""Whether a request is taken up now: the first thing that is asked of it, before the database is."""

from __future__ import annotations

import random
import threading
from typing import cast

from flask import Flask, current_app, g, request

from blueprints.entrance.current import system
from blueprints.entrance.guard import SAFE
from dermavis.adapters.waiting import waited_s
from dermavis.domain.overload import Limits, Load, Overloaded, Weight, refuse_overload

EXTENSION = "dermavis-in-hand"
MEGABYTE = 1_000_000

NEVER = frozenset({"static", "health.alive", "health.ready", "health.health", "metrics.metrics", None})
"""Not counted and never refused: they cost nothing, or tell of the very overload."""

FIRST = frozenset(
    {
        "account.give_code",
        "account.give_password",
        "account.resume",
        "account.sign_in_page",
        "case_page.show",
        "case_steps.claim",
        "opinion.keep",
        "opinion.take_back",
        "request_api.send_draft",
        "requester_case.acknowledge",
        "reports.show_page",
        "session_api.unlock",
    }
)
"""What cannot wait: to sign in, to send, to claim, to read, to sign, to acknowledge. Any case may be an emergency."""

LATER = frozenset(
    {
        "administration_audit",
        "administration_charters",
        "administration_organizations",
        "administration_people",
        "my_requests",
        "pooling",
        "pooling_members",
        "pooling_sent",
        "uploads",
        "worklist",
    }
)
"""Places whose requests can be put off most easily: lists, and pictures that the phone keeps meanwhile."""


class InHand:
    """How many requests are being served."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self.count = 0

    def add(self, number: int) -> None:
        """Count one more, or one less."""
        with self._guard:
            self.count += number


def register(app: Flask) -> None:
    """Ask before anything else of a request but its reference."""
    app.extensions[EXTENSION] = InHand()
    app.before_request(refuse_when_overloaded)
    app.teardown_request(_let_go)


def weight_of(endpoint: str | None) -> Weight:
    """Return how long a request of this route may be put off."""
    if endpoint in FIRST:
        return Weight.FIRST
    return Weight.LATER if str(endpoint).split(".")[0] in LATER else Weight.ORDINARY


def refuse_when_overloaded() -> None:
    """Raise Overloaded when this request can wait and others cannot."""
    if request.endpoint in NEVER:
        return
    in_hand = cast(InHand, current_app.extensions[EXTENSION])
    in_hand.add(1)
    g.in_hand = True
    settings, machine = system().settings, system().machine
    load = Load(
        waited=max(waited_s(), system().writer.oldest_wait()),
        free_threads=settings.web_threads - in_hand.count,
        disk=machine.free_disk() if machine else None,
        memory=machine.free_memory() if machine else None,
    )
    limits = Limits(
        settings.overload_wait_ms / 1000,
        settings.disk_reserve_mb * MEGABYTE,
        settings.memory_reserve_mb * MEGABYTE,
    )
    try:
        refuse_overload(load, limits, weight_of(request.endpoint), request.method not in SAFE)
    except Overloaded as refusal:
        # Those who were refused together must not come back together.
        refusal.retry_after += random.randrange(refusal.retry_after + 1)  # noqa: S311 - nothing secret
        raise


def _let_go(_error: BaseException | None) -> None:
    if g.pop("in_hand", False):
        cast(InHand, current_app.extensions[EXTENSION]).add(-1)

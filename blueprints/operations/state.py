"""``/administration/service``: how the service itself is, for its administrators and its support."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from blueprints.administration.frame import SERVICE, Answer, page
from blueprints.entrance.current import actor, system
from dermavis.domain.permissions import Permission
from dermavis.domain.service_state import LANES, in_words, kind_words, size_words, span_words
from dermavis.services.access import require
from dermavis.services.health import complaints
from dermavis.services.operation_figures import read_figures
from dermavis.services.work import reading

blueprint = Blueprint("service_state", __name__)


@blueprint.get("/administration/service")
def show() -> ResponseReturnValue:
    """Show what is wrong, what waits and what failed."""
    return state_page()


def state_page(answer: Answer | None = None, typed: str = "") -> ResponseReturnValue:
    """Render the page, under what was refused where something was. Raises Forbidden."""
    with reading(system(), actor()) as work:
        require(work, Permission.SERVICE_READ)
        figures = read_figures(work)
    wrong = complaints(system())
    lanes = [(LANES.get(name, name), age) for name, age in sorted(figures.lanes.items())]
    return page(
        "service",
        SERVICE,
        answer,
        typed=typed,
        wrong=in_words(wrong),
        figures=figures,
        lanes=lanes,
        failures=sum(figures.failed.values()) + figures.dead_timers,
        watched=system().heartbeat is not None,
        told=system().settings.alert_mail,
        span=span_words,
        size=size_words,
        kind_words=kind_words,
    )

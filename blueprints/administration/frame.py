"""What the pages of the administration share: their tabs, what was just done, and the question before a grave step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import redirect, render_template
from werkzeug.wrappers import Response

from blueprints.entrance.current import actor, system
from blueprints.entrance.fields import Fields
from dermavis.domain.errors import InvalidInput, Refusal
from dermavis.domain.permission_map import allowed
from dermavis.domain.permissions import Permission
from dermavis.services.demand_reminders import due_from_me
from dermavis.services.work import reading

PEOPLE = "/administration/people"
ORGANIZATIONS = "/administration/organizations"
CHARTERS = "/administration/charters"
AUDIT = "/administration/audit"
SERVICE = "/administration/service"
RETENTION = "/administration/retention"
DEMANDS = "/demands"


@dataclass(frozen=True)
class Answer:
    """What a page says about what was sent: a sentence by field, or one for the whole; and its status."""

    errors: Fields = field(default_factory=Fields)
    words: str = ""
    status: int = 200


def answer_of(refusal: Refusal) -> Answer:
    """Return the answer that a refusal makes."""
    if isinstance(refusal, InvalidInput):
        return Answer(errors=Fields(refusal.errors), status=refusal.status)
    return Answer(words=refusal.message, status=refusal.status)


def page(name: str, current: str, answer: Answer | None = None, **context: Any) -> tuple[str, int]:
    """Render a page of the administration under its tab."""
    answer = answer or Answer()
    html = render_template(
        f"pages/administration/{name}.html", navigation=tabs(current), answer=answer, **context
    )
    return html, answer.status


@dataclass(frozen=True)
class Choice:
    """What has to be said with a grave step; ``options`` are pairs of value and label, ``value`` the chosen one."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    value: str = ""
    required: bool = True


@dataclass(frozen=True)
class Question:
    """A grave step, before it is taken: what ends, in sentences, what has to be chosen, and the two ways on."""

    title: str
    words: Sequence[str]
    action: str
    label: str
    back: str
    icon: str = ""
    look: str = "urgent"
    choice: Choice | None = None


def confirm(question: Question, current: str, answer: Answer | None = None) -> tuple[str, int]:
    """Render the question before a grave step."""
    return page("confirm", current, answer, question=question)


def tabs(current: str) -> list[dict[str, Any]]:
    """Return the tabs that this person has; ``current`` is the address of one."""
    facts = actor().facts
    offered: list[tuple[str, str, bool]] = [
        ("Demandes", "/worklist", allowed(facts, Permission.WORKLIST_LIST)),
        ("Personnes", PEOPLE, allowed(facts, Permission.PEOPLE_MANAGE)),
        ("Organisations", ORGANIZATIONS, allowed(facts, Permission.ORGANIZATIONS_MANAGE)),
        ("Charte", CHARTERS, has_own_charter()),
        ("Droits", DEMANDS, allowed(facts, Permission.DEMANDS_READ_ALL)),
        ("Conservation", RETENTION, allowed(facts, Permission.RETENTION_READ)),
        ("Audit", AUDIT, allowed(facts, Permission.AUDIT_READ)),
        ("Service", SERVICE, allowed(facts, Permission.SERVICE_READ)),
    ]
    counts = {DEMANDS: demands_due()} if allowed(facts, Permission.DEMANDS_READ_ALL) else {}
    return [
        {"label": label, "href": href, "current": href == current} | counts.get(href, {})
        for label, href, shown in offered
        if shown
    ]


def demands_due() -> dict[str, Any]:
    """Return what the tab of patients' demands counts: those that the person must answer soon; red once one is late."""
    with reading(system(), actor()) as work:
        due = due_from_me(work)
    return {"count": due.count, "late": due.late > 0}


def has_own_charter() -> bool:
    """Whether the person arranges the charter of their own centre, and of no other."""
    facts = actor().facts
    whole = allowed(facts, Permission.ORGANIZATIONS_MANAGE)
    return allowed(facts, Permission.CHARTERS_MANAGE) and not whole


def see_other(address: str) -> Response:
    """Send the browser on after what it sent was done."""
    return redirect(address, 303)

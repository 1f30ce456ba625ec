"""How a form of the account's pages is answered: in place, with what is wrong beside its field."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import make_response, render_template
from flask.typing import ResponseReturnValue

from blueprints.entrance.fields import Fields
from dermavis.domain.errors import InvalidInput, Refusal, TooMany


@dataclass(frozen=True)
class Answer:
    """What a page says about what was sent: field errors, one sentence for the whole, and the status."""

    errors: Fields = field(default_factory=Fields)
    words: str = ""
    status: int = 200
    retry_after: int = 0


def answer_of(refusal: Refusal) -> Answer:
    """Return the answer that a refusal makes."""
    if isinstance(refusal, InvalidInput):
        return Answer(errors=Fields(refusal.errors), status=refusal.status)
    retry_after = refusal.retry_after if isinstance(refusal, TooMany) else 0
    return Answer(words=refusal.message, status=refusal.status, retry_after=retry_after)


def shown(template: str, answer: Answer, **context: Any) -> ResponseReturnValue:
    """Render a page with its answer."""
    response = make_response(render_template(template, answer=answer, **context), answer.status)
    if answer.retry_after:
        response.headers["Retry-After"] = str(answer.retry_after)
    return response


def refused(template: str, refusal: Refusal, **context: Any) -> ResponseReturnValue:
    """Render a page that says what was refused."""
    return shown(template, answer_of(refusal), **context)

"""Browsers say here that they may be pushed to, or no longer. They send and read JSON."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from blueprints.entrance.current import actor, found_session, system
from dermavis.domain.errors import InvalidInput
from dermavis.domain.ports import PushTarget
from dermavis.services.subscriptions import subscribe, unsubscribe
from dermavis.services.work import writing

blueprint = Blueprint("subscriptions", __name__)

LONGEST = {"endpoint": 2000, "p256dh": 200, "auth": 100}


@blueprint.post("/notifications/subscriptions")
def keep_subscription() -> tuple[Response, int]:
    """Keep a browser's ``PushSubscription.toJSON()``; ``replaces`` is the endpoint it had before, or null."""
    content = _content()
    keys = content.get("keys")
    target = PushTarget(
        endpoint=_text(content, "endpoint"),
        p256dh=_text(keys if isinstance(keys, dict) else {}, "p256dh"),
        auth=_text(keys if isinstance(keys, dict) else {}, "auth"),
    )
    replaces = content.get("replaces")
    found = found_session()
    with writing(system(), actor()) as work:
        subscribe(
            work,
            target,
            device_id=found.device_id if found else None,
            replaces=replaces if isinstance(replaces, str) else "",
        )
    return jsonify(format=1), 201


@blueprint.delete("/notifications/subscriptions")
def forget_subscription() -> tuple[Response, int]:
    """Forget a browser by its endpoint; one that is not the person's is left alone, and the answer is the same."""
    endpoint = _text(_content(), "endpoint")
    with writing(system(), actor()) as work:
        unsubscribe(work, endpoint)
    return jsonify(format=1), 200


def _content() -> dict[str, Any]:
    content = request.get_json(silent=True)
    if not isinstance(content, dict):
        raise InvalidInput({"endpoint": "L’inscription de ce navigateur est illisible."})
    return content


def _text(content: dict[str, Any], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str) or not value or len(value) > LONGEST[name]:
        raise InvalidInput({name: "L’inscription de ce navigateur est illisible."})
    return value

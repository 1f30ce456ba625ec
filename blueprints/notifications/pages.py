"""The list, and the page of choices."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.entrance.current import actor, system
from dermavis.domain.errors import InvalidInput
from dermavis.domain.notices import MAIL_CHOICES
from dermavis.domain.wording import ago_words
from dermavis.services import notices, wishes
from dermavis.services.work import reading, writing

blueprint = Blueprint("notifications", __name__, url_prefix="/notifications")


@blueprint.get("")
def notification_list() -> str:
    """Show what the person was told, newest first."""
    with reading(system(), actor()) as work:
        zone, now = work.acting.time_zone, work.now
        lines = notices.lines(work)
        shown = [{"line": line, "when": ago_words(line.at, now, zone, with_hour=True)} for line in lines]
    unread = sum(line.unread for line in lines)
    return render_template("pages/notifications/list.html", shown=shown, unread=unread)


@blueprint.get("/<uuid:notification_id>")
def open_notification(notification_id: UUID) -> ResponseReturnValue:
    """Mark a line as read and go to its page. Raises NotFound for a line of somebody else's."""
    with writing(system(), actor()) as work:
        page = notices.open_line(work, notification_id)
    return redirect(page, 303)


@blueprint.post("/read")
def mark_all_read() -> ResponseReturnValue:
    """Mark the whole list as read."""
    with writing(system(), actor()) as work:
        notices.mark_read(work)
    return redirect("/notifications", 303)


@blueprint.get("/preferences")
def preferences_page() -> str:
    """Show the person's choices."""
    with reading(system(), actor()) as work:
        kept = wishes.wishes(work).store()
    return _show_preferences(kept, saved=request.args.get("saved") == "1")


@blueprint.post("/preferences")
def save_preferences() -> ResponseReturnValue:
    """Keep the person's choices."""
    form = request.form
    typed = {name: form.get(name, "") for name in ("mail", "quiet_from", "quiet_to")}
    push = form.get("push") == "1"
    try:
        with writing(system(), actor()) as work:
            wishes.choose(work, push=push, **typed)
    except InvalidInput as refusal:
        return _show_preferences({**typed, "push": push}, refusal.errors), refusal.status
    return redirect("/notifications/preferences?saved=1", 303)


def _show_preferences(
    typed: dict[str, Any], errors: dict[str, str] | None = None, saved: bool = False
) -> str:
    return render_template(
        "pages/notifications/preferences.html",
        typed=typed,
        errors=errors or {},
        saved=saved,
        mail_choices=list(MAIL_CHOICES.items()),
        push_key=system().push.public_key,
    )

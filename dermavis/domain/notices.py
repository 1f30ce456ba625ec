"""How and when a person is told: their wishes, their quiet hours, and when a try that failed is made again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dermavis.domain.notice_event import Event

LONGEST_WAIT = timedelta(minutes=30)
"""Between two tries of anything that others wait for."""

UNPRESSED_WAIT = timedelta(hours=2)
"""Between two tries of a letter that does not press: its server has been away for as long already."""

MAIL_AFTER = timedelta(minutes=10)
"""How long a push is given to be opened before the letter leaves."""

MAIL_CHOICES = {
    "unread": "Si je n’ai pas ouvert la notification en dix minutes",
    "always": "À chaque fois",
    "opinions": "Seulement pour les avis et ce qui est urgent",
}


@dataclass(frozen=True)
class Wishes:
    """How a person wants to be told: ``mail`` is a key of ``MAIL_CHOICES``; quiet hours are local times."""

    push: bool = True
    mail: str = "unread"
    quiet_from: time | None = None
    quiet_to: time | None = None
    time_zone: str = "Europe/Paris"

    @classmethod
    def read(cls, preferences: dict[str, Any]) -> Wishes:
        """Read a person's stored preferences; what is missing or unreadable has its default."""
        kept = preferences.get("notices", {})
        mail = kept.get("mail", "unread")
        return cls(
            push=bool(kept.get("push", True)),
            mail=mail if mail in MAIL_CHOICES else "unread",
            quiet_from=_time(kept.get("quiet_from", "")),
            quiet_to=_time(kept.get("quiet_to", "")),
            time_zone=kept.get("time_zone", "Europe/Paris"),
        )

    def store(self) -> dict[str, Any]:
        """Return what ``read`` reads."""
        return {
            "push": self.push,
            "mail": self.mail,
            "quiet_from": self.quiet_from.strftime("%H:%M") if self.quiet_from else "",
            "quiet_to": self.quiet_to.strftime("%H:%M") if self.quiet_to else "",
            "time_zone": self.time_zone,
        }


def _time(text: str) -> time | None:
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None


def push_from(event: Event, wishes: Wishes, now: datetime) -> datetime | None:
    """Return when a push may leave, or None when the person wants none."""
    if not wishes.push:
        return None
    return after_quiet_hours(event, wishes, now)


def letter_from(event: Event, wishes: Wishes, now: datetime, can_be_pushed: bool) -> datetime | None:
    """Return when the letter may leave, or None when there is none.

    At once when the event or the person asks for it or when nothing can be pushed, else ten minutes after the push.
    """
    always = event.letter == "always"
    if event.letter == "never" or (wishes.mail == "opinions" and not always):
        return None
    at_once = always or wishes.mail == "always" or not can_be_pushed
    return after_quiet_hours(event, wishes, now if at_once else now + MAIL_AFTER)


def after_quiet_hours(event: Event, wishes: Wishes, when: datetime) -> datetime:
    """Return ``when``, or the end of the quiet hours that it falls into; what is urgent knows no quiet hours."""
    start, end = wishes.quiet_from, wishes.quiet_to
    if event.urgency == "high" or start is None or end is None or start == end:
        return when
    local = when.astimezone(ZoneInfo(wishes.time_zone))
    now = local.time()
    quiet = start <= now < end if start < end else (now >= start or now < end)
    if not quiet:
        return when
    until = local.replace(hour=end.hour, minute=end.minute, second=0, microsecond=0)
    if now >= end:
        until += timedelta(days=1)
    return until.astimezone(when.tzinfo)


def backoff(
    tries: int, chance: float, asked: int | None = None, longest: timedelta = LONGEST_WAIT
) -> timedelta:
    """Return the wait before another try: from 5 s, doubling to the ``longest``, less up to half by ``chance``, 0 to 1.

    A wait that the other side ``asked`` for (seconds) is a minimum.
    """
    doubled = min(5 * 2 ** min(max(tries - 1, 0), 30), longest.total_seconds())
    return timedelta(seconds=max(doubled * (1 - chance / 2), asked or 0))

"""How a person wants to be told: their own choices, within what the safety of patients leaves free."""

from __future__ import annotations

from datetime import time

from dermavis.domain.errors import InvalidInput
from dermavis.domain.notices import MAIL_CHOICES, Wishes
from dermavis.domain.text import whole_number
from dermavis.models import Person
from dermavis.services.work import Work


def wishes(work: Work) -> Wishes:
    """Return the actor's choices."""
    return Wishes.read(work.session.get_one(Person, work.acting.person_id).preferences)


def choose(work: Work, *, push: bool, mail: str, quiet_from: str, quiet_to: str) -> Wishes:
    """Keep the actor's choices; hours are ``HH:MM`` in their own time zone. Raises InvalidInput."""
    errors = {}
    if mail not in MAIL_CHOICES:
        errors["mail"] = "Choisissez quand vous voulez un e-mail."
    start, end = _hour(quiet_from), _hour(quiet_to)
    for name, typed, hour in (("quiet_from", quiet_from, start), ("quiet_to", quiet_to, end)):
        if typed.strip() and hour is None:
            errors[name] = "Écrivez une heure, par exemple 20:00."
    if not errors and (start is None) != (end is None):
        missing = "quiet_from" if start is None else "quiet_to"
        errors[missing] = "Donnez les deux heures, ou aucune."
    if errors:
        raise InvalidInput(errors)
    chosen = Wishes(push=push, mail=mail, quiet_from=start, quiet_to=end, time_zone=work.acting.time_zone)
    person = work.session.get_one(Person, work.acting.person_id)
    person.preferences = {**person.preferences, "notices": chosen.store()}
    work.audit("notices.choose", subject_kind="person", subject_id=person.id)
    return chosen


def _hour(text: str) -> time | None:
    """Return the hour that was typed, as browsers send it (20:00) or as people write it (20 h, 20h30)."""
    plain = (
        text.strip().lower().replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace("h", ":")
    )
    plain = plain + "00" if plain.endswith(":") else plain
    hours, _, minutes = plain.partition(":")
    hour, minute = whole_number(hours), whole_number(minutes)
    if hour is None or minute is None or hour > 23 or minute > 59:
        return None
    return time(hour, minute)

"""A charter as it is read: each of its parts in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from dermavis.domain.calendars import MIDNIGHT, Range
from dermavis.domain.deadlines import URGENCIES, URGENCY_WORDS
from dermavis.domain.phones import show_phone
from dermavis.domain.roles import ROLE_NAMES, Role
from dermavis.domain.wording import DAYS, date_words
from dermavis.services.charters import OPENING_HOURS, Charter

Fact = dict[str, str]


def charter_facts(charter: Charter, content: Mapping[str, Any], motives: Mapping[str, str]) -> list[Fact]:
    """Return label and value of every part; ``content`` is what was stored, ``motives`` gives their labels."""
    by_opening = content.get("delays_count_in") == OPENING_HOURS
    return [
        *(_delay(charter, urgency) for urgency in URGENCIES),
        _fact("Compte", "heures d’ouverture" if by_opening else "jours ouvrés"),
        *(
            _fact(label.capitalize(), _ranges(ranges))
            for label, ranges in zip(DAYS, charter.hours.week, strict=True)
        ),
        _fact("Fermé", ", ".join(date_words(day) for day in sorted(charter.hours.closed)) or "–"),
        _fact("Jours fériés", "ouvert" if charter.hours.open_on_holidays else "fermé"),
        _fact("Motifs", _named(charter.motives, motives) or "tous"),
        _fact("Demandeurs", _named(charter.professions, {role.value: ROLE_NAMES[role] for role in Role})),
        _fact("Formation photo", "demandée" if charter.photo_course else "proposée"),
        _fact("Territoire", ", ".join(charter.territory) or "partout"),
        _fact("Téléphone", show_phone(charter.phone) or "–"),
        _fact("Garde", show_phone(charter.on_call_phone) or "–"),
        _fact("Reprise", f"après {charter.idle_claim_hours} h sans rien"),
        _fact("Conservation", f"{charter.keep_years} ans après le dernier acte"),
    ]


def _fact(label: str, value: str) -> Fact:
    return {"label": label, "value": value}


def _delay(charter: Charter, urgency: str) -> Fact:
    delay = charter.delays[urgency]
    late = f", en retard après {_hours(delay.late)}" if delay.late is not None else ""
    return _fact(URGENCY_WORDS[urgency], f"{_hours(delay.target)}{late}")


def _hours(duration: timedelta | None) -> str:
    return "le jour même" if duration is None else f"{duration / timedelta(hours=1):g} h".replace(".", ",")


def _ranges(ranges: tuple[Range, ...]) -> str:
    return ", ".join(f"{_clock(opens)} – {_clock(closes)}" for opens, closes in ranges) or "fermé"


def _clock(minute: int) -> str:
    if minute == MIDNIGHT:
        return "minuit"
    return f"{minute // 60} h{f' {minute % 60:02}' if minute % 60 else ''}"


def _named(codes: frozenset[str], names: Mapping[str, str]) -> str:
    return ", ".join(name for code, name in names.items() if code in codes)

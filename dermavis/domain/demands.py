"""What a patient may ask about their data, who may ask it, by when it is answered, and how a demand can end.

Sources: RGPD, articles 12 (one month, two more once where it is complex), 15 (access), 16 (rectification), 17 (erasure,
17.3 where a record must be kept), 21 (opposition); Code de la santé publique, L. 1111-7 (the record: after two
days of thought, within eight; two months where it is older than five years), L. 1110-4 V and L. 1111-7 (heirs).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dermavis.domain.retention import months_after

ANSWER_MONTHS = 1
EXTENDED_MONTHS = 3
"""The month of the answer, and the two that may be added."""

ACCESS = "access"
OLD_RECORD_MONTHS = 2
"""A record older than five years may take two months."""

RECORD_FROM, RECORD_BEFORE = timedelta(days=2), timedelta(days=8)
"""When a record asked for is handed over: after a time of thought, and at the latest."""

TOLD_BEFORE, TOLD_AGAIN = timedelta(days=7), timedelta(days=3)
"""When who answers is told: so long before the last day, on it, and so often after it. The law gives the last day
(RGPD, article 12.3), and wants the answer without delay; these two are ours."""

TOLD_AT = time(8)
"""At which hour of the site's day."""

OLDEST_RECEIVED = timedelta(days=366)
LONGEST_NAME, LONGEST_WORDS = 200, 4000

KINDS: dict[str, str] = {
    "access": "Accès au dossier",
    "rectification": "Rectification",
    "opposition": "Opposition",
    "erasure": "Effacement",
}

KIND_HINTS: dict[str, str] = {
    "access": "recevoir une copie de tout ce qui le concerne",
    "rectification": "faire corriger, ou joindre une déclaration",
    "opposition": "refuser tout usage hors de ses soins",
    "erasure": "faire effacer\u00a0; un dossier médical doit être conservé",
}

ASKERS: dict[str, str] = {
    "patient": "le patient lui-même",
    "representative": "son représentant légal (mineur, majeur protégé)",
    "proxy": "une personne qu’il a mandatée",
    "heir": "un ayant droit, après son décès",
}

IDENTITY_CHECKS: dict[str, str] = {
    "document": "pièce d’identité vue, ou copie reçue",
    "known": "reconnu en consultation",
    "mandate": "mandat écrit et pièces d’identité",
    "family": "livret de famille, jugement ou acte, et pièce d’identité",
}

CHECKS_OF: dict[str, frozenset[str]] = {
    "patient": frozenset({"document", "known"}),
    "representative": frozenset({"family"}),
    "proxy": frozenset({"mandate"}),
    "heir": frozenset({"family"}),
}
"""Which check is enough for whom: a face that is known proves no mandate."""

OUTCOMES: dict[str, dict[str, str]] = {
    "access": {"given": "dossier remis", "refused": "refusée", "withdrawn": "retirée par le demandeur"},
    "rectification": {
        "corrected": "corrigé\u00a0: identité ou demande complétée",
        "stated": "déclaration du patient jointe au dossier",
        "refused": "refusée",
        "withdrawn": "retirée par le demandeur",
    },
    "opposition": {
        "accepted": "acceptée\u00a0: plus aucun usage hors soins",
        "refused": "refusée",
        "withdrawn": "retirée par le demandeur",
    },
    "erasure": {
        "accepted": "acceptée",
        "refused": "refusée\u00a0: le dossier doit être conservé",
        "withdrawn": "retirée par le demandeur",
    },
}

STEPS: dict[str, str] = {
    "registered": "Enregistrée",
    "checked": "Identité vérifiée",
    "extended": "Délai prolongé",
    "noted": "Note",
    "handed_over": "Dossier préparé et téléchargé",
    "closed": "Réponse donnée",
}

WANTS_WORDS = frozenset({"refused", "corrected"})
"""Outcomes that say why, or what was done: the patient is told the reason of a refusal (RGPD, article 12.4)."""


@dataclass(frozen=True, slots=True)
class Window:
    """The days between which a record is handed over."""

    first: date
    last: date


def due_on(kind: str, received: date, extended: bool = False) -> date:
    """Return the last day of the answer: the same day a month later, or three; the month's last where it has none.

    A record is handed over within eight days; within two months where it is older than five years (``extended``).
    """
    if kind == ACCESS and not extended:
        return handing_over(received).last
    noon = datetime(received.year, received.month, received.day, 12)  # noqa: DTZ001 - a day, not an instant
    longer = OLD_RECORD_MONTHS if kind == ACCESS else EXTENDED_MONTHS
    return months_after(noon, longer if extended else ANSWER_MONTHS).date()


def is_due_soon(due: date, today: date) -> bool:
    """Whether the last day of an answer is near, or past: somebody must act, and lists say so."""
    return today >= due - TOLD_BEFORE


def first_told_at(due: date, now: datetime, zone: str) -> datetime:
    """Return when who answers is told first: a week before the last day, or now where that is past."""
    return max(now, _morning(due - TOLD_BEFORE, zone))


def next_told_at(due: date, now: datetime, zone: str) -> datetime:
    """Return when they are told next: on the last day, then every three days, without an end."""
    day = due
    if now >= _morning(due, zone):
        day += TOLD_AGAIN * ((now.astimezone(ZoneInfo(zone)).date() - due) // TOLD_AGAIN)
        day += TOLD_AGAIN if now >= _morning(day, zone) else timedelta(0)
    return _morning(day, zone)


def reminder_event(due: date, today: date) -> str:
    """Return what they are told."""
    return "demand_late" if today > due else "demand_due"


def _morning(day: date, zone: str) -> datetime:
    return datetime.combine(day, TOLD_AT, ZoneInfo(zone)).astimezone(UTC)


def handing_over(received: date) -> Window:
    """Return the days on which a record younger than five years is handed over to who asked for it."""
    return Window(received + RECORD_FROM, received + RECORD_BEFORE)


def demand_number(number: int) -> str:
    """Return "DP-12", under which people know a demand."""
    return f"DP-{number}"


def faults(
    *, kind: str, asked_by: str, who: str, words: str, received: date | None, died: date | None, today: date
) -> dict[str, str]:
    """Return what is wrong with a demand to be registered, by field, in French."""
    found = {}
    if kind not in KINDS:
        found["kind"] = "Choisissez ce que le patient demande."
    if asked_by not in ASKERS:
        found["asked_by"] = "Choisissez qui demande."
    if asked_by not in {"", "patient"} and not who:
        found["who"] = "Écrivez le nom de la personne qui demande."
    if len(who) > LONGEST_NAME:
        found["who"] = f"{LONGEST_NAME} caractères au plus."
    if kind in {"rectification", "erasure"} and not words:
        found["words"] = "Écrivez ce que le patient demande, dans ses mots."
    if len(words) > LONGEST_WORDS:
        found["words"] = f"{LONGEST_WORDS} caractères au plus."
    if received is None:
        found["received_on"] = "Une date est attendue\u00a0: jour, mois, année."
    elif not today - OLDEST_RECEIVED <= received <= today:
        found["received_on"] = "La demande a été reçue aujourd’hui ou avant, depuis un an au plus."
    if asked_by == "heir" and (died is None or died > today):
        found["died_on"] = "Écrivez la date du décès."
    return found


def may_extend(kind: str, received: date, extended: bool, closed: bool, today: date) -> bool:
    """Whether more time may still be taken: once, before the first term ends (RGPD, article 12.3)."""
    return not closed and not extended and today <= due_on(kind, received)

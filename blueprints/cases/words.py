"""The facts of a case's page in the shapes that the components take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from dermavis.domain.coding import exported_code
from dermavis.domain.deadlines import URGENCY_WORDS
from dermavis.domain.lesion_wording import lesion_label
from dermavis.domain.opinions import LesionOpinion, OpinionContent, destination_of
from dermavis.domain.specialty import Specialty
from dermavis.domain.wording import ago_words, moment_words
from dermavis.services.case_view import CaseView


@dataclass(frozen=True)
class LesionTab:
    """One lesion's part of the form: its place in the opinion, its title, what is written about it so far."""

    place: int
    lesion: UUID | None
    label: str
    title: str
    answer: LesionOpinion

    @property
    def path(self) -> str:
        """How its fields' names begin."""
        return f"lesions.{self.place}"


def lesion_tabs(view: CaseView, opinion: OpinionContent) -> list[LesionTab]:
    """A tab for each lesion of the request; one for the whole request where there is none."""
    written = {row.lesion: row for row in opinion.lesions}
    lesions: list[tuple[UUID | None, str]] = [(row.id, row.title) for row in view.lesions]
    if not lesions:
        return [LesionTab(0, None, "", "", written.get(None) or LesionOpinion())]
    # What was prepared for the whole request belongs to its only lesion.
    alone = written.get(None) if len(lesions) == 1 else None
    return [
        LesionTab(
            place=place,
            lesion=lesion,
            label=lesion_label(place, len(lesions)),
            title=title,
            answer=written.get(lesion) or alone or LesionOpinion(lesion=lesion),
        )
        for place, (lesion, title) in enumerate(lesions)
    ]


def lesion_heading(view: CaseView, opinion: OpinionContent, lesion: LesionOpinion) -> str:
    """Under what an answer of a signed opinion stands: "Diagnostic", or which of several lesions it is about."""
    if len(opinion.lesions) < 2:
        return "Diagnostic"
    known = [row.id for row in view.lesions]
    rank = known.index(lesion.lesion) if lesion.lesion in known else opinion.lesions.index(lesion)
    title = view.lesions[rank].title if lesion.lesion in known else ""
    return "\u00a0: ".join(part for part in (lesion_label(rank, len(opinion.lesions)), title) if part)


def message_rows(view: CaseView, zone: str, now: datetime, dated: bool = False) -> list[dict[str, Any]]:
    """The thread as its component takes it; a question says what it asks for.

    ``dated``: each moment by its day, for what is read later.
    """
    return [
        {
            "author": "Vous" if row.mine else row.author,
            "when": _moment(row.at, now, zone, dated),
            "datetime": row.at.isoformat(),
            "text": "\n".join(part for part in (row.text, asked_words(view.specialty, row.asks)) if part),
            "mine": row.mine,
            "system": row.kind == "system",
        }
        for row in view.messages
    ]


def _moment(at: datetime, now: datetime, zone: str, dated: bool) -> str:
    return moment_words(at, zone) if dated else ago_words(at, now, zone, True)


def asked_words(specialty: Specialty, asks: dict[str, Any]) -> str:
    """What a question asks for: "Demandé : Échelle, Gros plan, Allergies"; nothing when only words were written."""
    views = [row.short_label for row in specialty.views if row.id in (asks.get("views") or [])]
    answers = [row.short_label for row in specialty.questions if row.id in (asks.get("answers") or [])]
    return f"Demandé\u00a0: {', '.join(views + answers)}" if views or answers else ""


def certainty_words(specialty: Specialty, lesion: LesionOpinion) -> tuple[int, str]:
    """How sure: as bars (0 to 3) and in words, with the code: "Probable · CIM-10 L82"."""
    ids = [row.id for row in specialty.answer.certainties]
    level = ids.index(lesion.certainty) + 1 if lesion.certainty in ids else 0
    label = specialty.answer.certainties[level - 1].label if level else ""
    code = f"CIM-10 {lesion.code}" if lesion.code else ""
    return level, " · ".join(part for part in (label, code) if part)


def sent_code_words(lesion: LesionOpinion) -> str:
    """What is told to whoever signs a cancer that is only suspected: its code does not leave as written."""
    sent = exported_code(lesion.code, lesion.certainty)
    if sent == lesion.code:
        return ""
    told = f"Code transmis\u00a0: {sent}" if sent else "Aucun code transmis"
    return f"{told}, tant que l’histologie n’est pas faite."


def also_words(opinion: OpinionContent) -> list[tuple[str, str]]:
    """What stands beside the destination, with icons."""
    found = []
    if opinion.destination_delay:
        found.append(
            ("calendar-clock", opinion.destination_delay[:1].upper() + opinion.destination_delay[1:])
        )
    if opinion.within_two_weeks:
        found.append(("calendar-clock", "Sous deux semaines"))
    if opinion.follow_up_weeks:
        weeks = "1 semaine" if opinion.follow_up_weeks == 1 else f"{opinion.follow_up_weeks} semaines"
        found.append(("repeat", f"À revoir à distance dans {weeks}"))
    if opinion.retake:
        found.append(("camera", "Photos à refaire"))
    return found


def gravest_words(specialty: Specialty, opinion: OpinionContent) -> str:
    """Where several lesions lead together, in a word or two; what decides while none is answered."""
    destination = destination_of(opinion)
    return next(
        (row.short_label for row in specialty.outcomes if row.id == destination), "la plus grave des lésions"
    )


def form_options(specialty: Specialty) -> dict[str, list[dict[str, str]]]:
    """The choices of the answer's form, in the words that fit into it."""
    return {
        "outcomes": [
            {"id": row.id, "label": row.short_label, "icon": row.icon} for row in specialty.outcomes
        ],
        "photo_qualities": [{"id": row.id, "label": row.photos} for row in specialty.answer.qualities],
        "urgencies": [{"id": urgency, "label": words} for urgency, words in URGENCY_WORDS.items()],
        "history_qualities": [{"id": row.id, "label": row.history} for row in specialty.answer.qualities],
    }


def call_rows(opinion: OpinionContent, now: datetime, zone: str, dated: bool = False) -> list[dict[str, str]]:
    """The calls that were made: whom, when ("8 h 50", "hier 19 h 02"; ``dated``: by its day), what was noted."""
    return [
        {
            "whom": call.whom,
            "when": _moment(call.at, now, zone, dated) if call.at else "",
            "note": call.note,
        }
        for call in opinion.calls
        if call.whom
    ]


def hour_of_call(opinion: OpinionContent, now: datetime, zone: str) -> str:
    """When the call noted so far was made, or what time it is: "08:50"."""
    at = next((call.at for call in opinion.calls if call.at), now)
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"


SHORTCUTS = (
    (("R",), "Répondre : prendre la demande"),
    (("1", "2", "3", "4", "5"), "Suites, de gauche à droite"),
    (("M",), "Aller aux modèles"),
    (("D",), "Aller au diagnostic"),
    (("←", "→"), "Photo précédente, suivante"),
    (("Z", "+", "−", "0"), "Zoom, plus, moins, entière"),
    (("C",), "Comparer deux photos"),
    (("F",), "Plein écran"),
    (("Q",), "Demander une précision"),
    (("P",), "Passer à la suivante, pendant une séance"),
    (("Ctrl", "⏎"), "Signer (⌘ ⏎ sur un Mac)"),
    (("Échap",), "Fermer ce qui est ouvert, sinon quitter un champ"),
    (("?",), "Ces raccourcis"),
)
"""The keys of the expert's page and what they do."""

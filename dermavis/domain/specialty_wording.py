"""How a request reads: the sentences that the expert's screen, the review and the PDF share, in French."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from dermavis.domain.lesion_wording import lesion_label, lesion_labels, lesion_title
from dermavis.domain.phrases import capital, number, small
from dermavis.domain.specialty_rules import flags_of, is_shown, questions_for
from dermavis.domain.specialty_schema import Question, Specialty
from dermavis.domain.unchecked import is_number, list_of, mapping_of, text_of, texts_of

DURATIONS = {
    # unit: (choice offered, one, several, an uncounted number)
    "days": ("Jours", "jour", "jours", "des jours"),
    "weeks": ("Semaines", "semaine", "semaines", "des semaines"),
    "months": ("Mois", "mois", "mois", "des mois"),
    "years": ("Années", "an", "ans", "des années"),
    "always": ("Toujours", "toujours", "toujours", "toujours"),
}
_CONFIDENCE = {"low": "peu sûr", "medium": "assez sûr", "high": "sûr"}
_WITHOUT_OPINION = {"refer": "Aurait adressé", "wait": "Aurait attendu", "treat": "Aurait traité"}


class Fact(NamedTuple):
    """One thing the expert reads. Neighbours with one section and label are one line, partly emphasised."""

    section: str
    label: str
    value: str
    emphasised: bool


class _Row:
    """A line being written: what alarms, what is merely said, what is denied."""

    def __init__(self, section: str) -> None:
        self.section = section
        self.alarming: list[str] = []
        self.said: list[str] = []
        self.denied: list[str] = []


def describe(specialty: Specialty, request: Mapping[str, Any]) -> list[Fact]:
    """The request in words: red flags, question, lesions, history, pictures that were not taken.

    What alarms stands first in its line and is emphasised; what was asked and denied follows ("Ni prurit, ni
    douleur"). Parts that are absent, or that this version of the specialty does not know, are left out.
    """
    return [
        *_red_flags(specialty, request),
        *_demand(request),
        *_lesions(specialty, request),
        *_history(specialty, request),
        *_skipped_views(specialty, request),
    ]


def _red_flags(specialty: Specialty, request: Mapping[str, Any]) -> Iterator[Fact]:
    given = mapping_of(request.get("red_flags"))
    for flag in flags_of(specialty, texts_of(given.get("flags"))):
        yield Fact("Signes d’alerte", "Signe d’alerte", f"{flag.label} {flag.detail}".strip(), True)
    whom = text_of(mapping_of(given.get("called")).get("whom"))
    if whom:
        yield Fact("Signes d’alerte", "Appel passé", whom, False)


def _demand(request: Mapping[str, Any]) -> Iterator[Fact]:
    question = text_of(request.get("question"))
    if question:
        yield Fact("Demande", "Question", question, True)
    hypothesis = mapping_of(request.get("hypothesis"))
    thought = text_of(hypothesis.get("text"))
    if thought:
        confidence = _CONFIDENCE.get(text_of(hypothesis.get("confidence")), "")
        yield Fact("Demande", "Hypothèse", f"{thought} ({confidence})" if confidence else thought, False)
    without = _WITHOUT_OPINION.get(text_of(request.get("without_opinion")))
    if without:
        yield Fact("Demande", "Sans cet avis", without, False)


def _lesions(specialty: Specialty, request: Mapping[str, Any]) -> Iterator[Fact]:
    lesions = _lesions_of(request)
    motive = text_of(request.get("motive"))
    for rank, lesion in enumerate(lesions):
        label = lesion_label(rank, len(lesions))
        yield Fact("Lésions", label, lesion_title(specialty, motive, lesion), False)
        aspect = [
            row.phrase or small(row.label)
            for row in specialty.elementary_lesions
            if row.id in list_of(lesion.get("elementary"))
        ]
        if lesion.get("pigmented") is True:
            aspect.append("pigmentée")
        if aspect:
            row = f"Aspect, {small(label)}" if len(lesions) > 1 else "Aspect"
            yield Fact("Lésions", row, capital(", ".join(aspect)), False)


def _lesions_of(request: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [lesion for lesion in list_of(request.get("lesions")) if isinstance(lesion, Mapping)]


def _history(specialty: Specialty, request: Mapping[str, Any]) -> Iterator[Fact]:
    """The answers in their rows; of several lesions, those that belong to a lesion stand in rows of its own."""
    lesions = _lesions_of(request)
    if len(lesions) < 2 or not any(question.per_lesion for question in specialty.questions):
        yield from _answers(specialty, request, request.get("history"))
        return
    facts = list(_answers(specialty, request, request.get("history"), per_lesion=False))
    for rank, lesion in enumerate(lesions):
        answers = lesion.get("history") if rank else request.get("history")
        of_lesion = small(lesion_label(rank, len(lesions)))
        for fact in _answers(specialty, request, answers, per_lesion=True):
            facts.append(fact._replace(label=f"{fact.label}, {of_lesion}"))
    sections = list({screen.section: None for screen in specialty.screens})
    yield from sorted(facts, key=lambda fact: sections.index(fact.section))


def _answers(
    specialty: Specialty, request: Mapping[str, Any], answers: object, per_lesion: bool | None = None
) -> Iterator[Fact]:
    """``per_lesion``: only those questions that are, or are not, asked of each lesion; None: all of them."""
    sections = {screen.id: screen.section for screen in specialty.screens}
    history = mapping_of(answers)
    sex = text_of(mapping_of(request.get("patient")).get("sex"))
    asked = [
        question
        for question in questions_for(specialty, text_of(request.get("motive")))
        if is_shown(question, sex, history) and per_lesion in (None, question.per_lesion)
    ]
    alone = {question.row for question in asked} - {
        question.row
        for rank, question in enumerate(asked)
        if question.row in {row.row for row in asked[:rank]}
    }
    rows: dict[str, _Row] = {}
    for question in asked:
        row = rows.setdefault(question.row, _Row(sections[question.screen]))
        if question.follow is None or not _joins(specialty, question):
            details = [other for other in asked if other.follow and other.follow.question == question.id]
            details = [other for other in details if _joins(specialty, other)]
            _write(row, question, details, history, alone=question.row in alone)
    ordered = sorted(rows.items(), key=lambda item: list(sections.values()).index(item[1].section))
    for label, row in ordered:
        yield from _facts(label, row)


def _joins(specialty: Specialty, question: Question) -> bool:
    """A detail of a yes continues its sentence: "Saigne au frottement", "Fièvre à 39,2 °C"."""
    follow = question.follow
    return follow is not None and any(
        other.id == follow.question and other.kind == "yes_no" for other in specialty.questions
    )


def _write(
    row: _Row, question: Question, details: list[Question], history: Mapping[str, Any], *, alone: bool
) -> None:
    answer = mapping_of(history.get(question.id))
    status, value = answer.get("status"), answer.get("value")
    if status == "unknown" and question.unknown_label:
        said = f"{question.short_label}\u00a0: {small(question.unknown_label)}"
        row.said.append(question.unknown_label if alone else said)
    elif status == "none" and question.negative:
        row.denied.append(question.negative)
    elif status == "none" and question.none_label:
        row.said.append(question.none_label)
    elif status == "answered" and question.kind == "yes_no" and value is False:
        row.denied.append(question.negative)
    elif status == "answered":
        said = answer_phrase(question, value)
        for detail in details:
            more = mapping_of(history.get(detail.id))
            if more.get("status") == "answered":
                said = f"{said} {answer_phrase(detail, more.get('value'))}".strip()
        if said:
            (row.alarming if question.alarming or _unusual(question, value) else row.said).append(said)


def answer_phrase(question: Question, value: object) -> str:
    """An answer as it reads in a sentence; empty when the value is not one of this question's."""
    if question.kind == "yes_no":
        return question.positive if value is True else ""
    said = ""
    if question.kind == "text":
        said = text_of(value)
    elif question.kind == "number" and is_number(value):
        said = number(value) + (f"\u00a0{question.unit}" if question.unit else "")
    elif question.kind == "duration":
        said = _duration(mapping_of(value))
    elif question.kind in ("choice", "choices"):
        chosen = texts_of(value) if isinstance(value, list) else [text_of(value)]
        said = ", ".join(row.phrase or small(row.label) for row in question.options if row.id in chosen)
    return question.phrase.replace("{}", said) if said else ""


def _duration(value: Mapping[str, Any]) -> str:
    words = DURATIONS.get(text_of(value.get("unit")))
    if words is None:
        return ""
    count = value.get("count")
    if not is_number(count) or value.get("unit") == "always":
        return words[3]
    return f"{number(count)}\u00a0{words[1] if count == 1 else words[2]}"


def _unusual(question: Question, value: object) -> bool:
    if not is_number(value):
        return False
    low, high = question.usual_min, question.usual_max
    return (low is not None and value < low) or (high is not None and value > high)


def _facts(label: str, row: _Row) -> Iterator[Fact]:
    rest = [capital(", ".join(row.said))] if row.said else []
    if row.denied:
        rest.append(_denial(row.denied))
    if row.alarming:
        alarm = capital(", ".join(row.alarming))
        yield Fact(row.section, label, f"{alarm}." if rest and not alarm.endswith(".") else alarm, True)
    if rest:
        yield Fact(row.section, label, ". ".join(part.rstrip(".") for part in rest), False)


def _denial(nouns: list[str]) -> str:
    if len(nouns) > 1:
        return capital(", ".join(f"ni {noun}" for noun in nouns))
    elided = nouns[0][0].lower() in "aeiouyâàéèêëîïôöûùœæ"
    return f"Pas d’{nouns[0]}" if elided else f"Pas de {nouns[0]}"


def _skipped_views(specialty: Specialty, request: Mapping[str, Any]) -> Iterator[Fact]:
    labels = {view.id: view.label for view in specialty.views}
    which = lesion_labels(_lesions_of(request))
    reasons = {reason.id: small(reason.label) for reason in specialty.skip_reasons}
    for photo in still_skipped(request):
        skipped = text_of(photo.get("skipped"))
        label = labels.get(text_of(photo.get("view")))
        if skipped and label:
            of_lesion = which.get(text_of(photo.get("lesion")), "")
            said = f"{label}{f', {small(of_lesion)}' if of_lesion else ''}\u00a0: {reasons.get(skipped, skipped)}"
            yield Fact("Photos", "Vues non prises", said, False)


def still_skipped(
    request: Mapping[str, Any], taken: Collection[tuple[str, str]] = ()
) -> list[Mapping[str, Any]]:
    """The skipped views that were not taken later: by a picture of the request, or by one of ``taken`` (lesion, view).

    A picture or a view of no lesion in particular counts for every lesion.
    """
    photos = [mapping_of(photo) for photo in list_of(request.get("photos"))]
    there = {*taken, *(_place(photo) for photo in photos if not text_of(photo.get("skipped")))}
    return [
        photo
        for photo in photos
        if text_of(photo.get("skipped")) and not any(_same_place(_place(photo), place) for place in there)
    ]


def _place(photo: Mapping[str, Any]) -> tuple[str, str]:
    return text_of(photo.get("lesion")), text_of(photo.get("view"))


def _same_place(one: tuple[str, str], other: tuple[str, str]) -> bool:
    return one[1] == other[1] and (one[0] == other[0] or not one[0] or not other[0])

"""The opinion as plain text, to be pasted into the practice's own software: short lines, no markup, no table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from dermavis.domain.report import LesionOpinion, Report
from dermavis.domain.wording import birth_date_words, moment_words


def plain_text(report: Report) -> str:
    """Return the report's words, the outcome first, each line ready for any text field."""
    return "\n".join(_lines(report)).strip() + "\n"


def _lines(report: Report) -> Iterator[str]:
    zone = report["time_zone"]
    signed = moment_words(datetime.fromisoformat(report["signed_at"]), zone)
    yield from _entered_in_error(report, zone)
    yield from _replaced(report, zone)
    yield f"AVIS DE TÉLÉEXPERTISE {report['number']} – {report['specialty']}"
    yield f"Patient : {report['patient']['name']}, {_born(report)}"
    yield from _identity_corrected(report, zone)
    yield f"Demandé par {_who(report['requester'])}"
    yield f"Rendu par {_who(report['expert'])}, le {signed} (version {report['version']})"
    yield from _replaces(report, zone)
    yield ""
    outcome = report["outcome"]
    delay = f" ({outcome['delay']})" if outcome.get("delay") else ""
    yield f"SUITE : {outcome['label']}{delay}"
    yield from (f"- {words}" for words in (*outcome.get("more", []), outcome.get("referred")) if words)
    several = len(report["lesions"]) > 1
    for number, lesion in enumerate(report["lesions"], start=1):
        yield ""
        if several or lesion.get("title"):
            yield f"LÉSION{f' {number}' if several else ''} : {lesion.get('title', '')}".rstrip(" :")
        yield from _lesion(lesion)
    for label, key in (
        ("Reconsulter si", "safety_net"),
        ("Pour la prochaine fois", "teaching"),
        ("Conseil pour les photos", "photo_advice"),
    ):
        words = report.get(key)
        if words:
            yield ""
            yield f"{label} : {words}"
    for call in report.get("calls", []):
        called = moment_words(datetime.fromisoformat(call["at"]), zone) if call.get("at") else ""
        yield f"Appel : {call['whom']}{f', le {called}' if called else ''}"
    if report.get("question"):
        yield ""
        yield f"Question posée : {report['question']}"
    yield ""
    yield from _rests_on(report, zone)
    yield "Avis rendu sur la base des informations transmises."


def _entered_in_error(report: Report, zone: str) -> Iterator[str]:
    """The mark of a case that was an error, above everything else."""
    if report.get("entered_in_error_at"):
        when = moment_words(datetime.fromisoformat(report["entered_in_error_at"]), zone)
        yield f"SAISI PAR ERREUR (marqué le {when}) : n’en tenez pas compte."
        yield ""


def _replaced(report: Report, zone: str) -> Iterator[str]:
    """The mark of a version that is no longer in force, before anything else."""
    if report.get("replaced_by"):
        when = moment_words(datetime.fromisoformat(report["replaced_at"]), zone)
        yield f"VERSION REMPLACÉE par la version {report['replaced_by']} du {when} : ne plus s’y fier."
        yield ""


def _identity_corrected(report: Report, zone: str) -> Iterator[str]:
    """That the patient is known under another identity since; the report keeps the one that it was given under."""
    if report.get("identity_corrected_at"):
        when = moment_words(datetime.fromisoformat(report["identity_corrected_at"]), zone)
        yield f"Identité corrigée depuis (le {when}) : ce compte rendu garde celle qu’il portait."


def _replaces(report: Report, zone: str) -> Iterator[str]:
    """Which version this one replaces, and why."""
    if report.get("replaces_version"):
        when = moment_words(datetime.fromisoformat(report["replaces_signed_at"]), zone)
        yield f"Version {report['version']}, remplace la version {report['replaces_version']} du {when}"
    if report.get("amends_why"):
        yield f"{report['amends']} : {report['amends_why']}"


def _rests_on(report: Report, zone: str) -> Iterator[str]:
    """Which revision of the request its expert had read."""
    if report.get("request_version"):
        when = moment_words(datetime.fromisoformat(report["request_made_at"]), zone)
        yield f"D’après la version {report['request_version']} de la demande, du {when}."


def _lesion(lesion: LesionOpinion) -> Iterator[str]:
    if lesion.get("outcome"):
        yield f"Suite pour cette lésion : {lesion['outcome']}"
    sure = ", ".join(part for part in (lesion.get("certainty", "").lower(), lesion.get("code", "")) if part)
    yield f"Diagnostic : {lesion.get('diagnosis', '')}{f' ({sure})' if sure else ''}"
    if lesion.get("description"):
        yield f"Description : {lesion['description']}"
    if lesion.get("differentials"):
        yield f"À discuter : {', '.join(lesion['differentials'])}"
    yield f"Conduite : {lesion.get('conduct', '')}"
    for row in lesion.get("treatments", []):
        yield "- " + ", ".join(
            part for part in (row.get("drug"), row.get("dose"), row.get("duration")) if part
        )
    if lesion.get("tests"):
        yield f"Examens : {lesion['tests']}"
    if lesion.get("biopsy"):
        yield "Biopsie conseillée"


def _born(report: Report) -> str:
    sex = report["patient"].get("sex")
    word = {"F": "née le", "M": "né le"}.get(sex or "", "né(e) le")
    return f"{word} {birth_date_words(date.fromisoformat(report['patient']['birth_date']))}"


def _who(professional: object) -> str:
    parts = dict(professional) if isinstance(professional, dict) else {}
    return ", ".join(part for part in (parts.get("name"), parts.get("organization")) if part)

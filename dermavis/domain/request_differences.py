"""What differs between two contents of a request, part by part, in the words of its specialty.

A part is what a person keeps or takes as one: an answer, a trait of the identity, a lesion, a picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from dermavis.domain.deadlines import URGENCY_WORDS
from dermavis.domain.differences import Kind, Path, apply, difference, value_at
from dermavis.domain.identity import STATUS_WORDS, IdentityStatus
from dermavis.domain.phones import show_phone
from dermavis.domain.specialty import Specialty, describe
from dermavis.domain.specialty_wording import answer_phrase
from dermavis.domain.unchecked import mapping_of, text_of
from dermavis.domain.wording import birth_date_words

SILENT: frozenset[Path] = frozenset(
    {("format",), ("specialty",), ("device",), ("patient", "id"), ("patient", "treating_doctor_id")}
)
"""Nobody wrote these: the form of the content, and the phone's clock."""

SECTIONS = ("Patient", "Contact", "Accord", "Signes d’alerte", "Demande", "Lésions", "Photos")
"""In this order; the sections of the history follow as the specialty names them."""

_TRAITS = {
    "birth_name": "Nom de naissance",
    "used_name": "Nom utilisé",
    "first_name": "Prénom",
    "given_names": "Prénoms",
    "birth_date": "Date de naissance",
    "sex": "Sexe",
    "birthplace_insee": "Lieu de naissance",
    "ins": "Matricule INS",
    "ins_oid": "Origine du matricule",
    "phone": "Téléphone du patient",
    "address": "Adresse",
    "postcode": "Code postal",
    "commune": "Commune",
    "place_of_stay": "Lieu de vie",
    "treating_doctor": "Médecin traitant",
    "treating_doctor_refused": "Envoi au médecin traitant",
    "representative": "Représentant",
    "identity_status": "Identité",
    "document": "Pièce d’identité",
}
_SEXES = {"F": "Femme", "M": "Homme", "U": "Inconnu"}
_PLACES = {
    "home": "À domicile",
    "ehpad": "En EHPAD",
    "institution": "En établissement médico-social",
    "prison": "En détention",
    "other": "Autre lieu",
}
_MODES = {"default": "Par défaut", "named": "Une personne choisie", "team_queue": "Une équipe choisie"}
_WHOLE = {
    "red_flags": ("Signes d’alerte", "Signes d’alerte"),
    "consent": ("Accord", "Accord du patient"),
    "motive": ("Demande", "Motif"),
    "question": ("Demande", "Question"),
    "hypothesis": ("Demande", "Hypothèse"),
    "without_opinion": ("Demande", "Sans cet avis"),
    "urgency": ("Demande", "Délai demandé"),
    "addressing": ("Demande", "Destinataire"),
}
_CONTACT = {"phone": "Où joindre le demandeur", "substitute": "Remplaçant"}


@dataclass(frozen=True)
class PartDifference:
    """A part that differs: its words on either side, empty where it is not there.

    ``photo`` and ``taken``: the picture's id where the part is one, and whether it was taken rather than skipped.
    """

    path: Path
    section: str
    label: str
    kind: Kind
    before: str
    after: str
    photo: str = ""
    taken: bool = False


def part_differences(
    specialty: Specialty,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    names: Mapping[str, str] | None = None,
) -> list[PartDifference]:
    """Return the parts that read otherwise, by section; ``names`` are those of teams and persons, by id."""
    one, other = {**_EMPTY, **before}, {**_EMPTY, **after}
    paths = dict.fromkeys(_part(change.path) for change in difference(one, other))
    found = [_in_words(specialty, one, other, path, names or {}) for path in paths if _is_said(path)]
    order = [*SECTIONS, *(screen.section for screen in specialty.screens)]
    return sorted(
        (row for row in found if row.before != row.after),
        key=lambda row: order.index(row.section) if row.section in order else len(order),
    )


def joined(base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``theirs`` with each part in it that ``mine`` changed since ``base``: mine stands where both did."""
    touched = {_part(change.path) for change in difference(base, mine)}
    content: dict[str, Any] = apply(
        theirs,
        [
            change
            for change in difference(theirs, mine)
            if change.kind is not Kind.ORDERED and _part(change.path) in touched
        ],
    )
    return content


_EMPTY: dict[str, Any] = {"patient": {}, "contact": {}, "history": {}, "lesions": [], "photos": []}


def _part(path: Path) -> Path:
    return path[:2] if path[0] in _EMPTY else path[:1]


def _is_said(path: Path) -> bool:
    """Neither the form of the content nor the mere order of its pictures."""
    return path not in SILENT and (path[0] not in _EMPTY or len(path) == 2)


def _in_words(
    specialty: Specialty,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    path: Path,
    names: Mapping[str, str],
) -> PartDifference:
    one, other = value_at(before, path), value_at(after, path)
    section, label = _label(specialty, path, after if other is not None else before)
    words = [
        _words(specialty, content, path, names) if value is not None else ""
        for content, value in ((before, one), (after, other))
    ]
    is_photo = path[0] == "photos"
    there = mapping_of(other if other is not None else one)
    return PartDifference(
        path=path,
        section=section,
        label=label,
        kind=Kind.ADDED if not words[0] else Kind.REMOVED if not words[1] else Kind.CHANGED,
        before=words[0],
        after=words[1],
        photo=path[1] if is_photo else "",
        taken=is_photo and not there.get("skipped"),
    )


def _label(specialty: Specialty, path: Path, content: Mapping[str, Any]) -> tuple[str, str]:
    """The section and the label of a part."""
    if path[0] == "patient":
        return "Patient", _TRAITS.get(path[1], "Identité")
    if path[0] == "contact":
        return "Contact", _CONTACT.get(path[1], "Contact")
    if path[0] == "history":
        question = next((row for row in specialty.questions if row.id == path[1]), None)
        sections = {screen.id: screen.section for screen in specialty.screens}
        return (sections[question.screen], question.short_label) if question else ("Demande", "Autre réponse")
    if path[0] == "lesions":
        rank = [lesion.get("id") for lesion in content["lesions"]].index(path[1]) + 1
        return "Lésions", f"Lésion {rank}" if len(content["lesions"]) > 1 else "Lésion"
    if path[0] == "photos":
        view = mapping_of(value_at(content, path)).get("view")
        return "Photos", next((row.label for row in specialty.views if row.id == view), "Photo")
    return _WHOLE.get(path[0], ("Demande", "Autre réponse"))


def _words(specialty: Specialty, content: Mapping[str, Any], path: Path, names: Mapping[str, str]) -> str:
    """A part as it reads; empty where nothing was said."""
    value = value_at(content, path)
    match path[0]:
        case "patient":
            return _trait(path[1], value)
        case "contact":
            return show_phone(text_of(value)) if path[1] == "phone" else text_of(value)
        case "history":
            return _answer(specialty, path[1], mapping_of(value))
        case "lesions":
            return _described(specialty, "Lésions", {"motive": content.get("motive"), "lesions": [value]})
        case "photos":
            return _picture(specialty, mapping_of(value))
        case "red_flags":
            said = _described(specialty, "Signes d’alerte", {"red_flags": value})
            return said or ("Aucun" if mapping_of(value).get("answered") else "")
        case "consent":
            return _consent(mapping_of(value))
        case "hypothesis" | "without_opinion":
            return _described(specialty, "Demande", {path[0]: value})
        case "motive":
            return next((row.label for row in specialty.motives if row.id == value), text_of(value))
        case "urgency":
            return URGENCY_WORDS.get(text_of(value), "")
        case "addressing":
            chosen = mapping_of(value)
            named = names.get(text_of(chosen.get("person"))) or names.get(text_of(chosen.get("team")))
            return named or _MODES.get(text_of(chosen.get("mode")), "")
        case _:
            return text_of(value)


def _trait(name: str, value: Any) -> str:
    if name == "representative":
        return ", ".join(
            filter(None, (text_of(mapping_of(value).get(part)) for part in ("name", "relation")))
        )
    if name == "treating_doctor_refused":
        return "Le patient s’y oppose" if value else ""
    said = text_of(value)
    if name == "birth_date" and said:
        return birth_date_words(date.fromisoformat(said))
    if name == "phone":
        return show_phone(said)
    if name == "identity_status" and said:
        return STATUS_WORDS[IdentityStatus(said)]
    return {"sex": _SEXES, "place_of_stay": _PLACES}.get(name, {}).get(said, said)


def _answer(specialty: Specialty, name: str, answer: Mapping[str, Any]) -> str:
    question = next((row for row in specialty.questions if row.id == name), None)
    status, value = answer.get("status"), answer.get("value")
    if status == "unknown":
        return (question.unknown_label if question else "") or "Inconnu"
    if status == "none":
        return (question.none_label if question else "") or "Aucun"
    if question is None or status != "answered":
        return text_of(value)
    if question.kind == "yes_no":
        return "Oui" if value is True else "Non" if value is False else ""
    said = answer_phrase(question, value)
    return said[:1].upper() + said[1:]


def _described(specialty: Specialty, section: str, request: Mapping[str, Any]) -> str:
    return ". ".join(
        fact.value.rstrip(".") for fact in describe(specialty, request) if fact.section == section
    )


def _picture(specialty: Specialty, photo: Mapping[str, Any]) -> str:
    skipped = text_of(photo.get("skipped"))
    if not skipped:
        return "Photo prise, avec un repère" if photo.get("marks") else "Photo prise"
    reason = next((row.label for row in specialty.skip_reasons if row.id == skipped), skipped)
    return f"Non prise\u00a0: {reason[:1].lower()}{reason[1:]}"


def _consent(consent: Mapping[str, Any]) -> str:
    if not consent.get("given"):
        return ""
    by = text_of(consent.get("representative_name")) if consent.get("by") == "representative" else ""
    sensitive = "photos sensibles comprises" if consent.get("sensitive_pictures") else ""
    return ", ".join(filter(None, ("Donné", f"par {by}" if by else "", sensitive)))

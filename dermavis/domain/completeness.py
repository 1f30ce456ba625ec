"""What a request still lacks: one answer for the wizard's review, the coordinator's board and the sending."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from dermavis.domain.answers import answer_problem, is_empty
from dermavis.domain.specialty_rules import highest_tier, is_shown, questions_for, required_views
from dermavis.domain.specialty_schema import Question, Specialty
from dermavis.domain.unchecked import list_of, mapping_of, text_of

_TRAITS = {
    "birth_name": ("Nom de naissance", "Indiquez le nom de naissance du patient."),
    "first_name": ("Prénom", "Indiquez le premier prénom de naissance du patient."),
    "birth_date": ("Date de naissance", "Indiquez la date de naissance du patient."),
    "sex": ("Sexe", "Indiquez le sexe du patient."),
}


class Missing(NamedTuple):
    """A part that is lacking or wrong: its path in the request, a short label, who can complete it, what to do.

    `administrative` parts may be completed by a coordinator or a secretary; the others are the requester's.
    """

    field: str
    label: str
    administrative: bool
    message: str


def missing(
    specialty: Specialty, request: Mapping[str, Any], *, site_has_dermatoscope: bool = False
) -> list[Missing]:
    """All that keeps a request from being sent, in the order of its screens; empty when it is complete.

    Accepts any JSON object, a bare draft included. A picture counts once its sha256 is known; whether the
    server holds it is not said here.
    """
    return [
        *_red_flags(specialty, request),
        *_patient(request),
        *_consent(request),
        *_motive(specialty, request),
        *_lesions(specialty, request),
        *_photos(specialty, request, site_has_dermatoscope),
        *_history(specialty, request),
        *_address(specialty, request),
    ]


def advisable(specialty: Specialty, request: Mapping[str, Any]) -> list[Missing]:
    """What would help and prevents nothing: qualified identity, telephones, a clear question, a size."""
    return [*_advisable_identity(request), *_advisable_content(specialty, request)]


def _red_flags(specialty: Specialty, request: Mapping[str, Any]) -> Iterator[Missing]:
    if not specialty.red_flags:
        return
    given = mapping_of(request.get("red_flags"))
    if given.get("answered") is not True:
        yield Missing("red_flags", "Signes d’alerte", False, "Dites si l’un des signes d’alerte est présent.")
        return
    tier = highest_tier(specialty, [flag for flag in list_of(given.get("flags")) if isinstance(flag, str)])
    if tier is None:
        return
    if tier != "soon" and not text_of(mapping_of(given.get("called")).get("whom")):
        yield Missing(
            "red_flags.called", "Appel à noter", False, "Notez qui vous avez appelé avant de poursuivre."
        )
    if request.get("urgency") not in ("soon", "urgent"):
        yield Missing(
            "urgency",
            "Urgence",
            False,
            "Un signe d’alerte est présent\u00a0: choisissez «\u00a0sous 24\u00a0h\u00a0» ou «\u00a0urgente\u00a0».",
        )


def _patient(request: Mapping[str, Any]) -> Iterator[Missing]:
    patient = mapping_of(request.get("patient"))
    for key, (label, message) in _TRAITS.items():
        value = text_of(patient.get(key))
        if not value or (key == "birth_date" and not _is_day(value)):
            yield Missing(f"patient.{key}", label, True, message)


def _consent(request: Mapping[str, Any]) -> Iterator[Missing]:
    consent = mapping_of(request.get("consent"))
    if consent.get("given") is not True:
        yield Missing("consent", "Accord du patient", False, "Recueillez l’accord du patient, oral suffit.")
    elif consent.get("by") == "representative" and not text_of(consent.get("representative_name")):
        yield Missing(
            "consent.representative_name",
            "Nom du représentant",
            True,
            "Nommez le représentant qui a donné l’accord.",
        )


def _motive(specialty: Specialty, request: Mapping[str, Any]) -> Iterator[Missing]:
    if request.get("motive") not in [motive.id for motive in specialty.motives]:
        yield Missing("motive", "Motif", False, "Choisissez le motif de la demande.")


def _lesions(specialty: Specialty, request: Mapping[str, Any]) -> Iterator[Missing]:
    if not specialty.uses_lesions:
        return
    lesions = _lesions_of(request)
    if not lesions:
        yield Missing(
            "lesions", "Siège de la lésion", False, "Montrez où est la lésion sur le schéma du corps."
        )
    most = specialty.most_lesions
    if len(lesions) > most:
        yield Missing(
            "lesions",
            "Trop de lésions",
            False,
            f"{most} lésions au plus\u00a0: retirez-en une, ou envoyez deux demandes.",
        )
    for rank, lesion in enumerate(lesions):
        which = _which(rank, lesions)
        site = next((row for row in specialty.body_sites if row.id == lesion.get("site")), None)
        if site is None and not text_of(lesion.get("free_site")):
            yield Missing(
                f"lesions.{_name(lesion, rank)}.site",
                f"Siège{which}",
                False,
                "Montrez où est la lésion sur le schéma du corps, ou écrivez-le.",
            )
        elif site is not None and site.sides and lesion.get("side") not in site.sides:
            yield Missing(
                f"lesions.{_name(lesion, rank)}.side", f"Côté{which}", False, "Indiquez le côté de la lésion."
            )


def _photos(
    specialty: Specialty, request: Mapping[str, Any], site_has_dermatoscope: bool
) -> Iterator[Missing]:
    if not specialty.uses_pictures:
        return
    motive = text_of(request.get("motive"))
    lesions: list[Mapping[str, Any] | None] = list(_lesions_of(request))
    if not specialty.uses_lesions:
        lesions = [None]
    told: set[str] = set()
    for rank, lesion in enumerate(lesions):
        for view in required_views(specialty, motive, lesion, site_has_dermatoscope):
            of_lesion = lesion is not None and view.per_lesion
            field = f"photos.{_name(lesion, rank)}.{view.id}" if lesion and of_lesion else f"photos.{view.id}"
            if field in told or _has_photo(request, view.id, lesion if of_lesion else None, len(lesions)):
                continue
            told.add(field)
            label = view.short_label + (_which(rank, lesions) if of_lesion else "")
            message = f"Prenez la photo «\u00a0{view.label}\u00a0», ou dites pourquoi elle manque."
            yield Missing(field, label, False, message)


def _has_photo(request: Mapping[str, Any], view: str, lesion: Mapping[str, Any] | None, lesions: int) -> bool:
    for photo in list_of(request.get("photos")):
        if not isinstance(photo, Mapping) or photo.get("view") != view:
            continue
        mine = lesion is None or photo.get("lesion") == lesion.get("id")
        shared = photo.get("lesion") is None and lesions == 1
        if (mine or shared) and (text_of(photo.get("sha256")) or text_of(photo.get("skipped"))):
            return True
    return False


def _history(specialty: Specialty, request: Mapping[str, Any]) -> Iterator[Missing]:
    """What is asked of the request and its first lesion; then, of each further lesion, what is asked of each."""
    lesions = _lesions_of(request) if specialty.uses_lesions else []
    for question, problem in _unanswered(specialty, request, request.get("history")):
        which = _which(0, lesions) if question.per_lesion else ""
        yield Missing(f"history.{question.id}", question.short_label + which, False, problem)
    for rank, lesion in enumerate(lesions[1:], start=1):
        for question, problem in _unanswered(specialty, request, lesion.get("history")):
            if question.per_lesion:
                field = f"lesions.{_name(lesion, rank)}.history.{question.id}"
                yield Missing(field, question.short_label + _which(rank, lesions), False, problem)


def _unanswered(
    specialty: Specialty, request: Mapping[str, Any], answers: object
) -> Iterator[tuple[Question, str]]:
    """The questions that these answers leave open or answer wrongly, each with what to do."""
    history = mapping_of(answers)
    sex = text_of(mapping_of(request.get("patient")).get("sex"))
    for question in questions_for(specialty, text_of(request.get("motive"))):
        answer = history.get(question.id)
        if not is_shown(question, sex, history) or (not question.required and is_empty(answer)):
            continue
        problem = answer_problem(question, answer)
        if problem:
            yield question, problem


def _address(specialty: Specialty, request: Mapping[str, Any]) -> Iterator[Missing]:
    if specialty.question_required and not text_of(request.get("question")):
        yield Missing("question", "Question", False, "Écrivez votre question à l’expert.")
    if not text_of(mapping_of(request.get("contact")).get("phone")):
        yield Missing("contact.phone", "Votre téléphone", True, "Indiquez le numéro où vous joindre.")
    addressing = mapping_of(request.get("addressing"))
    mode = addressing.get("mode", "default")
    named = text_of(addressing.get("team")) or (text_of(addressing.get("person")) and mode == "named")
    if mode not in ("default", "named", "team_queue") or (mode != "default" and not named):
        yield Missing("addressing", "Destinataire", True, "Choisissez à qui envoyer la demande.")


def _advisable_identity(request: Mapping[str, Any]) -> Iterator[Missing]:
    patient = mapping_of(request.get("patient"))
    if text_of(patient.get("identity_status")) in ("", "provisional"):
        yield Missing(
            "patient.identity_status", "Identité provisoire", True, "Vérifiez une pièce d’identité."
        )
    if not text_of(patient.get("phone")):
        yield Missing("patient.phone", "Téléphone du patient", True, "Indiquez le téléphone du patient.")
    if not text_of(patient.get("treating_doctor")):
        yield Missing("patient.treating_doctor", "Médecin traitant", True, "Indiquez le médecin traitant.")


def _advisable_content(specialty: Specialty, request: Mapping[str, Any]) -> Iterator[Missing]:
    lesions = _lesions_of(request) if specialty.uses_lesions else []
    for rank, lesion in enumerate(lesions):
        if not lesion.get("size_mm"):
            field = f"lesions.{_name(lesion, rank)}.size_mm"
            yield Missing(
                field, f"Taille{_which(rank, lesions)}", False, "Mesurez la lésion, en millimètres."
            )
    if not specialty.question_required and not text_of(request.get("question")):
        yield Missing("question", "Question", False, "Une question précise reçoit une réponse plus utile.")


def _lesions_of(request: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [lesion for lesion in list_of(request.get("lesions")) if isinstance(lesion, Mapping)]


def _which(rank: int, lesions: list[Any]) -> str:
    return f", lésion {rank + 1}" if len(lesions) > 1 else ""


def _name(lesion: Mapping[str, Any], rank: int) -> str:
    return text_of(lesion.get("id")) or str(rank)


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True

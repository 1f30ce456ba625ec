"""What a request still lacks: one answer for the wizard's review, the coordinator's board and the sending."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from dermavis.domain.specialty_rules import highest_tier, is_shown, questions_for, required_views
from dermavis.domain.specialty_schema import Question, Specialty
from dermavis.domain.specialty_wording import DURATIONS, number

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
    given = _mapping(request.get("red_flags"))
    if given.get("answered") is not True:
        yield Missing("red_flags", "Signes d’alerte", False, "Dites si l’un des signes d’alerte est présent.")
        return
    tier = highest_tier(specialty, [flag for flag in _list(given.get("flags")) if isinstance(flag, str)])
    if tier is None:
        return
    if tier != "soon" and not _text(_mapping(given.get("called")).get("whom")):
        yield Missing(
            "red_flags.called", "Appel à noter", False, "Notez qui vous avez appelé avant de poursuivre."
        )
    if request.get("urgency") not in ("soon", "urgent"):
        yield Missing(
            "urgency",
            "Urgence",
            False,
            "Un signe d’alerte est présent : choisissez « sous 24 h » ou « urgente ».",
        )


def _patient(request: Mapping[str, Any]) -> Iterator[Missing]:
    patient = _mapping(request.get("patient"))
    for key, (label, message) in _TRAITS.items():
        value = _text(patient.get(key))
        if not value or (key == "birth_date" and not _is_day(value)):
            yield Missing(f"patient.{key}", label, True, message)


def _consent(request: Mapping[str, Any]) -> Iterator[Missing]:
    consent = _mapping(request.get("consent"))
    if consent.get("given") is not True:
        yield Missing("consent", "Accord du patient", False, "Recueillez l’accord du patient, oral suffit.")
    elif consent.get("by") == "representative" and not _text(consent.get("representative_name")):
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
    for rank, lesion in enumerate(lesions):
        which = _which(rank, lesions)
        site = next((row for row in specialty.body_sites if row.id == lesion.get("site")), None)
        if site is None and not _text(lesion.get("free_site")):
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
    motive = _text(request.get("motive"))
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
            message = f"Prenez la photo « {view.label} », ou dites pourquoi elle manque."
            yield Missing(field, label, False, message)


def _has_photo(request: Mapping[str, Any], view: str, lesion: Mapping[str, Any] | None, lesions: int) -> bool:
    for photo in _list(request.get("photos")):
        if not isinstance(photo, Mapping) or photo.get("view") != view:
            continue
        mine = lesion is None or photo.get("lesion") == lesion.get("id")
        shared = photo.get("lesion") is None and lesions == 1
        if (mine or shared) and (_text(photo.get("sha256")) or _text(photo.get("skipped"))):
            return True
    return False


def _history(specialty: Specialty, request: Mapping[str, Any]) -> Iterator[Missing]:
    history = _mapping(request.get("history"))
    sex = _text(_mapping(request.get("patient")).get("sex"))
    for question in questions_for(specialty, _text(request.get("motive"))):
        if not is_shown(question, sex, history):
            continue
        answer = history.get(question.id)
        if not question.required and _is_empty(answer):
            continue
        problem = answer_problem(question, answer)
        if problem:
            yield Missing(f"history.{question.id}", question.short_label, False, problem)


def _is_empty(answer: object) -> bool:
    given = _mapping(answer)
    return given.get("status", "answered") == "answered" and given.get("value") in (None, "", [], {})


def answer_problem(question: Question, answer: object) -> str | None:
    """Why this answer cannot be kept, as a French sentence to show beside it; None when it is good."""
    given = _mapping(answer)
    status, value = given.get("status"), given.get("value")
    if status == "none" and question.none_label:
        return None
    if status == "unknown" and question.unknown_label:
        return None
    if status != "answered" or _is_empty(answer):
        return _ask(question)
    if question.kind == "text":
        return None if _text(value) else _ask(question)
    if question.kind == "number":
        return _number_problem(question, value)
    if question.kind == "yes_no":
        return None if isinstance(value, bool) else _ask(question)
    if question.kind == "duration":
        return _duration_problem(question, _mapping(value))
    return _choice_problem(question, value)


def _ask(question: Question) -> str:
    labels = [label for label in (question.none_label, question.unknown_label) if label]
    others = [f"«\N{NO-BREAK SPACE}{label}\N{NO-BREAK SPACE}»" for label in labels]
    verb = "Écrivez une réponse" if question.kind == "text" else "Donnez une réponse"
    return f"{verb}, ou {' ou '.join(others)}." if others else f"{verb}."


def _number_problem(question: Question, value: object) -> str | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return "Écrivez un nombre."
    unit = f"\N{NO-BREAK SPACE}{question.unit}" if question.unit else ""
    if question.min is not None and not value >= question.min:
        return f"Le plus petit nombre possible est {number(question.min)}{unit}."
    if question.max is not None and not value <= question.max:
        return f"Le plus grand nombre possible est {number(question.max)}{unit}."
    return None


def _duration_problem(question: Question, value: Mapping[str, Any]) -> str | None:
    if _text(value.get("unit")) not in DURATIONS:
        return _ask(question)
    count = value.get("count")
    if count is None or (isinstance(count, int) and not isinstance(count, bool) and 1 <= count <= 999):
        return None
    return "Écrivez un nombre entier, de 1 à 999."


def _choice_problem(question: Question, value: object) -> str | None:
    known = {option.id for option in question.options}
    if question.kind == "choice":
        return None if isinstance(value, str) and value in known else _ask(question)
    good = isinstance(value, list) and all(isinstance(item, str) and item in known for item in value)
    return None if good else _ask(question)


def _address(specialty: Specialty, request: Mapping[str, Any]) -> Iterator[Missing]:
    if specialty.question_required and not _text(request.get("question")):
        yield Missing("question", "Question", False, "Écrivez votre question à l’expert.")
    if not _text(_mapping(request.get("contact")).get("phone")):
        yield Missing("contact.phone", "Votre téléphone", True, "Indiquez le numéro où vous joindre.")
    addressing = _mapping(request.get("addressing"))
    mode = addressing.get("mode", "default")
    named = _text(addressing.get("team")) or (_text(addressing.get("person")) and mode == "named")
    if mode not in ("default", "named", "team_queue") or (mode != "default" and not named):
        yield Missing("addressing", "Destinataire", True, "Choisissez à qui envoyer la demande.")


def _advisable_identity(request: Mapping[str, Any]) -> Iterator[Missing]:
    patient = _mapping(request.get("patient"))
    if _text(patient.get("identity_status")) in ("", "provisional"):
        yield Missing(
            "patient.identity_status", "Identité provisoire", True, "Vérifiez une pièce d’identité."
        )
    if not _text(patient.get("phone")):
        yield Missing("patient.phone", "Téléphone du patient", True, "Indiquez le téléphone du patient.")
    if not _text(patient.get("treating_doctor")):
        yield Missing("patient.treating_doctor", "Médecin traitant", True, "Indiquez le médecin traitant.")


def _advisable_content(specialty: Specialty, request: Mapping[str, Any]) -> Iterator[Missing]:
    lesions = _lesions_of(request) if specialty.uses_lesions else []
    for rank, lesion in enumerate(lesions):
        if not lesion.get("size_mm"):
            field = f"lesions.{_name(lesion, rank)}.size_mm"
            yield Missing(
                field, f"Taille{_which(rank, lesions)}", False, "Mesurez la lésion, en millimètres."
            )
    if not specialty.question_required and not _text(request.get("question")):
        yield Missing("question", "Question", False, "Une question précise reçoit une réponse plus utile.")


def _lesions_of(request: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [lesion for lesion in _list(request.get("lesions")) if isinstance(lesion, Mapping)]


def _which(rank: int, lesions: list[Any]) -> str:
    return f", lésion {rank + 1}" if len(lesions) > 1 else ""


def _name(lesion: Mapping[str, Any], rank: int) -> str:
    return _text(lesion.get("id")) or str(rank)


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}

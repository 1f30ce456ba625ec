"""A second opinion as the first case shows it: to its expert with the answer, to the patient's doctor without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from dermavis.domain.case_states import State, state_seen
from dermavis.domain.case_states import Transition as Step
from dermavis.domain.permissions import Permission
from dermavis.domain.second_opinions import SECOND_OPINION
from dermavis.domain.specialty import reason_label
from dermavis.domain.text import towards
from dermavis.domain.wording import ago_words
from dermavis.models import Case, Organization
from dermavis.services.access import may
from dermavis.services.child_links import parent_of
from dermavis.services.moves import last_step, words_of
from dermavis.services.names import name_of
from dermavis.services.opinion_versions import in_force, open_opinion
from dermavis.services.promises import Promises
from dermavis.services.second_opinion_links import second_opinions_of
from dermavis.services.work import Work


@dataclass(frozen=True)
class SecondOpinion:
    """``title`` says where it stands, ``lines`` what to know of it; ``diagnosis`` and ``conduct`` are its answer's.

    ``tone``: info, warn (something is to be done), ok (answered), or nothing. ``opens``: its page still says something.
    """

    id: UUID
    number: str
    title: str
    tone: str
    icon: str
    lines: tuple[str, ...]
    diagnosis: tuple[str, ...] = ()
    conduct: tuple[str, ...] = ()
    opens: bool = True


@dataclass(frozen=True)
class AskedFor:
    """Of a second opinion: the number of the case it is about, where that is for the actor, and whose patient it is."""

    number: str
    href: str
    doctor: str
    site: str


def second_opinions_shown(work: Work, case: Case) -> list[SecondOpinion]:
    """Return the second opinions asked for a case, as the team that asked sees them, the latest first."""
    rows = [row for row in second_opinions_of(work, [case.id]) if may(work, Permission.CASE_READ, row)]
    return [_shown(work, row) for row in reversed(rows)]


def second_opinions_in_brief(work: Work, case_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return "second avis rendu" and the like for those of these cases for which one is awaited or has come."""
    found: dict[UUID, str] = {}
    for row in second_opinions_of(work, case_ids) if case_ids else []:
        words = _IN_BRIEF.get(state_seen(State(row.state), row.answered_at, work.now))
        if row.erased_at is not None:
            words = "second avis effacé"
        if words and row.parent_id is not None:
            found[row.parent_id] = words
    return found


_IN_BRIEF: dict[State, str] = {
    State.SUBMITTED: "second avis demandé",
    State.CLAIMED: "second avis demandé",
    State.ON_HOLD: "second avis\u00a0: précision attendue de vous",
    State.DECLINED: "second avis décliné",
    State.ANSWERED: "second avis rendu",
    State.CLOSED: "second avis rendu",
    State.ENTERED_IN_ERROR: "second avis\u00a0: saisi par erreur",
}


def second_opinion_words(work: Work, case: Case) -> str:
    """Return what the patient's doctor is told of it: that it is asked, of whom, whether it came; never its content."""
    asked = second_opinions_of(work, [case.id])
    if not asked:
        return ""
    last = asked[-1]
    state = state_seen(State(last.state), last.answered_at, work.now)
    when = ago_words(last.created_at, work.now, work.acting.time_zone, True)
    match state:
        case State.ANSWERED | State.CLOSED:
            return f"Un second avis est rendu ({_centre(work, last)})\u00a0; l’expert vous répond."
        case State.DECLINED | State.CANCELLED | State.ENTERED_IN_ERROR:
            return ""
    return f"Un second avis est demandé {towards(_centre(work, last))} ({when}). L’expert vous répondra lui-même."


def asked_for(work: Work, case: Case) -> AskedFor | None:
    """Return what a second opinion is about; None for any other case."""
    first = parent_of(work, case, SECOND_OPINION)
    if first is None:
        return None
    site = work.session.get_one(Organization, first.site_id)
    return AskedFor(
        number=first.number or "",
        href=f"/cases/{first.id}" if may(work, Permission.CASE_READ, first) else "",
        doctor=name_of(work, first.requester_id),
        site=site.short_name or site.name,
    )


def _shown(work: Work, case: Case) -> SecondOpinion:
    if case.erased_at is not None:
        return _erased(work, case)
    centre, state = _centre(work, case), state_seen(State(case.state), case.answered_at, work.now)
    asked = f"Demandé {ago_words(case.created_at, work.now, work.acting.time_zone, True)}."
    promise = Promises(work).of(case)
    expected = f"Réponse attendue {promise.target}." if promise else ""
    late = promise is not None and promise.tone == "late"
    lines: tuple[str, ...] = (asked, expected)
    if late and promise is not None:
        lines = (
            asked,
            f"{promise.words}. La demande reste à vous\u00a0: vous pouvez répondre sans l’attendre.",
        )
    title, tone, icon = f"Demandé {towards(centre)}", "warn" if late else "info", "users"
    match state:
        case State.CLAIMED:
            title = f"{name_of(work, case.claimed_by)} s’en occupe"
            lines = (f"{centre}. {asked}", *lines[1:])
        case State.ON_HOLD:
            title, tone, icon = "Une précision vous est demandée", "warn", "message-circle-question-mark"
            lines = (f"Par {name_of(work, case.claimed_by)}, {centre}.",)
        case State.DECLINED:
            title, tone, icon = f"Décliné ({centre})", "warn", "corner-up-right"
            lines = (*_why(work, case, Step.DECLINE), "Adressez-le ailleurs, ou répondez vous-même.")
        case State.CANCELLED:
            title, tone, icon, lines = "Annulé", "", "ban", (asked,)
        case State.ENTERED_IN_ERROR:
            title, tone, icon = _IN_ERROR, "warn", "ban"
            lines = (f"{centre}. {asked}", *_why(work, case, Step.MARK_ERROR))
        case State.ANSWERED | State.CLOSED:
            return _answered(work, case, centre)
    return SecondOpinion(case.id, case.number or "", title, tone, icon, tuple(row for row in lines if row))


_IN_ERROR = "Saisi par erreur\u00a0: n’en tenez pas compte"


def _erased(work: Work, case: Case) -> SecondOpinion:
    """Its key is gone: that it was, and whether it was an error, is all that is left to say."""
    in_error = case.state == State.ENTERED_IN_ERROR
    return SecondOpinion(
        id=case.id,
        number=case.number or "",
        title="Effacé",
        tone="warn" if in_error else "",
        icon="ban",
        lines=(f"{_centre(work, case)}, {case.number}.", *([f"{_IN_ERROR}."] if in_error else [])),
        opens=False,
    )


def _answered(work: Work, case: Case, centre: str) -> SecondOpinion:
    opinion = in_force(work, case)
    reads = opinion is not None and may(work, Permission.OPINION_READ, case)
    given = open_opinion(work, case, opinion) if opinion is not None and reads else None
    when = ago_words(case.answered_at or work.now, work.now, work.acting.time_zone, True)
    lesions = given.lesions if given else []
    return SecondOpinion(
        id=case.id,
        number=case.number or "",
        title=f"Rendu par {name_of(work, opinion.signed_by)}" if opinion else "Rendu",
        tone="ok",
        icon="mail-open",
        lines=(f"{centre}, {when}.",),
        diagnosis=tuple(row.diagnosis or "Diagnostic impossible" for row in lesions),
        conduct=tuple(row.conduct for row in lesions if row.conduct),
    )


def _why(work: Work, case: Case, step: Step) -> tuple[str, ...]:
    row = last_step(work, case, step)
    specialty = work.system.specialty(case.specialty_id, case.specialty_version)
    label = f"Motif\u00a0: {reason_label(specialty, row.reason)}." if row else ""
    words = words_of(work, case, row) if case.erased_at is None else ""
    return tuple(part for part in (label, f"«\u00a0{words}\u00a0»" if words else "") if part)


def _centre(work: Work, case: Case) -> str:
    centre = work.session.get(Organization, case.centre_id) if case.centre_id else None
    return (centre.short_name or centre.name) if centre else ""

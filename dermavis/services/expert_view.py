"""What the expert may do with a case now, the opinion being written, and whom they may turn to."""

from __future__ import annotations

from dataclasses import dataclass

from dermavis.domain.case_states import State
from dermavis.domain.permissions import Permission
from dermavis.domain.specialty import optional_views, questions_for, reasons_for, required_views
from dermavis.domain.specialty_answer_schema import OpinionTemplate, Reason
from dermavis.domain.specialty_schema import View
from dermavis.models import Case
from dermavis.services.access import find_case, may
from dermavis.services.answering import DraftOpinion, draft_of, is_amending
from dermavis.services.case_view import CaseView, LesionView
from dermavis.services.confiding import Colleague, Confided, colleagues, confided
from dermavis.services.opinion_versions import in_force
from dermavis.services.referring import Chosen, chosen_by_actor
from dermavis.services.second_opinion_links import awaited
from dermavis.services.second_opinion_view import SecondOpinion, second_opinions_shown
from dermavis.services.taking_back import Leaving, leaving
from dermavis.services.unread_opinions import Unread, read_words, unread_of
from dermavis.services.work import Work

FIRST_TEMPLATES = 2
"""Templates shown at once; the others stand in a list."""


@dataclass(frozen=True)
class Askable:
    """Something that can be asked for: a view or a question, and whether it is missing from the request."""

    id: str
    label: str
    missing: bool


@dataclass(frozen=True)
class ExpertView:
    """The expert's half of a case's page.

    ``writes``: the form is open (to sign, or to prepare for a junior); ``signs``: the signature is the actor's to give.
    ``corrects``: a new version of the signed opinion is the actor's to write; ``amends``: the form is open for it, and
    ``begun``: something of it is written. ``leaving``: what the actor has just signed and may still take back.
    ``unread``: the opinion, critical, that nobody acknowledged in its time; ``reached``: the actor may say that the
    patient was reached; ``read``: who read the version in force, in words.
    ``refers``: the request may go to another centre with the opinion; ``referral``: to which it goes.
    ``marks_error``: the case may be marked as entered in error.
    """

    claims: bool
    writes: bool
    signs: bool
    asks: bool
    releases: bool
    declines: bool
    hands_over: bool
    redirects: bool
    asks_second: bool
    refers: bool
    regrades: bool
    speaks: bool
    corrects: bool
    amends: bool
    begun: bool
    marks_error: bool
    leaving: Leaving | None
    unread: Unread | None
    reached: bool
    read: str
    draft: DraftOpinion
    colleagues: list[Colleague]
    confided: Confided | None
    templates: list[OpinionTemplate]
    more_templates: list[OpinionTemplate]
    views: list[Askable]
    questions: list[Askable]
    decline_reasons: list[Reason]
    second_opinions: list[SecondOpinion]
    referral: Chosen | None


def expert_view(work: Work, view: CaseView, amending: bool = False) -> ExpertView:
    """Return what the actor may do with a case that they read; ``amending``: they open its next version.

    Raises NotFound.
    """
    case = find_case(work, view.id)
    corrects = may(work, Permission.OPINION_CORRECT, case)
    amends = amending and corrects and view.opinion is not None and not view.opinion.leaves_in
    writes = amends or may(work, Permission.OPINION_PREPARE, case)
    hands_over = may(work, Permission.CASE_HAND_OVER, case)
    signed = in_force(work, case) if may(work, Permission.OPINION_READ, case) else None
    fitting = [row for row in view.specialty.opinion_templates if view.motive in row.motives]
    others = [row for row in view.specialty.opinion_templates if row not in fitting]
    return ExpertView(
        claims=case.state == State.SUBMITTED and may(work, Permission.CASE_CLAIM, case),
        writes=writes,
        signs=amends or may(work, Permission.OPINION_SIGN, case),
        asks=may(work, Permission.PRECISION_ASK, case),
        releases=may(work, Permission.CASE_RELEASE, case),
        declines=may(work, Permission.CASE_DECLINE, case),
        hands_over=hands_over,
        redirects=may(work, Permission.CASE_REDIRECT, case),
        asks_second=may(work, Permission.SECOND_OPINION_ASK, case) and awaited(work, case) is None,
        refers=may(work, Permission.CASE_REFER, case),
        regrades=may(work, Permission.CASE_REGRADE, case),
        speaks=may(work, Permission.MESSAGE_WRITE, case),
        corrects=corrects,
        amends=amends,
        begun=corrects and is_amending(work, case),
        marks_error=may(work, Permission.ENTERED_IN_ERROR, case),
        leaving=leaving(work, case.id),
        unread=unread_of(work, case),
        reached=may(work, Permission.PATIENT_REACHED, case),
        read=read_words(work, signed) if signed is not None else "",
        draft=draft_of(work, case) if writes else DraftOpinion(),
        colleagues=colleagues(work, case) if hands_over else [],
        confided=confided(work, case) if hands_over else None,
        templates=fitting[:FIRST_TEMPLATES],
        more_templates=fitting[FIRST_TEMPLATES:] + others,
        views=_views(case, view),
        questions=_questions(view),
        decline_reasons=reasons_for(view.specialty, "decline"),
        second_opinions=second_opinions_shown(work, case),
        referral=chosen_by_actor(work, case) if writes and not amends else None,
    )


def _views(case: Case, view: CaseView) -> list[Askable]:
    """The views of the motive, those first that have no picture of one of the lesions."""
    found: dict[str, Askable] = {}
    lesions: list[LesionView | None] = [*view.lesions]
    for lesion in lesions or [None]:
        content = None if lesion is None else lesion.content
        required = required_views(view.specialty, case.motive, content)
        for row in [*required, *optional_views(view.specialty, case.motive, content)]:
            missing = row in required and not _is_taken(view, row, lesion)
            known = found.get(row.id)
            found[row.id] = Askable(row.id, row.short_label, missing or (known is not None and known.missing))
    return sorted(found.values(), key=lambda row: not row.missing)


def _is_taken(view: CaseView, wanted: View, lesion: LesionView | None) -> bool:
    """Whether a picture shows this of the lesion; one of no lesion in particular, or of an only one, shows it too."""
    shared = not wanted.per_lesion or lesion is None or len(view.lesions) == 1
    of = None if lesion is None else lesion.id
    return any(photo.view == wanted.id and (shared or photo.lesion in (None, of)) for photo in view.photos)


def _questions(view: CaseView) -> list[Askable]:
    """The questions of the motive, those without an answer first."""
    history = view.content.get("history") or {}
    rows = [
        Askable(
            row.id, row.short_label, (history.get(row.id) or {}).get("status") not in {"answered", "none"}
        )
        for row in questions_for(view.specialty, view.motive)
        if row.follow is None
    ]
    return sorted(rows, key=lambda row: not row.missing)

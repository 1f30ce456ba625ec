"""Where a sent request stands, in words for the person who asked: who has it, and by when."""

from __future__ import annotations

from dataclasses import dataclass

from dermavis.domain.case_states import State
from dermavis.domain.case_states import Transition as Step
from dermavis.domain.specialty import reason_label
from dermavis.domain.text import towards
from dermavis.domain.wording import ago_words
from dermavis.models import Case, Organization
from dermavis.services.case_view import CaseView
from dermavis.services.moves import last_step, words_of
from dermavis.services.names import name_of
from dermavis.services.second_opinion_view import second_opinion_words
from dermavis.services.work import Work


@dataclass(frozen=True)
class Standing:
    """``title`` says it in a few words, ``lines`` what follows from it; ``reason`` is what somebody gave as one."""

    title: str
    icon: str
    tone: str
    lines: tuple[str, ...] = ()
    reason: str = ""


def standing_of(work: Work, case: Case, view: CaseView) -> Standing:
    """Return where the case stands for its requester."""
    centre = _name(work, case.centre_id)
    expert = view.holder.name if view.holder else centre
    if view.state == State.POOLED:
        pool = _name(work, case.pooled_by)
        return Standing(
            f"En relecture\u00a0: {pool}",
            "users",
            "info",
            ("Elle part ensuite au centre, seule s’il le faut.",),
        )
    if view.state == State.SUBMITTED:
        lines = (*_expected(view), *_sent_on(work, case, view), second_opinion_words(work, case))
        sent = "Demandé" if view.asked_for else "Envoyée"
        return Standing(f"{sent} {towards(centre)}", "send", "info", lines)
    if view.state == State.CLAIMED:
        since = f"Demande prise\u00a0: {view.holder.since}." if view.holder and view.holder.since else ""
        second = second_opinion_words(work, case)
        lines = tuple(part for part in (*_expected(view), since, second) if part)
        return Standing(f"{expert} s’en occupe", "user-check", "info", lines)
    if view.state == State.ON_HOLD:
        return Standing(
            "Précision demandée",
            "message-circle-question-mark",
            "warn",
            (
                f"{expert} attend votre réponse. Le délai est suspendu jusque-là.",
                second_opinion_words(work, case),
            ),
        )
    if view.state == State.DECLINED:
        reason = _reason(work, case, Step.DECLINE)
        return Standing(
            f"Déclinée par {centre}",
            "corner-up-right",
            "warn",
            (
                f"Motif\u00a0: {view.declined}." if view.declined else "",
                "Choisissez la suite pour votre patient\u00a0: un autre centre, ou ce que vous avez fait à la place.",
                "Son conseil\u00a0:" if reason else "",
            ),
            reason,
        )
    if view.state == State.CANCELLED:
        when = ago_words(case.closed_at, work.now, work.acting.time_zone, True) if case.closed_at else ""
        step = last_step(work, case, Step.CANCEL)
        why = reason_label(view.specialty, step.reason) if step and step.reason else ""
        lines = (f"Annulée {when}.", f"Motif\u00a0: {why}." if why else "")
        return Standing("Demande annulée", "ban", "", lines, words_of(work, case, step))
    if view.error is not None:
        return Standing("Saisie par erreur", "ban", "late")
    if view.state == State.CLOSED:
        return Standing("Demande close", "circle-check", "ok")
    return Standing("Avis rendu", "mail-open", "info", (f"Par {expert}.",))


def _sent_on(work: Work, case: Case, view: CaseView) -> tuple[str, ...]:
    """That it was sent on from another place, by whom and why: it lies there since, and its delay began anew."""
    step = last_step(work, case, Step.REDIRECT)
    if step is None:
        return ()
    by = f" par {name_of(work, step.actor_id)}" if step.actor_id else ""
    when = ago_words(step.at, work.now, work.acting.time_zone, True)
    known = {row.id: row.label for row in view.specialty.reasons}
    why = known.get(step.reason, "" if by else "Plus personne n’y répondait")
    because = f"\u00a0: {why[:1].lower()}{why[1:]}" if why else ""
    told = f"Réorientée {when}{by}{because}."
    words = words_of(work, case, step)
    return (told, f"«\u00a0{words}\u00a0»" if words else "")


def _expected(view: CaseView) -> tuple[str, ...]:
    if view.promise is None:
        return ()
    if view.promise.tone == "late":
        return (
            f"Réponse attendue {view.promise.target}.",
            f"{view.promise.words}\u00a0: vous pouvez téléphoner au centre.",
        )
    return (f"Réponse attendue {view.promise.target}.",)


def _reason(work: Work, case: Case, step: Step) -> str:
    """The words given beside the coded reason of the last such step."""
    return words_of(work, case, last_step(work, case, step))


def _name(work: Work, organization_id: object) -> str:
    row = work.session.get(Organization, organization_id) if organization_id else None
    return (row.short_name or row.name) if row else "votre centre"

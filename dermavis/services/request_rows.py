"""A row of « Mes demandes »: where the request stands in a word or two, and one line about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.case_states import Machine, State, state_seen
from dermavis.domain.case_states import Transition as Step
from dermavis.domain.lesion_wording import site_phrase
from dermavis.domain.specialty import reason_label
from dermavis.domain.watches import OWNERS
from dermavis.domain.wording import ago_words
from dermavis.models import Case, Message, Notification, Opinion, Transition
from dermavis.services.lists import ListRow, rows_of, summary_of_row
from dermavis.services.names import PlaceNames, name_of, organizations
from dermavis.services.referral_view import referrals_in_brief
from dermavis.services.teams import preparers
from dermavis.services.vault import Sealer
from dermavis.services.work import Work

UNREAD = {
    "now": ("Avis urgent, à confirmer", "octagon-alert", "late"),
    "two_weeks": ("Avis rendu, à confirmer", "mail-open", "late"),
    "ordinary": ("Avis rendu, à lire", "mail-open", "info"),
}
DOWNSTREAM = {
    "to_plan": ("Rendez-vous à donner", "calendar-clock", "warn"),
    "planned": ("Rendez-vous donné", "calendar-check", ""),
    "missed": ("Rendez-vous manqué", "calendar-x", "warn"),
}
SAID = {
    State.POOLED: ("En relecture à la CPTS", "users", ""),
    State.ENTERED_IN_ERROR: ("Mauvais patient\u00a0: à renvoyer", "undo-2", "warn"),
}
AMENDED = {"correction": "Avis corrigé", "complement": "Avis complété"}
NO_NAME = "Patient à préciser"
LONGEST_QUOTE = 120


@dataclass(frozen=True)
class RequestRow:
    """``words``, ``icon`` and ``tone`` say where it stands; a row without words shows its promise, or is brief.

    ``when`` is in words, ``at`` the same in ISO; ``requester`` is named on a list of several people's requests.
    """

    id: UUID
    href: str
    name: str
    when: str
    at: str
    words: str
    icon: str
    tone: str
    line: str
    share: float | None
    unread: bool
    brief: bool
    requester: str


def rows_of_requests(work: Work, rows: Sequence[Any], unread: dict[UUID, str]) -> list[RequestRow]:
    """Return the rows of a requester's list, ready to be shown, in their order.

    ``unread``: case → level of its opinion, where nobody has acknowledged it.
    """
    places = organizations(work, [row.centre_id for row in rows])
    quotes = _questions(work, [row for row in rows if row.state == State.ON_HOLD])
    reasons = _reasons(work, rows)
    amended = _amended(work, [row.id for row in rows if row.id in unread])
    news = _with_news(work, [row.id for row in rows])
    belongs = referrals_in_brief(work, [row.id for row in rows])
    several = len({row.requester_id for row in rows} | {work.acting.person_id}) > 1
    shown = []
    for row in rows_of(work, rows):
        words, icon, tone, line = _standing(work, row, unread, places, quotes, reasons)
        if row.id in amended and unread[row.id] != "now":
            words = words.replace("Avis rendu", AMENDED.get(amended[row.id], "Avis rendu"))
        if row.id in news and row.id not in unread and row.case.state != State.ON_HOLD:
            words, icon, tone = "Nouveau message", "message-square", "info"
        line = " · ".join(part for part in (line, belongs.get(row.id, "")) if part)
        over = row.case.state in {State.CLOSED, State.CANCELLED} and row.id not in unread
        at = _at(work, row)
        shown.append(
            RequestRow(
                id=row.id,
                href=f"/requests/{row.id}" if row.case.state == State.DRAFT else f"/cases/{row.id}",
                name=row.name or NO_NAME,
                when=ago_words(at, work.now, work.acting.time_zone),
                at=at.isoformat(),
                words=words,
                icon=icon,
                tone=tone,
                line=line,
                share=row.promise.share if row.promise and not icon else None,
                unread=row.id in unread,
                brief=over or (row.case.state == State.ANSWERED and not words and row.promise is None),
                requester=row.requester if several else "",
            )
        )
    return shown


def what_of(work: Work, row: Any) -> str:
    """Return "Kératose, haut du dos à droite": the motive's noun and the place of the first lesion.

    Where there are several: "Kératose, haut du dos à droite et 2 autres lésions".
    """
    specialty = work.system.specialties.get(row.specialty_id)
    if specialty is None:
        return ""
    noun = next((motive.noun for motive in specialty.motives if motive.id == row.motive), "")
    summary = summary_of_row(work, row)
    lesion = summary.get("lesion")
    place = site_phrase(specialty, lesion) if lesion else ""
    what = ", ".join(part for part in (noun, place) if part)
    others = summary.get("lesions", 1) - 1
    return (
        f"{what} et {others}\u00a0autre{'s' if others > 1 else ''} lésion{'s' if others > 1 else ''}"
        if others > 0
        else what
    )


def _standing(
    work: Work,
    row: ListRow,
    unread: dict[UUID, str],
    places: dict[UUID, PlaceNames],
    quotes: dict[UUID, str],
    reasons: dict[UUID, str],
) -> tuple[str, str, str, str]:
    case = row.case
    state = state_seen(State(case.state), case.answered_at, work.now)
    centre = places.get(case.centre_id)
    about = " · ".join(
        part for part in (what_of(work, case), (centre.short_name or centre.name) if centre else "") if part
    )
    if case.erased_at is not None:
        return "Effacée", "ban", "", ""
    if row.id in unread:
        return *UNREAD.get(unread[row.id], UNREAD["ordinary"]), about
    if state == State.ON_HOLD:
        return "Précision demandée", "message-circle-question-mark", "warn", quotes.get(row.id, about)
    if state == State.DECLINED:
        return "Déclinée\u00a0: à réorienter", "corner-up-right", "warn", reasons.get(row.id, about)
    if state == State.DRAFT and case.number:
        return "Renvoyée, à compléter", "undo-2", "warn", reasons.get(row.id, about)
    if state == State.DRAFT and _is_prepared(work, case):
        line = f"Préparée par {name_of(work, case.created_by)}."
        return "À relire et envoyer", "send", "info", " ".join(filter(None, (line, _unsent_for_long(work, case))))
    if state == State.DRAFT:
        long = _unsent_for_long(work, case)
        return "À compléter", "pencil", "warn" if long else "", long or "Pas encore envoyée."
    if state in SAID:
        return *SAID[state], about
    if state == State.CANCELLED:
        return "Annulée", "ban", "", ""
    if state == State.ANSWERED:
        words, icon, tone = DOWNSTREAM.get(case.downstream, ("", "", ""))
        return words, icon, tone, about
    if row.promise is not None:
        return f"{row.promise.words} · {row.promise.target}", "", row.promise.tone, about
    return "", "", "", about


def _unsent_for_long(work: Work, case: Any) -> str:
    """Say for how many days nothing of a draft changed, once its writer is to be reminded; else empty."""
    idle = work.now - case.updated_at
    if idle < OWNERS[Machine.QUESTION][State.DRAFT].limit.duration:
        return ""
    return f"Pas envoyée depuis {idle.days}\u00a0jours\u00a0: à envoyer ou à supprimer."


def _is_prepared(work: Work, case: Any) -> bool:
    """Whether the site's secretary began this draft for the actor, among others, to send."""
    if case.created_by == work.acting.person_id or case.created_by != case.requester_id:
        return False
    return case.created_by in preparers(work, case.site_id)


def _at(work: Work, row: ListRow) -> Any:
    case = row.case
    if case.answered_at is not None and case.answered_at <= work.now:
        return case.answered_at
    if case.state == State.ON_HOLD and case.held_at is not None:
        return case.held_at
    return case.sent_at or case.updated_at


def _questions(work: Work, rows: Sequence[Any]) -> dict[UUID, str]:
    """What was asked last on each of these cases, as a quotation."""
    by_id = {row.id: row for row in rows}
    found: dict[UUID, str] = {}
    messages = work.session.scalars(
        select(Message)
        .where(Message.case_id.in_(by_id), Message.kind == "question")
        .order_by(Message.written_at)
    )
    for message in messages:
        case = Case(id=message.case_id, data_key=by_id[message.case_id].data_key)
        text = str(Sealer(work.system.cipher, case).open(message.sealed, "messages", message.id, "sealed"))
        short = text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE].rsplit(' ', 1)[0]}…"
        found[message.case_id] = f"«\u00a0{' '.join(short.split())}\u00a0»"
    return found


def _reasons(work: Work, rows: Sequence[Any]) -> dict[UUID, str]:
    """Why a request was declined or sent back, in words."""
    wanted = {
        row.id: row
        for row in rows
        if row.state == State.DECLINED or (row.state == State.DRAFT and row.number)
    }
    steps = work.session.scalars(
        select(Transition)
        .where(Transition.case_id.in_(wanted), Transition.name.in_([Step.DECLINE, Step.SEND_BACK]))
        .order_by(Transition.case_version)
    )
    found: dict[UUID, str] = {}
    for step in steps:
        specialty = work.system.specialties.get(wanted[step.case_id].specialty_id)
        found[step.case_id] = reason_label(specialty, step.reason) if specialty else step.reason
    return found


def _amended(work: Work, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The kind of the version in force, for each of these cases whose opinion was signed again."""
    steps = (
        select(Transition.case_id, Transition.reason)
        .join(Opinion, (Opinion.case_id == Transition.case_id) & (Opinion.signed_at == Transition.at))
        .where(Transition.case_id.in_(ids), Transition.name == Step.CORRECT, Opinion.effective_at <= work.now)
        .order_by(Transition.case_version)
    )
    return {row.case_id: row.reason for row in work.session.execute(steps)}


def _with_news(work: Work, ids: Sequence[UUID]) -> set[UUID]:
    """Cases on which a message waits to be read by the actor."""
    return set(
        work.session.scalars(
            select(Notification.case_id).where(
                Notification.person_id == work.acting.person_id,
                Notification.case_id.in_(ids),
                Notification.event == "message",
                Notification.read_at.is_(None),
            )
        )
    )

"""Telling people: a line in their list, and what is to be sent, in the transaction of the change that caused it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, select, update

from dermavis.domain.errors import NotFound
from dermavis.domain.notice_letters import title
from dermavis.domain.notice_words import EVENTS, by_urgency
from dermavis.models import Case, Notification, OutboxItem, Person, Team, TeamMember
from dermavis.models.queries.quick import Question
from dermavis.models.queries.validity import holds_on
from dermavis.services.absences import stand_ins
from dermavis.services.notice_lines import mark_told, send_line, write_item, write_line
from dermavis.services.notice_subjects import Subject, may_open_subject, of_case
from dermavis.services.work import Work

LONGEST_LIST = 100


def announce(
    work: Work,
    event: str,
    case: Case,
    recipients: Iterable[UUID | None],
    *,
    url: str = "",
    not_before: datetime | None = None,
    once: str = "",
) -> list[UUID]:
    """Tell people about an event of ``dermavis.domain.notice_words.EVENTS``, as its urgency has it; return who is told.

    Whoever acts is not told of their own act; a revoked account is not. Whoever stands in for an absent person is told
    in their place: the absent find a line in their list when they come back, and nothing is sent to them. ``url`` is
    the page to open, by default the case's. ``not_before`` holds the news back, its line in the list included. With
    ``once`` a second announcement under the same word to the same person does nothing. Raises KeyError for an unknown
    event.
    """
    event = by_urgency(event, case.urgency)
    return announce_of(work, event, of_case(case, url), recipients, not_before=not_before, once=once)


def announce_of(
    work: Work,
    event: str,
    about: Subject,
    recipients: Iterable[UUID | None],
    *,
    not_before: datetime | None = None,
    once: str = "",
) -> list[UUID]:
    """Tell people about something that may be no case; the rest as ``announce``."""
    told = []
    wanted, instead = _recipients(work, about, recipients)
    absent_of = {there: absent for absent, there in instead.items() if there not in wanted}
    for person in _people(work, wanted | set(instead.values())):
        if once and _already_told(work, event, about, person, once):
            continue
        leaves = not_before or work.now
        line = write_line(work, event, about, person, leaves)
        if once:
            mark_told(work, line, about, _key(event, about, person, once))
        if person.id not in instead:
            send_line(work, line, about, person, leaves, absent_of.get(person.id))
        told.append(person.id)
    return told


def announce_to_team(work: Work, event: str, case: Case, *, once: str = "") -> list[UUID]:
    """Tell whom a sent case is addressed to: its named expert, or everybody of its team and the team's own mailbox."""
    if case.expert_id is not None or case.team_id is None:
        return announce(work, event, case, [case.expert_id], once=once)
    today = work.now.date()
    members = work.session.scalars(
        select(TeamMember.person_id).where(
            TeamMember.team_id == case.team_id,
            holds_on(TeamMember, today),
        )
    ).all()
    team = work.session.get_one(Team, case.team_id)
    if team.email:
        event = by_urgency(event, case.urgency)
        write_item(work, "mail", event, of_case(case), work.now, address=team.email)
    return announce(work, event, case, members, once=once)


def announce_submission(work: Work, case: Case) -> list[UUID]:
    """Tell those who may answer that a case has arrived."""
    return announce_to_team(work, "submitted", case)


def mark_read(work: Work, *, case_id: UUID | None = None, notification_id: UUID | None = None) -> int:
    """Mark lines of the actor's list as read: those of a case, one, or all of them; return how many were not yet."""
    unread = [
        Notification.person_id == work.acting.person_id,
        Notification.read_at.is_(None),
        Notification.at <= work.now,
    ]
    if case_id is not None:
        unread.append(Notification.case_id == case_id)
    if notification_id is not None:
        unread.append(Notification.id == notification_id)
    changed = work.session.execute(
        update(Notification).where(*unread).values(read_at=work.now).returning(Notification.id)
    )
    return len(changed.all())


def has_unread(work: Work, case_id: UUID) -> bool:
    """Whether a line of the actor's list about a case is not read."""
    unread = select(Notification.id).where(
        Notification.person_id == work.acting.person_id,
        Notification.case_id == case_id,
        Notification.read_at.is_(None),
        Notification.at <= work.now,
    )
    return work.session.scalar(unread.limit(1)) is not None


def open_line(work: Work, notification_id: UUID) -> str:
    """Mark one line of the actor's list as read and return its page. Raises NotFound for somebody else's."""
    row = work.session.get(Notification, notification_id)
    if row is None or row.person_id != work.acting.person_id or row.at > work.now:
        raise NotFound
    row.read_at = row.read_at or work.now
    return row.url


def unread_count(work: Work) -> int:
    """Return how many lines of the actor's list are not read, 100 at most."""
    return unread_of(work, work.acting.person_id)


def unread_of(work: Work, person_id: UUID) -> int:
    """Return the same of anybody's list, for the number on the icon of their application."""
    return int(_UNREAD.first(work.session, person_id=person_id, now=work.now).unread)


_UNREAD = Question(
    select(func.count().label("unread")).select_from(
        select(Notification.__table__.c.id)
        .where(
            Notification.__table__.c.person_id == bindparam("person_id"),
            Notification.__table__.c.read_at.is_(None),
            Notification.__table__.c.at <= bindparam("now"),
        )
        .limit(100)
        .subquery()
    )
)


@dataclass(frozen=True)
class Line:
    """One line of a person's list."""

    id: UUID
    case_id: UUID | None
    event: str
    words: str
    sentence: str
    url: str
    at: datetime
    unread: bool


def lines(work: Work, limit: int = LONGEST_LIST) -> list[Line]:
    """Return the actor's list, newest first."""
    rows = work.session.scalars(
        select(Notification)
        .where(Notification.person_id == work.acting.person_id, Notification.at <= work.now)
        .order_by(Notification.at.desc(), Notification.id)
        .limit(limit)
    )
    return [
        Line(
            id=row.id,
            case_id=row.case_id,
            event=row.event,
            words=title(row.event, row.number),
            sentence=EVENTS[row.event].sentence,
            url=row.url,
            at=row.at,
            unread=row.read_at is None,
        )
        for row in rows
        if row.event in EVENTS
    ]


def _recipients(
    work: Work, about: Subject, recipients: Iterable[UUID | None]
) -> tuple[set[UUID], dict[UUID, UUID]]:
    """Return whom it concerns, and absent person → who is told in their place.

    Only who may open what it is about stands in: an absent person whose stand-in could not is told all the same.
    """
    wanted = {person_id for person_id in recipients if person_id is not None}
    found = stand_ins(work.session, wanted, work.now)
    found = {absent: there for absent, there in found.items() if may_open_subject(work, about, there)}
    return wanted, found


def _people(work: Work, wanted: set[UUID]) -> list[Person]:
    """Return the live accounts among the recipients, the actor apart."""
    if work.actor is not None:
        wanted = wanted - {work.actor.person_id}
    if not wanted:
        return []
    rows = work.session.scalars(
        select(Person).where(Person.id.in_(wanted), Person.state == "active").order_by(Person.id)
    )
    return list(rows)


def _already_told(work: Work, event: str, about: Subject, person: Person, once: str) -> bool:
    key = _key(event, about, person, once)
    return (
        work.session.scalar(select(OutboxItem.id).where(OutboxItem.dedupe_key == f"{key}:list")) is not None
    )


def _key(event: str, about: Subject, person: Person, once: str) -> str:
    return f"{event}:{about.key}:{person.id}:{once}"

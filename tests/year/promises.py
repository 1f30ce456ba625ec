"""A promise that is past while somebody holds the request: who was told, and for whom it stands red."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from dermavis.models import Case, Notification
from dermavis.services.second_opinion_links import awaited
from dermavis.services.work import Work, reading
from dermavis.services.worklist import worklist
from tests.year.region import ANSWERING

if TYPE_CHECKING:
    from tests.year.proofs import Proofs

LATE = ("late", "late_urgent")
ANSWER_LATE = ("answer_late", "answer_late_urgent")
COLLEAGUES = (*ANSWERING, "super_user")


@dataclass
class LateClaims:
    """Looks at what is claimed and late; ``known`` are the promises that were told as they should be."""

    proofs: Proofs
    known: set[tuple[UUID, UUID | None, datetime]] = field(default_factory=set)

    def check(self, work: Work) -> None:
        """Check every claimed request that is beyond its promise."""
        minute = timedelta(minutes=1)
        rows = select(Case).where(
            Case.state == "claimed", Case.answered_at.is_(None), Case.late_at < work.now - minute
        )
        for case in work.session.scalars(rows):
            assert case.late_at is not None
            key = (case.id, case.claimed_by, case.late_at)
            if key in self.known or work.now < self.proofs.awake_since + minute:
                continue
            self.known.add(key)
            self.proofs.checks["late claims"] += 1
            self._are_told(work, case, case.late_at)
            self._is_red(case)

    def _are_told(self, work: Work, case: Case, late_at: datetime) -> None:
        """Its holder, who asked or stands in for them, and the centre's secretary, since the promise is past."""
        region = self.proofs.region
        rows = select(Notification.event, Notification.person_id, Notification.at).where(
            Notification.case_id == case.id, Notification.at >= late_at
        )
        told = work.session.execute(rows).all()
        wanted: list[tuple[tuple[str, ...], str]] = [(ANSWER_LATE, region.names[case.requester_id])]
        if case.centre_id == region.world.centre_id:
            wanted.append((LATE, "centre_secretary"))
        assert case.claimed_by is not None
        assert case.claimed_at is not None
        # Who took it, or was given it, when it was late already knew.
        if case.claimed_at <= late_at and awaited(work, case) is None:
            wanted.append((LATE, region.names[case.claimed_by]))
        for events, name in wanted:
            at = min((row.at for row in told if row.event in events), default=work.now)
            reader = region.who_answers_for(name, at)
            if reader in region.gone:
                continue
            if not any(row.event in events and row.person_id == region.id_of(reader) for row in told):
                self.proofs.fail(f"claimed and late since {late_at}, and nobody told {reader}", case.id)

    def _is_red(self, case: Case) -> None:
        """Its holder and their colleagues see it late on their lists."""
        region = self.proofs.region
        assert case.claimed_by is not None
        holder = region.names[case.claimed_by]
        for name in {holder, *COLLEAGUES}:
            actor = region.actor(name)
            mates = case.expert_id is None and case.team_id in actor.facts.team_ids
            if name in region.gone or (name != holder and not mates):
                continue
            with reading(region.system, actor) as work:
                found = worklist(work, "queue")
            rows = found.rows if name == holder else found.above.late
            seen = {row.id for row in rows if row.promise is not None and row.promise.tone == "late"}
            if case.id not in seen:
                self.proofs.fail(f"claimed by {holder} and late, and not red for {name}", case.id)

"""What goes further with an opinion: a copy for the treating doctor, and the request itself to another centre."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.treating_doctor import COPY
from dermavis.models import Case, Delivery, Notification, Opinion
from dermavis.services.child_links import children_of
from dermavis.services.opinion_versions import in_force, open_opinion
from dermavis.services.received_opinions import received_page
from dermavis.services.referrals import STOPPED
from dermavis.services.treating_copies import copy_goes_to
from dermavis.services.work import Work, reading

if TYPE_CHECKING:
    from tests.year.proofs import Proofs

MINUTE = timedelta(minutes=1)


@dataclass
class Further:
    """Looks at what has left; ``referred`` are the cases whose opinion was signed to go to another centre."""

    proofs: Proofs
    looked_to: datetime
    referred: set[UUID] = field(default_factory=set)
    _left: set[UUID] = field(default_factory=set)

    def check(self, work: Work) -> None:
        """Check what left a minute ago or before: the worker has been awake for as long."""
        if work.now < self.proofs.awake_since + MINUTE:
            return
        for case_id in sorted(self.referred - self._left, key=str):
            self._goes_to_another_centre(work, work.session.get_one(Case, case_id))
        until = work.now - MINUTE
        left = select(Opinion).where(Opinion.effective_at > self.looked_to, Opinion.effective_at <= until)
        for opinion in work.session.scalars(left).all():
            self._reaches_the_treating_doctor(work, opinion)
        self.looked_to = until

    def _goes_to_another_centre(self, work: Work, case: Case) -> None:
        """It has a case there, whose requester knows of it; that somebody answers it is proven as of any case."""
        opinion = in_force(work, case)
        if case.state in STOPPED or opinion is None or opinion.effective_at is None:
            return
        if opinion.effective_at > work.now - MINUTE or open_opinion(work, case, opinion).referral is None:
            return
        self._left.add(case.id)
        self.proofs.checks["referrals"] += 1
        child = next(iter(children_of(work, [case.id], "referral")), None)
        if child is None:
            self.proofs.fail("signed to go to another centre, and still here", case.id)
        told = select(Notification.person_id).where(
            Notification.case_id == child.id, Notification.event == "referred"
        )
        requester = self.proofs.region.names[case.requester_id]
        if (
            requester not in self.proofs.region.gone
            and case.requester_id not in work.session.scalars(told).all()
        ):
            self.proofs.fail(f"gone to another centre, and {requester} does not know", child.id)

    def _reaches_the_treating_doctor(self, work: Work, opinion: Opinion) -> None:
        """They have a delivery of their own, in their list."""
        case = work.session.get_one(Case, opinion.case_id)
        doctor_id, _ = copy_goes_to(work, case)
        if case.state in STOPPED or doctor_id is None:
            return
        self.proofs.checks["copies"] += 1
        copy = select(Delivery.id).where(
            Delivery.opinion_id == opinion.id, Delivery.kind == COPY, Delivery.recipient_id == doctor_id
        )
        region = self.proofs.region
        doctor = region.names[doctor_id]
        if work.session.scalar(copy) is None:
            self.proofs.fail(f"{doctor} treats the patient, and has no copy", case.id)
        with reading(region.system, region.actor(doctor)) as theirs:
            page = received_page(theirs)
            seen = {row.id for row in page.rows}
            while page.after:
                page = received_page(theirs, page.after)
                seen |= {row.id for row in page.rows}
            if case.id not in seen:
                self.proofs.fail(f"the copy of {doctor} is in no list of theirs", case.id)

"""Each proof of the year finds the fault that it is there for: planted, it is told with its hour and its case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import Case, CentreCharter, DueRow, OutboxItem
from dermavis.services import above_queue, claim_watch, claiming, outbox, parcels, referrals, signing
from dermavis.services.work import System, Work, reading, writing
from tests import cases
from tests.referrals import choose
from tests.treating import treated_by
from tests.year import living
from tests.year.channels import Received
from tests.year.living import Life
from tests.year.proofs import Forgotten
from tests.year.region import Absence

SPRING = date(2026, 3, 26)

Begin = Callable[..., Life]


def test_a_worker_that_loses_one_timer_is_found(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    life = begin(1, SPRING, days=14, each_day=0)
    cases.answered(life.region.world, answer=cases.emergency())
    life.proofs.check()

    def drop(system: System) -> int:
        with writing(system) as work:
            due = select(DueRow).where(DueRow.done_at.is_(None), DueRow.due_at <= work.now)
            for row in work.session.scalars(due).all():
                row.done_at, row.outcome = work.now, "done"
        return 1

    monkeypatch.setattr(living, "run_due", drop)
    life.pass_until(life.clock.now() + timedelta(hours=1))
    with pytest.raises(Forgotten, match=r"seed 1, 2026-03-26 .*an unread opinion \(now\)"):
        life.proofs.check()


def test_whichever_timer_of_an_open_case_is_lost_it_is_found(begin: Begin) -> None:
    life = begin(1, SPRING, days=14, each_day=0)
    world = life.region.world
    cases.drafted(world)
    cases.sent(world)
    cases.sent(world, "pooled_requester")
    cases.claimed(world)
    cases.on_hold(world)
    cases.answered(world, answer=cases.opinion(destination="surgery", within_two_weeks=True))
    declined = cases.claimed(world)
    with writing(life.system, world.actor(Role.EXPERT)) as work:
        claiming.decline(work, declined, "no_capacity")
    life.proofs.check()
    with reading(life.system) as work:
        alive = work.session.execute(
            select(DueRow.kind, DueRow.id, Case.state)
            .join(Case, Case.id == DueRow.case_id)
            .where(DueRow.done_at.is_(None))
        ).all()
    optional = {"pool_reminder", "hold_reminder"}
    lost = {
        kind: row_id
        for kind, row_id, state in alive
        if kind not in optional and (kind != "claim_reminder" or state == "claimed")
    }
    assert len(lost) == 10
    for row_id in lost.values():
        _mark(life, row_id, life.clock.now())
        with pytest.raises(Forgotten):
            life.proofs.check()
        _mark(life, row_id, None)
    life.proofs.check()


def _mark(life: Life, row_id: UUID, done_at: datetime | None) -> None:
    with writing(life.system) as work:
        work.session.get_one(DueRow, row_id).done_at = done_at


def test_what_reaches_the_wrong_person_or_at_the_wrong_time_is_found(begin: Begin) -> None:
    life = begin(1, SPRING, days=14, each_day=0)
    region, case_id = life.region, cases.answered(life.region.world)
    phone = next(endpoint for endpoint, name in region.endpoints.items() if name == "requester")

    def hear(event: str, hour: int, device: str = phone, channel: str = "push") -> str:
        at = life.clock.set(datetime(2026, 3, 27, hour, 0, tzinfo=UTC))
        return life.proofs.hear(Received(at, channel, device, event, case_id))

    assert hear("opinion", 9) == "requester"
    with pytest.raises(Forgotten, match="told twice"):
        hear("opinion", 9)
    with pytest.raises(Forgotten, match="in their quiet hours"):
        hear("message", 22)
    assert hear("opinion_now", 22) == "requester"
    with pytest.raises(Forgotten, match="stranger, who may not open it"):
        hear("opinion", 10, region.world.who("stranger").email, "mail")
    region.absences.append(Absence("requester", "substitute", date(2026, 3, 26), date(2026, 3, 29)))
    with pytest.raises(Forgotten, match="who is away"):
        hear("opinion", 11, region.world.who("requester").email, "mail")


def _sat_on(life: Life) -> Callable[[], None]:
    """Have an urgent request claimed and kept beyond its promise; return what lets an hour and a half pass it."""
    case_id = cases.claimed(life.region.world, urgency="urgent")
    with writing(life.system, life.region.actor("expert")) as work:
        for charter in work.session.scalars(select(CentreCharter)):
            charter.content = charter.content | {"idle_claim_hours": 24}
        case = work.session.get_one(Case, case_id)
        claiming.keep_claim(work, case)
        late_at = case.late_at
    assert late_at is not None

    def pass_it() -> None:
        life.pass_until(late_at + timedelta(minutes=90))
        life.proofs.check()

    return pass_it


def test_a_claim_that_is_sat_on_and_told_to_nobody_is_found(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = begin(1, SPRING, days=14, each_day=0)
    pass_it = _sat_on(life)

    def only_again(work: Work, row: DueRow) -> None:
        claim_watch.watch_claim(work, work.session.get_one(Case, row.case_id))

    monkeypatch.setattr(claim_watch, "remind_claim", only_again)
    with pytest.raises(Forgotten, match=r"claimed and late since .*, and nobody told"):
        pass_it()


def test_a_claim_that_is_sat_on_and_hidden_from_the_team_is_found(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = begin(1, SPRING, days=14, each_day=0)
    pass_it = _sat_on(life)
    with monkeypatch.context() as hidden:
        hidden.setattr(above_queue, "held_late", lambda work, most: [])
        with pytest.raises(Forgotten, match="claimed by expert and late, and not red for"):
            pass_it()
    life.proofs.late_claims.known.clear()
    life.proofs.check()
    assert life.proofs.checks["late claims"] == 2


def _going_further(life: Life) -> None:
    """An opinion is signed for a patient who has a treating doctor, and goes to another centre; an hour passes."""
    world = life.region.world
    case_id = cases.claimed(world, patient=treated_by(world, "other_requester"))
    choose(world, case_id)
    cases.sign_now(world, case_id)
    life.people.referred.add(case_id)
    life.pass_until(life.clock.now() + timedelta(hours=1))
    life.proofs.check()


def test_an_opinion_goes_further(begin: Begin) -> None:
    life = begin(1, SPRING, days=14, each_day=0)
    _going_further(life)
    assert (life.proofs.checks["referrals"], life.proofs.checks["copies"]) == (1, 1)


@pytest.mark.parametrize(
    ("place", "name", "words"),
    [
        (referrals, "leave", "still here"),
        (referrals, "announce", "requester does not know"),
        (signing, "deliver_copy", "other_requester treats the patient, and has no copy"),
    ],
)
def test_an_opinion_that_should_go_further_and_does_not_is_found(
    begin: Begin, monkeypatch: pytest.MonkeyPatch, place: object, name: str, words: str
) -> None:
    life = begin(1, SPRING, days=14, each_day=0)
    monkeypatch.setattr(place, name, lambda *_: None)
    with pytest.raises(Forgotten, match=words):
        _going_further(life)


def _out_for_a_day(life: Life) -> None:
    """Mail is out for more than a day while an urgent opinion waits to be read, and comes back."""
    cases.answered(life.region.world, answer=cases.emergency())
    life.channels.stop_mail()
    for _ in range(36):
        life.pass_until(life.clock.now() + timedelta(hours=1))
        life.proofs.check()
    life.channels.mend_mail()
    for _ in range(3):
        life.pass_until(life.clock.now() + timedelta(hours=1))
        life.proofs.check()


def test_an_outage_of_the_mail_is_lived_through(begin: Begin) -> None:
    life = begin(1, SPRING, days=14, each_day=0)
    _out_for_a_day(life)
    assert life.proofs.checks["letters held up"] > 10
    back = {got.event for got in life.proofs.received if got.channel == "mail"}
    assert "opinion_now_unread" in back


@pytest.mark.parametrize(
    ("place", "name", "instead", "words"),
    [
        (outbox, "TRIED_FOR", {"push": timedelta(0), "mail": timedelta(hours=3)}, "was given up"),
        (outbox, "backoff", lambda *_: timedelta(hours=5), "waits while mail works|nobody is told of it"),
        (parcels, "_was_just_told", lambda *_, **__: False, "by mail to .*, told twice"),
    ],
)
def test_what_goes_wrong_in_an_outage_of_the_mail_is_found(
    begin: Begin, monkeypatch: pytest.MonkeyPatch, place: object, name: str, instead: object, words: str
) -> None:
    life = begin(1, SPRING, days=14, each_day=0)
    monkeypatch.setattr(place, name, instead)
    with pytest.raises(Forgotten, match=words):
        _out_for_a_day(life)


def test_a_phone_that_is_not_told_of_what_presses_is_found(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = begin(1, SPRING, days=14, each_day=0)
    mail_alone = living.deliver_due

    def deliver(system: System, lane: str, chance: Callable[[], float]) -> int:
        if lane != "push":
            return mail_alone(system, lane, chance)
        with writing(system) as work:
            for item in work.session.scalars(select(OutboxItem).where(OutboxItem.channel == "push")):
                item.not_before = work.now + timedelta(hours=4)
        return 1

    monkeypatch.setattr(living, "deliver_due", deliver)
    with pytest.raises(Forgotten, match=r"opinion_now\w* presses, and a phone was not told"):
        _out_for_a_day(life)

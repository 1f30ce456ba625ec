"""Repairs by hand: each tells first what it would do, is done once, under a name and for a reason."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from dermavis.cli import main
from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.models import (
    Addressing,
    AuditEvent,
    Case,
    DueRow,
    Notification,
    OutboxItem,
    Photo,
    PictureJob,
    Upload,
)
from dermavis.services import pictures
from dermavis.services.claiming import claim
from dermavis.services.notices import announce
from dermavis.services.outbox import deliver_due
from dermavis.services.reassigning import Reassignment, reassign
from dermavis.services.replaying import replay
from dermavis.services.resending import resend
from dermavis.services.schedule import schedule
from dermavis.services.second_factor import totp_code
from dermavis.services.timers import run_due
from dermavis.services.work import System, reading, writing
from dermavis.settings import Settings
from tests import cases
from tests.announced import let_pair, the_case
from tests.backing_up import drafted_with_pieces
from tests.factories import PASSWORD, TOTP_SECRET, World
from tests.fixtures.systems import MASTER_KEY, letters


def repair(world: World, what: Any, *arguments: Any, **more: Any) -> Any:
    with writing(world.system, world.actor(Role.ADMINISTRATOR)) as work:
        return what(work, *arguments, **more)


def audited(system: System, action: str) -> list[AuditEvent]:
    with reading(system) as work:
        return list(work.session.scalars(select(AuditEvent).where(AuditEvent.action == action)))


def told(system: System, case_id: UUID, event: str) -> set[UUID]:
    with reading(system) as work:
        rows = select(Notification.person_id).where(
            Notification.case_id == case_id, Notification.event == event
        )
        return set(work.session.scalars(rows))


def test_a_case_whose_holder_vanished_goes_to_another_expert_who_may_take_it(
    system: System, world: World
) -> None:
    case_id = cases.on_hold(world)
    number, other = cases.number_of(system, case_id), world.who("other_expert")
    plan: Reassignment = repair(world, reassign, number, "owner_gone", expert=other.email)
    assert world.who(Role.EXPERT).name in plan.from_person
    assert other.name in plan.to_person
    with reading(system) as work:
        assert the_case(work, case_id).state == "on_hold"  # a try changes nothing
    repair(world, reassign, number, "owner_gone", expert=other.email, apply=True)
    assert repair(world, reassign, number, "owner_gone", expert=other.email, apply=True).already
    [row] = audited(system, "case.reassign")
    assert (row.actor_id, row.case_id, row.detail) == (
        world.who(Role.ADMINISTRATOR).person_id, case_id, {"reason": "owner_gone"},
    )  # fmt: skip
    assert other.person_id in told(system, case_id, "submitted")
    with writing(system, world.actor("other_expert")) as work:
        assert claim(work, case_id).claimed_by == other.person_id


def test_a_case_goes_to_the_queue_of_another_centre_whose_clock_begins(system: System, world: World) -> None:
    case_id = cases.sent(world)
    number = cases.number_of(system, case_id)
    with reading(system) as work:
        place = work.session.get_one(Case, case_id).team_id
    with pytest.raises(InvalidInput, match="corriger"):
        repair(world, reassign, number, "place_closed", team="Personne")
    names = _other_team(world)
    repair(world, reassign, number, "place_closed", team=names, apply=True)
    with reading(system) as work:
        case = the_case(work, case_id)
        assert (case.state, case.team_id, case.centre_id) == (
            "submitted", world.other_team_id, world.other_centre_id,
        )  # fmt: skip
        assert case.team_id != place
        rows = work.session.scalars(select(Addressing.team_id).where(Addressing.case_id == case_id)).all()
        assert set(rows) == {place, world.other_team_id}
    with writing(system, world.actor("stranger_expert")) as work:
        claim(work, case_id)


def _other_team(world: World) -> str:
    from dermavis.models import Organization, Team

    with reading(world.system) as work:
        team = work.session.get_one(Team, world.other_team_id)
        return f" {work.session.get_one(Organization, team.organization_id).name.upper()} "


def test_who_may_not_and_what_waits_for_no_expert_is_refused(system: System, world: World) -> None:
    answered = cases.number_of(system, cases.answered(world))
    expert = world.who("other_expert").email
    with pytest.raises(Conflict, match="n’attend pas d’expert"):
        repair(world, reassign, answered, "owner_gone", expert=expert, apply=True)
    with pytest.raises(NotFound):
        repair(world, resend, "D-0", "breakdown")
    with pytest.raises(InvalidInput):
        repair(world, resend, answered, "parce que")
    for role in (Role.SUPPORT, Role.EXPERT):
        with writing(system, world.actor(role)) as work, pytest.raises(Forbidden):
            reassign(work, answered, "owner_gone", expert=expert)


def test_a_letter_that_was_refused_for_good_leaves_again_once(system: System, world: World) -> None:
    case_id = cases.answered(world)
    with writing(system) as work:
        announce(work, "message", the_case(work, case_id), [world.who(Role.REQUESTER).person_id])
        mails = OutboxItem.channel == "mail"
        work.session.execute(update(OutboxItem).values(done_at=work.now, outcome="sent"))
        failing = update(OutboxItem).where(mails, OutboxItem.event == "message")
        work.session.execute(failing.values(outcome="refused", last_error="550", tries=1))
    number = cases.number_of(system, case_id)
    [failed] = repair(world, resend, number, "not_delivered")
    assert (failed.channel, failed.outcome, failed.error, failed.why_not) == ("mail", "refused", "550", "")
    assert deliver_due(system, "mail") == 0
    repair(world, resend, number, "not_delivered", apply=True)
    assert repair(world, resend, number, "not_delivered", apply=True) == []
    assert (deliver_due(system, "mail"), len(letters(system))) == (1, 1)
    assert [row.detail for row in audited(system, "notices.resend")] == [
        {"reason": "not_delivered", "count": 1}
    ]


def test_a_timer_and_a_picture_that_were_given_up_are_done_anew(system: System, world: World) -> None:
    case_id = cases.on_hold(world)
    let_pair(system)
    with writing(system) as work:
        schedule(work, "hold_reminder", work.now, case_id=case_id)
        dead = update(DueRow).where(DueRow.kind == "hold_reminder")
        work.session.execute(dead.values(done_at=work.now, outcome="given_up", tries=10))
    found = repair(world, replay, "breakdown", number=cases.number_of(system, case_id))
    assert [(row.kind, row.why_not) for row in found] == [("hold_reminder", "")]
    repair(world, replay, "breakdown", apply=True)
    assert repair(world, replay, "breakdown", apply=True) == []
    assert run_due(system) == 1
    with reading(system) as work:
        row = work.session.scalars(
            select(DueRow).where(DueRow.kind == "hold_reminder", DueRow.case_id == case_id)
        ).one()
        assert row.outcome != "given_up"


def test_a_picture_is_replayed_only_while_its_bytes_are_there(system: System, world: World) -> None:
    drafted_with_pieces(world)
    with writing(system) as work:
        upload = work.session.scalars(select(Upload)).first()
        assert upload is not None
        whole, upload.state = upload.length, "failed"
        photo = work.session.get_one(Photo, upload.photo_id)
        photo.state, photo.refusal = "refused", "…"
        job = work.session.scalars(select(PictureJob).where(PictureJob.upload_id == upload.id)).one()
        job.done_at, job.tries = work.now, pictures.MOST_TRIES
        upload_id = upload.id
        upload.length = upload.offset + 1
    [lost] = repair(world, replay, "breakdown", kind="pictures", apply=True)
    assert "octets" in lost.why_not
    with writing(system) as work:
        upload = work.session.get_one(Upload, upload_id)
        upload.length = min(upload.offset, whole)
    [found] = repair(world, replay, "breakdown", kind="pictures", apply=True)
    assert found.why_not == ""
    with reading(system) as work:
        upload = work.session.get_one(Upload, upload_id)
        job = work.session.scalars(select(PictureJob).where(PictureJob.upload_id == upload_id)).one()
        photo = work.session.get_one(Photo, upload.photo_id)
        assert (job.done_at, upload.state, photo.state) == (None, "complete", "received")


def test_the_command_tries_first_and_does_it_when_told_to(
    system: System,
    world: World,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from dermavis.adapters.clock import SystemClock

    for name, value in {
        "DERMAVIS_ENV": "test", "DATA_DIR": str(settings.data_dir), "DATABASE_URL": settings.database_url,
        "MASTER_KEY": MASTER_KEY,
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    case_id = cases.claimed(world)
    administrator, other = world.who(Role.ADMINISTRATOR), world.who("other_expert")
    code = totp_code(TOTP_SECRET, SystemClock().now())
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n{code}\n"))
    typed = ["repair", "reassign", cases.number_of(system, case_id), "--expert", other.email]
    assert main([*typed, "--reason", "owner_gone", "--as", administrator.email]) == 0
    said = capsys.readouterr().out
    assert other.name in said
    assert "--apply" in said
    with reading(system) as work:
        assert the_case(work, case_id).state == "claimed"

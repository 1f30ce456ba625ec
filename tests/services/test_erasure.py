"""Erasing a case for good: which may go and by whom, what stays, and what its people see afterwards."""

from __future__ import annotations

import base64
import dataclasses
import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from dermavis.adapters.cipher import AesGcmCipher
from dermavis.adapters.clock import SystemClock
from dermavis.bootstrap import check
from dermavis.cli import main
from dermavis.domain.erasure import ERASURE_REASONS
from dermavis.domain.errors import Conflict, Erased, Forbidden, InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Case, DueRow, Network, OutboxItem
from dermavis.services import changing, following, key_rotation, sending, timers
from dermavis.services.erasure import erase_case
from dermavis.services.patients import search_patients
from dermavis.services.second_factor import totp_code
from dermavis.services.vault import Sealer
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.erasing import Life, erased
from tests.factories import PASSWORD, TOTP_SECRET, World
from tests.fixtures.systems import MASTER_KEY
from tests.signing_in import sign_in


def test_an_erased_case_does_not_hold_a_rotation_up(system: System, world: World) -> None:
    cases.closed(world)
    erased(world)
    cipher = AesGcmCipher(bytes(32), base64.b64decode(MASTER_KEY))
    both = dataclasses.replace(system, cipher=cipher)
    check(both)
    key_rotation.begin(both, cipher.masters[0])

    assert [step.table for step in key_rotation.rewrap(both)].count("cases") == 0

    assert set(key_rotation.end(both).values()) == {0}


def test_a_patient_is_found_while_a_case_of_theirs_is_left(system: System, world: World) -> None:
    first = cases.closed(world)
    with reading(system) as work:
        patient_id = work.session.get_one(Case, first).patient_id
    second = cases.closed(world, patient=cases.content()["patient"] | {"id": str(patient_id)})
    with reading(system) as work:
        assert work.session.get_one(Case, second).patient_id == patient_id

    assert not erased(world, "D-1").with_patient
    assert _found(system, world) == [patient_id]

    assert erased(world, "D-2").with_patient
    assert _found(system, world) == []


def _found(system: System, world: World) -> list[UUID]:
    with writing(system, world.actor(Role.REQUESTER)) as work:
        return [row.id for row in search_patients(work, "vautrin")]


def test_what_still_waited_for_the_case_has_ended(system: System, world: World, clock: FakeClock) -> None:
    case_id = cases.closed(world)
    waiting = select(func.count()).select_from(OutboxItem).where(OutboxItem.done_at.is_(None))
    with writing(system) as work:
        work.session.add(
            DueRow(kind="unread_opinion", case_id=case_id, dedupe_key="planted", due_at=work.now, payload={})
        )
    with reading(system) as work:
        assert (work.session.scalar(waiting.where(OutboxItem.case_id == case_id)) or 0) > 0

    erased(world)

    clock.advance(days=60)
    while timers.run_due(system):
        pass
    with reading(system) as work:
        assert work.session.scalar(waiting.where(OutboxItem.case_id == case_id)) == 0
        rows = work.session.scalars(select(DueRow).where(DueRow.case_id == case_id)).all()
        assert rows
        assert {row.outcome for row in rows} <= {"erased", "taken_back", "done"}
        assert "erased" in {row.outcome for row in rows}


def test_the_audit_says_who_erased_and_why_and_no_name(system: System, world: World) -> None:
    case_id = cases.closed(world)
    erased(world, reason="trial")

    with reading(system) as work:
        row = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "case.erase")).one()
        assert (row.case_id, row.actor_id) == (case_id, world.who(Role.ADMINISTRATOR).person_id)
        assert row.detail == {"reason": "trial", "files": 0}
        assert work.session.scalars(select(AuditEvent).where(AuditEvent.action == "patient.erase")).one()


def test_before_its_term_a_record_is_erased_for_no_reason_but_a_trial_or_the_wrong_patient(
    system: System, world: World, clock: FakeClock
) -> None:
    cases.closed(world)
    stopped = cases.sent(world)
    for reason in ("retention_over", "patient_right"):
        with pytest.raises(Conflict, match="conservé jusqu’au 12/03/2046"):
            erased(world, reason=reason)
    with pytest.raises(Conflict, match="ni annulé"):
        erased(world, reason="wrong_patient")
    with writing(system) as work:
        work.session.get_one(Network, world.network_id).kind = "real"
    with pytest.raises(Conflict, match="vrai patient"):
        erased(world, reason="trial")

    with writing(system, world.actor(Role.REQUESTER)) as work:
        changing.cancel(work, stopped, "wrong_patient")
    assert erased(world, "D-2", "wrong_patient").number == "D-2"
    clock.advance(days=20 * 365.25)
    assert erased(world, "D-1", "retention_over").number == "D-1"


def test_a_draft_begun_for_a_patient_who_was_erased_is_sent_for_a_new_one(
    system: System, world: World
) -> None:
    cases.closed(world)
    with reading(system) as work:
        gone = work.session.scalars(select(Case.patient_id)).one()
    draft_id = cases.drafted(world, patient=cases.content()["patient"] | {"id": str(gone)})
    assert erased(world).with_patient
    with writing(system, world.actor(Role.REQUESTER)) as work:
        sending.send(work, draft_id, 1)
    with reading(system) as work:
        case = work.session.get_one(Case, draft_id)
        assert case.patient_id not in {None, gone}


def test_an_open_and_a_retained_case_are_not_erased(system: System, world: World) -> None:
    open_id, held_id = cases.answered(world), cases.closed(world)
    with writing(system) as work:
        work.session.get_one(Case, held_id).legal_hold = True

    for number, words in (("D-1", "pas terminé"), ("D-2", "justice")):
        with pytest.raises(Conflict, match=words):
            erased(world, number)

    with reading(system) as work:
        for case_id in (open_id, held_id):
            Sealer(system.cipher, work.session.get_one(Case, case_id))


def test_only_an_administrator_of_the_network_erases_for_a_known_reason(system: System, world: World) -> None:
    cases.closed(world)
    for role in Role:
        if role is not Role.ADMINISTRATOR:
            with writing(system, world.actor(role)) as work, pytest.raises(Forbidden):
                erase_case(work, "D-1", "trial")
    with pytest.raises(InvalidInput, match="à corriger") as refused:
        erased(world, reason="because")
    assert all(code in refused.value.errors["reason"] for code in ERASURE_REASONS)
    with pytest.raises(NotFound, match="D-77"):
        erased(world, "D-77")

    assert erased(world, "d-1", "trial").keys
    assert erased(world, "D-1").again


def test_its_people_are_told_in_words_strangers_nothing_and_lists_go_on(
    system: System, world: World, client: FlaskClient, life: Life
) -> None:
    other = cases.closed(world)
    addresses = [
        f"/cases/{life.case_id}",
        f"/cases/{life.case_id}/report.pdf",
        f"/cases/{life.case_id}/photos/{life.photo_id}/diagnostic",
        f"/cases/{life.case_id}/photos/{life.photo_id}/thumb",
    ]
    sign_in(client, world.who(Role.REQUESTER))
    assert [client.get(address).status_code for address in addresses] == [200] * 4
    erased(world)

    for name in (Role.REQUESTER, "other_expert", Role.EXPERT, Role.CENTRE_SECRETARY):
        sign_in(client, world.who(name))
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code == 410, (name, address)
        told = client.get(addresses[0]).get_data(as_text=True)
        assert "Le télédossier D-1 a été effacé" in told
        assert "Vautrin" not in told
    for name in ("stranger", "stranger_expert", "outsider"):
        sign_in(client, world.who(name))
        assert client.get(addresses[0]).status_code in {403, 404}, name
    sign_in(client, world.who(Role.REQUESTER))
    assert client.post(f"/cases/{life.case_id}/messages", data={"text": "Encore là ?"}).status_code == 410
    listed = client.get("/requests?section=over").get_data(as_text=True)
    assert "Télédossier effacé" in listed
    assert f"/cases/{other}" in listed
    found = client.post("/requests/search", data={"q": "vautrin"}).get_data(as_text=True)
    assert f"/cases/{other}" in found
    assert f"/cases/{life.case_id}" not in found
    sign_in(client, world.who(Role.EXPERT))
    answered = client.get("/worklist?list=answered")
    assert answered.status_code == 200
    assert "Télédossier effacé" in answered.get_data(as_text=True)
    with reading(system, world.actor(Role.REQUESTER)) as work, pytest.raises(Erased):
        following.open_case(work, life.case_id)


def test_the_command_erases_by_an_administrator_who_signs_in(
    system: System,
    world: World,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cases.closed(world)
    for name, value in {
        "DERMAVIS_ENV": "test",
        "DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.database_url,
        "MASTER_KEY": MASTER_KEY,
    }.items():
        monkeypatch.setenv(name, value)
    typed = ["case", "erase", "D-1", "--reason", "trial", "--as"]

    def as_administrator(email: str, password: str = PASSWORD, later: int = 0) -> int:
        code = totp_code(TOTP_SECRET, SystemClock().now() + timedelta(seconds=later))
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n{code}\n"))
        return main([*typed, email])

    assert as_administrator("administrator@example.org", "faux") == 1
    assert "incorrect" in capsys.readouterr().err
    assert as_administrator("support@example.org") == 1
    assert "droit" in capsys.readouterr().err
    assert as_administrator("administrator@example.org") == 0
    said = capsys.readouterr().out
    assert "Le télédossier D-1 est effacé" in said
    assert ("Plus aucun octet de ses clés" if system.on_sqlite else "PostgreSQL garde un temps") in said
    assert as_administrator("administrator@example.org", later=30) == 0
    assert "était déjà effacé" in capsys.readouterr().out

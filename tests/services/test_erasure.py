"""Erasing a case for good: what is destroyed, what stays, who may, and what its people see afterwards."""

from __future__ import annotations

import base64
import dataclasses
import io
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from dermavis.adapters.cipher import AesGcmCipher
from dermavis.adapters.clock import SystemClock
from dermavis.adapters.database_traces import stands_in, traces_files, wipe
from dermavis.bootstrap import check
from dermavis.cli import main
from dermavis.domain.erasure import ERASURE_REASONS
from dermavis.domain.errors import Conflict, Erased, Forbidden, InvalidInput, NotFound
from dermavis.domain.ports import PhotoStore, SealBroken
from dermavis.domain.roles import Role
from dermavis.models import (
    AuditEvent,
    Case,
    CaseRevision,
    DueRow,
    Opinion,
    OutboxItem,
    Patient,
    PatientIdentityVersion,
    PatientSearchKey,
)
from dermavis.models.sealed import OF_CONTENT, UNDER_CASE_KEY
from dermavis.services import conversation, following, key_rotation, timers
from dermavis.services.erasure import Erasure, erase_case
from dermavis.services.patients import search_patients
from dermavis.services.reports import report_pdf
from dermavis.services.second_factor import totp_code
from dermavis.services.vault import Sealer
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import PASSWORD, TOTP_SECRET, World
from tests.fixtures.systems import MASTER_KEY
from tests.pictured_cases import claimed_with_pictures
from tests.planted import files_of
from tests.signing_in import sign_in


def erased(world: World, number: str = "D-1", reason: str = "patient_right") -> Erasure:
    with writing(world.system, world.actor(Role.ADMINISTRATOR)) as work:
        return erase_case(work, number, reason)


@dataclass
class Life:
    """A case through which everything went that a case can hold, and its bytes as they lie about."""

    case_id: UUID
    opinion_id: UUID
    photo_id: UUID
    sealed: list[bytes]
    keys: list[bytes]
    store: set[Path]


@pytest.fixture
def life(system: System, world: World) -> Life:
    """Pictures, a question, a message, an opinion, its report, an aftermath; closed."""
    case_id = claimed_with_pictures(world)
    with writing(system, world.actor(Role.EXPERT)) as work:
        conversation.ask(work, case_id, "Depuis combien de lunaisons ?", [], [])
    with writing(system, world.actor(Role.REQUESTER)) as work:
        conversation.write(work, case_id, "Depuis la foire de la Saint-Martin.")
    cases.sign(world, case_id)
    with reading(system) as work:
        opinion_id = work.session.scalars(select(Opinion.id).where(Opinion.case_id == case_id)).one()
    report_pdf(system, world.actor(Role.REQUESTER), case_id, opinion_id)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        following.acknowledge(work, case_id)
        following.tell_aftermath(work, case_id, "followed", "yes", "Opérée par la voisine.")
    with reading(system) as work:
        case = work.session.get_one(Case, case_id)
        assert case.state == "closed"
        revision = work.session.scalars(
            select(CaseRevision.content_sealed).where(CaseRevision.case_id == case_id)
        )
        patient = work.session.get_one(Patient, case.patient_id)
        photo_id = UUID(cases_first_photo(work, case))
        return Life(
            case_id,
            opinion_id,
            photo_id,
            [bytes(next(iter(revision)))[:400], bytes(case.summary_sealed or b"")],
            [case.data_key, patient.data_key],
            set(files_of(system.settings.data_dir / "photos")),
        )


def cases_first_photo(work: Any, case: Case) -> str:
    summary = Sealer(work.system.cipher, case).open(
        case.summary_sealed or b"", "cases", case.id, "summary_sealed"
    )
    return str(summary["photo"])


class BreakingStore:
    """A photo store that breaks after two deletions, as a killed process or a lost connection does."""

    def __init__(self, store: PhotoStore) -> None:
        self.store, self.deleted = store, 0

    def delete(self, key: str) -> None:
        if self.deleted == 2:
            raise ConnectionResetError
        self.deleted += 1
        self.store.delete(key)


def database_file(system: System) -> Path:
    return Path(system.engine.url.database or "")


@pytest.mark.sqlite_only
def test_neither_key_nor_sealed_bytes_are_left_in_any_file(system: System, world: World, life: Life) -> None:
    files = traces_files(database_file(system))
    for trace in (*life.keys, *life.sealed):
        assert stands_in(files, [trace]), "what is looked for is there before"
    assert len(life.store) > 8, "three pictures in three sizes and a report"

    told = erased(world)
    assert told.keys == life.keys
    assert told.with_patient
    assert wipe(system.engine, told.keys)

    raw = b"".join(file.read_bytes() for file in traces_files(database_file(system)))
    for trace in (*life.keys, *life.sealed):
        assert not stands_in(traces_files(database_file(system)), [trace])
        assert trace not in raw
    assert set(files_of(system.settings.data_dir / "photos")) == set()
    with closing(sqlite3.connect(database_file(system))) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_an_erasure_that_broke_off_is_completed_by_the_next(system: System, world: World, life: Life) -> None:
    broken: Any = BreakingStore(system.photo_store)
    with pytest.raises(ConnectionResetError):
        erased(dataclasses.replace(world, system=dataclasses.replace(system, photo_store=broken)))
    assert len(set(files_of(system.settings.data_dir / "photos"))) == len(life.store) - 2
    with reading(system) as work:
        assert work.session.get_one(Case, life.case_id).erased_at is None

    assert erased(world).files == len(life.store)

    assert set(files_of(system.settings.data_dir / "photos")) == set()


def test_an_erased_case_does_not_hold_a_rotation_up(system: System, world: World) -> None:
    cases.closed(world)
    erased(world)
    cipher = AesGcmCipher(bytes(32), base64.b64decode(MASTER_KEY))
    both = dataclasses.replace(system, cipher=cipher)
    check(both)
    key_rotation.begin(both, cipher.masters[0])

    assert [step.table for step in key_rotation.rewrap(both)].count("cases") == 0

    assert set(key_rotation.end(both).values()) == {0}


@pytest.mark.sqlite_only
def test_a_copy_of_the_key_in_a_page_that_nothing_uses_is_found_and_goes(
    system: System, world: World
) -> None:
    path, case_id = database_file(system), cases.closed(world)
    with reading(system) as work:
        key = work.session.get_one(Case, case_id).data_key
    with closing(sqlite3.connect(path, isolation_level=None)) as careless:
        careless.execute("PRAGMA secure_delete=OFF")
        careless.execute("CREATE TABLE scratch (bytes BLOB)")
        careless.executemany("INSERT INTO scratch VALUES (?)", [(key * 90,)] * 9)
        careless.execute("DROP TABLE scratch")
    with writing(system) as work:
        work.session.get_one(Case, case_id).data_key = b""
    assert stands_in(traces_files(path), [key])

    assert wipe(system.engine, [key])

    assert not stands_in(traces_files(path), [key])
    with reading(system) as work:
        assert work.session.get_one(Case, case_id).number == "D-1"


@pytest.mark.postgres
def test_nothing_that_was_sealed_is_left_in_the_tables_and_a_kept_copy_opens_no_more(
    system: System, world: World
) -> None:
    case_id = cases.closed(world)
    with reading(system) as work:
        copied = work.session.scalars(select(CaseRevision).where(CaseRevision.case_id == case_id)).one()
        sealed = bytes(copied.content_sealed)
        opened = Sealer(system.cipher, work.session.get_one(Case, case_id)).open(
            sealed, "case_revisions", copied.id, "content_sealed"
        )
        assert opened["patient"]["birth_name"] == "Vautrin"
        assert sum(_left(work)) > 4

    told = erased(world)

    assert told.with_patient
    assert len(told.keys) == 2
    with reading(system) as work:
        case = work.session.get_one(Case, case_id)
        assert case.erased_at is not None
        assert (case.number, case.state, case.motive) == ("D-1", "closed", "keratosis"), "statistics stay"
        with pytest.raises(SealBroken):
            Sealer(system.cipher, case)
        assert sum(_left(work)) == 0
        assert work.session.scalar(select(func.count()).select_from(PatientSearchKey)) == 0
        assert work.session.scalar(select(func.count()).select_from(PatientIdentityVersion)) == 0
        patient = work.session.scalars(select(Patient)).one()
        assert (patient.identity_sealed, patient.data_key) == (b"", b"")


def _left(work: Any) -> list[int]:
    return [
        work.session.scalar(
            select(func.count())
            .select_from(column.class_)
            .where(column.is_not(None), func.length(column) > 0)
        )
        for column in (*UNDER_CASE_KEY, *OF_CONTENT)
    ]


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
    erased(world, reason="wrong_patient")

    with reading(system) as work:
        row = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "case.erase")).one()
        assert (row.case_id, row.actor_id) == (case_id, world.who(Role.ADMINISTRATOR).person_id)
        assert row.detail == {"reason": "wrong_patient", "files": 0}
        assert work.session.scalars(select(AuditEvent).where(AuditEvent.action == "patient.erase")).one()


def test_an_open_a_retained_and_a_case_that_must_be_kept_are_not_erased(
    system: System, world: World, clock: FakeClock
) -> None:
    open_id, held_id, kept_id = cases.answered(world), cases.closed(world), cases.closed(world)
    with writing(system) as work:
        work.session.get_one(Case, held_id).legal_hold = True
        work.session.get_one(Case, kept_id).keep_until = work.now + timedelta(days=1)

    for number, words in (
        ("D-1", "pas terminé"),
        ("D-2", "justice"),
        ("D-3", "conservé jusqu’au 13/03/2026"),
    ):
        with pytest.raises(Conflict, match=words):
            erased(world, number)

    with reading(system) as work:
        for case_id in (open_id, held_id, kept_id):
            Sealer(system.cipher, work.session.get_one(Case, case_id))
    clock.advance(days=2)
    assert erased(world, "D-3").number == "D-3"


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
    assert "Plus aucun octet de ses clés" in said
    assert as_administrator("administrator@example.org", later=30) == 0
    assert "était déjà effacé" in capsys.readouterr().out

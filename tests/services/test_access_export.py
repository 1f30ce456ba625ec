"""The record that a patient asks for: whole, noted before it leaves, read as it is sent, nothing of anybody else."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from dermavis.adapters.zip_stream import Entry, zip_stream
from dermavis.domain.errors import Conflict, Forbidden
from dermavis.domain.roles import Role
from dermavis.models import AdministrativeNote, AuditEvent, Case
from dermavis.services import claiming, conversation, demands, following
from dermavis.services.access_export import hand_over
from dermavis.services.case_readings import read_case_readings
from dermavis.services.child_cases import Asked
from dermavis.services.second_opinions import ask_second_opinion
from dermavis.services.vault import Sealer
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.demanding import checked, demanded
from tests.erasing import lived
from tests.factories import World


def _pages(*_: object) -> dict[str, str]:
    return {"dossier.html": "<p>lisible</p>"}


def archive(world: World, demand_id: UUID, who: Role | str = Role.REQUESTER) -> zipfile.ZipFile:
    handing = hand_over(world.system, world.actor(who), demand_id, _pages)
    return zipfile.ZipFile(io.BytesIO(b"".join(handing.pieces)))


def test_a_patient_gets_everything_kept_about_them_with_who_read_it(system: System, world: World) -> None:
    life = lived(system, world)
    with writing(system, world.actor(Role.EXPERT)) as work:
        _write_administrative_note(work, life.case_id, "Le voisin de la patiente a téléphoné.")
    demand_id = checked(world)

    found = archive(world, demand_id)

    assert found.testzip() is None
    names = set(found.namelist())
    assert {"dossier.html", "donnees.json", "D-1/photo-01.jpg"} <= names
    assert any(name.startswith("D-1/avis-D-1") for name in names)
    assert all(found.read(name)[:4] == b"%PDF" for name in names if name.endswith(".pdf"))
    assert found.read("D-1/photo-01.jpg")[:2] == b"\xff\xd8"
    told = json.loads(found.read("donnees.json"))
    assert told["patient"]["identity"]["birth_name"] == "Vautrin"
    case = told["cases"][0]
    assert {message["text"] for message in case["messages"]} == {
        "Depuis combien de lunaisons ?",
        "Depuis la foire de la Saint-Martin.",
    }
    assert "Kératose séborrhéique" in case["opinions"][0]["text"]
    assert case["aftermath"][0]["note"] == "Opérée par la voisine."
    assert case["consents"][0]["kind"] == "tele_expertise"
    assert case["request"][0]["content"]["question"]
    assert told["left_out"]["administrative_notes"] == 1
    assert "voisin de la patiente" not in found.read("donnees.json").decode()


def test_the_handing_over_is_noted_before_the_first_byte_and_tells_who_read(
    system: System, world: World
) -> None:
    case_id = cases.closed(world)
    demand_id = checked(world)
    handing = hand_over(system, world.actor(Role.REQUESTER), demand_id, _pages)
    with reading(system) as work:
        row = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "access.hand_over")).one()
        assert (row.case_id, row.actor_id) == (case_id, world.who(Role.REQUESTER).person_id)
    assert next(handing.pieces)[:2] == b"PK"
    readings = read_case_readings(system, world.actor(Role.DATA_PROTECTION_OFFICER), "D-1")
    assert [reader.how for reader in readings.opened] == ["remis au patient"]
    with writing(system, world.actor(Role.REQUESTER)) as work:
        assert demands.close(work, demand_id, "given", "").outcome == "given"


def test_no_record_leaves_before_the_identity_is_checked_nor_by_whom_it_is_not(
    system: System, world: World
) -> None:
    cases.closed(world)
    unchecked = demanded(world)
    with pytest.raises(Conflict, match="identité"):
        archive(world, unchecked)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        demands.check_identity(work, unchecked, "document")
        with pytest.raises(Conflict, match="Téléchargez"):
            demands.close(work, unchecked, "given", "")
    with pytest.raises(Forbidden):
        archive(world, unchecked, Role.SITE_SECRETARY)
    with pytest.raises(Forbidden, match="confrère"):
        archive(world, unchecked, "other_requester")
    assert archive(world, unchecked, Role.DATA_PROTECTION_OFFICER).namelist()


def test_a_grave_opinion_that_its_doctor_has_not_read_does_not_reach_the_patient_by_a_file(
    system: System, world: World
) -> None:
    grave = cases.opinion(destination="surgery", within_two_weeks=True)
    case_id = cases.answered(world, answer=grave)
    demand_id = checked(world)
    with pytest.raises(Conflict, match="pas encore été lu"):
        archive(world, demand_id)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        following.acknowledge(work, case_id)
    assert archive(world, demand_id).namelist()


def test_a_grave_second_opinion_does_not_go_out_before_the_patients_own_doctor_read_an_answer(
    system: System, world: World
) -> None:
    first = cases.claimed(world)
    asked = Asked(world.other_team_id, "Exérèse d’emblée ?", "routine", (), "told_by_requester")
    second = ask_second_opinion(system, world.actor(Role.EXPERT), first, uuid4(), asked)
    with writing(system, world.actor("stranger_expert")) as work:
        claiming.claim(work, second)
    grave = cases.opinion(destination="surgery", within_two_weeks=True)
    cases.sign(world, second, "stranger_expert", grave)
    with writing(system, world.actor(Role.EXPERT)) as work:
        following.acknowledge(work, second)
    demand_id, officer = checked(world), Role.DATA_PROTECTION_OFFICER
    with pytest.raises(Conflict, match="pas encore été lu"):
        archive(world, demand_id, officer)
    cases.sign(world, first)
    with pytest.raises(Conflict, match="pas encore été lu"):
        archive(world, demand_id, officer)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        following.acknowledge(work, first)
    assert archive(world, demand_id, officer).namelist()


def test_another_patient_is_not_in_it(system: System, world: World) -> None:
    cases.closed(world)
    other = cases.closed(
        world, patient=cases.content()["patient"] | {"birth_name": "Quesnel", "birth_date": "1949-01-02"}
    )
    with writing(system, world.actor(Role.REQUESTER)) as work:
        conversation.write(work, other, "Rien à voir.")
    demand_id = checked(world)

    found = archive(world, demand_id)

    assert [case["number"] for case in json.loads(found.read("donnees.json"))["cases"]] == ["D-1"]
    assert "Vautrin" in found.read("donnees.json").decode()
    assert "Quesnel" not in found.read("donnees.json").decode()


def test_an_archive_is_written_an_entry_at_a_time() -> None:
    asked = []

    def entries() -> Iterator[Entry]:
        for number in range(3):
            asked.append(number)
            yield Entry(f"{number}.bin", bytes([number]) * 300_000, packed=True)

    pieces = zip_stream(entries(), datetime(2026, 3, 12, 10, 0, tzinfo=UTC))
    first = next(pieces)
    assert asked == [0]
    assert 300_000 < len(first) < 301_000
    whole = zipfile.ZipFile(io.BytesIO(first + b"".join(pieces)))
    assert whole.testzip() is None
    assert [whole.read(f"{number}.bin")[0] for number in range(3)] == [0, 1, 2]


def _write_administrative_note(work: object, case_id: UUID, words: str) -> None:
    from uuid import uuid4

    from dermavis.services.work import Work

    assert isinstance(work, Work)
    note_id = uuid4()
    sealer = Sealer(work.system.cipher, work.session.get_one(Case, case_id))
    work.session.add(
        AdministrativeNote(
            id=note_id,
            case_id=case_id,
            sealed=sealer.seal(words, "administrative_notes", note_id, "sealed"),
            written_by=work.acting.person_id,
            organization_id=work.acting.organization_id,
            written_at=work.now,
        )
    )

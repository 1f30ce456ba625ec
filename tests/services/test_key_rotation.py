"""Replacing the master key while the service runs: nothing is lost, and in the end nothing hangs on the old key."""

from __future__ import annotations

import base64
import dataclasses
import itertools
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app import create_app
from dermavis.adapters.cipher import AesGcmCipher, AesGcmMasterKey
from dermavis.bootstrap import check
from dermavis.cli import main
from dermavis.domain.errors import Conflict
from dermavis.domain.ports import SealBroken
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Case, HeldForm, KeyCheck, Patient, PatientSearchKey, Person
from dermavis.models.sealed import DATA_KEYS, UNDER_MASTER
from dermavis.services import drafts, email_codes, held_forms, key_rotation, second_factor, subscriptions
from dermavis.services.device_keys import device_key
from dermavis.services.health import complaints
from dermavis.services.letters import write_letter
from dermavis.services.master_keys import KeyAway
from dermavis.services.patients import search_patients
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.vault import owner_place, place_of
from dermavis.services.work import System, reading, writing
from dermavis.settings import Settings, SettingsRefused
from tests import cases, material
from tests.announced import sent_case, subscribed, with_receiver
from tests.factories import TOTP_SECRET, World
from tests.fixtures.servers import ROOT, LiveServer
from tests.fixtures.systems import MASTER_KEY
from tests.receivers import PushReceiver, wait_until
from tests.sending_phone import SendingPhone
from tests.signing_in import cookie_name, new_session

OLD, NEW = base64.b64decode(MASTER_KEY), bytes(range(100, 132))
OLD_KEY, NEW_KEY = AesGcmMasterKey(OLD), AesGcmMasterKey(NEW)


@dataclasses.dataclass
class Held:
    """A service in which something hangs on the master key in every way there is."""

    world: World
    case_id: UUID
    recovery_code: str
    endpoint: str
    form: str


@pytest.fixture
def held(system: System, world: World) -> Held:
    """Let people leave behind all that the old key wraps."""
    requester = world.actor(Role.REQUESTER)
    with PushReceiver() as receiver:
        phone = receiver.phone("requester")
        subscribed(with_receiver(system, receiver), requester, phone)
    with writing(system, requester) as work:
        write_letter(work, "email_code", "noe.petit@example.org", requester.person_id, code="123456")
        codes = second_factor.new_recovery_codes(work, requester.person_id)
    form = held_forms.keep(system, requester.person_id, "/cases/x", [("text", "Elle a gratté hier.")])
    return Held(world, cases.closed(world), codes[0], phone.target.endpoint, form)


def with_keys(system: System, key: bytes, previous: bytes | None = None) -> System:
    """The service as it starts with these keys. Raises SettingsRefused."""
    started = dataclasses.replace(system, cipher=AesGcmCipher(key, previous))
    check(started)
    return started


def rotated(system: System) -> dict[str, int]:
    """Go through everything once, and end."""
    for _ in key_rotation.rewrap(system):
        pass
    return key_rotation.end(system)


def hanging_on(system: System, key: AesGcmMasterKey) -> dict[str, int]:
    """How many values of each wrapped column open with a key."""
    found: dict[str, int] = {}
    with reading(system) as work:
        for column in (*DATA_KEYS, *UNDER_MASTER):
            table = column.class_.__tablename__
            rows = work.session.execute(select(column.class_.id, column).where(column.is_not(None))).all()
            found[f"{table}.{column.key}"] = sum(
                opens(
                    key,
                    sealed,
                    owner_place(table, row_id)
                    if column in DATA_KEYS
                    else place_of(table, row_id, column.key),
                )
                for row_id, sealed in rows
            )
    return found


def opens(key: AesGcmMasterKey, sealed: bytes, place: bytes) -> bool:
    try:
        key.unwrap(sealed, place)
    except SealBroken:
        return False
    return True


def names_found(system: System, world: World, typed: str) -> list[str]:
    with writing(system, world.actor(Role.REQUESTER)) as work:
        return [found.identity["birth_name"] for found in search_patients(work, typed)]


def versions(system: System) -> list[int]:
    with reading(system) as work:
        return list(work.session.scalars(select(KeyCheck.version).order_by(KeyCheck.version)))


@pytest.mark.postgres
def test_everything_that_the_old_key_wrapped_opens_with_the_new_one_alone(system: System, held: Held) -> None:
    before = hanging_on(system, OLD_KEY)
    assert all(count > 0 for count in before.values()), before
    assert set(hanging_on(system, NEW_KEY).values()) == {0}
    both = with_keys(system, NEW, OLD)

    assert key_rotation.begin(both, NEW_KEY) == 2
    left = rotated(both)

    assert set(left.values()) == {0}
    assert hanging_on(system, NEW_KEY) == before
    assert set(hanging_on(system, OLD_KEY).values()) == {0}
    assert versions(system) == [2]
    with reading(system) as work:
        assert set(work.session.scalars(select(PatientSearchKey.key_version))) == {2}
        assert set(work.session.scalars(select(Case.key_version))) == {2}
        actions = work.session.scalars(
            select(AuditEvent.action).where(AuditEvent.action.like("keys.%"))
        ).all()
    assert actions == ["keys.rotation_begun", "keys.rotation_ended"]


def test_the_old_key_is_refused_after_the_end_and_the_new_one_opens_all_that_people_left(
    system: System, held: Held
) -> None:
    requester = held.world.actor(Role.REQUESTER)
    with reading(system, requester) as work:
        on_the_phone = device_key(work)
    signs_forms = create_app(system).config["SECRET_KEY"]
    both = with_keys(system, NEW, OLD)
    key_rotation.begin(both, NEW_KEY)
    rotated(both)

    with pytest.raises(SettingsRefused, match="autre clé maîtresse"):
        with_keys(system, OLD)
    new = with_keys(system, NEW)

    with writing(new, requester) as work:
        case = work.session.get_one(Case, held.case_id)
        content = open_content(work, case, last_revision(work, case))
        assert content["patient"]["birth_name"] == "Vautrin"
        person = work.session.get_one(Person, requester.person_id)
        assert second_factor.secret_of(work, person) == TOTP_SECRET
        assert second_factor.accept_recovery_code(work, requester.person_id, held.recovery_code)
        assert device_key(work) == on_the_phone, "what the phone keeps still opens"
        assert subscriptions.unsubscribe(work, held.endpoint)
    form = held_forms.find(new, requester.person_id, held.form)
    assert form is not None
    assert form.fields == [("text", "Elle a gratté hier.")]
    assert create_app(new).config["SECRET_KEY"] == signs_forms, "a page that stands open can still be sent"
    assert names_found(new, held.world, "vautrin") == ["Vautrin"]


def test_what_an_older_key_handed_down_outlives_a_second_rotation(system: System, held: Held) -> None:
    both = with_keys(system, NEW, OLD)
    key_rotation.begin(both, NEW_KEY)
    rotated(both)
    third = bytes(range(200, 232))
    again = with_keys(system, third, NEW)

    assert key_rotation.begin(again, AesGcmMasterKey(third)) == 3
    assert set(rotated(again).values()) == {0}

    last = with_keys(system, third)
    with writing(last, held.world.actor(Role.REQUESTER)) as work:
        assert second_factor.accept_recovery_code(work, work.acting.person_id, held.recovery_code)


@pytest.mark.postgres
def test_a_rotation_killed_anywhere_goes_on_where_it_was_and_patients_are_found_at_each_step(
    system: System, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_rotation, "CHUNK", 1)
    for name in ("Quimper", "Zola"):
        patient = cases.content()["patient"] | {"birth_name": name}
        cases.sent(held.world, patient=patient)
    both = with_keys(system, NEW, OLD)
    assert names_found(both, held.world, "zola") == ["Zola"], "before it begins"
    key_rotation.begin(both, NEW_KEY)
    total = sum(hanging_on(system, OLD_KEY).values())

    killed_after = 5
    done_first: dict[Any, bytes] = {}
    for _ in itertools.islice(key_rotation.rewrap(both), killed_after):
        for name in ("Quimper", "Zola", "Vautrin"):
            assert names_found(both, held.world, name.lower()) == [name]
    with reading(system) as work:
        for table in (Case, Patient):
            rows = select(table.id, table.data_key).where(table.key_version == 2)
            done_first |= {row.id: row.data_key for row in work.session.execute(rows)}
        mixed = set(work.session.scalars(select(PatientSearchKey.key_version)))
    assert len(done_first) == killed_after
    assert mixed == {1, 2}
    assert key_rotation.begin(both, NEW_KEY) == 2, "the same command again"

    wrapped = 0
    before: dict[str, int] = {}
    for progress in key_rotation.rewrap(both):
        wrapped += progress.wrapped - before.get(progress.table, 0)
        before[progress.table] = progress.wrapped
        assert names_found(both, held.world, "zola") == ["Zola"]
    assert wrapped == total - killed_after
    assert set(key_rotation.end(both).values()) == {0}
    with reading(system) as work:
        for table in (Case, Patient):
            rows = select(table.id, table.data_key).where(table.id.in_(done_first))
            for row_id, key in work.session.execute(rows):
                assert done_first[row_id] == key, "what was done is not done again"
    assert names_found(with_keys(system, NEW), held.world, "zola") == ["Zola"]


def test_a_request_sent_in_the_midst_is_under_the_new_key_and_found(
    system: System, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_rotation, "CHUNK", 1)
    both = with_keys(system, NEW, OLD)
    during = dataclasses.replace(held.world, system=both)
    key_rotation.begin(both, NEW_KEY)
    steps = key_rotation.rewrap(both)
    next(steps)

    patient = cases.content()["patient"] | {"birth_name": "Quimper"}
    case_id = cases.claimed(during, patient=patient)

    with reading(system) as work:
        assert work.session.get_one(Case, case_id).key_version == 2
    assert names_found(both, held.world, "quimper") == ["Quimper"]
    cases.sign(during, case_id)
    assert sum(1 for _ in steps) > 0
    assert set(key_rotation.end(both).values()) == {0}
    assert names_found(with_keys(system, NEW), held.world, "quimper") == ["Quimper"]


@pytest.mark.postgres
def test_a_row_of_the_old_key_that_comes_late_keeps_the_old_key_until_it_is_wrapped_anew(
    system: System, held: Held
) -> None:
    both = with_keys(system, NEW, OLD)
    key_rotation.begin(both, NEW_KEY)
    for _ in key_rotation.rewrap(both):
        pass
    case_id = sent_case(both, held.world, state="closed", key_version=1)
    with writing(system) as work:
        case = work.session.get_one(Case, case_id)
        case.data_key = OLD_KEY.wrap(bytes(32), owner_place("cases", case_id))

    assert key_rotation.end(both)["cases"] == 1
    assert versions(system) == [1, 2]

    assert set(rotated(both).values()) == {0}
    assert versions(system) == [2]


def test_a_patient_whose_search_alone_is_old_is_written_anew(system: System, world: World) -> None:
    cases.sent(world)
    both = with_keys(system, NEW, OLD)
    key_rotation.begin(both, NEW_KEY)
    for _ in key_rotation.rewrap(both):
        pass
    with writing(system) as work:
        work.session.execute(PatientSearchKey.__table__.update().values(key_version=1))

    assert key_rotation.end(both)["patients"] == 1
    assert set(rotated(both).values()) == {0}


def test_a_value_that_opens_with_no_key_is_counted_and_keeps_the_old_one(system: System, held: Held) -> None:
    with writing(system) as work:
        row = work.session.scalars(select(HeldForm)).one()
        row.sealed = row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])
    both = with_keys(system, NEW, OLD)
    key_rotation.begin(both, NEW_KEY)

    left = rotated(both)

    assert {name: count for name, count in left.items() if count} == {"held_forms": 1}
    assert versions(system) == [1, 2]


@pytest.mark.postgres
def test_a_process_without_the_new_key_refuses_to_write_and_says_that_it_is_ill(
    system: System, world: World
) -> None:
    both = with_keys(system, NEW, OLD)
    assert "key" not in complaints(system)
    key_rotation.begin(both, NEW_KEY)

    with pytest.raises(KeyAway, match="relancé"):
        cases.drafted(world)
    assert "key" in complaints(system)
    assert "key" not in complaints(both)
    with reading(system) as work:
        assert work.session.scalar(select(func.count()).select_from(Case).where(Case.state == "draft")) == 0


@pytest.mark.parametrize(("key", "previous"), [(NEW, None), (OLD, None), (NEW, bytes(32))])
def test_during_a_rotation_a_start_needs_both_keys(
    system: System, key: bytes, previous: bytes | None
) -> None:
    key_rotation.begin(with_keys(system, NEW, OLD), NEW_KEY)

    with pytest.raises(SettingsRefused, match="les deux clés"):
        with_keys(system, key, previous)


def test_both_keys_may_be_held_before_it_begins_and_the_old_one_still_wraps(
    system: System, world: World
) -> None:
    both = with_keys(system, NEW, OLD)

    case_id = cases.sent(dataclasses.replace(world, system=both))

    with reading(system, world.actor(Role.REQUESTER)) as work:
        assert drafts.open_draft(work, work.session.get_one(Case, case_id))
    assert versions(system) == [1]
    with pytest.raises(SettingsRefused, match="autre clé maîtresse"):
        with_keys(system, NEW)


def test_one_rotation_at_a_time_and_none_to_the_key_that_is_there(system: System) -> None:
    both = with_keys(system, NEW, OLD)
    with pytest.raises(Conflict, match="déjà celle de la base"):
        key_rotation.begin(both, OLD_KEY)
    key_rotation.begin(both, NEW_KEY)

    with pytest.raises(Conflict, match="déjà en cours"):
        key_rotation.begin(both, AesGcmMasterKey(bytes(32)))


@pytest.fixture
def key_files(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The old and the new key in files, and the settings of a service that holds the old one."""
    files = (tmp_path / "old.key", tmp_path / "new.key")
    for path, key in zip(files, (OLD, NEW), strict=True):
        path.write_text(base64.b64encode(key).decode() + "\n")
    monkeypatch.delenv("MASTER_KEY", raising=False)
    monkeypatch.setenv("DERMAVIS_ENV", "test")
    monkeypatch.setenv("DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("MASTER_KEY_FILE", str(files[0]))
    return files


def test_the_command_says_what_comes_first_how_far_it_is_and_when_the_old_key_may_go(
    system: System,
    held: Held,
    key_files: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    old, new = key_files
    assert main(["keys", "rotate", str(new)]) == 1
    assert f"MASTER_KEY_FILE={new}" in capsys.readouterr().out
    assert versions(system) == [1]
    monkeypatch.setenv("MASTER_KEY_FILE", str(new))
    monkeypatch.setenv("PREVIOUS_MASTER_KEY_FILE", str(old))

    assert main(["keys", "rotate", str(new)]) == 0

    said = capsys.readouterr().out
    assert "télédossiers : 1 sur 1" in said
    assert "Reste : 0." in said
    assert "Détruisez l’ancienne clé" in said
    assert main(["keys", "check", str(old)]) == 1
    assert main(["keys", "check"]) == 0
    assert main(["keys", "rotate", str(new)]) == 1
    assert "rien ne reste à faire" in capsys.readouterr().err
    old.unlink()
    assert main(["check"]) == 0


def test_checking_a_key_during_a_rotation_tells_the_old_from_the_new(
    system: System, key_files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = key_files
    key_rotation.begin(with_keys(system, NEW, OLD), NEW_KEY)

    assert main(["keys", "check", str(old)]) == 0
    assert "l’ancienne, encore nécessaire" in capsys.readouterr().out
    assert main(["keys", "check", str(new)]) == 0
    assert "c’est la nouvelle" in capsys.readouterr().out


def test_a_code_mailed_before_it_began_still_signs_in(system: System, held: Held) -> None:
    requester = held.world.actor(Role.REQUESTER)
    with writing(system) as work:
        person = work.session.get_one(Person, requester.person_id)
        code = email_codes.send_code(work, person, "sign_in")
    both = with_keys(system, NEW, OLD)
    key_rotation.begin(both, NEW_KEY)
    rotated(both)

    with writing(with_keys(system, NEW)) as work:
        assert code is not None
        assert email_codes.accept_code(work, requester.person_id, "sign_in", code)


@pytest.mark.long
def test_people_go_on_sending_while_the_command_is_killed_and_run_again(
    start_server: Callable[..., LiveServer], tmp_path: Path
) -> None:
    old, new = tmp_path / "old.key", tmp_path / "new.key"
    for path, key in ((old, OLD), (new, NEW)):
        path.write_text(base64.b64encode(key).decode() + "\n")
    server = start_server(started=False, MASTER_KEY_FILE=old)
    for _ in range(key_rotation.CHUNK + 10):
        cases.sent(server.world)
    server.environment |= {"MASTER_KEY_FILE": str(new), "PREVIOUS_MASTER_KEY_FILE": str(old)}
    server.start()
    who = server.world.who(Role.REQUESTER)
    phone = SendingPhone(server.url, f"{cookie_name(server.system)}={new_session(server.system, who)}")
    picture = material.jpeg(material.grainy(480, 360))
    sender = threading.Thread(target=phone.send_until_over, args=(lambda: picture,), daemon=True)
    sender.start()

    with _rotating(server, new) as first:
        assert first.stdout is not None
        said = [next(first.stdout) for _ in range(2)]
        first.kill()
    assert "télédossiers" in said[1]
    assert versions(server.system) == [1, 2]
    second = _rotating(server, new)
    told, _ = second.communicate(timeout=60)

    assert second.returncode == 0, told
    assert "Reste : 0." in told
    sent = len(phone.requests)
    wait_until(lambda: len(phone.requests) > sent + 1, 30)
    phone.over.set()
    sender.join(60)
    assert phone.broken == 0
    server.stop()
    assert "breakdown" not in server.log("web")
    server.environment |= {"PREVIOUS_MASTER_KEY_FILE": ""}
    server.start()
    for request in (*phone.requests[:3], *phone.requests[-3:]):
        assert phone.ask("GET", f"/cases/{request.case_id}").status == 200
    found = phone.ask("POST", "/api/v1/patients", {"format": 1, "q": "vautrin"})
    assert len(found.json["patients"]) > 1
    assert set(hanging_on(server.system, OLD_KEY).values()) == {0}


def _rotating(server: LiveServer, new: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "dermavis.cli", "keys", "rotate", str(new)],
        cwd=ROOT,
        env=server.environment,
        stdout=subprocess.PIPE,
        text=True,
    )

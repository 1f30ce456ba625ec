"""A master key is replaced while people work: it may be killed anywhere, and each process must hold both keys."""

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

import pytest
from sqlalchemy import func, select

from dermavis.domain.roles import Role
from dermavis.models import Case, Patient, PatientSearchKey
from dermavis.services import drafts, key_rotation
from dermavis.services.health import complaints
from dermavis.services.master_keys import KeyAway
from dermavis.services.vault import owner_place
from dermavis.services.work import System, reading, writing
from dermavis.settings import SettingsRefused
from tests import cases, material
from tests.announced import sent_case
from tests.factories import World
from tests.fixtures.servers import ROOT, LiveServer
from tests.receivers import wait_until
from tests.rotating import (
    NEW,
    NEW_KEY,
    OLD,
    OLD_KEY,
    Held,
    hanging_on,
    names_found,
    rotated,
    versions,
    with_keys,
)
from tests.sending_phone import SendingPhone
from tests.signing_in import cookie_name, new_session


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

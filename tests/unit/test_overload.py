"""What is refused when there is too much: what can wait first, and what cannot wait never."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from blueprints.entrance.overload import FIRST, LATER, NEVER, weight_of
from dermavis.adapters.machine import LocalMachine
from dermavis.adapters.waiting import MeasuredThreads, waited_s
from dermavis.domain.overload import Limits, Load, Overloaded, Weight, refuse_overload

LIMITS = Limits(wait=2.0, disk=1000, memory=100)
WEIGHTS = (Weight.FIRST, Weight.ORDINARY, Weight.LATER)


def refused(writes: bool = True, **load: Any) -> list[str]:
    """The codes with which each weight is refused, from what cannot wait to what can; empty where it passes."""
    found = []
    for weight in WEIGHTS:
        try:
            refuse_overload(Load(**({"waited": 0.0, "free_threads": 16} | load)), LIMITS, weight, writes)
            found.append("")
        except Overloaded as refusal:
            found.append(refusal.code if refusal.status == 503 and refusal.retry_after > 0 else "?")
    return found


@pytest.mark.parametrize(
    ("load", "codes"),
    [
        ({}, ["", "", ""]),
        ({"waited": 2.1}, ["", "", "busy"]),
        ({"waited": 6.1}, ["", "busy", "busy"]),
        ({"waited": 60.0, "free_threads": -3}, ["", "busy", "busy"]),
        ({"waited": 0.6, "free_threads": 3}, ["", "", "busy"]),
        ({"waited": 0.6, "free_threads": 1}, ["", "busy", "busy"]),
        ({"waited": 0.0, "free_threads": 0}, ["", "", ""]),  # many at once is no trouble while nobody waits
        ({"disk": 900}, ["", "", "disk_full"]),
        ({"disk": 200}, ["", "disk_full", "disk_full"]),
        ({"disk": 200, "writes": False}, ["", "", ""]),
        ({"memory": 90}, ["", "", "memory_short"]),
        ({"memory": 20, "writes": False}, ["", "memory_short", "memory_short"]),
    ],
)
def test_what_can_wait_is_refused_before_what_can_less(load: dict[str, Any], codes: list[str]) -> None:
    assert refused(**load) == codes


def test_every_name_of_a_route_or_a_place_is_one_that_exists(application: Any, system: Any) -> None:
    app: Flask = application(system)
    assert {name for name in FIRST | (NEVER - {None}) if name not in app.view_functions} == set()
    assert {name for name in LATER if name not in app.blueprints} == set()
    assert weight_of("requester_case.acknowledge") is Weight.FIRST
    assert weight_of("uploads.create") is Weight.LATER
    assert weight_of("requester_case.aftermath") is Weight.ORDINARY


def test_a_container_is_short_of_memory_before_its_machine_is(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("1000000\n")
    (tmp_path / "memory.current").write_text("900000\n")
    (tmp_path / "memory.stat").write_text("anon 700000\ninactive_file 50000\n")
    found = LocalMachine(tmp_path, cgroup=tmp_path)
    assert found.free_memory() == 150_000
    assert (found.free_disk() or 0) > 0
    (tmp_path / "memory.max").write_text("max\n")
    assert (LocalMachine(tmp_path, cgroup=tmp_path).free_memory() or 0) > 1_000_000


def test_a_task_knows_how_long_it_lay_in_the_queue() -> None:
    held = threading.Event()
    with MeasuredThreads(max_workers=1) as pool:
        pool.submit(held.wait, 5)
        second = pool.submit(waited_s)
        threading.Timer(0.05, held.set).start()
        assert second.result() >= 0.05
    assert waited_s() == 0

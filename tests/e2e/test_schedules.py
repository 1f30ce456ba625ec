"""A dozen schedules of what ``bin/bench schedules`` lives by the hundred."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.schedules.rounds import Rounds

if TYPE_CHECKING:
    from tests.fixtures.servers import LiveServer

PHONES = 3


@pytest.mark.parametrize(
    ("first", "count"),
    [
        (1, 2),
        pytest.param(3, 2, marks=pytest.mark.long),
        pytest.param(101, 12, marks=pytest.mark.long),
        pytest.param(201, 12, marks=pytest.mark.long),
    ],
)
def test_schedules_of_cut_kill_retry_and_second_tab_lose_double_and_change_nothing(
    start_server: Callable[..., LiveServer], tmp_path: Path, first: int, count: int
) -> None:
    rounds = Rounds(start_server(), tmp_path)
    rounds.live(range(first, first + count), PHONES)
    assert rounds.broken == []
    assert [f"seed {lived.seed}: {fault}" for lived in rounds.outcomes for fault in lived.faults] == []
    assert len(rounds.outcomes) == count
    assert rounds.audit_faults() == 0
    assert rounds.happened.total() >= count, "something happened"

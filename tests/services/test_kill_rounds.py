"""Web and worker are killed again and again while people work: nothing that was acknowledged is lost or doubled."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from tests.fixtures.servers import LiveServer
from tests.killing import PICTURES, KillRounds
from tests.sending_phone import SentPicture

ROUNDS = 5


@pytest.mark.long
def test_what_was_acknowledged_outlives_kill_9(start_server: Callable[..., LiveServer]) -> None:
    server = start_server()
    rounds = KillRounds.on(server)
    rounds.run(ROUNDS)
    server.stop()
    assert rounds.broken >= ROUNDS, "each kill broke something that was on its way"
    assert rounds.tablet.signed
    rounds.check()
    _check_finds_what_is_missing(rounds)


def _check_finds_what_is_missing(rounds: KillRounds) -> None:
    """The same check fails when a picture is another than the one acknowledged, and when a case is not there."""
    done = next(request for phone in rounds.phones for request in phone.requests)
    kept = done.pictures[0]
    other = next(content for content in PICTURES if content != kept.content)
    done.pictures[0] = SentPicture(kept.case_id, kept.photo_id, other)
    with pytest.raises(AssertionError):
        rounds.check()
    done.pictures[0] = kept
    rounds.tablet.signed.append(UUID(int=7))
    with pytest.raises(AssertionError, match="a signature was acknowledged and is gone"):
        rounds.check()
    rounds.tablet.signed.pop()
    done.case_id = UUID(int=7)
    with pytest.raises(AssertionError, match="is gone"):
        rounds.check()

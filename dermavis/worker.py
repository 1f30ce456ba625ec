"""The worker: lanes that never wait for each other, so that no notice stands behind the re-encoding of a picture."""

from __future__ import annotations

import logging
import queue
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from dermavis.models import Heartbeat
from dermavis.services import audit_sealing, audit_timestamping, housekeeping, outbox, timers, watching
from dermavis.services.failures import trace_of
from dermavis.services.work import System, writing

log = logging.getLogger("dermavis.worker")

POLL_S = 0.25
"""How soon a lane that found nothing looks again: what was announced leaves within a quarter of a second."""

LONGEST_PAUSE_S = 30.0
"""How long a lane rests, at most, when each of its tries fails: the database is away."""

BEAT_EVERY = timedelta(seconds=10)
STOP_PATIENCE_S = 20.0


@dataclass(frozen=True)
class Lane:
    """One kind of work, done by ``threads`` threads. ``step`` does a little and tells whether it found anything.

    ``rest_s``: how long, in seconds, a lane rests that found nothing. ``begins_after_s``: how long it waits at first.
    """

    name: str
    step: Callable[[System], int | bool]
    threads: int = 1
    rest_s: float = POLL_S
    begins_after_s: float = 0.0


def make_next_picture(system: System) -> bool:
    """Make one received picture ready; tell whether there was one."""
    # Imaging is heavy and only this lane pays for it.
    from dermavis.services.pictures import process_next_picture

    return process_next_picture(system)


LANES = (
    Lane("push", lambda system: outbox.deliver_due(system, "push"), threads=2),
    Lane("mail", lambda system: outbox.deliver_due(system, "mail")),
    Lane("timers", timers.run_due),
    Lane("pictures", make_next_picture),
    Lane("seals", audit_sealing.seal_due, rest_s=audit_sealing.EVERY_S),
    Lane("stamps", audit_timestamping.stamp_due, rest_s=audit_timestamping.EVERY_S),
    # Once the other lanes have given their first sign: a start is no alarm.
    Lane("watch", watching.watch, rest_s=watching.EVERY_S, begins_after_s=15.0),
)


def main(system: System) -> None:
    """Work until SIGTERM or SIGINT, then finish what is in hand and end."""
    stop = stopped_by_signals()
    housekeeping.begin(system)
    run(system, stop)


def stopped_by_signals() -> threading.Event:
    """Return an event that SIGTERM or SIGINT sets, however closely one follows the other.

    The handler only puts into a queue, which may be entered again while it is at work. An event may not: a second
    signal that meets the first one's ``set``, or a ``wait`` waking up, would wait for ever for a lock it holds itself.
    """
    stop = threading.Event()
    signals: queue.SimpleQueue[int] = queue.SimpleQueue()

    def hand_on() -> None:
        signals.get()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda caught, _frame: signals.put(caught))
    threading.Thread(target=hand_on, name="signals", daemon=True).start()
    return stop


def run(system: System, stop: threading.Event, lanes: tuple[Lane, ...] = LANES) -> None:
    """Run the lanes until ``stop`` is set, and note every ten seconds which of them are alive."""
    pulses = {lane.name: Pulse() for lane in lanes}
    threads = [
        threading.Thread(
            target=follow,
            args=(system, lane, stop, pulses[lane.name]),
            name=f"{lane.name}-{number}",
            daemon=True,
        )
        for lane in lanes
        for number in range(lane.threads)
    ]
    for thread in threads:
        thread.start()
    last_beat = None
    while not stop.wait(POLL_S):
        now = system.clock.now()
        if last_beat is None or abs(now - last_beat) >= BEAT_EVERY:
            _beat(system, pulses)
            last_beat = now
    end = time.monotonic() + STOP_PATIENCE_S
    for thread in threads:
        # What is not finished by then keeps its lease, which ends: another worker takes it up.
        thread.join(max(end - time.monotonic(), 0))


class Pulse:
    """When a lane last went round; a lane that hangs has an old one."""

    def __init__(self) -> None:
        self.at: datetime | None = None


def follow(system: System, lane: Lane, stop: threading.Event, pulse: Pulse) -> None:
    """Go round one lane until ``stop``: at once while there is work, gently while there is none or all fails."""
    pause = lane.rest_s
    pulse.at = system.clock.now()
    stop.wait(lane.begins_after_s)
    while not stop.is_set():
        pulse.at = system.clock.now()
        try:
            found = lane.step(system)
            pause = lane.rest_s
        except Exception as error:  # noqa: BLE001 - whatever it was, the lane goes on
            log.error("lane %s failed: %s", lane.name, trace_of(error))
            found, pause = 0, min(pause * 2, LONGEST_PAUSE_S)
        if not found:
            stop.wait(pause)


def _beat(system: System, pulses: dict[str, Pulse]) -> None:
    alive = {name: pulse.at for name, pulse in pulses.items() if pulse.at is not None}
    try:
        with writing(system) as work:
            for name, at in alive.items():
                row = work.session.get(Heartbeat, f"worker.{name}")
                if row is None:
                    work.session.add(Heartbeat(name=f"worker.{name}", at=at))
                else:
                    row.at = at
    except SQLAlchemyError as error:
        # The database is away, or another worker wrote the first heartbeat at the same time.
        log.warning("the heartbeat was not written: %s", type(error).__name__)

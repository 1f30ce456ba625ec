"""Random schedules of cut, kill, retry, second tab, clock step and restart, on phones and service, against a model.

Each schedule is drawn from its seed: a person fills one or two requests in on a phone while the line, the tabs, the
browser, the phone's clock, the web and the worker do what they do. Then the world heals, a page is opened, and the
model says what is lost, doubled or of other bytes. ``--seed N --rounds 1`` lives one of them again.
"""

from __future__ import annotations

import argparse
import random
import time
from contextlib import ExitStack

from tests.fixtures.databases import fast_folder
from tests.fixtures.servers import serve
from tests.load.measuring import Verdict, conclude
from tests.schedules.drawing import KINDS
from tests.schedules.model import BYTES, DOUBLED, LOST, OTHER, Fault
from tests.schedules.rounds import Outcome, Rounds

ROUNDS = 500
PHONES = 4
TOLD_EACH = 25
MANY = 100
"""From so many schedules on everything must have happened."""


def main() -> int:
    """Live, compare, print, and say whether anything was lost or doubled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"schedules (default {ROUNDS})")
    parser.add_argument("--seed", type=int, help="of the first; the next ones follow (default: by chance)")
    parser.add_argument("--phones", type=int, default=PHONES, help=f"at once (default {PHONES})")
    options = parser.parse_args()
    first = options.seed if options.seed is not None else random.randrange(10**6)
    print(f"schedules {first} to {first + options.rounds - 1}", flush=True)
    started = time.monotonic()
    with ExitStack() as stack:
        folder = stack.enter_context(fast_folder())
        server = serve(stack, folder)
        rounds = Rounds(server, folder)

        def tell(outcome: Outcome) -> None:
            for fault in outcome.faults:
                print(f"seed {outcome.seed}: {fault}", flush=True)
            if len(rounds.outcomes) % TOLD_EACH == 0:
                spent = time.monotonic() - started
                print(f"{len(rounds.outcomes)} schedules in {spent:.0f} s", flush=True)

        rounds.live(range(first, first + options.rounds), options.phones, tell)
        server.stop()
        audit = rounds.audit_faults()
    return _conclude(rounds, options.rounds, audit, time.monotonic() - started)


def _conclude(rounds: Rounds, wanted: int, audit: int, seconds: float) -> int:
    found = [fault for outcome in rounds.outcomes for fault in outcome.faults]
    requests = sum(outcome.requests for outcome in rounds.outcomes)
    print(f"{len(rounds.outcomes)} schedules with {requests} requests in {seconds:.0f} s; what happened:")
    for kind in sorted({*KINDS, *rounds.happened}, key=lambda kind: -rounds.happened[kind]):
        print(f"  {kind}: {rounds.happened[kind]}")
    for words, times in rounds.script_faults.most_common(10):
        print(f"  a page's script: {times} × {words[:300]}")
    for words in rounds.broken:
        print(f"  a phone was given up: {words}")
    seeds = sorted({outcome.seed for outcome in rounds.outcomes if outcome.faults})
    if seeds:
        print(f"seeds with faults: {', '.join(str(seed) for seed in seeds)}")
    verdicts = [
        Verdict("lost", _count(found, LOST), 0),
        Verdict("doubled", _count(found, DOUBLED), 0),
        Verdict("pictures of other bytes", _count(found, BYTES), 0),
        Verdict("other faults", _count(found, OTHER) + len(rounds.broken), 0),
        Verdict("faults of the audit", audit, 0),
        Verdict("schedules that were lived", len(rounds.outcomes), wanted, at_least=True),
    ]
    if wanted >= MANY:
        never = [kind for kind in KINDS if not rounds.happened[kind]]
        verdicts.append(
            Verdict(f"kinds that never happened{': ' if never else ''}{', '.join(never)}", len(never), 0)
        )
    return conclude("schedules", sum(verdict.figure for verdict in verdicts[:5]), 0, verdicts)


def _count(found: list[Fault], kind: str) -> int:
    return sum(1 for fault in found if fault.kind == kind)


if __name__ == "__main__":
    raise SystemExit(main())

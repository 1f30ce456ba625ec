"""Web and worker are ended by kill -9 again and again while phones send pictures and requests and a tablet signs.

The reference is what the service acknowledged: of all of it nothing may be lost, doubled or untold, on SQLite and on
PostgreSQL, and the audit must be whole.
"""

from __future__ import annotations

import argparse
import time
from contextlib import ExitStack

from tests.fixtures.databases import fast_folder, psycopg_to, run_postgresql
from tests.fixtures.servers import serve
from tests.killing import KillRounds
from tests.load.measuring import Verdict, conclude

ROUNDS = 200
DATABASES = ("sqlite", "postgresql")


def main() -> int:
    """Kill, compare, print, and say whether anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="kills on each database (default 200)")
    parser.add_argument("--database", choices=DATABASES, action="append", help="one of them alone")
    options = parser.parse_args()
    verdicts = [
        Verdict(f"lost, doubled or untold on {name}", _lost(name, options.rounds), 0)
        for name in options.database or DATABASES
    ]
    return conclude("kill", sum(verdict.figure for verdict in verdicts), 0, verdicts)


def _lost(database: str, rounds: int) -> int:
    started = time.monotonic()
    with ExitStack() as stack:
        folder = stack.enter_context(fast_folder())
        server = serve(stack, folder, more=_setting(stack, database))
        at_work = KillRounds.on(server)
        try:
            at_work.run(rounds)
            server.stop()
            at_work.check()
        except AssertionError as found:
            print(f"{database}: {found}\n{server.log('web')[-5000:]}")
            return 1
    pictures = sum(len(phone.pictures) for phone in at_work.phones)
    print(
        f"{database}: {rounds} kills in {time.monotonic() - started:.0f} s broke {at_work.broken} answers;"
        f" acknowledged and there: {sum(len(phone.requests) for phone in at_work.phones)} requests,"
        f" {pictures} pictures, {len(at_work.tablet.signed)} signatures"
    )
    return 0


def _setting(stack: ExitStack, database: str) -> dict[str, str]:
    if database == "sqlite":
        return {}
    url_of = stack.enter_context(run_postgresql())
    with psycopg_to(url_of("postgres")) as connection:
        connection.execute("CREATE DATABASE kill")
    return {"DATABASE_URL": url_of("kill")}


if __name__ == "__main__":
    raise SystemExit(main())

"""The worker process."""

from __future__ import annotations

import argparse

from dermavis.settings import Settings


def worker(_options: argparse.Namespace) -> int:
    """Send notices, make pictures ready and keep the deadlines, until told to stop."""
    from dermavis import worker as lanes
    from dermavis.commands.database import system_ready_to_serve

    system = system_ready_to_serve(Settings.from_environment())
    lanes.main(system)
    system.engine.dispose()
    return 0

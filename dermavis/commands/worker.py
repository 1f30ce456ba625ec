"""The worker process."""

from __future__ import annotations

import argparse

from dermavis.settings import Settings


def worker(_options: argparse.Namespace) -> int:
    """Send notices, process pictures and run timers until told to stop."""
    from dermavis.adapters.logs import configure_logs
    from dermavis.commands.database import ready_system
    from dermavis.worker import main

    settings = Settings.from_environment()
    configure_logs(as_json=settings.production)
    with ready_system(settings) as system:
        main(system)
    return 0

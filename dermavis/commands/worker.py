"""The worker process."""

from __future__ import annotations

import argparse
import logging

from dermavis.settings import Settings


def worker(_options: argparse.Namespace) -> int:
    """Send notices, process pictures and run timers until told to stop."""
    from dermavis.commands.database import ready_system
    from dermavis.worker import main

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    with ready_system(Settings.from_environment()) as system:
        main(system)
    return 0

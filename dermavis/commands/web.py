"""The web process, and what bin/run says once it answers."""

from __future__ import annotations

import argparse
import http.client
import os
import ssl
import sys
import time
from pathlib import Path
from typing import Any

from dermavis.settings import Settings

PATIENCE_S = 60
REQUEST_TIMEOUT_S = 60
STOP_TIMEOUT_S = 20


def web(_options: argparse.Namespace) -> int:
    """Serve the pages: one process with threads (gunicorn). PostgreSQL allows more machines, not more processes."""
    from gunicorn.app.wsgiapp import WSGIApplication

    from dermavis.adapters.logs import configure_logs
    from dermavis.commands.database import ready_system

    settings = Settings.from_environment()
    configure_logs(as_json=settings.production)
    with ready_system(settings):
        pass  # said in words here, rather than by a trace of each process

    class Server(WSGIApplication):  # type: ignore[misc]
        def init(self, *_: Any) -> None:
            """Take no arguments from the command line."""

        def load_config(self) -> None:
            for name, value in gunicorn_settings(settings).items():
                self.cfg.set(name, value)
            self.app_uri = "app:create_app()"

    Server("dermavis").run()
    return 0


def gunicorn_settings(settings: Settings) -> dict[str, Any]:
    """Return how gunicorn is to run."""
    from dermavis.adapters.web_server import MeasuringWorker, OneLog

    memory = Path("/dev/shm")  # noqa: S108 - the sign of life of the process must not wait for a disk
    found = {
        "bind": [f"{os.environ.get('HOST', '127.0.0.1')}:{settings.port}"],
        "worker_class": MeasuringWorker,
        "workers": 1,
        "threads": settings.web_threads,
        "timeout": REQUEST_TIMEOUT_S,
        "graceful_timeout": STOP_TIMEOUT_S,
        "keepalive": 5,
        "control_socket_disable": True,
        "forwarded_allow_ips": "",
        "worker_tmp_dir": str(memory) if memory.is_dir() else None,
        "proc_name": "dermavis-web",
        "loglevel": "warning",
        "logger_class": OneLog,
        "certfile": os.environ.get("TLS_CERTIFICATE"),
        "keyfile": os.environ.get("TLS_KEY"),
    }
    return {name: value for name, value in found.items() if value is not None}


def welcome(options: argparse.Namespace) -> int:
    """Wait until the first page answers, then say where it is and who can sign in."""
    settings = Settings.from_environment()
    if not _wait_for_first_page(
        settings.port, settings.https and "TLS_CERTIFICATE" in os.environ, options.watch
    ):
        print("DermAvis n’a pas répondu : voyez les messages ci-dessus.", file=sys.stderr)
        return 1
    print(f"\nDermAvis répond : {settings.origin}")
    if settings.demonstration:
        from dermavis.commands.demonstration import print_accounts

        print_accounts(settings)
    if options.lan:
        from dermavis.commands.lan import lan_explanation

        print(lan_explanation(settings))
        _print_qr(settings.origin)
    print("Ctrl-C arrête le service.", flush=True)
    return 0


def _wait_for_first_page(port: int, tls: bool, watched: int | None) -> bool:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if watched is not None and not Path(f"/proc/{watched}").exists():
            return False
        if _answers(port, tls):
            return True
        time.sleep(0.1)
    return False


def _answers(port: int, tls: bool) -> bool:
    connection: http.client.HTTPConnection
    if tls:
        unchecked = ssl._create_unverified_context()  # noqa: S323 - only asks itself whether it is up
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=unchecked)
    else:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/sign-in")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def _print_qr(address: str) -> None:
    import segno

    segno.make(address, error="m", micro=False).terminal(compact=True)

"""A real phone on the local network: bin/run --lan."""

from __future__ import annotations

import argparse
import ipaddress
import os
import shlex
import socket
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from dermavis.settings import Settings, SettingsRefused


def lan_prepare(_options: argparse.Namespace) -> int:
    """Make the certificate and print, for the shell, the settings of a service on the local network."""
    from dermavis.adapters.local_certificate import local_certificate

    settings = Settings.from_environment()
    if settings.production:
        raise SettingsRefused(
            "« --lan » est pour une démonstration ; en production, un serveur TLS se place devant DermAvis."
        )
    addresses = local_addresses()
    if not addresses:
        raise SettingsRefused(
            "Aucune adresse de réseau local n’a été trouvée : reliez cette machine au Wi-Fi du téléphone."
        )
    names = ["localhost", f"{socket.gethostname().split('.')[0]}.local"]
    files = local_certificate(lan_folder(settings), [*addresses, "127.0.0.1"], names, datetime.now(UTC))
    environment = {
        "HOST": "0.0.0.0",  # noqa: S104 - the phone of the same network must reach it
        "ORIGIN": f"https://{addresses[0]}:{settings.port}",
        "TLS_CERTIFICATE": str(files.certificate),
        "TLS_KEY": str(files.key),
    }
    print("\n".join(f"export {name}={shlex.quote(value)}" for name, value in environment.items()))
    return 0


def lan_certificate(_options: argparse.Namespace) -> int:
    """Hand out the authority's certificate over plain HTTP, one port above; it is no secret."""
    settings = Settings.from_environment()
    content = (lan_folder(settings) / "authority.crt").read_bytes()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/x-x509-ca-cert")
            self.send_header("Content-Disposition", 'attachment; filename="dermavis.crt"')
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Keep silent: who fetched the certificate is of no interest."""

    ThreadingHTTPServer((os.environ.get("HOST", "127.0.0.1"), settings.port + 1), Handler).serve_forever()
    return 0


def lan_explanation(settings: Settings) -> str:
    """Say how the phone comes to trust this machine, and what it misses otherwise."""
    host = settings.origin.removeprefix("https://").rsplit(":", 1)[0]
    return f"""
Sur le téléphone, relié au même réseau :
  1. ouvrez http://{host}:{settings.port + 1}/dermavis.crt et acceptez le certificat :
     iPhone : Réglages > Profil téléchargé > Installer, puis Général > Informations >
              Réglages des certificats > activez « DermAvis, réseau local » ;
     Android : Paramètres > Sécurité > Installer un certificat > Certificat CA ;
  2. ouvrez {settings.origin} (ou visez le code ci-dessous).
L’appareil photo, l’installation et les notifications n’existent qu’à une adresse sûre : sans ce certificat, le
navigateur avertit, puis laisse photographier, mais n’installe rien et ne notifie pas. Ce certificat ne vaut que pour
les adresses privées ; retirez-le après l’essai.
"""


def local_addresses() -> list[str]:
    """Return this machine's private IPv4 addresses, the one that leads outside first."""
    found = [_outgoing_address(), *_declared_addresses()]
    return [address for address in dict.fromkeys(found) if address and _is_of_a_local_network(address)]


def lan_folder(settings: Settings) -> Path:
    """Where the authority and the certificate are kept."""
    return settings.data_dir / "lan"


def _outgoing_address() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # chooses a route and sends nothing
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def _declared_addresses() -> Sequence[str]:
    try:
        result = subprocess.run(["hostname", "-I"], capture_output=True, text=True, timeout=5, check=False)
    except OSError:
        return ()
    return result.stdout.split()


def _is_of_a_local_network(text: str) -> bool:
    from dermavis.adapters.local_certificate import PRIVATE_NETWORKS

    address = ipaddress.ip_address(text)
    return not address.is_loopback and any(address in ipaddress.ip_network(each) for each in PRIVATE_NETWORKS)

"""The WSGI application: wiring, nothing else."""

from __future__ import annotations

import importlib
import logging

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from dermavis.bootstrap import build, check
from dermavis.services.work import System
from dermavis.settings import Settings

PLACES = (
    "entrance",
    "pwa",
    "account",
    "requests",
    "cases",
    "patients",
    "cards",
    "course",
    "worklist",
    "pooling",
    "administration",
    "rights",
    "notifications",
    "operations",
    "demonstration",
)
"""The packages of ``blueprints``; each has a ``register(app)``."""

MAX_BODY = 512 * 1024
"""Bytes; uploads have their own bound per piece."""


def create_app(system: System | None = None) -> Flask:
    """Return the application for a system, by default the one that the environment describes."""
    if system is None:
        system = build(Settings.from_environment())
        check(system)
    app = Flask(__name__, static_folder=None)
    app.extensions["dermavis"] = system
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.config.update(
        SECRET_KEY=system.cipher.lasting_hash("setting", "flask secret key"),
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        SESSION_COOKIE_NAME="__Host-dermavis-form" if system.settings.https else "dermavis-form",
        SESSION_COOKIE_SECURE=system.settings.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        JSON_SORT_KEYS=False,
    )
    for place in PLACES:
        importlib.import_module(f"blueprints.{place}").register(app)
    if system.settings.trusted_proxies:
        hops = system.settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    logging.getLogger("dermavis").setLevel(logging.INFO)
    return app

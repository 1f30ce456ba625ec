"""The fixtures, and how to use them.

``database``      URL of a migrated, empty database of this test's own: SQLite, and PostgreSQL besides where the test or
                  its module is marked ``postgres``. With ``--everything`` every test that uses it, or anything below,
                  runs on both; ``sqlite_only`` keeps a test to SQLite.
``new_database``  ``new_database("postgresql")`` makes one more, without any table, and returns its URL.
``clock``         a clock that stands still (Thursday 12 March 2026, 10:00 in Paris) until ``clock.advance(hours=2)``
                  or ``clock.set(instant)``.
``settings``      Settings for tests, on ``database`` and a folder of the test's own.
``system``        ``dermavis.bootstrap.build(settings, clock)``: the real adapters; mail lands in a folder
                  (``letters(system)``). Replace a port with ``dataclasses.replace(system, push=…)``.
``world``         a network with one person for every role, written into ``system``: see ``tests/factories.py``.
                  ``world.actor(Role.EXPERT)`` is what services want, ``world.who(Role.EXPERT)`` gives ids and address.
``receiver``/``connected``  a push service that keeps what it is sent, and ``system`` with its pushes let through to it.
``app``/``client``  the Flask application on ``system`` without form tokens, and its test client.
                  ``guarded_client`` is one with form tokens. ``tests.signing_in.sign_in(client, world.who(…))``.
``live_server``   web and worker in their own processes on a free port, shared by all tests, with a push and a mail
                  receiver; the ``world`` in it is the test's own: see ``tests/fixtures/servers.py``.
                  ``start_server(NAME=value…)`` starts another with other settings;
                  ``start_server(demonstration=True)`` one as bin/run does.
``s3``            an S3 server (one for the whole run): ``s3.url(name)`` for PHOTO_STORE_URL, ``s3.environment``.
``phone`` ``tablet`` ``desk``   a page of a fresh browser on ``live_server`` (390×844 touch, 1180×820 touch, 1440×900);
                  ``open_page("phone")`` opens one more; ``sign_in_page(page, live_server.system, who)`` of
                  ``tests.signing_in`` signs in without typing. A script error or a CSP breach fails the test at its
                  end, unless the test empties ``page_faults``.
``webkit``        WebKit under Selenium (``bin/test --all`` only), for what an iPhone's engine must do.
                  ``open_webkit(user_agent="…")`` opens one that says another name.
``axe``           ``axe(page)`` fails with a readable list when the page has accessibility violations.
"""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as property_tests

# Speed is measured by bin/bench; a busy machine must not fail a property.
property_tests.register_profile("long", deadline=None, suppress_health_check=[HealthCheck.too_slow])
property_tests.register_profile("quick", property_tests.get_profile("long"), max_examples=40)

# Tests make little garbage beside all that was imported, which each of Python's searches walks again.
gc.set_threshold(100_000, 50, 100)

pytest_plugins = [
    "tests.fixtures.databases",
    "tests.fixtures.systems",
    "tests.fixtures.pushes",
    "tests.fixtures.servers",
    "tests.fixtures.stores",
    "tests.fixtures.browsers",
    "tests.fixtures.webkit",
]

TESTS = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that bin/test --all gives."""
    parser.addoption(
        "--everything",
        action="store_true",
        help="run the long rounds too, and everything on PostgreSQL as well",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Try each property more often in the long rounds."""
    property_tests.load_profile("long" if config.getoption("everything") else "quick")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that needs a database once for each backend it must work on."""
    if "backend" not in metafunc.fixturenames:
        return
    marked = metafunc.definition.get_closest_marker("postgres") is not None
    only_sqlite = metafunc.definition.get_closest_marker("sqlite_only") is not None
    everything = metafunc.config.getoption("everything")
    both = not only_sqlite and (marked or everything)
    backends = [pytest.param("sqlite")]
    if both:
        backends.append(pytest.param("postgresql", marks=pytest.mark.postgres))
    metafunc.parametrize("backend", backends, indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the long rounds, or begin with them: none is left alone at the end. Mark what drives a browser."""
    for item in items:
        if (TESTS / "e2e") in item.path.parents:
            item.add_marker(pytest.mark.e2e)
    if config.getoption("everything"):
        long = {item.path for item in items if item.get_closest_marker("long")}
        items.sort(key=lambda item: item.path not in long)
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]

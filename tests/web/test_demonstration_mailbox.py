"""The demonstration's letters are open to whoever tries it, and exist nowhere else."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dermavis.domain.ports import Mail
from dermavis.services.work import System


@pytest.fixture
def visitor(system: System, application: Callable[..., Flask]) -> FlaskClient:
    settings = dataclasses.replace(system.settings, demonstration=True)
    return application(dataclasses.replace(system, settings=settings), tokens=True).test_client()


def test_a_visitor_reads_the_letters_and_follows_their_links(visitor: FlaskClient, system: System) -> None:
    assert "Pas encore de courrier" in visitor.get("/demonstration/mailbox").text
    system.mail.send(
        Mail("a@exemple.fr", "Votre code DermAvis", "Bonjour,\n\nhttp://localhost:8000/x?a=1&b=2\n<b>")
    )
    page = visitor.get("/demonstration/mailbox").text
    assert "Votre code DermAvis" in page
    assert "À a@exemple.fr" in page
    address = page.split('href="/demonstration/mailbox/')[1].split('"')[0]
    letter = visitor.get(f"/demonstration/mailbox/{address}").text
    assert '<a href="http://localhost:8000/x?a=1&amp;b=2">' in letter
    assert "&lt;b&gt;" in letter
    assert visitor.get("/demonstration/mailbox/nothing").status_code == 404


def test_outside_a_demonstration_there_are_no_such_pages(client: FlaskClient, system: System) -> None:
    system.mail.send(Mail("a@exemple.fr", "Votre code DermAvis", "Bonjour"))
    assert client.get("/demonstration/mailbox").status_code == 404

"""bin/dermavis admin: the first administrator, invitations, revocation, a lost authenticator; on both databases."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from dermavis.adapters.clock import SystemClock
from dermavis.cli import main
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Membership, Network, Organization, Person
from dermavis.services.second_factor import totp_code
from dermavis.services.sessions import find_session
from dermavis.services.work import System, reading
from dermavis.settings import Settings
from tests.factories import PASSWORD, TOTP_SECRET, World
from tests.fixtures.systems import MASTER_KEY
from tests.signing_in import new_session


@pytest.fixture(autouse=True)
def same_database(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands read the settings that the test's system has."""
    monkeypatch.setenv("DERMAVIS_ENV", "test")
    monkeypatch.setenv("DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("MASTER_KEY", MASTER_KEY)


def test_the_first_administrator_of_an_empty_service_gets_a_link(
    system: System, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = ["admin", "create", "lea.durand@example.org", "Léa", "Durand", "--network", "Bourgogne"]

    assert main(typed) == 0

    assert re.search(r"http://localhost:8000/invitation/\S{20,}", capsys.readouterr().out)
    with reading(system) as work:
        person = work.session.scalars(select(Person)).one()
        membership = work.session.scalars(select(Membership)).one()
        body = work.session.get_one(Organization, membership.organization_id)
        network = work.session.get_one(Network, body.network_id)
        assert (person.email, person.state) == ("lea.durand@example.org", "invited")
        assert (membership.role, body.kind) == ("administrator", "body")
        assert (network.kind, network.name) == ("real", "Bourgogne")
        actions = set(work.session.scalars(select(AuditEvent.action)))
    assert {"network.created", "organization.created", "person.invited"} <= actions


def test_a_second_administrator_joins_the_same_body(system: System) -> None:
    main(["admin", "create", "lea.durand@example.org", "Léa", "Durand"])

    assert main(["admin", "create", "noe.petit@example.org", "Noé", "Petit"]) == 0

    with reading(system) as work:
        assert len(work.session.scalars(select(Network)).all()) == 1
        assert len(set(work.session.scalars(select(Membership.organization_id)))) == 1


def test_a_person_is_invited_into_an_organisation_named_without_its_accents(
    system: System, world: World
) -> None:
    typed = ["admin", "invite", "noe.petit@example.org", "Noé", "Petit"]

    assert main([*typed, "--organization", "ch de chalon-sur-saone", "--role", "expert"]) == 0

    with reading(system) as work:
        person = work.session.scalars(select(Person).where(Person.email == "noe.petit@example.org")).one()
        membership = work.session.scalars(select(Membership).where(Membership.person_id == person.id)).one()
        assert (membership.organization_id, membership.role) == (world.centre_id, "expert")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--organization", "nulle part", "--role", "expert"], "Quelle structure ? « nulle part »"),
        (["--organization", "CH", "--role", "expert"], "Quelle structure ? « CH »"),
    ],
)
def test_an_organisation_that_is_not_clear_is_asked_again_in_words(
    world: World, capsys: pytest.CaptureFixture[str], more: list[str], words: str
) -> None:
    assert main(["admin", "invite", "noe.petit@example.org", "Noé", "Petit", *more]) == 1

    said = capsys.readouterr().err
    assert words in said
    assert "CHU de Dijon" in said


def test_a_wrong_address_is_refused_in_words(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["admin", "create", "noe.petit", "Noé", "Petit", "--network", "Essai"]) == 1

    assert "Une adresse complète est attendue" in capsys.readouterr().err


def test_a_revoked_person_is_out_at_once(system: System, world: World) -> None:
    token = new_session(system, world.who(Role.EXPERT))
    assert find_session(system, token) is not None

    assert main(["admin", "revoke", "expert@example.org"]) == 0

    assert find_session(system, token) is None


def test_an_unknown_address_is_said_to_be_unknown(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["admin", "revoke", "nobody@example.org"]) == 1

    assert "Aucun compte n’a l’adresse nobody@example.org" in capsys.readouterr().err


def test_a_lost_authenticator_takes_two_administrators(
    system: System, world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _reset_as(system, monkeypatch, "administrator@example.org") == 0
    assert "Demande faite" in capsys.readouterr().out
    assert _has_authenticator(system, world)

    assert _reset_as(system, monkeypatch, "administrator@example.org", later=30) == 1
    assert "un autre administrateur doit l’accepter" in capsys.readouterr().err
    assert _has_authenticator(system, world)

    assert _reset_as(system, monkeypatch, "other_administrator@example.org") == 0
    assert "reçoit un lien" in capsys.readouterr().out
    assert not _has_authenticator(system, world)


def test_neither_a_wrong_password_nor_another_role_resets_a_factor(
    system: System, world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _reset_as(system, monkeypatch, "administrator@example.org", password="faux") == 1
    assert "incorrect" in capsys.readouterr().err

    assert _reset_as(system, monkeypatch, "support@example.org") == 1
    assert "droit" in capsys.readouterr().err
    assert _has_authenticator(system, world)


def _reset_as(
    system: System,
    monkeypatch: pytest.MonkeyPatch,
    administrator: str,
    later: int = 0,
    password: str = PASSWORD,
) -> int:
    # The commands run on the machine's own clock; a code ``later`` stands for one that is not spent yet.
    code = totp_code(TOTP_SECRET, SystemClock().now() + timedelta(seconds=later))
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n{code}\n"))
    return main(["admin", "reset-factor", "expert@example.org", "--as", administrator])


def _has_authenticator(system: System, world: World) -> bool:
    with reading(system) as work:
        return work.session.get_one(Person, world.who(Role.EXPERT).person_id).totp_sealed is not None

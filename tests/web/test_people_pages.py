"""The administration's pages of people: invited, searched, given roles, revoked, a lost factor replaced."""

from __future__ import annotations

from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import Membership, Person
from dermavis.services.work import System, reading
from tests.factories import World
from tests.signing_in import sign_in


def _newcomer(world: World, **changes: str) -> dict[str, str]:
    return {
        "first_name": "Zoé",
        "last_name": "Ménager",
        "title": "Dr",
        "email": "zoe.menager@example.org",
        "phone": "06 39 98 12 34",
        "profession": "Dermatologue",
        "rpps": "99700420138",
        "organization": str(world.centre_id),
        "role": "expert",
    } | changes


def test_an_invitation_with_faults_says_them_beside_their_fields_and_keeps_what_was_typed(
    client: FlaskClient, world: World
) -> None:
    sign_in(client, world.who(Role.ADMINISTRATOR))
    typed = _newcomer(world, rpps="99700420139", role="requester", email="zoe@", first_name="  ")
    response = client.post("/administration/people/new", data=typed)
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert "Ce numéro RPPS ne correspond pas à sa clé" in page
    assert 'id="email-error"' in page
    assert 'id="first_name-error"' in page
    assert "data-focus" in page
    assert 'value="Ménager"' in page
    assert 'value="99700420139"' in page
    fixed = client.post(
        "/administration/people/new", data=typed | {"rpps": "", "email": "z@e.fr", "first_name": "Z"}
    )
    assert "Rôles possibles dans cette organisation" in fixed.get_data(as_text=True)


def test_an_invited_person_stands_in_the_list_and_gets_a_fresh_link(
    client: FlaskClient, system: System, world: World
) -> None:
    sign_in(client, world.who(Role.ADMINISTRATOR))
    response = client.post("/administration/people/new", data=_newcomer(world))
    assert response.status_code == 303
    card = client.get(response.location).get_data(as_text=True)
    assert "Invitation envoyée" in card
    assert "Dr Zoé Ménager" in card
    person = response.location.split("?")[0]
    again = client.post(f"{person}/invitation")
    assert again.status_code == 303
    with reading(system) as work:
        row = work.session.scalars(select(Person).where(Person.email == "zoe.menager@example.org")).one()
        assert (row.state, row.rpps, row.phone) == ("invited", "99700420138", "+33639981234")


def test_the_search_forgives_accents_and_takes_no_sign_for_everything(
    client: FlaskClient, world: World
) -> None:
    sign_in(client, world.who(Role.ADMINISTRATOR))
    client.post("/administration/people/new", data=_newcomer(world))

    def found(words: str, **more: str) -> str:
        return client.post("/administration/people/search", data={"q": words, **more}).get_data(as_text=True)

    assert "Zoé Ménager" in found("menager zoe")
    assert "Zoé Ménager" in found("")
    assert "Personne de ce nom" in found("%")
    assert "Personne de ce nom" in found("_")
    assert "Personne de ce nom" in found("Ménagier")
    assert "Zoé Ménager" not in found("", state="active")
    assert "Zoé Ménager" in found("", state="invited")


def test_a_role_is_added_and_ended_at_once(client: FlaskClient, system: System, world: World) -> None:
    sign_in(client, world.who(Role.ADMINISTRATOR))
    person = world.who("other_expert").person_id
    here = f"/administration/people/{person}"
    wrong = client.post(f"{here}/roles", data={"organization": str(world.cpts_id), "role": "expert"})
    assert wrong.status_code == 422
    assert "Coordination CPTS" in wrong.get_data(as_text=True)
    twice = client.post(f"{here}/roles", data={"organization": str(world.centre_id), "role": "expert"})
    assert twice.status_code == 409
    added = client.post(f"{here}/roles", data={"organization": str(world.other_centre_id), "role": "expert"})
    assert added.status_code == 303
    membership = _membership_at(system, person, world.centre_id)
    asked = client.get(f"{here}/roles/{membership}/end").get_data(as_text=True)
    assert "quitte aussi les équipes" in asked
    assert client.post(f"{here}/roles/{membership}/end").status_code == 303
    sign_in(client, world.who("other_expert"))
    page = client.get("/account").get_data(as_text=True)
    assert "CHU de Dijon" in page
    assert "CH de Chalon-sur-Saône" not in page


def _membership_at(system: System, person_id: UUID, place_id: UUID) -> UUID:
    with reading(system) as work:
        return work.session.scalars(
            select(Membership.id).where(
                Membership.person_id == person_id, Membership.organization_id == place_id
            )
        ).one()


def test_revoking_asks_first_then_closes_every_door(client: FlaskClient, world: World) -> None:
    expert = client.application.test_client()
    sign_in(expert, world.who("other_expert"))
    assert expert.get("/account").status_code == 200
    sign_in(client, world.who(Role.ADMINISTRATOR))
    here = f"/administration/people/{world.who('other_expert').person_id}"
    question = client.get(f"{here}/revocation").get_data(as_text=True)
    assert "perd tout accès à l’instant" in question
    assert client.post(f"{here}/revocation").status_code == 303
    assert expert.get("/account").status_code == 303
    assert "Rétablir ce compte" in client.get(here).get_data(as_text=True)
    assert client.post(f"{here}/restoration").status_code == 303
    assert client.post(f"{here}/restoration").status_code == 409


def test_nobody_revokes_themselves(client: FlaskClient, world: World) -> None:
    who = world.who(Role.ADMINISTRATOR)
    sign_in(client, who)
    response = client.post(f"/administration/people/{who.person_id}/revocation")
    assert response.status_code == 403
    assert "Un autre administrateur" in response.get_data(as_text=True)


def test_a_lost_factor_takes_another_administrator(client: FlaskClient, system: System, world: World) -> None:
    person = world.who(Role.EXPERT).person_id
    sign_in(client, world.who(Role.ADMINISTRATOR))
    assert client.post(f"/administration/people/{person}/factor-reset").status_code == 303
    mine = client.get("/administration/people").get_data(as_text=True)
    assert "Un autre administrateur doit l’accepter." in mine
    address = f"/administration/factor-resets/{_reset_id(system)}"
    assert address not in mine
    assert client.post(address).status_code == 403
    sign_in(client, world.who("other_administrator"))
    assert address in client.get("/administration/people").get_data(as_text=True)
    assert "Camille Administrator" in client.get(address).get_data(as_text=True)
    assert client.post(address).status_code == 303
    assert client.post(address).status_code == 409
    with reading(system) as work:
        assert work.session.get_one(Person, person).second_factor == ""


def _reset_id(system: System) -> UUID:
    from dermavis.models import FactorReset

    with reading(system) as work:
        return work.session.scalars(select(FactorReset.id)).one()


def test_forms_without_their_token_change_nothing(
    guarded_client: FlaskClient, system: System, world: World
) -> None:
    sign_in(guarded_client, world.who(Role.ADMINISTRATOR))
    response = guarded_client.post("/administration/people/new", data=_newcomer(world))
    assert response.status_code == 400
    with reading(system) as work:
        assert work.session.scalar(select(Person.id).where(Person.email == "zoe.menager@example.org")) is None

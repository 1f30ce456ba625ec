"""Organisations, as an administrator arranges them; on both databases."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.requests import RequestContent
from dermavis.domain.roles import Role
from dermavis.models import Case, Network, Organization, Team
from dermavis.services import organizations as use
from dermavis.services.actors import actor_of
from dermavis.services.offers import offers
from dermavis.services.organization_card import read_organization
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.factories import World

FORM = use.OrganizationForm(
    kind="centre",
    name="  Centre   hospitalier de Mâcon ",
    finess="710780263",
    phone="03 85 20 30 40",
    postcode="71000",
    commune="Mâcon",
)


def test_a_new_centre_has_its_first_team_and_kept_numbers(system: System, world: World) -> None:
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        row = use.save_organization(work, replace(FORM, finess=""))
        kept = (row.id, row.name, row.short_name, row.phone)
    with reading(system) as work:
        assert kept[1:] == ("Centre hospitalier de Mâcon", "Centre hospitalier de Mâcon", "+33385203040")
        teams = work.session.scalars(select(Team).where(Team.organization_id == kept[0])).all()
        assert [team.name for team in teams] == ["Dermatologie"]


def test_every_fault_is_said_beside_its_field(system: System, world: World) -> None:
    wrong = use.OrganizationForm(
        kind="castle",
        name=" ",
        finess="710780264",
        phone="12",
        on_call_phone="rouge",
        email="x@",
        postcode="00000",
        time_zone="Europe/Chalon",
        holiday_calendar="moon",
        address="a" * 201,
    )
    with pytest.raises(InvalidInput) as refused, writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        use.save_organization(work, wrong)
    assert set(refused.value.errors) == {
        "kind", "name", "finess", "phone", "on_call_phone", "email", "postcode", "time_zone",
        "holiday_calendar", "address",
    }  # fmt: skip
    with pytest.raises(InvalidInput) as refused, writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        use.save_organization(work, use.OrganizationForm(kind="site", name="Cabinet"))
    assert set(refused.value.errors) == {"site_kind"}


def test_a_kind_never_changes(system: System, world: World) -> None:
    with pytest.raises(InvalidInput) as refused, writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        use.save_organization(work, use.OrganizationForm(kind="cpts", name="X"), world.centre_id)
    assert set(refused.value.errors) == {"kind"}


def test_a_closed_centre_is_offered_to_nobody_and_nobody_acts_for_it(system: System, world: World) -> None:
    def offered() -> set[UUID]:
        with reading(system, world.actor(Role.REQUESTER)) as work:
            found = offers(work, RequestContent.model_validate(cases.content()))
            return {offer.organization_id for offer in (found.chosen, *found.others) if offer}

    before = offered()
    assert world.other_centre_id in before
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        use.close_organization(work, world.other_centre_id)
    assert world.other_centre_id not in offered()
    with reading(system) as work:
        assert actor_of(work.session, world.who("stranger_expert").person_id, work.now) is None
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        use.reopen_organization(work, world.other_centre_id)
    assert offered() == before


def test_a_place_where_requests_wait_stays_open_until_they_are_answered(system: System, world: World) -> None:
    cases.drafted(world)
    with reading(system, world.actor(Role.ADMINISTRATOR)) as work:
        assert use.waiting_requests(work, world.site_id) == 0
    case_id = cases.sent(world)
    for place in (world.centre_id, world.site_id):
        with pytest.raises(Conflict), writing(system, world.actor(Role.ADMINISTRATOR)) as work:
            use.close_organization(work, place)
    with writing(system) as work:
        case = work.session.get_one(Case, case_id)
        case.answered_at, case.state = work.now, "answered"
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        use.close_organization(work, world.centre_id)


def test_a_pooled_request_keeps_its_coordination_open(system: System, world: World) -> None:
    cases.sent(world, "pooled_requester")
    with pytest.raises(Conflict), writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        use.close_organization(work, world.cpts_id)


def test_nobody_closes_the_place_they_act_for(system: System, world: World) -> None:
    with pytest.raises(Forbidden), writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        use.close_organization(work, world.body_id)


def test_another_networks_places_do_not_exist(system: System, world: World) -> None:
    with writing(system) as work:
        network = Network(id=uuid4(), name="Ailleurs")
        work.session.add(network)
        work.session.flush()
        place = Organization(
            id=uuid4(), network_id=network.id, kind="centre", name="CH d’Ailleurs", created_at=work.now
        )
        work.session.add(place)
        elsewhere = place.id
    administrator = world.actor(Role.ADMINISTRATOR)
    with reading(system, administrator) as work:
        assert elsewhere not in {row.id for row in use.organizations(work)}
        with pytest.raises(NotFound):
            read_organization(work, elsewhere)
    with pytest.raises(NotFound), writing(system, administrator) as work:
        use.save_organization(work, replace(FORM, finess=""), elsewhere)
    with pytest.raises(NotFound), writing(system, administrator) as work:
        use.close_organization(work, elsewhere)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_an_administrator_arranges_places(system: System, world: World, role: Role) -> None:
    actor = world.actor(role)
    with writing(system, actor) as work:
        for step in (
            lambda: use.organizations(work),
            lambda: use.save_organization(work, FORM),
            lambda: use.close_organization(work, world.centre_id),
            lambda: use.reopen_organization(work, world.centre_id),
            lambda: read_organization(work, world.centre_id),
        ):
            with pytest.raises(Forbidden):
                step()

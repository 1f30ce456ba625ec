"""Two specialties in one network keep apart what is arranged for each: teams, charters, fiches, promises."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from dermavis.domain.errors import InvalidInput, Refusal
from dermavis.domain.requests import RequestContent
from dermavis.domain.roles import Role
from dermavis.models import AccessRequest, Case, CentreCharter, Notification
from dermavis.services import charter_versions, expert_teams, sending, site_habits
from dermavis.services.charters import charter_of
from dermavis.services.offers import offers
from dermavis.services.work import System, reading, writing
from dermavis.settings import Settings
from tests import cases
from tests.factories import World
from tests.haematology import HAEMATOLOGY, add_team, content, drafted, sent

PROMISE = {"routine": {"target_hours": 24, "late_hours": 48}}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The same service with one more file."""
    return dataclasses.replace(settings, specialties_dir=cases.REQUESTS)


@pytest.fixture
def team_id(world: World) -> UUID:
    """The blood team of the centre."""
    return add_team(world)


def _case(system: System, case_id: UUID) -> Case:
    with reading(system) as work:
        case = work.session.get_one(Case, case_id)
        work.session.expunge(case)
        return case


def test_it_goes_to_its_own_team_under_its_own_charter(system: System, world: World, team_id: UUID) -> None:
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        charter_versions.publish_charter(
            work,
            world.centre_id,
            {"motives": ["anaemia"], "professions": ["requester"], "delays": PROMISE},
            work.now,
            specialty_id=HAEMATOLOGY,
        )
    with reading(system, world.actor(Role.REQUESTER)) as work:
        request = RequestContent.model_validate(content())
        offered = offers(work, request, HAEMATOLOGY)
        assert offered.chosen is not None
        assert offered.chosen.team_id == team_id
        assert offered.others == ()
        other = offers(work, RequestContent.model_validate(cases.content()))
        assert other.chosen is not None
        assert other.chosen.team_id == world.team_id, "dermatology goes where it went"
        assert (
            charter_of(work, world.centre_id).motives
            != charter_of(work, world.centre_id, HAEMATOLOGY).motives
        )
    case_id = sent(world)
    case = _case(system, case_id)
    assert (case.team_id, case.state) == (team_id, "submitted")
    assert case.due_at is not None
    assert case.sent_at is not None
    assert case.due_at - case.sent_at == timedelta(hours=24), "the charter's 24 h, not dermatology's 48"
    with reading(system) as work:
        told = set(
            work.session.scalars(
                select(Notification.person_id).where(
                    Notification.case_id == case_id, Notification.event == "submitted"
                )
            )
        )
    assert told == {world.who(Role.EXPERT).person_id}


def test_charters_of_two_specialties_are_numbered_and_kept_apart(system: System, world: World) -> None:
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        first = charter_versions.publish_charter(
            work,
            world.centre_id,
            {"motives": ["monoclonal_peak"], "professions": ["requester"]},
            work.now,
            after_version=0,
            specialty_id=HAEMATOLOGY,
        )
        assert (first.specialty_id, first.version) == (HAEMATOLOGY, 1)
        with pytest.raises(InvalidInput) as refused:
            charter_versions.publish_charter(
                work, world.centre_id, {"motives": ["keratosis"]}, work.now, specialty_id=HAEMATOLOGY
            )
        assert "motives" in refused.value.errors
        rows = charter_versions.charters_of(work, world.centre_id, HAEMATOLOGY)
        assert [row.id for row in rows] == [first.id]
        present = charter_versions.present_charter(work, world.centre_id, HAEMATOLOGY)
        assert present.motives == {"monoclonal_peak"}
        of_skin = work.session.scalars(
            select(CentreCharter.version).where(
                CentreCharter.organization_id == world.centre_id, CentreCharter.specialty_id == "dermatology"
            )
        ).all()
    assert list(of_skin) == [1]


def test_an_administrator_opens_a_team_of_the_specialty_and_sites_send_to_it_beside_the_other(
    system: System, world: World
) -> None:
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        team_id = expert_teams.save_team(
            work, world.centre_id, "Hématologie", "", "", specialty_id=HAEMATOLOGY
        ).id
        expert_teams.set_team_members(work, team_id, [world.who(Role.EXPERT).person_id])
        site_habits.set_default_target(work, world.site_id, team_id)
    with reading(system) as work:
        targets = set(
            work.session.scalars(
                select(AccessRequest.team_id).where(
                    AccessRequest.site_id == world.site_id, AccessRequest.state == "approved"
                )
            )
        )
        assert targets == {world.team_id, team_id}, "the fiche of dermatology stays"
        assert site_habits.default_target(work, world.site_id) == world.team_id
        assert site_habits.default_target(work, world.site_id, HAEMATOLOGY) == team_id
    assert _case(system, sent(world)).team_id == team_id
    assert _case(system, cases.sent(world)).team_id == world.team_id


def test_without_a_team_of_the_specialty_nothing_leaves_for_dermatologists(
    system: System, world: World
) -> None:
    case_id = drafted(world)
    with pytest.raises(Refusal) as refused, writing(system, world.actor(Role.REQUESTER)) as work:
        sending.send(work, case_id, 1)
    assert "Aucun centre" in refused.value.message
    assert _case(system, case_id).state == "draft"

"""Who sees what: every model's policy for everybody of the cast, on the whole demo district.

A new model joins by itself: without a policy the first test fails, with one that shows too much the matrix does.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model, Q, QuerySet

from doorstep.kernel.access.actors import ANONYMOUS, Actor
from doorstep.kernel.access.capabilities import all_capabilities
from doorstep.kernel.access.policies import Policy, policy_for, registered_policies
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.matters.models_deadlines import CalendarDay, TimeLimit
from doorstep.kernel.matters.models_retention import RetentionTerm
from doorstep.kernel.obligations.models import Rule
from doorstep.kernel.organisations.kinds import POSTS
from doorstep.kernel.organisations.models import Appointment, Unit, UnitLineage
from doorstep.kernel.places.models import Area, AreaImport, Outline
from doorstep.kernel.shared.place_codes import contains, within
from doorstep.modules.chain.models import MemberHousehold
from doorstep.modules.coverage.models import AssistancePart
from doorstep.modules.grids.models import GridWork
from doorstep.modules.partnership.models import Institution
from doorstep.modules.partnership.models_lists import ResourceClass
from doorstep.modules.requests.models import EventItem, RoutingRule
from doorstep.modules.volunteering.models import Brand, ServiceKind, Statement, Team

CAST = (
    "resident", "worker", "secretary", "street", "district", "department", "property", "merchant", "partner", "outsider", "street2",
    "sysadmin", "secadmin", "auditor", "hotline",
)  # fmt: skip
STREET, NEIGHBOUR = "210202005", "210202001"


# What anybody may know: the official divisions and their outlines, what may be reported and where it goes, how long it
# may take and on which days people work; kinds of voluntary service and their rates, brands, what is published of points;
# rules of what is owed and parts of assistance, which stand wider than who owes.
PUBLIC = {
    Area, Outline, EventItem, GridWork, RoutingRule, TimeLimit, CalendarDay, RetentionTerm, Brand, ServiceKind, Statement, Rule,
    Institution, ResourceClass, AssistancePart,
}  # fmt: skip
# Where rows stand whose place is not one column of their own.
PATHS: dict[type[Model], tuple[str, ...]] = {
    Unit: ("versions__place_code",),
    UnitLineage: ("unit__versions__place_code",),
    Appointment: ("place_code", "places__code"),
    AreaImport: (),
    Team: ("unit__versions__place_code",),
}


def is_public(policy: Policy) -> bool:
    return policy.model in PUBLIC


def models() -> list[type[Model]]:
    return sorted(registered_policies(), key=lambda model: model._meta.label)


def actor_of(username: str) -> Actor:
    return actor_for(Account.objects.get(username=username))


def own_places(actor: Actor) -> list[str]:
    return [place for grant in actor.grants for place in grant.places]


def test_every_model_of_a_place_has_a_policy():
    without = [
        model._meta.label
        for model in apps.get_models()
        if model.__module__.startswith("doorstep.")
        and any(field.name in ("place_code", "code") for field in model._meta.get_fields())
        and model not in registered_policies()
    ]
    assert without == []


def test_capabilities_belong_to_known_posts():
    unknown = {post for posts in all_capabilities().values() for post in posts} - set(POSTS)
    assert unknown == set()


def test_every_policy_views_by_a_declared_capability_or_by_none():
    declared = all_capabilities()
    for model, policy in registered_policies().items():
        for capability in filter(None, (policy.view, *policy.actions.values())):
            assert capability in declared, (model, capability)


def at(policy: Policy, codes: list[str]) -> Q:
    """Rows at any of these places, by every path that says where a row of the model stands."""
    condition = Q(pk__in=[])
    for path in PATHS.get(policy.model, (policy.place_field,)):
        condition |= within(path, codes)
    return condition


def beyond(policy: Policy, actor: Actor) -> QuerySet[Any]:
    """Visible rows outside the actor's places and participation."""
    inside = at(policy, own_places(actor))
    own = policy.participation(actor)
    allowed = policy.model._default_manager.filter(inside | own if own is not None else inside)
    return policy.visible_to(actor).exclude(pk__in=allowed.values("pk"))


@pytest.mark.parametrize("username", CAST)
def test_nobody_sees_beyond_their_places_and_participation(demo_database, username):
    actor = actor_of(username)
    assert actor.account_id is not None
    for model in models():
        policy = policy_for(model)
        if is_public(policy):
            continue
        rows = beyond(policy, actor)
        assert not rows.exists(), (model._meta.label, str(rows[0]))


@pytest.mark.parametrize(
    ("username", "foreign"),
    [("street2", STREET), ("outsider", STREET), ("street", NEIGHBOUR), ("secretary", NEIGHBOUR)],
)
def test_the_same_post_next_door_sees_nothing_of_it(demo_database, username, foreign):
    actor = actor_of(username)
    for model in models():
        policy = policy_for(model)
        if is_public(policy):
            continue
        there = policy.visible_to(actor).filter(at(policy, [foreign]))
        assert not there.exists(), model._meta.label


@pytest.mark.parametrize("username", ["resident", "department", "property", "merchant"])
def test_who_only_takes_part_sees_a_handful(demo_database, username):
    actor = actor_of(username)
    for model in models():
        policy = policy_for(model)
        if (
            not is_public(policy) and model._meta.app_label != "places"
        ):  # a property manager sees the buildings served
            assert policy.visible_to(actor).count() < 20, model._meta.label


def test_administrators_see_no_business(demo_database):
    business = [model for model in models() if model._meta.app_label in ("chain", "people")]
    for username in ("sysadmin", "secadmin", "auditor"):
        actor = actor_of(username)
        for model in business:
            rows = policy_for(model).visible_to(actor)
            assert rows.count() <= 1, (username, model._meta.label)  # their own person


def test_strangers_see_nothing_that_is_not_public(demo_database):
    for model in models():
        policy = policy_for(model)
        if not is_public(policy):
            assert not policy.visible_to(ANONYMOUS).exists(), model._meta.label


def test_what_is_visible_can_be_viewed_and_what_is_not_cannot(demo_database):
    """`visible_to` and `can("view")` tell the same."""
    for username in CAST:
        actor = actor_of(username)
        for model in models():
            policy = policy_for(model)
            seen = policy.visible_to(actor)
            for row in seen.order_by("pk")[:2]:
                assert policy.can(actor, "view", row) or policy._participates(actor, row), (username, row)
            for row in model._default_manager.exclude(pk__in=seen.values("pk")).order_by("pk")[:2]:
                assert not policy.can(actor, "view", row), (username, model._meta.label, row)


def test_the_matrix_is_not_empty(demo_database):
    """The district sees rows of nearly every kind, so that the tests above compare something."""
    actor = actor_of("district")
    seen = [model for model in models() if policy_for(model).visible_to(actor).exists()]
    assert MemberHousehold in seen and len(seen) >= 12
    assert all(contains("210202", place) for place in own_places(actor))

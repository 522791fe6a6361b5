"""Authority flows from grants, each over its own places."""

from __future__ import annotations

import pytest

from doorstep.kernel.access.actors import ANONYMOUS, Actor, Grant, system_actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.shared.errors import NotAllowed, NotVisible

CAPABILITY = "test.adjust"
secretary = Actor(
    1,
    1,
    "书记",
    (Grant("community_secretary", 1, ("210202005011", "210202005012"), frozenset({CAPABILITY})),),
)


def test_a_grant_covers_its_places_and_what_lies_in_them() -> None:
    assert secretary.holds(CAPABILITY, "210202005011")
    assert secretary.holds(CAPABILITY, "210202005012003")
    assert not secretary.holds(CAPABILITY, "210202005013")
    assert not secretary.holds(CAPABILITY, "210202005")
    assert not secretary.holds("test.other", "210202005011")


def test_places_for_a_capability() -> None:
    assert secretary.places_for(CAPABILITY) == ["210202005011", "210202005012"]
    assert secretary.places_for("test.other") == []
    assert system_actor("load").places_for(CAPABILITY) == [""]


def test_outside_the_scope_it_does_not_exist_and_without_the_post_it_is_not_allowed() -> None:
    require_place(secretary, CAPABILITY, "210202005011003")
    with pytest.raises(NotVisible):
        require_place(secretary, CAPABILITY, "210202006001")
    for place in ("210202005011", "210202005011003", "210202005", ""):
        with pytest.raises(NotAllowed):
            require_place(secretary, "test.other", place)
    for outsider, place in (
        (secretary, "210202005013"),
        (secretary, "210202006"),
        (ANONYMOUS, "210202005011"),
    ):
        with pytest.raises(NotVisible):
            require_place(outsider, "test.other", place)


def test_the_scope_kept_by_the_audit_names_posts_and_places() -> None:
    assert secretary.scope_text() == "community_secretary@210202005011,210202005012"
    assert system_actor("load").scope_text() == "system"

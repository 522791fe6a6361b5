"""What waits in the chain for whom: breaks and terms of one's own places, each leading where one may go."""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.findings import all_findings
from doorstep.kernel.declarations.work import all_providers
from doorstep.kernel.shared.errors import NotVisible
from doorstep.modules.chain.mending import MENDED_WITH, may_mend
from doorstep.modules.chain.models import Term
from doorstep.modules.chain.selectors_pages import breaks
from doorstep.modules.chain.work import broken_links, terms_due
from tests.chain.world import ONE, TODAY, TWO, officer

G1, G2 = f"{ONE}001", f"{ONE}002"


def titles(provider, actor, limit: int = 20) -> list[str]:
    return [item.title for item in provider(actor, TODAY, limit)[0]]


def test_breaks_of_ones_own_places_serious_ones_first(world):
    world.branch(G1)
    here, total = broken_links(officer("community_secretary", ONE), TODAY, 3)
    assert len(list(here)) == 3 < total
    details = [item.detail for item in broken_links(officer("community_secretary", ONE), TODAY, 20)[0]]
    serious = {str(each.name) for each in all_findings() if each.severity == "serious"}
    ranks = [detail not in serious for detail in details]
    assert ranks == sorted(ranks)
    assert not any(
        G1[:12] in item.place_code for item in broken_links(officer("community_secretary", TWO), TODAY, 20)[0]
    )
    assert broken_links(officer("grid_worker", G1), TODAY, 5) == ([], 0)


def test_the_street_mends_what_the_community_may_only_look_at(world):
    world.branch(G1)
    by = {
        post: {
            item.title: item
            for item in broken_links(officer(post, ONE), TODAY, 30)[0]
            if item.detail == "网格没有党支部覆盖"
        }
        for post in ("street_officer", "community_secretary")
    }
    assert "/cover/" in by["street_officer"]["第2网格"].url
    assert "/breaks/" in by["community_secretary"]["第2网格"].url
    assert by["community_secretary"]["第2网格"].action == "看情况"


def test_terms_falling_due_earliest_first(world):
    first, second = world.branch(G1), world.branch(G2, name="演示第二支部")
    for unit, days in ((first, 100), (second, -10)):
        row = world.term(unit)
        Term.objects.filter(pk=row.pk).update(valid_to=TODAY + dt.timedelta(days))
    actor = officer("street_officer", "210202005")
    assert titles(terms_due, actor) == ["演示第二支部", "演示党支部001"]
    items, total = terms_due(actor, TODAY, 1)
    assert [item.due for item in items] == [TODAY - dt.timedelta(10)] and total == 2
    assert terms_due(officer("street_officer", "210202006"), TODAY, 5)[1] == 0


def test_my_work_and_the_page_of_breaks_count_the_same(world):
    branch = world.branch(G1)
    row = world.term(branch)
    Term.objects.filter(pk=row.pk).update(valid_to=TODAY - dt.timedelta(10))
    actor = officer("street_officer", "210202005")
    listed = sum(kind.total for kind in breaks(actor, ["210202005"], TODAY))
    items, total = broken_links(actor, TODAY, 50)
    assert total == listed == len(list(items))
    assert terms_due(actor, TODAY, 5)[1] == 1


def test_the_whole_list_has_every_place_of_the_reader(world):
    """Somebody who answers for two communities: the link names both, and what it opens has as many as the group says."""
    world.branch(G1)
    row = world.term(world.branch(f"{TWO}001", name="演示第二社区支部"))
    Term.objects.filter(pk=row.pk).update(valid_to=TODAY - dt.timedelta(10))
    one, two = (officer("community_secretary", code) for code in (ONE, TWO))
    both = Actor(1, 1, "两个社区", one.grants + two.grants)
    for provider in all_providers():
        if provider.key not in ("chain.breaks", "chain.terms"):
            continue
        total = provider.items(both, TODAY, 5)[1]
        asked = parse_qs(urlsplit(provider.all_url(both)).query)
        assert asked["place"] == [ONE, TWO]
        listed = breaks(both, asked["place"], TODAY, asked.get("kind", []))
        assert sum(kind.total for kind in listed) == total > 0
        assert total == sum(provider.items(each, TODAY, 5)[1] for each in (one, two))
    with pytest.raises(NotVisible):
        breaks(one, [ONE, TWO], TODAY)


def test_every_break_says_who_may_mend_it(world):
    keys = {each.key.removeprefix("chain.") for each in all_findings() if each.key.startswith("chain.")}
    assert keys - set(MENDED_WITH) == {"two_holders"}
    assert may_mend(officer("community_secretary", ONE), "chain.group_without_leader", G1)
    assert not may_mend(officer("community_secretary", ONE), "chain.branch_without_secretary", G1)
    assert not may_mend(officer("street_officer", "210202006"), "chain.term_due", G1)

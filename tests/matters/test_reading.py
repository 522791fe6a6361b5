"""Boxes, pages by key, counts that stop, and search from two characters up, always inside the actor's scope."""

import datetime as dt
import re

import pytest
from django.db import connection

from doorstep.kernel.matters import selectors
from doorstep.kernel.matters.models import Matter, Participation
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from tests.matters.world import UNTIL, opened, step
from tests.organisations.world import ABROAD, COMMUNITY, GRID_ABROAD, SECOND_GRID


def test_boxes(world):
    mine, unit, asked = opened(world), opened(world), opened(world)
    elsewhere = opened(world, place_code=SECOND_GRID)
    step(world, "worker", mine, "accept")
    step(world, "street", asked, "dispatch", unit_id=world.department.pk)
    assert set(selectors.box(world["worker"], "mine")) == {mine}
    assert set(selectors.box(world["worker"], "unit")) == {mine, unit, asked}
    assert set(selectors.box(world["community"], "unit")) == {mine, unit, asked, elsewhere}
    assert set(selectors.box(world["department"], "asked")) == {asked}
    assert set(selectors.box(world["department"], "place")) == {asked}
    assert set(selectors.box(world["street"], "place")) == {mine, unit, asked, elsewhere}
    assert set(selectors.box(world["outsider"], "place")) == set()
    assert set(selectors.box(world["resident"], "told")) == {mine, unit, asked, elsewhere}
    assert set(selectors.box(world["neighbour"], "told")) == set()
    assert set(selectors.box(world["street"], "place", GRID_ABROAD)) == set()


def test_sealed_ones_are_for_those_who_may(world):
    sealed = opened(world, confidentiality=Matter.SEALED)
    assert sealed in selectors.box(world["street"], "place")
    assert sealed not in selectors.all_visible(world["community"], COMMUNITY)
    step(world, "street", sealed, "dispatch", unit_id=world.department.pk)
    assert sealed in selectors.all_visible(world["department"])  # which is to handle it


def test_overdue_is_what_has_passed(world):
    late, fresh = opened(world), opened(world)
    Matter.objects.filter(pk=late.pk).update(due_at=dt.datetime(2026, 6, 14, tzinfo=dt.UTC))
    assert set(selectors.box(world["street"], "overdue")) == {late} != {fresh}


def test_a_departments_own_are_in_its_lists_from_taken_on_to_closed(world):
    held, other = opened(world), opened(world)
    step(world, "street", held, "dispatch", unit_id=world.department.pk)
    step(world, "department", held, "accept")
    Matter.objects.update(due_at=dt.datetime(2026, 6, 14, tzinfo=dt.UTC))
    reads = world["department"]
    for box in ("unit", "overdue", "place"):
        assert set(selectors.box(reads, box)) == {held} != {other}, box
    step(world, "department", held, "handle", note="换好了")
    step(world, "street", held, "verify", note="看过了")
    assert not selectors.box(reads, "overdue").exists() and not selectors.box(reads, "place").exists()
    assert set(selectors.all_visible(reads)) == {held}
    assert set(selectors.all_visible(reads, COMMUNITY)) == {held}
    assert not selectors.all_visible(reads, ABROAD).exists()


def test_a_called_unit_finds_what_it_was_called_to(world):
    matter, other = opened(world), opened(world)
    Matter.objects.update(due_at=dt.datetime(2026, 6, 14, tzinfo=dt.UTC))
    for reads, unit in (("department", world.department), ("outsider", world.abroad)):
        assert not selectors.all_visible(world[reads]).exists()
        Participation.objects.create(matter=matter, unit=unit, part=Participation.CALLED, at=matter.opened_at)
        for rows in (
            selectors.box(world[reads], "overdue"), selectors.box(world[reads], "place"), selectors.all_visible(world[reads]),
        ):  # fmt: skip
            assert set(rows) == {matter} != {other}


def test_the_alternatives_of_a_department_are_each_read_from_an_index(world, django_assert_num_queries):
    with connection.cursor() as cursor:
        for off in ("seqscan", "indexscan"):
            cursor.execute(f"SET LOCAL enable_{off} = off")
    # unlike a box, the whole list has no condition of its own that an index could serve instead
    rows = selectors.all_visible(world["department"])
    plan = rows.order_by().explain()
    assert "BitmapOr" in plan and re.search(r"Index Cond: .*id = ANY", plan), plan
    with django_assert_num_queries(1):
        list(rows)


def test_pages_follow_each_other_without_gap_or_double(world):
    matters = [opened(world) for _ in range(7)]
    for matter in matters[:3]:
        step(world, "worker", matter, "accept")
        step(world, "worker", matter, "suspend", note="等配件", until=UNTIL)
    rows, seen, after = selectors.box(world["street"], "place"), [], None
    while page := selectors.page_by_deadline(rows, 2, after):
        seen += page
        after = selectors.After(page[-1].due_at, page[-1].pk)
    assert [row.pk for row in seen] == [row.pk for row in [*matters[3:], *matters[:3]]]


def test_counts_stop(world, monkeypatch):
    for _ in range(4):
        opened(world)
    monkeypatch.setattr(selectors, "COUNTED_TO", 3)
    assert str(selectors.count_of(Matter.objects.all())) == "3 以上"
    assert str(selectors.count_of(Matter.objects.filter(pk=opened(world).pk))) == "1"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("路灯", True), ("灯不亮", True), ("LED灯", True), ("ｌｅｄ灯", True), ("路灯 三单元", True), ("路灯 电梯", False),
        ("不亮三", True), ("电梯", False), ("", True),
    ],
)  # fmt: skip
def test_search(world, text, found):
    matter = opened(world, title="路灯不亮", text="三单元门口的 LED灯 坏了")
    assert (matter in selectors.found_in(Matter.objects.all(), text)) is found


def test_search_by_number_and_one_character(world):
    matter = opened(world)
    assert list(selectors.found_in(Matter.objects.all(), matter.number.lower())) == [matter]
    assert list(selectors.found_in(Matter.objects.all(), "ZZ0000001")) == []
    with pytest.raises(RuleViolation, match="至少输入两个字"):
        selectors.found_in(Matter.objects.all(), "灯")


@pytest.mark.parametrize("signs", ["%%", "_", "。 ，", "😀😀"])
def test_signs_alone_are_no_words(world, signs):
    opened(world)
    with pytest.raises(RuleViolation, match="没有可以查找的字，请至少输入两个字") as refused:
        selectors.found_in(Matter.objects.all(), signs)
    assert refused.value.field == "q"
    assert selectors.found_in(Matter.objects.all(), "  ").count() == 1


def test_wildcards_are_words(world):
    opened(world, title="楼道灯不亮")
    assert not selectors.found_in(Matter.objects.all(), "楼%亮").exists()


def test_search_uses_its_indexes(world, django_assert_num_queries):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    two = selectors.found_in(Matter.objects.all(), "路灯").explain()
    three = selectors.found_in(Matter.objects.all(), "路灯不亮").explain()
    assert "matter_bigrams" in two and "matter_trigrams" in three


@pytest.mark.parametrize(
    "name", ["matter_trigrams", "matter_bigrams", "matter_open_trigrams", "matter_open_bigrams"]
)
def test_words_are_looked_for_in_the_street_at_once(world, name):
    """A table of a few rows is read otherwise; which index a million is read from, the bench shows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [name])
        assert "street_code)" in cursor.fetchone()[0]


def test_a_matter_out_of_scope_is_not_there(world):
    matter = opened(world)
    assert selectors.visible_matter(world["worker"], matter.number) == matter
    for who in ("outsider", "neighbour", "department"):
        with pytest.raises(NotVisible):
            selectors.visible_matter(world[who], matter.pk)
    assert not selectors.all_visible(world["street"], ABROAD).exists()

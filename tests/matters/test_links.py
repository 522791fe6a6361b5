"""Duplicates, splits, related matters: nothing lost, no rings, nobody else's data shown."""

import threading

import pytest
from django.db import connection

from doorstep.kernel.matters import services
from doorstep.kernel.matters.models import History, Link, Matter, Notice, Participation
from doorstep.kernel.matters.selectors_links import linked_to
from doorstep.kernel.matters.services_links import Piece, merge_into, relate, split, unmerge, unrelate
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from tests.matters import world as making
from tests.matters.offices import appoint_cast
from tests.matters.world import opened, step


@pytest.fixture
def pair(world):
    """The resident's report, and the neighbour's of the same lamp."""
    main = opened(world, title="三单元灯坏", text="联系演示某某")
    duplicate = opened(world, by="neighbour", reporter_id=world.people["neighbour"].pk, title="楼道灯又不亮")
    return main, duplicate


def merged(world, matter, main, who="community"):
    return merge_into(actor=world[who], matter_id=matter.pk, main_id=main.pk, reason="同一盏灯")


def test_a_duplicate_keeps_its_original_and_its_reporter_follows(world, pair):
    appoint_cast(world)
    main, duplicate = pair
    matter = merged(world, duplicate, main)
    assert (matter.state, matter.main_id, matter.is_open, matter.title) == (
        "merged",
        main.pk,
        False,
        "楼道灯又不亮",
    )
    neighbour = world.people["neighbour"]
    assert Notice.objects.get(matter=duplicate, key="merge").person_id == neighbour.pk
    step(world, "worker", main, "accept")
    step(world, "worker", main, "handle", note="换了灯泡")
    step(world, "community", main, "rework", internal="还不亮")
    heard = Notice.objects.filter(matter=main, person=neighbour).order_by("pk")
    assert [(notice.key, notice.part) for notice in heard] == [
        ("accept", "follows")
    ]  # not what staff alone hear
    row = History.objects.get(matter=duplicate, name="merge")
    assert (row.data, row.internal, row.note) == ({"main_id": main.pk}, "同一盏灯", "")


def test_the_reporter_of_a_duplicate_sees_how_it_stands_and_nothing_of_the_other(world, pair):
    main, duplicate = pair
    merged(world, duplicate, main)
    (line,) = linked_to(world["neighbour"], Matter.objects.get(pk=duplicate.pk))
    assert (line.role, line.number, str(line.state), str(line.next_step)) == (
        "main", main.number, "已上报", "等待接办",
    )  # fmt: skip
    assert (line.pk, line.title, line.unit) == (None, "", "演示居委会")
    assert linked_to(world["resident"], Matter.objects.get(pk=main.pk)) == []
    (line,) = linked_to(world["community"], Matter.objects.get(pk=main.pk))
    assert (line.role, line.pk, line.title) == ("duplicate", duplicate.pk, "楼道灯又不亮")
    with pytest.raises(NotVisible):
        step(world, "neighbour", main, "withdraw")


def test_no_rings_no_chains_and_nothing_into_what_is_over(world, pair):
    main, duplicate = pair
    third = opened(world)
    with pytest.raises(RuleViolation, match="它自己"):
        merged(world, main, main)
    merged(world, duplicate, main)
    with pytest.raises(RuleViolation, match="不能「并案」"):
        merged(world, duplicate, third)
    with pytest.raises(RuleViolation, match="已并入另一件"):
        merged(world, third, duplicate)
    with pytest.raises(RuleViolation, match="并入这一件"):
        merged(world, main, third)
    step(world, "resident", third, "withdraw")
    with pytest.raises(RuleViolation, match="已办结"):
        merged(world, opened(world), third)


def test_who_may_not_merge(world, pair):
    main, duplicate = pair
    for who in ("worker", "second_worker"):
        with pytest.raises(NotAllowed):
            merged(world, duplicate, main, who)
    for who in ("neighbour", "outsider", "department"):
        with pytest.raises(NotVisible):
            merged(world, duplicate, main, who)
    with pytest.raises(RuleViolation, match="哪一件"):
        step(world, "community", duplicate, "merge", data={"main_id": main.pk})
    step(world, "worker", duplicate, "accept")
    with pytest.raises(Conflict):
        merge_into(actor=world["community"], matter_id=duplicate.pk, main_id=main.pk, expected_version=1)
    assert not Link.objects.exists()


def test_taken_out_again_it_begins_anew(world, pair):
    main, duplicate = pair
    merged(world, duplicate, main)
    with pytest.raises(RuleViolation, match="请填写内部说明"):
        unmerge(actor=world["community"], matter_id=duplicate.pk, reason="")
    matter = unmerge(actor=world["community"], matter_id=duplicate.pk, reason="不是同一盏")
    assert (matter.state, matter.main_id, matter.is_open) == ("reported", None, True)
    assert matter.due_at is not None
    assert Link.objects.get().ended_at is not None and not Participation.objects.exists()
    assert merged(world, duplicate, main).state == "merged"


def test_whose_other_report_is_still_merged_goes_on_following(world, pair):
    main, duplicate = pair
    again = opened(world, by="neighbour", reporter_id=world.people["neighbour"].pk)
    merged(world, duplicate, main)
    merged(world, again, main)
    unmerge(actor=world["community"], matter_id=duplicate.pk, reason="不是同一盏")
    assert Participation.objects.get(matter=main).person_id == world.people["neighbour"].pk


def parted(world, matter, *units, who="street"):
    pieces = [
        Piece(unit.pk, title=f"第{number}部分", text="分工") for number, unit in enumerate(units, start=1)
    ]
    return split(actor=world[who], matter_id=matter.pk, pieces=pieces)


def test_a_report_split_to_several_units_ends_when_all_parts_have(world):
    appoint_cast(world)
    matter = opened(world)
    step(world, "worker", matter, "accept")
    parts = parted(world, matter, world.department, world.committee)
    assert [(part.state, part.asked_id, part.holder_id, part.reporter_id) for part in parts] == [
        ("dispatched", world.department.pk, world.committee.pk, None),
        ("reported", None, world.committee.pk, None),
    ]
    assert Notice.objects.filter(matter=matter, key="split", part="reporter").count() == 1
    step(world, "worker", matter, "handle", note="我们这部分好了")
    with pytest.raises(RuleViolation, match=f"{parts[0].number} 还没有办结"):
        step(world, "community", matter, "verify", note="好")
    for part, who in zip(parts, ("department", "worker"), strict=True):
        step(world, who, part, "accept")
        step(world, who, part, "handle", note="好了")
        step(world, "community", part, "verify", note="看过")
    assert step(world, "community", matter, "verify", note="都看过").state == "closed"
    note = History.objects.get(matter=matter, name="split")
    assert note.data == {"parts": [part.pk for part in parts]} and note.source == note.target == "in_progress"


def test_what_each_reader_sees_of_parts(world):
    matter = opened(world)
    (part,) = parted(world, matter, world.department)
    step(world, "department", part, "accept")
    matter.refresh_from_db()
    (line,) = linked_to(world["resident"], matter)
    assert (line.role, line.unit, str(line.state), line.title, line.pk) == (
        "part", "演示城管局", "办理中", "", None,
    )  # fmt: skip
    (line,) = linked_to(world["street"], matter)
    assert (line.title, line.pk) == ("第1部分", part.pk)
    (line,) = linked_to(world["department"], Matter.objects.get(pk=part.pk))
    assert (line.role, line.number, line.title, line.pk) == ("whole", matter.number, "", None)


def test_bad_splits(world):
    matter = opened(world)
    with pytest.raises(NotAllowed):
        parted(world, matter, world.department, who="worker")
    with pytest.raises(RuleViolation, match="只能分一次"):
        parted(world, matter, world.department, world.department)
    with pytest.raises(RuleViolation, match="请选择一到"):
        parted(world, matter)
    with pytest.raises(RuleViolation, match="没有找到其中的单位"):
        split(actor=world["street"], matter_id=matter.pk, pieces=[Piece(987654)])
    assert Matter.objects.count() == 1
    pieces = [Piece(world.department.pk)]
    split(actor=world["street"], matter_id=matter.pk, pieces=pieces, expected_version=1)
    with pytest.raises(Conflict, match="已经拆分过"):
        split(actor=world["street"], matter_id=matter.pk, pieces=pieces, expected_version=1)
    assert Matter.objects.count() == 2
    matter = opened(world)
    step(world, "resident", matter, "withdraw")
    with pytest.raises(RuleViolation, match="已经办结"):
        parted(world, matter, world.department)


def test_related(world):
    first, second = opened(world), opened(world)
    with pytest.raises(RuleViolation, match="它自己"):
        relate(actor=world["community"], matter_id=first.pk, other_id=first.pk, reason="同")
    relate(actor=world["community"], matter_id=second.pk, other_id=first.pk, reason="同一栋")
    with pytest.raises(RuleViolation, match="已经关联"):
        relate(actor=world["community"], matter_id=first.pk, other_id=second.pk, reason="同一栋")
    assert [line.role for line in linked_to(world["community"], first)] == ["related"]
    assert linked_to(world["resident"], first) == []
    with pytest.raises(NotAllowed):
        relate(actor=world["resident"], matter_id=first.pk, other_id=second.pk, reason="都是我的")
    unrelate(actor=world["community"], matter_id=first.pk, other_id=second.pk)
    with pytest.raises(RuleViolation, match="没有关联"):
        unrelate(actor=world["community"], matter_id=first.pk, other_id=second.pk)


def test_two_officers_merge_into_each_other_at_once(fresh_database):
    """One is done, the other is told; never a ring, never a deadlock."""
    world = making.build()
    for _round in range(5):
        first, second = opened(world), opened(world)
        gate, told = threading.Barrier(2), []

        def run(matter, main, gate=gate, told=told):
            gate.wait(10)
            try:
                merged(world, matter, main)
                told.append("done")
            except RuleViolation as refusal:
                told.append(str(refusal.message))
            finally:
                connection.close()

        threads = [threading.Thread(target=run, args=pair) for pair in ((first, second), (second, first))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(told)[0] == "done" or "done" in told
        assert told.count("done") == 1 and any("已并入另一件" in text for text in told)
        assert Link.objects.filter(matter__in=[first, second], ended_at__isnull=True).count() == 1


def test_merging_while_the_main_one_is_closed(fresh_database):
    world = making.build()
    outcomes = set()
    for _round in range(6):
        main, duplicate = opened(world), opened(world)
        gate, told = threading.Barrier(2), {}

        def run(name, act, gate=gate, told=told):
            gate.wait(10)
            try:
                act()
                told[name] = "done"
            except RuleViolation as refusal:
                told[name] = str(refusal.message)
            finally:
                connection.close()

        def close(main=main):
            services.apply_transition(actor=world["resident"], matter_id=main.pk, name="withdraw")

        def join(main=main, duplicate=duplicate):
            merged(world, duplicate, main)

        threads = [threading.Thread(target=run, args=pair) for pair in (("close", close), ("merge", join))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert told["close"] == "done"
        assert told["merge"] == "done" or "已办结" in told["merge"]
        outcomes.add(told["merge"])
    assert outcomes

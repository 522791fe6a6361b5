"""Lists are kept from a day on: what held stays on record, the same again changes nothing, faults are settled by rules."""

import datetime as dt
import importlib
from dataclasses import replace

import pytest

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.declarations.registers import ImportRow, register
from doorstep.kernel.matters.models import Matter, RetentionTerm, TimeLimit
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.selectors import masked
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.modules.requests import seeds, selectors, services_lists
from doorstep.modules.requests.importing import import_item, import_route, import_ticket
from doorstep.modules.requests.models import EVENT_CLASSES, EventItem, Request, RoutingFault, RoutingRule
from doorstep.modules.requests.services_lists import NewItem, NewRoute
from tests.matters.world import SYSTEM
from tests.requests import world as making
from tests.requests.world import COMMUNITY, DISTRICT, GRID, STREET, reported

JULY = dt.date(2026, 7, 1)
ITEM = NewItem(
    place_code=DISTRICT, code="env.demo", name="演示事项", event_class="environment", valid_from=JULY, clause="演示",
    words=("演示",),
)  # fmt: skip
ROUTE = NewRoute(
    place_code=STREET, reason="演示", valid_from=making.TODAY, item="env.lamp", unit_kind="street_office"
)


def test_the_first_list():
    codes = [code for _class, code, *_rest in seeds.ITEMS]
    assert len(codes) == len(set(codes)) >= 60
    assert {event_class for event_class, *_rest in seeds.ITEMS} == set(dict(EVENT_CLASSES))
    assert all(len(word) <= 12 for *_start, words, _urgency in seeds.ITEMS for word in words.split())
    assert set(codes) >= seeds.SEALED


def test_the_first_lists_are_loaded(db):
    assert EventItem.objects.filter(place_code="210202").count() == len(seeds.ITEMS) + len(seeds.ELSEWHERE)
    assert RoutingRule.objects.count() == len(seeds.RULES)
    for event_class, _name in EVENT_CLASSES:
        for urgency in ("normal", "urgent", "emergency"):
            rows = TimeLimit.objects.filter(
                kind="request", category__in=["", event_class], urgency__in=["", urgency]
            )
            assert set(rows.values_list("clock", flat=True)) == {
                "respond", "resolve", "check", "resume", "answer",
            }  # fmt: skip


def test_an_item_from_a_day_on(world):
    row, outcome = services_lists.list_item(actor=decider(world), new=ITEM)
    assert (
        outcome == "added" and not EventItem.objects.in_force(making.TODAY).filter(code="env.demo").exists()
    )
    assert services_lists.list_item(actor=world["decider"], new=ITEM) == (row, "unchanged")
    later = replace(ITEM, valid_from=JULY + dt.timedelta(days=31), name="演示事项二")
    assert services_lists.list_item(actor=world["decider"], new=later)[1] == "changed"
    names = EventItem.objects.filter(code="env.demo").order_by("valid_from").values_list("name", "valid_to")
    assert list(names) == [("演示事项", later.valid_from), ("演示事项二", None)]
    with pytest.raises(RuleViolation, match="已定于"):
        services_lists.list_item(actor=world["decider"], new=replace(ITEM, name="别的"))
    assert Entry.objects.filter(action="requests.list_item").count() == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [({"name": " "}, "name"), ({"clause": ""}, "clause"), ({"event_class": "x"}, "event_class"), ({"words": ("长" * 13,)}, "words")],
)  # fmt: skip
def test_bad_items(world, change, field):
    with pytest.raises(RuleViolation) as refused:
        services_lists.list_item(actor=decider(world), new=replace(ITEM, **change))
    assert refused.value.field == field


def decider(world):
    unit = making.add_unit("district_government", "演示区政府")
    return making.add_actor(world, "decider", "district_officer", unit, DISTRICT)


def test_a_street_sets_routes_for_itself_alone(world):
    rule, outcome = services_lists.set_route(actor=world["street"], new=ROUTE)
    assert outcome == "added" and reported(world).request.rule_id == rule.pk
    with pytest.raises(NotVisible):
        services_lists.set_route(actor=world["street"], new=replace(ROUTE, place_code=DISTRICT))
    with pytest.raises(NotAllowed):
        services_lists.set_route(actor=world["community"], new=ROUTE)
    with pytest.raises(NotAllowed):
        services_lists.list_item(actor=world["street"], new=replace(ITEM, place_code=STREET))
    services_lists.end_route(
        actor=world["street"], rule_id=rule.pk, ended_on=making.TODAY + dt.timedelta(days=1)
    )
    assert RoutingRule.objects.get(pk=rule.pk).valid_to is not None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"unit_kind": ""}, "unit"), ({"unit_kind": "nothing"}, "unit"), ({"reason": ""}, "reason"), ({"item": "x.y"}, "item"),
        ({"event_class": "care"}, "event_class"), ({"unit_kind": "", "unit_id": 99999}, "unit"),
    ],
)  # fmt: skip
def test_bad_routes(world, change, field):
    with pytest.raises(RuleViolation) as refused:
        services_lists.set_route(actor=world["street"], new=replace(ROUTE, **change))
    assert refused.value.field == field


def test_a_fault_is_settled_by_a_rule(world):
    RoutingRule.objects.all().delete()
    reported(world)
    fault = RoutingFault.objects.get()
    assert not policy_for(RoutingFault).visible_to(world["outsider"]).exists()
    with pytest.raises(RuleViolation, match="还是派不出去"):
        services_lists.settle_fault(actor=world["street"], fault_id=fault.pk)
    services_lists.set_route(actor=world["street"], new=ROUTE)
    assert services_lists.settle_fault(actor=world["street"], fault_id=fault.pk).settled_at is not None


TICKET = {
    "number": "DL001", "text": "三单元楼道灯不亮", "title": None, "community": COMMUNITY, "address": "演示街1号",
    "item": "路灯楼道灯不亮", "urgency": None, "caller": "演示来电", "phone": "13800000009", "anonymous": None,
}  # fmt: skip


def ticket(**more):
    return ImportRow(2, TICKET | more)


def test_a_hotline_batch_comes_once(world):
    assert import_ticket(world["street"], ticket()) == "added"
    assert import_ticket(world["street"], ticket()) == "unchanged"
    assert import_ticket(world["street"], ticket(number="DL002")) == "added"
    request = Request.objects.select_related("matter").get(hotline_number="DL001")
    assert (request.matter.source, request.matter.item, request.matter.place_code) == (
        "hotline",
        "env.lamp",
        COMMUNITY,
    )
    assert request.matter.teller_id == world.people["street"].pk
    assert Person.objects.filter(name="演示来电").count() == 1  # the same number and name are the same person
    assert Request.objects.values("matter__reporter").distinct().count() == 1


def test_tickets_without_a_phone_and_anonymous_ones(world):
    people = Person.objects.count()
    import_ticket(world["street"], ticket(phone=None))
    import_ticket(world["street"], ticket(number="DL002", anonymous=True))
    assert Person.objects.count() == people
    first, second = Request.objects.order_by("pk")
    assert (first.for_whom, first.matter.reporter_id) == ("演示来电", None)
    assert (second.anonymous, second.for_whom, second.matter.reporter_id) == (True, "", None)


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"item": "没有的事项"}, "item"), ({"community": None, "address": None}, "community"), ({"phone": "123"}, "phone"),
        ({"text": "长" * 5001}, "text"), ({"community": None, "address": "没有这条街"}, "address"),
    ],
)  # fmt: skip
def test_a_bad_ticket_names_the_column_and_leaves_nothing(world, change, column):
    people = Person.objects.count()
    with pytest.raises(RuleViolation) as refused:
        import_ticket(world["street"], ticket(**change))
    assert refused.value.field == column
    assert (Matter.objects.count(), Person.objects.count()) == (0, people)


def test_items_and_routes_come_from_sheets(world):
    item = {
        "place": DISTRICT, "code": "env.demo", "name": "演示事项", "event_class": "environment", "valid_from": making.TODAY,
        "clause": "演示", "urgency": None, "words": "演示、示例", "is_grid_work": None, "elsewhere": None,
        "confidentiality": None,
    }  # fmt: skip
    actor = decider(world)
    assert [import_item(actor, ImportRow(2, item)) for _ in range(2)] == ["added", "unchanged"]
    assert EventItem.objects.get(code="env.demo").words == ["演示", "示例"]
    route = {
        "place": DISTRICT, "unit": "演示城管局", "reason": "演示", "valid_from": making.TODAY, "event_class": None,
        "item": "演示事项", "urgency": None,
    }  # fmt: skip
    assert [import_route(actor, ImportRow(2, route)) for _ in range(2)] == ["added", "unchanged"]
    assert reported(world, item_code="env.demo").matter.asked_id == world.department.pk
    assert import_route(actor, ImportRow(3, route | {"unit": "街道办事处"})) == "changed"
    with pytest.raises(RuleViolation, match="没有找到唯一的单位"):
        import_route(actor, ImportRow(3, route | {"unit": "没有的局"}))


@pytest.mark.parametrize("key", ["requests", "requests.items", "requests.routes"])
def test_examples_of_the_template_are_accepted_headings(key):
    importer = register(key).importer
    assert importer is not None and set(importer.keys) <= {column.key for column in importer.columns}


def test_seeds_know_nothing_of_django():
    assert "django" not in importlib.import_module("doorstep.modules.requests.seeds").__dict__


def test_a_caller_is_known_where_number_and_name_agree(world):
    known, family = register_people(
        actor=SYSTEM,
        people=[
            NewPerson("演示来电", COMMUNITY, phone="13800000009"),
            NewPerson("演示老户", COMMUNITY, phone="13800000009"),
        ],
    )
    import_ticket(world["street"], ticket(caller=" 演示来电 "))
    assert Request.objects.get().matter.reporter_id == known.pk
    assert not Matter.objects.filter(reporter=family).exists()


@pytest.mark.parametrize("caller", ["演示来电", None])
def test_a_family_with_one_number_reads_no_call_of_another(world, caller):
    (family,) = register_people(actor=SYSTEM, people=[NewPerson("演示老户", COMMUNITY, phone="13800000009")])
    import_ticket(world["street"], ticket(caller=caller))
    matter = Request.objects.select_related("matter__reporter__key").get().matter
    assert matter.reporter_id != family.pk
    assert masked(matter.reporter, "phone") == "138****0009"  # the desk can still call back
    reader = Actor(account_id=900, person_id=family.pk, name=family.name, grants=())
    assert not policy_for(Matter).visible_to(reader).exists()


def test_calls_without_a_name_are_each_their_own(world):
    import_ticket(world["street"], ticket(caller=None))
    import_ticket(world["street"], ticket(number="DL002", caller=None))
    names = Request.objects.order_by("pk").values_list("matter__reporter__name", flat=True)
    assert list(names) == ["来电人 DL001", "来电人 DL002"]


def test_the_list_is_read_by_everybody(world):
    assert policy_for(EventItem).visible_to(world["resident"]).exists()
    assert GRID.startswith(DISTRICT)


def test_another_district_gets_the_first_lists_once(world):
    with pytest.raises(NotVisible):
        services_lists.first_lists(actor=decider(world), place_code="210299")
    assert services_lists.first_lists(actor=SYSTEM, place_code="210299") == len(seeds.items("210299")) + len(
        seeds.RULES
    )
    assert services_lists.first_lists(actor=SYSTEM, place_code="210299") == 0
    assert services_lists.first_lists(actor=SYSTEM, place_code=DISTRICT) == 0
    assert selectors.items_at("210299001001001").filter(code="env.lamp").count() == 1


def test_words_of_requests_and_whistles_have_a_first_term_with_its_ground(db):
    rows = RetentionTerm.objects.in_force(making.TODAY)
    assert dict(rows.values_list("kind", "months")) == {
        "request": 36, "whistle": 36, "obligation": 36, "coverage_gap": 36, "coverage_finding": 36, "resolution": 60, "nomination": 60,
        "need": 36, "project": 36, "responsibility": 36, "wish": 24,
    }  # fmt: skip
    assert all("个人信息保护法" in row.clause for row in rows)

"""Numbers of rules: all on one page, each changed from a day on with its source; what held before stays."""

import datetime as dt

import pytest
from django.urls import reverse

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.declarations.numbers import Number, all_numbers
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.kernel.web.numbers.services import set_number
from doorstep.modules.chain.models import RuleValue as ChainValue
from doorstep.modules.requests.models import RuleValue
from doorstep.modules.requests.selectors import rule_values
from tests.desk.matter_world import build, client
from tests.organisations.world import DISTRICT, STREET, officer

TODAY = dt.date(2026, 6, 15)
KEEPER = officer("district_officer", DISTRICT)


@pytest.fixture(autouse=True)
def today(db):
    with clock.fixed(TODAY):
        yield


@pytest.fixture
def cast_client(today):
    members = build()
    return lambda role: client(members, role)


def change(key="call_back.days", value="20", on=TODAY, clause="演办〔2026〕1号", actor=KEEPER, of="requests"):
    return set_number(actor=actor, of=of, key=key, value=value, valid_from=on, clause=clause)


def test_every_number_there_is_can_be_read_on_the_page_and_written_back():
    kept = {numbers.model: set() for numbers in all_numbers()}
    for numbers in all_numbers():
        keys = {number.key for number in numbers.numbers}
        assert (
            not keys & kept[numbers.model]
        )  # two packages of numbers may stand in one table, each key in one of them
        kept[numbers.model] |= keys
        for row in numbers.model._default_manager.filter(key__in=keys):
            number = numbers.number(row.key)
            assert number.read(number.show(row.value)) == row.value
    for model, keys in kept.items():
        assert set(model._default_manager.values_list("key", flat=True)) == keys


def test_a_new_value_holds_from_its_day_and_the_old_one_before():
    change(on=TODAY + dt.timedelta(days=10))
    assert rule_values(TODAY)["call_back.days"] == 30
    assert rule_values(TODAY + dt.timedelta(days=10))["call_back.days"] == 20
    old, new = RuleValue.objects.filter(key="call_back.days").order_by("valid_from")
    assert (old.value, old.valid_to, new.valid_to) == (30, new.valid_from, None)
    entry = Entry.objects.get(action="web.set_number")
    assert entry.changes["value"] == [30, 20] and entry.changes["clause"] == "演办〔2026〕1号"


def test_the_other_modules_take_it_too():
    change("group.adjacent_metres", "200", of="chain")
    assert ChainValue.objects.in_force(TODAY).get(key="group.adjacent_metres").value == 200


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("call_back.days", "0", "1 到 180"), ("call_back.days", "二十", "整数"), ("call_back.days", "", "请填写"),
        ("call_back.days", "20、30", "只填一个"), ("sample.share", "1.5", "0 到 1"), ("rates.composite", "0.5、0.6", "合计"),
        ("rates.composite", "0.5、0.2、0.2", "合计"), ("public.classes", "没有的类", "从这些里选"),
        ("whistle.ground.emergency", "也许", "是"), ("call_back.days", "30", "一样"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_in_words(key, value, words):
    clause = RuleValue.objects.get(key=key).clause
    with pytest.raises(RuleViolation, match=words) as refused:
        change(key, value, clause=clause)
    assert refused.value.field == "value" and RuleValue.objects.filter(key=key).count() == 1


def test_several_whole_numbers_keep_their_order():
    warn = Number("x", "x", kind="wholes", least=1, most=366, count=3, falling=True)
    assert warn.read("180、90, 30") == [180, 90, 30]
    for wrong, words in (("30、90、180", "从大到小"), ("180、90", "3 个"), ("180、90、90", "各不相同")):
        with pytest.raises(ValueError, match=words):
            warn.read(wrong)


def test_days_sources_and_who():
    with pytest.raises(RuleViolation) as past:
        change(on=TODAY - dt.timedelta(days=1))
    with pytest.raises(RuleViolation) as bare:
        change(clause=" ")
    assert (past.value.field, bare.value.field) == ("valid_from", "clause")
    with pytest.raises(NotVisible):
        change("no.such")
    with pytest.raises((NotAllowed, NotVisible)):
        change(actor=officer("street_officer", STREET))
    change(on=TODAY + dt.timedelta(days=10))
    with pytest.raises(Conflict) as later:
        change(value="25", on=TODAY + dt.timedelta(days=5))
    assert later.value.field == "valid_from" and "2026-06-25" in str(later.value.message)


def test_the_page_lists_all_and_a_change_is_made_on_it(cast_client):
    keeper = cast_client("district_officer")
    page = keeper.get(reverse("numbers:all")).content.decode()
    for words in ("结案后多久以内回访", "30 天", "楼栋相距多少以内算相邻", "走访记录的内容保存多久"):
        assert words in page
    address = reverse("numbers:one", args=["requests", "call_back.days"])
    wrong = keeper.post(address, {"value": "0", "valid_from": "2026-06-20", "clause": "演办〔2026〕1号"})
    assert wrong.status_code == 422 and "1 到 180" in wrong.content.decode()
    sent = {"value": "20", "valid_from": "2026-06-20", "clause": "演办〔2026〕1号"}
    assert keeper.post(address, sent).status_code == 302
    one = keeper.get(address).content.decode()
    assert (
        "20 天" in one
        and "30 天" in one
        and "2026-06-20 起改为 20" in keeper.get(reverse("numbers:all")).content.decode()
    )


def test_others_find_no_such_page(cast_client):
    street = cast_client("street_officer")
    addresses = [reverse("numbers:all"), reverse("numbers:one", args=["requests", "call_back.days"])]
    assert [street.get(address).status_code for address in addresses] == [404, 404]
    keeper = cast_client("district_officer")
    assert keeper.get(reverse("numbers:one", args=["requests", "none"])).status_code == 404

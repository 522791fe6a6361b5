"""Units on the desk: every kind is founded, renamed, moved, split, merged, dissolved by a page that shows first what changes."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.organisations import services
from doorstep.kernel.organisations.kept_kinds import general_kinds
from doorstep.kernel.organisations.kinds import UNIT_KINDS
from doorstep.kernel.organisations.models import Appointment, Unit, UnitLineage, UnitVersion
from doorstep.kernel.organisations.rules import level_fits
from doorstep.kernel.shared.place_codes import level_of
from tests.api.conftest import OURS
from tests.chain import world as district

NEW = "/desk/units/new/"
DISTRICT = "210202"
PAPER = {"document": "演示〔2026〕1号", "approved_by": "演示区委"}
CODE = "91350100M000100Y43"


@pytest.fixture
def officer(sign_in) -> Client:
    return sign_in("district_officer", DISTRICT)


def found(kind: str, name: str, place: str = district.ONE, **more: object) -> Unit:
    return services.found_unit(
        actor=district.SYSTEM, kind=kind, name=name, place_code=place, founded_on=district.BEGAN, document="文", **more
    )  # fmt: skip


def carried_by(page: str) -> dict[str, str]:
    """What the form remembers of the preview."""
    fields = {
        name: re.search(rf'<input[^>]*name="{name}"[^>]*>', page).group(0) for name in ("versions", "shown")
    }  # type: ignore[union-attr]  # must be there
    return {
        name: found.group(1) if (found := re.search(r'value="([^"]*)"', field)) else ""
        for name, field in fields.items()
    }


def two_steps(client: Client, page_address: str, /, **values: object) -> str:
    """Preview, then apply what was previewed; gives the preview's page."""
    shown = client.post(page_address, {"effective_on": "2026-06-15", **values, "step": "preview"})
    page = shown.content.decode()
    assert shown.status_code == 200, re.findall(r'<div class="notice error".*?</div>', page, re.S)
    carried = carried_by(page)
    done = client.post(page_address, {"effective_on": "2026-06-15", **values, **carried, "step": "apply"})
    assert done.status_code == 302, done.content.decode()
    assert client.get(done["Location"]).status_code == 200
    return page


def change(unit: Unit, act: str) -> str:
    return f"/desk/units/{unit.pk}/change/{act}/"


def now(unit: Unit) -> UnitVersion:
    return UnitVersion.objects.in_force(dt.date(2026, 6, 15)).get(unit=unit)


@pytest.mark.parametrize("kind", [kind for kind in UNIT_KINDS if kind != "platform_administration"])
def test_a_unit_of_every_kind_but_the_chains_own_is_founded(officer, kind):
    place = next(code for code in (district.ONE, OURS, DISTRICT) if level_fits(kind, level_of(code)))
    address = f"{NEW}?kind={kind}&place={place}"
    if kind not in general_kinds():
        assert kind in ("grid_party_branch", "building_party_group")
        assert "看看会变什么" not in officer.get(address).content.decode()
        return
    before = Unit.objects.count()
    preview = two_steps(
        officer, address, name="演示新单位", phone="0411-82000000", hours="周一至周五", **PAPER
    )
    assert "演示新单位" in preview and "新成立1个单位" in preview
    assert Unit.objects.count() == before + 1, "a preview founds nothing"
    made = UnitVersion.objects.get(name="演示新单位")
    assert (made.kind, made.place_code, made.phone, made.hours) == (
        kind,
        place,
        "0411-82000000",
        "周一至周五",
    )
    assert made.document == PAPER["document"] and made.unit.founded_on == dt.date(2026, 6, 15)


def test_the_way_to_it(officer):
    register = officer.get("/desk/r/units/").content.decode()
    assert NEW in register and "组织调整" not in register
    first = officer.get(NEW).content.decode()
    assert 'value="street_office"' in first and 'value="grid_party_branch"' not in first
    assert 'value="platform_administration"' not in first
    unit = found("merchant", "演示商户")
    record = officer.get(f"/desk/r/units/record/{now(unit).pk}/").content.decode()
    assert f"/desk/units/{unit.pk}/change/" in record
    chosen = officer.get(f"/desk/units/{unit.pk}/change/").content.decode()
    for act in ("rename", "move", "office", "code", "split", "merge", "dissolve"):
        assert change(unit, act) in chosen
        assert officer.get(change(unit, act)).status_code == 200, act


def test_the_usual_superior_is_proposed_and_a_place_may_be_written_as_a_name(officer):
    office = found("street_office", "演示街道办", OURS)
    page = officer.get(NEW, {"kind": "residents_committee", "place": "演示一社区"}).content.decode()
    assert re.search(rf'<option value="{office.pk}"\s+selected', page)
    odd = officer.get(NEW, {"kind": "residents_committee", "place": "没有的地方"}).content.decode()
    assert "没有叫“没有的地方”的地方" in odd and "看看会变什么" not in odd
    wide = officer.get(NEW, {"kind": "street_office", "place": district.ONE}).content.decode()
    assert "不能设在这一级地方" in wide


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"credit_code": CODE[:-1] + "0"}, "credit_code", "最后一位校验码不对"),
        ({"credit_code": "123"}, "credit_code", "应为 18 位"),
        ({"effective_on": "1800-01-01"}, "effective_on", "早于 1900 年"),
        ({"name": " "}, "name", "必填"),
    ],
)
def test_a_refusal_stands_at_its_field_and_nothing_is_founded(officer, values, field, words):
    given = {"name": "演示公司", "effective_on": "2026-06-15", "step": "preview"} | values
    answer = officer.post(f"{NEW}?kind=company&place={district.ONE}", given)
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert list(errors) == [field] and (words in str(errors) or field == "name")
    assert not UnitVersion.objects.filter(name="演示公司").exists()


def test_kinds_that_follow_an_approval_ask_for_its_document(officer):
    answer = officer.post(
        f"{NEW}?kind=street_office&place={OURS}",
        {"name": "演示办", "effective_on": "2026-06-15", "step": "preview"},
    )
    assert answer.status_code == 422 and "document" in answer.context["form"].errors


def test_renamed_and_the_office_changed(officer):
    unit = found("residents_committee", "演示居委会")
    preview = two_steps(officer, change(unit, "rename"), name="演示新居委会", **PAPER)
    assert "演示新居委会 · 名称" in preview and "演示居委会" in preview
    two_steps(officer, change(unit, "office"), phone="0411-82000001", hours="每天", address="演示路1号")
    assert (now(unit).name, now(unit).phone, now(unit).hours) == ("演示新居委会", "0411-82000001", "每天")
    old = UnitVersion.objects.in_force(dt.date(2026, 6, 14)).get(unit=unit)
    assert (old.name, old.phone) == ("演示居委会", "")
    assert UnitLineage.objects.filter(unit=unit, kind="renamed", document=PAPER["document"]).exists()


def test_moved_under_another_superior_at_another_place(officer):
    home, other = (
        found("volunteer_federation", "演示联合会", DISTRICT),
        found("street_office", "演示办", OURS),
    )
    unit = found("volunteer_team", "演示志愿队", superior_id=home.pk)
    leader = services.appoint(
        actor=district.SYSTEM, person_id=district.person("演示队长").pk, post="team_leader", unit_id=unit.pk,
        valid_from=district.BEGAN,
    )  # fmt: skip
    address = f"{change(unit, 'move')}?place={district.TWO}"
    preview = two_steps(officer, address, superior=other.pk, **PAPER)
    assert "演示联合会" in preview and "演示办" in preview and "演示二社区" in preview
    assert "1项任职的工作范围随单位换到新的地方" in preview
    assert (now(unit).place_code, now(unit).superior_id) == (district.TWO, other.pk)
    assert Appointment.objects.get(pk=leader.pk).valid_to is None


def test_the_credit_code_is_added_and_checked(officer):
    unit, other = found("company", "演示公司"), found("company", "演示二公司")
    two_steps(officer, change(unit, "code"), credit_code=CODE.lower())
    unit.refresh_from_db()
    assert unit.credit_code == CODE
    assert Entry.objects.filter(target_id=str(unit.pk), changes__credit_code=["", CODE]).exists()
    taken = officer.post(change(other, "code"), {"credit_code": CODE, "step": "preview"})
    assert taken.status_code == 422 and "已有另一个在册单位使用" in taken.content.decode()


def test_split_and_what_is_below_goes_along(officer):
    unit = found("trade_party_committee", "演示行业党委", DISTRICT)
    below = [found("company_party_organisation", f"演示{n}企业党组织", superior_id=unit.pk) for n in (1, 2)]
    preview = two_steps(officer, change(unit, "split"), name="演示新行业党委", below=[below[0].pk], **PAPER)
    assert "1个单位换了上级" in preview
    part = UnitVersion.objects.get(name="演示新行业党委")
    assert [now(each).superior_id for each in below] == [part.unit_id, unit.pk]
    assert UnitLineage.objects.filter(unit=unit, other=part.unit_id, kind="split").exists()


def test_merged_and_dissolved(officer):
    unit, gone = found("merchant", "演示商户"), found("merchant", "演示旧商户")
    services.appoint(
        actor=district.SYSTEM, person_id=district.person("演示店主").pk, post="merchant_manager", unit_id=gone.pk,
        valid_from=district.BEGAN,
    )  # fmt: skip
    page = officer.get(change(unit, "merge")).content.decode()
    assert "演示旧商户" in page
    preview = two_steps(officer, change(unit, "merge"), others=[gone.pk])
    assert "1项任职结束" in preview and "商户负责人 演示店主" in preview and "不再存在" in preview
    gone.refresh_from_db()
    assert (
        gone.ended_on == dt.date(2026, 6, 15) and Appointment.objects.get(unit=gone).valid_to == gone.ended_on
    )
    two_steps(officer, change(unit, "dissolve"), effective_on="2026-07-01")
    unit.refresh_from_db()
    assert unit.ended_on == dt.date(2026, 7, 1)
    assert officer.get(change(unit, "rename")).status_code == 404


def test_a_unit_with_others_below_is_not_dissolved(officer):
    unit = found("street_office", "演示办", OURS)
    found("residents_committee", "演示居委会", superior_id=unit.pk)
    answer = officer.post(
        change(unit, "dissolve"), {"effective_on": "2026-06-15", "step": "preview", **PAPER}
    )
    assert answer.status_code == 422 and "其下还有 1 个单位（演示居委会）" in answer.content.decode()


def test_two_at_the_same_unit_the_second_is_told(officer):
    unit = found("merchant", "演示商户")
    values = {"effective_on": "2026-06-15", "name": "演示甲店"}
    page = officer.post(change(unit, "rename"), {**values, "step": "preview"}).content.decode()
    carried = carried_by(page)
    services.rename_unit(
        actor=district.SYSTEM, unit_id=unit.pk, name="演示乙店", effective_on=dt.date(2026, 6, 15)
    )
    answer = officer.post(change(unit, "rename"), {**values, **carried, "step": "apply"}, follow=True)
    assert "在您办理期间已被改动" in answer.content.decode() and now(unit).name == "演示乙店"


def test_what_is_applied_is_what_was_shown(officer):
    unit = found("merchant", "演示商户")
    page = officer.post(
        change(unit, "rename"), {"effective_on": "2026-06-15", "name": "演示甲店", "step": "preview"}
    ).content.decode()
    carried = carried_by(page)
    other = {"effective_on": "2026-06-15", "name": "演示丙店", "step": "apply", **carried}
    again = officer.post(change(unit, "rename"), other)
    assert again.status_code == 200 and "演示丙店 · 名称" in again.content.decode(), (
        "shown again before it is done"
    )
    assert now(unit).name == "演示商户"


def test_for_another_street_none_of_it_exists(ours, theirs):
    unit = found("residents_committee", "演示居委会")
    addresses = [
        f"/desk/units/{unit.pk}/change/",
        *(change(unit, act) for act in ("rename", "office", "dissolve")),
    ]
    for address in addresses:
        assert theirs.get(address).status_code == theirs.post(address, {}).status_code == 404, address
        assert ours.get(address).status_code == 200, address
    foreign = theirs.get(NEW, {"kind": "residents_committee", "place": district.ONE}).content.decode()
    assert "不在您的范围内" in foreign and "看看会变什么" not in foreign
    forged = theirs.post(
        f"{NEW}?kind=residents_committee&place={district.ONE}", {"name": "演示", "step": "apply"}
    )
    assert forged.status_code == 200 and not UnitVersion.objects.filter(name="演示").exists()


def test_a_community_founds_its_own_kinds_and_changes_its_own_office(sign_in, world):
    secretary = sign_in("community_secretary", district.ONE)
    kinds = secretary.get(NEW).content.decode()
    assert 'value="volunteer_team"' in kinds and 'value="street_office"' not in kinds
    party = world.communities[district.ONE]
    chosen = secretary.get(f"/desk/units/{party.pk}/change/").content.decode()
    assert change(party, "office") in chosen and change(party, "dissolve") not in chosen
    assert secretary.get(change(party, "dissolve")).status_code == 403
    two_steps(secretary, change(party, "office"), phone="0411-82000009", hours="每天", address="")
    assert now(party).phone == "0411-82000009"


def test_of_a_branch_the_office_is_changed_here_and_the_rest_in_the_chain(ours, world):
    branch = world.branch(f"{district.ONE}001")
    page = ours.get(f"/desk/units/{branch.pk}/change/").content.decode()
    assert change(branch, "office") in page and f"/desk/chain/units/{branch.pk}/adjust/" in page
    assert change(branch, "rename") not in page and ours.get(change(branch, "rename")).status_code == 404
    two_steps(ours, change(branch, "office"), phone="0411-82000010", hours="周一至周五", address="")
    assert now(branch).phone == "0411-82000010"


def test_the_chains_page_of_a_unit_leads_to_its_office(sign_in, world):
    party = world.communities[district.ONE]
    page = f"/desk/chain/units/{party.pk}/"
    street, secretary = sign_in("street_officer", OURS), sign_in("community_secretary", district.ONE)
    assert f'href="/desk/units/{party.pk}/change/"' in street.get(page).content.decode()
    assert f'href="{change(party, "office")}"' in secretary.get(page).content.decode()
    shown = secretary.get(page).content.decode()
    two_steps(secretary, change(party, "office"), phone="0411-82000019", hours="每天8点至20点", address="")
    assert "0411-82000019" not in shown
    after = secretary.get(page).content.decode()
    assert "0411-82000019" in after and "每天8点至20点" in after


def test_who_neither_founds_nor_adjusts_finds_no_page(sign_in):
    audit = sign_in("security_administrator", DISTRICT)
    assert audit.get(NEW).status_code == 404
    assert NEW not in audit.get("/desk/r/accounts/").content.decode()

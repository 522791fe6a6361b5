"""The chain's pages: everybody their own, every button leads on, refusals stand at their field, the day counts."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from doorstep.kernel.authority.models import Account
from doorstep.kernel.declarations.findings import all_findings
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.modules.chain.adjustments import Adjustment, adjust
from doorstep.modules.chain.models import (
    Approval,
    BranchGrid,
    GroupBuilding,
    MemberCount,
    MemberHousehold,
    Term,
)
from doorstep.modules.chain.selectors import BRANCH
from tests.chain.conftest import officer
from tests.chain.world import BEGAN, ONE, SYSTEM, TODAY, TWO, person
from tests.sign_in import client_of

G1, G2, G3 = (f"{ONE}00{n}" for n in (1, 2, 3))
STREET, NEIGHBOUR = "210202005", "210202006"


@pytest.fixture
def secretary(chain) -> Client:
    who = person()
    organisations.appoint(
        actor=SYSTEM, person_id=who.pk, post="community_secretary", unit_id=chain.communities[ONE].pk, valid_from=BEGAN
    )  # fmt: skip
    return client_of(Account.objects.create(username="secretary", person=who))


def addresses(world) -> dict[str, str]:
    left, team, home = world.left.pk, world.team.pk, world.home.pk
    building = world.buildings[G1][4].pk
    return {
        "street": reverse("chain:place", args=[STREET]),
        "community": reverse("chain:place", args=[ONE]),
        "organisation": reverse("chain:unit", args=[world.communities[ONE].pk]),
        "branch": reverse("chain:unit", args=[left]),
        "group": reverse("chain:unit", args=[team]),
        "household": reverse("chain:household", args=[home]),
        "breaks": f"{reverse('chain:breaks')}?place={ONE}",
        "choose branch": reverse("chain:choose", args=[left]),
        "choose group": reverse("chain:choose", args=[team]),
        "establish branch": reverse("chain:establish", args=[world.communities[ONE].pk]),
        "establish group": reverse("chain:establish", args=[left]),
        **{
            f"{kind} branch": reverse("chain:adjust", args=[left, kind])
            for kind in ("grids", "rename", "split", "merge", "move", "dissolve")
        },
        **{
            f"{kind} group": reverse("chain:adjust", args=[team, kind])
            for kind in ("buildings", "rename", "split", "merge", "move", "dissolve")
        },
        "count": reverse("chain:count", args=[left]),
        "form": reverse("chain:form", args=[left]),
        "term": reverse("chain:term", args=[left]),
        "extend": f"{reverse('chain:term', args=[left])}?extend=1",
        "appoint": f"{reverse('chain:appoint', args=[left])}?q=演示",
        "designate": f"{reverse('chain:designate')}?unit={team}",
        "revoke": reverse("chain:revoke", args=[home]),
        "cover grid": reverse("chain:cover_grid", args=[G3]),
        "cover building": reverse("chain:cover_building", args=[building]),
    }


def test_every_page_opens_for_the_street(chain, street):
    for name, address in addresses(chain).items():
        assert street.get(address).status_code == 200, name


def test_for_the_neighbouring_street_nothing_of_it_exists(chain):
    neighbour = officer("street_officer", "street_working_committee", NEIGHBOUR)
    for name, address in addresses(chain).items():
        assert neighbour.get(address).status_code == 404, name
        assert neighbour.post(address).status_code in (404, 405), name


def test_the_page_that_mends_a_grid_exists_only_where_the_grid_does(chain, secretary):
    """Who adjusts nothing anywhere: forbidden over one's own grid, nothing there over another's."""
    elsewhere = officer("community_secretary", "community_party_organisation", TWO)
    address = reverse("chain:cover_grid", args=[G3])
    assert (secretary.get(address).status_code, elsewhere.get(address).status_code) == (403, 404)


def test_a_stranger_is_asked_to_sign_in(chain):
    for name, address in addresses(chain).items():
        response = Client().get(address)
        assert response.status_code == 302 and "/sign-in/" in response["Location"], name


def test_a_community_secretary_may_not_adjust_branches(chain, secretary):
    allowed = {"choose group", "establish group", "count", "designate", "revoke", "cover building", "street"}
    for name, address in addresses(chain).items():
        status = secretary.get(address).status_code
        if name in (
            "establish branch",
            "choose branch",
            "form",
            "term",
            "extend",
            "appoint",
            "cover grid",
        ) or (name.endswith(" branch")):
            assert status in (403, 404), name
        elif name in allowed - {"street"} or name.endswith(" group"):
            assert status == 200, name


def test_a_deputy_keeps_counts_and_households_but_forms_no_groups(chain):
    who = person()
    organisations.appoint(
        actor=SYSTEM, person_id=who.pk, post="community_deputy_secretary", unit_id=chain.communities[ONE].pk,
        valid_from=BEGAN,
    )  # fmt: skip
    deputy = client_of(Account.objects.create(username="deputy", person=who))
    statuses = {name: deputy.get(address).status_code for name, address in addresses(chain).items()}
    assert {name for name, status in statuses.items() if status == 200} == {
        "community", "organisation", "branch", "group", "household", "breaks", "count", "designate", "revoke",
    }  # fmt: skip
    assert "成立党小组" not in deputy.get(addresses(chain)["branch"]).content.decode()


def test_the_groups_register_offers_a_deputy_nothing_that_is_refused(chain, secretary):
    who = person()
    organisations.appoint(
        actor=SYSTEM, person_id=who.pk, post="community_deputy_secretary", unit_id=chain.communities[ONE].pk,
        valid_from=BEGAN,
    )  # fmt: skip
    deputy = client_of(Account.objects.create(username="deputy", person=who))
    version = UnitVersion.objects.get(unit=chain.team)
    record = f"/desk/r/chain.groups/record/{version.pk}/"
    assert reverse("chain:choose", args=[chain.team.pk]) in secretary.get(record).content.decode()
    assert reverse("chain:choose", args=[chain.team.pk]) not in deputy.get(record).content.decode()
    for key, may in (("chain.groups", False), ("chain.households", True)):
        offered = f"/desk/r/{key}/import/" in deputy.get(f"/desk/r/{key}/").content.decode()
        assert offered is may, key
        assert deputy.get(f"/desk/r/{key}/import/").status_code == (200 if may else 404)
    assert secretary.get("/desk/r/chain.groups/import/").status_code == 200


def test_every_break_leads_to_a_page_that_mends_it(chain, street):
    BranchGrid.objects.filter(branch=chain.right).delete()
    MemberCount.objects.filter(unit=chain.left).update(full=2)
    Term.objects.filter(unit=chain.left).update(valid_to=TODAY)
    GroupBuilding.objects.filter(group=chain.team).last().delete()
    MemberHousehold.objects.filter(pk=chain.home.pk).update(building=chain.buildings[G1][5])
    tried = 0
    for finding in all_findings():
        for row in finding.rows(TODAY):
            tried += 1
            assert street.get(finding.mend(row)).status_code == 200, finding.key
    assert tried >= 8


def preview_of(response) -> dict[str, str]:
    """What the form carries after the preview."""
    html = response.content.decode()
    return {
        name: re.search(rf'name="{name}" value="([^"]*)"', html).group(1)  # type: ignore[union-attr]  # must be there
        for name in ("versions", "shown")
    }


def fields(**more: object) -> dict[str, object]:
    return {
        "effective_on": TODAY.isoformat(),
        "document": "演批〔2026〕1号",
        "approved_by": "演示街道",
        **more,
    }


def test_the_guided_page_previews_then_applies(chain, street):
    address = reverse("chain:adjust", args=[chain.left.pk, "grids"])
    data = fields(grids=[G1, G3], step="preview")
    shown = street.post(address, data)
    assert (
        "第1网格、第3网格" in shown.content.decode()
        and BranchGrid.objects.filter(branch=chain.left).count() == 1
    )
    done = street.post(address, {**data, **preview_of(shown), "step": "apply"})
    assert done.status_code == 302 and done["Location"] == reverse("chain:unit", args=[chain.left.pk])
    assert BranchGrid.objects.in_force(TODAY).filter(branch=chain.left).count() == 2
    page = street.get(done["Location"]).content.decode()
    assert "已办理" in page and "调整覆盖网格" in page


def test_what_was_changed_after_the_preview_is_previewed_again(chain, street):
    address = reverse("chain:adjust", args=[chain.left.pk, "rename"])
    shown = street.post(address, fields(name="甲支部", step="preview"))
    again = street.post(address, fields(name="乙支部", step="apply", **preview_of(shown)))
    assert again.status_code == 200 and "乙支部" in again.content.decode()
    assert not UnitVersion.objects.filter(name__in=["甲支部", "乙支部"]).exists()


def test_a_departure_is_shown_with_its_clause_and_done_with_an_approval(chain, street):
    address = reverse("chain:establish", args=[chain.communities[ONE].pk])
    data = fields(name="小支部", grids=[G3], full=2, form="branch", units=0)
    shown = street.post(address, {**data, "step": "preview"})
    html = shown.content.decode()
    assert "不足3人" in html and "支部工作条例" in html
    carried = preview_of(shown)
    refused = street.post(address, {**data, **carried, "step": "apply"})
    assert refused.status_code == 422 and "请填写批准文号" in refused.content.decode()
    done = street.post(address, {**data, **carried, "approval": "演组1号", "step": "apply"})
    assert done.status_code == 302 and Approval.objects.get().document == "演组1号"


def test_the_second_officer_sees_what_the_first_did(chain, street):
    address = reverse("chain:adjust", args=[chain.left.pk, "grids"])
    shown = street.post(address, fields(grids=[G1, G3], step="preview"))
    adjust(
        actor=SYSTEM,
        adjustment=Adjustment(
            kind="grids", unit_kind=BRANCH, effective_on=TODAY, document="演批9号", unit_id=chain.left.pk, grids=(G1, G2)
        ),
    )  # fmt: skip
    second = street.post(address, fields(grids=[G1, G3], step="apply", **preview_of(shown)), follow=True)
    assert "在您办理期间已被改动" in second.content.decode()
    covered = BranchGrid.objects.in_force(TODAY).filter(branch=chain.left)
    assert set(covered.values_list("grid__code", flat=True)) == {G1, G2}


def test_refusals_stand_at_their_field(chain, street):
    address = reverse("chain:adjust", args=[chain.left.pk, "grids"])
    response = street.post(address, fields(grids=[G1], step="preview"))
    assert response.status_code == 422 and "网格没有变化" in response.content.decode()
    assert "grids" in response.context["form"].errors


@pytest.mark.parametrize("day", ["1800-01-01", "1940-06-01"])
def test_a_day_before_the_rule_set_is_refused_at_its_field(chain, street, day):
    left, team = chain.left.pk, chain.team.pk
    other, home = chain.communities[TWO].pk, chain.buildings[G1][4].pk
    asked = [
        (reverse("chain:adjust", args=[left, "rename"]), {"name": "甲支部"}),
        (reverse("chain:adjust", args=[left, "grids"]), {"grids": [G1, G3]}),
        (reverse("chain:adjust", args=[left, "merge"]), {"others": [chain.right.pk]}),
        (reverse("chain:adjust", args=[left, "dissolve"]), {"heir": chain.right.pk}),
        (
            f"{reverse('chain:adjust', args=[left, 'move'])}?superior={other}",
            {"superior": other, "grids": [f"{TWO}001"]},
        ),
        (reverse("chain:adjust", args=[left, "split"]), {"name": "乙支部", "grids": [G1], "form": "branch"}),
        (reverse("chain:adjust", args=[team, "rename"]), {"name": "甲小组"}),
        (reverse("chain:adjust", args=[team, "buildings"]), {"buildings": [home]}),
        (reverse("chain:adjust", args=[team, "dissolve"]), {}),
        (reverse("chain:establish", args=[left]), {"name": "乙小组", "buildings": [home]}),
        (
            reverse("chain:establish", args=[chain.communities[ONE].pk]),
            {"name": "丙支部", "grids": [G3], "form": "branch", "full": 5},
        ),
    ]
    for address, data in asked:
        for step in ("preview", "apply"):
            response = street.post(address, fields(**data, effective_on=day, step=step))
            assert response.status_code == 422, (address, step)
            assert "日期早于 1949-10-01" in str(response.context["form"].errors["effective_on"]), address
            assert list(response.context["form"].errors) == ["effective_on"], address


def test_a_merger_through_the_page(chain, street):
    address = reverse("chain:adjust", args=[chain.left.pk, "merge"])
    data = fields(others=[chain.right.pk])
    shown = street.post(address, {**data, "step": "preview"})
    assert "不再存在" in shown.content.decode()
    assert street.post(address, {**data, **preview_of(shown), "step": "apply"}).status_code == 302
    ended = street.get(reverse("chain:unit", args=[chain.right.pk]))
    assert "已撤销" in ended.content.decode()
    before = street.get(reverse("chain:unit", args=[chain.right.pk]), {"on": "2025-01-01"})
    assert "已撤销" not in before.content.decode()


def test_single_acts(chain, street, secretary):
    team = chain.team.pk
    done = secretary.post(
        reverse("chain:count", args=[team]), {"counted_on": TODAY.isoformat(), "full": 5, "probationary": 0}
    )
    assert done.status_code == 302 and MemberCount.objects.get(unit=team, counted_on=TODAY).full == 5
    later = (TODAY + dt.timedelta(3)).isoformat()
    refused = secretary.post(
        reverse("chain:count", args=[team]), {"counted_on": later, "full": 5, "probationary": 0}
    )
    assert refused.status_code == 422 and "counted_on" in refused.context["form"].errors
    extend = f"{reverse('chain:term', args=[chain.left.pk])}?extend=1"
    assert street.post(extend, {"valid_to": "2029-09-01"}).status_code == 422
    assert street.post(extend, {"valid_to": "2029-09-01", "approval": "演组2号"}).status_code == 302
    assert Term.objects.get(unit=chain.left).valid_to == dt.date(2029, 9, 1)


def test_appointing_and_designating_through_the_page(chain, street, secretary):
    who = person("演示新组长")
    done = secretary.post(
        f"{reverse('chain:appoint', args=[chain.team.pk])}",
        {"q": "演示新组长", "person": who.pk, "post": "group_leader", "valid_from": TODAY.isoformat(), "document": ""},
    )  # fmt: skip
    assert done.status_code == 302
    assert "演示新组长" in secretary.get(reverse("chain:place", args=[ONE])).content.decode()
    home = person("演示新户主")
    building = chain.buildings[G1][1].pk
    done = secretary.post(
        f"{reverse('chain:designate')}?unit={chain.team.pk}",
        {
            "q": "演示新户主", "person": home.pk, "building": building, "door": "1-1", "document": "演批3号",
            "designated_on": TODAY.isoformat(), "consent_given_by": "本人书面同意",
        },
    )  # fmt: skip
    row = MemberHousehold.objects.get(person=home)
    assert done.status_code == 302 and row.place_code == G1
    page = secretary.get(reverse("chain:household", args=[row.pk])).content.decode()
    assert "演示新户主" in page and "本人同意公开" in page
    revoked = secretary.post(
        reverse("chain:revoke", args=[row.pk]),
        {"revoked_on": (TODAY + dt.timedelta(1)).isoformat(), "reason": "搬离"},
    )
    assert revoked.status_code == 302


def test_pages_answer_as_of_a_day(chain, street):
    early = {"on": (BEGAN - dt.timedelta(1)).isoformat()}
    tree = street.get(reverse("chain:place", args=[ONE]), early).content.decode()
    assert "0 个网格党支部" in tree and "没有党支部覆盖的网格" in tree
    assert "还不存在" in street.get(reverse("chain:unit", args=[chain.left.pk]), early).content.decode()
    assert (
        "演示党支部001" not in street.get(reverse("chain:breaks"), {"place": ONE, **early}).content.decode()
    )


def test_a_units_page_stands_at_its_place(chain, street):
    page = street.get(reverse("chain:unit", args=[chain.left.pk])).context["page"]
    assert (page.place_code, page.place_name) == (G1, "第1网格")
    assert [step.code for step in page.trail] == ["210202", STREET, ONE, G1]


def test_breaks_by_kind_and_place(chain, street):
    listed = street.get(reverse("chain:breaks"), {"place": ONE}).content.decode()
    assert "网格没有党支部覆盖" in listed and "第3网格" in listed and "党员超过五十人" not in listed
    one = street.get(
        reverse("chain:breaks"), {"place": ONE, "kind": "chain.group_without_leader"}
    ).content.decode()
    assert "楼栋党小组没有组长" in one and "网格没有党支部覆盖" not in one
    assert street.get(reverse("chain:breaks"), {"place": "12x"}).status_code == 404


@pytest.mark.parametrize(
    ("name", "most"),
    [("community", 30), ("branch", 34), ("group", 34), ("household", 30), ("street", 22), ("breaks", 34)],
)
def test_pages_cost_a_fixed_number_of_statements(chain, street, name, most):
    address = addresses(chain)[name]
    street.get(address)
    with CaptureQueriesContext(connection) as first:
        street.get(address)
    for grid in (G1, G2):
        spare = chain.branch(f"{TWO}00{1 if grid == G1 else 2}", name=f"演示另支部{grid[-1]}")
        assert spare
    chain.group(chain.left, chain.buildings[G1][4:], name="演示又一组")
    chain.household(chain.buildings[G1][1])
    street.get(address)  # what is kept of tables written to is read anew, once
    with CaptureQueriesContext(connection) as second:
        street.get(address)
    assert len(second) <= len(first) + (3 if name == "breaks" else 0)
    assert len(second) <= most, len(second)

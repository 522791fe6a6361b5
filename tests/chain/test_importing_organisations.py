"""Community organisations and branches from an office's sheet: one row by the same services, refusals at their column."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.authority.models import Account
from doorstep.kernel.declarations.registers import ImportRow, register
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import Appointment, Unit, UnitVersion
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import Grid
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.kernel.web.imports import running
from doorstep.kernel.web.models import ImportJob
from doorstep.modules.chain.importing_organisations import import_branch, import_community_organisation
from doorstep.modules.chain.models import Approval, BranchGrid, Form, MemberCount, Term
from doorstep.modules.chain.selectors import BRANCH, COMMUNITY
from tests.chain.world import BEGAN, ELSEWHERE, ONE, SYSTEM, TODAY, TWO, officer, person
from tests.sign_in import client_of
from tests.web.sheets import upload

G1, G2, G3 = (f"{ONE}00{n}" for n in (1, 2, 3))
COUNTED = dt.date(2026, 1, 5)
SHARED = {
    "superior": None, "document": "演批1号", "secretary": None, "secretary_phone": None, "secretary_since": None,
    "full": None, "probationary": None, "counted_on": None, "number": None, "term_from": None, "term_end": None,
    "committee_size": None, "approval": None,
}  # fmt: skip


def organisation_row(**values: object) -> ImportRow:
    given = {
        "name": "中共演示社区委员会", "community": ELSEWHERE, "form": "party_committee", "founded_on": dt.date(2016, 1, 5),
        "phone": "0411-80000000", "hours": None,
    }  # fmt: skip
    return ImportRow(2, {**SHARED, **given, **values})


def branch_row(**values: object) -> ImportRow:
    given = {
        "name": "演示第一支部", "community": ONE, "grids": "第1网格、第2网格", "form": None, "units": None, "founded_on": BEGAN,
    }  # fmt: skip
    return ImportRow(2, {**SHARED, **given, **values})


FULL_ORGANISATION = {
    "secretary": "演示书记", "secretary_phone": "13800138000", "secretary_since": dt.date(2025, 2, 1), "full": 126,
    "probationary": 3, "counted_on": COUNTED, "number": 3, "term_from": BEGAN, "committee_size": 7,
}  # fmt: skip
FULL_BRANCH = {
    "secretary": "演示支书", "secretary_phone": "13800138001", "full": 12, "probationary": 1, "counted_on": COUNTED,
    "number": 2, "term_from": BEGAN, "term_end": dt.date(2029, 2, 28), "committee_size": 3,
}  # fmt: skip


def refused(service, row: ImportRow, column: str, words: str) -> None:
    before = (Unit.objects.count(), Person.objects.count(), Entry.objects.count())
    with pytest.raises(RuleViolation) as refusal:
        service(SYSTEM, row)
    assert words in str(refusal.value.message)
    assert refusal.value.field == column
    assert (Unit.objects.count(), Person.objects.count(), Entry.objects.count()) == before


def twice(service, row: ImportRow) -> None:
    assert service(SYSTEM, row) == "added"
    entries = Entry.objects.count()
    assert service(SYSTEM, row) == "unchanged"
    assert Entry.objects.count() == entries


def grids_of(unit: Unit) -> list[str]:
    return list(
        BranchGrid.objects.filter(branch=unit).order_by("grid__code").values_list("grid__code", flat=True)
    )


# Community organisations.


def test_a_community_organisation_comes_in_once_with_all_it_has(world):
    twice(import_community_organisation, organisation_row(**FULL_ORGANISATION))
    unit = UnitVersion.objects.get(kind=COMMUNITY, place_code=ELSEWHERE).unit
    assert Form.objects.get(unit=unit).form == "party_committee"
    count = MemberCount.objects.get(unit=unit)
    assert (count.counted_on, count.full, count.probationary) == (COUNTED, 126, 3)
    term = Term.objects.get(unit=unit)
    assert (term.number, term.valid_from, term.valid_to) == (3, BEGAN, dt.date(2029, 3, 1))
    held = Appointment.objects.get(unit=unit)
    assert (held.post, held.person.name, held.valid_from) == (
        "community_secretary",
        "演示书记",
        dt.date(2025, 2, 1),
    )


def test_a_community_organisation_stands_under_the_named_superior(world):
    above = organisations.found_unit(
        actor=SYSTEM, kind="street_working_committee", name="演示街道党工委", place_code=ELSEWHERE[:9],
        founded_on=dt.date(2010, 1, 1), document="演批0号",
    )  # fmt: skip
    row = organisation_row(superior="演示街道党工委")
    twice(import_community_organisation, row)
    assert UnitVersion.objects.get(kind=COMMUNITY, place_code=ELSEWHERE).superior_id == above.pk


@pytest.mark.parametrize(
    ("values", "column", "words"),
    [
        ({"document": None}, "document", "批准文号"),
        ({"superior": "没有的党工委"}, "superior", "没有名为"),
        ({"founded_on": dt.date(1940, 6, 1)}, "founded_on", "1949-10-01"),
        ({"founded_on": dt.date(1800, 1, 1)}, "founded_on", "1900"),
        ({"full": 20, "form": "party_committee"}, "approval", "不足党委一般的100人"),
        ({"full": 5, "counted_on": TODAY + dt.timedelta(1)}, "counted_on", "还没有到"),
        ({"full": 12345}, "full", "0到9999"),
        ({"probationary": 3}, "full", "请写正式党员人数"),
        ({"full": 5, "counted_on": dt.date(2015, 1, 1)}, "counted_on", "成立于"),
        ({"committee_size": 7}, "term_from", "任期从哪一天起"),
        ({"term_from": BEGAN, "term_end": dt.date(2027, 3, 1)}, "approval", "任期应为5年"),
        ({"term_from": BEGAN, "term_end": dt.date(2020, 3, 1)}, "term_end", "止日须晚于起日"),
        ({"term_from": dt.date(2010, 1, 1)}, "term_from", "成立于"),
        ({"secretary": "没登记的人"}, "secretary_phone", "没有登记过"),
        (
            {"secretary": "演示书记", "secretary_phone": "13800138000", "secretary_since": dt.date(2010, 1, 1)},
            "secretary_since", "成立",
        ),
        ({"community": TWO}, "name", "已登记党组织“演示社区2党委”"),
    ],
)  # fmt: skip
def test_a_community_organisation_is_refused_at_its_column(world, values, column, words):
    refused(import_community_organisation, organisation_row(**values), column, words)


def test_what_is_recorded_otherwise_is_refused_and_what_is_missing_is_added(world):
    import_community_organisation(SYSTEM, organisation_row())
    add = import_community_organisation
    for part in (
        {"full": 120, "counted_on": COUNTED}, {"term_from": BEGAN, "committee_size": 7, "number": 3},
        {"secretary": "演示书记", "secretary_phone": "13800138000"},
    ):  # fmt: skip
        assert add(SYSTEM, organisation_row(**part)) == "changed"
        assert add(SYSTEM, organisation_row(**part)) == "unchanged"
    assert add(SYSTEM, organisation_row(full=130, counted_on=TODAY)) == "changed"
    assert add(SYSTEM, organisation_row(phone="0411-81111111", hours="周一至周六")) == "changed"
    assert add(SYSTEM, organisation_row(phone="0411-81111111")) == "unchanged"
    refused(add, organisation_row(founded_on=dt.date(2017, 1, 5)), "founded_on", "成立日期是 2016-01-05")
    refused(add, organisation_row(form="general_branch"), "form", "登记的是“党委”")
    refused(add, organisation_row(superior="别的党工委"), "superior", "登记的是“—”")
    refused(add, organisation_row(term_from=dt.date(2025, 3, 1)), "term_from", "已登记第3届任期")
    refused(
        add, organisation_row(term_from=BEGAN, term_end=dt.date(2028, 3, 1)), "term_end", "已登记第3届任期"
    )
    refused(add, organisation_row(secretary="另一人"), "secretary", "已登记的书记是“演示书记”")


# Branches.


def test_a_branch_comes_in_once_with_all_it_has(world):
    twice(import_branch, branch_row(**FULL_BRANCH))
    version = UnitVersion.objects.get(kind=BRANCH)
    assert (version.superior_id, version.place_code) == (world.communities[ONE].pk, G1)
    assert grids_of(version.unit) == [G1, G2]
    assert Term.objects.get(unit=version.unit).valid_to == dt.date(2029, 3, 1)
    assert Appointment.objects.get(unit=version.unit).person.name == "演示支书"
    assert MemberCount.objects.get(unit=version.unit).counted_on == COUNTED


def test_a_branch_to_come_is_known_too(world):
    twice(import_branch, branch_row(founded_on=TODAY + dt.timedelta(30)))


def test_grids_are_known_by_code_and_by_name(world):
    twice(import_branch, branch_row(grids=f"{G2}；第1网格", superior="演示社区1党委"))
    assert UnitVersion.objects.get(kind=BRANCH).place_code == G2
    assert import_branch(SYSTEM, branch_row(grids="第1网格,第2网格")) == "unchanged"


@pytest.mark.parametrize(
    ("values", "column", "words"),
    [
        ({"grids": "第9网格"}, "grids", "没有网格“第9网格”"),
        ({"grids": f"{ONE}009"}, "grids", "没有网格"),
        ({"grids": f"第1网格、{TWO}001"}, "grids", "不在这个社区"),
        ({"grids": f"第1网格、{G1}"}, "grids", "写了两次"),
        ({"grids": "、"}, "grids", "至少选择一个网格"),
        ({"founded_on": dt.date(2018, 1, 1)}, "grids", "自 2019-01-01 起设立"),
        ({"founded_on": dt.date(2019, 6, 1)}, "founded_on", "成立于"),
        ({"founded_on": dt.date(1940, 6, 1)}, "founded_on", "1949-10-01"),
        ({"founded_on": dt.date(1800, 1, 1)}, "founded_on", "1949-10-01"),
        ({"document": None}, "document", "批准文号"),
        ({"superior": "别的党委"}, "superior", "没有名为“别的党委”"),
        ({"community": ELSEWHERE}, "superior", "请先导入社区党组织"),
        ({"form": "party_committee"}, "form", "只能是"),
        ({"full": 2}, "approval", "不足3人"),
        ({"full": 12, "term_from": BEGAN, "committee_size": 0}, "approval", "应当设支部委员会"),
        ({"secretary": "没登记的人"}, "secretary_phone", "没有登记过"),
    ],
)
def test_a_branch_is_refused_at_its_column(world, values, column, words):
    refused(import_branch, branch_row(**values), column, words)


def test_a_covered_grid_is_refused_with_who_covers_it(world):
    world.branch(G2, name="演示旧支部")
    refused(import_branch, branch_row(), "grids", "网格“第2网格”已由“演示旧支部”覆盖")
    assert import_branch(SYSTEM, branch_row(grids="第1网格")) == "added"


def test_a_grid_that_has_ended_or_has_a_namesake_is_refused(world):
    Grid.objects.filter(code=G2).update(valid_to=dt.date(2023, 1, 1))
    refused(import_branch, branch_row(), "grids", "已经撤销")
    Grid.objects.filter(code=G3).update(name="第1网格")
    refused(import_branch, branch_row(grids="第1网格"), "grids", "不止一个，请写代码")


def test_a_known_branch_keeps_what_is_on_record(world):
    import_branch(SYSTEM, branch_row(**FULL_BRANCH))
    refused(import_branch, branch_row(grids="第1网格"), "grids", "登记的是“第1网格、第2网格”")
    refused(import_branch, branch_row(form="joint_branch"), "form", "登记的是“党支部”")
    refused(import_branch, branch_row(secretary="另一人"), "secretary", "已登记的书记是“演示支书”")


def test_an_approval_in_the_sheet_lets_a_small_branch_in(world):
    twice(import_branch, branch_row(full=2, approval="演组2号"))
    assert Approval.objects.get().document == "演组2号"


def test_a_secretary_on_record_is_known_by_name(world):
    known = person("演示老书记")
    import_branch(SYSTEM, branch_row(secretary="演示老书记"))
    assert Appointment.objects.get().person_id == known.pk
    person("演示老书记")
    refused(
        import_branch,
        branch_row(name="二支部", grids="第3网格", secretary="演示老书记"),
        "secretary_phone",
        "不止一人",
    )


def test_another_streets_officer_brings_nothing_in(world):
    elsewhere = officer("street_officer", ELSEWHERE[:9])
    with pytest.raises((NotVisible, RuleViolation)):
        import_branch(elsewhere, branch_row())
    with pytest.raises(NotVisible):
        import_community_organisation(officer("street_officer", ONE[:9]), organisation_row())
    assert import_community_organisation(elsewhere, organisation_row()) == "added"


# Through the page.


def street_client(place: str):
    unit = organisations.found_unit(
        actor=SYSTEM, kind="street_working_committee", name="演示街道党工委", place_code=place, founded_on=BEGAN,
        document="演批1号",
    )  # fmt: skip
    who = person(place=place)
    organisations.appoint(
        actor=SYSTEM, person_id=who.pk, post="street_officer", unit_id=unit.pk, valid_from=BEGAN
    )
    return client_of(Account.objects.create(username="street", person=who))


def template_of(client, key: str) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(client.get(f"/desk/r/{key}/import/template.xlsx").content))


def worked(job: ImportJob) -> ImportJob:
    running.run(job.pk)
    job.refresh_from_db()
    return job


def test_the_template_of_branches_filled_in_comes_in_and_a_bad_row_is_named(world, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client = street_client(ONE[:9])
    book = template_of(client, "chain.branches")
    sheet = book.worksheets[0]
    headings = [str(cell.value).rstrip("*＊ ") for cell in sheet[1]]
    sheet.delete_rows(2, sheet.max_row)
    for name, grid, document in (("甲支部", "第1网格", "演批1号"), ("乙支部", "第8网格", "演批2号")):
        told = {
            "支部名称": name, "社区": ONE, "网格": grid, "成立日期": "2024-03-01", "批准文号": document, "正式党员": 9,
            "书记": f"{name}书记", "书记手机号": "13800138000" if name == "甲支部" else "13800138001",
        }  # fmt: skip
        sheet.append([told.get(heading) for heading in headings])
    written = io.BytesIO()
    book.save(written)
    url = "/desk/r/chain.branches/import/"
    assert client.post(url, {"file": upload(written.getvalue())}).status_code == 302
    job = worked(ImportJob.objects.latest("id"))
    assert (job.state, job.good, job.problem_count) == ("checked", 1, 1)
    page = client.get(f"{url}{job.pk}/").content.decode()
    assert "没有网格“第8网格”" in page
    assert not UnitVersion.objects.filter(kind=BRANCH).exists()
    assert not Person.objects.filter(name="甲支部书记").exists()
    client.post(f"{url}{job.pk}/step/", {"do": "apply", "mode": "good"})
    assert (worked(job).state, job.added) == ("done", 1)
    assert Appointment.objects.get(unit__versions__name="甲支部").person.name == "甲支部书记"
    client.post(url, {"file": upload(written.getvalue())})
    assert worked(ImportJob.objects.latest("id")).unchanged == 1


@pytest.mark.parametrize("key", ["chain.communities", "chain.branches"])
def test_examples_of_the_template_fit_their_columns(key):
    importer = register(key).importer
    assert importer is not None
    names = {column.key for column in importer.columns}
    for example in importer.examples:
        assert set(example) <= names
        assert {column.key for column in importer.columns if column.required} <= set(example)

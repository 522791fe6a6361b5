"""Agreements from an office's sheet: by unit, place and document, once; what is wrong is told by row and column, and nothing is written."""

from __future__ import annotations

import datetime as dt
from typing import Any

import openpyxl
import pytest
from django.test import Client

from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.services import create_account
from doorstep.kernel.declarations.registers import ImportRow
from doorstep.kernel.organisations.services import appoint
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.kernel.web.imports import running
from doorstep.kernel.web.models import ImportJob
from doorstep.modules.partnership.importing import import_agreement
from doorstep.modules.partnership.models import Agreement
from tests.organisations.world import COMMUNITY, DISTRICT, NEIGHBOUR, SISTER, SYSTEM, party
from tests.partnership.world import CAST, World
from tests.sign_in import client_of
from tests.web import sheets

URL = "/desk/r/partnership.agreements/import/"
HEADINGS = ["单位", "统一社会信用代码", "社区或街道", "共建内容", "协议编号", "起", "止"]
DAYS = {"valid_from": dt.date(2026, 1, 1), "valid_to": dt.date(2027, 1, 1)}


def row(**changed: Any) -> ImportRow:
    given = {
        "unit": "演示软件公司", "credit_code": None, "place": COMMUNITY, "about": "开放会议室", "document": "演示共建〔2026〕1号", **DAYS,
    }  # fmt: skip
    return ImportRow(number=2, values={**given, **changed})


def line(**changed: Any) -> list[Any]:
    given = {
        "unit": "演示软件公司", "code": "", "place": COMMUNITY, "about": "开放会议室", "document": "演示共建〔2026〕1号", "from": "2026-01-01",
        "to": "2027-01-01",
    }  # fmt: skip
    return list((given | changed).values())


def test_added_once_and_the_same_again_is_unchanged(world: World) -> None:
    secretary = world.actor("secretary")
    assert import_agreement(secretary, row()) == "added"
    assert import_agreement(secretary, row()) == "unchanged"
    found = Agreement.objects.get()
    assert (found.unit_id, found.place_code, found.valid_to) == (
        world.units["firm"].pk,
        COMMUNITY,
        DAYS["valid_to"],
    )


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"unit": "没有这家公司"}, "unit", "请先登记"), ({"unit": "演示区教育"}, "unit", "没有叫"),
        ({"valid_from": dt.date(2027, 1, 1), "valid_to": dt.date(2026, 1, 1)}, "valid_to", "晚于起日"),
        ({"valid_to": dt.date(2040, 1, 1)}, "valid_to", "最长 5 年"), ({"document": " "}, "document", "协议编号"),
        ({"place": DISTRICT}, "place_code", "社区或者街道"), ({"credit_code": "91210200MA0000000X"}, "unit", "没有叫"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_column(world: World, changed: dict, field: str, words: str) -> None:
    with pytest.raises(RuleViolation, match=words) as refused:
        import_agreement(world.actor("district"), row(**changed))
    assert refused.value.field == ("place" if field == "place_code" else field)
    assert not Agreement.objects.exists()


def test_one_that_overlaps_or_says_other_days_is_refused(world: World) -> None:
    secretary = world.actor("secretary")
    import_agreement(secretary, row())
    with pytest.raises(RuleViolation, match="时间不能重叠") as refused:
        import_agreement(
            secretary, row(document="演示共建〔2026〕2号", valid_from=dt.date(2026, 12, 31), valid_to=dt.date(2028, 1, 1))
        )  # fmt: skip
    assert refused.value.field == "valid_from"
    with pytest.raises(RuleViolation, match="续签或终止"):
        import_agreement(secretary, row(valid_to=dt.date(2027, 6, 1)))
    assert Agreement.objects.count() == 1


def test_two_units_of_one_name_are_told_apart_by_their_code(world: World) -> None:
    party("演示软件公司", SISTER, kind="company")
    with pytest.raises(RuleViolation, match="信用代码") as refused:
        import_agreement(world.actor("secretary"), row())
    assert refused.value.field == "credit_code"


def test_who_may_not_learns_nothing_of_what_is_there(world: World) -> None:
    """A document on record elsewhere is not told to whoever keeps no agreements there."""
    import_agreement(world.actor("secretary"), row())
    for role, refusal in (("outsider", NotVisible), ("worker", NotAllowed), ("partner2", NotAllowed)):
        with pytest.raises(refusal):
            import_agreement(world.actor(role), row())
    with pytest.raises(NotVisible):
        import_agreement(world.actor("secretary"), row(place=NEIGHBOUR))


@pytest.fixture
def officer(world: World, settings: Any, tmp_path: Any) -> Account:
    settings.MEDIA_ROOT = tmp_path
    post, _place, unit = CAST["street"]
    appoint(
        actor=SYSTEM, person_id=world.people["street"].pk, post=post, unit_id=world.units[unit].pk,
        valid_from=dt.date(2025, 1, 1), document="演示任〔2025〕1号",
    )  # fmt: skip
    account: Account = create_account(actor=SYSTEM, person=world.people["street"], username="street")
    return account


def rehearsed(client: Client, body: bytes) -> tuple[ImportJob, str]:
    answer = client.post(URL, {"file": sheets.upload(body)})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    job = ImportJob.objects.latest("id")
    running.run(job.pk)
    job.refresh_from_db()
    return job, client.get(f"{URL}{job.pk}/").content.decode()


def test_a_sheet_is_rehearsed_and_then_comes_in(world: World, officer: Account) -> None:
    rows = [
        line(), line(unit="演示小学", document="演示共建〔2026〕2号"),
        line(unit="没有这家", document="演示共建〔2026〕3号"), line(unit="演示小学", document="演示共建〔2026〕4号", **{"from": "2027-01-01", "to": "2026-01-01"}),
        line(),  # twice in the file
    ]  # fmt: skip
    client = client_of(officer)
    job, page = rehearsed(client, sheets.workbook(rows, headings=HEADINGS))
    assert job.state == "checked", job.message
    problems = {(number, column): text for number, column, text in job.problems}
    assert {number for number, _column in problems} == {4, 5, 6}, problems
    assert "请先登记" in page and "晚于起日" in page
    assert not Agreement.objects.exists(), "a rehearsal writes nothing"
    client.post(f"{URL}{job.pk}/step/", {"do": "apply", "mode": "good"})
    running.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.added, Agreement.objects.count()) == ("done", 2, 2), (job.message, job.problems)


def test_formulas_without_a_value_and_more_rows_than_may_be(
    world: World, officer: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, book = client_of(officer), openpyxl.Workbook()
    page = book.worksheets[0]
    for cells in (HEADINGS, line(unit='=HYPERLINK("http://x.invalid","演示软件公司")'), line(about="=1+1")):
        page.append(cells)
    job, page_words = rehearsed(client, sheets.saved(book))
    assert (job.state, job.good) == ("checked", 0) and {row for row, _c, _t in job.problems} == {2, 3}
    assert "是公式" in page_words and not Agreement.objects.exists()
    monkeypatch.setattr(running, "ROWS", 3)  # a file of 200,000 rows says no more
    body = sheets.workbook([line(document=f"演示共建〔2026〕{n}号") for n in range(5)], headings=HEADINGS)
    job, page_words = rehearsed(client, body)
    assert job.good == 0 and "行" in str(job.message) and not Agreement.objects.exists(), job.state

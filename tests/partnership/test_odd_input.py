"""What nobody types by hand: no page breaks on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import reverse

from doorstep.kernel.shared import clock
from tests.partnership.lists_world import FIRST, ONE, TODAY, Lists, build_lists
from tests.sign_in import client_of

HUGE = "9" * 25


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    monkeypatch.setenv("DOORSTEP_TODAY", TODAY.isoformat())
    with clock.fixed(TODAY) as day:
        yield day


@pytest.fixture
def lists(db: None) -> Lists:
    return build_lists()


@pytest.mark.parametrize(
    ("who", "address"),
    [
        ("secretary", f"/desk/partnership/agreements/new/?place={ONE}&q=%00"),
        ("secretary", f"/desk/partnership/agreements/new/?place={ONE}&q=%F0%9F%8D%89"),
        ("secretary", "/desk/partnership/needs/new/?from=%00"), ("secretary", f"/desk/partnership/needs/new/?from={HUGE}"),
        ("secretary", "/desk/partnership/needs/new/?place=%00"), ("secretary", f"/desk/partnership/needs/{HUGE}/"),
        ("secretary", f"/desk/partnership/lists/?before={HUGE}"), ("secretary", "/desk/partnership/lists/?stage=%00&place=%00"),
        ("secretary", f"/desk/partnership/projects/{HUGE}/"), ("secretary", f"/desk/partnership/duties/{HUGE}/confirm/"),
        ("secretary", f"/desk/partnership/resources/{HUGE}/"), ("secretary", f"/desk/partnership/units/{HUGE}/"),
        ("secretary", f"/desk/partnership/meetings/new/?unit={HUGE}"), ("secretary", "/desk/partnership/meetings/new/?place=%00"),
        ("secretary", f"/desk/partnership/commissioners/{HUGE}/"), ("secretary", f"/desk/partnership/pairings/{HUGE}/"),
        ("secretary", f"/desk/partnership/year/{HUGE}/"), ("secretary", f"/desk/partnership/year/1/?year={HUGE}"),
        ("partner", f"/partner/needs/?unit={HUGE}&kind=%00"), ("partner", f"/partner/needs/{HUGE}/"), ("partner", f"/partner/projects/{HUGE}/"),
        ("partner", f"/partner/resources/{HUGE}/"), ("partner", f"/partner/resolutions/{HUGE}/"), ("resident", f"/needs/{HUGE}/"),
        ("resident", f"/rate/{HUGE}/{HUGE}/aaaaaaaaaa/"), ("resident", "/notices/commissioners/?place=%00"),
        ("resident", f"/notices/commissioners/{HUGE}/"), ("secretary", f"/desk/owed/minutes/new/?unit={HUGE}&kind=%00"),
        ("secretary", "/desk/r/partnership.listed/?q=%00"), ("secretary", f"/desk/r/obligations.occurrences/?unit={HUGE}"),
        ("secretary", "/desk/r/partnership.agreements/?q=%00"), ("secretary", "/desk/r/partnership.agreements/?until=0001-01-01"),
        ("secretary", "/desk/r/partnership.needs/?since=0001-01-01"), ("secretary", "/desk/r/partnership.needs/?since=9999-12-31"),
        ("secretary", "/desk/r/partnership.ratings/?since=0001-01-01"), ("secretary", "/desk/r/vanguard.wishes/?since=0001-01-01"),
        ("secretary", "/desk/r/vanguard.feedback/?year=%EF%BC%92%EF%BC%90%EF%BC%92%EF%BC%96"), ("secretary", "/desk/r/vanguard.feedback/?year=%C2%B2%C2%B2%C2%B2%C2%B2"),
        ("secretary", "/desk/r/coverage.gaps/?since=9999-12-31"), ("street", f"/desk/coverage/joint/?o={HUGE}&o=1"),
        ("street", f"/desk/coverage/organisations/{HUGE}/"), ("secretary", "/desk/vanguard/new/member/?q=%00"),
        ("secretary", "/desk/vanguard/wishes/new/?q=%00"), ("secretary", "/desk/vanguard/wishes/?place=%00"),
        ("secretary", f"/desk/vanguard/wishes/{HUGE}/"), ("street", "/desk/vanguard/callups/1/?day=%00"),
        ("secretary", f"/desk/vanguard/feedback/?year={HUGE}"), ("secretary", "/desk/vanguard/areas/?place=%00"),
        ("resident", f"/member/shifts/{HUGE}/"), ("resident", f"/calendars/owed/{HUGE}.ics"),
    ],
)  # fmt: skip
def test_no_page_breaks(lists: Lists, who: str, address: str) -> None:
    assert client_of(lists.district.accounts[who]).get(address).status_code < 500


@pytest.mark.parametrize("reason", ["\x00", "长" * 5000, "😀" * 300, "\u202e"])
def test_no_form_breaks(lists: Lists, reason: str) -> None:
    need = lists.claimed()
    partner = client_of(lists.district.accounts["partner"])
    sent = {"do": "back", "unit": lists.partners["partner"].pk, "reason": reason}
    assert partner.post(reverse("partnership:unit_needed", args=[need.pk]), sent).status_code < 500
    told = {
        "title": reason,
        "text": reason,
        "place": ONE,
        "resource_class": "space",
        "people": "٣",
        "key": "x",
    }
    assert (
        client_of(lists.district.accounts["resident"]).post(reverse("partnership:tell"), told).status_code
        < 500
    )
    assert FIRST.startswith(ONE)

"""A phone that sends again and again, over real connections to a real server: once, and slowed in words."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar

from doorstep.kernel.matters.models import Matter
from doorstep.surfaces.doorway.pace import REPORTS_PER_MINUTE
from tests.browsers import LiveServer

COMMUNITY = "210202005011"


class Phone:
    """A browser's cookies and form token, without the browser."""

    def __init__(self, server: LiveServer) -> None:
        self.url = server.url
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        page = self.opener.open(f"{self.url}/report/").read().decode()
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found
        self.token = found[1]

    def report(self, text: str, key: uuid.UUID) -> tuple[int, dict]:
        fields = {"csrfmiddlewaretoken": self.token, "text": text, "place": COMMUNITY, "key": str(key)}
        request = urllib.request.Request(
            f"{self.url}/report/", urllib.parse.urlencode(fields).encode(), {"Accept": "application/json"}
        )
        try:
            with self.opener.open(request) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)


def test_one_report_sent_eight_times_at_once_is_one(fresh_live_server: LiveServer) -> None:
    phone, key = Phone(fresh_live_server), uuid.uuid4()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _time: phone.report("路灯不亮，一件", key), range(8)))
    assert {status for status, _answer in answers} == {200}
    assert len({answer["number"] for _status, answer in answers}) == 1
    with fresh_live_server.connected():
        assert Matter.objects.filter(key=key).count() == 1


def test_five_hundred_reports_in_a_minute_are_slowed_in_words(fresh_live_server: LiveServer) -> None:
    phone = Phone(fresh_live_server)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: phone.report(f"第{number}件", uuid.uuid4()), range(500)))
    counts = Counter(status for status, _answer in answers)
    assert set(counts) == {200, 429}
    # the minute may have turned while they came
    assert REPORTS_PER_MINUTE <= counts[200] <= 2 * REPORTS_PER_MINUTE
    refused = next(answer for status, answer in answers if status == 429)
    assert f"最多 {REPORTS_PER_MINUTE} 件" in refused["message"] and "都还在" in refused["message"]
    with fresh_live_server.connected():
        assert Matter.objects.filter(title__startswith="第").count() == counts[200]

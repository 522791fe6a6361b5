"""Boundaries from a file, on the page and by command: read, repaired and said, looked at on a map, laid or not at all."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.places.inputs import NewGrid, NewOutline
from doorstep.kernel.places.models import Outline
from doorstep.kernel.places.outline_file import MOST_BYTES, read_outlines
from doorstep.kernel.places.services_bulk import establish_grids
from doorstep.kernel.places.services_outlines import add_outline
from doorstep.kernel.shared.errors import RuleViolation
from tests.places.conftest import COMMUNITY, DAY, LOADING, NEIGHBOUR, square
from tests.places.test_outlines import BOW_TIE
from tests.web.conftest import signed_in

PAGE = "/places/outlines/new/"
LONG_AGO = date(2025, 1, 1)


def feature(code: Any, geometry: Any, key: str = "code") -> dict[str, Any]:
    return {"type": "Feature", "properties": {key: code, "name": "某处"}, "geometry": geometry}


def collection(*features: dict[str, Any]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()


@pytest.fixture
def district(areas: None) -> None:
    whole = NewOutline("210202", square(121.6, 38.85, 0.1), "演示")
    add_outline(actor=LOADING, outline=whole, valid_from=LONG_AGO)
    new = [NewGrid(COMMUNITY, "春海一")]
    establish_grids(actor=LOADING, grids=new, effective_on=LONG_AGO, document="演示")


def officer() -> Client:
    return signed_in("district_officer", "district_government", "210202")


def sent(client: Client, body: bytes, **more: str) -> Any:
    file = SimpleUploadedFile("界线.geojson", body, content_type="application/geo+json")
    fields = {"file": file, "source": "演测〔2026〕1号", "valid_from": DAY.isoformat()}
    return client.post(PAGE, fields | more)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "读不出来"), (b"\xff\xfe\x00{", "读不出来"), (b"[" * 100_000, "读不出来"), (b"[1, 2]", "不是 GeoJSON 图形"),
        (b'{"type": "FeatureCollection", "features": []}', "没有图形"),
        (b'{"type": "FeatureCollection", "features": [7]}', "第 1 个图形没有写明"),
        (collection(feature("", square(121.62, 38.9))), "第 1 个图形没有写明"),
        (collection(feature(None, square(121.62, 38.9)), feature("21020", square(121.62, 38.9))), "没有写明"),
        (json.dumps(square(121.62, 38.9)).encode(), "没有写明"),
        (b" " * (MOST_BYTES + 1), "最大 4 MB"),
    ],
)  # fmt: skip
def test_what_is_no_file_of_boundaries_says_what_to_do(body: bytes, words: str) -> None:
    with pytest.raises(RuleViolation, match=words) as refused:
        read_outlines(body)
    assert refused.value.field == "file"


def test_codes_come_as_offices_write_them() -> None:
    body = collection(
        feature(float(COMMUNITY), square(121.62, 38.9)), feature(int(NEIGHBOUR), square(121.63, 38.9), "代码")
    )
    assert [code for code, _geometry in read_outlines(body)] == [COMMUNITY, NEIGHBOUR]
    named = json.dumps(
        {"features": [feature("210202001", None, "区划代码")], "type": "FeatureCollection"},
        ensure_ascii=False,
    )
    assert read_outlines(named.encode("gb18030")) == [("210202001", None)]
    assert read_outlines(json.dumps(square(121.62, 38.9)).encode(), COMMUNITY)[0][0] == COMMUNITY


def test_boundaries_are_looked_at_and_then_laid(district: None) -> None:
    client = officer()
    assert PAGE in client.get("/desk/r/places.communities/").content.decode()
    body = collection(feature(COMMUNITY, BOW_TIE), feature(COMMUNITY + "001", square(121.64, 38.88, 0.005)))
    answer = sent(client, body, illustrative="on")
    assert answer.status_code == 302
    kept = answer["Location"]
    page = client.get(kept).content.decode()
    for words in (
        "春海社区",
        "春海一",
        "自相交叉",
        "已自动修复",
        "划定这 2 个边界",
        "示意边界",
        "第一次划定",
    ):
        assert words in page, words
    shapes = client.get(f"{kept}shapes").json()["features"]
    assert [each["properties"]["code"] for each in shapes] == [COMMUNITY, COMMUNITY + "001"]
    assert all(each["properties"]["illustrative"] for each in shapes)
    assert not Outline.objects.filter(place_code=COMMUNITY).exists()
    laid = client.post(kept, {"do": "lay"}, follow=True).content.decode()
    assert "已划定 2 个地方的边界" in laid
    row = Outline.objects.get(place_code=COMMUNITY)
    assert (row.repaired, row.illustrative, row.source, row.valid_from) == (
        True,
        True,
        "演测〔2026〕1号",
        DAY,
    )
    note = Entry.objects.filter(action="places.outline_laid", place_code=COMMUNITY).latest("pk").changes
    assert "已自动修复" in note["note"][1]
    assert client.get(kept).status_code == 404


def test_one_bad_boundary_keeps_all_out_and_each_is_told(district: None) -> None:
    client = officer()
    body = collection(
        feature(COMMUNITY, square(121.62, 38.9)), feature(NEIGHBOUR, square(116.4, 39.9)),
        feature("210202002001", {"type": "Polygon", "coordinates": []}), feature("210202001099", square(121.63, 38.9)),
        feature(COMMUNITY, square(121.62, 38.9)), feature("210203", square(121.63, 38.9)),
        feature("210202002", {"type": "Point", "coordinates": [121.6, 38.9]}),
    )  # fmt: skip
    kept = sent(client, body)["Location"]
    page = client.get(kept).content.decode()
    for words in (
        "有 6 个地方的边界不能用", "离本区有 4", "边界是空的", "没有代码为 210202001099 的地方", "两个边界",
        "没有找到这个地方", "要的是面",
    ):  # fmt: skip
        assert words in page, words
    assert "划定这" not in page
    client.post(kept, {"do": "lay"})
    assert Outline.objects.count() == 1
    assert client.post(kept, {"do": "drop"}).status_code == 302 and client.get(kept).status_code == 404


def test_what_is_wrong_with_the_form_is_said_at_its_field(district: None) -> None:
    client = officer()
    for more, words in (
        ({"valid_from": "1900-01-01"}, "太早"), ({"source": ""}, "必填"), ({"valid_from": "someday"}, "日期")
    ):  # fmt: skip
        answer = sent(client, collection(feature(COMMUNITY, square(121.62, 38.9))), **more)
        assert answer.status_code == 422 and words in answer.content.decode(), more
    answer = sent(client, b"no json")
    assert answer.status_code == 422 and "这不是 GeoJSON" in answer.content.decode()


def test_an_earlier_day_than_the_present_boundary_is_refused_in_the_preview(district: None) -> None:
    present = NewOutline(COMMUNITY, square(121.62, 38.9), "演示")
    add_outline(actor=LOADING, outline=present, valid_from=date(2026, 6, 1))
    body = collection(feature(COMMUNITY, square(121.63, 38.9)))
    client = officer()
    early = client.get(sent(client, body, valid_from="2026-05-01")["Location"]).content.decode()
    assert "现在的边界自 2026-06-01 起" in early
    assert "替换 2026-06-01 起的边界" in client.get(sent(client, body)["Location"]).content.decode()


def test_a_preview_is_its_uploaders_alone_and_the_page_the_districts(district: None) -> None:
    kept = sent(officer(), collection(feature(COMMUNITY, square(121.62, 38.9))))["Location"]
    other = signed_in("district_officer", "district_government", "2102")
    for address in (kept, f"{kept}shapes"):
        assert other.get(address).status_code == 404
    street = signed_in("street_officer", "street_office", "210202001")
    for address in (PAGE, kept):
        assert street.get(address).status_code == 404
    assert PAGE not in street.get("/desk/r/places.communities/").content.decode()
    assert Client().get(reverse("places:upload_outlines")).status_code == 302


def test_the_command_lays_a_file_or_says_why_not(district: None, tmp_path: Path, capsys: Any) -> None:
    good, bad = tmp_path / "good.geojson", tmp_path / "bad.geojson"
    good.write_bytes(collection(feature(COMMUNITY, BOW_TIE)))
    bad.write_bytes(
        collection(feature(COMMUNITY, square(121.62, 38.9)), feature(NEIGHBOUR, square(116.4, 39.9)))
    )
    with pytest.raises(CommandError, match="一个也没有划定"):
        call_command("lay_outlines", bad, source="演示")
    assert "离本区有" in capsys.readouterr().out and Outline.objects.count() == 1
    call_command("lay_outlines", good, source="演示", check=True)
    assert Outline.objects.count() == 1
    capsys.readouterr()
    call_command("lay_outlines", good, source="演示", format="json")
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["place"], told["laid"], told["repaired"]) == (COMMUNITY, True, True)
    assert Outline.objects.get(place_code=COMMUNITY).valid_from == DAY
    with pytest.raises(CommandError, match="No such file"):
        call_command("lay_outlines", tmp_path / "none.geojson", source="演示")

"""Every component on one page, with made-up contents: for the eye, for axe, and for tests of the markup."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.urls import include, path, reverse

from doorstep.kernel.access.actors import Actor, Grant
from doorstep.kernel.web.figures import FigureView
from doorstep.kernel.web.frame.headers import with_camera
from doorstep.kernel.web.outlines import OutlineField

OFFICER = Actor(
    account_id=1,
    name="演示甲一",
    grants=(Grant("district_officer", 1, ("210202",), frozenset({"places.view"})),),
)
DAY = dt.date(2026, 6, 15)
TREND = (520, 522, 525, None, 529, 531, 533, 538, 540, 541, 545, 547)

DESK = """{% extends "web/base_desk.html" %}{% load doorstep %}
{% block title %}组件{% endblock %}{% block heading %}组件{% endblock %}
{% block lead_in %}<p class="lead-in">每个页面都由这些部分拼成。</p>{% endblock %}
{% block actions %}<button class="btn" data-print>打印</button><a class="btn btn-primary" href="#x">办一件事</a>{% endblock %}
{% block content %}
<ul class="figures">{% for view in figures %}<li>{% figure view %}</li>{% endfor %}</ul>
<div class="row mt-3"><div class="col-lg-8">
<section class="panel"><header><h2>地图</h2></header>
{% include "web/components/map.html" with id="map" source=geojson label="各街道网格党支部数" says="颜色表示网格党支部数，共 6 个街道" %}</section>
<section class="panel"><header><h2>画范围</h2></header><div class="inside"><form>{% include "web/components/outline.html" with field=drawing.outline id="drawing" source=geojson %}</form></div></section>
<section class="panel"><header><h2>走势</h2></header><div class="inside">{% chart "trend" trend %}</div></section>
<section class="panel"><header><h2>调整预览</h2></header><div class="inside">
{% include "web/components/confirm.html" with action="#" changes=changes affected=affected verb="确认调整" back="#back" warnings=warnings %}</div></section>
</div><div class="col-lg-4">
<section class="panel"><header><h2>一行一个数</h2></header><div class="inside tight">
<ul class="figure-rows">{% for view in figures %}<li>{% figure view %}</li>{% endfor %}</ul></div></section>
<section class="panel"><header><h2>等我办</h2></header>{% include "web/components/card_list.html" with items=work %}</section>
<section class="panel"><header><h2>空</h2></header>{% include "web/components/card_list.html" with empty="今天没有等您办的事" empty_next="新的事项到来时会出现在这里。" %}</section>
<section class="panel"><header><h2>变动</h2></header><div class="inside">{% include "web/components/timeline.html" with entries=history %}</div></section>
</div></div>
{% include "web/components/chips.html" with place="人民路街道" subject="楼栋党小组" chips=chips %}
<div class="mb-3">{% include "web/components/place_picker.html" with id="where" name="where" label="在哪里" %}</div>
{% include "web/components/notice.html" with kind="error" text="第 3 行的日期不存在。" %}
{% include "web/components/notice.html" with kind="warning" text="位置在区界之外约 80 米。" %}
{% include "web/components/notice.html" with kind="success" text="已保存。" %}
{% include "web/components/notice.html" with text="本页只含在册记录。" %}
{% include "web/components/progress.html" with done=1200 total=6000 what="正在读取表格" finished=True %}
<div class="table-responsive"><table class="table"><thead><tr><th>名称</th><th>地方</th><th>状态</th></tr></thead>
<tbody><tr><td><a href="#p" hx-get="{{ part }}" hx-target="#panel-body">第一党小组</a></td><td>演示社区</td><td><span class="state done">在册</span></td></tr></tbody></table></div>
{% include "web/components/pager.html" with previous="#a" next="#b" shown=50 total=1234 %}
{% endblock %}"""

PHONE = """{% extends "web/base_phone.html" %}{% load doorstep %}
{% block title %}首页{% endblock %}
{% block main %}<h1 class="visually-hidden">首页</h1>
<a class="btn btn-primary btn-wide" href="#tell">有事说一声</a>
<ul class="phone-lines"><li><a href="#1">我反映的事</a></li><li><a href="#2">本周身边</a></li><li><a href="#3">我的积分</a></li></ul>
<h2 class="mb-2">谁在管我这道门</h2>{% include "web/components/chain.html" with links=chain %}{% endblock %}"""

SCAN = """{% extends "web/base_phone.html" %}{% block title %}核对小票{% endblock %}
{% block main %}<h1>核对小票</h1>{% if slip %}<p id="slip">{{ slip }}</p>{% endif %}
<form><label class="form-label" for="number-input">小票号</label>
<input class="form-control" id="number-input" name="slip" required pattern="DH-[0-9]+" maxlength="20">
{% include "web/components/scan.html" with target="#number-input" pattern=of %}
<button class="btn btn-primary btn-wide">核对</button></form>{% endblock %}"""


class Drawing(forms.Form):
    outline = OutlineField(label="在图上画范围", help_text="沿着边走一圈。")


def _render(request: HttpRequest, source: str, **context: object) -> HttpResponse:
    return HttpResponse(engines["django"].from_string(source).render(context, request))


def _figure(key: str, label: str, value: int | None, before: int | None, trend: tuple = TREND) -> FigureView:
    return FigureView(
        key=key, label=label, value=value, unit="个", as_of=DAY, rows_url="#rows", trend=trend, before=before,
        before_name="上月", sentence="网格党支部 = 2026-06-15 在册的网格党支部数", recorded_by="街道党工委",
    )  # fmt: skip


def desk(request: Any) -> HttpResponse:
    request.actor = OFFICER
    return _render(
        request,
        DESK,
        figures=[
            _figure("branches", "网格党支部", 547, 545),
            _figure("grids", "网格", 715, 715, (715,) * 12),
            _figure("workers", "专职网格员", 665, 668),
            _figure("disputes", "化解矛盾纠纷", None, None, ()),
        ],
        trend={
            "kind": "line", "labels": [f"{month} 月" for month in range(1, 13)], "unit": "个",
            "description": "网格党支部近 12 个月", "series": [{"name": "网格党支部", "values": list(TREND)}],
        },
        work=[
            {"title": "第二网格党支部任期届满", "url": "#1", "where": "演示社区", "clock": "soon",
             "clock_words": "还有 5 天", "action": "安排换届"},
            {"title": "第七党小组没有组长", "url": "#2", "where": "演示社区", "clock": "late",
             "clock_words": "已过 3 天", "action": "任命组长"},
        ],
        changes=[{"subject": "第一网格党支部", "before": "覆盖 2 个网格", "after": "覆盖 3 个网格"}],
        affected=["演示甲一（书记）的负责范围增加 1 个网格"],
        warnings=["合并后有 52 名党员，超过 50 名，需要批准文号。"],
        chips=[{"text": "2026-06-15 在册", "remove_url": "?a"}, {"text": "没有组长的", "remove_url": "?b"}],
        history=[
            {"at": dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC), "who": "演示甲二", "action": "更名",
             "document": "演示〔2026〕1 号", "changes": [{"name": "名称", "before": "旧名", "after": "新名"}]}
        ],
        geojson=reverse("geojson"),
        drawing=Drawing(),
        part=reverse("part"),
    )  # fmt: skip


def phone(request: HttpRequest) -> HttpResponse:
    return _render(
        request,
        PHONE,
        strip="home",
        neighbourhood="演示小区",
        chain=[
            {"role": "党员中心户", "missing": "本人未同意公开姓名"},
            {"role": "楼栋党小组组长", "name": "演示乙一"},
            {"role": "网格党支部书记", "name": "演示乙二"},
            {"role": "网格员", "name": "演示乙三"},
            {"role": "演示社区", "name": "社区党群服务中心", "phone": "0411-00000000", "hours": "周一至周五 8:30—17:00"},
        ],
    )  # fmt: skip


@with_camera
def scan(request: HttpRequest) -> HttpResponse:
    return _render(request, SCAN, slip=request.GET.get("slip"), of=request.GET.get("of", ""))


def geojson(request: HttpRequest) -> JsonResponse:
    features = []
    for n in range(6):
        west, south = 121.60 + n % 3 * 0.03, 38.88 + n // 3 * 0.03
        ring = [
            [west, south],
            [west + 0.03, south],
            [west + 0.03, south + 0.03],
            [west, south + 0.03],
            [west, south],
        ]
        value = None if n == 5 else 60 + n * n * 9
        properties = {
            "name": f"第{n + 1}街道", "value": value, "value_text": "" if value is None else f"{value} 个",
            "href": "#place", "illustrative": True,
        }  # fmt: skip
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "Polygon", "coordinates": [ring]},
                "properties": properties,
            }
        )
    return JsonResponse({"type": "FeatureCollection", "features": features})


def part(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<h2>第一党小组</h2><p>2026-01-05 成立</p>")


def missing(request: HttpRequest) -> HttpResponse:
    raise Http404


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("on purpose")


urlpatterns = [
    path("", include("doorstep.kernel.web.frame.urls")),
    path("desk", desk, name="desk"),
    path("phone", phone, name="phone"),
    path("scan", scan, name="scan"),
    path("map.geojson", geojson, name="geojson"),
    path("part", part, name="part"),
    path("missing", missing),
    path("broken", broken),
]

"""The three rates in words: for pages, sheets and a chat group."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from doorstep.modules.requests.periods import Span
from doorstep.modules.requests.rules import Rate, ThreeRates, overlap
from doorstep.modules.requests.selectors_report import Report

RATES = {
    "response": gettext_lazy("响应率"), "resolution": gettext_lazy("解决率"), "satisfaction": gettext_lazy("满意率"),
}  # fmt: skip


def percent(share: float | None) -> str:
    return "—" if share is None else f"{share * 100:.1f}%"


def period_words(span: Span) -> str:
    return _("%(since)s 至 %(on)s") % {"since": span.since.isoformat(), "on": span.on.isoformat()}


def rate_of(rates: ThreeRates, key: str) -> Rate:
    found: Rate = getattr(rates, key)
    return found


def change_words(rate: Rate, before: Rate | None) -> str:
    """How a rate differs from an earlier one, and whether that may be chance."""
    if before is None or before.value is None or rate.value is None:
        return ""
    points = (rate.value - before.value) * 100
    if abs(points) < 0.05:
        return _("与对比期持平")
    words = _("比对比期高 %(n)s 个百分点") if points > 0 else _("比对比期低 %(n)s 个百分点")
    said = words % {"n": f"{abs(points):.1f}"}
    return _("%(change)s；两期区间有重叠，可能只是偶然") % {"change": said} if overlap(rate, before) else said


def as_text(report: Report, name: str) -> str:
    """The report as lines for a chat group: what it stands on beside each rate."""
    return "\n".join(_lines(report, name))


def _lines(report: Report, name: str) -> Iterator[str]:
    counts = report.whole.counts
    yield _("【三率】%(place)s %(period)s") % {"place": name, "period": period_words(report.period)}
    yield _("结案 %(closed)d 件次，已回访 %(covered)d 件次（覆盖 %(coverage)s）；有效回访 %(valid)d 次") % {
        "closed": counts.closed, "covered": counts.covered, "coverage": percent(report.whole.coverage),
        "valid": counts.valid,
    }  # fmt: skip
    for key, words in RATES.items():
        rate = rate_of(report.whole, key)
        if rate.value is None:
            yield _("%(rate)s：没有有效回访，不计算") % {"rate": words}
        else:
            yield _("%(rate)s：%(value)s（n=%(n)d，95%% 区间 %(low)s–%(high)s）") % {
                "rate": words, "value": percent(rate.value), "n": rate.n, "low": percent(rate.low),
                "high": percent(rate.high),
            }  # fmt: skip
    if report.reasons:
        total = sum(n for _code, _name, n in report.reasons)
        told = _("、").join(f"{words} {n}" for _code, words, n in report.reasons)
        yield ngettext("无效回访 %(n)d 次：%(told)s", "无效回访 %(n)d 次：%(told)s", total) % {
            "n": total, "told": told,
        }  # fmt: skip
    for part in report.parts:
        rates = part.rates
        if rates.counts.valid:
            yield _("%(place)s：响应 %(a)s，解决 %(b)s，满意 %(c)s（n=%(n)d）") % {
                "place": part.name, "a": percent(rates.response.value), "b": percent(rates.resolution.value),
                "c": percent(rates.satisfaction.value), "n": rates.counts.valid,
            }  # fmt: skip

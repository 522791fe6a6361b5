"""Areas that a newer complete list no longer has: they end on the day the list says, unless something stands on them."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext as _

from doorstep.kernel.places.models import Area, Building, Grid
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.shared.place_codes import minimal, within

MOST_TOPS = 40  # a country has 34 provinces


class Closing(NamedTuple):
    """Codes and names of areas that ended, and of those that stay because something stands on them."""

    ended: list[tuple[str, str]]
    in_use: list[tuple[str, str]]


def tops_of(codes: Iterable[str]) -> list[str]:
    """The highest areas of a list: nothing outside them is closed. Raises RuleViolation for a list of fragments."""
    tops = minimal(codes)
    if not 0 < len(tops) <= MOST_TOPS:
        raise RuleViolation(_("完整名单要从上到下列出各级地区，不能只有最下一级。"), field="complete")
    return tops


def close_missing(tops: list[str], edition: int, on: dt.date) -> Closing:
    """End the areas below `tops` that only older lists have. Call it in the transaction that ends the import."""
    missing = Area.objects.filter(within("code", tops), edition__lt=edition, ended_on=None).order_by("code")
    # whoever is establishing a grid on one of them holds its lock; what is asked next sees that grid
    list(missing.select_for_update().values_list("pk"))
    standing = (
        Exists(_below(Grid.objects.filter(Q(valid_to=None) | Q(valid_to__gt=on)), "code"))
        | Exists(_below(Building.objects.all(), "place_code"))
        | Exists(_below(Area.objects.filter(ended_on=None, edition__gte=edition), "code"))
    )
    in_use = list(missing.filter(standing).values_list("code", "name"))
    ended = list(missing.filter(~standing).values_list("code", "name"))
    Area.objects.filter(code__in=[code for code, _name in ended]).update(ended_on=on)
    return Closing(ended, in_use)


def _below(rows: QuerySet[Any], field: str) -> QuerySet[Any]:
    code = OuterRef("code")
    return rows.filter(**{f"{field}__gte": code, f"{field}__lt": Concat(code, Value(":"))})


def write_closing(path: Path, closing: Closing) -> Path | None:
    """Write FILE.ended.csv, or remove that of an earlier run where there is nothing to tell."""
    target = path.with_name(path.name + ".ended.csv")
    rows = [(*area, _("已撤销")) for area in closing.ended]
    rows += [(*area, _("仍有网格、楼栋或下级地区，未撤销")) for area in closing.in_use]
    if not rows:
        target.unlink(missing_ok=True)
        return None
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([_("代码"), _("名称"), _("结果")])
        writer.writerows(sorted(rows))
    return target

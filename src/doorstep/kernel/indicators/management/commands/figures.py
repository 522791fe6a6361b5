"""`doorstep figures`: every figure of a place, and the rows behind one."""

from __future__ import annotations

import datetime as dt
import json
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.forms.models import model_to_dict

from doorstep.kernel.declarations.indicators import all_indicators, indicator
from doorstep.kernel.indicators.selectors import countable, figures, rows_of, scope_for
from doorstep.kernel.places.models import Area, Grid
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import is_code


def day(text: str) -> dt.date:
    """A day that can be counted. Raises ArgumentTypeError, which the command line tells without a traceback."""
    try:
        found = dt.date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is not a date: write it as 2026-11-22") from None
    if countable(found) != found:
        raise ArgumentTypeError(
            f"{text} cannot be counted: the days are {countable(dt.date.min)} to {countable(dt.date.max)}"
        )
    return found


def check_period(on: dt.date | None, since: dt.date | None) -> None:
    """Raises CommandError for a period that ends before it begins."""
    if since is not None and since > (on or clock.today()):
        raise CommandError(
            f"The period begins on {since} and ends on {on or clock.today()}: --since must not be later than --on"
        )


class Command(BaseCommand):
    help = "Print every figure of a place, or with `rows KEY` the rows that make one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", nargs="?", choices=["rows"], help="print rows instead of figures")
        parser.add_argument("key", nargs="?", help="indicator whose rows to print")
        parser.add_argument(
            "--place", default=settings.HOME_PLACE, help="official code (default: this district)"
        )
        parser.add_argument("--on", type=day, default=None, help="as of this day (default today)")
        parser.add_argument(
            "--since", type=day, default=None, help="flows count from this day (default: programme start)"
        )
        parser.add_argument("--format", choices=["table", "json"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        place = options["place"]
        if not is_code(place) or not _exists(place):
            raise CommandError(f"There is no place with the code {place!r}.")
        check_period(options["on"], options["since"])
        if options["what"] == "rows":
            self._rows(options)
            return
        measured = figures(place, on=options["on"], since=options["since"])
        if options["format"] == "json":
            self.stdout.write(
                json.dumps([{"key": item.key, "value": item.value} for item in measured], default=str)
            )
            return
        for item in measured:
            value = "-" if item.value is None else item.value
            self.stdout.write(f"{item.key:<36}{value:>12}  {item.indicator.name}（{item.indicator.unit}）")

    def _rows(self, options: dict[str, Any]) -> None:
        known = {item.key for item in all_indicators()}
        if options["key"] not in known:
            raise CommandError(
                f"There is no indicator {options['key']!r}. There are: {', '.join(sorted(known))}"
            )
        rows = rows_of(
            indicator(options["key"]), scope_for(options["place"], options["on"], options["since"])
        )
        rows = rows.order_by("pk")
        if options["format"] == "json":
            records = [
                {"id": row.pk, "text": str(row), **model_to_dict(row)}
                for row in rows.iterator(chunk_size=2000)
            ]
            self.stdout.write(json.dumps(records, default=str, ensure_ascii=False))
            return
        for row in rows.iterator(chunk_size=2000):
            self.stdout.write(f"{row.pk}\t{row}")


def _exists(code: str) -> bool:
    return (
        Grid.objects.filter(code=code).exists()
        if len(code) == 15
        else Area.objects.filter(code=code).exists()
    )

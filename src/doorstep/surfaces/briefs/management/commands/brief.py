"""`doorstep brief`: the brief of a place as text, JSON or a Word file."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.indicators.management.commands.figures import check_period, day
from doorstep.kernel.indicators.selectors import Figure
from doorstep.kernel.shared.errors import Refused
from doorstep.surfaces.briefs.builder import Brief, build_brief
from doorstep.surfaces.briefs.word import word_document


class Command(BaseCommand):
    help = "Print the brief of a place and period, or write it as a Word file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--place", default=settings.HOME_PLACE, help="official code (default: this district)"
        )
        parser.add_argument("--on", type=day, default=None, help="as of this day (default today)")
        parser.add_argument(
            "--since", type=day, default=None, help="flows count from this day (default: programme start)"
        )
        parser.add_argument(
            "--compare", type=day, default=None, help="put the figures of this day beside them"
        )
        parser.add_argument("--format", choices=["text", "json", "docx"], default="text")
        parser.add_argument("--output", type=Path, default=None, help="file to write (needed for docx)")

    def handle(self, *args: Any, **options: Any) -> None:
        check_period(options["on"], options["since"])
        try:
            brief = build_brief(
                system_actor("doorstep brief"), options["place"], on=options["on"], since=options["since"],
                compared_on=options["compare"],
            )  # fmt: skip
        except Refused as refusal:
            raise CommandError(str(refusal.message)) from None
        if options["format"] == "docx":
            if options["output"] is None:
                raise CommandError("Say where to write the Word file: --output brief.docx")
            options["output"].write_bytes(word_document(brief))
            self.stdout.write(f"wrote {options['output']}")
            return
        text = (
            json.dumps(_as_data(brief), ensure_ascii=False)
            if options["format"] == "json"
            else "\n".join(brief.lines())
        )
        if options["output"]:
            options["output"].write_text(text, encoding="utf-8")
        else:
            self.stdout.write(text)


def _as_data(brief: Brief) -> dict[str, Any]:
    runs = (run for section in brief.sections for paragraph in section.paragraphs for run in paragraph)
    return {
        "place": brief.place_code,
        "on": str(brief.on),
        "since": str(brief.since),
        "title": brief.title,
        "text": list(brief.lines()),
        "figures": [
            {"key": run.key, "value": run.value, "previous": run.previous}
            for run in runs
            if isinstance(run, Figure)
        ],
        "breaks": [{"key": item.finding.key, "count": item.count} for item in brief.breaks],
    }

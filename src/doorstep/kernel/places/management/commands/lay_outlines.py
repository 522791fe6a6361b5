"""`doorstep places outlines FILE.geojson`: boundaries of places, all of the file or none of it."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.places.inputs import NewOutline
from doorstep.kernel.places.outline_file import MOST_BYTES, read_outlines
from doorstep.kernel.places.services_outlines import Examined, add_outlines, examine_outlines
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused


class Command(BaseCommand):
    help = (
        "Lay the outlines of a GeoJSON file over their places: checked, repaired where they cross themselves."
    )

    requires_system_checks = []  # they would load every page of the platform into memory

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="GeoJSON in WGS-84; each shape names its place in `code`")
        parser.add_argument("--source", required=True, help="who drew them, and when")
        parser.add_argument(
            "--on", type=date.fromisoformat, metavar="DATE", help="first day (default: today)"
        )
        parser.add_argument(
            "--place", default="", metavar="CODE", help="whose it is, for a file of one shape"
        )
        parser.add_argument(
            "--illustrative", action="store_true", help="no legal line: every map will say so"
        )
        parser.add_argument("--check", action="store_true", help="say what would be laid, and lay nothing")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        path, day = options["file"], options["on"] or clock.today()
        actor = system_actor(gettext_noop("划定边界"))
        try:
            with path.open("rb") as file:
                given = read_outlines(file.read(MOST_BYTES + 1), options["place"])
            outlines = [
                NewOutline(code, shape, options["source"], illustrative=options["illustrative"])
                for code, shape in given
            ]
            found = examine_outlines(actor=actor, outlines=outlines, valid_from=day)
            wrong = [each for each in found if each.problem]
            laid = not wrong and not options["check"]
            if laid:
                add_outlines(actor=actor, outlines=outlines, valid_from=day)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        except Refused as refusal:
            raise CommandError(str(refusal.message)) from refusal
        self._tell(found, options["format"], laid)
        if wrong:
            raise CommandError(_("有 {n} 个地方的边界不能用，一个也没有划定。").format(n=len(wrong)))

    def _tell(self, found: list[Examined], form: str, laid: bool) -> None:
        if form == "json":
            lines = [
                {
                    "place": each.place_code, "name": each.name, "laid": laid, "problem": each.problem,
                    "repaired": bool(each.checked and each.checked.repaired), "notes": each.told,
                }
                for each in found
            ]  # fmt: skip
            self.stdout.write(json.dumps(lines, ensure_ascii=False))
            return
        for each in found:
            said = [each.problem] if each.problem else each.told
            if said:
                self.stdout.write(f"{each.place_code} {each.name}: {' '.join(said)}")
        if laid:
            self.stdout.write(_("已划定 {n} 个地方的边界。").format(n=len(found)))

"""The national list of areas into the database: streaming, by chunks, idempotent, resumable.

First the whole file is read and checked, good rows are set aside on disk; then they go in, upper levels first, in
chunks of one transaction each: COPY into a temporary table, one set-based upsert that leaves unchanged rows
untouched, and the line reached. A file whose import was cut off goes on from there.

The audit has two entries per import, its start and its end, with the file's digest and the counts: for reference data
of two thirds of a million public names the file is the record, and a row each would say nothing more.
"""

from __future__ import annotations

import contextlib
import csv
import itertools
import tempfile
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO

import numpy as np
from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.places.area_closing import Closing, close_missing, tops_of, write_closing
from doorstep.kernel.places.area_file import AreaReader, BadRow, Row, examine
from doorstep.kernel.places.models import Area, AreaImport
from doorstep.kernel.places.name_table import keys_of
from doorstep.kernel.places.policies import IMPORT_AREAS
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, RuleViolation
from doorstep.kernel.shared.place_codes import LENGTHS, parent_of

CHUNK = 10_000
PORTION = 1_000  # rows handed to COPY at a time
LINE_BITS = 23  # a code of twelve digits takes 40 bits: together one 64-bit number for each community
MOST_LINES = (1 << LINE_BITS) - 1
MOST_SORTED = 100_000
ONE_AT_A_TIME = 0x706C61636573  # advisory lock of imports
Progress = Callable[[str, int, int], None]  # what is done, how far, of how much

TEMPORARY = """
CREATE TEMPORARY TABLE IF NOT EXISTS incoming_area (
    code text COLLATE "C", name text, pinyin text, initials text, parent text COLLATE "C", level text
) ON COMMIT DELETE ROWS
"""
UPSERT = """
WITH written AS (
    INSERT INTO places_area AS present (code, name, pinyin, initials, parent_id, level, edition)
    SELECT code, name, pinyin, initials, parent, level, %(edition)s FROM incoming_area
    ON CONFLICT (code) DO UPDATE SET
        name = excluded.name, pinyin = excluded.pinyin, initials = excluded.initials, edition = excluded.edition,
        ended_on = CASE WHEN present.edition = excluded.edition THEN present.ended_on END
    WHERE present.edition < excluded.edition
        OR (present.edition = excluded.edition AND (present.name, present.pinyin) <> (excluded.name, excluded.pinyin))
    RETURNING xmax = 0 AS added
)
SELECT count(*) FILTER (WHERE added), count(*) FILTER (WHERE NOT added) FROM written
"""
# The trigram index takes new names in larger portions. A chunk need not wait for the disk: rows and the line reached
# are one transaction, so what a power cut takes is read again; the import's end waits, and with it all before.
IN_A_CHUNK = """
SET LOCAL gin_pending_list_limit = '32MB'; SET LOCAL work_mem = '64MB'; SET LOCAL synchronous_commit = off
"""


@dataclass
class ImportResult:
    """What an import did. `implied`: counties of cities without counties, made because their streets need them.

    ended, in_use: areas that a complete list no longer has, and of those the ones that something still stands on.
    """

    digest: str
    edition: int
    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    implied: list[str] = field(default_factory=list)
    resumed_at_line: int | None = None
    errors_file: Path | None = None
    ended: int = 0
    in_use: int = 0
    ended_file: Path | None = None


def import_areas(
    *,
    actor: Actor,
    path: Path,
    edition: int,
    strict: bool = False,
    complete: date | None = None,
    progress: Progress = lambda what, done, whole: None,
) -> ImportResult:
    """Bring the areas of `path` in as of the list of year `edition`; rows of a newer list stay as they are.

    `complete` says that the list leaves nothing out, and as of when: areas below its highest ones that only older
    lists have end on that day, told in `FILE.ended.csv`. One bad row keeps everything out then, as with `strict`.

    Bad rows are told by line and reason in `FILE.errors.csv` beside it. With `strict` one bad row keeps everything
    out (RuleViolation). Raises RuleViolation for a file that cannot be read at all, Conflict while another import
    runs. Commits as it goes: not to be called inside a transaction.
    """
    require_place(actor, IMPORT_AREAS, "")
    if not 1949 <= edition <= clock.today().year:
        raise RuleViolation(_("区划年份 %(year)d 不对。") % {"year": edition}, field="edition")
    if complete is not None and not date(edition, 1, 1) <= complete <= clock.today():
        raise RuleViolation(_("完整名单的日期应在区划年份之内或之后，且不晚于今天。"), field="complete")
    facts = examine(path)
    with _only_one(), tempfile.TemporaryDirectory() as folder, _Sorted(Path(folder)) as rows:
        reader = AreaReader(path, facts.encoding)
        rows.read(reader, lambda: progress("check", reader.position, facts.size))
        progress("check", facts.size, facts.size)
        rows.refuse_doubles_and_orphans()
        errors_file = rows.write_errors(path)
        if (strict or complete) and errors_file:
            raise RuleViolation(
                _("文件里有 %(count)d 行有误，严格模式下什么都没有导入。见 %(file)s。")
                % {"count": rows.refused, "file": errors_file.name},
                field="file",
            )
        tops = tops_of(rows.upper_lines) if complete else []
        result = ImportResult(
            facts.digest, edition, rows.good, refused=rows.refused, implied=rows.implied,
            errors_file=errors_file,
        )  # fmt: skip
        record_of = _bring_in(actor, path, rows, result, strict, progress)
        with transaction.atomic():
            closing = close_missing(tops, edition, complete) if complete else Closing([], [])
            result.ended, result.in_use = len(closing.ended), len(closing.in_use)
            _finish(actor, record_of, result, complete)
    result.ended_file = write_closing(path, closing)
    return result


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ONE_AT_A_TIME])
        if cursor.fetchone() != (True,):
            raise Conflict(_("另一个区划导入正在进行，请等它结束。"))
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])


class _Sorted:
    """The good rows of a file set aside on disk, upper levels apart from communities, and the bad rows told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.good = self.refused = 0
        self.implied: list[str] = []
        self.known = {""}
        self.lines_out: set[int] = set()
        self.upper_lines: dict[str, int] = {}
        self.city_names: dict[str, str] = {}
        self.codes_and_lines = array("q")

    def __enter__(self) -> _Sorted:
        self.upper = (self.folder / "upper").open("w+", encoding="utf-8", newline="\n")
        self.communities = (self.folder / "communities").open("w+", encoding="utf-8", newline="\n")
        self.bad = (self.folder / "bad").open("w+", encoding="utf-8", newline="")
        self.errors = csv.writer(self.bad)
        return self

    def __exit__(self, *_exception: object) -> None:
        for file in (self.upper, self.communities, self.bad):
            file.close()

    def read(self, reader: AreaReader, tell: Callable[[], None]) -> None:
        write, remember = self.communities.write, self.codes_and_lines.append
        for count, row in enumerate(reader):
            if not count % 5000:
                tell()
            if isinstance(row, BadRow):
                self._refuse(row)
            elif row.level == "community":
                remember(int(row.code) << LINE_BITS | row.line)
                write(_as_copy(row))
            else:
                self._take_upper(row)
            if row.line >= MOST_LINES:
                raise RuleViolation(
                    _("文件超过 %(count)d 行，请分开导入。") % {"count": MOST_LINES}, field="file"
                )
        self.good += len(self.codes_and_lines)

    def _take_upper(self, row: Row) -> None:
        earlier = self.upper_lines.get(row.code)
        if earlier is not None:
            self._refuse(BadRow(row.line, row.code, row.name, _same_code(earlier)))
            return
        self.upper_lines[row.code] = row.line
        if row.level == "city":
            self.city_names[row.code] = row.name
        self.good += 1
        self.upper.write(_as_copy(row))

    def _refuse(self, row: BadRow) -> None:
        self.refused += 1
        self.errors.writerow(row)

    def refuse_doubles_and_orphans(self) -> None:
        """What only the whole file shows: codes that come twice, and rows whose parent is nowhere."""
        both = np.frombuffer(self.codes_and_lines, np.int64)
        both.sort()
        codes = both >> LINE_BITS
        again = np.flatnonzero(codes[1:] == codes[:-1]) + 1
        doubled = {int(both[index]) & MOST_LINES: int(both[index - 1]) & MOST_LINES for index in again}
        codes //= 1000
        streets = [*codes[:1].tolist(), *codes[1:][codes[1:] != codes[:-1]].tolist()]
        del both, codes
        self.codes_and_lines = array("q")
        without = self._orphaned([f"{street:09d}" for street in streets])
        if not (doubled or without):
            return
        for file in (self.upper, self.communities):
            file.flush()
            file.seek(0)
            for text in file:
                line, code, name, *_keys, parent, _level = text.rstrip("\n").split("\t")
                if int(line) in doubled:
                    reason = _same_code(doubled[int(line)])
                elif code in without or parent in without:
                    missing = without.get(code) or without[parent]
                    reason = _("上级 %(code)s 不在文件里，也不在库里。") % {"code": missing}
                else:
                    continue
                self.good -= 1
                self.lines_out.add(int(line))
                self._refuse(BadRow(int(line), code, name, reason))

    def _orphaned(self, streets: list[str]) -> dict[str, str]:
        """Codes under which, or as which, nothing can go in, and what is missing above each."""
        if any(self._missing_above(code) for code in itertools.chain(streets, self.upper_lines)):
            known = Area.objects.exclude(level="community").filter(ended_on=None)
            self.known |= set(known.values_list("code", flat=True).iterator())
        self._imply_counties(streets)
        everything = itertools.chain(streets, self.upper_lines)
        return {code: above for code in everything if (above := self._missing_above(code))}

    def _imply_counties(self, streets: list[str]) -> None:
        """Cities without counties (东莞, 中山, 儋州): lists in twelve digits leave out the county of their streets."""
        length = LENGTHS["county"]
        needed = {code[:length] for code in itertools.chain(streets, self.upper_lines) if len(code) > length}
        for county in sorted(needed):
            city = county[: LENGTHS["city"]]
            if not county.endswith("00") or city not in self.upper_lines:
                continue
            if county in self.upper_lines or county in self.known:
                continue
            self.implied.append(county)
            self._take_upper(Row(self.upper_lines[city], county, self.city_names[city], "county", city))

    def _missing_above(self, code: str) -> str:
        """The nearest code, itself or above, that neither file nor database has; else empty."""
        while code in self.upper_lines:
            code = parent_of(code) or ""
        return "" if code in self.known else code

    def write_errors(self, path: Path) -> Path | None:
        """Write FILE.errors.csv in the order of lines, or remove the one of an earlier run."""
        target = path.with_name(path.name + ".errors.csv")
        if not self.refused:
            target.unlink(missing_ok=True)
            return None
        self.bad.seek(0)
        rows = csv.reader(self.bad)
        with target.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([_("行"), _("代码"), _("名称"), _("原因")])
            # more than anybody mends by hand stay in the order found
            first = list(itertools.islice(rows, MOST_SORTED))
            first.sort(key=lambda row: int(row[0]))
            writer.writerows(first)
            writer.writerows(rows)
        return target

    def chunks(self, file: IO[str], after: int) -> Iterator[tuple[int, list[str]]]:
        """The good rows behind a line as COPY text, by chunks, with the last line of each."""
        file.flush()
        file.seek(0)
        rows = (text.partition("\t") for text in file)
        kept = (
            (int(line), text)
            for line, _tab, text in rows
            if int(line) > after and int(line) not in self.lines_out
        )
        while chunk := list(itertools.islice(kept, CHUNK)):
            yield chunk[-1][0], [text for _line, text in chunk]


def _same_code(line: int) -> str:
    return _("代码重复：第 %(line)d 行已有。") % {"line": line}


def _as_copy(row: Row) -> str:
    pinyin, initials = keys_of(row.name)
    text = f"{row.line}\t{row.code}\t{row.name}\t{pinyin}\t{initials}\t{row.parent}\t{row.level}\n"
    return text.replace("\\", "\\\\") if "\\" in text else text


def _bring_in(
    actor: Actor, path: Path, rows: _Sorted, result: ImportResult, strict: bool, progress: Progress
) -> AreaImport:
    record_of = _started(actor, path, result, strict)
    done = 0
    if record_of.line:
        result.resumed_at_line = record_of.line
    else:
        # parents may come after their children, so the upper levels are one transaction
        with transaction.atomic():
            for _last, chunk in rows.chunks(rows.upper, 0):
                _write(record_of, chunk)
                done += len(chunk)
            _reach(record_of, 1)
    for last, chunk in rows.chunks(rows.communities, record_of.line):
        with transaction.atomic():
            _write(record_of, chunk)
            _reach(record_of, last)
        done += len(chunk)
        progress("write", done, rows.good)
    progress("write", rows.good, rows.good)
    return record_of


def _started(actor: Actor, path: Path, result: ImportResult, strict: bool) -> AreaImport:
    """The unfinished import of the same file and edition, or a new one."""
    unfinished = AreaImport.objects.filter(
        digest=result.digest, edition=result.edition, finished_at__isnull=True
    ).first()
    if unfinished is not None:
        return unfinished
    with transaction.atomic():
        made = AreaImport.objects.create(
            digest=result.digest, file_name=path.name[:200], edition=result.edition, strict=strict,
            started_at=clock.now(),
        )  # fmt: skip
        changes = {"digest": [None, result.digest], "edition": [None, result.edition]}
        record(actor, Act("places.import_started", made, "", changes))
    return made


def _write(record_of: AreaImport, chunk: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(IN_A_CHUNK)
        cursor.execute(TEMPORARY)
        cursor.execute("TRUNCATE incoming_area")
        columns = "incoming_area (code, name, pinyin, initials, parent, level)"
        with cursor.cursor.copy(f"COPY {columns} FROM STDIN") as copy:
            for start in range(0, len(chunk), PORTION):
                copy.write("".join(chunk[start : start + PORTION]))
        cursor.execute(UPSERT, {"edition": record_of.edition})
        added, changed = cursor.fetchone()
    AreaImport.objects.filter(pk=record_of.pk).update(
        added=F("added") + added,
        changed=F("changed") + changed,
        unchanged=F("unchanged") + len(chunk) - added - changed,
    )


def _reach(record_of: AreaImport, line: int) -> None:
    record_of.line = line
    record_of.save(update_fields=["line"])


def _finish(actor: Actor, record_of: AreaImport, result: ImportResult, complete: date | None) -> None:
    record_of.refresh_from_db()
    record_of.refused = result.refused
    record_of.finished_at = clock.now()
    record_of.save(update_fields=["refused", "finished_at"])
    for name in ("added", "changed", "unchanged", "refused"):
        setattr(result, name, getattr(record_of, name))
    told = ["added", "changed", "unchanged", "refused", "digest", *(["ended", "in_use"] if complete else [])]
    changes = {name: [None, getattr(result, name)] for name in told}
    if complete:
        changes["ended_on"] = [None, complete.isoformat()]
    record(actor, Act("places.import_finished", record_of, "", changes))

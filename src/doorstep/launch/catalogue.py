"""The English catalogue: gathered from the sources, kept complete, compiled when the platform is built.

Source strings are Chinese; `locale/en/LC_MESSAGES/django.po` has the English beside them. Babel does what the
system's gettext programs would, so none needs to be installed.

    python -m doorstep.launch.catalogue            compile where the .po is newer
    python -m doorstep.launch.catalogue update     gather new strings into the .po, drop those no longer used
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)  # a file that changes only when its words do
SOURCES = Path(__file__).resolve().parents[1]
ENGLISH = SOURCES / "locale" / "en" / "LC_MESSAGES" / "django.po"
KEYWORDS = dict.fromkeys(
    (
        "_",
        "_t",
        "lazy",
        "gettext",
        "gettext_lazy",
        "gettext_noop",
        "ngettext",
        "ngettext_lazy",
        "pgettext",
        "pgettext_lazy",
    )
)


def source_strings() -> Catalog:
    """Every translatable string of the Python sources and templates, with the places it stands."""
    catalog = Catalog(
        locale="en",
        domain="django",
        project="Doorstep",
        version="0.1",
        creation_date=EPOCH,
        revision_date=EPOCH,
        last_translator="the maintainers",
        msgid_bugs_address="the maintainers",
    )
    for path in sorted(SOURCES.rglob("*.py")):
        _gather(catalog, path, path.read_text(encoding="utf-8"))
    for path in sorted([*SOURCES.rglob("templates/**/*.html"), *SOURCES.rglob("templates/**/*.txt")]):
        _gather(catalog, path, _as_python(path))
    return catalog


def _as_python(template: Path) -> str:
    from django.utils.translation.template import templatize

    return templatize(template.read_text(encoding="utf-8"), origin=str(template))


def _gather(catalog: Catalog, path: Path, text: str) -> None:
    # only files, no line numbers: the catalogue should change when its words do
    where = (path.relative_to(SOURCES).as_posix(), 1)
    for _line, function, messages, _comments in extract_python(io.BytesIO(text.encode()), KEYWORDS, [], {}):
        parts = [str(part or "") for part in (messages if isinstance(messages, tuple | list) else [messages])]
        if str(function).startswith("pgettext"):
            catalog.add(parts[1], context=parts[0], locations=[where])
        elif str(function).startswith("ngettext"):
            catalog.add((parts[0], parts[1]), locations=[where])
        elif parts[0]:
            catalog.add(parts[0], locations=[where])


def english() -> Catalog:
    """The catalogue as it stands in the .po (empty when there is none)."""
    if not ENGLISH.exists():
        return Catalog(locale="en", domain="django")
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en", domain="django")


def gaps() -> Iterator[str]:
    """What keeps English from being complete: strings missing, empty, or with other placeholders than the Chinese."""
    known = english()
    for message in source_strings():
        if not message.id or not _has_chinese(message):
            continue
        translated = known.get(_key(message), context=message.context)
        words = translated.string if translated else ""
        if not (all(words) if isinstance(words, (tuple, list)) else words):
            yield f"no English for {message.id!r} ({message.locations[0][0]})"
        elif isinstance(words, str) and _placeholders(str(message.id)) != _placeholders(words):
            yield f"other placeholders in the English of {message.id!r}"


def _key(message: Message) -> str:
    return message.id[0] if isinstance(message.id, (tuple, list)) else message.id


def _has_chinese(message: Message) -> bool:
    return re.search(r"[\u3400-\u9fff]", str(message.id)) is not None


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]|\{[\w.]*\}|%[sd]", text))


def update() -> None:
    """Gather new strings, keep translations, drop unused ones, write the .po."""
    known = english()
    fresh = source_strings()
    for message in fresh:
        translated = known.get(_key(message), context=message.context) if message.id else None
        if translated is not None and translated.string:
            message.string = translated.string
    fresh.fuzzy = False
    fresh.header_comment = "# English beside the Chinese source strings. `python -m doorstep.launch.catalogue update` gathers new ones."
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    with ENGLISH.open("wb") as file:
        write_po(file, fresh, sort_by_file=True, omit_header=False, include_lineno=False, width=110)


def compile_catalogue() -> None:
    """Write the .mo beside the .po where it is missing or older."""
    target = ENGLISH.with_suffix(".mo")
    if not ENGLISH.exists() or (target.exists() and target.stat().st_mtime >= ENGLISH.stat().st_mtime):
        return
    unfinished = target.with_suffix(".tmp")
    with unfinished.open("wb") as file:
        write_mo(file, english())
    unfinished.replace(target)


if __name__ == "__main__":
    if sys.argv[1:] == ["update"]:
        update()
    compile_catalogue()

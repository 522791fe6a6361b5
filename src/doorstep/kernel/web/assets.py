"""Which built file stands for which bundle: reads the manifest that the front-end build leaves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import doorstep

DIST = Path(doorstep.__file__).resolve().parent / "frontend" / "dist"
MANIFEST = DIST / "manifest.json"


@dataclass(frozen=True)
class Bundle:
    """Files of one bundle, as paths below the static address. `preloads` are scripts it imports at once."""

    script: str
    styles: tuple[str, ...]
    preloads: tuple[str, ...]


class NotBuilt(Exception):
    """The front end has not been built, or has no such bundle."""


def bundle(name: str) -> Bundle:
    """The bundle `name` ("desk", "phone"). Raises NotBuilt."""
    try:
        changed = MANIFEST.stat().st_mtime_ns
    except FileNotFoundError:
        raise NotBuilt("the front end is not built: npm ci && npm run build") from None
    return _read(name, changed)


@lru_cache(maxsize=32)
def _read(name: str, changed: int) -> Bundle:
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    entry = manifest.get(f"{name}.js")
    if entry is None:
        raise NotBuilt(f"the front end has no bundle {name!r}")
    styles: list[str] = []
    preloads: list[str] = []
    waiting = [entry]
    while waiting:
        chunk = waiting.pop(0)
        styles += [style for style in chunk.get("css", []) if style not in styles]
        for key in chunk.get("imports", []):
            if manifest[key]["file"] not in preloads:
                preloads.append(manifest[key]["file"])
                waiting.append(manifest[key])
    return Bundle(script=entry["file"], styles=tuple(styles), preloads=tuple(preloads))

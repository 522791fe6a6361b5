"""A process of its own that sets one paper: what takes too long is ended, and what Typst keeps in memory goes with it.

Reads a job in JSON, writes the file; on a trouble of the template, its words to stderr.
"""

import json
import resource
import sys
from typing import Any

import typst

GIBIBYTE = 1 << 30


def main() -> int:
    job: dict[str, Any] = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_CPU, (job["seconds"], job["seconds"]))
    resource.setrlimit(resource.RLIMIT_AS, (4 * GIBIBYTE, 4 * GIBIBYTE))
    # no font of the machine, so that a paper looks the same everywhere; no clock, so that it is the same file again
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[job["fonts"]])
    try:
        made = typst.compile(
            job["source"].encode(), root=job["root"], font_paths=fonts, ignore_system_fonts=True,
            format=job["format"], sys_inputs=job["inputs"], timestamp=0, ppi=job["ppi"],
        )  # fmt: skip
    except typst.TypstError as error:
        sys.stderr.write(f"{error.message}\n{error.diagnostic}")
        return 1
    pages: list[bytes] = made if isinstance(made, list) else [made]
    sys.stdout.buffer.write(b"".join(pages))
    return 0


if __name__ == "__main__":
    sys.exit(main())

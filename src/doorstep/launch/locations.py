"""Where things live on disk: the project, its working data, and the database's own folder."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
STATE_FOLDER = Path("/var/lib/doorstep")  # root's, see database_folder


def working_folder() -> Path:
    """Secrets, uploads, logs and caches of this checkout (DOORSTEP_VAR overrides)."""
    folder = Path(os.environ.get("DOORSTEP_VAR", PROJECT / "var"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def database_folder(name: str) -> Path:
    """Folder of the embedded cluster `name` ("run" or "test").

    An ordinary user keeps it inside the project. Root cannot: PostgreSQL refuses to run as root, and the system
    user it runs as could only reach the project if the permissions of every folder above it (homes included)
    were loosened. For root it is in the system's state folder, one per checkout.
    """
    if os.geteuid() != 0:
        return working_folder() / "postgres" / name
    return STATE_FOLDER / _installation() / name


def _installation() -> str:
    """A name made once for this checkout. A new clone at an old path must not meet the old one's databases."""
    file = working_folder() / "installation"
    if not file.exists():
        unfinished = file.with_suffix(f".{os.getpid()}")
        unfinished.write_text(secrets.token_hex(6))
        with contextlib.suppress(FileExistsError):  # another process was first: use its name
            os.link(unfinished, file)
        unfinished.unlink()
    return file.read_text().strip()

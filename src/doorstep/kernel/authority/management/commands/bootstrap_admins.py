"""`doorstep bootstrap`: the three first administrators, once, and the first district officer, while there is none."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext_noop

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.authority.services_bootstrap import (
    OFFICER,
    FirstAccount,
    FirstOfficer,
    appoint_first_officer,
    bootstrap_administrators,
    has_administrators,
)
from doorstep.kernel.organisations.kinds import POSTS
from doorstep.kernel.shared.errors import Refused

NEXT = "doorstep bootstrap --officer 姓名 --unit 单位名称 --document 文号 [--phone 手机号] [--district 代码]"


class Command(BaseCommand):
    help = (
        "建立系统、安全、审计三名管理员，只能一次；写明 --officer 时，并任命第一位区级工作人员，只在没有人在任时 / "
        "make the three administrators, once; with --officer also the first district officer, while nobody is in office"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=["text", "json"], default="text")
        parser.add_argument(
            "--officer", default="", metavar="姓名", help="第一位区级工作人员 / the first district officer"
        )
        parser.add_argument("--unit", default="", metavar="名称", help="所在的区级单位 / the district's unit")
        parser.add_argument(
            "--document", default="", metavar="文号", help="成立或任命的文号 / the document's number"
        )
        parser.add_argument("--phone", default="", metavar="手机号", help="可以不写 / optional")
        parser.add_argument(
            "--district",
            default=settings.HOME_PLACE,
            metavar="代码",
            help="区的6位代码，默认本区 / the district's code",
        )
        parser.add_argument(
            "--unit-kind", default=POSTS[OFFICER].kinds[0], choices=POSTS[OFFICER].kinds, help="单位类型 / its kind"
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = _make(options)
        except Refused as refusal:
            raise CommandError(str(refusal.message)) from refusal
        if options["format"] == "json":
            rows = [{"post": one.post, "username": one.username, "password": one.password} for one in made]
            self.stdout.write(json.dumps(rows, ensure_ascii=False))
            return
        self.stdout.write(
            "账号分别交给各人，不能兼用。密码只显示这一次；首次登录须改密码，并设置动态验证码。"
        )
        self.stdout.write("Give each to a different person. Passwords are shown this once.\n")
        for one in made:
            self.stdout.write(f"  {POSTS[one.post].name}  {one.username}  {one.password or '（原有的密码）'}")
        if not options["officer"]:
            self.stdout.write(
                "\n管理员不办业务。导入区划代码（doorstep places import）以后，任命第一位区级工作人员："
            )
            self.stdout.write(
                "Administrators do no business. Once places are imported, appoint the first district officer:"
            )
            self.stdout.write(f"  {NEXT}")


@transaction.atomic
def _make(options: dict[str, Any]) -> list[FirstAccount]:
    """The administrators, the officer, or both: all or nothing."""
    made: list[FirstAccount] = []
    if not (options["officer"] and has_administrators()):
        made += bootstrap_administrators(actor=system_actor(gettext_noop("首批管理员建立")))
    if options["officer"]:
        first = FirstOfficer(
            place_code=options["district"], unit_name=options["unit"], document=options["document"],
            name=options["officer"], phone=options["phone"], unit_kind=options["unit_kind"],
        )  # fmt: skip
        made.append(
            appoint_first_officer(actor=system_actor(gettext_noop("首位区级工作人员任命")), first=first)
        )
    return made

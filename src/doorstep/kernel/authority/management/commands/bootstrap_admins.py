"""`doorstep bootstrap`: the three first administrators, once, on an empty database."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_noop

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.authority.services_bootstrap import bootstrap_administrators
from doorstep.kernel.organisations.kinds import POSTS
from doorstep.kernel.shared.errors import Refused


class Command(BaseCommand):
    help = "建立系统、安全、审计三名管理员，只能一次 / make the three administrators, once"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = bootstrap_administrators(actor=system_actor(gettext_noop("首批管理员建立")))
        except Refused as refusal:
            raise CommandError(str(refusal.message)) from refusal
        if options["format"] == "json":
            rows = [{"post": one.post, "username": one.username, "password": one.password} for one in made]
            self.stdout.write(json.dumps(rows, ensure_ascii=False))
            return
        self.stdout.write("三个账号分别交给三个人。密码只显示这一次；首次登录须改密码，并设置动态验证码。")
        self.stdout.write("Give each to a different person. Passwords are shown this once.\n")
        for one in made:
            self.stdout.write(f"  {POSTS[one.post].name}  {one.username}  {one.password}")

"""`doorstep manage reset_administrator NAME --reason TEXT`: a new password for one administrator, by the operator."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_noop

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.services import reset_password
from doorstep.kernel.shared.errors import Refused


class Command(BaseCommand):
    help = "由运维人员重置一名管理员的密码 / a new password for an administrator, by the operator"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--reason", required=True, help="kept in the audit")

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.filter(username=options["username"]).first()
        if account is None:
            raise CommandError("没有这个账号 / no such account")
        try:
            password = reset_password(
                actor=system_actor(gettext_noop("管理员密码重置")), account=account, reason=options["reason"]
            )
        except Refused as refusal:
            raise CommandError(str(refusal.message)) from refusal
        self.stdout.write("密码只显示这一次，登录后须修改，并重新设置动态验证码。")
        self.stdout.write(
            "Shown this once; it must be changed at sign-in, and the second factor set up anew."
        )
        self.stdout.write(password)

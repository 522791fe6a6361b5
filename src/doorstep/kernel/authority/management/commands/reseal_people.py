"""`doorstep manage reseal_people`: after FIELD_CIPHER or the master key changed. Stop the server first."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext_noop

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.authority.resealing import reseal_second_factors
from doorstep.kernel.people.resealing import reseal_people


class Command(BaseCommand):
    help = "更换加密算法或主密钥后重新加密人员信息 / seal all people anew under the present cipher and master key"
    requires_system_checks: list[str] = []  # the check that asks for this command would stop it

    def handle(self, *args: Any, **options: Any) -> None:
        done = reseal_people(actor=system_actor(gettext_noop("个人信息重新加密")), progress=self._progress)
        factors = reseal_second_factors()
        self.stdout.write(
            f"已重新加密 {done} 人、{factors} 个动态验证码 / {done} people, {factors} second factors sealed anew"
        )

    def _progress(self, done: int, of: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{done:,} / {of:,}", ending="\n" if done == of else "")

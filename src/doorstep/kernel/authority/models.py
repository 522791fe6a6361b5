"""Accounts. What one may do is nowhere here: it flows from the person's appointments in force."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.authority.models_sessions import BrowserSession
from doorstep.kernel.authority.models_tokens import Token
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared import clock

__all__ = ["Account", "AccountManager", "BrowserSession", "Token"]


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> Account:
        account = self.model(username=self.model.normalize_username(username), **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """A way to sign in, of at most one person."""

    username = models.CharField(_("账号"), max_length=60, unique=True)
    email = models.EmailField(_("邮箱"), blank=True)
    person = models.OneToOneField(Person, on_delete=models.PROTECT, null=True, related_name="account")
    is_active = models.BooleanField(_("启用"), default=True)
    is_demo = models.BooleanField(_("演示账号"), default=False)
    created_at = models.DateTimeField(_("建立时间"), default=clock.now)
    must_change_password = models.BooleanField(_("下次登录须改密码"), default=False)
    password_set_on = models.DateField(_("密码设置日期"), null=True)

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("账号")

    def __str__(self) -> str:
        return self.username

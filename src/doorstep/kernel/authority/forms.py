"""Forms of signing in, in our words."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings as mfa
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _


def _word(form: forms.Form, **labels: Any) -> None:
    """Give fields our labels and take the hints inside the boxes away, which vanish when one types."""
    for name, label in labels.items():
        field = form.fields[name]
        field.label = label
        field.help_text = ""
        field.widget.attrs.pop("placeholder", None)
        field.widget.attrs["class"] = "form-control"


class SignInForm(account.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, login=_("账号"), password=_("密码"))
        self.fields["login"].widget.attrs |= {"autocapitalize": "none", "autofocus": True}

    def clean_login(self) -> str:
        name: str = super().clean_login()
        return name.lower()


class ChangePasswordForm(account.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, oldpassword=_("现在的密码"), password1=_("新密码"), password2=_("再输一次新密码"))
        self.fields["password1"].help_text = _("至少10位，含小写字母、大写字母、数字、符号中的三种。")

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        if self.user is not None and self.user.check_password(password):
            raise forms.ValidationError(_("新密码不能与现在的密码相同。"))
        return password


class ConfirmPasswordForm(account.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, password=_("密码"))


def _code_box(form: forms.Form, label: Any) -> None:
    _word(form, code=label)
    form.fields["code"].widget.attrs |= {"inputmode": "numeric", "autofocus": True}


def _used_once(form: Any, code: str) -> str:
    """A code of the phone lets in once, for as long as the clock's tolerance would take it (RFC 6238, section 5.2)."""
    used = form.authenticator
    if used is not None and used.type == Authenticator.Type.TOTP:
        seconds = mfa.TOTP_PERIOD * (2 * mfa.TOTP_TOLERANCE + 1)
        if not cache.add(f"totp:{used.user_id}:{normalize_user_code(code)}", 1, timeout=seconds):
            raise get_adapter().validation_error("incorrect_code")
    return code


class SecondFactorForm(AuthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code_box(self, _("动态验证码或恢复码"))

    def clean_code(self) -> str:
        return _used_once(self, super().clean_code())


class ConfirmSecondFactorForm(ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code_box(self, _("动态验证码或恢复码"))

    def clean_code(self) -> str:
        return _used_once(self, super().clean_code())


class ActivateTotpForm(ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code_box(self, _("手机上显示的6位验证码"))

"""For what personal values may be looked at, and to what a person may agree. Packages declare their own."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class Purpose:
    """A purpose with its basis in the Personal Information Protection Law (PIPL)."""

    code: str
    name: Text
    basis: Text


_reveal: dict[str, Purpose] = {}
_consent: dict[str, Purpose] = {}
_erasure: dict[str, Purpose] = {}


def declare_reveal(*purposes: Purpose) -> None:
    """Purposes for which staff may look at one value in full."""
    _add(_reveal, purposes)


def declare_consent(*purposes: Purpose) -> None:
    """Purposes that need the person's own agreement."""
    _add(_consent, purposes)


def declare_erasure(*grounds: Purpose) -> None:
    """Grounds on which a person's data is erased."""
    _add(_erasure, grounds)


def _add(registry: dict[str, Purpose], purposes: tuple[Purpose, ...]) -> None:
    for purpose in purposes:
        if registry.setdefault(purpose.code, purpose) is not purpose:
            raise RuntimeError(f"purpose {purpose.code} is declared twice")


def reveal_purposes() -> dict[str, Purpose]:
    return dict(_reveal)


def consent_purposes() -> dict[str, Purpose]:
    return dict(_consent)


def erasure_grounds() -> dict[str, Purpose]:
    return dict(_erasure)


_DUTY = _("履行法定职责所必需（个人信息保护法第十三条第三项、第三十四条）")
_AGREED = _("取得个人同意（个人信息保护法第十三条第一项）")

declare_reveal(
    Purpose("contact", _("就本人提出的事联系本人"), _DUTY),
    Purpose("visit", _("预约上门走访或服务"), _DUTY),
    Purpose("verify_identity", _("办理事项时核验身份"), _DUTY),
    Purpose(
        "emergency",
        _("紧急情况下保护生命健康和财产安全"),
        _("紧急情况所必需（个人信息保护法第十三条第四项）"),
    ),
    Purpose("supervision", _("依法检查、核实投诉"), _DUTY),
)
declare_consent(
    Purpose(
        "show_household_name",
        _("在“找到我的组织”中公开党员中心户姓名"),
        _("单独同意（个人信息保护法第二十五条）"),
    ),
    Purpose("contact_by_volunteers", _("由志愿者联系并上门服务"), _("单独同意（个人信息保护法第二十三条）")),
    Purpose("notices", _("接收社区活动和服务通知"), _AGREED),
)
_ERASURE = _("个人信息保护法第四十七条")
declare_erasure(
    Purpose("asked", _("本人要求"), _ERASURE),
    Purpose("consent_withdrawn", _("本人撤回同意"), _ERASURE),
    Purpose("no_longer_needed", _("处理目的已实现，或不再需要"), _ERASURE),
    Purpose("period_over", _("保存期限已满"), _ERASURE),
    Purpose("unlawful", _("处理违反法律、行政法规或约定"), _ERASURE),
)

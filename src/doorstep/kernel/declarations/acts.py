"""Words for the acts that the audit records, so that a history reads as sentences."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

_names: dict[str, Text] = {}


def name_acts(names: dict[str, Text]) -> None:
    """Give acts ("package.verb", as in `audit.Act.action`) their words. The same act with other words raises."""
    for action, words in names.items():
        if action in _names and str(_names[action]) != str(words):
            raise RuntimeError(f"act {action} has two names")
        _names[action] = words


def act_name(action: str) -> Text:
    """The words for an act; the last part of its code where nobody named it."""
    return _names.get(action) or _names.get(action.rpartition(".")[2]) or action


_value_names: dict[str, Text | None] = {}


def name_values(names: dict[str, Text | None]) -> None:
    """Words for keys of an act's changes that are no field of its record; None for what people need not see."""
    for key, words in names.items():
        if key in _value_names and str(_value_names[key]) != str(words):
            raise RuntimeError(f"value {key} has two names")
        _value_names[key] = words


def value_name(key: str) -> Text | None:
    """The words for a key that is no field; the key itself where nobody named it; None for what is not shown."""
    return _value_names.get(key, key)


name_values({"lock_version": None, "version": None, "sentence": _("条件")})

name_acts(
    {
        "add": _("新增"), "added": _("新增"), "create": _("新增"), "created": _("新增"), "change": _("修改"),
        "changed": _("修改"), "update": _("修改"), "end": _("终止"), "ended": _("终止"), "import": _("导入"),
        "export": _("导出"), "reveal": _("查看明文"), "erase": _("删除个人信息"), "correct": _("更正"),
        "appoint": _("任命"), "establish": _("成立"), "merge": _("合并"), "split": _("拆分"), "move": _("调整隶属"),
        "rename": _("更名"), "dissolve": _("撤销"), "renamed": _("更名"), "moved": _("调整隶属"), "merged": _("合并"),
        "established": _("成立"), "dissolved": _("撤销"),
    }
)  # fmt: skip

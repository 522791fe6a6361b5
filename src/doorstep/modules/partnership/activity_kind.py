"""Joint activities of communities and their partners are a kind of activity; the times and who came are the kernel's."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.activities.kinds import Kind, Text, declare

JOINT = "joint"
CATEGORIES: list[tuple[str, Text]] = [
    ("service", _("便民服务")), ("safety", _("安全宣传")), ("health", _("健康义诊")), ("learning", _("学习交流")),
    ("festival", _("节庆联欢")), ("environment", _("环境整治")), ("care", _("关爱慰问")),
]  # fmt: skip
_NAMES = dict(CATEGORIES)


def category_name(code: str) -> Text:
    return _NAMES.get(code, code)


declare(Kind(JOINT, _("共建活动"), category_name=category_name))

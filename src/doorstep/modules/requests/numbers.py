"""The numbers of requests: what counts as the same, how many are called back, how rates are made."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.numbers import Number, Numbers, declare
from doorstep.modules.requests.models import EVENT_CLASSES, RuleValue
from doorstep.modules.requests.models_whistle import GROUNDS

_DAYS, _PIECES = _("天"), _("件")

declare(
    Numbers("requests", _("诉求"), RuleValue, (
        Number("duplicates.metres", _("多近算同一处"), _("米"), least=10, most=2000),
        Number("duplicates.days", _("多久以内算同一件"), _DAYS, least=1, most=180),
        Number("duplicates.likeness", _("文字多相近算同一件"), kind="share"),
        Number("suggestion.least", _("按文字判断事项的最低把握"), kind="share"),
        Number("sample.share", _("当场办结的，每月抽取回访的比例"), kind="share"),
        Number("sample.least", _("每个社区每月至少抽取回访"), _PIECES, most=100),
        Number("spot_check.share", _("当场办结、无人可问的，每月抽查的比例"), kind="share"),
        Number("spot_check.least", _("每个社区每月至少抽查"), _PIECES, most=100),
        Number("call_back.days", _("结案后多久以内回访"), _DAYS, least=1, most=180),
        Number("call_back.tries", _("没有接通的最多打几次"), _("次"), least=1, most=20),
        Number("reopen.days", _("结案后多久以内可以要求重办"), _DAYS, least=1, most=366),
        Number("rates.basically", _("“基本满意”按多少计入满意率"), kind="share"),
        Number("rates.composite", _("综合成绩中响应、解决、满意的权重"), kind="shares", count=3),
        Number("rates.public_least", _("公开三率至少要有多少有效回访"), _PIECES, least=1, most=1000),
        Number("public.classes", _("可公开的类别"), kind="codes", choices=EVENT_CLASSES),
        *(Number(f"whistle.ground.{code}", name, kind="yes") for code, name in GROUNDS),
    ))
)  # fmt: skip

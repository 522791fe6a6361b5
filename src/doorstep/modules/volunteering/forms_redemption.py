"""What is asked for programmes, money, merchants, items and stock, for voiding, settling, and the desk."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.shared import clock
from doorstep.kernel.web.pages import RefusingForm
from doorstep.modules.volunteering.models_redemption import ITEM_KINDS

Choices = Sequence[tuple[Any, Any]]


def _day(label: Any, help_text: Any = "", *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label, help_text=help_text, required=required, initial=clock.today if required else None,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip


def _text(
    label: Any, longest: int, *, required: bool = True, help_text: Any = "", rows: int = 0
) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows}) if rows else None
    return forms.CharField(
        label=label, max_length=longest, required=required, help_text=help_text, widget=widget
    )


def _whole(
    label: Any, least: int, most: int, help_text: Any = "", initial: int | None = None
) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=least, max_value=most, help_text=help_text, initial=initial
    )


def _yuan(label: Any, help_text: Any = "", *, least: str = "0.01") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=Decimal(least), max_value=Decimal(10**10), decimal_places=2, max_digits=13,
        help_text=help_text,
    )  # fmt: skip


def in_fen(yuan: Decimal) -> int:
    return int(yuan * 100)


class RedemptionForm(RefusingForm):
    FIELDS: ClassVar = {"fen": "yuan"}  # services' names of ours


class _Once(RedemptionForm):
    """Sent twice, it is done once."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class _Versioned(RedemptionForm):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class ProgrammeForm(_Versioned):
    place_code = forms.ChoiceField(label=_("范围"), help_text=_("这个地方的志愿者可以兑换。"))
    name = _text(_("项目名称"), 40, help_text=_("如：五福林海、微光望海。"))
    organiser = forms.TypedChoiceField(label=_("主办单位"), coerce=int)
    about = _text(_("简介"), 400, required=False, rows=3)
    slip_days = _whole(_("小票有效天数"), 1, 92, initial=14)
    void_days = _whole(_("兑换后几天内可作废"), 0, 31, initial=7)
    valid_from = _day(_("开始日期"))
    valid_to = _day(_("截止日期"), _("不再兑换的第一天；长期的不填。"), required=False)

    def __init__(self, places: Choices, organisers: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place_code"].choices = places  # type: ignore[attr-defined]  # a choice field
        self.fields["organiser"].choices = organisers  # type: ignore[attr-defined]  # a choice field


class FundForm(_Once):
    yuan = _yuan(_("金额（元）"))
    source = _text(_("资金来源"), 80, help_text=_("如：社区基金、街道专项、爱心企业捐赠。"))
    document = _text(_("文号"), 80, help_text=_("拨款文件或捐赠协议的编号。"))
    day = _day(_("到账日期"))


class PartnerForm(RedemptionForm):
    merchant = forms.TypedChoiceField(label=_("商户"), coerce=int)
    document = _text(_("协议"), 80, required=False, help_text=_("协议编号。"))
    valid_from = _day(_("开始日期"))
    valid_to = _day(_("截止日期"), _("协议到期后的第一天；长期的不填。"), required=False)

    def __init__(self, merchants: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["merchant"].choices = merchants  # type: ignore[attr-defined]  # a choice field


class ItemForm(_Versioned):
    name = _text(_("名称"), 60)
    kind = forms.ChoiceField(label=_("种类"), choices=ITEM_KINDS)
    about = _text(_("说明"), 300, required=False, rows=2)
    points = _whole(_("所需积分"), 1, 10**6, _("志愿者用多少积分兑换，和付给商户多少钱是两回事。"))
    merchant = forms.TypedChoiceField(
        label=_("在哪里领"), coerce=lambda text: int(text) if text else None, required=False, empty_value=None
    )
    yuan = _yuan(_("付给商户（元）"), _("每兑一件，项目资金付给商户多少；社区发放的填 0。"), least="0")
    most = _whole(_("每人每季度限兑"), 1, 1000, initial=1)
    place_code = forms.ChoiceField(label=_("谁可以兑换"))
    valid_from = _day(_("上架日期"))
    valid_to = _day(_("下架日期"), _("不再兑换的第一天；长期的不填。"), required=False)

    def __init__(self, places: Choices, merchants: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place_code"].choices = places  # type: ignore[attr-defined]  # a choice field
        self.fields["merchant"].choices = [("", _("社区居委会")), *merchants]  # type: ignore[attr-defined]  # a choice field


class DeliveryForm(_Once):
    pieces = _whole(_("数量"), 1, 10**6)
    day = _day(_("入库日期"))
    note = _text(_("说明"), 80, required=False)


class WriteOffForm(_Once):
    pieces = _whole(_("数量"), 1, 10**6)
    reason = _text(_("原因"), 80, help_text=_("如：破损、过期、遗失。"))


class VoidForm(RedemptionForm):
    reason = _text(_("作废的原因"), 200, rows=2)


class PayForm(RedemptionForm):
    paid_on = _day(_("付款日期"))
    document = _text(_("付款凭证"), 80, help_text=_("转账凭证或支付单的编号。"))


class DeskForm(_Once):
    """Who shows a card exchanges points at the desk."""

    card = _text(_("卡号"), 40, help_text=_("卡上印着的16位字母和数字，空格可以不打。"))
    item = forms.TypedChoiceField(label=_("兑换什么"), coerce=int)

    def __init__(self, items: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = items  # type: ignore[attr-defined]  # a choice field
        self.fields["card"].widget.attrs |= {"autocomplete": "off", "autocapitalize": "characters"}


class CardForm(RedemptionForm):
    card = _text(_("卡号"), 40, help_text=_("请持卡人再出示一次。"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["card"].widget.attrs |= {"autocomplete": "off", "autocapitalize": "characters"}

"""Words that scripts say: one place, so that they are translated with all the others."""

from __future__ import annotations

from django.utils.translation import gettext as _


def texts() -> dict[str, str]:
    """By the name the scripts use. Names in braces are put in there."""
    return {
        "offline": _("没有网络。这是 {time} 的内容，照常可以办，有网后自动发出。"),
        "waiting": _("{n} 件等待发出"),
        "sending": _("正在发出 …"),
        "kept": _("已存在手机里，有网后自动发出。"),
        "trouble": _("{n} 件没有办成，等您看一下"),
        "signed_out": _("登录过期了。{n} 件还在手机里，不会丢；重新登录后自动发出。"),
        "sign_in": _("去登录"),
        "look": _("去看看"),
        "send_now": _("现在发"),
        "failed": _("没有发出去：服务器出了问题。内容还在手机里，过一会儿自动再发。"),
        "full": _("手机存储满了，这一步没有存下，也没有发出。请别离开这一页：腾出空间或等有网时再按一次。"),
        "none": _("没有等待发出的。"),
        "done_list": _("刚刚发出的"),
        "state_waiting": _("等待发出"),
        "state_sending": _("正在发出"),
        "state_conflict": _("没有办成"),
        "state_refused": _("没有办成"),
        "state_gone": _("这件事您已看不到"),
        "your_words": _("您写的话"),
        "as_remark": _("作为内部留言发出"),
        "latest": _("看最新进展"),
        "discard": _("不要了"),
        "discard_sure": _("确定不要？再按一次"),
        "discard_waiting_sure": _("还没发出，确定不要？再按一次"),
        "clear_phone": _("清除手机里的内容"),
        "clear_sure": _("没发出的也会删掉，确定清除？再按一次"),
        "retry": _("再发一次"),
        "mend": _("改一改再发"),
        "held": _("前一步没有办成，这一步也没有发出。"),
        "other_account": _("这部手机里还有另一个账号没发出的 {n} 件。用那个账号登录后会自动发出。"),
        "discard_other": _("删掉另一个账号的 {n} 件"),
        "kept_pages": _("存有 {n} 页，断网时可以看；满一天或退出登录时自动清除。"),
        "remark": _("留言"),
        "at": _("{time} 办的"),
        "position_asking": _("正在取位置 …"),
        "position_taken": _("已附上这一次的位置。"),
        "position_refused": _("没有取到位置，可以不附。"),
        "position_drop": _("去掉位置"),
    }

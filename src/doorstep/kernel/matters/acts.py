"""Words for what is done to matters beside their steps."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.acts import name_acts

name_acts(
    {
        "matters.choose_message": _("选择通知方式"),
        "matters.remark": _("留言"),
        "matters.follow": _("关注"),
        "matters.unfollow": _("取消关注"),
        "matters.supervise": _("督办"),
        "matters.reply_supervision": _("回复督办"),
        "matters.close_supervision": _("结束督办"),
        "matters.attach": _("添加附件"),
        "matters.link": _("关联"),
        "matters.unlink": _("取消关联"),
        "matters.split": _("拆分"),
        "matters.erase_words": _("按期删除内容"),
        "matters.import_calendar": _("导入一年的日历"),
        "matters.set_term": _("设定时限"),
        "matters.set_retention": _("设定保存期限"),
    }
)

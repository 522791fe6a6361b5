"""Words for what the audit tells of cultural events."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.acts import name_acts, name_values

name_acts(
    {
        "culture.planned": _("策划文化活动"),
        "culture.event_changed": _("修改文化活动"),
        "culture.past_entered": _("补录办过的活动"),
        "culture.series_opened": _("设立活动系列"),
        "culture.series_changed": _("修改活动系列"),
        "culture.series_ended": _("终止活动系列"),
        "culture.purse_opened": _("设立活动经费"),
        "culture.purse_ended": _("停用活动经费"),
        "culture.granted": _("拨入活动经费"),
        "culture.spent": _("登记活动支出"),
        "culture.taken_back": _("冲销活动支出"),
        "culture.picture_added": _("上传活动照片"),
        "culture.picture_allowed": _("公开活动照片"),
        "culture.picture_asked_down": _("请求撤下照片"),
        "culture.picture_taken_down": _("撤下活动照片"),
        "culture.feedback_given": _("评价活动"),
        "culture.feedback_looked_at": _("查看活动留言"),
        "culture.feedback_forgotten": _("活动留言按期删除"),
    }
)

name_values(
    {
        "fen": _("金额（分）"),
        "voucher": _("凭证号"),
        "shown": _("公开"),
        "consent": _("同意"),
        "series_id": _("系列"),
    }
)

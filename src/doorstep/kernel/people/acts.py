"""Words for what is done to a person's record."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.acts import name_acts, name_values

name_acts(
    {
        "people.followed_grids": _("人员随网格调整"),
        "people.register": _("登记"),
        "people.correct": _("更正个人信息"),
        "people.consent": _("登记同意"),
        "people.withdraw": _("撤回同意"),
        "people.look_up": _("按号码找人"),
        "people.reveal": _("查看完整信息"),
        "people.access": _("本人查阅"),
        "people.erase": _("删除个人信息"),
        "people.reseal": _("重新加密"),
    }
)
name_values({"found": _("找到的人")})

"""Words for what the audit tells of the four lists."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.acts import name_acts

name_acts(
    {
        "partnership.resource_offered": _("登记资源"),
        "partnership.resource_changed": _("修改资源"),
        "partnership.resource_withdrawn": _("撤下资源"),
        "partnership.need_reworded": _("改写发布的需求"),
        "partnership.claimed": _("认领需求"),
        "partnership.claim_given_back": _("撤回认领"),
        "partnership.slips_issued": _("发评价条"),
        "partnership.rated": _("评价项目"),
    }
)

"""Words for the acts of the pages."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.acts import name_acts

name_acts(
    {
        "web.export": _("导出台账"),
        "web.import": _("导入表格"),
        "web.set_number": _("改规则值"),
        "web.job_again": _("后台任务再做一次"),
    }
)

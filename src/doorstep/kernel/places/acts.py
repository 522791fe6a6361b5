"""Words for what the audit tells of places."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.acts import name_acts, name_values

name_acts(
    {
        "places.area_added": _("登记地区"),
        "places.import_started": _("开始导入区划"),
        "places.import_finished": _("导入区划"),
        "places.grid_established": _("设立网格"),
        "places.grid_renamed": _("网格更名"),
        "places.grid_split": _("拆分网格"),
        "places.grid_merged": _("合并网格"),
        "places.grid_redrawn": _("重新划分网格"),
        "places.building_added": _("登记楼栋"),
        "places.building_moved": _("楼栋划入网格"),
        "places.building_edited": _("更正楼栋"),
        "places.compound_added": _("登记小区楼院"),
        "places.compound_moved": _("小区楼院随网格调整"),
        "places.venue_added": _("登记场所"),
        "places.venue_edited": _("更正场所"),
        "places.venue_moved": _("场所随网格调整"),
        "places.venue_closed": _("关闭场所"),
        "places.outline_laid": _("划定边界"),
    }
)
name_values({"position": _("位置")})

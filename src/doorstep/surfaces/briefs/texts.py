"""The brief's own words. `{key}` stands for an indicator's figure, with its sign where it is a share; `{place}` for the
place's name, `{since}` and `{on}` for the period.

Every sentence is one translatable text, so that another language may order its words as it likes.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Chapter:
    """One heading and its sentences. A figure nobody has recorded anything for says so in its place."""

    title: Promise
    sentences: tuple[Promise, ...]


TITLE = _("{place}“幸福新社区”建设情况简报")

CHAPTERS = (
    Chapter(
        _("一、组织引领"),
        (
            _(
                "{place}按照“社区党组织—网格党支部—楼栋党小组—党员中心户”四级链条设置组织，"
                "现有社区党组织 {chain.community_organisations} 个、网格党支部 {chain.grid_branches} 个。"
            ),
            _(
                "按照楼栋相邻、便于管理的原则，支部之下成立楼栋党小组 {chain.building_groups} 个；"
                "在居民信得过的党员家庭中确定党员中心户 {chain.member_households} 户，"
                "居民出门就能见到党员、遇事能找到组织。"
            ),
            _(
                "横向上同驻区单位共建：{partnership.partner_units} 家单位和组织签有共建协议，"
                "单位里的党员有 {partnership.part_time_commissioners} 人兼任社区党组织委员，组织关系留在原单位；"
                "协商议事、共同活动、督促反馈 {partnership.institutions} 项制度都在按期运行。"
            ),
            _(
                "居民需要什么、单位能出什么、办成哪些项目、由谁负责，列成 {partnership.lists} 张清单，从提出一直接到受益人评价；"
                "最近一年办成并经社区确认的服务项目 {partnership.projects_per_year} 个。"
            ),
            _(
                "新兴领域逐家摸清：{coverage.instructors} 名干部既驻企业又指导党建，一人两责；有党员的物业企业党组织覆盖率 {coverage.property_share}；"
                "还没有覆盖的 {coverage.gaps} 家，每一家都写明用什么办法、到哪一天。"
            ),
            _(
                "一个社区一个品牌，已公布 {coverage.brands} 个，写清为了什么、怎么做、效果如何；“四个一”帮扶中，"
                "{coverage.advanced_communities} 个社区的做法已经总结推开，{coverage.weak_communities} 个基础较弱的社区前后对比有了进步。"
            ),
        ),
    ),
    Chapter(
        _("二、先锋队伍"),
        (
            _(
                "围绕重大任务，设党员先锋岗 {vanguard.posts} 个，划党员责任区 {vanguard.responsibility_areas} 片，"
                "立先锋工程项目 {vanguard.projects} 个，人员、班次、结果都有记录。"
            ),
            _(
                "{since} 至 {on}，到社区报到并参加服务的在职党员 {vanguard.members_reporting} 人，服务居民 {vanguard.services} 人次，"
                "解决居民的实际困难 {vanguard.difficulties_solved} 件，每一件都由受助的人或者见证的人确认。"
            ),
        ),
    ),
    Chapter(
        _("三、网格力量"),
        (_("全域划分社区网格 {grids.grids} 个，配备专职网格员 {grids.workers} 人。"),),
    ),
    Chapter(
        _("四、接诉即办"),
        (
            _(
                "{since} 至 {on}，受理居民诉求 {requests.received} 件，其中当场办结占 {requests.on_the_spot}；"
                "解决居民难题 {requests.solved} 件，应居民要求重办 {requests.reopened} 次。"
            ),
            _(
                "同期有效回访 {requests.valid_call_backs} 次：响应率 {requests.response_rate}，"
                "解决率 {requests.resolution_rate}，满意率 {requests.satisfaction_rate}。"
            ),
            _("到 {on}，尚未办结 {requests.open} 件，其中超过期限 {requests.overdue} 件。"),
        ),
    ),
)

BREAKS_TITLE = _("五、需要补齐的环节")
NO_BREAKS = _("截至统计日，四级链条各环节齐全，没有发现断点。")
BREAKS = _("截至统计日，系统发现空缺和断点 {count} 处：")
NOTE = _(
    "统计口径：存量为 {on} 当日数，增量自 {since} 起计算；{compared}全部数字由系统于 {made} 从业务记录实时计算，"
    "没有一个是填报的，点开任一数字即可看到构成它的记录。"
)
NOTE_COMPARED = _("括号中为对比期（{since} 至 {day}）的数；")
UNKNOWN = _("暂无记录")

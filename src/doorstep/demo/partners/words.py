"""What partner units of the demo are called, what they agree, bring, resolve and do: plainly made up."""

from __future__ import annotations

# kind of unit, what such units are called, how many of each eighteen
KINDS: tuple[tuple[str, str, int], ...] = (
    ("company", "科技有限公司", 6), ("merchant", "便利店", 3), ("social_organisation", "公益服务中心", 3),
    ("public_institution", "学校", 2), ("company", "银行支行", 2), ("public_institution", "卫生服务站", 1),
    ("property_company", "物业服务有限公司", 1),
)  # fmt: skip
FRONT = "海云星林松柏桥港湾岭石泉"
BACK = "韵帆桥岸源山光禾舟涛景和"
ABOUT = (
    "开放会议室和停车位，参加社区值守", "每季度办一次义诊和健康讲座", "节假日慰问困难家庭，提供助学物资",
    "提供活动场地和志愿者，办公益课堂", "派技术人员检修老旧线路，讲安全知识", "为老人提供低偿家政和配餐",
)  # fmt: skip
TOPICS = (
    "晚间共享停车位", "小区快递车辆占道", "楼道灯不亮", "暑期孩子没人看", "老人看病取药不便", "广场舞音量", "旧家电没处放",
    "电动车充电", "门前花坛无人养护", "学校门口早晚拥堵", "沿街油烟", "雨后地下室积水",
)  # fmt: skip
RESOLVED = (
    "腾出夜间车位向居民开放", "划出临时装卸区并派人引导", "检修并更换楼道灯", "办暑期托管班，每周五天", "每月上门送药一次",
    "与活动队约定时间和音量", "设旧物回收点，每周清一次", "装两处充电桩", "认养门前花坛", "早晚高峰派志愿者疏导", "清洗油烟管道",
    "疏通雨水管并装挡水板",
)  # fmt: skip
HANDLED = ("按约定办完，社区到现场看过。", "已完成，居民反映好。", "已落实，并列入每月检查。")
ACTIVITIES: tuple[tuple[str, str], ...] = (
    ("health", "联合义诊"), ("safety", "消防安全进社区"), ("festival", "邻里节联欢"), ("learning", "手机课堂"),
    ("environment", "楼院大扫除"), ("care", "慰问困难家庭"), ("service", "便民服务集市"),
)  # fmt: skip
AIMS = (
    "把群众反映多的几件小事办好",
    "帮社区添设施、补短板",
    "送政策、送服务、送资源到楼院",
    "一起办好一老一小的事",
)
PLANNED = (
    "走访一遍困难家庭",
    "办一场政策讲解",
    "帮社区解决一件急难事",
    "共建一处便民设施",
    "开展一次主题党日",
)
DEEDS = (
    ("visit", "走访困难家庭，记下诉求"), ("deed", "办政策讲解会"), ("deed", "协调修好一段破损路面"), ("visit", "到楼院听居民意见"),
    ("deed", "捐赠图书和桌椅"), ("deed", "组织党员义务劳动"), ("visit", "与社区商量下季度安排"),
)  # fmt: skip


def unit_name(number: int, what: str) -> str:
    """示例海韵科技有限公司（12）… all different: the number stands in each."""
    return f"示例{FRONT[number % len(FRONT)]}{BACK[number // len(FRONT) % len(BACK)]}{what}（{number + 1}号）"


def kind_of(number: int) -> tuple[str, str]:
    """The kind of the unit with this number, and what it is called."""
    place = number % sum(count for _kind, _what, count in KINDS)
    for kind, what, count in KINDS:
        if place < count:
            return kind, what
        place -= count
    raise AssertionError("the counts add up")

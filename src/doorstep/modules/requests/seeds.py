"""The first list of an urban district: items, where reports go, terms and numbers. All of it is configuration.

Loaded by a migration for the home district; later changes are rows with their own dates. Sources are local practice of
other places unless a law is named: check each against the district's own documents.
"""

from __future__ import annotations

from datetime import date

FROM = date(2024, 1, 1)
GRID = "网格事项清单，街道社区可调整（《滨州市社会治理网格化服务管理条例》第十条，作参照）"
AWAY = "不属网格受理范围的，告知去处（《北京市接诉即办工作条例》第十一条，作参照）"

# class, code, name, words that point to it, urgency
ITEMS: list[tuple[str, str, str, str, str]] = [
    ("environment", "env.lamp", "路灯楼道灯不亮", "路灯 楼道灯 感应灯 灯泡 不亮 漆黑 照明", "normal"),
    ("environment", "env.garbage", "垃圾清运不及时", "垃圾 垃圾桶 清运 满了 臭味 厨余 分类", "normal"),
    ("environment", "env.bulky", "大件建筑垃圾堆放", "建筑垃圾 装修垃圾 渣土 沙发 大件 旧家具", "normal"),
    ("environment", "env.corridor", "楼道堆物", "楼道 堆物 杂物 纸箱 堆放 走廊", "normal"),
    ("environment", "env.road", "道路破损", "路面 坑洼 破损 塌陷 地砖 台阶 人行道", "normal"),
    ("environment", "env.manhole", "井盖缺失破损", "井盖 窨井 松动 缺失", "urgent"),
    ("environment", "env.sewer", "下水管道堵塞外溢", "下水 污水 堵塞 外溢 反水 管道 化粪池", "urgent"),
    ("environment", "env.flood", "积水内涝", "积水 内涝 排水 雨水 淹", "urgent"),
    ("environment", "env.snow", "积雪结冰", "积雪 结冰 除雪 路滑 铲雪", "urgent"),
    ("environment", "env.tree", "树木绿地养护", "树枝 修剪 绿化 草坪 枯树 毁绿 种菜", "normal"),
    ("environment", "env.ads", "小广告乱张贴", "小广告 张贴 涂写 喷涂", "normal"),
    ("environment", "env.stall", "占道经营", "占道 摆摊 商贩 流动 烧烤摊", "normal"),
    ("environment", "env.noise", "噪声扰民", "噪音 噪声 施工 音响 广场舞 扰民", "normal"),
    ("environment", "env.fumes", "油烟异味", "油烟 异味 烟道 饭店 气味", "normal"),
    ("environment", "env.pets", "犬只宠物扰民", "狗 遛狗 犬吠 狗绳 粪便 流浪狗 流浪猫", "normal"),
    ("environment", "env.parking", "车辆乱停放", "停车 乱停 堵车 车位 僵尸车 挡路", "normal"),
    ("environment", "env.bikes", "共享单车乱停放", "共享单车 单车 自行车", "normal"),
    ("environment", "env.fitness", "健身休闲设施损坏", "健身器材 座椅 长椅 凉亭 滑梯", "normal"),
    ("environment", "env.pests", "蚊蝇鼠患", "老鼠 蟑螂 蚊子 苍蝇 消杀 白蚁", "normal"),
    ("environment", "env.toilet", "公共厕所管理", "公厕 厕所 没水 洗手", "normal"),
    ("safety", "safe.firelane", "消防通道堵塞", "消防通道 消防车 堵塞 占用 生命通道", "urgent"),
    ("safety", "safe.fireequipment", "消防设施缺损", "灭火器 消火栓 烟感 消防栓 应急灯", "urgent"),
    ("safety", "safe.ebike", "电动车违规充电停放", "电动车 电瓶车 飞线 充电 电瓶", "urgent"),
    ("safety", "safe.gas", "燃气安全隐患", "燃气 煤气 漏气 液化气 煤气味", "emergency"),
    ("safety", "safe.wires", "电线线缆隐患", "电线 线缆 裸露 垂落 漏电 电线杆 网线", "urgent"),
    ("safety", "safe.facade", "外墙高空坠落隐患", "外墙 脱落 瓷砖 广告牌 坠落 空调外机", "urgent"),
    ("safety", "safe.throwing", "高空抛物", "高空抛物 抛物 扔烟头 楼上扔", "urgent"),
    ("safety", "safe.building", "房屋结构隐患", "裂缝 危房 承重墙 倾斜 房屋 挡土墙", "urgent"),
    ("safety", "safe.lift", "电梯故障", "电梯 困人 停运 异响", "urgent"),
    ("safety", "safe.illegalbuilding", "违法建设", "违建 私搭 乱建 搭建 阳光房 圈占", "normal"),
    ("security", "sec.rental", "群租房出租房隐患", "群租 出租房 租客 隔断 日租房", "normal"),
    ("security", "sec.theft", "被盗可疑人员", "小偷 被盗 可疑 盗窃 撬", "urgent"),
    ("security", "sec.fraud", "电信诈骗线索", "诈骗 骗子 转账 刷单 冒充", "urgent"),
    ("security", "sec.gate", "门禁监控损坏", "门禁 监控 单元门 大门 摄像头 道闸", "normal"),
    ("security", "sec.gambling", "赌博扰序线索", "赌博 棋牌 麻将 打牌", "normal"),
    ("dispute", "disp.neighbour", "邻里纠纷", "邻居 邻里 争吵 漏水纠纷 楼上", "normal"),
    ("dispute", "disp.family", "婚姻家庭纠纷", "夫妻 离婚 赡养 婆媳 家庭 吵架", "normal"),
    ("dispute", "disp.violence", "家庭暴力", "家暴 打人 殴打 打老婆 打孩子", "emergency"),
    ("dispute", "disp.property", "物业服务纠纷", "物业 物业费 不作为 保洁 保安", "normal"),
    ("dispute", "disp.owners", "业委会与公共收益", "业委会 公共收益 维修基金 业主大会 公示", "normal"),
    ("dispute", "disp.consumer", "消费纠纷", "退款 充值 健身房 跑路 商家 预付卡", "normal"),
    ("dispute", "disp.wages", "欠薪劳动纠纷", "欠薪 工资 拖欠 劳动 合同 工钱", "normal"),
    ("livelihood", "live.water", "停水水压水质", "停水 水压 水质 自来水 发黄 二次供水", "urgent"),
    ("livelihood", "live.power", "停电用电故障", "停电 跳闸 断电 电表 电压", "urgent"),
    ("livelihood", "live.heating", "供暖不热", "供暖 暖气 不热 暖气片 供热 温度", "urgent"),
    ("livelihood", "live.leak", "房屋漏水渗水", "漏水 渗水 屋顶 防水 滴水 返潮", "normal"),
    ("livelihood", "live.benefits", "低保救助", "低保 救助 困难 临时救助 补助", "normal"),
    ("livelihood", "live.medical", "医保社保办理", "医保 社保 养老金 认证 报销 缴费", "normal"),
    ("livelihood", "live.certificate", "证明盖章代办", "证明 盖章 居住证 代办 材料", "normal"),
    ("livelihood", "live.school", "入学托育", "入学 学区 幼儿园 托管 孩子上学", "normal"),
    ("livelihood", "live.job", "就业帮扶", "就业 找工作 失业 招聘 培训", "normal"),
    ("livelihood", "live.housing", "公租房旧房改造加装电梯", "公租房 老旧小区 改造 加装电梯 补贴 拆迁", "normal"),
    ("livelihood", "live.meal", "助餐养老服务", "食堂 助餐 养老 送餐 日间照料 老年餐", "normal"),
    ("care", "care.elder", "独居老人关照", "独居 老人 空巢 没人照顾 敲门", "urgent"),
    ("care", "care.disabled", "残疾人帮扶", "残疾 轮椅 无障碍 坡道 盲道", "normal"),
    ("care", "care.child", "困境儿童关爱", "留守 儿童 未成年 没人管 孩子独自", "urgent"),
    ("care", "care.mental", "精神障碍患者服务", "精神 发病 服药 情绪失控 自言自语", "urgent"),
    ("care", "care.veteran", "退役军人优抚服务", "退役 军人 退伍 优抚 老兵", "normal"),
    ("emergency", "emer.accident", "突发险情", "倒塌 爆炸 触电 溺水 受伤 险情 着火", "emergency"),
    ("emergency", "emer.lost", "人员走失", "走失 走丢 失踪 不见了 认知症", "emergency"),
    ("opinion", "op.suggestion", "社区建设建议", "建议 希望 能不能 增设 改进", "normal"),
    ("opinion", "op.service", "工作作风与服务态度", "态度 推诿 敷衍 投诉 踢皮球 工作人员", "normal"),
    ("opinion", "op.thanks", "表扬感谢", "感谢 表扬 谢谢 点赞 锦旗", "normal"),
    ("publicity", "pub.policy", "政策咨询", "咨询 政策 怎么办理 条件 请问", "normal"),
    ("publicity", "pub.activity", "社区活动咨询", "活动 报名 志愿 讲座 时间 义诊", "normal"),
    ("other", "other.other", "其他", "", "normal"),
]  # fmt: skip
SEALED = {"disp.violence", "disp.family", "care.mental", "care.child", "op.service", "live.benefits"}

# What is not taken here, and who does it.
ELSEWHERE: list[tuple[str, str, str, str, str]] = [
    ("emergency", "away.alarm", "正在发生的警情火情急救", "报警 火警 急救 救护车", "请立即拨打 110、119 或 120"),
    ("other", "away.court", "已进入诉讼仲裁复议的", "法院 起诉 判决 仲裁 上诉", "请向受理的法院、仲裁机构或者复议机关反映"),
    ("other", "away.petition", "已由信访受理的", "信访 上访 信访局", "请向受理的信访部门查询"),
]  # fmt: skip

# class, item, urgency, kind of unit, reason
RULES: list[tuple[str, str, str, str, str]] = [
    ("", "", "", "residents_committee", "就近受理：所在社区先接"),
    ("", "", "emergency", "street_office", "特急事项由街道直接接，社区同时到场"),
    ("", "env.manhole", "", "street_office", "道路井盖由街道统一对接权属单位"),
    ("", "env.road", "", "street_office", "市政道路由街道统一对接"),
    ("", "safe.illegalbuilding", "", "street_office", "违法建设由街道综合执法队查处"),
    ("", "env.stall", "", "street_office", "占道经营由街道综合执法队处理"),
    ("", "op.service", "", "street_office", "反映工作作风的，由上一级受理"),
]  # fmt: skip

LIMIT = "平台默认时限，参照各地接诉即办和网格事件办理时限；以本区文件为准，可按起效日期调整"
# class → (respond, resolve) when normal; the same for all urgent and all emergency ones
NORMAL: dict[str, tuple[tuple[int, str], tuple[int, str]]] = {
    "dispute": ((1, "working_days"), (30, "natural_days")), "security": ((24, "hours"), (5, "working_days")),
    "safety": ((24, "hours"), (3, "working_days")), "environment": ((1, "working_days"), (7, "natural_days")),
    "livelihood": ((1, "working_days"), (7, "natural_days")), "care": ((1, "working_days"), (5, "working_days")),
    "opinion": ((2, "working_days"), (15, "natural_days")), "emergency": ((2, "hours"), (24, "hours")),
    "publicity": ((1, "working_days"), (3, "working_days")), "other": ((1, "working_days"), (7, "natural_days")),
}  # fmt: skip
URGENT = ((4, "hours"), (3, "working_days"))
EMERGENCY = ((1, "hours"), (24, "hours"))
WHISTLE = ((2, "working_days"), (15, "natural_days"))


def limits() -> list[dict[str, object]]:
    """Terms by class and urgency, as values of TimeLimit."""
    rows = [("request", kind, "", terms) for kind, terms in NORMAL.items()]
    rows += [("request", kind, "urgent", URGENT) for kind in NORMAL]
    rows += [("request", kind, "emergency", EMERGENCY) for kind in NORMAL]
    rows.append(("whistle", "", "", WHISTLE))
    return [
        {"kind": kind, "category": category, "urgency": urgency, "clock": clock, "amount": amount,
         "measure": measure, "clause": LIMIT, "valid_from": FROM}
        for kind, category, urgency, terms in rows
        for clock, (amount, measure) in zip(("respond", "resolve"), terms, strict=True)
    ]  # fmt: skip


PLATFORM = "本平台约定，可调整"
VALUES: list[tuple[str, object, str]] = [
    ("duplicates.metres", 150, f"同一件事的距离（{PLATFORM}）"),
    ("duplicates.days", 14, f"同一件事的时间间隔（{PLATFORM}）"),
    ("duplicates.likeness", 0.3, f"文字相近的程度，0 到 1（{PLATFORM}）"),
    ("suggestion.least", 0.35, f"按文字判断事项的最低把握，0 到 1（{PLATFORM}）"),
    ("sample.share", 0.1, f"当场办结未核实的，每月抽取回访的比例（{PLATFORM}）"),
    ("sample.least", 3, f"每个社区每月至少抽取的件数（{PLATFORM}）"),
    ("reopen.days", 30, f"结案后多少天内可以要求重办（{PLATFORM}）"),
    ("rates.basically", 0.9, "基本满意按 0.9 计入满意率（一地公开的做法，以本区文件为准）"),
    (
        "rates.composite",
        [0.1, 0.5, 0.4],
        "综合成绩中响应、解决、满意的权重（一地公开的做法，以本区文件为准）",
    ),
    ("rates.public_least", 10, f"公开时有效回访不足此数的不显示（{PLATFORM}）"),
]


def items(place_code: str) -> list[dict[str, object]]:
    """The list as values of EventItem for a district."""
    taken = [
        {"place_code": place_code, "event_class": kind, "code": code, "name": name, "words": words.split(),
         "urgency": urgency, "confidentiality": "sealed" if code in SEALED else "internal", "clause": GRID,
         "valid_from": FROM}
        for kind, code, name, words, urgency in ITEMS
    ]  # fmt: skip
    return taken + [
        {"place_code": place_code, "event_class": kind, "code": code, "name": name, "words": words.split(),
         "is_grid_work": False, "elsewhere": elsewhere, "clause": AWAY, "valid_from": FROM}
        for kind, code, name, words, elsewhere in ELSEWHERE
    ]  # fmt: skip


def rules(place_code: str) -> list[dict[str, object]]:
    """Where reports go, as values of RoutingRule for a district."""
    return [
        {"place_code": place_code, "event_class": kind, "item": item, "urgency": urgency, "unit_kind": unit_kind,
         "reason": reason, "valid_from": FROM}
        for kind, item, urgency, unit_kind, reason in RULES
    ]  # fmt: skip

"""The first list of an urban district: items, where reports go, terms and numbers. All of it is configuration.

Loaded by a migration for the home district, and by `services_lists.first_lists` for another; later changes are rows with their own dates. Sources are local practice of
other places unless a law is named: check each against the district's own documents.
"""

from __future__ import annotations

from datetime import date

from doorstep.kernel.matters.laws import ANSWER, ARRIVE, CHECK, RESOLVE, RESPOND, RESUME

FROM = date(2024, 1, 1)
GRID = "网格事项清单，街道社区可调整（《滨州市社会治理网格化服务管理条例》第十条，作参照）"
AWAY = "不属网格受理范围的，告知去处（《北京市接诉即办工作条例》第十一条，作参照）"

# class, code, name, words that point to it, urgency
ITEMS: list[tuple[str, str, str, str, str]] = [
    ("environment", "env.lamp", "路灯楼道灯不亮", "路灯 楼道灯 感应灯 声控灯 灯泡 灯杆 照明 不亮 漆黑 灯坏 没有灯 黑灯瞎火 灯光 一直闪 照明灯", "normal"),
    ("environment", "env.garbage", "垃圾清运不及时", "垃圾 垃圾桶 垃圾箱 垃圾房 清运 生活垃圾 厨余 分类 臭味 桶满 环卫 垃圾站 扔在外面 垃圾袋 满了 堆成山 臭气", "normal"),
    ("environment", "env.bulky", "大件建筑垃圾堆放", "建筑垃圾 装修垃圾 渣土 沙发 大件 旧家具 床垫 废料 建筑废料 砖头 水泥袋 石渣 碎石 旧柜子 大衣柜 拆下来的 门窗 偷倒", "normal"),
    ("environment", "env.corridor", "楼道堆物", "堆物 杂物 纸箱 走廊 过道 鞋柜 楼梯平台 楼梯拐角 废纸壳 瓶子 堆满 楼道里堆 楼道堆 公共过道 堆放", "normal"),
    ("environment", "env.road", "道路破损", "路面 坑洼 坑坑洼洼 破损 塌陷 塌了 地砖 方砖 台阶缺 人行道地砖 路沿石 沥青 开裂 道路 不平 坡道 大坑 小坑 路不平 翘起", "normal"),
    ("environment", "env.manhole", "井盖缺失破损", "井盖 窨井 雨水井 污水井盖 电信井 井口 井圈 盖子", "urgent"),
    ("environment", "env.sewer", "下水管道堵塞外溢", "下水 下水道 污水 外溢 反水 返水 化粪池 粪水 脏水 排污 管道堵 主管道 管网 堵塞 疏通 冒水 下水不通 返脏水", "urgent"),
    ("environment", "env.flood", "积水内涝", "积水 内涝 排水 雨水 暴雨 进水 淹 水坑 雨水篦子 大水 下雨就 排水沟 水排不出", "urgent"),
    ("environment", "env.snow", "积雪结冰", "积雪 结冰 除雪 路滑 铲雪 扫雪 下雪 冰溜 冻成冰 打滑 撒盐 雪 冰面 雪没", "urgent"),
    ("environment", "env.tree", "树木绿地养护", "树枝 修剪 绿化 草坪 枯树 毁绿 种菜 大树 杨树 飞絮 绿地 花坛 灌木 树苗 浇水 养护 绿化带 杂草 砍树", "normal"),
    ("environment", "env.ads", "小广告乱张贴", "小广告 张贴 涂写 喷涂 传单 涂鸦 牛皮癣 小卡片 办证 贴满 广告纸 喷上 贴小广告 刷小广告 招租信息 贴的", "normal"),
    ("environment", "env.stall", "占道经营", "占道 摆摊 商贩 流动 烧烤摊 摊子 摊位 早市 夜市 早餐摊 货架 卖菜 卖货 水果车 占道经营 摊贩 桌椅摆 小贩 出摊", "normal"),
    ("environment", "env.noise", "噪声扰民", "噪音 噪声 施工 音响 广场舞 打桩 大喇叭 电钻 装修 KTV 低音炮 轰鸣 轰轰响 嗡嗡 半夜放歌 吵得睡不着 吵到 声音太大 扰民 音乐", "normal"),
    ("environment", "env.fumes", "油烟异味", "油烟 异味 烟道 饭店 气味 刺鼻 串味 排烟 呛 火锅店 烧烤店 怪味 熏 净化 烟味 焦味", "normal"),
    ("environment", "env.pets", "犬只宠物扰民", "狗 遛狗 犬 犬吠 狗绳 粪便 流浪狗 流浪猫 猫 宠物 拴绳 狗屎 嘴套 养鸡 公鸡 鹅 狗叫", "normal"),
    ("environment", "env.parking", "车辆乱停放", "停车 乱停 堵车 车位 僵尸车 挡路 地锁 私家车 货车 面包车 占车位 停在 车辆 会车 外来车 车堵 停满车 挪车", "normal"),
    ("environment", "env.bikes", "共享单车乱停放", "共享单车 单车 自行车 小黄车 电单车 共享电单车 骑车 废弃自行车", "normal"),
    ("environment", "env.fitness", "健身休闲设施损坏", "健身器材 健身 座椅 长椅 凉亭 滑梯 秋千 篮球架 乒乓球 漫步机 石凳 单杠 压腿 跷跷板 器材", "normal"),
    ("environment", "env.pests", "蚊蝇鼠患", "老鼠 蟑螂 蚊子 蚊虫 苍蝇 消杀 白蚁 灭鼠 灭蟑 马蜂 马蜂窝 打药 虫子 鼠", "normal"),
    ("environment", "env.toilet", "公共厕所管理", "公厕 厕所 卫生间冲水 蹲位 冲水 公共卫生间 女厕 男厕 洗手池 方便", "normal"),
    ("safety", "safe.firelane", "消防通道堵塞", "消防通道 消防车 救火车 生命通道 消防车道 安全出口 疏散通道 逃生 防火门 登高面 应急车道 疏散 逃生门", "urgent"),
    ("safety", "safe.fireequipment", "消防设施缺损", "灭火器 消火栓 烟感 消防栓 应急灯 消防箱 喷淋 水带 消防泵 疏散指示 灯牌 消防设施 消防器材", "urgent"),
    ("safety", "safe.ebike", "电动车违规充电停放", "电动车 电瓶车 飞线 充电 电瓶 电动自行车 充电棚 代步车 电池 推进家 上楼充电 拉线", "urgent"),
    ("safety", "safe.gas", "燃气安全隐患", "燃气 煤气 漏气 液化气 煤气味 天然气 煤气罐 臭鸡蛋 燃气管 煤气管 软管 煤气表 罐", "emergency"),
    ("safety", "safe.wires", "电线线缆隐患", "电线 线缆 裸露 垂落 漏电 电线杆 网线 光缆 电缆 高压线 配电箱 火花 打火 光纤 线杆", "urgent"),
    ("safety", "safe.facade", "外墙高空坠落隐患", "外墙 脱落 瓷砖 广告牌 坠落 空调外机 墙皮 外机支架 幕墙 招牌 水泥块 屋檐 护栏 保温层 往下掉 掉下来 松动", "urgent"),
    ("safety", "safe.throwing", "高空抛物", "高空抛物 抛物 扔烟头 楼上扔 从楼上 往下扔 花盆 从天而降 抛垃圾 丢下来 扔下来 高层 泼水 扔酒瓶", "urgent"),
    ("safety", "safe.building", "房屋结构隐患", "裂缝 危房 承重墙 倾斜 房屋 挡土墙 下沉 地基 房梁 木梁 院墙 预制板 开裂 歪了 裂开 墙体 要塌", "urgent"),
    ("safety", "safe.lift", "电梯故障", "电梯 困人 停运 异响 客梯 按钮 困在 电梯门 年检 夹人 电梯坏 轿厢 楼层", "urgent"),
    ("safety", "safe.illegalbuilding", "违法建设", "违建 私搭 乱建 搭建 阳光房 圈占 违章建筑 彩钢房 加盖 搭棚 盖了 扩出 圈起来 私自盖 改成门市 加层 封阳台 砌墙 违法建设", "normal"),
    ("security", "sec.rental", "群租房出租房隐患", "群租 出租房 租客 隔断 日租房 民宿 出租屋 合租 床位 房东 租房 出租 转租 短租", "normal"),
    ("security", "sec.theft", "被盗可疑人员", "小偷 被盗 可疑 盗窃 撬 被偷 偷了 丢了 踩点 陌生人 被砸 偷走 总丢 鬼鬼祟祟", "urgent"),
    ("security", "sec.fraud", "电信诈骗线索", "诈骗 骗子 转账 刷单 冒充 被骗 保健品 骗 理财 推销 链接 汇款 转钱 传销 假药 上当", "urgent"),
    ("security", "sec.gate", "门禁监控损坏", "门禁 监控 单元门 大门 摄像头 道闸 对讲 门锁 人脸识别 闭门器 围栏 楼宇门 单元门坏 保安亭 进出 刷卡", "normal"),
    ("security", "sec.gambling", "赌博扰序线索", "赌博 棋牌 麻将 打牌 赌 赌钱 老虎机 赌场 打麻将 牌九 斗地主 赢钱 下注 棋牌室", "normal"),
    ("dispute", "disp.neighbour", "邻里纠纷", "邻居 邻里 争吵 楼上天天 隔壁 对门 理论 互相 赔 两家 调解邻里 楼上漏水泡 不肯 吵起来 楼下邻居", "normal"),
    ("dispute", "disp.family", "婚姻家庭纠纷", "夫妻 离婚 赡养 婆媳 家庭 吵架 抚养费 儿媳 分家 房产 两口子 姐妹 兄弟 前夫 前妻 子女不", "normal"),
    ("dispute", "disp.violence", "家庭暴力", "家暴 打人 殴打 打老婆 打孩子 被打 打伤 喊救命 动手打 打骂 皮带 家庭暴力 威胁 打我", "emergency"),
    ("dispute", "disp.property", "物业服务纠纷", "物业 物业费 不作为 保洁 保安 物业公司 报修 管家 撤场 收了费", "normal"),
    ("dispute", "disp.owners", "业委会与公共收益", "业委会 公共收益 维修基金 业主大会 公示 维修资金 业主委员会 换届 广告收入 账目 投票 停车费收入 收入公开", "normal"),
    ("dispute", "disp.consumer", "消费纠纷", "退款 充值 健身房 跑路 商家 预付卡 退钱 年卡 办卡 会员 退费 定金 过期 假货 退课 发票 消费 不退 退不", "normal"),
    ("dispute", "disp.wages", "欠薪劳动纠纷", "欠薪 工资 拖欠 劳动 合同 工钱 包工头 加班费 辞退 血汗钱 保险 打工 干活 欠我钱 老板", "normal"),
    ("livelihood", "live.water", "停水水压水质", "停水 水压 水质 自来水 发黄 二次供水 没水 水龙头 水箱 水表 没有水 供水 水管冻 总阀", "urgent"),
    ("livelihood", "live.power", "停电用电故障", "停电 跳闸 断电 电表 电压 没电 变压器 供电 电费 用电 来电", "urgent"),
    ("livelihood", "live.heating", "供暖不热", "供暖 暖气 不热 暖气片 供热 温度 地热 室温 热力 停暖 冰凉 退费 供暖费", "urgent"),
    ("livelihood", "live.leak", "房屋漏水渗水", "漏水 渗水 屋顶 防水 滴水 返潮 漏雨 发霉 屋面 天沟 接水 顶楼漏 雨水渗", "normal"),
    ("livelihood", "live.benefits", "低保救助", "低保 救助 困难 临时救助 补助 特困 慰问金 补贴 生活困难 大病 救济 没收入 日子过不下去", "normal"),
    ("livelihood", "live.medical", "医保社保办理", "医保 社保 养老金 认证 报销 缴费 退休 医保卡 参保 门诊 慢病 养老保险 资格认证 断缴", "normal"),
    ("livelihood", "live.certificate", "证明盖章代办", "证明 盖章 居住证 代办 材料 上户口 开证明 户口本 老年证 执照 公证 跑了两趟 手续", "normal"),
    ("livelihood", "live.school", "入学托育", "入学 学区 幼儿园 托管 孩子上学 小学 转学 托班 托育 上幼儿园 小升初 放学 暑期 学校 学位", "normal"),
    ("livelihood", "live.job", "就业帮扶", "就业 找工作 失业 招聘 培训 下岗 岗位 学手艺 应聘 找份活 找活 技能 上岗", "normal"),
    ("livelihood", "live.housing", "公租房旧房改造加装电梯", "公租房 老旧小区 改造 加装电梯 补贴 拆迁 廉租房 旧改 装电梯 动迁 保温改造 棚改", "normal"),
    ("livelihood", "live.meal", "助餐养老服务", "食堂 助餐 养老 送餐 日间照料 老年餐 餐点 护理 助浴 养老院 床位 吃饭 老人餐 午饭 配餐", "normal"),
    ("care", "care.elder", "独居老人关照", "独居 空巢 没人照顾 敲门 孤寡 老人 失能 老爷子 老太太 呼叫器 没人应 老伴 探望", "urgent"),
    ("care", "care.disabled", "残疾人帮扶", "残疾 轮椅 无障碍 坡道 盲道 残疾证 盲人 聋哑 肢残 助听器 视障 残疾人", "normal"),
    ("care", "care.child", "困境儿童关爱", "留守 儿童 未成年 没人管 孩子独自 孤儿 单亲 爸妈 父母在外 小孩 流浪 辍学 没上学 锁在家", "urgent"),
    ("care", "care.mental", "精神障碍患者服务", "精神 发病 服药 情绪失控 自言自语 犯病 抑郁 停药 精神病 患者 发疯 砸门 胡言乱语 不想活", "urgent"),
    ("care", "care.veteran", "退役军人优抚服务", "退役 军人 退伍 优抚 老兵 光荣牌 优待证 烈属 军属 转业 参军 抚恤 优待金 士兵", "normal"),
    ("emergency", "emer.accident", "突发险情", "倒塌 爆炸 触电 溺水 受伤 险情 着火 起火 冒烟 坠下 掉进 晕倒 不省人事 浓烟 脚手架 撞 救人 火灾", "emergency"),
    ("emergency", "emer.lost", "人员走失", "走失 走丢 失踪 不见了 认知症 没回来 痴呆 找不到家 失联 找不到大人 迷路 失忆", "emergency"),
    ("opinion", "op.suggestion", "社区建设建议", "建议 希望 能不能 增设 改进 提议 可不可以 应该 增加 最好 多搞 开设", "normal"),
    ("opinion", "op.service", "工作作风与服务态度", "态度 推诿 敷衍 投诉 踢皮球 工作人员 办事员 爱搭不理 没人管 来回 不作为 玩手机 训斥 没音信 工作作风 推来推去", "normal"),
    ("opinion", "op.thanks", "表扬感谢", "感谢 表扬 谢谢 点赞 锦旗 辛苦了 好评 感动 称赞 救了", "normal"),
    ("publicity", "pub.policy", "政策咨询", "咨询 政策 怎么办理 条件 请问 怎么申请 津贴 落户 公积金 登记 规定 补助标准 办理流程", "normal"),
    ("publicity", "pub.activity", "社区活动咨询", "活动 报名 志愿 讲座 时间 义诊 几点 参加 名额 电影 比赛 志愿者 运动会 老年大学 兴趣班 合唱", "normal"),
    ("other", "other.other", "其他", "捡到 拾到 登录 打不开 转交 门牌 账号 快递柜 钥匙 借用 丢失物品 页面", "normal"),
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
]

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
# kind, urgency → how long somebody else may take to look at what was done; how long a pause may last at most
CHECKS: list[tuple[str, str, int, str]] = [
    ("request", "", 2, "working_days"), ("request", "urgent", 1, "working_days"), ("request", "emergency", 24, "hours"),
    ("whistle", "", 3, "working_days"),
]  # fmt: skip
PAUSES: list[tuple[str, str, int, str]] = [("request", "", 30, "natural_days")]
# urgency → (respond, resolve, check, arrive) of a whistle, where it is more than normal; arrival without a time given
URGENT_WHISTLES: dict[str, tuple[tuple[int, str], ...]] = {
    "urgent": ((4, "hours"), (7, "natural_days"), (1, "working_days"), (1, "working_days")),
    "emergency": ((1, "hours"), (3, "natural_days"), (24, "hours"), (2, "hours")),
}
ARRIVAL = (2, "working_days")
ANSWERS: list[tuple[str, int, str]] = [
    ("", 1, "working_days"),
    ("urgent", 4, "hours"),
    ("emergency", 2, "hours"),
]


def limits() -> list[dict[str, object]]:
    """Terms by class and urgency, as values of TimeLimit."""
    rows = [("request", kind, "", terms) for kind, terms in NORMAL.items()]
    rows += [("request", kind, "urgent", URGENT) for kind in NORMAL]
    rows += [("request", kind, "emergency", EMERGENCY) for kind in NORMAL]
    rows.append(("whistle", "", "", WHISTLE))
    return [
        _limit(kind, category, urgency, clock, amount, measure)
        for kind, category, urgency, terms in rows
        for clock, (amount, measure) in zip((RESPOND, RESOLVE), terms, strict=True)
    ]


def limits_of_pauses() -> list[dict[str, object]]:
    """Terms of what runs while the promise to settle pauses, as values of TimeLimit."""
    return [
        _limit(kind, "", urgency, clock, amount, measure)
        for clock, rows in ((CHECK, CHECKS), (RESUME, PAUSES))
        for kind, urgency, amount, measure in rows
    ]


def limits_of_arrivals() -> list[dict[str, object]]:
    """Terms of whistles by urgency, of arrivals, and of the answer to who asks for more; as values of TimeLimit."""
    clocks = (RESPOND, RESOLVE, CHECK, ARRIVE)
    rows = [
        _limit("whistle", "", urgency, clock, amount, measure)
        for urgency, terms in URGENT_WHISTLES.items()
        for clock, (amount, measure) in zip(clocks, terms, strict=True)
    ]
    rows.append(_limit("whistle", "", "", ARRIVE, *ARRIVAL))
    return rows + [
        _limit("request", "", urgency, ANSWER, amount, measure) for urgency, amount, measure in ANSWERS
    ]


def _limit(
    kind: str, category: str, urgency: str, clock: str, amount: int, measure: str
) -> dict[str, object]:
    return {
        "kind": kind, "category": category, "urgency": urgency, "clock": clock, "amount": amount, "measure": measure,
        "clause": LIMIT, "valid_from": FROM,
    }  # fmt: skip


KEPT_MONTHS = 36
KEEPING = (
    "保存期限为实现处理目的所必要的最短时间（《个人信息保护法》第十九条）；月数为本平台约定，以本区文件为准"
)


def retention() -> list[dict[str, object]]:
    """How long the words of closed requests and whistles are kept, as values of RetentionTerm."""
    return [
        {"kind": kind, "months": KEPT_MONTHS, "clause": KEEPING, "valid_from": FROM}
        for kind in ("request", "whistle")
    ]


PLATFORM = "本平台约定，可调整"
VALUES: list[tuple[str, object, str]] = [
    ("duplicates.metres", 150, f"同一件事的距离（{PLATFORM}）"),
    ("duplicates.days", 14, f"同一件事的时间间隔（{PLATFORM}）"),
    ("duplicates.likeness", 0.3, f"文字相近的程度，0 到 1（{PLATFORM}）"),
    ("suggestion.least", 0.5, f"按文字判断事项的最低把握，0 到 1（{PLATFORM}）"),
    ("sample.share", 0.1, f"当场办结未核实的，每月抽取回访的比例（{PLATFORM}）"),
    ("sample.least", 3, f"每个社区每月至少抽取的件数（{PLATFORM}）"),
    ("spot_check.share", 0.1, f"当场办结、没有报告人可问的，每月抽取去现场看的比例（{PLATFORM}）"),
    ("spot_check.least", 2, f"每个社区每月至少抽查的件数（{PLATFORM}）"),
    ("call_back.days", 30, f"结案后多少天内回访（{PLATFORM}）"),
    ("call_back.tries", 3, f"没有接通的最多打几次（{PLATFORM}）"),
    ("reopen.days", 30, f"结案后多少天内可以要求重办（{PLATFORM}）"),
    ("rates.basically", 0.9, "基本满意按 0.9 计入满意率（一地公开的做法，以本区文件为准）"),
    (
        "rates.composite",
        [0.1, 0.5, 0.4],
        "综合成绩中响应、解决、满意的权重（一地公开的做法，以本区文件为准）",
    ),
    ("rates.public_least", 10, f"公开时有效回访不足此数的不显示（{PLATFORM}）"),
]

# The lawful grounds of a whistle: each a rule value of its own, so that one can end or begin on a day.
WHISTLE_GROUNDS: list[tuple[str, object, str]] = [
    ("whistle.ground.public_issue", True, "“吹哨报到”做法，作参照"),
    ("whistle.ground.joint_enforcement", True, "“吹哨报到”做法；《北京市街道办事处条例》第五条，作参照"),
    ("whistle.ground.emergency", True, "“吹哨报到”做法，作参照"),
    ("whistle.ground.key_task", True, "《北京市街道办事处条例》第五条，作参照"),
]

# Classes of which anybody may read item, state, days and community: what concerns a place that all share. Not: disputes,
# people in need of care, tip-offs, opinions of staff, emergencies, and what nobody has classified.
PUBLIC_CLASSES: list[tuple[str, object, str]] = [
    ("public.classes", ["environment", "safety", "livelihood"], "可公开的类别（本平台约定，以本区文件为准）"),
]


def items(place_code: str) -> list[dict[str, object]]:
    """The list as values of EventItem for a district."""
    taken: list[dict[str, object]] = [
        {"place_code": place_code, "event_class": kind, "code": code, "name": name, "words": words.split(),
         "urgency": urgency, "confidentiality": "sealed" if code in SEALED else "internal", "clause": GRID,
         "valid_from": FROM}
        for kind, code, name, words, urgency in ITEMS
    ]  # fmt: skip
    away: list[dict[str, object]] = [
        {"place_code": place_code, "event_class": kind, "code": code, "name": name, "words": words.split(),
         "is_grid_work": False, "elsewhere": elsewhere, "clause": AWAY, "valid_from": FROM}
        for kind, code, name, words, elsewhere in ELSEWHERE
    ]  # fmt: skip
    return taken + away


def rules(place_code: str) -> list[dict[str, object]]:
    """Where reports go, as values of RoutingRule for a district."""
    return [
        {"place_code": place_code, "event_class": kind, "item": item, "urgency": urgency, "unit_kind": unit_kind,
         "reason": reason, "valid_from": FROM}
        for kind, item, urgency, unit_kind, reason in RULES
    ]  # fmt: skip

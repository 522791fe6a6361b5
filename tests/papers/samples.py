"""Data of sample papers: as a module would hand it in."""

from __future__ import annotations

import datetime as dt
from typing import Any

from doorstep.kernel.web.papers.printing import qr_of

SLIP: dict[str, Any] = {
    "title": "积分兑换小票", "office": "演示街道志愿服务联合会",
    "rows": [
        ["小票号", "DH-20260615-0042"], ["姓名", "李*华"], ["存折号", "ZS 0011 **** 2087"],
        ["时间", "2026-06-15 09:42"], ["兑换点", "示范社区党群服务中心一楼便民服务窗口"],
    ],
    "goods": [
        {"name": "洗衣液 2 公斤装", "count": "× 1", "amount": 120},
        {"name": "理发一次（六十岁以上老人优先）", "count": "× 2", "amount": 60},
        {"name": "抽纸", "count": "× 10", "amount": 150},
    ],
    "total": {"label": "合计积分", "value": "330"}, "qr": qr_of("https://example.org/s/DH-20260615-0042"),
    "note": "扫码核对；2026-06-22 前有效",
}  # fmt: skip


def passbook(count: int, **more: Any) -> dict[str, Any]:
    whats = ["楼道清洁", "陪伴独居老人看病、取药并送回家中", "文明劝导", "社区图书角整理", "兑换：洗衣液"]
    lines, balance = [], 980
    for number in range(count):
        what, came = whats[number % 5], number % 5 != 4
        balance += 25 if came else -30
        lines.append(
            {
                "date": dt.date(2026, 1, 1) + dt.timedelta(days=number * 3), "what": what,
                "note": "2.5 小时" if came else "小票 DH-0042", "in": 25 if came else "", "out": "" if came else 30,
                "balance": f"{balance:,}",
            }
        )  # fmt: skip
    return {
        "title": "志愿服务积分存折", "holder": "李*华", "number": "ZS 0011 **** 2087",
        "columns": ["日期", "事由", "存入", "支出", "结余"], "lines": lines,
        "totals": {"label": "合计", "in": f"{(count - count // 5) * 25:,}", "out": f"{count // 5 * 30:,}"}, "empty": "还没有记录",
        "note": "示范社区居民委员会 2026-06-15 打印",
    } | more  # fmt: skip


RECORD: dict[str, Any] = {
    "title": "居民议事会议记录", "office": "示范社区居民委员会", "number": "示居记〔2026〕12 号",
    "note": "本记录由家门口平台按登记内容生成",
    "rows": [
        ["时间", "2026 年 6 月 15 日 14:00 至 15:30"], ["地点", "示范社区党群服务中心二楼会议室"],
        ["主持人", "王*"], ["参加人", "居民代表 21 人，物业公司、业主委员会各 1 人，街道办事处列席 2 人"],
        ["议题", "二号院晾衣架与非机动车停放点的重新布置"],
    ],
    "text": (
        "会议由主持人说明议题。居民代表认为现有晾衣架占用消防通道，应当移到东侧绿地边缘；物业公司表示可以"
        "承担移装费用，工期约十天，施工前三日在各单元门口张贴告知。\n"
        "经充分讨论，到会 21 名居民代表中 19 人同意、1 人反对、1 人弃权，形成决议：晾衣架移至东侧，"
        "原址划为非机动车停放点，设充电插座 12 个。反对意见已记录在案并当场作出说明。"
    ),
    "day": "2026 年 6 月 15 日",
}  # fmt: skip

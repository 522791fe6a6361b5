"""Plainly made-up people, telephone numbers and document numbers. Nobody is called 演示 and no number is assigned."""

from __future__ import annotations

import datetime as dt

FIRST = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
SECOND = (
    "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈剑号巨阙珠称夜光"
    "果珍李柰菜重芥姜海咸河淡鳞潜羽翔龙师火帝鸟官人皇始制文字乃服衣裳推位让国有虞陶唐吊民伐罪周发殷汤坐朝问道垂拱平章"
    "爱育黎首臣伏戎羌遐迩体率宾归王鸣凤在竹白驹食场化被草木赖及万方盖此身四大五常恭惟鞠养岂敢毁伤"
)
OFFICE_HOURS = "周一至周五 8:30–11:30、13:30–17:00"
PRACTICE = "练习"
DEMO = "演示"


def person_name(number: int, family: str = DEMO) -> str:
    """The name of the person with this number, from 0: 演示甲天, 演示乙天 … all different below 3,000."""
    second, first = divmod(number, len(FIRST))
    if second >= len(SECOND):
        raise ValueError(f"no name for person {number}")
    return f"{family}{FIRST[first]}{SECOND[second]}"


def mobile(number: int) -> str:
    """A mobile number in a block that no operator has given out: 1990000 and four digits, for 0 to 9999."""
    if not 0 <= number <= 9999:
        raise ValueError(f"no mobile number for {number}")
    return f"1990000{number:04d}"


def office_phone(number: int) -> str:
    """An office number that cannot be dialled: local numbers never begin with 0."""
    return f"0411-0000{number:04d}"


def document(issuer: str, day: dt.date, number: int, family: str = DEMO) -> str:
    """A document number in the usual form: 演示组〔2025〕12号."""
    return f"{family}{issuer}〔{day.year}〕{number}号"

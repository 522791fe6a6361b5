"""Papers read back: their size, their fonts, what they say, and that data is never mark-up."""

import io
import re
from pathlib import Path

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy
from pypdf import PdfReader

from doorstep.kernel.ledger import selectors
from doorstep.kernel.web.papers import fonts, printing
from doorstep.kernel.web.papers.printing import NotPrinted, pdf_of, qr_of
from doorstep.launch import catalogue
from tests.ledger import world as books
from tests.papers import samples

HERE = Path(__file__).parent
PAPERS = Path(printing.__file__).parent
MM = 72 / 25.4


@pytest.fixture(autouse=True)
def samples_here(monkeypatch, tmp_path):
    def file_of(template: str) -> Path:
        own = tmp_path / template.removeprefix("samples/")
        return own if own.exists() else HERE / own.name

    monkeypatch.setattr(printing, "file_of", file_of)


def read(template: str, data: dict) -> PdfReader:
    return PdfReader(io.BytesIO(pdf_of(f"samples/{template}.typ", data)))


def said(reader: PdfReader) -> str:
    return "\n".join(page.extract_text() for page in reader.pages)


def size(reader: PdfReader) -> tuple[float, float]:
    box = reader.pages[0].mediabox
    return round(float(box.width) / MM, 1), round(float(box.height) / MM, 1)


def slip_of(name: str, **more) -> PdfReader:
    return read("slip", samples.SLIP | {"rows": [["姓名", name]]} | more)


def test_a_slip_is_one_page_58_mm_wide_and_as_long_as_it_needs():
    short, long = (
        read("slip", samples.SLIP),
        read("slip", samples.SLIP | {"goods": samples.SLIP["goods"] * 12}),
    )
    assert len(short.pages) == len(long.pages) == 1
    assert size(short)[0] == size(long)[0] == 58.0
    assert 100 < size(short)[1] < 140 and size(long)[1] > size(short)[1] + 100
    for word in ("积分兑换小票", "DH-20260615-0042", "李*华", "理发一次", "330", "2026-06-22 前有效"):
        assert word in said(short)


@pytest.mark.parametrize("template", ["slip", "passbook", "record"])
def test_fonts_are_embedded_and_text_can_be_searched(template):
    data = {"slip": samples.SLIP, "passbook": samples.passbook(20), "record": samples.RECORD}[template]
    for page in read(template, data).pages:
        used = [font.get_object() for font in page["/Resources"]["/Font"].values()]
        assert used
        for font in used:
            (descendant,) = font["/DescendantFonts"]
            described = descendant.get_object()["/FontDescriptor"].get_object()
            assert "NotoSansSC" in font["/BaseFont"]
            assert "/ToUnicode" in font and {"/FontFile2", "/FontFile3"} & set(described)


def test_the_same_data_gives_the_same_bytes():
    assert pdf_of("samples/slip.typ", samples.SLIP) == pdf_of("samples/slip.typ", samples.SLIP)


def test_markup_stays_text():
    name = '#panic("x") *粗* $x^2$ _a_ \\ <b> = 标题 @ref `c` // #{1/0}'
    assert re.sub(r"\s", "", name) in re.sub(r"\s", "", said(slip_of(name)))


@pytest.mark.parametrize("name", ["演示" * 40, "A" * 90, "https://example.org/" + "x9" * 40, "Nguyễn " * 20])
def test_long_names_wrap_and_lose_nothing(name):
    reader = slip_of(name)
    assert size(reader)[0] == 58.0 and size(reader)[1] > size(slip_of("短"))[1] + 3
    assert re.sub(r"\s", "", name) in re.sub(r"\s", "", said(reader))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("䶮", "䶮"), ("𬱖", "𬱖"), ("王𠮷", "王[U+20BB7]"), ("好😀", "好□"), ("甲👩\u200d🚒乙", "甲□□乙"), ("a\x00b\x1bc", "abc"),
        ("a\u202eb\u200bc", "abc"), ("\ud800a", "a"), ("\ufffea", "□a"), ("é ß — “引”", "é ß — “引”"), ("", ""),
    ],
)  # fmt: skip
def test_rare_characters_are_told_and_emoji_do_no_harm(written, shown):
    assert fonts.legible({"a": [written]}) == {"a": [shown]}
    assert f"姓名{shown}" in re.sub(r"(?<=姓名)\s", "", said(slip_of(written)))


def test_days_decimals_and_words_to_be_translated_may_be_in_the_data(clock_fixed):
    rows = [["日", clock_fixed], ["词", gettext_lazy("姓名")], ["数", 10**15], ["无", None]]
    text = said(read("slip", samples.SLIP | {"rows": rows}))
    assert clock_fixed.isoformat() in text and "1000000000000000" in text


@pytest.mark.parametrize(("paper", "wanted"), [("a6", (105.0, 148.0)), ("a5", (148.0, 210.0))])
def test_a_passbook_says_on_each_page_whose_it_is_and_which_page(paper, wanted):
    reader = read("passbook", samples.passbook(60, paper=paper))
    pages = [page.extract_text() for page in reader.pages]
    assert size(reader) == wanted and len(pages) > 2
    for number, text in enumerate(pages, start=1):
        assert "志愿服务积分存折" in text and "李*华" in text and "ZS 0011 **** 2087" in text
        assert "存入" in text and f"第 {number} 页，共 {len(pages)} 页" in text
    assert "合计" in pages[-1] and "合计" not in pages[0]


def test_a_passbook_without_lines_says_so():
    reader = read("passbook", samples.passbook(0))
    assert len(reader.pages) == 1 and "还没有记录" in said(reader)


def test_pages_are_counted_in_the_readers_language():
    catalogue.compile_catalogue()
    with translation.override("en"):
        assert "Page 1 of 1" in said(read("record", samples.RECORD))


def test_a_record_is_a4_and_says_what_was_handed_in():
    reader = read("record", samples.RECORD)
    assert size(reader) == (210.0, 297.0) and len(reader.pages) == 1
    text = re.sub(r"\s", "", said(reader))
    assert re.sub(r"\s", "", samples.RECORD["text"]) in text and "示居记〔2026〕12号" in text
    assert len(read("record", samples.RECORD | {"text": samples.RECORD["text"] * 20}).pages) > 1


@pytest.mark.django_db
def test_a_book_of_the_ledger_on_paper():
    book = books.build()
    book.earn(book.a, 50, about="act 7")
    slip = book.spend(book.a, 20)
    kinds = {"earn": "楼道清洁", "spend": "兑换"}
    lines = [
        {
            "date": line.day, "what": kinds[line.kind], "in": max(line.amount, 0) or "",
            "out": max(-line.amount, 0) or "", "balance": line.after,
        }
        for line in reversed(selectors.lines(book.a.pk))
    ]  # fmt: skip
    text = said(read("passbook", samples.passbook(0) | {"lines": lines, "totals": None}))
    assert re.search(r"楼道清洁\s+50\s+50\b", text) and re.search(r"兑换\s+20\s+30\b", text)
    proof = selectors.slip_proof(slip.id)
    assert proof is not None
    drawn = qr_of(proof["signature"])
    assert drawn.startswith("<svg") and len(slip_of("李*华", qr=drawn).pages) == 1


def test_without_the_front_end_it_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(fonts, "FOLDER", tmp_path)
    with pytest.raises(NotPrinted, match="make build"):
        pdf_of("samples/slip.typ", samples.SLIP)


def test_what_takes_too_long_is_ended_and_refused(monkeypatch, tmp_path):
    (tmp_path / "slow.typ").write_text(
        "#for a in range(20000) { for b in range(20000) { let c = calc.sqrt(a + b) } }"
    )
    monkeypatch.setattr(printing, "SECONDS", 1)
    with pytest.raises(NotPrinted, match="1 秒"):
        pdf_of("samples/slow.typ", {})


@pytest.mark.parametrize("wrong", ["#panic(data)", "#unknown", '#read("/../../outside")'])
def test_a_mistake_in_a_template_is_the_programmers(tmp_path, wrong):
    (tmp_path / "wrong.typ").write_text(f'#import "/kernel/web/papers/base.typ": *\n{wrong}')
    with pytest.raises(RuntimeError, match=r"samples/wrong\.typ"):
        pdf_of("samples/wrong.typ", {})


def test_the_colours_are_those_of_pages():
    tokens = dict(
        re.findall(r"--([\w-]+): (#\w{6})", (PAPERS.parents[2] / "frontend/tokens.css").read_text())
    )
    names = {"quiet": "text-quiet", "strong": "line-strong", "warm": "ground-warm"}
    inks = re.findall(r'^  (\w+): rgb\("(#\w{6})"\)', (PAPERS / "parts.typ").read_text(), re.MULTILINE)
    assert len(inks) == 6
    assert all(tokens[names.get(name, name)] == colour for name, colour in inks)


def test_no_paper_needs_anything_from_elsewhere():
    papers = [path.read_text() for path in printing.ROOT.rglob("*.typ")]
    assert len(papers) >= 5
    assert not any(re.search(r'(import|include)\s+"@', text) for text in papers)


def test_templates_are_found_in_their_package(monkeypatch):
    monkeypatch.undo()
    assert printing.file_of("web/base.typ") == PAPERS / "base.typ"

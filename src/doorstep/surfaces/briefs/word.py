"""A brief as a Word document in the manner of Chinese official papers."""

from __future__ import annotations

from io import BytesIO

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_UNDERLINE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from doorstep.kernel.indicators.addresses import rows_address
from doorstep.surfaces.briefs import texts
from doorstep.surfaces.briefs.builder import Brief, figure_text, previous_text

BODY, HEADING = "仿宋", "黑体"
GREY, BLUE = RGBColor(0x66, 0x66, 0x66), RGBColor(0x1A, 0x5A, 0x9C)


def word_document(brief: Brief, root: str = "") -> bytes:
    """The brief as .docx: title, chapters, breaks, and under a line the note of when and from what it was computed.

    `root`: the platform's address; where it is known, each figure is a link to its rows there.
    """
    root = root.rstrip("/")
    document = Document()
    _page(document)
    _line(document, brief.title, HEADING, 20, bold=True, centred=True)
    for section in brief.sections:
        _line(document, section.title, HEADING, 16)
        for runs in section.paragraphs:
            paragraph = _paragraph(document)
            for run in runs:
                if isinstance(run, str):
                    _run(paragraph, run, BODY, 15)
                    continue
                address = root and root + rows_address(run.key, run.scope)
                _link(paragraph, figure_text(run), address)
                if before := brief.rows_before(run):
                    _run(paragraph, f"（{brief.compared_on:%Y-%m-%d}：", BODY, 11, colour=GREY)
                    _link(paragraph, previous_text(run), root and root + before, size=11, bold=False)
                    _run(paragraph, "）", BODY, 11, colour=GREY)
    _line(document, str(texts.BREAKS_TITLE), HEADING, 16)
    _line(document, brief.breaks_line, BODY, 15, indent=True)
    for item in brief.breaks:
        paragraph = _paragraph(document)
        _run(paragraph, f"{item.finding.name}：", BODY, 15)
        _link(paragraph, str(item.count), root and root + brief.breaks_address(item))
        _run(paragraph, f"（{item.finding.clause}）", BODY, 15)
    _line(document, brief.note, BODY, 10.5, colour=GREY)
    output = BytesIO()
    document.save(output)
    return output.getvalue()


def _page(document: DocumentType) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
    section.top_margin, section.bottom_margin = Cm(3.7), Cm(3.5)


def _paragraph(document: DocumentType, *, centred: bool = False, indent: bool = True) -> Paragraph:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.line_spacing = Pt(28)
    paragraph.paragraph_format.space_after = Pt(0)
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    elif indent:
        paragraph.paragraph_format.first_line_indent = Pt(30)
    return paragraph


def _line(
    document: DocumentType, text: str, font: str, size: float, *, bold: bool = False, centred: bool = False,
    indent: bool = True, colour: RGBColor | None = None,
) -> None:  # fmt: skip
    _run(_paragraph(document, centred=centred, indent=indent), text, font, size, bold=bold, colour=colour)


def _link(paragraph: Paragraph, text: str, address: str, *, size: float = 15, bold: bool = True) -> None:
    """A figure; with an address a link to it."""
    run = _run(paragraph, text, BODY, size, bold=bold, colour=None if bold else GREY)
    if not address:
        return
    known = paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), known)
    run.font.color.rgb, run.font.underline = BLUE, WD_UNDERLINE.DOTTED
    paragraph._p.append(link)
    link.append(run._element)


def _run(
    paragraph: Paragraph,
    text: str,
    font: str,
    size: float,
    *,
    bold: bool = False,
    colour: RGBColor | None = None,
) -> Run:
    run = paragraph.add_run(text)
    run.font.size, run.font.name, run.bold = Pt(size), font, bold
    # Word takes the font of Chinese characters from a separate attribute
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    if colour is not None:
        run.font.color.rgb = colour
    return run

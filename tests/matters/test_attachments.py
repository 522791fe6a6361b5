"""Attachments: what is kept is not what came; what cannot be kept is refused in words; who may, sees."""

import datetime as dt
import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import docx
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from PIL import Image

from doorstep.kernel.access.actors import ANONYMOUS
from doorstep.kernel.authority.models import Account
from doorstep.kernel.matters import files
from doorstep.kernel.matters.models import Attachment, Matter
from doorstep.kernel.matters.pictures import remade
from doorstep.kernel.matters.services_attachments import attach, remove_orphans
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from tests.matters import world as making
from tests.matters.offices import appoint_cast
from tests.matters.uploads import PLACE, claimed_png, pdf, photo, png, repacked, upload, workbook
from tests.matters.world import opened


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.ATTACHMENTS_FOLDER = tmp_path / "attachments"
    return settings.ATTACHMENTS_FOLDER


def lying(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def added(world, name, content, who="resident", matter=None, **more):
    matter = matter or opened(world)
    return attach(actor=world[who], matter_id=matter.pk, upload=upload(name, content), **more)


def test_a_photo_is_made_anew_without_where_and_by_what(world, folder):
    row = added(world, "IMG_20260615.jpg", photo())
    assert (row.kind, row.name, row.width, row.height) == ("image/jpeg", "IMG_20260615.jpg", 400, 300)
    assert row.person_id == world.people["resident"].pk and not row.internal
    stored = files.path_of(row.file).read_bytes()
    for path in lying(folder):
        content = path.read_bytes()
        assert PLACE not in content and b"DemoPhone" not in content and b"Exif" not in content
        with Image.open(io.BytesIO(content)) as picture:
            assert not picture.getexif() and "comment" not in picture.info
    assert row.size == len(stored) and len(lying(folder)) == 2


@pytest.mark.parametrize(
    ("orientation", "size", "corner"),
    [
        (1, (400, 300), (10, 10)),
        (6, (300, 400), (150, 10)),
        (3, (400, 300), (390, 150)),
        (8, (300, 400), (150, 390)),
    ],
)
def test_photos_are_turned_upright(orientation, size, corner):
    made = remade(photo(orientation=orientation))
    assert (made.width, made.height) == size
    with Image.open(io.BytesIO(made.content)) as picture:
        red, green, blue = picture.getpixel(corner)
    assert red > 200 and green < 60 and blue < 60


def test_large_photos_are_bounded():
    made = remade(photo((5000, 3000)))
    assert (made.width, made.height) == (2048, 1229)
    with Image.open(io.BytesIO(made.thumbnail)) as small:
        assert max(small.size) == 320


def test_a_png_keeps_its_pixels_and_nothing_else():
    made = remade(png())
    assert PLACE not in made.content
    with Image.open(io.BytesIO(made.content)) as picture:
        assert min(picture.getpixel((5, 5))) > 240  # what was transparent is white


@pytest.mark.parametrize("mode", ["1", "L", "P", "I;16", "LA"])
def test_other_kinds_of_pixels(mode):
    assert remade(png(mode=mode) if mode != "LA" else _la()).width == 200


def _la() -> bytes:
    out = io.BytesIO()
    Image.new("LA", (200, 100)).save(out, "PNG")
    return out.getvalue()


_MEASURE = """
import io, resource, sys
from PIL import Image
import django; django.setup()
from doorstep.kernel.matters.pictures import remade
content = open(sys.argv[1], "rb").read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
made = remade(content)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(made.width, made.height, (after - before) // 1024)
"""


@pytest.mark.parametrize(("format", "most"), [("JPEG", 80), ("PNG", 260)])
def test_a_photo_of_40_megapixels_needs_little_memory(tmp_path, format, most):
    """In a process of its own, so that its peak is that of this one picture. Mebibytes."""
    file = tmp_path / "large"
    Image.effect_noise((7300, 5500), 40).convert("RGB").save(file, format, quality=80, compress_level=1)
    answer = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(file)], capture_output=True, text=True, check=True,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
    )  # fmt: skip
    width, height, peak = map(int, answer.stdout.split())
    assert (width, height) == (2048, 1543)
    assert peak < most


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (claimed_png(60_000, 60_000), "像素太多"),
        (claimed_png(7900, 7900), "像素太多"),
        (photo((6000, 6000), progressive=True), "像素太多"),
        (photo()[:2000], "打不开"),
    ],
)
def test_pictures_that_cannot_be_taken(world, folder, content, words):
    with pytest.raises(RuleViolation, match=words) as refused:
        added(world, "x", content)
    assert refused.value.field == "file"
    assert not Attachment.objects.exists() and lying(folder) == []


def test_documents_are_recognised_by_their_content(world, tmp_path):
    matter = opened(world)
    file = tmp_path / "x.docx"
    docx.Document().save(file)
    for name, content, ending in [
        ("说明.PDF", pdf(), "说明.pdf"), ("表.xlsx", workbook(), "表.xlsx"), ("信.docx", file.read_bytes(), "信.docx"),
        ("没有后缀", pdf(b" "), "没有后缀.pdf"),
    ]:  # fmt: skip
        row = added(world, name, content, matter=matter)
        assert row.name == ending and files.path_of(row.file).read_bytes() == content and row.width is None


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("灯.jpg", pdf(), "内容是PDF 文件，与文件名不符.*\\.pdf"),
        ("账.pdf", photo(), "内容是图片"),
        ("图.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "只能传"),
        ("图.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "只能传"),
        ("页.html", b"<!doctype html><script>alert(1)</script>", "只能传"),
        ("a.js", b"alert(1)", "只能传"),
        ("a.exe", b"MZ" + b"\0" * 200, "只能传"),
        ("a.zip", repacked(workbook())[:0] + b"PK\x03\x04" + b"\0" * 200, "只能传"),
        ("a.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 99, "HEIC"),
        ("a.pdf", pdf(b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>"), "带有程序"),
        ("a.xlsx", repacked(workbook(), xl__vbaProject=b"x"), "带有宏"),
        ("a.xlsx", workbook()[:-40], "打不开|只能传"),
        ("a.txt", b"", "空的"),
    ],
)
def test_what_is_refused(world, folder, name, content, words):
    with pytest.raises(RuleViolation, match=words):
        added(world, name, content)
    assert lying(folder) == []


def test_an_office_file_that_unpacks_to_too_much(world):
    bomb = repacked(workbook(), xl__zeros=b"\0" * (201 * 2**20))
    assert len(bomb) < 2**20
    with pytest.raises(RuleViolation, match="打不开"):
        added(world, "a.xlsx", bomb)


def test_too_large_a_file(world, settings):
    settings.ATTACHMENT_BYTES = 1024 * 1024
    with pytest.raises(RuleViolation, match="最大 1 MB，这个有 2 MB"):
        added(world, "a.pdf", pdf() + b" " * (2**20 + 1))


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd.jpg", "C:\\temp\\灯.jpg", "a\x00b\u202egpj.jpg", "长" * 300 + ".jpg", ".jpg", ""],
)
def test_names_are_harmless(world, folder, name):
    row = attach(actor=world["resident"], matter_id=opened(world).pk, upload=_named(name, photo()))
    assert row.name.endswith(".jpg") and len(row.name) <= 120
    assert not set("/\\\0\u202e") & set(row.name) and set(row.file) <= set("0123456789abcdef.jpg")
    assert all(path.is_relative_to(folder) for path in lying(folder))


def _named(name, content):
    made = upload("x.jpg", content)
    made._name = name
    return made


def test_the_same_file_again_is_the_same_attachment(world, folder):
    matter = opened(world)
    first, again = (added(world, name, photo(), matter=matter) for name in ("a.jpg", "b.jpg"))
    assert first.pk == again.pk and len(lying(folder)) == 2


def test_at_most_so_many(world, settings, folder):
    settings.ATTACHMENTS_PER_MATTER = 2
    matter = opened(world)
    for width in (100, 200):
        added(world, "a.jpg", photo((width, 100)), matter=matter)
    with pytest.raises(RuleViolation, match="最多 2 个附件"):
        added(world, "a.jpg", photo((300, 100)), matter=matter)
    assert len(lying(folder)) == 4


def test_who_may_attach(world):
    matter = opened(world)
    for who in ("neighbour", "outsider", "department"):
        with pytest.raises(NotVisible):
            added(world, "a.jpg", photo(), who, matter)
    with pytest.raises(NotAllowed, match="内部附件"):
        added(world, "a.jpg", photo(), "resident", matter, internal=True)
    row = added(world, "a.jpg", photo(), "worker", matter, internal=True)
    assert row.internal and row.unit_id == world.committee.pk
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()


def test_somebody_unknown_adds_a_photo_to_what_they_have_just_opened(world):
    matter = opened(world, by="worker", reporter_id=None)
    values = {"actor": ANONYMOUS, "matter_id": matter.pk}
    assert attach(upload=upload("a.jpg", photo()), key=matter.key, **values).person_id is None
    with pytest.raises(NotVisible):
        attach(upload=upload("a.jpg", photo((50, 50))), **values)
    with pytest.raises(NotVisible):
        attach(upload=upload("a.jpg", photo((50, 50))), key=opened(world).key, **values)
    with pytest.raises(NotAllowed):
        attach(upload=upload("a.jpg", photo((50, 50))), key=matter.key, internal=True, **values)
    Matter.objects.filter(pk=matter.pk).update(opened_at=clock.now() - dt.timedelta(hours=2))
    with pytest.raises(NotVisible):
        attach(upload=upload("a.jpg", photo((50, 50))), key=matter.key, **values)


def test_files_without_a_row_are_swept_after_a_day(world, folder):
    row = added(world, "a.jpg", photo())
    orphan = files.kept(files.checked_file(upload("b.jpg", photo((90, 90)))))
    assert remove_orphans() == 0
    for path in lying(folder):
        os.utime(path, (0, 0))
    assert remove_orphans() == 1
    assert files.path_of(row.file).exists() and not files.path_of(orphan).exists()
    assert len(lying(folder)) == 2


def test_served_to_whom_the_matter_exists_and_nobody_else(world, settings):
    settings.DEMO = True  # accounts of a demonstration need no second factor
    appoint_cast(world)
    matter = opened(world)
    row = added(world, "灯 & 楼道.jpg", photo(), matter=matter)
    paper = added(world, "信.pdf", pdf(), matter=matter)
    inner = added(world, "内.jpg", photo((60, 60)), "worker", matter, internal=True)
    address = f"/matters/{matter.pk}/files/{row.pk}/"
    resident, worker, neighbour = (_signed_in(world, role) for role in ("resident", "worker", "neighbour"))
    answer = resident.get(address)
    assert answer.status_code == 200 and answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"].startswith("inline; filename*=utf-8''")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert (
        "sandbox" in answer["Content-Security-Policy"]
        and "default-src 'none'" in answer["Content-Security-Policy"]
    )
    assert answer["Cache-Control"] == "private, no-store"
    assert b"".join(answer.streaming_content) == files.path_of(row.file).read_bytes()
    assert resident.get(address + "thumbnail/").status_code == 200
    saved = resident.get(f"/matters/{matter.pk}/files/{paper.pk}/")
    assert (
        saved["Content-Disposition"].startswith("attachment") and saved["Content-Type"] == "application/pdf"
    )
    assert resident.get(f"/matters/{matter.pk}/files/{paper.pk}/thumbnail/").status_code == 404
    hidden = f"/matters/{matter.pk}/files/{inner.pk}/"
    assert (resident.get(hidden).status_code, worker.get(hidden).status_code) == (404, 200)
    assert (neighbour.get(address).status_code, Client().get(address).status_code) == (404, 404)
    assert resident.get(f"/matters/{opened(world).pk}/files/{row.pk}/").status_code == 404
    files.removed(row.file)
    assert resident.get(address).status_code == 404
    assert resident.post(address).status_code == 405


def _signed_in(world, role) -> Client:
    client = Client()
    account = Account.objects.create(username=f"at_{role}", person=world.people[role], is_demo=True)
    client.force_login(account, backend="doorstep.kernel.authority.backends.AccountBackend")
    return client


def test_two_uploads_at_the_limit_at_once(fresh_database, settings):
    settings.ATTACHMENTS_PER_MATTER = 1
    world = making.build()
    matter = opened(world)
    gate, told = threading.Barrier(2), []

    def run(width):
        gate.wait(10)
        try:
            added(world, "a.jpg", photo((width, 40)), matter=matter)
            told.append("done")
        except RuleViolation as refusal:
            told.append(str(refusal.message))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(width,)) for width in (40, 80)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told.count("done") == 1 and any("已经满了" in text for text in told)
    assert len(lying(settings.ATTACHMENTS_FOLDER)) == 2

"""The first page on a phone is small, before map and chart code."""

import gzip
import re
from pathlib import Path

from django.contrib.staticfiles import finders
from django.test import Client

LIMIT = 150_000


def test_the_first_page_weighs_less_than_150_kilobytes(client: Client, whole) -> None:
    client.post(f"/door/{whole.pk}/keep/")
    for path in ["/", "/door/", f"/door/{whole.pk}/"]:
        page = client.get(path).content
        files = re.findall(r'(?:src|href)="/static/([^"]+)"', page.decode())
        assert any(name.endswith(".css") for name in files) and any(name.endswith(".js") for name in files)
        weight = len(gzip.compress(page)) + sum(
            len(gzip.compress(Path(str(finders.find(name))).read_bytes())) for name in set(files)
        )
        assert weight < LIMIT, (path, weight)

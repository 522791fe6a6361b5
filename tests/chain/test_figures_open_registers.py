"""Every figure of the programme opens a page with as many rows as it says."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from doorstep.kernel.authority.models import Account
from doorstep.kernel.declarations.indicators import all_indicators
from doorstep.kernel.indicators.selectors import figures
from doorstep.kernel.web.register_pages.paging import COUNTED

# Figures that add something up or count people, so that their rows are another number.
SUMS = ("chain.branch_members", "grids.workers", "grids.legal_people")
pytestmark = pytest.mark.usefixtures("demo_database")


@pytest.mark.parametrize(("username", "place"), [("district", "210202"), ("training", "210299")])
def test_every_figure_opens_as_many_rows_as_it_says(username: str, place: str, settings: object) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]  # pytest-django's settings take any name
    client = Client()
    client.force_login(Account.objects.get(username=username))
    measured = {figure.key: figure for figure in figures(place)}
    for subject in all_indicators():
        page = client.get(f"/desk/figures/{subject.key}/?place={place}", follow=True)
        assert page.status_code == 200, subject.key
        text = page.content.decode()
        if (
            subject.key.startswith("findings.") and not subject.register
        ):  # the list of breaks, that kind alone
            value = measured[subject.key].value or 0
            found = re.search(r"共 ([\d,]+) 处", text)
            assert (int(found[1].replace(",", "")) if found else 0) == value, subject.key
        if subject.register and subject.additive and subject.row_field == "pk" and subject.key not in SUMS:
            value = measured[subject.key].value or 0
            if value > COUNTED:
                assert re.search(r"多于 1,?000 条", text), subject.key
                continue
            found = re.search(r"共 ([\d,]+) 条", text)
            assert int(found[1].replace(",", "")) == value if found else not value, subject.key

"""Every figure that names a register opens there: its columns and filters stand on whatever rows the figure has."""

from __future__ import annotations

import pytest

from doorstep.kernel.authority.models import Account
from doorstep.kernel.declarations.indicators import all_indicators
from doorstep.kernel.declarations.registers import register
from tests.sign_in import client_of

NAMED = [(item.key, item.register) for item in all_indicators() if item.register]


def test_figures_name_registers() -> None:
    assert ("chain.grid_branches", "chain.branches") in NAMED


@pytest.mark.usefixtures("demo_database")
def test_a_figures_rows_are_a_register_page(settings: object) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]  # pytest-django's settings take any name
    client = client_of(Account.objects.get(username="district"))
    for key, name in NAMED:
        where = f"?place=210202&figure={key}&since=2024-01-01"
        assert client.get(f"/desk/r/{name}/{where}").status_code == 200, key
        assert client.get(f"/desk/r/{name}/text/{where}").status_code == 200, key
        for rule in register(name).filters:
            if rule.kind in ("bool", "exists"):
                assert client.get(f"/desk/r/{name}/{where}&{rule.key}=no").status_code == 200, (key, rule.key)

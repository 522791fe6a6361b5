"""Every declared register for everybody of the cast: no row outside their places, and outside no page at all."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.authority.models import Account
from doorstep.kernel.declarations.registers import Register, all_registers
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import within
from tests.authority.test_matrix import CAST, NEIGHBOUR, STREET, actor_of, at, is_public, own_places

BACKEND = "doorstep.kernel.authority.backends.AccountBackend"
PAIRS = [("street2", STREET), ("outsider", STREET), ("street", NEIGHBOUR), ("secretary", NEIGHBOUR)]


def scoped() -> list[Register]:
    return [register for register in all_registers() if not is_public(policy_for(register.model))]


def today() -> dt.date:
    return clock.today()


@pytest.mark.parametrize("username", CAST)
def test_no_row_outside(demo_database, username):
    actor = actor_of(username)
    for register in scoped():
        policy = policy_for(register.model)
        own = policy.participation(actor)
        inside = at(policy, own_places(actor)) | within(register.place, own_places(actor))
        rows = register.annotated(register.model._default_manager.all(), today(), actor)
        allowed = rows.filter(inside | own if own is not None else inside)
        beyond = register.visible(actor, today()).exclude(pk__in=allowed.values("pk"))
        assert not beyond.exists(), (register.key, beyond[0])


@pytest.mark.parametrize(("username", "foreign"), PAIRS)
def test_the_other_streets_page_and_export_do_not_exist(demo_database, settings, username, foreign):
    settings.DEMO = True
    client = Client()
    client.force_login(Account.objects.get(username=username), backend=BACKEND)
    for register in scoped():
        assert client.get(f"/desk/r/{register.key}/", {"place": foreign}).status_code == 404, register.key
    for address in (f"/desk/cockpit/{foreign}/", f"/desk/brief/{foreign}/", f"/desk/brief/{foreign}/word/"):
        assert client.get(address).status_code == 404, address

"""Two at once: the same hour is kept for one, and a derivation and minutes never wait for each other in a ring."""

import threading

from django.db import connection

from doorstep.kernel.obligations.models import Minutes, Occurrence
from doorstep.kernel.obligations.services_deriving import derive
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import RuleViolation
from tests.obligations import world as district
from tests.organisations.world import SYSTEM


def test_minutes_at_once_and_a_derivation_beside_them(fresh_database):
    world = district.build()
    start, refused, broken = threading.Barrier(4), [], []

    def run(act):
        with clock.fixed(district.NOW):
            start.wait()
            try:
                act()
            except RuleViolation as refusal:
                refused.append(refusal.field)
            except Exception as error:
                broken.append(error)
            finally:
                connection.close()

    acts = [
        lambda: world.held("2026-05-20"), lambda: world.held("2026-05-20", "lecture"), lambda: world.held("2026-06-01"),
        lambda: derive(actor=SYSTEM),
    ]  # fmt: skip
    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == [] and refused == ["starts"] and Minutes.objects.count() == 2
    proofs = list(Occurrence.objects.filter(proof__isnull=False).values_list("proof", "code"))
    assert len(proofs) == len(set(proofs)) == 2

"""Limits and used codes are counted by all processes together: on several connections, and in a second process."""

import subprocess
import sys
import threading
import time

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.kernel.authority.shared_cache import forget_expired


def at_once(count: int, act) -> list:
    gate, results = threading.Barrier(count), []

    def run() -> None:
        gate.wait(10)
        try:
            results.append(act())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return results


def rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM authority_shared_cache")
        return int(cursor.fetchone()[0])


def test_of_many_at_once_one_takes_a_code_also_after_it_had_expired(fresh_database):
    for _round in range(2):
        assert sorted(at_once(6, lambda: cache.add("code", 1, timeout=0.5))) == [False] * 5 + [True]
        time.sleep(0.6)


def test_no_count_is_lost(fresh_database):
    cache.add("count", 0, timeout=60)
    at_once(6, lambda: [cache.incr("count") for _ in range(20)])
    assert cache.get("count") == 120


def test_several_are_counted_in_one_statement_and_none_is_lost(fresh_database):
    both = (["a", "b"], ["b", "a"])
    at_once(6, lambda: [cache.count(both[turn % 2], 60) for turn in range(20)])
    assert cache.count(["b", "a", "c"], 60) == {"b": 121, "a": 121, "c": 1}
    with CaptureQueriesContext(connection) as queries:
        cache.count(["a", "b"], 60)
    assert len(queries) == 1


def test_a_count_begins_anew_when_its_time_is_over(fresh_database):
    assert [cache.count(["a"], 0.4)["a"] for _time in range(2)] == [1, 2]
    time.sleep(0.5)
    assert cache.count(["a"], 60) == {"a": 1}


def test_another_process_sees_it(fresh_database):
    assert cache.add("code", {"by": "演示"}, timeout=60)
    program = (
        "import django; django.setup(); from django.core.cache import cache;"
        "print(cache.get('code')['by'], cache.add('code', 1), cache.incr('n') if cache.add('n', 4) else '')"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert said.stdout.split() == ["演示", "False", "5"], said.stderr
    assert cache.get("n") == 5


@pytest.mark.django_db
def test_what_a_cache_does():
    assert cache.get("a", "none") == "none" and not cache.touch("a") and not cache.delete("a")
    with pytest.raises(ValueError, match="no number"):
        cache.incr("a")
    cache.set("a", [1.5, 0.5], timeout=None)
    assert cache.get("a") == [1.5, 0.5] and cache.has_key("a")
    cache.set("a", "over", timeout=0)
    assert cache.get("a") is None and not cache.touch("a")
    assert cache.add("a", "new") and cache.touch("a", 60) and cache.delete("a")
    cache.set_many({"b": 1, "c": 2}, timeout=-1)
    cache.set("d", 3)
    assert rows() == 3
    forget_expired()
    assert rows() == 1 and cache.get("d") == 3
    cache.clear()
    assert rows() == 0

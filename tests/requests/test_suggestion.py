"""Items judged from words: explained, the same every time, and as good as the bench says."""

from collections import Counter
from pathlib import Path

import pytest

from doorstep.modules.requests import seeds
from doorstep.modules.requests.selectors import suggest_items
from doorstep.modules.requests.suggestion import SENTENCES, own_model, read_labelled, suggest
from tests.requests.world import GRID

HELD_OUT = Path(__file__).with_name("held_out.csv")
ITEMS = {code: words.split() for _class, code, _name, words, *_rest in [*seeds.ITEMS, *seeds.ELSEWHERE]}


def test_the_labelled_set():
    learned, held = read_labelled(SENTENCES), read_labelled(HELD_OUT)
    assert len(held) == len(learned) >= 600  # half held out
    assert not {sentence for _code, sentence in learned} & {sentence for _code, sentence in held}
    codes = {code for _class, code, *_rest in seeds.ITEMS}
    assert {code for code, _sentence in learned} == {code for code, _sentence in held} == codes
    assert min(Counter(code for code, _sentence in held).values()) >= 5


def test_accuracy_on_sentences_it_has_not_seen():
    model = own_model(ITEMS)
    held = read_labelled(HELD_OUT)
    judged = [(code, [each.code for each in suggest(sentence, model)]) for code, sentence in held]
    first = sum(code == found[0] for code, found in judged) / len(held)
    three = sum(code in found for code, found in judged) / len(held)
    assert first >= 0.55 and three >= 0.76, (first, three)


def test_what_is_taken_without_asking_is_right_more_often():
    model = own_model(ITEMS)
    sure = [
        (code, found[0].code)
        for code, sentence in read_labelled(HELD_OUT)
        if (found := suggest(sentence, model))[0].share >= 0.5
    ]
    assert len(sure) >= 120
    assert sum(code == found for code, found in sure) / len(sure) >= 0.74


def test_it_says_which_words():
    best, *_rest = suggest("楼道里有很浓的煤气味，快来人看看", own_model(ITEMS))
    assert (best.code, best.words[0]) == ("safe.gas", "煤气味")
    assert 0.9 < best.share <= 1 and all(word in "楼道里有很浓的煤气味快来人看看" for word in best.words)


@pytest.mark.parametrize("text", ["", "。。！", "😀😀", "qwertz"])
def test_what_says_nothing_suggests_nothing(text):
    assert suggest(text, own_model({"env.lamp": ["路灯"]})) == []


def test_a_word_added_to_the_list_counts_at_once():
    plain, taught = dict(ITEMS), ITEMS | {"live.meal": [*ITEMS["live.meal"], "鲅鱼饺子"]}
    text = "哪里有鲅鱼饺子"
    assert suggest(text, own_model(taught))[0].code == "live.meal"
    assert suggest(text, own_model(plain))[:1] != suggest(text, own_model(taught))[:1]


def test_suggestions_of_a_place_cost_one_query(world, django_assert_num_queries):
    suggest_items("水管漏水", GRID)  # the register's words are kept from here on
    with django_assert_num_queries(1):
        found = suggest_items("小区主路的路灯不亮", GRID)
    assert found[0][0].code == "env.lamp" and len(found) == 3

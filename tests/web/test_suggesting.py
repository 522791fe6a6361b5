"""One of many, written with suggestions."""

import pytest
from django.core.exceptions import ValidationError

from doorstep.kernel.web.suggesting import SuggestedChoice


def test_a_name_gives_its_number_and_a_name_of_several_has_the_number_beside_it():
    field = SuggestedChoice([(1, "演示银行"), (2, "演示超市"), (3, "演示超市")], required=False)
    assert (field.clean("演示银行"), field.clean(" 演示超市（3） "), field.clean("")) == ("1", "3", "")
    assert field.widget.names == ["演示银行", "演示超市（2）", "演示超市（3）"]
    for wrong in ("演示超市", "1", "演示"):
        with pytest.raises(ValidationError, match="没有叫"):
            field.clean(wrong)

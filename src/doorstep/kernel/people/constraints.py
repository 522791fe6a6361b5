"""What the database keeps single, said in words to whoever came second."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.utils.functional import Promise

from doorstep.kernel.shared.errors import RuleViolation


@contextmanager
def kept_single(
    texts: Mapping[str, tuple[str | Promise, str]], ask_again: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """`texts`: by the constraint's name, the words and the field at fault. Rolls back to before the block and raises
    RuleViolation for these; any other violation goes on as it is.

    `ask_again`: the check made before the write. It sees now who came first, and refuses in the words it always has:
    so that coming second tells no more than coming later.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        name = getattr(diagnosis, "constraint_name", None) or ""
        if name not in texts:
            raise
        ask_again()
        text, field = texts[name]
        raise RuleViolation(text, field=field) from error

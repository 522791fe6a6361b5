"""Posts that a module fills by steps of its own. The page and the sheet for appointments leave these to it; ending such an
appointment is the same for every post."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse

_pages: dict[str, str] = {}


def declare_kept_post(post: str, page: str) -> None:
    """People come into this post on `page`: the name of an address without arguments. Raises RuntimeError the second time."""
    if post in _pages:
        raise RuntimeError(f"post {post} is kept twice")
    _pages[post] = page


def is_kept(post: str) -> bool:
    return post in _pages


def filling_page(post: str) -> str:
    """Where the post is filled; "" where nobody keeps it, or no page serves it."""
    try:
        return reverse(_pages[post]) if post in _pages else ""
    except NoReverseMatch:
        return ""

"""The desk's pages are tried in the world of the interfaces' tests: two streets, whoever signs in there."""

from tests.api.conftest import ours, sign_in, theirs, world  # noqa: F401  fixtures, found here by their names

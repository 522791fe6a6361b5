"""Sealing, both suites; keys; blind indexes."""

import pytest

from doorstep.kernel.people.ciphers import (
    SUITES,
    CannotOpen,
    blind_index,
    new_key,
    suite_of,
    trouble_with,
    unwrap,
)

BOTH = pytest.mark.parametrize("suite", sorted(SUITES))


@BOTH
def test_what_is_sealed_opens_again_and_never_twice_the_same(settings, suite):
    settings.FIELD_CIPHER = suite
    key, wrapped = new_key(7)
    first, second = key.seal("phone", "13800000000"), key.seal("phone", "13800000000")
    assert first != second and b"138" not in first
    assert unwrap(7, wrapped).open("phone", first) == "13800000000"
    assert suite_of(first).name == suite


@BOTH
def test_altered_or_swapped_values_do_not_open(settings, suite):
    settings.FIELD_CIPHER = suite
    key, wrapped = new_key(7)
    sealed = key.seal("phone", "13800000000")
    other, _ = new_key(8)
    for attempt in (
        lambda: key.open("identity", sealed),
        lambda: other.open("phone", sealed),
        lambda: key.open("phone", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        lambda: key.open("phone", b""),
        lambda: unwrap(8, wrapped),
    ):
        with pytest.raises(CannotOpen):
            attempt()


def test_what_the_other_suite_sealed_stays_readable(settings):
    settings.FIELD_CIPHER = "aes-gcm"
    key, wrapped = new_key(7)
    sealed = key.seal("phone", "13800000000")
    settings.FIELD_CIPHER = "sm4-gcm"
    assert unwrap(7, wrapped).open("phone", sealed) == "13800000000"


def test_the_old_master_key_still_opens_while_it_is_given(settings):
    _key, wrapped = new_key(7)
    settings.OLD_MASTER_KEY, settings.MASTER_KEY = settings.MASTER_KEY, bytes(32)
    assert unwrap(7, wrapped).person_id == 7
    settings.OLD_MASTER_KEY = b""
    with pytest.raises(CannotOpen):
        unwrap(7, wrapped)


@BOTH
def test_blind_indexes_differ_by_field_key_and_value(settings, suite):
    settings.FIELD_CIPHER = suite
    index = blind_index("phone", "13800000000")
    assert index == blind_index("phone", "13800000000") and len(index) == 32
    assert index != blind_index("identity", "13800000000")
    assert index != blind_index("phone", "13800000001")
    settings.MASTER_KEY = bytes(32)
    assert index != blind_index("phone", "13800000000")
    assert blind_index("phone", "") is None


def test_sm4_gcm_gives_the_standards_result():
    """Test vector of RFC 8998, appendix A.1."""
    from cryptography.hazmat.primitives.ciphers import Cipher, modes

    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    nonce = bytes.fromhex("00001234567800000000ABCD")
    plain = bytes.fromhex(
        "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDD"
        "EEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA"
    )
    encryptor = Cipher(SUITES["sm4-gcm"].algorithm(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2"))
    body = encryptor.update(plain) + encryptor.finalize()
    assert body.hex().startswith("17f399f08c67d5ee19d0dc9969c4bb7d")
    assert encryptor.tag.hex() == "83de3541e4c2b58177e065a9bf7b62ec"


def test_troubles_are_said_before_the_start():
    assert trouble_with("aes-gcm") == trouble_with("sm4-gcm") == ""
    assert "known are aes-gcm, sm4-gcm" in trouble_with("rot13")

"""A secret key is measured: what chance gave is taken, what a person typed is not."""

import secrets

import pytest

from models.rules.secret_keys import LEAST_BITS, is_weak, strength


@pytest.mark.parametrize(
    "key",
    [
        "abcdefgh" * 4,
        "0123456789abcdef" * 2,
        "0123456789" * 4,
        "zyxwvutsrqponmlkjihgfedcba987654",
        "acegikmoqsuwyacegikmoqsuwy123456",
        "qwertyuiopasdfghjklzxcvbnm123456",
        "QWERTYUIOPqwertyuiop1234567890-=",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,",
        "changeme" * 4,
        "passwordpassword1234password5678",
        "Guarantee#2024" * 3,
        "aB1!" * 8,
        "deadbeef" * 8,
        "0" * 63 + "1",
        "a" * 100,
        "",
    ],
)
def test_a_key_that_repeats_itself_or_runs_along_something_is_weak(key: str) -> None:
    assert is_weak(key)
    assert strength(key) < LEAST_BITS


def test_a_short_key_is_weak_whatever_it_is_made_of() -> None:
    assert is_weak(secrets.token_urlsafe(32)[:31])


@pytest.mark.parametrize("made", ["token_hex(16)", "token_hex(32)", "token_urlsafe(24)", "token_urlsafe(32)"])
def test_a_key_that_chance_gave_is_taken(made: str) -> None:
    name, _, count = made.rstrip(")").partition("(")
    make = getattr(secrets, name)
    assert not [key for key in (make(int(count)) for _ in range(1_000)) if is_weak(key)]

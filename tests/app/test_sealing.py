"""Sealing: what is sealed is read again with the same key and purpose, and in no other way."""

import pytest
from flask import Flask

from app.core import sealing

KEY, OTHER_KEY = "k" * 31 + "1", "k" * 31 + "2"


def _app(key: str) -> Flask:
    app = Flask(__name__)
    app.config["SECRET_KEY"] = key
    return app


def test_what_is_sealed_is_read_again_and_looks_other_each_time() -> None:
    with _app(KEY).app_context():
        first, second = sealing.seal("JBSWY3DP 密钥", "one"), sealing.seal("JBSWY3DP 密钥", "one")
        assert first != second
        assert first.startswith("v1.") and "JBSWY3DP" not in first
        assert sealing.unseal(first, "one") == sealing.unseal(second, "one") == "JBSWY3DP 密钥"


def test_another_purpose_another_key_or_something_else_reads_nothing() -> None:
    with _app(KEY).app_context():
        sealed = sealing.seal("secret", "one")
        for broken in (sealed[:20], "v1.", "v1.*", "v2" + sealed[2:], "", "secret"):
            with pytest.raises(sealing.NotSealed):
                sealing.unseal(broken, "one")
        with pytest.raises(sealing.NotSealed):
            sealing.unseal(sealed, "two")
    with _app(OTHER_KEY).app_context(), pytest.raises(sealing.NotSealed):
        sealing.unseal(sealed, "one")


@pytest.mark.parametrize("text", ["secret", "secrets", "secretss"])
def test_one_changed_sign_anywhere_reads_nothing(text: str) -> None:
    """Of three lengths: the last sign of base64 has no, two or four bits that say nothing."""
    with _app(KEY).app_context():
        sealed = sealing.seal(text, "one")
        for place in range(len(sealed)):
            for sign in "ABQgw_=":
                if sign == sealed[place]:
                    continue
                with pytest.raises(sealing.NotSealed):
                    sealing.unseal(f"{sealed[:place]}{sign}{sealed[place + 1 :]}", "one")

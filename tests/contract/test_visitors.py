"""A visitor's post without the token of a form of ours goes nowhere, whatever the address."""

import re

from flask import Flask


def test_every_address_that_takes_a_post_asks_for_a_token(bare: Flask) -> None:
    paths = [
        re.sub(r"<(?:(\w+):)?\w+>", "1", rule.rule)
        for rule in bare.url_map.iter_rules()
        if "POST" in (rule.methods or ())
    ]
    answers = {path: bare.test_client().post(path).status_code for path in paths}
    assert len(answers) > 50
    refused = {path: 401 if path.startswith("/api/") else 400 for path in paths}  # there, programs come without a token
    assert answers == refused

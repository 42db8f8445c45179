"""公开查验: the number and the whole code, or nothing."""

import re
from decimal import Decimal

import pytest
from flask import Flask

from app.letters.verification import CURRENT, SUPERSEDED, UNKNOWN, look_up
from models.grammar.viewer import SYSTEM
from models.letter_version import LetterVersion
from tests.bare import DAY, MINIMUM, at, letter, put, work

NUMBER, CODE = "10250312000001", "ABCD34679XYW"
OTHERS = "10250312000002"


@pytest.fixture(scope="module")
def issued(bare: Flask) -> Flask:
    """Two letters with a code each, and one that has none."""
    days = {"starts_on": DAY, "ends_on": DAY}
    put(bare, letter("issued", letter_no=NUMBER, verification_code=CODE, **days))
    put(bare, letter("issued", letter_no=OTHERS, verification_code="ABCD34679XYY", **days))
    put(bare, letter("issued", letter_no="10250312000003", **days))
    return bare


def finds(app: Flask, number: str, code: str) -> bool:
    with work(app, SYSTEM):
        return look_up(number, code, DAY) is not None


def test_the_whole_code_opens_its_letter_however_it_is_typed(issued: Flask) -> None:
    assert [finds(issued, NUMBER, code) for code in (CODE, "abcd-3467-9xyw", "ABCD 3467 9XYW")] == [True] * 3


@pytest.mark.parametrize("place", range(len(CODE)))
def test_a_code_with_one_wrong_sign_opens_nothing(issued: Flask, place: int) -> None:
    assert not finds(issued, NUMBER, f"{CODE[:place]}8{CODE[place + 1 :]}")


def test_a_part_of_a_code_or_more_than_it_opens_nothing(issued: Flask) -> None:
    assert not any(finds(issued, NUMBER, CODE[:length]) for length in range(len(CODE)))
    assert not finds(issued, NUMBER, f"{CODE}A")


def test_the_code_of_another_letter_opens_nothing(issued: Flask) -> None:
    assert not finds(issued, OTHERS, CODE)
    assert finds(issued, OTHERS, "ABCD34679XYY")


def test_a_letter_without_a_code_is_not_opened_by_none(issued: Flask) -> None:
    assert not any(finds(issued, "10250312000003", code) for code in ("", "-", CODE))


AMENDED = "10250312000009"


@pytest.fixture(scope="module")
def amended(bare: Flask) -> Flask:
    """A letter whose second version says more than its first."""
    days = {"starts_on": DAY, "ends_on": DAY}
    more = MINIMUM + 1
    key = put(bare, letter("issued", letter_no=AMENDED, verification_code=CODE, sha256="b" * 64, amount=more, **days))
    said = {"letter_id": key, "from_at": at(DAY), "premium": Decimal(8000), **days}
    put(bare, LetterVersion(no=1, amount=MINIMUM, sha256="a" * 64, **said))
    put(bare, LetterVersion(no=2, amount=more, sha256="b" * 64, **said))
    return bare


def test_the_newest_terms_are_shown_and_an_older_paper_is_superseded(amended: Flask) -> None:
    with work(amended, SYSTEM):
        found = look_up(AMENDED, CODE, DAY)
    assert found is not None
    assert (found.amount, found.sha256, found.version) == (MINIMUM + 1, "b" * 64, 2)
    assert found.superseded == ((1, "a" * 64),)
    assert [found.says_of(each * 64) for each in "BAc"] == [CURRENT, SUPERSEDED, UNKNOWN]


def test_programs_and_people_are_told_of_the_superseded_paper(amended: Flask) -> None:
    client, query = amended.test_client(), {"code": CODE}
    for sha256, what in (("a" * 64, SUPERSEDED), ("b" * 64, CURRENT), ("0" * 64, UNKNOWN)):
        answer = client.get(f"/verify/{AMENDED}.json", query_string=query | {"sha256": sha256}).json
        assert (answer["file"], answer["version"]) == (what, 2)
        assert answer["superseded"] == [{"version": 1, "sha256": "a" * 64}]
    assert "file" not in client.get(f"/verify/{AMENDED}.json", query_string=query).json
    page = client.get(f"/verify/{AMENDED}", query_string=query).text
    assert "第 2 版，此前各版本的文件已被取代" in page
    assert re.search('data-sha256="b{64}" data-superseded="a{64}"', page)


def test_a_letter_that_was_never_amended_says_nothing_of_versions(issued: Flask) -> None:
    page = issued.test_client().get(f"/verify/{NUMBER}", query_string={"code": CODE}).text
    assert NUMBER in page and "此前各版本" not in page


def test_a_blank_box_is_told_at_its_place_and_nothing_is_looked_up(issued: Flask) -> None:
    client, told = issued.test_client(), ("请输入保函编号</span>", "请输入验证码</span>")
    for path, blank in (
        ("?number=&code=", (True, True)),
        (f"?number={NUMBER}&code=", (False, True)),
        (NUMBER, (False, True)),
    ):
        answer = client.get(f"/verify/{path}")
        assert (answer.status_code, tuple(each in answer.text for each in told)) == (422, blank), path
        assert "未查到相符的保函" not in answer.text and "查验结果" not in answer.text
    page = client.get("/verify/").text
    assert not any(each in page for each in told)
    assert re.search("<form[^>]* novalidate", page)

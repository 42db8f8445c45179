"""A letter that its guarantor signed itself is the text that it was given, and its signature: nothing else."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from app.letters.inspection import NOT_WHOLE, UNREADABLE, UNSIGNED, UNTRUSTED, check_own_signed, inspect
from app.letters.pdf import LetterText, typeset
from app.letters.signing import with_field
from tests.letters.attacks import AGAIN, CHANGES, changed, seen
from tests.letters.authority import LEVELS, Authority
from tests.letters.samples import USCC, letter

HOLDER = "海南椰风银行股份有限公司"
NOT_THE_TEXT = f"上传的文件不是在本保函的待签文本上签署的，{AGAIN}"


def to_sign(given: LetterText) -> bytes:
    sheet = typeset(given)
    return with_field(sheet.pdf, sheet.seal)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def text() -> bytes:
    return to_sign(letter(guarantor_name=HOLDER))


@pytest.fixture(scope="module")
def signed_at(text: bytes, authority: Authority) -> Mapping[str, bytes]:
    """The text signed at each level."""
    return {level: authority.sign(text, holder=HOLDER, level=level) for level in LEVELS}


def said(pdf: bytes, text: bytes, authority: Authority) -> list[str]:
    """What is said to this upload by a system that trusts the authority."""
    found = check_own_signed(
        pdf, [authority.root], guarantor_name=HOLDER, guarantor_uscc=USCC, text=text, field="signed_letter"
    )
    assert all(each.blocking and each.field == "signed_letter" for each in found)
    return [each.text for each in found]


@pytest.mark.parametrize("level", LEVELS)
def test_a_text_that_was_signed_at_any_level_of_pades_passes(
    level: str, text: bytes, signed_at: Mapping[str, bytes], authority: Authority
) -> None:
    assert said(signed_at[level], text, authority) == []
    report = inspect(signed_at[level], [authority.root])
    assert report.whole and report.signer_name == HOLDER


@pytest.mark.parametrize("level", LEVELS)
def test_two_may_sign_one_after_the_other(level: str, text: bytes, authority: Authority) -> None:
    first = authority.sign(text, holder="陈海峰", level=level)
    assert said(authority.sign(first, holder=HOLDER, level=level, field="Second"), text, authority) == []


def test_whose_time_stamp_it_is_does_not_matter_but_it_must_fit(text: bytes, authority: Authority) -> None:
    stranger = Authority()
    for level in ("B-T", "B-LTA"):
        signed = authority.sign(text, holder=HOLDER, level=level, stamped_by=stranger)
        assert said(signed, text, authority) == []


def test_a_seal_within_its_frame_may_be_seen(text: bytes, authority: Authority) -> None:
    place = typeset(letter(guarantor_name=HOLDER)).seal
    inside = seen(place.page, place.left + 2, place.bottom + 2, place.right - 2, place.top - 2)
    assert said(authority.sign(changed(text, inside), holder=HOLDER, field="Second"), text, authority) == []


@pytest.mark.parametrize("what", CHANGES)
def test_a_text_that_was_changed_and_then_signed_is_refused_with_what_differs(
    what: str, text: bytes, authority: Authority
) -> None:
    change, message = CHANGES[what]
    signed = authority.sign(changed(text, change), holder=HOLDER)
    assert inspect(signed, [authority.root]).valid, "the signature itself is sound"
    assert said(signed, text, authority) == [message]


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("level", ["B-B", "B-LTA"])
def test_a_text_that_was_signed_and_then_changed_is_refused_with_what_differs(
    what: str, level: str, text: bytes, signed_at: Mapping[str, bytes], authority: Authority
) -> None:
    change, message = CHANGES[what]
    assert said(changed(signed_at[level], change), text, authority) == [message]


def test_another_letters_file_signed_once_more_is_refused_with_its_name(text: bytes, authority: Authority) -> None:
    other = to_sign(letter(guarantor_name=HOLDER, letter_no="10240515000289"))
    twice = authority.sign(authority.sign(other, holder=HOLDER), holder=HOLDER, field="Second")
    assert said(twice, text, authority) == [
        "上传的文件是“工程款支付保函 10240515000289”，不是本保函的待签文本，请下载本保函的待签文本，签署后上传"
    ]


def test_nine_times_the_amount_is_refused(text: bytes, authority: Authority) -> None:
    more = to_sign(letter(guarantor_name=HOLDER, amount=Decimal("29250004.50")))
    assert said(authority.sign(more, holder=HOLDER), text, authority) == [NOT_THE_TEXT]


def test_an_earlier_text_of_the_same_letter_is_refused(text: bytes, authority: Authority) -> None:
    earlier = to_sign(letter(guarantor_name=HOLDER, verification_code="ABCD34679XYY"))
    assert said(authority.sign(earlier, holder=HOLDER), text, authority) == [NOT_THE_TEXT]


def test_what_is_not_signed_not_trusted_or_no_pdf_is_refused(text: bytes, authority: Authority) -> None:
    assert said(text, text, authority) == [UNSIGNED]
    assert said(Authority().sign(text, holder=HOLDER), text, authority) == [UNTRUSTED]
    assert said(b"%PDF-1.7\nnothing", text, authority) == [NOT_THE_TEXT]
    for tail in (b"\n%%EOF\n" * 3, b"startxref\n1\n%%EOF\n"):
        assert said(text + tail, text, authority) == [UNREADABLE]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("tail", [b"x", b"\0" * 64, b"<html>", b"\n\n\n"])
def test_what_follows_the_last_revision_is_refused(
    level: str, tail: bytes, signed_at: Mapping[str, bytes], authority: Authority
) -> None:
    report = inspect(signed_at[level] + tail, [authority.root])
    assert report.problems in ((NOT_WHOLE,), (UNREADABLE,))


def test_a_signature_by_somebody_else_is_refused_with_both_names(text: bytes, authority: Authority) -> None:
    assert said(authority.sign(text, holder="陈海峰"), text, authority) == [
        f"签名证书的持有人是“陈海峰”，不是保证人“{HOLDER}”，请用本单位的数字证书签署。"
    ]

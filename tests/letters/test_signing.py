"""What a signature is worth: whole, unchanged, trusted, and made out to the guarantor."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from hypothesis import given, settings
from hypothesis import strategies as st

from app.letters.inspection import (
    ALTERED,
    NOT_WHOLE,
    UNREADABLE,
    UNSIGNED,
    UNTRUSTED,
    check_own_signed,
    inspect,
    trusted_certificates,
)
from app.letters.pdf import typeset
from app.letters.signing import DemoKeys, Pkcs12Signer, with_field
from tests.letters.samples import BANK, USCC, letter, needs_poppler

OTHER = "91110108765016311A"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> DemoKeys:
    return DemoKeys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def original() -> bytes:
    sheet = typeset(letter())
    return with_field(sheet.pdf, sheet.seal)


@pytest.fixture(scope="module")
def signed(keys: DemoKeys, original: bytes) -> bytes:
    return keys.signer_for(USCC, BANK).sign(original, reason="出具工程款支付保函", field="Guarantor")


def pdfsig(pdf: bytes, tmp_path: Path) -> str:
    file = tmp_path / "letter.pdf"
    file.write_bytes(pdf)
    return subprocess.run(["pdfsig", str(file)], capture_output=True, text=True).stdout


def test_a_signed_letter_is_valid_whole_and_names_its_signer(keys: DemoKeys, signed: bytes) -> None:
    report = inspect(signed, [keys.root()])
    assert (report.valid, report.whole, report.problems) == (True, True, ())
    assert report.signer_name == BANK and report.subject["serial_number"] == USCC
    assert report.signed_at is not None and abs((datetime.now(UTC) - report.signed_at).total_seconds()) < 600


@needs_poppler
def test_poppler_agrees_that_the_signature_is_valid_and_total(signed: bytes, tmp_path: Path) -> None:
    said = pdfsig(signed, tmp_path)
    assert "Signature is Valid." in said and "Total document signed" in said
    assert "Not total document signed" not in said
    assert "ETSI.CAdES.detached" in said and "SHA-256" in said


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_one_changed_byte_of_what_was_signed_breaks_the_signature(
    keys: DemoKeys, signed: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(signed) - 1))
    gap = signed.index(b"/Contents <") + 10
    if gap <= at < signed.index(b">", gap):
        at = gap - 40
    changed = signed[:at] + bytes([signed[at] ^ 0x01]) + signed[at + 1 :]
    assert not inspect(changed, [keys.root()]).valid


def test_a_changed_byte_of_the_text_is_reported_as_an_alteration(keys: DemoKeys, signed: bytes) -> None:
    at = signed.index(b"stream") + 40
    changed = signed[:at] + bytes([signed[at] ^ 0x01]) + signed[at + 1 :]
    assert ALTERED in inspect(changed, [keys.root()]).problems


@needs_poppler
@pytest.mark.parametrize("tail", [b"\n", b"x", b"\n%%EOF\n", b"\0" * 64])
def test_appended_bytes_are_refused(keys: DemoKeys, signed: bytes, tail: bytes, tmp_path: Path) -> None:
    report = inspect(signed + tail, [keys.root()])
    assert not report.valid and not report.whole
    assert "Not total document signed" in pdfsig(signed + tail, tmp_path) or report.problems == (UNREADABLE,)


def test_a_later_revision_is_refused_even_when_it_is_well_formed(keys: DemoKeys, signed: bytes) -> None:
    from io import BytesIO

    from pyhanko.pdf_utils.generic import NameObject, TextStringObject
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(BytesIO(signed))
    writer.root[NameObject("/Lang")] = TextStringObject("en")
    writer.update_root()
    appended = BytesIO()
    writer.write(appended)
    report = inspect(appended.getvalue(), [keys.root()])
    assert not report.whole and NOT_WHOLE in report.problems


def test_a_second_signature_over_the_first_keeps_both_valid(keys: DemoKeys, signed: bytes) -> None:
    twice = keys.signer_for(OTHER, "海口市住房和城乡建设局").sign(signed, reason="备案", field="Filing")
    report = inspect(twice, [keys.root()])
    assert report.valid and report.whole and report.signer_name == "海口市住房和城乡建设局"


def test_a_signature_under_another_root_or_under_none_is_not_trusted(signed: bytes, tmp_path: Path) -> None:
    stranger = DemoKeys(tmp_path).root()
    assert inspect(signed, [stranger]).problems == (UNTRUSTED,)
    assert inspect(signed, []).problems == (UNTRUSTED,)


def test_a_signature_is_not_trusted_after_its_certificate_expired(keys: DemoKeys, signed: bytes) -> None:
    late = datetime(2050, 6, 1, tzinfo=UTC)
    assert inspect(signed, [keys.root()], at=late).problems == (UNTRUSTED,)


def test_an_unsigned_letter_and_a_file_that_is_no_pdf_say_so(keys: DemoKeys, original: bytes) -> None:
    assert inspect(original, [keys.root()]).problems == (UNSIGNED,)
    for broken in (b"", b"PK\x03\x04", b"%PDF-1.7", original[: len(original) // 2]):
        assert inspect(broken, [keys.root()]).problems == (UNREADABLE,)


def test_keys_are_made_once_even_when_many_ask_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    with ThreadPoolExecutor(8) as pool:
        roots = list(pool.map(lambda _: DemoKeys(folder).root(), range(16)))
        list(pool.map(lambda _: DemoKeys(folder).signer_for(USCC, BANK), range(16)))
    assert len({root.serial_number for root in roots}) == 1
    assert len(list(folder.glob("*.pem"))) == 2
    assert {file.stat().st_mode & 0o777 for file in folder.glob("*.pem")} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_guarantor_that_changes_its_name_gets_a_new_certificate(keys: DemoKeys, original: bytes) -> None:
    name = "海南椰风银行股份有限公司"
    renamed = keys.signer_for(USCC, name).sign(original, reason="出具", field="Guarantor")
    assert inspect(renamed, [keys.root()]).signer_name == name


@pytest.mark.parametrize("uscc", ["", "../../etc/passwd", "91460000ma5tm8hd9j", USCC + "\n", "9" * 17])
def test_a_code_that_is_none_makes_no_key(keys: DemoKeys, uscc: str) -> None:
    with pytest.raises(ValueError, match="social credit code"):
        keys.signer_for(uscc, BANK)


def pair(keys: DemoKeys, stem: str) -> tuple[bytes, x509.Certificate]:
    pem = next(keys.folder.glob(f"{stem}*.pem")).read_bytes()
    return pem, x509.load_pem_x509_certificate(pem)


def test_a_key_of_ones_own_in_a_pkcs12_file_signs_as_well(
    keys: DemoKeys, original: bytes, signed: bytes, tmp_path: Path
) -> None:
    pem, certificate = pair(keys, USCC)
    key = serialization.load_pem_private_key(pem, password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    secret = serialization.BestAvailableEncryption("口令".encode())
    file = tmp_path / "own.p12"
    file.write_bytes(pkcs12.serialize_key_and_certificates(b"own", key, certificate, None, secret))
    own = Pkcs12Signer(file, "口令").sign(original, reason="出具保函", field="Guarantor")
    assert inspect(own, [keys.root()]).valid
    with pytest.raises(ValueError, match="PKCS#12"):
        Pkcs12Signer(file, "wrong")


def test_only_authorities_in_crt_files_are_trusted_roots(keys: DemoKeys, tmp_path: Path) -> None:
    keys.signer_for(USCC, BANK)
    (tmp_path / "root.crt").write_bytes(keys.root().public_bytes(serialization.Encoding.PEM))
    (tmp_path / "leaf.crt").write_bytes(pair(keys, USCC)[1].public_bytes(serialization.Encoding.PEM))
    assert trusted_certificates(tmp_path) == [keys.root()]
    assert trusted_certificates(keys.folder) == []
    assert trusted_certificates(tmp_path / "absent") == []


def own(pdf: bytes, keys: DemoKeys, text: bytes, *, name: str = BANK, uscc: str = USCC) -> list[str]:
    found = check_own_signed(
        pdf, [keys.root()], guarantor_name=name, guarantor_uscc=uscc, text=text, field="signed_letter"
    )
    assert all(each.field == "signed_letter" and each.blocking for each in found)
    return [each.text for each in found]


def test_a_letter_that_the_guarantor_signed_itself_is_accepted(keys: DemoKeys, signed: bytes, original: bytes) -> None:
    assert own(signed, keys, original) == []


def test_a_letter_signed_by_someone_else_is_refused_with_both_names(
    keys: DemoKeys, signed: bytes, original: bytes
) -> None:
    found = own(signed, keys, original, name="琼州财产保险股份有限公司", uscc=OTHER)
    assert found == [f"签名证书的持有人是“{BANK}”，不是保证人“琼州财产保险股份有限公司”，请用本单位的数字证书签署。"]


@pytest.mark.parametrize(
    ("holder", "name", "accepted"),
    [
        ("海南椰风银行股份有限公司", "海南椰风银行股份有限公司三亚分行", True),
        ("海南椰风银行", "海南椰风银行股份有限公司", False),
    ],
)
def test_a_head_office_signs_for_its_branch_but_not_for_a_namesake(
    keys: DemoKeys, original: bytes, holder: str, name: str, accepted: bool
) -> None:
    pdf = keys.signer_for("91460000MA5TM8HD9J", holder).sign(original, reason="出具", field="Guarantor")
    assert (own(pdf, keys, original, name=name, uscc=OTHER) == []) is accepted

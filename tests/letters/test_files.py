"""The store keeps what it was given, and an upload is what it says it is."""

import hashlib
import io
import os
import resource
import struct
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.files.store import KINDS, DamagedFile, FileStore, MalformedDigest, check_upload, content_kind, safe_name

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0"
JPG = b"\xff\xd8\xff\xe0\0\x10JFIF\0"
PDF = b"%PDF-1.7\n1 0 obj\nendobj\ntrailer\n%%EOF\n"
ALL = tuple(KINDS)


def archive(*names: str, content: bytes = b"x") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name in names:
            made.writestr(name, content)
    return target.getvalue()


XLSX = archive("[Content_Types].xml", "xl/workbook.xml")
DOCX = archive("[Content_Types].xml", "word/document.xml")
OFD = archive("OFD.xml", "Doc_0/Document.xml")


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "uploads")


def test_what_is_put_can_be_read_back_by_its_sha256(store: FileStore) -> None:
    sha256 = store.put("保函".encode())
    assert sha256 == hashlib.sha256("保函".encode()).hexdigest()
    assert store.path(sha256) == store.root / sha256[:2] / sha256[2:4] / sha256
    assert store.exists(sha256) and store.read(sha256) == "保函".encode()
    with store.open(sha256) as stored:
        assert stored.read() == "保函".encode()


def test_the_same_content_is_kept_once_and_nothing_is_left_behind(store: FileStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: store.put(b"same"), range(32)))) == 1
    files = [file for file in store.root.rglob("*") if file.is_file() and file.name != ".lock"]
    assert [file.read_bytes() for file in files] == [b"same"]


@pytest.mark.parametrize(
    "digest",
    ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 65, "a" * 64 + "\n", "g" * 64, "a/" * 32, None],
)
def test_a_malformed_digest_is_refused_by_every_door(store: FileStore, digest: str) -> None:
    for door in (store.path, store.exists, store.open, store.read):
        with pytest.raises(MalformedDigest):
            door(digest)


def test_an_absent_file_is_not_found(store: FileStore) -> None:
    assert not store.exists("a" * 64)
    with pytest.raises(FileNotFoundError):
        store.read("a" * 64)


def test_a_damaged_file_is_never_read_and_is_healed_by_putting_it_again(store: FileStore) -> None:
    sha256 = store.put(b"letter")
    store.path(sha256).write_bytes(b"lettre")
    with pytest.raises(DamagedFile):
        store.read(sha256)
    assert store.put(b"letter") == sha256 and store.read(sha256) == b"letter"


def aged(path: Path, seconds: int) -> None:
    now = path.stat().st_mtime
    os.utime(path, (now - seconds, now - seconds))


def test_only_old_files_that_no_row_names_are_swept(store: FileStore) -> None:
    kept, young, old = store.put(b"kept"), store.put(b"young"), store.put(b"old")
    aged(store.path(kept), 7200)
    aged(store.path(old), 7200)
    leftover = store.root / "incoming" / "tmp-of-a-crash"
    leftover.write_bytes(b"half")
    aged(leftover, 7200)
    assert store.delete_unreferenced([kept], older_than_seconds=3600) == [old]
    assert store.exists(kept) and store.exists(young) and not store.exists(old) and not leftover.exists()


def test_putting_an_old_file_again_saves_it_from_the_sweep(store: FileStore) -> None:
    sha256 = store.put(b"again")
    aged(store.path(sha256), 7200)
    store.put(b"again")
    assert store.delete_unreferenced([], older_than_seconds=3600) == []
    assert store.exists(sha256)


def test_sweeping_a_store_that_was_never_used_does_nothing(store: FileStore) -> None:
    assert store.delete_unreferenced([], older_than_seconds=0) == []


def test_a_content_is_on_the_disk_before_its_name_and_the_name_before_it_is_spoken_of(
    store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[tuple[str, Path]] = []
    fsync, rename = os.fsync, os.rename

    def synced(descriptor: int) -> None:
        fsync(descriptor)
        done.append(("fsync", Path(os.readlink(f"/proc/self/fd/{descriptor}"))))

    def renamed(source: str, target: Path) -> None:
        rename(source, target)
        done.append(("rename", Path(target)))

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "rename", renamed)
    kept = store.path(store.put(b"letter"))
    moved = done.index(("rename", kept))
    before, after = done[:moved], done[moved + 1 :]
    assert any(verb == "fsync" and path.parent == store.root / "incoming" for verb, path in before)
    assert after == [("fsync", kept.parent)]


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """Let the kernel refuse longer files, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_write_that_fails_leaves_neither_a_file_nor_a_fragment(store: FileStore) -> None:
    data = b"x" * 100_000
    with no_file_longer_than(50_000), pytest.raises(OSError, match="File too large"):
        store.put(data)
    assert not store.exists(hashlib.sha256(data).hexdigest())
    assert list((store.root / "incoming").iterdir()) == []
    assert store.read(store.put(data)) == data


@pytest.mark.parametrize(
    ("data", "filename", "kind"),
    [
        (PDF, "保函.PDF", "pdf"),
        (JPG, "营业执照.jpg", "jpg"),
        (JPG, "营业执照.jpeg", "jpg"),
        (PNG, "章.png", "png"),
        (XLSX, "台账.xlsx", "xlsx"),
        (DOCX, "协议.docx", "docx"),
        (OFD, "回单.ofd", "ofd"),
    ],
)
def test_a_file_is_known_by_its_content(data: bytes, filename: str, kind: str) -> None:
    assert content_kind(data) is KINDS[kind]
    assert check_upload(data, filename, allowed=(kind,), max_bytes=len(data)) == []


@pytest.mark.parametrize("data", [PDF, JPG, PNG, XLSX, DOCX, OFD])
@pytest.mark.parametrize("filename", ["x.exe", "x", ".pdf.exe", "x.pdf.html", "x.pdf\0.exe", ""])
def test_an_extension_that_disagrees_with_the_content_is_refused(data: bytes, filename: str) -> None:
    [problem] = check_upload(data, filename, allowed=ALL, max_bytes=len(data))
    assert "的扩展名与内容不符" in problem.text and problem.blocking


def test_a_real_workbook_is_an_xlsx() -> None:
    target = io.BytesIO()
    openpyxl.Workbook().save(target)
    assert content_kind(target.getvalue()) is KINDS["xlsx"]


def encrypted(data: bytes) -> bytes:
    at = data.index(b"PK\x01\x02") + 8
    return data[:at] + b"\x01" + data[at + 1 :]


def declaring(data: bytes, size: int) -> bytes:
    at = data.index(b"PK\x01\x02") + 24
    return data[:at] + struct.pack("<I", size) + data[at + 4 :]


def of_version(data: bytes, version: int) -> bytes:
    at = data.index(b"PK\x01\x02") + 6
    return data[:at] + bytes([version]) + data[at + 1 :]


def misnamed(data: bytes) -> bytes:
    """Its first member claims a name in UTF-8 that is none."""
    at = data.index(b"PK\x01\x02")
    return data[: at + 9] + b"\x08" + data[at + 10 : at + 46] + b"\xff" + data[at + 47 :]


@pytest.mark.parametrize(
    "made",
    [
        lambda: archive("a.txt"),
        lambda: archive("[Content_Types].xml", "xl/workbook.xml", "word/document.xml"),
        lambda: archive("OFD.xml", "[Content_Types].xml", "xl/workbook.xml"),
        lambda: archive("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"),
        lambda: archive("[Content_Types].xml", "xl/workbook.xml", *(f"xl/{n:060}" for n in range(20_000))),
        lambda: encrypted(XLSX),
        lambda: declaring(XLSX, 0xF0000000),
        lambda: of_version(XLSX, 255),
        lambda: misnamed(XLSX),
        lambda: XLSX.replace(b"PK\x01\x02", b"PK\x01\x03", 1),
        lambda: archive("[Content_Types].xml", "xl/workbook.xml", content=b"\0" * 140_000_000),
        lambda: XLSX[:-4],
        lambda: XLSX[:40],
        lambda: b"PK\x03\x04" + b"\0" * 100,
        lambda: b"PK\x05\x06" + b"\0" * 18,
        lambda: b"",
    ],
    ids=[
        "plain zip",
        "two documents",
        "ofd and xlsx",
        "macros",
        "many members",
        "encrypted",
        "declares 4 GB",
        "a later version",
        "a name that is no UTF-8",
        "a damaged directory",
        "bomb",
        "cut end",
        "cut middle",
        "no directory",
        "empty zip",
        "empty",
    ],
)
def test_an_archive_that_is_a_trap_or_no_document_is_no_kind(made: Callable[[], bytes]) -> None:
    assert content_kind(made()) is None


@given(st.binary(max_size=400))
def test_no_bytes_can_upset_the_check(data: bytes) -> None:
    for head in (b"", PDF[:5], b"PK\x03\x04", XLSX[:-22], XLSX):
        check_upload(head + data, "x.xlsx", allowed=ALL, max_bytes=10**6)


def problems(data: bytes, filename: str, *, max_bytes: int = 20 * 1024**2) -> list[str]:
    found = check_upload(data, filename, allowed=("pdf", "jpg", "png"), max_bytes=max_bytes, field="proof")
    assert all(each.field == "proof" and each.blocking for each in found)
    return [each.text for each in found]


def test_a_good_upload_has_no_problem() -> None:
    assert problems(PDF, "证明.pdf") == []
    assert problems(PDF, "证明.pdf", max_bytes=len(PDF)) == []


def test_each_bad_upload_is_told_what_is_wrong_and_what_to_do() -> None:
    assert problems(b"MZ\x90\0", "x.exe") == ["文件“x.exe”类型不支持，请上传 PDF、JPG、PNG 文件。"]
    assert problems(XLSX, "表.xlsx") == ["文件“表.xlsx”类型不支持，请上传 PDF、JPG、PNG 文件。"]
    assert problems(b"", "空.pdf") == ["文件“空.pdf”为空，请重新选择文件。"]
    assert problems(PNG, "章.pdf") == ["文件“章.pdf”的扩展名与内容不符，其内容是 PNG，请改为 .png 后再上传。"]
    assert problems(PDF, "100%折.exe") == ["文件“100%折.exe”的扩展名与内容不符，其内容是 PDF，请改为 .pdf 后再上传。"]


@pytest.mark.parametrize(
    ("size", "limit", "said"),
    [(20 * 1024**2 + 1, 20 * 1024**2, "20.1 MB，超过 20 MB"), (3 * 1024**2, 1_572_864, "3 MB，超过 1.5 MB")],
)
def test_a_file_that_is_too_large_is_told_both_numbers(size: int, limit: int, said: str) -> None:
    found = problems(PDF.ljust(size, b" "), "大.pdf", max_bytes=limit)
    assert found == [f"文件“大.pdf”大小为 {said} 的上限，请压缩或拆分后再上传。"]


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("保函（终稿）.pdf", "保函（终稿）.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\用户\\证明.pdf", "证明.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie_ x.pdf"),
        ("fdp.\u202eexe.pdf", "fdp.exe.pdf"),
        ("..", "附件"),
        ("", "附件"),
        ("\0\x7f", "附件"),
        ('a<b>"c"|?*.png', "a_b__c____.png"),
        ("  .证明.pdf. ", "证明.pdf"),
    ],
)
def test_a_name_keeps_its_chinese_and_loses_its_tricks(given_name: str, kept: str) -> None:
    assert safe_name(given_name) == kept


@given(st.text(max_size=300))
def test_any_name_becomes_one_safe_file_name(name: str) -> None:
    safe = safe_name(name)
    assert safe and len(safe.encode()) <= 200 and safe == safe_name(safe)
    assert not set(safe) & set('/\\<>:"|?*\0\r\n') and not safe.startswith(".")


def test_a_long_name_keeps_its_extension() -> None:
    safe = safe_name("长" * 300 + ".pdf")
    assert safe.endswith("长.pdf") and len(safe.encode()) <= 200

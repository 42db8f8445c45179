"""Uploaded and issued files, kept by the sha256 of their content, and the checks before one is taken in."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import struct
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from models.rules.problem import Problem
from models.rules.words import Listed

_DIGEST = re.compile(r"[0-9a-f]{64}")
_INCOMING = "incoming"
_LOCK = ".lock"


class MalformedDigest(ValueError):
    """A file was asked for by something that is not a lower-case hexadecimal sha256."""


class DamagedFile(OSError):
    """A stored file no longer has the content that its name promises."""


class FileStore:
    """A folder of immutable files named by content: ``root/ab/cd/abcd…``.

    A file that `put` has returned survives a power cut; the row that names it is committed afterwards, so no
    row can ever name a file that is not there. What a lost transaction leaves behind is swept by
    `delete_unreferenced`.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def put(self, data: bytes) -> str:
        """Store the bytes durably and give their sha256; storing the same bytes again renews their age."""
        sha256 = hashlib.sha256(data).hexdigest()
        target = self.path(sha256)
        _make_folder(self.root / _INCOMING, self.root.parent)
        _make_folder(target.parent, self.root)
        with self._locked(fcntl.LOCK_SH):
            if self._holds(target, sha256):
                os.utime(target)
            else:
                self._write(target, data)
            _sync_folder(target.parent)
        return sha256

    def path(self, sha256: str) -> Path:
        """Where the file of this sha256 lies, whether it is there or not."""
        if not isinstance(sha256, str) or not _DIGEST.fullmatch(sha256):
            raise MalformedDigest(f"not a sha256: {sha256!r}")
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def exists(self, sha256: str) -> bool:
        """Whether a file of this sha256 is stored."""
        return self.path(sha256).is_file()

    def open(self, sha256: str) -> BinaryIO:
        """The stored file, opened for reading, unverified; FileNotFoundError when it is absent."""
        return self.path(sha256).open("rb")

    def read(self, sha256: str) -> bytes:
        """The stored bytes, verified against their sha256; DamagedFile when they differ."""
        data = self.path(sha256).read_bytes()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise DamagedFile(f"content of {sha256} has changed on disk")
        return data

    def delete_unreferenced(self, referenced: Iterable[str], older_than_seconds: float) -> list[str]:
        """Remove files that no row names and that were last put longer ago than this; gives their sha256.

        Age is measured by the file system's own clock. The age must exceed the longest transaction, for a
        file is stored before the row that names it is committed.
        """
        kept = set(referenced)
        if not self.root.is_dir():
            return []
        _make_folder(self.root / _INCOMING, self.root.parent)
        with self._locked(fcntl.LOCK_EX):
            oldest = self._filesystem_now() - older_than_seconds
            for leftover in (self.root / _INCOMING).iterdir():
                _delete_if_older(leftover, oldest)
            candidates = [file for file in self._files() if file.name not in kept]
            return [file.name for file in candidates if _delete_if_older(file, oldest)]

    def _holds(self, target: Path, sha256: str) -> bool:
        try:
            with target.open("rb") as stored:
                return hashlib.file_digest(stored, "sha256").hexdigest() == sha256
        except FileNotFoundError:
            return False

    def _write(self, target: Path, data: bytes) -> None:
        descriptor, name = tempfile.mkstemp(dir=self.root / _INCOMING)
        try:
            with os.fdopen(descriptor, "wb") as stored:
                stored.write(data)
                stored.flush()
                os.fchmod(stored.fileno(), 0o640)
                os.fsync(stored.fileno())
            os.rename(name, target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def _files(self) -> Iterator[Path]:
        for file in self.root.glob("??/??/*"):
            if _DIGEST.fullmatch(file.name) and file == self.path(file.name):
                yield file

    def _filesystem_now(self) -> float:
        with tempfile.NamedTemporaryFile(dir=self.root / _INCOMING) as probe:
            return os.fstat(probe.fileno()).st_mtime

    @contextmanager
    def _locked(self, mode: int) -> Iterator[None]:
        with (self.root / _LOCK).open("ab") as lock:
            fcntl.flock(lock, mode)
            yield


def _make_folder(folder: Path, root: Path) -> None:
    """Make the folder and fsync every folder between it and the root that gained an entry."""
    missing = []
    while folder != root and not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        each.mkdir(mode=0o750, parents=True, exist_ok=True)
        _sync_folder(each.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _delete_if_older(file: Path, oldest: float) -> bool:
    if file.stat().st_mtime >= oldest:
        return False
    file.unlink()
    return True


_MEGABYTE = 1024 * 1024
_DIRECTORY_LIMIT = _MEGABYTE  # bytes of a zip's central directory, about 15,000 members
_UNPACKED_LIMIT = 256 * _MEGABYTE  # bytes that a zip may declare for its members together
_STATEMENT = b"urn:iso:std:iso:20022:tech:xsd:camt.05"
_OFFICE = "application/vnd.openxmlformats-officedocument"
LONGEST_NAME = 255  # characters of a name as it comes in, the most that a file system takes
_NAME_LIMIT = 200  # bytes of UTF-8; most file systems take 255 and a sha256 or number may be put in front


@dataclass(frozen=True)
class Kind:
    """A type of file that the system knows: name, what people call it, media type and extensions."""

    name: str
    label: str
    media_type: str
    extensions: tuple[str, ...]


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("pdf", "PDF", "application/pdf", ("pdf",)),
        Kind("jpg", "JPG", "image/jpeg", ("jpg", "jpeg")),
        Kind("png", "PNG", "image/png", ("png",)),
        Kind("ofd", "OFD", "application/ofd", ("ofd",)),
        Kind("xlsx", "XLSX", f"{_OFFICE}.spreadsheetml.sheet", ("xlsx",)),
        Kind("docx", "DOCX", f"{_OFFICE}.wordprocessingml.document", ("docx",)),
        Kind("zip", "ZIP", "application/zip", ("zip",)),
        Kind("csv", "CSV", "text/csv", ("csv", "txt")),
        Kind("xml", "camt XML", "application/xml", ("xml",)),
    )
}
_CONTAINERS = {
    "ofd": frozenset({"OFD.xml"}),
    "xlsx": frozenset({"[Content_Types].xml", "xl/workbook.xml"}),
    "docx": frozenset({"[Content_Types].xml", "word/document.xml"}),
}


def content_kind(data: bytes) -> Kind | None:
    """The kind by content alone; archives with macros, encrypted members or bombs are no kind of ours."""
    if data.startswith(b"%PDF-") and b"%%EOF" in data[-2048:]:
        return KINDS["pdf"]
    if data.startswith(b"\xff\xd8\xff"):
        return KINDS["jpg"]
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
        return KINDS["png"]
    if data.startswith(b"PK\x03\x04"):
        return _container_kind(data)
    return _text_kind(data)


def _text_kind(data: bytes) -> Kind | None:
    """Tables as text, and the statements of banks; nothing else that is text is a kind of ours."""
    head = data.removeprefix(b"\xef\xbb\xbf")[:4096]
    if head.lstrip().startswith(b"<"):
        return KINDS["xml"] if _STATEMENT in head else None
    first = head.split(b"\n", 1)[0]
    is_text = not any(sign < 32 and sign not in b"\t\r\n" for sign in head)
    return KINDS["csv"] if is_text and any(sign in first for sign in (b",", b";", b"\t")) else None


def check_upload(
    data: bytes, filename: str, *, allowed: tuple[str, ...], max_bytes: int, field: str = ""
) -> list[Problem]:
    """What stands against taking in this file; `allowed` names kinds (``pdf``), `max_bytes` is in bytes."""
    length = len(_own_name(filename))
    if length > LONGEST_NAME:
        message = "文件名不能超过 %(most)s 个字符，现有 %(count)s 个，请改短后再上传"
        return [Problem(message, field=field, params={"most": LONGEST_NAME, "count": length})]
    name = safe_name(filename)
    if not data:
        return [Problem("文件“%(name)s”为空，请重新选择文件。", field=field, params={"name": name})]
    if len(data) > max_bytes:
        size, limit = _megabytes(len(data), ROUND_UP), _megabytes(max_bytes, ROUND_DOWN)
        message = "文件“%(name)s”大小为 %(size)s MB，超过 %(limit)s MB 的上限，请压缩或拆分后再上传。"
        return [Problem(message, field=field, params={"name": name, "size": size, "limit": limit})]
    labels = Listed(tuple(KINDS[each].label for each in allowed))
    kind = content_kind(data)
    if kind is None or kind.name not in allowed:
        message = "文件“%(name)s”类型不支持，请上传 %(labels)s 文件。"
        return [Problem(message, field=field, params={"name": name, "labels": labels})]
    if _extension(filename) not in kind.extensions:
        message = "文件“%(name)s”的扩展名与内容不符，其内容是 %(label)s，请改为 .%(extension)s 后再上传。"
        params = {"name": name, "label": kind.label, "extension": kind.extensions[0]}
        return [Problem(message, field=field, params=params)]
    return []


def unpacked_bytes(data: bytes) -> int:
    """How many bytes the zip's own directory declares for its members together; 0 for what is no ordinary zip."""
    return sum(member.file_size for member in _members(data) or ())


def safe_name(filename: str) -> str:
    """The file's own name, Chinese kept, without folders or control marks, at most 200 bytes of UTF-8."""
    base = unicodedata.normalize("NFC", _own_name(filename)[-LONGEST_NAME:])
    visible = "".join(each for each in base if unicodedata.category(each)[0] != "C")
    visible = re.sub(r'[<>:"|?*\u2028\u2029]', "_", visible).strip(" .")
    if not visible:
        return "附件"
    stem, dot, extension = visible.rpartition(".")
    if not dot or len(extension) > 8:
        return _shortened(visible, _NAME_LIMIT)
    suffix = dot + extension
    return _shortened(stem, _NAME_LIMIT - len(suffix.encode())) + suffix


def _own_name(filename: str) -> str:
    return re.split(r"[/\\]", filename)[-1]


def _extension(filename: str) -> str:
    return safe_name(filename).rpartition(".")[2].lower()


def _shortened(text: str, limit: int) -> str:
    return text.encode()[:limit].decode(errors="ignore").rstrip(" .")


def _megabytes(size: int, rounding: str) -> str:
    """Bytes as MB with at most one decimal."""
    number = (Decimal(size) / _MEGABYTE).quantize(Decimal("0.1"), rounding=rounding)
    return f"{number:f}".removesuffix(".0")


def _members(data: bytes) -> list[zipfile.ZipInfo] | None:
    if not _small_directory(data):
        return None
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return archive.infolist()
    # A damaged directory, a place or a name in it that cannot be read, a later version: no document of a known kind.
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None


def _container_kind(data: bytes) -> Kind | None:
    members = _members(data)
    if members is None:
        return None
    names = {member.filename for member in members}
    if sum(member.file_size for member in members) > _UNPACKED_LIMIT:
        return None
    if len(names) != len(members) or any(member.flag_bits & 1 for member in members):
        return None
    if any(name.endswith("vbaProject.bin") for name in names):
        return None
    found = [name for name, wanted in _CONTAINERS.items() if wanted <= names]
    return KINDS[found[0]] if len(found) == 1 else None


def _small_directory(data: bytes) -> bool:
    """Whether the zip has an ordinary (not Zip64) end record and a central directory worth reading."""
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - 65557))
    if end < 0 or len(data) < end + 22 or data[max(0, end - 20) : end].startswith(b"PK\x06\x07"):
        return False
    count, size, offset = struct.unpack_from("<HII", data, end + 10)
    return bool(count) and size <= _DIRECTORY_LIMIT and offset + size <= end

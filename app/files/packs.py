"""Evidence packs: ZIPs whose members are stored as they are, with a manifest of their hashes, and their verifier.

The same members give the same bytes: names are sorted, dates and modes fixed, nothing is compressed. A pack is checked
without a database, and without unpacking it.
"""

import hashlib
import json
import re
import shutil
import struct
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import SEEK_END, BytesIO
from pathlib import Path
from typing import IO, Any, Protocol

MANIFEST, MANIFEST_HASH = "manifest.json", "manifest.sha256"
FORMAT = 1
OLDEST = (1980, 1, 1, 0, 0, 0)
"""The date of every member: the first that a ZIP can say."""

_MODE = 0o100644 << 16
_UNIX = 3
_CHUNK = 1 << 20
MOST_MEMBERS = 20_000
LARGEST_MANIFEST = 16 << 20
NOT_WHOLE = (zipfile.BadZipFile, EOFError, OSError, ValueError, RuntimeError, OverflowError, struct.error)
"""What the reader of ZIPs says of a file that is none, or a broken one."""

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Source(Protocol):
    """Where the bytes of a member come from."""

    def open(self) -> IO[bytes]:
        """The bytes, from their beginning."""


@dataclass(frozen=True)
class Text:
    """A member that is held in memory."""

    data: bytes

    def open(self) -> IO[bytes]:
        """The bytes."""
        return BytesIO(self.data)


@dataclass(frozen=True)
class Stored:
    """A member that lies on disk under the sha256 that it has to have."""

    path: Path
    sha256: str

    def open(self) -> IO[bytes]:
        """The bytes of the file."""
        return self.path.open("rb")


class BadPack(ValueError):
    """The file is no pack of this system, or not the one that was made: the message names the first fault."""


def write(members: Mapping[str, Source], about: Mapping[str, Any], target: IO[bytes]) -> str:
    """Write the pack of these members, by name; gives the sha256 of its manifest.

    BadPack where a name cannot stand in a pack, or where a stored file is no longer what its sha256 says.
    """
    for name in members:
        if name in (MANIFEST, MANIFEST_HASH) or _unsafe(name):
            raise BadPack(f"{name!r} cannot be the name of a member")
    listed = [_listed(name, members[name]) for name in sorted(members)]
    manifest = _canonical({"format": FORMAT, "about": about, "members": listed})
    digest = hashlib.sha256(manifest).hexdigest()
    whole: dict[str, Source] = {
        **members,
        MANIFEST: Text(manifest),
        MANIFEST_HASH: Text(f"{digest}  {MANIFEST}\n".encode()),
    }
    sizes = {each["name"]: each["size"] for each in listed}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(whole):
            with whole[name].open() as data:
                _add(archive, name, data, sizes.get(name))
    return digest


def verify(path: Path) -> str:
    """Check the pack; the sha256 of its manifest, or BadPack with the first fault."""
    with path.open("rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                digest = _verified(archive, path.stat().st_size)
                _is_written_anew(archive, file)
                return digest
        except BadPack:
            raise
        except NOT_WHOLE as error:
            raise BadPack(f"the file is no whole ZIP: {error}") from error


def _listed(name: str, source: Source) -> dict[str, Any]:
    digest, size = _hashed(source)
    if isinstance(source, Stored) and digest != source.sha256:
        raise BadPack(f"{name}: the stored file has changed on disk")
    return {"name": name, "sha256": digest, "size": size}


def _hashed(source: Source) -> tuple[str, int]:
    with source.open() as data:
        digest = hashlib.file_digest(data, "sha256").hexdigest()  # type: ignore[arg-type]  # a buffered reader
        return digest, data.seek(0, SEEK_END)


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def _add(archive: zipfile.ZipFile, name: str, data: IO[bytes], size: int | None) -> None:
    info = zipfile.ZipInfo(name, OLDEST)
    info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_STORED, _UNIX, _MODE
    if size is not None:
        info.file_size = size
    with archive.open(info, "w") as member:
        shutil.copyfileobj(data, member, _CHUNK)


def _verified(archive: zipfile.ZipFile, size: int) -> str:
    infos = archive.infolist()
    _are_plain(infos, size)
    names = [info.filename for info in infos]
    for wanted in (MANIFEST, MANIFEST_HASH):
        if wanted not in names:
            raise BadPack(f"{wanted} is missing")
    if archive.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
        raise BadPack(f"{MANIFEST} is larger than {LARGEST_MANIFEST} bytes")
    manifest = _read(archive, MANIFEST)
    digest = hashlib.sha256(manifest).hexdigest()
    if archive.getinfo(MANIFEST_HASH).file_size > 200 or _read(archive, MANIFEST_HASH) != (
        f"{digest}  {MANIFEST}\n".encode()
    ):
        raise BadPack(f"{MANIFEST} is not what {MANIFEST_HASH} says")
    _match(archive, _members_of(manifest))
    return digest


def _are_plain(infos: Iterable[zipfile.ZipInfo], size: int) -> None:
    """Stored members with safe names, each once, together no larger than the file itself."""
    seen, total = set(), 0
    for count, info in enumerate(infos, start=1):
        name, total = info.filename, total + info.file_size
        if count > MOST_MEMBERS:
            raise BadPack(f"there are more than {MOST_MEMBERS} members")
        if _unsafe(info.orig_filename) or _unsafe(name):
            raise BadPack(f"{name!r} leads out of the pack, or is no name of a member")
        if name in seen:
            raise BadPack(f"{name} stands in the pack twice")
        if info.flag_bits & 0x1:
            raise BadPack(f"{name} is encrypted")
        if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size or total > size:
            raise BadPack(f"{name} is compressed, or says that it is larger than the file holds")
        seen.add(name)


def _unsafe(name: str) -> bool:
    """Whether a name could lead somewhere else when it is unpacked, on any system."""
    parts = name.split("/")
    return not all(part.strip() and part not in (".", "..") for part in parts) or any(
        each in name for each in ("\\", ":", "\0", "\n", "\r")
    )


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except zipfile.BadZipFile as error:
        raise BadPack(f"{name} is damaged: {error}") from error


def _members_of(manifest: bytes) -> dict[str, str]:
    """The hashes by name, as the manifest lists them."""
    try:
        content = json.loads(manifest)
        listed = {str(each["name"]): str(each["sha256"]) for each in content["members"]}
        known = content["format"] == FORMAT and len(listed) == len(content["members"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadPack(f"{MANIFEST} cannot be read") from error
    if not known or not all(map(_DIGEST.fullmatch, listed.values())):
        raise BadPack(f"{MANIFEST} is of no format that this program knows")
    return listed


def _match(archive: zipfile.ZipFile, listed: Mapping[str, str]) -> None:
    there = {*archive.namelist()} - {MANIFEST, MANIFEST_HASH}
    for name in sorted(there | listed.keys()):
        if name not in there:
            raise BadPack(f"{name} is missing")
        if name not in listed:
            raise BadPack(f"{name} is not in the manifest: it was added")
        if _digest(archive, name) != listed[name]:
            raise BadPack(f"{name} has been changed")


def _digest(archive: zipfile.ZipFile, name: str) -> str:
    """The hash of what lies there; a CRC that does not fit is a change like any other."""
    digest = hashlib.sha256()
    try:
        with archive.open(name) as member:
            while chunk := member.read(_CHUNK):
                digest.update(chunk)
    except zipfile.BadZipFile as error:
        raise BadPack(f"{name} has been changed: {error}") from error
    return digest.hexdigest()


def _is_written_anew(archive: zipfile.ZipFile, file: IO[bytes]) -> None:
    """Written anew of what it holds it is the same file: nothing lies between its members, before or after them."""
    with tempfile.TemporaryFile() as anew:
        with zipfile.ZipFile(anew, "w", zipfile.ZIP_STORED) as fresh:
            for name in sorted(archive.namelist()):
                with archive.open(name) as member:
                    _add(fresh, name, member, archive.getinfo(name).file_size)
        anew.seek(0)
        file.seek(0)
        same = hashlib.file_digest(anew, "sha256").digest() == hashlib.file_digest(file, "sha256").digest()  # type: ignore[arg-type]  # a buffered reader
    if not same:
        raise BadPack("the file holds something beside its members, or was packed by another program")

"""A TrueType font of two glyphs, written by hand: .notdef and a filled square for one character."""

import struct
from pathlib import Path

_EM = 1000


def write(path: Path, character: str, *, family: str = "Tiny Level Three") -> None:
    """Write a font of this family that draws nothing but this character."""
    square = struct.pack(">hhhhh", 1, 0, 0, 800, 800) + struct.pack(">H", 3) + struct.pack(">H", 0)
    square += bytes([0x01] * 4) + struct.pack(">4h", 0, 0, 800, 0) + struct.pack(">4h", 0, 800, 0, -800)
    glyf = square * 2
    tables = {
        b"OS/2": _os2(character),
        b"cmap": _cmap(character),
        b"glyf": glyf,
        b"head": struct.pack(
            ">IIIIHHqqhhhhHHhhh", 0x10000, 0, 0, 0x5F0F3CF5, 3, _EM, 0, 0, 0, 0, 800, 800, 0, 8, 2, 1, 0
        ),
        b"hhea": struct.pack(">IhhhHhhhhhhhhhhhH", 0x10000, 800, -200, 0, 1000, 0, 0, 800, 1, 0, 0, 0, 0, 0, 0, 0, 2),
        b"hmtx": struct.pack(">HhHh", 1000, 0, 1000, 0),
        b"loca": struct.pack(">3I", 0, len(square), len(glyf)),
        b"maxp": struct.pack(">I14H", 0x10000, 2, 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
        b"name": _names(family),
        b"post": struct.pack(">IIhhIIIII", 0x30000, 0, 0, 0, 0, 0, 0, 0, 0),
    }
    path.write_bytes(_file(tables))


def _os2(character: str) -> bytes:
    last = min(ord(character), 0xFFFF)
    head = struct.pack(">HhHHH", 4, 1000, 400, 5, 0) + struct.pack(">10h", *(100,) * 10) + struct.pack(">h", 0)
    unicode_ranges = bytes(10) + struct.pack(">4I", 0, 0, 0, 0)
    tail = struct.pack(">HHHhhhHH", 0x40, last, last, 800, -200, 0, 800, 200) + struct.pack(">II", 1, 0)
    return head + unicode_ranges + b"TEST" + tail + struct.pack(">hhHHH", 500, 700, 0, 32, 1)


def _cmap(character: str) -> bytes:
    code = ord(character)
    map_ = struct.pack(">HHIII", 12, 0, 28, 0, 1) + struct.pack(">III", code, code, 1)
    return struct.pack(">HH", 0, 1) + struct.pack(">HHI", 3, 10, 12) + map_


def _names(family: str) -> bytes:
    texts = {1: family, 2: "Regular", 4: family, 6: family.replace(" ", "")}
    held, records = b"", b""
    for key, text in texts.items():
        written = text.encode("utf-16-be")
        records += struct.pack(">HHHHHH", 3, 1, 0x409, key, len(written), len(held))
        held += written
    return struct.pack(">HHH", 0, len(texts), 6 + len(records)) + records + held


def _file(tables: dict[bytes, bytes]) -> bytes:
    head = struct.pack(">IHHHH", 0x10000, len(tables), 128, 3, len(tables) * 16 - 128)
    place, directory, body = len(head) + 16 * len(tables), b"", b""
    for tag, data in sorted(tables.items()):
        directory += tag + struct.pack(">III", _sum(data), place + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    return head + directory + body


def _sum(data: bytes) -> int:
    padded = data + bytes(-len(data) % 4)
    return sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF

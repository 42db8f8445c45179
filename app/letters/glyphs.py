"""Which characters a font can draw, read from its own character map (OpenType `cmap`)."""

from __future__ import annotations

import struct
from pathlib import Path

_SEGMENTED_COVERAGE = 12  # the cmap format of every font with characters beyond the first 65,536


def characters(font: Path) -> frozenset[str]:
    """The characters for which the OpenType font has a glyph of its own."""
    data = font.read_bytes()
    cmap = _table(data, b"cmap")
    count = struct.unpack_from(">H", data, cmap + 2)[0]
    records = [struct.unpack_from(">HHI", data, cmap + 4 + 8 * index) for index in range(count)]
    subtables = {cmap + offset for _, _, offset in records}
    found = [each for each in subtables if struct.unpack_from(">H", data, each)[0] == _SEGMENTED_COVERAGE]
    if not found:
        raise ValueError(f"{font.name} has no character map of format {_SEGMENTED_COVERAGE}")
    return frozenset().union(*(_mapped(data, each) for each in found))


def _table(data: bytes, tag: bytes) -> int:
    count = struct.unpack_from(">H", data, 4)[0]
    for index in range(count):
        name, _, offset, _ = struct.unpack_from(">4sIII", data, 12 + 16 * index)
        if name == tag:
            return int(offset)
    raise ValueError(f"the font has no table {tag.decode()}")


def _mapped(data: bytes, subtable: int) -> set[str]:
    groups = struct.unpack_from(">I", data, subtable + 12)[0]
    mapped: set[str] = set()
    for index in range(groups):
        first, last, glyph = struct.unpack_from(">III", data, subtable + 16 + 12 * index)
        mapped.update(chr(code) for code in range(first, last + 1) if glyph + code - first)
    return mapped

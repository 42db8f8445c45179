"""Which characters a font can draw, read from its own character map (OpenType `cmap`)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

_COLLECTION = b"ttcf"


def characters(font: Path) -> frozenset[str]:
    """The characters for which the OpenType font, or one of a collection, has a glyph of its own."""
    data = font.read_bytes()
    found = [subtable for start in _starts(data) for subtable in _subtables(data, _table(data, start, b"cmap"))]
    maps = [each for each in found if _format(data, each) in _READERS]
    if not maps:
        raise ValueError(f"{font.name} has no character map of format 4 or 12")
    return frozenset().union(*(_READERS[_format(data, each)](data, each) for each in maps))


def _starts(data: bytes) -> tuple[int, ...]:
    """Where the tables of each font are listed: in a collection several, else one."""
    if data[:4] != _COLLECTION:
        return (0,)
    count = struct.unpack_from(">I", data, 8)[0]
    return struct.unpack_from(f">{count}I", data, 12)


def _table(data: bytes, start: int, tag: bytes) -> int:
    count = struct.unpack_from(">H", data, start + 4)[0]
    for index in range(count):
        name, _, offset, _ = struct.unpack_from(">4sIII", data, start + 12 + 16 * index)
        if name == tag:
            return int(offset)
    raise ValueError(f"the font has no table {tag.decode()}")


def _subtables(data: bytes, cmap: int) -> set[int]:
    count = struct.unpack_from(">H", data, cmap + 2)[0]
    records = [struct.unpack_from(">HHI", data, cmap + 4 + 8 * index) for index in range(count)]
    return {cmap + offset for _, _, offset in records}


def _format(data: bytes, subtable: int) -> int:
    return int(struct.unpack_from(">H", data, subtable)[0])


def _of_all_planes(data: bytes, subtable: int) -> set[str]:
    """Format 12: groups of characters, of every plane, with glyphs one after the other."""
    groups = struct.unpack_from(">I", data, subtable + 12)[0]
    mapped: set[str] = set()
    for index in range(groups):
        first, last, glyph = struct.unpack_from(">III", data, subtable + 16 + 12 * index)
        mapped.update(chr(code) for code in range(first, last + 1) if glyph + code - first)
    return mapped


def _of_the_first_plane(data: bytes, subtable: int) -> set[str]:
    """Format 4: segments of the first 65,536 characters, whose glyphs are counted from them or listed."""
    return {chr(code) for code, glyph in _of_segments(data, subtable) if glyph}


def _of_segments(data: bytes, subtable: int) -> Iterator[tuple[int, int]]:
    count = struct.unpack_from(">H", data, subtable + 6)[0] // 2
    ends = subtable + 14
    starts, deltas, offsets = (ends + 2 + 2 * count * number for number in (1, 2, 3))
    for index in range(count):
        last, first, delta, offset = (
            struct.unpack_from(">H", data, place + 2 * index)[0] for place in (ends, starts, deltas, offsets)
        )
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code
            if offset:
                glyph = struct.unpack_from(">H", data, offsets + 2 * index + offset + 2 * (code - first))[0]
            yield code, (glyph + delta) & 0xFFFF if glyph or not offset else 0


_READERS = {4: _of_the_first_plane, 12: _of_all_planes}

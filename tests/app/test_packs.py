"""Evidence packs: the same members are the same bytes, and whatever was changed in one is named."""

import json
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from app.files import packs
from app.files.packs import BadPack, Stored, Text

MEMBERS = {"卷宗.pdf": b"%PDF-1.7", "记录/代偿索赔-1.json": b"{}\n", "附件/凭证.pdf": b"paper" * 1000}
ABOUT = {"no": "SP250916000001"}


def packed(members: dict[str, bytes] | None = None) -> bytes:
    """The pack of these members."""
    target = BytesIO()
    packs.write({name: Text(data) for name, data in (members or MEMBERS).items()}, ABOUT, target)
    return target.getvalue()


def fault(tmp_path: Path, data: bytes) -> str:
    """What is said against these bytes; nothing where they are a whole pack."""
    path = tmp_path / "pack.zip"
    path.write_bytes(data)
    try:
        packs.verify(path)
    except BadPack as bad:
        return str(bad)
    return ""


def repacked(
    change: Callable[[dict[str, bytes]], None], *, compression: int = zipfile.ZIP_STORED, names: tuple[str, ...] = ()
) -> bytes:
    """The pack with its members changed by hand, as another program would write it."""
    with zipfile.ZipFile(BytesIO(packed())) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    change(held)
    target = BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name in sorted(held):
            archive.writestr(zipfile.ZipInfo(name, packs.OLDEST), held[name], compression)
        for name in names:
            archive.writestr(zipfile.ZipInfo(name, packs.OLDEST), b"more", compression)
    return target.getvalue()


def test_the_same_members_give_the_same_bytes_in_whatever_order_they_come() -> None:
    backwards = dict(reversed(MEMBERS.items()))
    assert packed() == packed(backwards)
    with zipfile.ZipFile(BytesIO(packed())) as archive:
        infos = archive.infolist()
    assert [info.filename for info in infos] == ["manifest.json", "manifest.sha256", *sorted(MEMBERS)]
    assert {(info.compress_type, info.date_time) for info in infos} == {(zipfile.ZIP_STORED, (1980, 1, 1, 0, 0, 0))}


def test_a_whole_pack_is_verified_and_its_manifest_names_every_member(tmp_path: Path) -> None:
    assert fault(tmp_path, packed()) == ""
    with zipfile.ZipFile(BytesIO(packed())) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert [(each["name"], each["size"]) for each in manifest["members"]] == [
        ("卷宗.pdf", 8),
        ("记录/代偿索赔-1.json", 3),
        ("附件/凭证.pdf", 5000),
    ]
    assert manifest["about"] == ABOUT


def test_every_single_byte_counts(tmp_path: Path) -> None:
    whole = packed({"a.json": b"{}\n"})
    unseen = [
        place
        for place in range(len(whole))
        if not fault(tmp_path, whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    ]
    assert unseen == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda held: held.update({"附件/凭证.pdf": b"forged"}), "附件/凭证.pdf has been changed"),
        (lambda held: held.pop("附件/凭证.pdf"), "附件/凭证.pdf is missing"),
        (lambda held: held.update({"附件/又一.pdf": b"x"}), "附件/又一.pdf is not in the manifest: it was added"),
        (lambda held: held.pop("manifest.json"), "manifest.json is missing"),
        (lambda held: held.pop("manifest.sha256"), "manifest.sha256 is missing"),
        (
            lambda held: held.update({"manifest.json": held["manifest.json"].replace(b"SP25", b"SP26")}),
            "manifest.json is not what manifest.sha256 says",
        ),
    ],
)
def test_the_first_member_that_is_wrong_is_named(
    tmp_path: Path, change: Callable[[dict[str, bytes]], None], said: str
) -> None:
    assert fault(tmp_path, repacked(change)) == said


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a\\..\\b", "C:/x", "a//b", "a/./b", "x/"])
def test_a_name_that_leads_out_of_the_pack_is_refused(tmp_path: Path, name: str) -> None:
    said = fault(tmp_path, repacked(lambda held: None, names=(name,)))
    assert said.endswith("leads out of the pack, or is no name of a member")
    with pytest.raises(BadPack):
        packed({name: b"x"})


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = repacked(lambda held: held.update({"附件/凭证.pdf": bytes(4 << 20)}), compression=zipfile.ZIP_DEFLATED)
    assert len(bomb) < 1 << 15
    assert "is compressed, or says that it is larger than the file holds" in fault(tmp_path, bomb)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_what_is_no_whole_zip_is_refused_in_words(tmp_path: Path) -> None:
    assert fault(tmp_path, b"").startswith("the file is no whole ZIP")
    assert fault(tmp_path, packed()[:-30]).startswith("the file is no whole ZIP")
    assert fault(tmp_path, packed()[: len(packed()) // 2]).startswith("the file is no whole ZIP")
    twice = repacked(lambda held: None, names=("卷宗.pdf",))
    assert fault(tmp_path, twice) == "卷宗.pdf stands in the pack twice"


def test_nothing_lies_beside_the_members(tmp_path: Path) -> None:
    said = "the file holds something beside its members, or was packed by another program"
    assert fault(tmp_path, b"hidden" + packed()) == said
    assert fault(tmp_path, repacked(lambda held: None)) == said


def test_a_stored_file_that_has_changed_on_disk_is_not_packed(tmp_path: Path) -> None:
    path = tmp_path / "stored"
    path.write_bytes(b"changed")
    with pytest.raises(BadPack, match="has changed on disk"):
        packs.write({"附件/凭证.pdf": Stored(path, "0" * 64)}, ABOUT, BytesIO())

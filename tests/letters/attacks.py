"""A text that was given out to be signed, changed in every way that is no signing."""

from collections.abc import Callable, Mapping
from io import BytesIO
from types import MappingProxyType
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields

Change = Callable[[IncrementalPdfFileWriter], None]
_A4 = (0, 0, 595, 842)
_DRAWN = b"q 1 1 1 rg 0 0 595 842 re f Q"  # a white sheet over all that stands there


def changed(pdf: bytes, change: Change) -> bytes:
    """The PDF with one more revision, in which the change was made."""
    writer, made = IncrementalPdfFileWriter(BytesIO(pdf)), BytesIO()
    change(writer)
    writer.write(made)
    return made.getvalue()


def _page(writer: IncrementalPdfFileWriter, number: int) -> Any:
    return writer.find_page_for_modification(number - 1)[0].get_object()


def _numbers(*given: float) -> generic.ArrayObject:
    return generic.ArrayObject(generic.FloatObject(each) for each in given)


def _appearance(writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
    drawn = generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Form"),
            pdf_name("/BBox"): _numbers(*_A4),
        },
        stream_data=_DRAWN,
    )
    return generic.DictionaryObject({pdf_name("/N"): writer.add_object(drawn)})


def _annotate(writer: IncrementalPdfFileWriter, kind: str) -> None:
    page = _page(writer, 1)
    note = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name(kind),
            pdf_name("/Rect"): _numbers(100, 500, 300, 520),
            pdf_name("/Contents"): pdf_string("¥29,250,004.50"),
            pdf_name("/AP"): _appearance(writer),
        }
    )
    page[pdf_name("/Annots")] = generic.ArrayObject([writer.add_object(note)])
    writer.update_container(page)


def _add_page(writer: IncrementalPdfFileWriter) -> None:
    drawn = writer.add_object(generic.StreamObject(stream_data=_DRAWN))
    page = {
        pdf_name("/Type"): pdf_name("/Page"),
        pdf_name("/MediaBox"): _numbers(*_A4),
        pdf_name("/Contents"): drawn,
        pdf_name("/Resources"): generic.DictionaryObject(),
    }
    writer.insert_page(generic.DictionaryObject(page))


def _redraw(writer: IncrementalPdfFileWriter) -> None:
    page = _page(writer, 1)
    page[pdf_name("/Contents")] = writer.add_object(generic.StreamObject(stream_data=_DRAWN))
    writer.update_container(page)


def _redraw_in_place(writer: IncrementalPdfFileWriter) -> None:
    """The page names the same object, which another revision defines anew."""
    held = _page(writer, 1).raw_get("/Contents").reference
    writer.update_container(writer.get_object(held))
    stream = writer.get_object(held)
    stream._data = stream._encoded_data = None
    stream.__init__(stream_data=_DRAWN)  # type: ignore[misc]
    writer.mark_update(held)


def _other_font(writer: IncrementalPdfFileWriter) -> None:
    fonts = _page(writer, 1)["/Resources"]["/Font"]
    first, second = sorted(fonts)[:2]
    fonts[pdf_name(first)] = fonts.raw_get(second)
    writer.update_container(fonts)


def _turn(writer: IncrementalPdfFileWriter) -> None:
    page = _page(writer, 1)
    page[pdf_name("/Rotate")] = generic.NumberObject(180)
    writer.update_container(page)


def _add_text_field(writer: IncrementalPdfFileWriter) -> None:
    box = generic.DictionaryObject(
        {
            pdf_name("/FT"): pdf_name("/Tx"),
            pdf_name("/T"): pdf_string("amount"),
            pdf_name("/V"): pdf_string("29,250,004.50"),
        }
    )
    form = writer.root["/AcroForm"]
    form["/Fields"].append(writer.add_object(box))
    writer.update_container(form["/Fields"])


def _in_root(name: str, value: Callable[[IncrementalPdfFileWriter], Any]) -> Change:
    def change(writer: IncrementalPdfFileWriter) -> None:
        writer.root[pdf_name(name)] = value(writer)
        writer.update_root()

    return change


def _script(_writer: IncrementalPdfFileWriter) -> Any:
    return generic.DictionaryObject(
        {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): pdf_string("app.alert(1)")}
    )


def _files(writer: IncrementalPdfFileWriter) -> Any:
    held = generic.DictionaryObject({pdf_name("/Names"): generic.ArrayObject([pdf_string("a"), _script(writer)])})
    return generic.DictionaryObject({pdf_name("/EmbeddedFiles"): held})


def _layers(_writer: IncrementalPdfFileWriter) -> Any:
    return generic.DictionaryObject({pdf_name("/OCGs"): generic.ArrayObject()})


def _retitle(writer: IncrementalPdfFileWriter) -> None:
    writer.document_meta.title = "工程款支付保函 99999999999999"
    writer.update_root()


def _move_the_field(writer: IncrementalPdfFileWriter) -> None:
    field = writer.root["/AcroForm"]["/Fields"][0].get_object()
    field[pdf_name("/Rect")] = _numbers(*_A4)
    writer.update_container(field)


def _set_the_field_going(writer: IncrementalPdfFileWriter) -> None:
    field = writer.root["/AcroForm"]["/Fields"][0].get_object()
    field[pdf_name("/AA")] = generic.DictionaryObject({pdf_name("/E"): _script(writer)})
    writer.update_container(field)


def seen(page: int, *box: int) -> Change:
    """One more signature field that is seen."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        spec = fields.SigFieldSpec("Second", on_page=page - 1, box=box)  # type: ignore[arg-type]
        fields.append_signature_field(writer, spec)

    return change


def _retell(writer: IncrementalPdfFileWriter) -> None:
    """What a voice reads is not what is seen."""
    tree = writer.root["/StructTreeRoot"]
    tree[pdf_name("/RoleMap")] = generic.DictionaryObject()
    writer.update_container(tree)


AGAIN = "请下载待签文本，不作改动，签署后上传"
FILE_LEVEL = f"上传的文件改动了附件、脚本、打开动作、图层等文件级内容，{AGAIN}"
CONTENT = f"上传的文件改动了第1页的内容，{AGAIN}"
CHANGES: Mapping[str, tuple[Change, str]] = MappingProxyType(
    {
        "a page more": (_add_page, f"待签文本共2页，上传的文件共3页，{AGAIN}"),
        "another page content": (_redraw, CONTENT),
        "a content drawn anew": (_redraw_in_place, CONTENT),
        "another font": (_other_font, CONTENT),
        "a page upside down": (_turn, CONTENT),
        "a note over the amount": (
            lambda writer: _annotate(writer, "/FreeText"),
            f"上传的文件在第1页添加或改动了签名以外的批注，{AGAIN}",
        ),
        "a stamp over the amount": (
            lambda writer: _annotate(writer, "/Stamp"),
            f"上传的文件在第1页添加或改动了签名以外的批注，{AGAIN}",
        ),
        "a box of a form": (_add_text_field, f"上传的文件添加了签名以外的表单域，{AGAIN}"),
        "a file within": (_in_root("/Names", _files), FILE_LEVEL),
        "a script": (_in_root("/OpenAction", _script), FILE_LEVEL),
        "layers": (_in_root("/OCProperties", _layers), FILE_LEVEL),
        "another title": (_retitle, f"上传的文件改动了文件的标题或作者，{AGAIN}"),
        "a seal on the first page": (
            seen(1, 100, 500, 300, 520),
            "第1页不能有可见签章，请签在第2页的电子签章框内，或者使用不可见签名",
        ),
        "a seal over the text": (
            seen(2, 0, 0, 595, 842),
            "可见签章超出了第2页的电子签章框，请签在框内，或者使用不可见签名",
        ),
        "the field over the page": (
            _move_the_field,
            "可见签章超出了第2页的电子签章框，请签在框内，或者使用不可见签名",
        ),
        "a field with a script": (
            _set_the_field_going,
            "签章域带有动作或图层，请用不带动作的签章域重新签署待签文本",
        ),
        "another reading": (_retell, f"上传的文件除签名、时间戳和验证信息外还有其他改动，{AGAIN}"),
    }
)
"""What somebody may do to the text beside signing it, and what is said to it."""

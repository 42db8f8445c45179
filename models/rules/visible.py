"""Characters that show nothing: what a name may not hide, and what a workbook cannot hold."""

import re
import unicodedata

_UNSEEN = frozenset({"Cc", "Cf", "Cs"})
_LAYOUT = frozenset("\n\r\t")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


def visible(text: str) -> str:
    """The text without control and format characters, with which one name can be made to look like another."""
    if text.isprintable():  # as nearly all are: nothing in it is unseen
        return text
    return "".join(each for each in text if each in _LAYOUT or unicodedata.category(each) not in _UNSEEN)


def without_controls(text: str) -> str:
    """The text without the control characters that no XML, and so no workbook, can hold."""
    return _CONTROL.sub("", text)

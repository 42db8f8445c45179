"""One of a closed list."""

from collections.abc import Callable
from typing import Any

from models.grammar.fields import Box, Choices, Field, Kind, Schema
from models.grammar.sheet import SheetCell, text_of
from models.rules.half_width import without_blanks
from models.rules.problem import Problem
from models.rules.words import Words

NAMED = 20
"""So many codes are named one by one."""


class Choice(Kind):
    """The code of one of the field's choices; a person reads its label."""

    box = Box(control="select", ui="select")
    is_picked = True
    width = 18.0

    def parse(self, text: str, field: Field) -> Any:
        """The code, if it is offered."""
        code = text.strip()
        return code if code in dict(self.options(field)) else Problem("请选择%(label)s", params={"label": field.words})

    def text(self, value: Any, field: Field) -> str:
        """Its label."""
        return field.choice_label(value)

    def options(self, field: Field) -> Choices:
        """Those that are offered to this person, or all."""
        return field.offered or field.choices

    def sent(self, given: Any, field: Field) -> str | Problem:
        """One of the codes, which are named where they are few."""
        codes = [code for code, _label in self.options(field)]
        if not isinstance(given, str) or not given.strip() or not codes or given.strip() in codes:
            return super().sent(given, field)
        params = {"label": Words(field.label), "given": given[:40]}
        if len(codes) > NAMED:
            return Problem("%(label)s“%(given)s”不是可选项，可用的代码见接口文档", params=params)
        message = "%(label)s“%(given)s”不是可选项，可填：%(codes)s"
        return Problem(message, params={**params, "codes": "、".join(codes)})

    def schema(self, field: Field) -> Schema:
        """One of the codes; any text where they depend on what else is said."""
        codes = [code for code, _label in self.options(field)]
        return {"type": "string", "enum": codes} if codes else {"type": "string"}

    def template_note(self, field: Field) -> tuple[Words, ...]:
        """Where to choose it."""
        return (Words("请从下拉列表中选择"),)

    def of_cell(self, cell: SheetCell, field: Field, localized: Callable[[str], str]) -> str | Problem:
        """The code of what the cell names by code or label, in Chinese or in the reader's language."""
        given, label = text_of(cell), Words(field.label)
        code = _named(given, self.options(field), localized)
        if code is not None:
            return code
        if _named(given, field.choices, localized) is not None:
            return Problem("%(label)s“%(given)s”不在您的业务范围内", params={"label": label, "given": given})
        message = "%(label)s“%(given)s”不是可选项，请从模板的下拉列表中选择"
        return Problem(message, params={"label": label, "given": given[:40]})


def _named(given: str, options: Choices, localized: Callable[[str], str]) -> str | None:
    """The code of the option that is called so; None when there is none."""
    wanted = without_blanks(given)
    names = ((code, (code, without_blanks(label), without_blanks(localized(label)))) for code, label in options)
    return next((code for code, called in names if wanted in called), None)


CHOICE = Choice()

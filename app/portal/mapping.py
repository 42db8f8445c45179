"""Reading what a portal says of a person: every field lies where a setting says."""

import re
from collections.abc import Mapping
from typing import Any

from app.portal.adapter import LegalPerson, Refusal, SignedOn
from models.grammar.viewer import COMPANY_ROLES
from models.rules import uscc

LONGEST_NAME, LONGEST_COMPANY, LONGEST_SUBJECT, LONGEST_LEVEL = 40, 120, 200, 40
MOST_COMPANIES = 50
NO_PERSON = "政务服务网没有返回完整的人员信息，请重新登录；如仍出现，请联系平台管理员"
_UNKEEPABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
"""What is no text: control signs, and halves of signs that no database takes."""


def at(said: Any, path: str) -> Any:
    """What lies at the dotted path, a number being a place in a list; None where nothing does."""
    for name in path.split("."):
        if isinstance(said, Mapping):
            said = said.get(name)
        elif isinstance(said, list) and name.isdecimal() and len(name) < 4 and int(name) < len(said):
            said = said[int(name)]
        else:
            return None
    return said


def text_at(said: Any, path: str, longest: int) -> str:
    """The text or number at the path, shortened to `longest` signs; "" for anything else."""
    found = at(said, path)
    if isinstance(found, bool) or not isinstance(found, str | int):
        return ""
    return _UNKEEPABLE.sub("", str(found)).strip()[:longest]


def person(
    said: Mapping[str, Any], fields: Mapping[str, str], roles: Mapping[str, str], *, issuer: str, id_token: str = ""
) -> SignedOn:
    """Who it is, and for whom: `fields` names where each lies, `roles` the portal's words for ours; Refusal."""
    found = at(said, fields["subject"])
    subject = str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""
    if not 0 < len(subject) <= LONGEST_SUBJECT or _UNKEEPABLE.search(subject):
        raise Refusal(NO_PERSON, f"no subject at {fields['subject']}")
    name = text_at(said, fields["name"], LONGEST_NAME)
    if not name:
        raise Refusal(NO_PERSON, f"no name at {fields['name']}")
    return SignedOn(
        issuer=issuer,
        subject=subject,
        name=name,
        level=text_at(said, fields["level"], LONGEST_LEVEL),
        legal_persons=_legal_persons(at(said, fields["legal_persons"]), fields, roles),
        id_token=id_token,
    )


def _legal_persons(said: Any, fields: Mapping[str, str], roles: Mapping[str, str]) -> tuple[LegalPerson, ...]:
    """Each company once; one that stands alone need not stand in a list."""
    found: dict[str, LegalPerson] = {}
    for each in [said] if isinstance(said, Mapping) else said if isinstance(said, list) else ():
        code = uscc.normalise(text_at(each, fields["uscc"], 40))[:18]
        if code and code not in found and len(found) < MOST_COMPANIES:
            role = text_at(each, fields["role"], 40)
            role = roles.get(role, role)
            name = text_at(each, fields["company"], LONGEST_COMPANY)
            found[code] = LegalPerson(code, name, role if role in COMPANY_ROLES else "")
    return tuple(found.values())

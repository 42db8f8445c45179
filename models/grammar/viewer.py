"""Who is looking: the one argument of every row scope and of every offer of a transition.

`PUBLIC` is the side of a visitor without an account: only the system, which serves the public pages, stands on it.
"""

from dataclasses import dataclass, field

EMPLOYER = "employer"
CONTRACTOR = "contractor"
GUARANTOR = "guarantor"
BANK = "bank"
REGULATOR = "regulator"
ADMIN = "admin"
PUBLIC = "public"

ROLE_LABELS = {
    EMPLOYER: "建设单位",
    CONTRACTOR: "施工单位",
    GUARANTOR: "保证人",
    BANK: "经办银行",
    REGULATOR: "主管部门",
    ADMIN: "系统管理员",
}
COMPANY_ROLES = frozenset({EMPLOYER, CONTRACTOR, GUARANTOR, BANK})

PREPARE = "prepare"
REVIEW = "review"
ADMINISTER = "administer"
DUTY_LABELS = {PREPARE: "经办", REVIEW: "复核", ADMINISTER: "单位管理员"}


READ = "read"
SUBMIT = "submit"
MOVEMENTS = "movements"
GRANT_LABELS = {READ: "读取", SUBMIT: "提交", MOVEMENTS: "账户流水"}


@dataclass(frozen=True)
class Machine:
    """The registered client that acts, and what its organisation lets it do: READ, SUBMIT, MOVEMENTS."""

    client_id: int
    grants: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Absent:
    """A colleague who is absent today, and what that account may do: whoever stands in for it may do it as well."""

    user_id: int
    name: str
    duties: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Viewer:
    """An account at work for one organisation.

    `roles` are the admitted roles of the organisation; `duties` what the account may do in it
    (经办 prepares, 复核 reviews, 单位管理员 looks after accounts); `regions` the GB/T 2260 codes that a regulator
    answers for; `absent` the colleagues for whom the account stands in today, with their own duties: those of whom
    they stand in for themselves are not passed on; `machine` is the client through which a program acts, None for a
    person. Whoever has a second factor, or must have one, `owes_code` before a binding step unless it has shown one a
    while ago; one that `lacks_factor` has to set it up first.
    """

    user_id: int
    name: str
    organisation_id: int | None = None
    organisation_name: str = ""
    roles: frozenset[str] = frozenset()
    duties: frozenset[str] = frozenset()
    is_company_admin: bool = False
    regions: frozenset[str] = field(default_factory=frozenset)
    is_system: bool = False
    absent: tuple[Absent, ...] = ()
    machine: Machine | None = None
    owes_code: bool = False
    lacks_factor: bool = False

    def has(self, *roles: str) -> bool:
        """Whether the organisation holds one of the roles."""
        return bool(self.roles.intersection(roles))

    @property
    def duties_today(self) -> frozenset[str]:
        """What the account may do today: in its own name, and for those who are absent."""
        return self.duties.union(*(each.duties for each in self.absent))

    @property
    def role_label(self) -> str:
        """The organisation's roles in the manual's words, joined by 、."""
        return "、".join(label for role, label in ROLE_LABELS.items() if role in self.roles)


SYSTEM = Viewer(user_id=0, name="系统", is_system=True)

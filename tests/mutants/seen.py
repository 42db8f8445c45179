"""What somebody sees who must not."""

from tests.mutants.trial import Mutant

SCOPES = ("tests/guards/test_scopes.py",)
ROWS = ("tests/contract/test_rows.py",)
ORGANISATION_IS = "(row.{0}_id == viewer.organisation_id) & seen"

SEEN = (
    Mutant(
        "a guarantor sees drafts addressed to it",
        "models/guarantee.py",
        ORGANISATION_IS.format("guarantor"),
        "(row.guarantor_id == viewer.organisation_id)",
        SCOPES,
    ),
    Mutant(
        "a contractor sees letters under review",
        "models/guarantee.py",
        "& seen & _shown_to_contractor()",
        "& seen",
        SCOPES,
    ),
    Mutant(
        "a bank sees drafts that name it",
        "models/guarantee.py",
        ORGANISATION_IS.format("bank"),
        "(row.bank_id == viewer.organisation_id)",
        SCOPES,
    ),
    Mutant(
        "every regulator sees every guarantee",
        "models/guarantee.py",
        "row.region_code.in_(viewer.regions) |",
        "row.region_code.is_not(None) |",
        SCOPES,
    ),
    Mutant(
        "an employer that is none any more sees its guarantees",
        "models/guarantee.py",
        "if viewer.has(EMPLOYER):",
        "if viewer.organisation_id:",
        SCOPES,
    ),
    Mutant(
        "a contractor sees every project with a contract",
        "models/project.py",
        "contracts.c.project_id == cls.id, contracts.c.contractor_id == viewer.organisation_id",
        "contracts.c.project_id == cls.id",
        SCOPES,
    ),
    Mutant(
        "every regulator sees every contract",
        "models/contract.py",
        "cls.region_code.in_(viewer.regions)",
        "cls.everything()",
        SCOPES,
    ),
    Mutant(
        "every regulator sees the whole register of permits",
        "models/permit.py",
        "cls.region_code.in_(viewer.regions) if viewer.has(REGULATOR)",
        "cls.everything() if viewer.has(REGULATOR)",
        SCOPES,
    ),
    Mutant(
        "everybody sees the organisations that somebody named",
        "models/organisation.py",
        '((cls.created_by_id == viewer.user_id) & (cls.state == "named"))',
        '(cls.state == "named")',
        SCOPES,
    ),
    Mutant(
        "everybody sees the accounts of the company",
        "models/account.py",
        "if not viewer.is_company_admin:\n            return own",
        "if not viewer.organisation_id:\n            return own",
        SCOPES,
    ),
    Mutant(
        "every guarantor sees the filings that wait",
        "models/guarantor.py",
        "return shown | (cls.organisation_id == viewer.organisation_id)",
        'return shown | (cls.organisation_id == viewer.organisation_id) | (cls.state == "submitted")',
        SCOPES,
    ),
    Mutant(
        "a regulator sees filings that are drafts",
        "models/guarantor.py",
        'return shown | (cls.state != "draft")',
        "return cls.everything()",
        SCOPES,
    ),
    Mutant(
        "a guarantor sees the signatories of others",
        "models/guarantor.py",
        "guarantors.c.id == cls.guarantor_id, guarantors.c.organisation_id == viewer.organisation_id",
        "guarantors.c.id == cls.guarantor_id",
        SCOPES,
    ),
    Mutant(
        "a bank sees reports that are drafts",
        "models/funds/report.py",
        "(cls.bank_id == viewer.organisation_id) & seen",
        "(cls.bank_id == viewer.organisation_id)",
        SCOPES,
    ),
    Mutant(
        "everybody opens the versions of the law",
        "models/policy.py",
        "return cls.everything() if viewer.has(ADMIN) else super().scope(viewer)",
        "return cls.everything()",
        SCOPES,
    ),
    Mutant(
        "no select is narrowed to the viewer",
        "app/ledger/scope.py",
        '        "do_orm_execute": _narrow,\n',
        "",
        SCOPES,
    ),
    Mutant(
        "an export holds more than its screen",
        "views/frame/list_page.py",
        "listing.keys_of(view.model, asked, _clauses(view, asked))",
        "listing.keys_of(view.model, asked, ())",
        ROWS,
    ),
    Mutant(
        "a page opens what its list does not show",
        "views/frame/screen.py",
        "transitions.find(self.model, pk, rows=self.rows(viewer()))",
        "transitions.find(self.model, pk)",
        ROWS,
    ),
    Mutant(
        "the first four signs of a code open its letter",
        "app/letters/verification.py",
        "hmac.compare_digest(normalise_code(code).encode(), normalise_code(expected).encode())",
        "hmac.compare_digest(normalise_code(code)[:4].encode(), normalise_code(expected)[:4].encode())",
        ("tests/letters/test_verification.py",),
    ),
)

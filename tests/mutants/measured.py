"""By which version, on which days and of which guarantor a contract is measured, and what its letters say."""

from tests.mutants.trial import Mutant

VERSION = "tests/modes/test_checked_version.py::test_{}"
RECKONING = "tests/modes/test_reckoning.py::test_{}"
BY_ITS_VERSION = (RECKONING.format("contract_account_and_lists_measure_by_the_version_of_the_last_check"),)
CALENDAR = "tests/policies/test_calendar.py::test_{}[sqlite]"
PROJECT_MOVES = ("tests/modes/test_project_moves.py::test_what_was_handed_in_already_moves_with_its_project[sqlite]",)
SUSPENDED = (
    "tests/modes/test_suspended.py::"
    "test_a_suspended_guarantor_records_nothing_that_it_settled_after_its_suspension[sqlite]",
)
FISCAL_ENDS = "tests/modes/test_fiscal_ends.py::test_{}[sqlite]"
KINDS = "tests/modes/test_kinds.py::test_{}[sqlite]"
KIND_RULES = "tests/rules/test_letters.py::test_{}"
FONTS = "tests/letters/test_fonts.py::test_{}"
TEXTS = "tests/letters/test_letters.py::test_{}"
LETTER_START = "tests/modes/test_letter_start.py"

MEASURED = (
    Mutant(
        "a contract's page measures by today's policy",
        "app/cover/reckoning.py",
        "return policies.named(contract.policy_version, day=today())",
        "return policies.on(today())",
        BY_ITS_VERSION,
    ),
    Mutant(
        "the lists measure by today's policy",
        "app/cover/shortfall.py",
        "asked(each, Contract.price, Contract.agreed), policy)",
        "asked(each, Contract.price, Contract.agreed), policy or policies.on(today()))",
        BY_ITS_VERSION,
    ),
    Mutant(
        "an account's page measures by today's policy",
        "app/cover/funds.py",
        "policy, other = reckoning.policy_of(contract), ",
        "policy, other = policies.on(today()), ",
        BY_ITS_VERSION,
    ),
    Mutant(
        "a letter is decided by today's policy",
        "models/letters/underwriting.py",
        "return at.law.policy_kept(_contract(guarantee, at) or guarantee, at.today)",
        "return at.policy",
        ("tests/policies/test_versions.py::test_a_record_keeps_the_version_that_it_was_checked_against[sqlite]",),
    ),
    Mutant(
        "a contract is not measured by its last check",
        "models/guarantee.py",
        "            contract.policy_version = max(checked, key=lambda each: each.from_on).version\n",
        "            pass\n",
        (VERSION.format("what_begins_to_count_brings_the_version_it_was_checked_by_unless_a_newer_one_holds"),),
    ),
    Mutant(
        "a year that nobody announced is taken for known",
        "models/rules/holidays.py",
        "return day.year not in self.announced_years",
        "return False",
        ("tests/rules/test_days.py::test_a_year_that_is_not_announced_counts_weekends_and_says_so",),
    ),
    Mutant(
        "an estimated day is shown like a certain one",
        "app/web/cells.py",
        "if value is None or not calendars.is_estimated(value):",
        "if True:",
        (CALENDAR.format("a_day_of_a_year_that_nobody_announced_is_said_to_be_estimated"),),
    ),
    Mutant(
        "a year that is entered moves no limit",
        "app/policy/years.py",
        "for table, found in groupby(moved, key=",
        "for table, found in groupby(moved[:0], key=",
        (CALENDAR.format("entering_a_year_counts_the_open_limits_anew_and_says_how_many_moved"),),
    ),
    Mutant(
        "a year that is entered moves no month that is to be reported",
        "app/policy/years.py",
        "    for keys in _chunks(late_drafts):\n        _move_drafts(keys)\n",
        "",
        ("tests/policies/test_recount.py",),
    ),
    Mutant(
        "an insurer's days begin with the last paper",
        "app/letters/templates/insurance.typ",
        "自初次收到索赔请求和有关证明、资料之日起 #letter.claim_days 日内",
        "自收到完整材料之日起 #letter.claim_days 日内",
        (TEXTS.format("the_thirty_days_of_an_insurer_run_from_the_first_receipt_without_the_days_of_supplementing"),),
    ),
    Mutant(
        "the days of supplementing are an insurer's own",
        "app/letters/templates/insurance.typ",
        "我方通知贵方补充提供证明和资料的，自通知到达贵方之日起至补充的证明和资料到达我方之日止，不计入该期间。",
        "",
        (TEXTS.format("the_thirty_days_of_an_insurer_run_from_the_first_receipt_without_the_days_of_supplementing"),),
    ),
    Mutant(
        "a dependent letter does not say that it is irrevocable",
        "app/letters/templates/dependent.typ",
        "#strong-text[不可撤销]的担保",
        "担保",
        (TEXTS.format("each_kind_has_the_wording_of_its_own_law"),),
    ),
    Mutant(
        "an insurance letter does not say that it is irrevocable",
        "app/letters/templates/insurance.typ",
        "#strong-text[不可撤销]的凭证",
        "凭证",
        (TEXTS.format("each_kind_has_the_wording_of_its_own_law"),),
    ),
    Mutant(
        "a dependent letter does not say when the debt is due",
        "app/letters/templates/dependent.typ",
        "申请人履行债务的期限是主合同约定的各笔工程款的支付期限；",
        "",
        (TEXTS.format("each_kind_has_the_wording_of_its_own_law"),),
    ),
    Mutant(
        "a name that letters cannot show is registered without a word",
        "models/organisation.py",
        'return [*found, *legible.told(self, at, "name")]',
        "return found",
        (FONTS.format("a_legal_name_that_letters_cannot_show_is_told_at_registration_and_kept"),),
    ),
    Mutant(
        "a contract is made with whom letters cannot show without a word",
        "models/contract.py",
        'found = [*legible.told(self, at, "contract_no"), *self._illegible_party(at)]',
        'found = [*legible.told(self, at, "contract_no")]',
        (FONTS.format("it_is_told_of_project_contract_and_signatory_too"),),
    ),
    Mutant(
        "a signatory whom letters cannot show is entered without a word",
        "models/guarantor.py",
        'return legible.told(self, at, "name", "position")',
        "return []",
        (FONTS.format("it_is_told_of_project_contract_and_signatory_too"),),
    ),
    Mutant(
        "an application that letters cannot show is handed in",
        "models/modes/letter.py",
        "                underwriting.is_legible,\n",
        "",
        (FONTS.format("an_application_that_letters_cannot_show_is_not_handed_in"),),
    ),
    Mutant(
        "the folder of further fonts is not read from the environment",
        "config.py",
        'return str(Path(given).resolve()) if given else ""',
        'return ""',
        (FONTS.format("a_folder_of_fonts_that_is_none_stops_the_start"),),
    ),
    Mutant(
        "a letter is set with our fonts alone",
        "app/letters/fonts.py",
        "typst=_read([*ours, *([folder] if folder else [])]),",
        "typst=_read(ours),",
        (FONTS.format("with_a_further_font_the_letter_is_issued_and_shows_the_name"),),
    ),
    Mutant(
        "the characters of further fonts are refused",
        "app/letters/fonts.py",
        "for path in (sans_path(), serif_path(), *added))",
        "for path in (sans_path(), serif_path()))",
        (FONTS.format("with_a_further_font_the_letter_is_issued_and_shows_the_name"),),
    ),
    Mutant(
        "an employer has one contract without a number",
        "models/contract.py",
        "return bool(self.contract_no) and self.contract_no != contract_numbers.NONE",
        "return bool(self.contract_no)",
        ("tests/guards/test_contracts.py::test_any_number_of_contracts_may_have_no_number[sqlite]",),
    ),
    Mutant(
        "the kind that a backfill left open stays open",
        "models/letters/backfill.py",
        "    *kind.TRANSITIONS,\n",
        "",
        (KINDS.format("the_kind_that_a_backfill_left_open_is_said_later"),),
    ),
    Mutant(
        "a letter that does not say its kind is an independent one",
        "models/rules/letters.py",
        'for each in ("dependent", "insurance") if',
        'for each in ("independent", "insurance") if',
        (KIND_RULES.format("a_letter_that_does_not_say_its_kind_is_no_independent_one"),),
    ),
    Mutant(
        "an insurer issues an independent letter",
        "models/rules/letters.py",
        '"independent": frozenset({"bank"}),',
        '"independent": frozenset({"bank", "insurer"}),',
        (KIND_RULES.format("an_insurer_is_offered_no_independent_letter"),),
    ),
    Mutant(
        "a letter is prepared of a kind that is not its guarantor's",
        "models/modes/letter.py",
        "                underwriting.kind_suits_guarantor,\n",
        "",
        ("tests/modes/test_letter.py::test_an_insurer_prepares_no_independent_letter",),
    ),
    Mutant(
        "a company that is no bank backfills an independent letter",
        "models/letters/underwriting.py",
        'return _at(letters.check_kind(kind, PRODUCT_ISSUERS[letter.product]), "letter_kind")',
        "return []",
        (KINDS.format("a_company_that_is_no_bank_backfills_no_independent_letter"),),
    ),
    Mutant(
        "a suspended guarantor records what it settled since",
        "models/letters/recording.py",
        "    backfill.settled_after_signing,\n    settled_while_open,\n",
        "    backfill.settled_after_signing,\n",
        SUSPENDED,
    ),
    Mutant(
        "a suspended guarantor confirms what it settled since",
        "models/letters/backfill.py",
        "guards=(scan_is_there, settled_after_signing, settled_while_open),",
        "guards=(scan_is_there, settled_after_signing),",
        SUSPENDED,
    ),
    Mutant(
        "what was settled before a suspension is refused",
        "models/rules/guarantors.py",
        "if name in CLOSING and turned_on < day:",
        "if name in CLOSING:",
        ("tests/rules/test_guarantors.py",),
    ),
    Mutant(
        "the list of guarantors does not say who is suspended",
        "views/guarantors.py",
        'list_columns = (*COLUMNS, "state")',
        "list_columns = COLUMNS",
        SUSPENDED,
    ),
    Mutant(
        "budget money is filed without a paper",
        "models/modes/fiscal.py",
        'Category("proof", "附件", required=True,',
        'Category("proof", "附件", required=False,',
        ("tests/modes/test_fiscal.py::test_a_record_without_its_paper_is_not_handed_in[sqlite]",),
    ),
    Mutant(
        "budget money outlives the settlement of its contract",
        "models/funds/workflow.py",
        '    filed = at.rows.find_by("Fiscal", filed_for_id=account.contract_id)\n',
        "    filed = None\n",
        (FISCAL_ENDS.format("budget_money_ends_with_the_settlement_that_releases_the_account"),),
    ),
    Mutant(
        "budget money that was ended holds its contract",
        "models/modes/fiscal.py",
        "fiscal.ended_at, fiscal.filed_for_id = at.now, None",
        "fiscal.ended_at = at.now",
        (FISCAL_ENDS.format("the_regulator_ends_a_filed_record_with_a_reason_and_another_may_follow"),),
    ),
    Mutant(
        "a contract stays where its project was",
        "models/project.py",
        "            contract.region_code = self.region_code\n",
        "",
        PROJECT_MOVES,
    ),
    Mutant(
        "guarantees stay where their project was",
        "models/project.py",
        "                guarantee.region_code = self.region_code\n",
        "",
        PROJECT_MOVES,
    ),
    Mutant(
        "a letter begins ten years before its contract without a word",
        "models/letters/underwriting.py",
        "return [*found, *letters.check_start(starts_on, signed_on=contract.signed_on, start_on=contract.start_on)]",
        "return found",
        (f"{LETTER_START}::test_the_underwriter_is_told",),
    ),
)

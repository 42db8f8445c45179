"""Who may say what counts: faults by which one party alone makes a contract look covered."""

from tests.mutants.trial import Mutant

STANDING = "tests/letters/test_standing.py::test_{}"
COVERING = ("tests/modes/test_covering.py",)
BACKFILL = "tests/modes/test_backfill.py::test_{}[sqlite]"
TERMS = "tests/modes/test_terms.py::test_{}"
ANOTHER_PERMIT = (TERMS.format("nothing_is_handed_in_under_another_permits_number"),)
PARTS = "tests/modes/test_named_parts.py::test_{}"
OWN_OFFICE = ("tests/guards/test_two_people.py::test_a_regulator_that_is_a_party_leaves_the_decision_to_another_one",)
COVER = "tests/modes/test_cover.py::test_{}"
VERSION = "tests/modes/test_checked_version.py::test_{}"
SIGNING = "tests/modes/test_signing_day.py::test_{}"
ACCOUNTS = "tests/modes/test_division.py::test_{}"

TRUST = (
    Mutant(
        "a letter that only its employer tells of is in force",
        "models/letters/backfillable.py",
        "return bool(self.backfilled) and not any(others)",
        "return False",
        (STANDING.format("what_only_its_employer_has_told_of_secures_nobody"),),
    ),
    Mutant(
        "a letter that only its employer tells of is added up",
        "models/letters/backfillable.py",
        "*(each.is_(None) for each in others)",
        "*(each.is_(None) & each.is_not(None) for each in others)",
        COVERING,
    ),
    Mutant(
        "a contractor's word does not make a backfill count",
        "models/letters/backfillable.py",
        "others = (cls.acknowledged_at, cls.attested_at, cls.confirmed_at)",
        "others = (cls.acknowledged_at, cls.attested_at)",
        COVERING,
    ),
    Mutant(
        "an employer's answer puts its own word in force",
        "models/modes/letter.py",
        '            unless="is_the_employers_word",\n',
        "",
        (BACKFILL.format("an_answer_of_its_employer_alone_gives_it_no_cover"),),
    ),
    Mutant(
        "a letter is backfilled for a contract that was signed after it",
        "models/letters/backfill.py",
        "    settled_day_is_sound,\n    settled_after_signing,\n",
        "    settled_day_is_sound,\n",
        (BACKFILL.format("a_letter_settled_before_its_contract_was_signed_is_refused"),),
    ),
    Mutant(
        "a letter names the permit of another project",
        "models/modes/letter.py",
        "                underwriting.permit_is_the_projects,\n",
        "",
        ANOTHER_PERMIT,
    ),
    Mutant(
        "a backfill names the permit of another project",
        "models/letters/backfill.py",
        "    underwriting.permit_is_the_projects,\n",
        "",
        ANOTHER_PERMIT,
    ),
    Mutant(
        "an account names the permit of another project",
        "models/funds/workflow.py",
        "        permit_is_the_projects,\n",
        "",
        ANOTHER_PERMIT,
    ),
    Mutant(
        "budget money names the permit of another project",
        "models/modes/fiscal.py",
        "                permit_is_the_projects,\n",
        "",
        ANOTHER_PERMIT,
    ),
    Mutant(
        "a project that is secured moves under another permit",
        "models/project.py",
        '[*legible.told(self, at, "name"), *self._permit_in_use(at)]',
        '[*legible.told(self, at, "name")]',
        (TERMS.format("a_project_keeps_the_permit_that_a_guarantee_names[sqlite]"),),
    ),
    Mutant(
        "a stranger's project covers a permit whose number it bears",
        "app/cover/permits.py",
        ".where(_is_its_employer())",
        "",
        ("tests/modes/test_cover.py::test_a_strangers_guarantee_that_names_a_permit_does_not_cover_it[sqlite]",),
    ),
    Mutant(
        "an employer alone changes what a guarantee was measured by",
        "models/contract.py",
        "return self.policy_version is not None or self.answered_at is not None",
        "return self.answered_at is not None",
        (TERMS.format("an_employer_alone_no_longer_changes_what_others_rely_on[sqlite-guarantee]"),),
    ),
    Mutant(
        "an employer alone changes what its contractor has objected to",
        "models/contract.py",
        "return self.policy_version is not None or self.answered_at is not None",
        "return self.policy_version is not None",
        (TERMS.format("an_employer_alone_no_longer_changes_what_others_rely_on[sqlite-objection]"),),
    ),
    Mutant(
        "a proposal counts before its contractor's word",
        "models/terms.py",
        "        contract.proposed_no = self.no\n",
        "        contract.count_terms(self)\n",
        (TERMS.format("a_change_counts_from_the_contractors_word_on[sqlite]"),),
    ),
    Mutant(
        "an employer confirms its own terms",
        "models/terms.py",
        '            "confirmed",\n            by=roles(CONTRACTOR),\n',
        '            "confirmed",\n            by=roles(CONTRACTOR, EMPLOYER),\n',
        (TERMS.format("nobody_but_the_contractor_confirms[sqlite-employer]"),),
    ),
    Mutant(
        "a permit is measured by the price of its contracts alone",
        "app/cover/permits.py",
        "return case((and_(self.is_underpriced, below > self.rows.c.gap), below), else_=self.rows.c.gap)",
        "return self.rows.c.gap",
        (TERMS.format("a_permit_is_reckoned_from_its_own_price_until_it_is_explained[sqlite]"),),
    ),
    Mutant(
        "a tick on a guarantee makes the minimum progressive",
        "models/guarantee.py",
        "self.contract_price, self.agreed = contract.price, contract.agreed",
        "self.contract_price = contract.price",
        (TERMS.format("one_fen_that_says_it_was_agreed_does_not_halve_a_minimum[sqlite]"),),
    ),
    Mutant(
        "a guarantee is handed in with a tick that its contract has not",
        "models/letters/underwriting.py",
        "copied = (guarantee.contract_price, guarantee.agreed, guarantee.contractor_id, guarantee.contract_no)\n"
        "    return contract is None or copied == (contract.price, contract.agreed, ",
        "copied = (guarantee.contract_price, guarantee.contractor_id, guarantee.contract_no)\n"
        "    return contract is None or copied == (contract.price, ",
        (TERMS.format("a_tick_that_its_contract_has_not_is_not_handed_in"),),
    ),
    Mutant(
        "half a guarantee is refused whatever is named to follow it",
        "models/rules/minimum.py",
        "    if to_follow:\n",
        "    if False:\n",
        (PARTS.format("half_a_letter_that_names_the_other_half_is_warned_and_kept"),),
    ),
    Mutant(
        "an account is refused whatever is named to follow it",
        "models/letters/underwriting.py",
        "        to_follow=still_to_follow(letter, at),\n",
        "",
        (PARTS.format("an_account_may_be_begun_first_as_well"),),
    ),
    Mutant(
        "what is named to follow counts without a word",
        "models/rules/minimum.py",
        "    missing = least - other_cover - amount\n",
        "    missing = least - other_cover - amount - announcements.total(to_follow)\n",
        (PARTS.format("half_a_letter_that_names_the_other_half_is_warned_and_kept"),),
    ),
    Mutant(
        "a part is waited for when its day is over",
        "models/rules/announced.py",
        " and not each.is_overdue(today))",
        ")",
        (PARTS.format("of_the_parts_only_those_in_time_and_said_in_full_can_be_waited_for"),),
    ),
    Mutant(
        "a letter goes out though other cover has fallen",
        "models/letters/issuing.py",
        "    underwriting.covers_the_minimum_still,\n",
        "",
        (TERMS.format("a_letter_is_not_issued_once_other_cover_has_fallen"),),
    ),
    Mutant(
        "an account is released without a word of what is missing then",
        "models/funds/workflow.py",
        "guards=(three_proofs, leaves_the_minimum),",
        "guards=(three_proofs,),",
        (TERMS.format("a_release_says_and_keeps_what_its_contract_lacks_then"),),
    ),
    Mutant(
        "one account is handed in for two contracts",
        "models/funds/workflow.py",
        "        division_is_sound,\n        account_is_its_own,\n    )\n",
        "        division_is_sound,\n    )\n",
        (ACCOUNTS.format("an_account_that_secures_one_contract_is_refused_for_another"),),
    ),
    Mutant(
        "one account is filed for two contracts",
        "models/funds/workflow.py",
        "    account_is_its_own,\n    follows_a_filed_one,\n    takes_over",
        "    follows_a_filed_one,\n    takes_over",
        (ACCOUNTS.format("an_account_that_secures_one_contract_is_refused_for_another"),),
    ),
    Mutant(
        "two agreements divide one account each in its own way",
        "models/funds/division.py",
        "own and (parts_of(other) == own or _successor(other, account, at) is not None)",
        "own",
        (ACCOUNTS.format("agreements_that_divide_the_balance_alike_share_the_account"),),
    ),
    Mutant(
        "a contractor's word travels to another project",
        "models/contract.py",
        "found += self._exchanged() or self._other",
        "found += self._other",
        (TERMS.format("what_the_contractor_has_answered_to_is_no_longer_its_employers_to_change[sqlite]"),),
    ),
    Mutant(
        "an objection leaves no mark",
        "models/terms.py",
        "    contract = _contract(terms, at)\n    contract.answered_at = contract.answered_at or at.now\n",
        "    contract = _contract(terms, at)\n",
        (TERMS.format("an_objection_to_a_change_settles_the_terms_that_count[sqlite]"),),
    ),
    Mutant(
        "another contractor is asked about terms that name the one before",
        "models/contract.py",
        "elif self.answered_at is None and self.terms_no == 1:",
        "elif not self.is_settled:",
        (TERMS.format("another_contractor_is_asked_for_its_word_and_not_the_one_before[sqlite]"),),
    ),
    Mutant(
        "a bulk step is taken of what its list did not show",
        "views/frame/bulk.py",
        "key, name, version=version)",
        "key, name)",
        ("tests/modes/test_terms.py",),
    ),
    Mutant(
        "an office files money of its own contract",
        "models/funds/workflow.py",
        "guards=(regulator_is_no_party, *_FILING, others",
        "guards=(*_FILING, others",
        OWN_OFFICE,
    ),
    Mutant(
        "an office files a budget of its own contract",
        "models/modes/fiscal.py",
        "                regulator_is_no_party,\n",
        "",
        OWN_OFFICE,
    ),
    Mutant(
        "an office attests a letter of its own contract",
        "models/letters/backfill.py",
        "guards=(underwriting.regulator_is_no_party, settled_after_signing),",
        "guards=(settled_after_signing,),",
        OWN_OFFICE,
    ),
    Mutant(
        "an account has two balances",
        "models/funds/balance.py",
        "for key in sorted({account_id, *(each.id for each in others)}):",
        "for key in (account_id,):",
        (
            ACCOUNTS.format(
                "a_balance_that_the_bank_confirms_under_one_agreement_counts_in_every_agreement_on_the_account"
            ),
        ),
    ),
    Mutant(
        "an agreement that joins an account brings the deposit back",
        "models/funds/workflow.py",
        "    take_over(account, at)\n",
        "",
        (ACCOUNTS.format("an_agreement_that_joins_an_account_takes_its_balance_unless_its_deposit_is_newer"),),
    ),
    Mutant(
        "a number with a dash is another account",
        "models/rules/account_numbers.py",
        '_DASHES.sub("", without_blanks(seen))',
        "without_blanks(seen)",
        (ACCOUNTS.format("a_number_is_one_however_its_blanks_and_dashes_are_typed"),),
    ),
    Mutant(
        "an account is short of the minimum of the day it was signed",
        "models/funds/fund.py",
        "minimum(of.price, policy",
        "minimum(self.contract_price or of.price, policy",
        ("tests/modes/test_same_number.py",),
    ),
    Mutant(
        "a permit is covered by what its reader may see",
        "app/cover/permits.py",
        "db.session.execute(query, execution_options=UNSCOPED)",
        "db.session.execute(query)",
        (COVER.format("a_permit_is_covered_alike_for_every_regulator_wherever_its_projects_lie"),),
    ),
    Mutant(
        "permits are found by what their reader may see",
        "views/permits.py",
        "cover_bars.CHOICES, is_whole=True)",
        "cover_bars.CHOICES)",
        (COVER.format("a_permit_is_covered_alike_for_every_regulator_wherever_its_projects_lie"),),
    ),
    Mutant(
        "what is handed in and taken back changes the version",
        "models/guarantee.py",
        "contract.policy_version = contract.policy_version or at.policy.version",
        "contract.policy_version = at.policy.version",
        (VERSION.format("what_is_handed_in_and_taken_back_leaves_the_contract_where_it_was"),),
    ),
    Mutant(
        "an older check brings an older version back",
        "models/guarantee.py",
        "max(checked, key=lambda each: each.from_on).version",
        "checked[-1].version",
        (VERSION.format("what_begins_to_count_brings_the_version_it_was_checked_by_unless_a_newer_one_holds"),),
    ),
    Mutant(
        "a letter from before the signing is confirmed",
        "models/modes/letter.py",
        "            guards=(backfill.settled_after_signing,),\n",
        "",
        (SIGNING.format("nobody_confirms_a_letter_from_before_the_signing"),),
    ),
    Mutant(
        "terms move the signing behind a letter",
        "models/terms.py",
        "        found += _signed_before_its_letters(self, {}, at)\n",
        "",
        (SIGNING.format("terms_do_not_move_the_signing_behind_a_letter_that_was_settled_before"),),
    ),
    Mutant(
        "one agreement begins a new division before the others may",
        "models/funds/workflow.py",
        "*_FILING, others_are_ready, others_are_sound)",
        "*_FILING, others_are_sound)",
        (ACCOUNTS.format("one_that_cannot_be_filed_holds_up_all_that_divide_the_balance_with_it"),),
    ),
)

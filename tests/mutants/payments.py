"""What is to be paid and what was: faults by which a wage is lost, counted twice, or nobody is warned."""

from tests.mutants.trial import Mutant

PLANS = "tests/plans/test_plans.py::test_{}"
ENTRIES = "tests/plans/test_entries.py::test_{}"
SIDES = "tests/plans/test_sides.py::test_{}"
RULES = "tests/rules/test_plans.py::test_{}"
PLAN, ENTRY, RULE = "models/plans/workflow.py", "models/plans/entry.py", "models/rules/plans.py"

PAYMENTS = (
    Mutant(
        "a fen that a split leaves is lost",
        RULE,
        "for at in served[: fen - sum(whole)]:",
        "for at in served[:0]:",
        (RULES.format("a_price_is_split_by_the_largest_remainder_and_a_tie_goes_to_the_earlier"),),
    ),
    Mutant(
        "wages two months apart are planned",
        RULE,
        "if day > month_after(before):",
        "if day > month_after(month_after(before)):",
        (RULES.format("wages_are_planned_at_most_a_month_apart"),),
    ),
    Mutant(
        "a plan that misses the price is handed in",
        PLAN,
        "if missing is None:",
        "if missing is None or plan.total < price_of(contract):",
        (PLANS.format("a_plan_that_misses_the_price_by_a_fen_is_refused_and_told_by_how_much"),),
    ),
    Mutant(
        "after settlement the contract's old price is asked",
        PLAN,
        "found: Decimal = contract.settlement_price or contract.price",
        "found: Decimal = contract.price",
        (PLANS.format("after_settlement_the_nodes_make_the_settlement_price"),),
    ),
    Mutant(
        "silence is taken back by the employer",
        PLAN,
        "if not plan.is_carried_out(at.today):",
        "if True:",
        (PLANS.format("silence_is_no_consent_and_the_plan_runs_on"),),
    ),
    Mutant(
        "a later version runs without consent",
        PLAN,
        "plan.runs = not any(each.runs for each in versions_of(plan, at))",
        "plan.runs = True",
        (PLANS.format("a_later_version_replaces_the_running_one_only_with_consent_and_its_nodes_keep_their_names"),),
    ),
    Mutant(
        "a plan is agreed to though the price is another one",
        PLAN,
        "guards=(_makes_the_price, _keeps_what_was_paid, _knows_the_postponements),",
        "guards=(_keeps_what_was_paid, _knows_the_postponements),",
        (PLANS.format("a_plan_that_no_longer_makes_the_price_is_not_agreed_to"),),
    ),
    Mutant(
        "a node on which money has moved is left out",
        PLAN,
        "if entry.origin not in origins_of([plan]):",
        "if not origins_of([plan]):",
        (PLANS.format("a_node_on_which_money_has_moved_stays_a_node"),),
    ),
    Mutant(
        "the name of a node that was paid goes to another node",
        "models/plans/plan.py",
        "used |= {each.origin for each in at.rows",
        "used |= {each.origin for each in () and at.rows",
        (PLANS.format("a_name_on_which_money_has_moved_is_given_to_no_other_node"),),
    ),
    Mutant(
        "a draft is handed to the contractor of the past",
        PLAN,
        "plan.name(contract)",
        "plan.name(contract) if plan.sent_at else None",
        (SIDES.format("a_draft_is_handed_to_the_contractor_and_measured_by_the_price_of_that_moment"),),
    ),
    Mutant(
        "payments stay with the region that their project left",
        "models/project.py",
        'for target in ("PaymentPlan", "Payment", "Receipt", "Postponement"):',
        'for target in ("PaymentPlan", "Payment", "Receipt"):',
        (SIDES.format("payments_move_with_their_project_to_another_region"),),
    ),
    Mutant(
        "a paper proves an entry that takes another one back",
        "models/plans/receipt.py",
        "return self.proved_on is None and self.reverses_id is None",
        "return self.proved_on is None",
        (SIDES.format("an_entry_against_another_is_proved_by_no_paper"),),
    ),
    Mutant(
        "a plan that was sent back hides a day behind another",
        PLAN,
        "node.planned_on, node.postponed_on = node.due_on, None",
        "pass",
        (SIDES.format("what_is_sent_back_hides_no_day_behind_another"),),
    ),
    Mutant(
        "a version undoes a postponement",
        PLAN,
        "guards=(_makes_the_price, _keeps_what_was_paid, _knows_the_postponements),",
        "guards=(_makes_the_price, _keeps_what_was_paid),",
        (SIDES.format("what_was_postponed_meanwhile_is_not_undone_by_a_version"),),
    ),
    Mutant(
        "the words of a draft are told to the other side",
        ENTRY,
        "else COUNTING",
        "else None",
        (SIDES.format("what_a_draft_said_is_not_told_to_others"),),
    ),
    Mutant(
        "money is taken back a second time",
        ENTRY,
        'unless="reverses_id",',
        "",
        (ENTRIES.format("a_mistake_is_taken_back_by_an_entry_of_its_own"),),
    ),
    Mutant(
        "what was taken back still counts",
        ENTRY,
        "amount=-(self.amount or Decimal(0))",
        "amount=(self.amount or Decimal(0)) * 0",
        (ENTRIES.format("a_mistake_is_taken_back_by_an_entry_of_its_own"),),
    ),
    Mutant(
        "money of tomorrow is entered",
        ENTRY,
        "self.moved_on > at.today:",
        "self.moved_on.year > at.today.year:",
        (ENTRIES.format("money_of_tomorrow_of_nothing_and_on_no_node_is_refused"),),
    ),
    Mutant(
        "the other side enters money",
        ENTRY,
        "return contract if is_own else None",
        "return contract",
        (ENTRIES.format("nobody_enters_for_the_other_side"),),
    ),
    Mutant(
        "a word without a paper confirms a node",
        "app/plans/standing.py",
        "if self.planned and self.proved >= self.planned:",
        "if self.planned and self.received >= self.planned:",
        (ENTRIES.format("what_no_paper_proves_is_received_but_not_confirmed"),),
    ),
    Mutant(
        "a late node is warned of a day late",
        "app/plans/standing.py",
        "self.warned_from <= self.day",
        "self.warned_from < self.day",
        (ENTRIES.format("a_node_is_warned_of_from_the_61st_day_on_holiday_or_not"),),
    ),
    Mutant(
        "a node is postponed from a day that it has no more",
        "models/plans/postponement.py",
        "guards=(_stands_as_it_stood, _keeps_wages_monthly),",
        "guards=(_keeps_wages_monthly,),",
        (ENTRIES.format("two_postponements_cannot_both_be_agreed_to_from_one_day"),),
    ),
)

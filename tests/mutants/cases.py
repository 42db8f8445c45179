"""督办案件 and 通报: faults by which an alert is worked twice or hushed up, or a company reads what is the office's."""

from tests.mutants.trial import Mutant

CASES = "tests/cases/test_cases.py::test_{}"
TOLERANCE = "tests/cases/test_tolerance.py::test_{}"
CIRCULARS_TOLD = "tests/cases/test_circulars.py::test_{}"
RULES = "tests/rules/test_cases.py::test_{}"
STEPS, RULE = "models/cases/steps.py", "models/rules/cases.py"

CASE_FAULTS = (
    Mutant(
        "an alert is given out twice",
        STEPS,
        "elif alert.case_id is not None and alert.case_id != case.id:",
        "elif False:",
        (CASES.format("an_alert_is_given_out_once"),),
    ),
    Mutant(
        "the company reads its case before the order",
        "models/case.py",
        "rows |= own & cls.ordered_at.is_not(None) & cls.state.in_(TOLD)",
        "rows |= own",
        (CASES.format("the_company_sees_nothing_before_the_order"),),
    ),
    Mutant(
        "what still stands is closed without a last day",
        RULE,
        '    if until is None:\n        message = "仍有',
        '    if False:\n        message = "仍有',
        (CASES.format("closing_while_a_cause_stands_is_to_tolerate_it_for_a_time"),),
    ),
    Mutant(
        "closing lets the alert go without tolerating it",
        STEPS,
        "case.tolerated_until if alert.cleared_on is None else None",
        "None",
        (CASES.format("closing_while_a_cause_stands_is_to_tolerate_it_for_a_time"),),
    ),
    Mutant(
        "when a tolerance is over nobody is told",
        "app/alerts/sweep.py",
        '(and_(was_open, is_over), "repeat"),',
        "",
        (TOLERANCE.format("when_it_is_over_it_is_told_of_once_and_stands_in_the_pool"),),
    ),
    Mutant(
        "what is tolerated stays in the pool",
        "app/alerts/pool.py",
        "return stands() & ~func.coalesce(Alert.tolerated_until >= today(), false())",
        "return stands()",
        (TOLERANCE.format("until_the_day_it_is_out_of_the_pool_and_nobody_is_told"),),
    ),
    Mutant(
        "an order is put off without end",
        RULE,
        "if last > latest:",
        "if False:",
        (RULES.format("an_order_is_put_off_to_a_later_day_within_the_longest_extension"),),
    ),
    Mutant(
        "the limit stays where it was when the order is put off",
        "app/engine/duties.py",
        "        _follow_its_day(running[code], record, wanted[code][0], at)\n",
        "        pass\n",
        (CASES.format("an_order_is_put_off_with_a_reason_and_its_limit_with_it"),),
    ),
    Mutant(
        "a case of another project takes the alerts in",
        STEPS,
        "if case.project_id is None or other.project_id != case.project_id:",
        "if False:",
        (CASES.format("a_case_that_is_merged_gives_its_alerts_to_the_other"),),
    ),
    Mutant(
        "a region takes a case from the province",
        STEPS,
        "if office.id == at.viewer.organisation_id:\n        return True",
        "if True:\n        return True",
        (CASES.format("a_region_does_not_take_a_case_from_the_province"),),
    ),
    Mutant(
        "a project is told of twice at the same time",
        "app/cases/circulars.py",
        'cover[each.id].degree == "none" and each.id not in told]',
        'cover[each.id].degree == "none"]',
        (CIRCULARS_TOLD.format("who_is_told_already_and_who_has_cover_are_left"),),
    ),
    Mutant(
        "a notice is made public on its last day",
        "app/cases/circulars.py",
        "CircularNotice.answer_by < today()",
        "CircularNotice.answer_by <= today()",
        (CIRCULARS_TOLD.format("only_what_stands_after_its_day_is_made_public"),),
    ),
)

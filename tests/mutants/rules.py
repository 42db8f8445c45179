"""Sums and days that are off by the least step."""

from tests.mutants.trial import Mutant

LETTER_STEPS = ("tests/modes/test_letter.py",)
MINIMUM = ("tests/rules/test_minimum.py",)
MONEY = ("tests/rules/test_money.py",)
DAYS = ("tests/rules/test_days.py",)

RULES = (
    Mutant(
        "the minimum is rounded down",
        "models/rules/minimum.py",
        "rounding=ROUND_CEILING",
        'rounding="ROUND_FLOOR"',
        MINIMUM,
    ),
    Mutant(
        "the flat minimum is half",
        "models/rules/policy.py",
        'flat_share: Decimal = Decimal("10")',
        'flat_share: Decimal = Decimal("5")',
        MINIMUM,
    ),
    Mutant(
        "a fen below the minimum passes",
        "models/rules/minimum.py",
        "    if missing <= 0:",
        "    if missing <= Decimal('0.01'):",
        MINIMUM,
    ),
    Mutant(
        "a share is cut off",
        "models/rules/money.py",
        "_FEN, rounding=ROUND_HALF_UP, context=_EXACT",
        '_FEN, rounding="ROUND_DOWN", context=_EXACT',
        MONEY,
    ),
    Mutant(
        "a part of a price is rounded down",
        "models/rules/money.py",
        "_FEN, rounding=ROUND_CEILING, context=_EXACT",
        '_FEN, rounding="ROUND_FLOOR", context=_EXACT',
        MONEY,
    ),
    Mutant(
        "the first day counts", "models/rules/days.py", "return start + n * _DAY", "return start + (n - 1) * _DAY", DAYS
    ),
    Mutant(
        "a limit ends on a holiday",
        "models/rules/days.py",
        "while roll and not holidays.is_working_day(last):",
        "while False:",
        DAYS,
    ),
    Mutant(
        "working days begin with the first",
        "models/rules/days.py",
        "    day, left = start, n\n",
        "    day, left = start - _DAY, n\n",
        DAYS,
    ),
    Mutant(
        "a contractor has eleven days to confirm",
        "models/rules/policy.py",
        "confirm_days: int = 10",
        "confirm_days: int = 11",
        LETTER_STEPS,
    ),
    Mutant(
        "thirty days are thirty-one",
        "models/rules/policy.py",
        "backfill_days: int = 30",
        "backfill_days: int = 31",
        ("tests/rules/test_backfill.py",),
    ),
    Mutant(
        "the last day of a backfill is late",
        "models/rules/backfill.py",
        "max((today - due).days, 0)",
        "max((today - due).days + 1, 0)",
        ("tests/rules/test_backfill.py",),
    ),
    Mutant(
        "the cut-off day is history",
        "models/rules/backfill.py",
        "settled_on < policy.backfill_cut_off_on",
        "settled_on <= policy.backfill_cut_off_on",
        ("tests/rules/test_backfill.py",),
    ),
    Mutant(
        "a month is late on its last day",
        "models/rules/months.py",
        "today > due_on",
        "today >= due_on",
        ("tests/rules/test_months.py",),
    ),
    Mutant(
        "a signatory signs a fen above the limit",
        "models/rules/letters.py",
        "    if amount <= limit:",
        "    if amount <= limit + Decimal('0.01'):",
        LETTER_STEPS,
    ),
)

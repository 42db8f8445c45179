"""The faults: each breaks one promise in one place, and names the smallest part of the tests that must notice.

Texts are chosen short and where they seldom change; one that no longer stands in its file is told as stale.
"""

from tests.mutants.cases import CASE_FAULTS
from tests.mutants.doors import DOORS
from tests.mutants.entrances import ENTRANCES
from tests.mutants.measured import MEASURED
from tests.mutants.notices import NOTICES
from tests.mutants.payments import PAYMENTS
from tests.mutants.rules import RULES
from tests.mutants.seen import SEEN
from tests.mutants.steps import STEPS
from tests.mutants.trust import TRUST
from tests.mutants.written import WRITTEN

MUTANTS = (
    *(*SEEN, *WRITTEN, *STEPS, *RULES, *TRUST, *PAYMENTS, *NOTICES, *MEASURED, *DOORS, *ENTRANCES, *CASE_FAULTS),
)

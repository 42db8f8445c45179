"""The regulators' register of construction permits, some of them for projects without any cover."""

from collections.abc import Callable
from datetime import timedelta

from app.ops.demo_data.cast import parties
from app.ops.demo_data.stage import Agenda, Stage, at, save
from app.ops.demo_data.work import Work
from models.permit import Permit

_COVERED_COUNT, _UNCOVERED_COUNT = 26, 14


def plan(agenda: Agenda, stage: Stage, *, covered: list[Work], uncovered: list[Work], unknown: list[Work]) -> None:
    """Put the entering of some forty permits on the agenda: Haikou's by its own office, the rest by the province's."""
    step = max(len(uncovered) // _UNCOVERED_COUNT, 1)
    permitted = [*covered[:_COVERED_COUNT], *uncovered[::step][:_UNCOVERED_COUNT], *unknown]
    for number, work in enumerate(permitted):
        agenda.add(at(work.permitted_on + timedelta(days=2), 16, number % 60), _entering(stage, work))


def _entering(stage: Stage, work: Work) -> Callable[[], None]:
    named = {party.key: party for party in parties()}
    employer, contractor = named[work.employer], named[work.contractor]
    office = "regulator-haikou" if work.region_code.startswith("4601") else "regulator"

    def enter() -> None:
        with stage.acting(office):
            save(
                Permit,
                {
                    "permit_no": work.permit_no,
                    "project_name": work.name,
                    "region_code": work.region_code,
                    "address": work.address,
                    "employer_name": employer.name,
                    "employer_uscc": employer.uscc,
                    "contractor_name": contractor.name,
                    "contractor_uscc": contractor.uscc,
                    "contract_price": work.price,
                    "permitted_on": work.permitted_on,
                },
            )

    return enter

"""The filing of a letter's guarantor, and whether it was open to business when the letter was settled."""

from datetime import date
from typing import Any

from models.grammar.workflow import Inputs, Moment
from models.guarantor import ON_FILE, Guarantor
from models.rules import guarantors
from models.rules.problem import Problem


def filing_of(letter: Any, at: Moment) -> Guarantor | None:
    """The filing of the letter's guarantor, if it is on file now."""
    found = _ever_filed(letter, at)
    return found if found is not None and found.state in ON_FILE else None


def _ever_filed(letter: Any, at: Moment) -> Guarantor | None:
    known = {"uscc": letter.guarantor_uscc} if letter.guarantor_uscc else {"organisation_id": letter.guarantor_id}
    found: Guarantor | None = at.rows.find_by("Guarantor", **known) if any(known.values()) else None
    return found


def settled_while_open(letter: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """What was settled after the guarantor was suspended or cancelled is new business that it may not take.

    What it says only after that to have settled before is kept, and said.
    """
    settled_on, filing = inputs.get("settled_on", letter.settled_on), _ever_filed(letter, at)
    if settled_on is None or filing is None:
        return []
    turns = at.history.days_of(filing, guarantors.TURNS)
    since = guarantors.closed_since(turns, settled_on)
    if since is None:
        return _told_while_closed(filing, guarantors.closed_since(turns, at.today), settled_on)
    message = (
        "%(name)s自%(since)s起停止受理新业务，此后于%(settled)s办结的保函不能补录，"
        "请核对业务办结时间；确于该日办结的，请由其他保证人办理"
    )
    return [Problem(message, "settled_on", {"name": filing.name, "since": since, "settled": settled_on})]


def _told_while_closed(filing: Guarantor, since: date | None, settled_on: date) -> list[Problem]:
    if since is None:
        return []
    message = "%(name)s自%(since)s起停止受理新业务，此后补录其于%(settled)s办结的保函，请主管部门核对保函原件"
    params = {"name": filing.name, "since": since, "settled": settled_on}
    return [Problem(message, "settled_on", params, blocking=False)]

"""派发: alerts become cases, each by itself or several as one."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select

from app.core.database import db
from app.core.refusals import NotFound
from app.engine import records
from models.alert import Alert
from models.case import Case
from models.cases.alerts import CaseAlert


def give_out(keys: Collection[int], values: Mapping[str, Any], *, token: str = "") -> Case:
    """One case about these alerts, given to whom `values` names; NotFound, Refused or Lost, and nothing is changed."""
    wanted = sorted(set(keys))
    found = set(db.session.scalars(select(Alert.id).where(Alert.id.in_(wanted))))
    if found != set(wanted):
        raise NotFound(f"alerts {wanted}")
    links = [CaseAlert(alert_id=key) for key in wanted]
    case, _warnings = records.save(Case, {**values, "links": links}, token=token, then="assign")
    assert isinstance(case, Case)
    return case

"""The other party of a visible contract keeps its name: what the scope relies on in SQLAlchemy to widen loads."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import create_engine, event, select
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker
from sqlalchemy.orm.util import LoaderCriteriaOption

from app.core.clock import now
from app.core.viewer import acting_as, as_system
from app.ledger import scope
from models.contract import Contract
from models.grammar.appbuilder import Model
from models.grammar.viewer import CONTRACTOR, Viewer
from models.organisation import Organisation
from models.project import Project

EMPLOYER_ID, OWN_ID, STRANGER_ID = 1, 2, 3
TOLD = "SQLAlchemy has changed: look at `_widened` in app/ledger/scope.py, or other parties' names turn into nothing: "
Loads = list[Any]


@pytest.fixture
def loads() -> Loads:
    """The statements of relationship loads as the scope gets them."""
    return []


@pytest.fixture
def session(loads: Loads) -> Iterator[Session]:
    """Two contracts of one employer, seen by the contractor of the first."""
    engine = create_engine("sqlite://")
    Model.metadata.create_all(engine)
    factory = sessionmaker(engine)

    @event.listens_for(factory, "do_orm_execute")
    def keep(state: ORMExecuteState) -> None:
        if state.is_relationship_load:
            loads.append(state.statement)

    scope.install(factory)
    with as_system(), factory() as writer:
        writer.add_all(_rows())
        writer.commit()
    loads.clear()
    viewer = Viewer(user_id=9, name="施工", organisation_id=OWN_ID, roles=frozenset({CONTRACTOR}))
    with acting_as(viewer), factory() as reader:
        yield reader
    engine.dispose()


def _rows() -> list[Any]:
    made: dict[str, Any] = {"created_at": now(), "region_code": "460100"}
    parties = {EMPLOYER_ID: "建设单位", OWN_ID: "施工单位", STRANGER_ID: "另一施工单位"}
    rows: list[Any] = [Organisation(id=key, name=name, uscc=f"{key:018}", **made) for key, name in parties.items()]
    for key in (OWN_ID, STRANGER_ID):
        rows.append(Project(id=key, name=f"工程{key}", employer_id=EMPLOYER_ID, **made))
        rows.append(
            Contract(
                id=key,
                project_id=key,
                employer_id=EMPLOYER_ID,
                contractor_id=key,
                contract_type="construction",
                contract_no=f"HT-{key}",
                price=Decimal(1),
                **made,
            )
        )
    return rows


def test_the_select_of_the_rows_is_narrowed_to_the_viewer(session: Session) -> None:
    assert [each.id for each in session.scalars(select(Contract))] == [OWN_ID]
    assert [each.id for each in session.scalars(select(Organisation))] == [OWN_ID]


def test_what_a_visible_row_points_at_is_loaded_whoever_it_belongs_to(session: Session) -> None:
    (contract,) = session.scalars(select(Contract)).all()
    assert contract.employer is not None, f"{TOLD}a select-in load is narrowed"
    assert (contract.employer.name, contract.project.name) == ("建设单位", "工程2")


def test_a_select_in_load_comes_with_the_criteria_of_its_parent(session: Session, loads: Loads) -> None:
    session.scalars(select(Contract)).all()
    carried = [len(_criteria(load)) for load in loads]
    assert carried and all(carried), f"{TOLD}it copies no criteria to select-in loads any more, so `_widened` may go"


def test_widening_takes_the_criteria_away_from_a_copy_and_nothing_else(session: Session, loads: Loads) -> None:
    session.scalars(select(Contract)).all()
    for load in loads:
        before = load._with_options
        widened = scope._widened(load)
        kept = tuple(option for option in before if not isinstance(option, LoaderCriteriaOption))
        assert load._with_options == before, f"{TOLD}`_clone` gives no copy of its own"
        assert widened._with_options == kept, f"{TOLD}options of a statement are kept elsewhere than in `_with_options`"
        assert str(load).startswith(f"{widened} AND "), f"{TOLD}the criteria are no options of the statement"


def test_a_statement_without_criteria_is_left_as_it_is() -> None:
    statement = select(Contract)
    assert scope._widened(statement) is statement


def _criteria(statement: Any) -> list[Any]:
    assert hasattr(statement, "_with_options"), f"{TOLD}a statement has no `_with_options`"
    return [option for option in statement._with_options if isinstance(option, LoaderCriteriaOption)]


def test_every_factory_is_narrowed_whatever_stood_at_its_address_before() -> None:
    for _ in range(200):
        factory = sessionmaker()
        scope.install(factory)
        with acting_as(Viewer(user_id=9, name="施工", organisation_id=OWN_ID)), factory() as reader:
            assert reader.dispatch.do_orm_execute, "the scope does not listen to this factory"

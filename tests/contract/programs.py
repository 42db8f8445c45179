"""A machine client of each side's employer: its rows are walked as all others are."""

from dataclasses import replace
from datetime import timedelta

from app.core.clock import today
from app.core.viewer import acting_as
from app.machines import clients
from models.grammar.viewer import ADMINISTER
from tests.contract.world import SIDES, World, at_work


def register_programs(world: World) -> None:
    """Register them as an administrator of the employer does; their ids stand under `program`."""
    for side in SIDES:
        with at_work(world.app, side.employer) as who:
            keeper = replace(who, duties=frozenset({ADMINISTER}), is_company_admin=True)
            with acting_as(keeper):
                last = today() + timedelta(days=30)
                values = {"name": f"{side.mark}程序", "purpose": "报送", "reads": True, "expires_on": last}
                client, _key, _secret = clients.register(values)
                world.ids[side.mark, "program"] = client.id

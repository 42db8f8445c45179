"""A machine client of each side's employer, and an address for its events: their rows are walked as all others are."""

from dataclasses import replace
from datetime import timedelta

from app.core.clock import today
from app.core.database import write_from_here
from app.core.viewer import acting_as
from app.engine import records
from app.machines import clients
from models.grammar.viewer import ADMINISTER
from models.webhook import WebhookEndpoint
from tests.contract.world import SIDES, World, at_work


def register_programs(world: World) -> None:
    """Enter them as an administrator of the employer does; their ids stand under `program` and `pushed`."""
    for side in SIDES:
        with at_work(world.app, side.employer) as who:
            keeper = replace(who, duties=frozenset({ADMINISTER}), is_company_admin=True)
            with acting_as(keeper):
                last = today() + timedelta(days=30)
                values = {"name": f"{side.mark}程序", "purpose": "报送", "reads": True, "expires_on": last}
                client, _key, _secret = clients.register(values)
                world.ids[side.mark, "program"] = client.id
                write_from_here()
                address = f"https://events.example.com/{side.region_code}"
                told = {"name": f"{side.mark}接收", "address": address, "chosen_types": "*"}
                world.ids[side.mark, "pushed"] = records.save(WebhookEndpoint, told)[0].id

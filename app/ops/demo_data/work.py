"""One of the demo's works, as all who have a part in it know it."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass
class Work:
    """One project and its contract, price in 元; `contract_id` once they are entered.

    `agreed`: its parties agreed to the progressive minimum before anything was handed in.
    """

    employer: str
    contractor: str
    name: str
    kind: str
    region_code: str
    address: str
    permit_no: str
    contract_no: str
    price: Decimal
    signed_on: date
    permitted_on: date
    start_on: date
    finish_on: date
    people: tuple[str, str, str, str]
    agreed: bool = False
    contract_id: int = field(default=0)

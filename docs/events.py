"""The page of event types, read from the declarations: whoever changes a workflow writes it anew with `make docs`."""

from pathlib import Path

from docs.workflows import drawn
from models.event_types import ISO, TEST, EventType, event_types

PAGE = Path(__file__).resolve().with_name("events.md")
HEAD = """# Events for other systems

Written from the declarations by `make docs`; do not edit. An organisation's administrator names an address under
事件推送 and the types that it is to hear of: one type, all of a record (`letter.*`), or everything (`*`).

## What is sent

A POST with a JSON body:

    {
      "type": "letter.issue",
      "iso": "undertaking.issued",
      "timestamp": "2025-03-12T09:30:00+08:00",
      "data": {
        "record": "letter", "id": 17, "number": "BH250312000001", "state": "issued", "event": "issue",
        "at": "2025-03-12T09:30:00+08:00",
        "page_url": "https://…/records/letter/17", "api_url": "https://…/api/v1/letters/17"
      }
    }

`state` is the state in which the event left the record; by now it may stand elsewhere: read it under `api_url`, which
is null where no screen shows such records to the organisation. `number` is empty while the record has none. There is
no personal data in it. An event is sent to an organisation only if the record lies in its scope and its history shows
it the step, whoever made it; what happened before the address was entered is not sent.

## Who sent it

The headers are those of [Standard Webhooks](https://www.standardwebhooks.com/): `webhook-id`, `webhook-timestamp`,
`webhook-signature`. The secret `whsec_…` is shown once; for 24 hours after it was replaced, the old one and the new one
sign side by side. Whatever is sent again has the same `webhook-id`: take each id once.

## When it is sent again

An organisation has ten addresses at most; to two of them it is sent at once.
Any 2xx is taken as delivered; the answer may take 15 seconds in all, 5 to connect, and is read up to 64 KB. No redirect
is followed. Anything else is tried again after 5 s, 1 min, 5 min, 30 min, 2 h, 5 h, 10 h, 24 h, 24 h and 8 h; a longer
`Retry-After` is kept to, up to a day. Events of one record keep their order: a later one waits for the earlier. 410
ends the address, unless it answers a test. An address that has taken nothing for three days is off, and its
administrators have it as a to-do; what happens meanwhile is sent once they have it on again. What was sent is known for
30 days and may be sent again by hand.

An address must be https and in the public internet; private, loopback, link-local, multicast and reserved networks are
refused, in names as in numbers. `WEBHOOKS_PRIVATE=1` allows them, for tests and for installations of one network.

## Names of ISO 20022

`iso` stands beside our type where a message of ISO 20022 tsrv (undertakings and demands) says the same; the names
follow those messages. There is no XML.

## Types
"""


def page() -> str:
    """The whole page."""
    drawn()
    rows = [*map(_line, event_types().values()), f"| `{TEST}` | 发送测试 | – |"]
    return "\n".join([HEAD, "| type | says | ISO 20022 tsrv |", "|---|---|---|", *rows, ""])


def _line(each: EventType) -> str:
    iso = f"`{each.iso}`" if each.name in ISO else "–"
    return f"| `{each.name}` | {each.noun} · {each.label} | {iso} |"

"""What a person reads when everything is ready: where to go, as whom, and a line to paste."""

import json
import textwrap
from typing import Any

from config.processes.demo import Demo


def greeting(demo: Demo) -> str:
    environment = demo.environment
    portal, gateway = environment["PORTAL_URL"], environment["GATEWAY_URL"]
    places = {
        "Portal": portal,
        "Mailbox": f"{portal}/mailbox/",
        "Admin": f"{portal}/admin/",
        "Gateway": f"{gateway}/v1   (the base_url of an SDK)",
    }
    if demo.stripe_port:
        places["Stripe"] = f"{environment['STRIPE_SANDBOX_URL']}   (the local sandbox; no money moves)"
    return "\n".join([*(f"{name:<10}{place}" for name, place in places.items()), "", sign_ins(demo)])


def sign_ins(demo: Demo) -> str:
    """Answer the demo's accounts and a call that works when pasted, as `load_demo` has noted them."""
    notes = json.loads(demo.folder.sign_ins.read_text())
    people = [
        f"{person.capitalize():<10}{notes[person]['email']}   password {notes[person]['password']}"
        for person in ("admin", "developer")
    ]
    return "\n".join(
        [*people, "", "A first call:", "", textwrap.indent(call(demo.environment["GATEWAY_URL"], notes), "  ")]
    )


def call(gateway_url: str, notes: dict[str, Any]) -> str:
    body = json.dumps(
        {"model": notes["model"], "messages": [{"role": "user", "content": "Why do bridges have tolls?"}]}
    )
    return (
        f"curl {gateway_url}/v1/chat/completions -H 'Authorization: Bearer {notes['api_key']}' "
        f"-H 'Content-Type: application/json' -d '{body}'"
    )

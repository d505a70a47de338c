"""Test clocks."""

from __future__ import annotations

from stripe.params.test_helpers._test_clock_advance_params import TestClockAdvanceParams
from stripe.params.test_helpers._test_clock_create_params import TestClockCreateParams
from stripe.params.test_helpers._test_clock_delete_params import TestClockDeleteParams
from stripe.params.test_helpers._test_clock_list_params import TestClockListParams
from stripe.params.test_helpers._test_clock_retrieve_params import TestClockRetrieveParams

from sandbox.stripe import listing
from sandbox.stripe.calendar import add_intervals
from sandbox.stripe.errors import invalid
from sandbox.stripe.present import present
from sandbox.stripe.resources.customers import end_customer
from sandbox.stripe.routes import LIST, Call, route
from sandbox.stripe.values import Obj

KIND = "test_helpers.test_clock"
PATH = "/v1/test_helpers/test_clocks"
KEPT_SECONDS = 30 * 24 * 3600
RUNNING = ("active", "past_due", "unpaid", "trialing", "incomplete")


@route("POST", PATH, TestClockCreateParams, "frozen_time name")
def create_clock(call: Call) -> Obj:
    """Make a clock that stands at a second, past or future."""
    clock = call.desk.add(
        KIND,
        "clock_",
        clock=None,
        created=call.desk.wall,
        deletes_after=call.desk.wall + KEPT_SECONDS,
        frozen_time=call.params["frozen_time"],
        name=call.params.get("name"),
        status="ready",
        status_details={},
    )
    call.desk.emit("test_helpers.test_clock.created", clock)
    return present(call.desk, clock)


@route("GET", PATH + "/{id}", TestClockRetrieveParams)
def retrieve_clock(call: Call) -> Obj:
    """Answer a clock; `ready` means that everything due has happened."""
    return present(call.desk, call.desk.need(KIND, call.id))


@route("GET", PATH, TestClockListParams, LIST)
def list_clocks(call: Call) -> Obj:
    """List clocks."""
    return listing.answer(call, listing.Query(KIND))


@route("DELETE", PATH + "/{id}", TestClockDeleteParams)
def delete_clock(call: Call) -> Obj:
    """Delete a clock with its customers."""
    clock = call.desk.need(KIND, call.id)
    _require_ready(clock)
    for customer in call.desk.find("customer", test_clock=call.id):
        end_customer(call.desk, customer)
    call.desk.emit("test_helpers.test_clock.deleted", clock)
    clock["deleted"] = True
    call.desk.save(clock)
    return present(call.desk, clock)


@route("POST", PATH + "/{id}/advance", TestClockAdvanceParams, "frozen_time")
def advance_clock(call: Call) -> Obj:
    """Begin to move a clock forward; what is due on the way happens in order, after this answer."""
    clock, target = call.desk.need(KIND, call.id), call.params["frozen_time"]
    _require_ready(clock)
    if target <= clock["frozen_time"]:
        raise invalid("The new frozen time must be later than the current frozen time.", param="frozen_time")
    if target > _furthest(call, clock):
        message = (
            "You can advance a test clock at most two intervals of its shortest subscription at a time "
            "(two years without a subscription)."
        )
        raise invalid(message, param="frozen_time")
    clock |= {"status": "advancing", "status_details": {"advancing": {"target_frozen_time": target}}}
    call.desk.save(clock)
    call.desk.emit("test_helpers.test_clock.advancing", clock)
    return present(call.desk, clock)


def _require_ready(clock: Obj) -> None:
    if clock["status"] != "ready":
        message = f"The test clock {clock['id']} is {clock['status']}: wait until it is ready."
        raise invalid(message)


def _furthest(call: Call, clock: Obj) -> int:
    now = int(clock["frozen_time"])
    limits = [add_intervals(now, 2, interval="year")]
    for sub in call.desk.find("subscription", test_clock=clock["id"]):
        if sub["status"] in RUNNING:
            recurring = sub["items"]["data"][0]["price"]["recurring"]
            limits.append(add_intervals(now, 2 * recurring["interval_count"], interval=recurring["interval"]))
    return min(limits)

"""Budgets as they travel through Redis: caps in one hash of the organization, what was spent in another.

| Redis key                   | field               | value                                                       |
|---                          |---                  |---                                                          |
| `{<organization>}:budgets`  | `version`           | of the wallet; there for every organization that may spend  |
|                             | `<node>:<node id>`  | `<budget> <window> <cap>`, and the same for each further one|
| `{<organization>}:spent`    | `<budget>`          | `<window start> <version> <spent>`                          |

Money is in micro-dollars: caps rounded down, spending up. A window's start is in Unix seconds. Words are parted by one
space, so that the admission script reads them with one pattern. Only budgets that refuse are here: those that merely
alert concern no gateway.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from core.budget import Node, Window
from core.money import micros_down, micros_up

VERSION = "version"


def budgets_at(organization: UUID | str) -> str:
    return f"{{{organization}}}:budgets"


def spent_at(organization: UUID | str) -> str:
    return f"{{{organization}}}:spent"


def node_field(node: Node, id_: UUID | str) -> str:
    return f"{node.value}:{id_}"


@dataclass(frozen=True, slots=True)
class BudgetFacts:
    """A budget that refuses, and what was spent in the window that began at `start` (Unix seconds). Picodollars."""

    id: UUID
    node: Node
    node_id: UUID
    window: Window
    cap: int
    start: int = 0
    spent: int = 0


def copy_words(version: int, budgets: Iterable[BudgetFacts]) -> list[str]:
    """Answer the arguments of `COPY_BUDGETS_IF_NEWER`: the version, fields and caps, '', budgets and their spending."""
    caps: dict[str, str] = {}
    spent: list[str] = []
    for budget in budgets:
        field = node_field(budget.node, budget.node_id)
        cap = f"{budget.id} {budget.window.value} {micros_down(budget.cap)}"
        caps[field] = f"{caps[field]} {cap}" if field in caps else cap
        spent += [str(budget.id), f"{budget.start} {version} {micros_up(budget.spent)}"]
    return [str(version), *(word for pair in caps.items() for word in pair), "", *spent]


# Takes what was spent over where it is newer: by the window's start, then by version. Also part of the release script.
COPY_SPENT_IF_NEWER = """
local function copy_spent_if_newer(key, budget, text)
  local start, version = string.match(text, '^(%d+) (%d+)')
  local present = redis.call('HGET', key, budget)
  if present then
    local old_start, old_version = string.match(present, '^(%d+) (%d+)')
    old_start, start = tonumber(old_start), tonumber(start)
    if old_start > start or (old_start == start and tonumber(old_version) >= tonumber(version)) then return end
  end
  redis.call('HSET', key, budget, text)
end
"""

# KEYS: the organization's budgets, its spending; ARGV as `copy_words` answers them.
# Answers 1 where the budgets were written, 0 where those that stand there are as new or newer. What was spent is taken
# over where it is newer in either case, and budgets that are no more lose their counters.
COPY_BUDGETS_IF_NEWER = f"""
{COPY_SPENT_IF_NEWER}
local caps, place = {{'version', ARGV[1]}}, 2
while ARGV[place] ~= '' do
  table.insert(caps, ARGV[place])
  place = place + 1
end
local known = {{}}
for at = place + 1, #ARGV, 2 do
  known[ARGV[at]] = true
  copy_spent_if_newer(KEYS[2], ARGV[at], ARGV[at + 1])
end
local present = redis.call('HGET', KEYS[1], 'version')
if present and tonumber(present) >= tonumber(ARGV[1]) then return 0 end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], unpack(caps))
for _, budget in ipairs(redis.call('HKEYS', KEYS[2])) do
  if not known[budget] then redis.call('HDEL', KEYS[2], budget) end
end
return 1
"""

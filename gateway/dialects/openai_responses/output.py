"""The items of `output`: each block of the answer is one, in progress while it grows."""

from collections.abc import Mapping

from gateway.dialects.events import Block, Kind

PREFIXES = {Kind.TEXT: "msg", Kind.REFUSAL: "msg", Kind.THOUGHT: "rs", Kind.TOOL: "fc"}


def item_id(block: Block, response: str) -> str:
    return f"{PREFIXES[block.kind]}_{response}{block.index:03}"


def item_of(block: Block, response: str, *, status: str) -> dict[str, object]:
    """The item as it stands; one that has not begun has no content."""
    parts = [part_of(block)] if block.text or status != "in_progress" else []
    own: Mapping[str, object] = {
        "id": item_id(block, response),
        "status": "incomplete" if block.is_cut else status,
    }
    if block.kind == Kind.TOOL:
        called = {"call_id": block.call_id, "name": block.name, "arguments": block.text}
        return {"type": "function_call", **own, **called}
    if block.kind == Kind.THOUGHT:
        sealed = {"encrypted_content": block.seal} if block.seal else {}
        return {"type": "reasoning", **own, "summary": [], "content": parts, **sealed}
    return {"type": "message", **own, "role": "assistant", "content": parts}


def part_of(block: Block, text: str | None = None) -> dict[str, object]:
    said = block.text if text is None else text
    if block.kind == Kind.THOUGHT:
        return {"type": "reasoning_text", "text": said}
    if block.kind == Kind.REFUSAL:
        return {"type": "refusal", "refusal": said}
    return {"type": "output_text", "text": said, "annotations": [], "logprobs": []}

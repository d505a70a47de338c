"""A value for each field of the SDKs' requests, other than what changes nothing."""

from typing import Any

TOOL = {"type": "object", "properties": {}}
PNG = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
PDF = {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}
PDF_URL = "data:application/pdf;base64,JVBERi0="


def _chat(*parts: Any) -> list[Any]:
    return [{"role": "user", "content": list(parts)}]


def _chat_called(call: Any, result: Any) -> list[Any]:
    said = {"role": "assistant", "content": None, "tool_calls": [call]}
    return [{"role": "user", "content": "Hi"}, said, {"role": "tool", "tool_call_id": "c1", "content": result}]


def _called(content: Any) -> list[Any]:
    use = {"type": "tool_use", "id": "c1", "name": "roll", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "c1", "content": content}
    hi = {"role": "user", "content": "Hi"}
    return [hi, {"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}]


CHAT: dict[str, Any] = {
    "audio": {"voice": "alloy", "format": "wav"},
    "frequency_penalty": 0.5,
    "function_call": "auto",
    "functions": [{"name": "roll"}],
    "logit_bias": {"50256": -100},
    "logprobs": True,
    "max_completion_tokens": 77,
    "max_tokens": 77,
    "messages: a picture": ("messages", _chat({"type": "image_url", "image_url": {"url": "https://a.example/b.png"}})),
    "messages: a file": ("messages", _chat({"type": "file", "file": {"file_data": PDF_URL, "filename": "a.pdf"}})),
    "messages: a file's id": ("messages", _chat({"type": "file", "file": {"file_id": "file-1"}})),
    "messages: sound": ("messages", _chat({"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}})),
    "messages: a call of a custom tool": (
        "messages",
        _chat_called({"id": "c1", "type": "custom", "custom": {"name": "roll", "input": ""}}, "4"),
    ),
    "messages: a call without a JSON object": (
        "messages",
        _chat_called({"id": "c1", "type": "function", "function": {"name": "roll", "arguments": "six"}}, "4"),
    ),
    "metadata": {"a": "b"},
    "modalities": ["text", "audio"],
    "moderation": {"model": "omni-moderation-latest"},
    "n": 2,
    "parallel_tool_calls with tools": (
        "parallel_tool_calls",
        {"parallel_tool_calls": False, "tools": [{"type": "function", "function": {"name": "roll"}}]},
    ),
    "prediction": {"type": "content", "content": "Hi"},
    "presence_penalty": 0.5,
    "prompt_cache_key": "k",
    "prompt_cache_options": {"mode": "implicit"},
    "prompt_cache_retention": "24h",
    "reasoning_effort": "low",
    "response_format: json_object": ("response_format", {"type": "json_object"}),
    "response_format: json_schema": (
        "response_format",
        {"type": "json_schema", "json_schema": {"name": "a", "schema": TOOL}},
    ),
    "safety_identifier": "u",
    "seed": 7,
    "service_tier": "flex",
    "stop": ["."],
    "store": True,
    "stream": True,
    "temperature": 0.5,
    "tool_choice": {"type": "function", "function": {"name": "roll"}},
    "tools: functions": ("tools", [{"type": "function", "function": {"name": "roll", "parameters": TOOL}}]),
    "tools: custom": ("tools", [{"type": "custom", "custom": {"name": "roll"}}]),
    "top_logprobs": 2,
    "top_p": 0.5,
    "user": "u",
    "verbosity": "low",
    "web_search_options": {},
    "a field of a newer SDK": ("new_field", 1),
}
RESPONSES: dict[str, Any] = {
    "access_programs": {"cyber": "standard"},
    "background": True,
    "background_options": {"completion_window": "2h"},
    "context_management": [{"type": "compaction"}],
    "conversation": "conv_1",
    "image": {"context_compression": "auto"},
    "include: reasoning.encrypted_content": ("include", ["reasoning.encrypted_content"]),
    "include: anything else": ("include", ["message.output_text.logprobs"]),
    "input: a picture": (
        "input",
        [{"role": "user", "content": [{"type": "input_image", "image_url": "https://a.example/b.png"}]}],
    ),
    "input: a picture's id": ("input", [{"role": "user", "content": [{"type": "input_image", "file_id": "file-1"}]}]),
    "input: a file": (
        "input",
        [{"role": "user", "content": [{"type": "input_file", "file_data": PDF_URL, "filename": "a.pdf"}]}],
    ),
    "input: a file's address": (
        "input",
        [{"role": "user", "content": [{"type": "input_file", "file_url": "https://a.example/b.pdf"}]}],
    ),
    "input: an output with a picture": (
        "input",
        [
            {"type": "function_call", "call_id": "c1", "name": "roll", "arguments": "{}"},
            {
                "type": "function_call_output",
                "call_id": "c1",
                "output": [{"type": "input_image", "image_url": "https://a.example/b.png"}],
            },
        ],
    ),
    "input: an item_reference": ("input", [{"type": "item_reference", "id": "msg_1"}]),
    "instructions": "Be short.",
    "max_output_tokens": 77,
    "max_tool_calls": 3,
    "metadata": {"a": "b"},
    "moderation": {"model": "omni-moderation-latest"},
    "parallel_tool_calls with tools": (
        "parallel_tool_calls",
        {"parallel_tool_calls": False, "tools": [{"type": "function", "name": "roll", "parameters": TOOL}]},
    ),
    "previous_response_id": "resp_1",
    "prompt": {"id": "pmpt_1"},
    "prompt_cache_key": "k",
    "prompt_cache_options": {"mode": "implicit"},
    "prompt_cache_retention": "24h",
    "reasoning.effort": ("reasoning", {"effort": "low"}),
    "reasoning.summary": ("reasoning", {"summary": "detailed"}),
    "safety_identifier": "u",
    "service_tier": "flex",
    "store": True,
    "stream": True,
    "stream_options": {"include_obfuscation": False},
    "temperature": 0.5,
    "text.format: json_object": ("text", {"format": {"type": "json_object"}}),
    "text.format: json_schema": ("text", {"format": {"type": "json_schema", "name": "a", "schema": TOOL}}),
    "text.verbosity": ("text", {"verbosity": "low"}),
    "tool_choice": {"type": "function", "name": "roll"},
    "tools: functions": ("tools", [{"type": "function", "name": "roll", "parameters": TOOL, "strict": True}]),
    "tools: custom": ("tools", [{"type": "custom", "name": "roll"}]),
    "tools: web_search and others that servers run": ("tools", [{"type": "web_search"}]),
    "top_logprobs": 2,
    "top_p": 0.5,
    "truncation": "auto",
    "user": "u",
    "a field of a newer SDK": ("new_field", 1),
}
MESSAGES: dict[str, Any] = {
    "cache_control": {"type": "ephemeral"},
    "container": "c",
    "context_management": {"edits": [{"type": "clear_tool_uses_20250919"}]},
    "diagnostics": {"previous_message_id": "msg_1"},
    "inference_geo": "eu",
    "max_tokens": 77,
    "mcp_servers": [{"type": "url", "url": "https://a.example", "name": "a"}],
    "messages: a picture": ("messages", [{"role": "user", "content": [{"type": "image", "source": PNG}]}]),
    "messages: a PDF": ("messages", [{"role": "user", "content": [{"type": "document", "source": PDF}]}]),
    "messages: a PDF's address": (
        "messages",
        [
            {
                "role": "user",
                "content": [{"type": "document", "source": {"type": "url", "url": "https://a.example/b.pdf"}}],
            }
        ],
    ),
    "messages: a file's id": (
        "messages",
        [{"role": "user", "content": [{"type": "image", "source": {"type": "file", "file_id": "file_1"}}]}],
    ),
    "messages: a search result": ("messages", [{"role": "user", "content": [{"type": "search_result"}]}]),
    "messages: a tool's result with a picture": ("messages", _called([{"type": "image", "source": PNG}])),
    "messages: a prefilled answer": (
        "messages",
        [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "The answer is"}],
    ),
    "metadata.user_id": ("metadata", {"user_id": "u"}),
    "output_config.effort": ("output_config", {"effort": "low"}),
    "output_config.format": ("output_config", {"format": {"type": "json_schema", "schema": TOOL}}),
    "prefill": [{"type": "text", "text": "The answer is"}],
    "service_tier": "standard_only",
    "speed: fast": ("speed", "fast"),
    "stop_sequences": ["."],
    "stream": True,
    "system": "Be short.",
    "temperature": 0.5,
    "thinking: enabled": ("thinking", {"type": "enabled", "budget_tokens": 2_000}),
    "thinking: disabled": ("thinking", {"type": "disabled"}),
    "thinking: between_tools": ("thinking", {"type": "between_tools"}),
    "tool_choice": {"type": "tool", "name": "roll"},
    "tools: custom": ("tools", [{"name": "roll", "input_schema": TOOL}]),
    "tools: bash, text editor, memory, computer": ("tools", [{"type": "bash_20250124", "name": "bash"}]),
    "tools: web search, web fetch, code execution": (
        "tools",
        [{"type": "web_search_20250305", "name": "web_search"}],
    ),
    "top_k": 5,
    "top_p": 0.5,
    "user_profile_id": "u",
    "workspace_id": "w",
    "a field of a newer SDK": ("new_field", 1),
}
SAMPLES = {"openai_chat": CHAT, "openai_responses": RESPONSES, "anthropic_messages": MESSAGES}
PLAIN: dict[str, dict[str, Any]] = {
    "openai_chat": {"messages": [{"role": "user", "content": "Hi"}]},
    "openai_responses": {"input": "Hi"},
    "anthropic_messages": {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 50},
}

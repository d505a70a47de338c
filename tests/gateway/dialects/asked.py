"""The same requests as callers of each dialect write them, by scenario."""

from typing import Any

PICTURE = "data:image/png;base64,iVBORw0KGgo="
SCHEMA = {"type": "object", "properties": {"sides": {"type": "integer"}}, "required": ["sides"]}
WORDS = "Say it as “naïve café 😀”."
CHAT: dict[str, dict[str, Any]] = {
    "text": {
        "messages": [{"role": "system", "content": "Be short."}, {"role": "user", "content": WORDS}],
        "temperature": 0.5,
        "max_tokens": 50,
        "user": "customer-7",
    },
    "tools": {
        "messages": [
            {"role": "user", "content": "Roll two dice."},
            {
                "role": "assistant",
                "content": "Wait.",
                "tool_calls": [
                    {"id": "c1", "type": "function", "function": {"name": "roll", "arguments": '{"sides":6}'}},
                    {"id": "c2", "type": "function", "function": {"name": "roll", "arguments": '{"sides":8}'}},
                ],
            },
            {"role": "tool", "tool_call_id": "c1", "content": "4"},
            {"role": "tool", "tool_call_id": "c2", "content": "7"},
            {"role": "user", "content": "Once more."},
        ],
        "tools": [
            {"type": "function", "function": {"name": "roll", "description": "Rolls a die.", "parameters": SCHEMA}}
        ],
        "tool_choice": {"type": "function", "function": {"name": "roll"}},
        "parallel_tool_calls": True,
    },
    "images": {
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is this?"},
                    {"type": "image_url", "image_url": {"url": PICTURE}},
                    {"type": "image_url", "image_url": {"url": "https://pictures.example/a.png", "detail": "low"}},
                ],
            }
        ]
    },
    "reasoning": {"messages": [{"role": "user", "content": "Think."}], "reasoning_effort": "high"},
    "json": {
        "messages": [{"role": "user", "content": "A die, as JSON."}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "die", "schema": SCHEMA, "strict": True}},
    },
}
RESPONSES: dict[str, dict[str, Any]] = {
    "text": {
        "instructions": "Be short.",
        "input": WORDS,
        "temperature": 0.5,
        "max_output_tokens": 50,
        "safety_identifier": "customer-7",
    },
    "tools": {
        "input": [
            {"role": "user", "content": "Roll two dice."},
            {"role": "assistant", "content": "Wait."},
            {"type": "function_call", "call_id": "c1", "name": "roll", "arguments": '{"sides":6}'},
            {"type": "function_call", "call_id": "c2", "name": "roll", "arguments": '{"sides":8}'},
            {"type": "function_call_output", "call_id": "c1", "output": "4"},
            {"type": "function_call_output", "call_id": "c2", "output": [{"type": "input_text", "text": "7"}]},
            {"role": "user", "content": "Once more."},
        ],
        "tools": [
            {
                "type": "function",
                "name": "roll",
                "description": "Rolls a die.",
                "parameters": SCHEMA,
                "strict": False,
            }
        ],
        "tool_choice": {"type": "function", "name": "roll"},
        "parallel_tool_calls": True,
    },
    "images": {
        "input": [
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "What is this?"},
                    {"type": "input_image", "image_url": PICTURE, "detail": "auto"},
                    {"type": "input_image", "image_url": "https://pictures.example/a.png", "detail": "low"},
                ],
            }
        ]
    },
    "reasoning": {
        "input": [
            {"role": "user", "content": "Think."},
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "OPENAI-SEAL"},
            {
                "type": "reasoning",
                "id": "rs_2",
                "summary": [],
                "encrypted_content": "sealed-by:anthropic_messages::ANTHROPIC-SEAL",
            },
            {"role": "assistant", "content": "Done."},
            {"role": "user", "content": "Again."},
        ],
        "reasoning": {"effort": "high"},
    },
    "json": {
        "input": "A die, as JSON.",
        "text": {"format": {"type": "json_schema", "name": "die", "schema": SCHEMA, "strict": True}},
    },
}
MESSAGES: dict[str, dict[str, Any]] = {
    "text": {
        "system": "Be short.",
        "messages": [{"role": "user", "content": WORDS}],
        "temperature": 0.5,
        "max_tokens": 50,
        "metadata": {"user_id": "customer-7"},
    },
    "tools": {
        "max_tokens": 100,
        "messages": [
            {"role": "user", "content": "Roll two dice."},
            {
                "role": "assistant",
                "content": [
                    {"type": "text", "text": "Wait."},
                    {"type": "tool_use", "id": "c1", "name": "roll", "input": {"sides": 6}},
                    {"type": "tool_use", "id": "c2", "name": "roll", "input": {"sides": 8}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "c1", "content": "4"},
                    {"type": "tool_result", "tool_use_id": "c2", "content": "No dice.", "is_error": True},
                    {"type": "text", "text": "Once more."},
                ],
            },
        ],
        "tools": [{"name": "roll", "description": "Rolls a die.", "input_schema": SCHEMA}],
        "tool_choice": {"type": "tool", "name": "roll", "disable_parallel_tool_use": True},
    },
    "images": {
        "max_tokens": 100,
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is this?"},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}},
                    {"type": "image", "source": {"type": "url", "url": "https://pictures.example/a.png"}},
                ],
            }
        ],
    },
    "reasoning": {
        "max_tokens": 30_000,
        "messages": [
            {"role": "user", "content": "Think."},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "Hm.", "signature": "ANTHROPIC-SEAL"},
                    {"type": "thinking", "thinking": "Ah.", "signature": "sealed-by:openai_responses:rs_1:OPENAI-SEAL"},
                    {"type": "text", "text": "Done."},
                ],
            },
            {"role": "user", "content": "Again."},
        ],
        "thinking": {"type": "enabled", "budget_tokens": 20_000},
    },
    "json": {
        "max_tokens": 100,
        "messages": [{"role": "user", "content": "A die, as JSON."}],
        "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}},
    },
}
ASKED = {"openai_chat": CHAT, "openai_responses": RESPONSES, "anthropic_messages": MESSAGES}

"""Examples that work when pasted."""

import json
from dataclasses import dataclass

from portal.catalogue import base_url

QUESTION = "Say hello."
KEY_VARIABLE = "TOLLWAY_API_KEY"


@dataclass(frozen=True, slots=True)
class Snippet:
    name: str
    label: str
    text: str


def first_call(model: str, key: str | None = None) -> list[Snippet]:
    """Answer a first chat completion in curl and Python, with the key in it, or in the environment where it is None."""
    return [curl(model, key), python(model, key)]


def curl(model: str, key: str | None = None) -> Snippet:
    messages = json.dumps([{"role": "user", "content": QUESTION}])
    body = f'{{\n    "model": {json.dumps(model)},\n    "messages": {messages}\n  }}'
    lines = [
        f"curl {base_url()}/chat/completions",
        f'-H "Authorization: Bearer {key or f"${KEY_VARIABLE}"}"',
        '-H "Content-Type: application/json"',
        f"-d '{body}'",
    ]
    return Snippet("curl", "curl", " \\\n  ".join(lines))


def python(model: str, key: str | None = None, *, is_stream: bool = False) -> Snippet:
    secret = f'"{key}"' if key else f'os.environ["{KEY_VARIABLE}"]'
    imports = "from openai import OpenAI" if key else "import os\n\nfrom openai import OpenAI"
    text = f"""# pip install openai
{imports}

client = OpenAI(base_url="{base_url()}", api_key={secret})
{_STREAMED if is_stream else _WHOLE}"""
    return Snippet("python", "Python", text.replace("MODEL", model).replace("QUESTION", QUESTION))


_WHOLE = """answer = client.chat.completions.create(
    model="MODEL",
    messages=[{"role": "user", "content": "QUESTION"}],
)
print(answer.choices[0].message.content)
print(answer.usage)"""

_STREAMED = """stream = client.chat.completions.create(
    model="MODEL",
    messages=[{"role": "user", "content": "QUESTION"}],
    stream=True,
    stream_options={"include_usage": True},
)
for chunk in stream:
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="", flush=True)
    if chunk.usage:
        print("\\n", chunk.usage)"""


def with_anthropic(model: str) -> str:
    return _filled(_ANTHROPIC, model)


def batch_of_requests(model: str) -> str:
    """Answer a batch of two with OpenAI's SDK, waited for."""
    return _filled(_BATCH, model)


def _filled(text: str, model: str) -> str:
    named = text.replace("BASE_URL", base_url()).replace("ADDRESS", base_url().removesuffix("/v1"))
    return named.replace("KEY_VARIABLE", KEY_VARIABLE).replace("MODEL", model).replace("QUESTION", QUESTION)


_ANTHROPIC = """# pip install anthropic
import os

from anthropic import Anthropic

client = Anthropic(base_url="ADDRESS", api_key=os.environ["KEY_VARIABLE"])
answer = client.messages.create(
    model="MODEL",
    max_tokens=500,
    messages=[{"role": "user", "content": "QUESTION"}],
)
print(answer.content[0].text)
print(answer.usage)"""

_BATCH = """# pip install openai
import json
import os
import time

from openai import OpenAI

client = OpenAI(base_url="BASE_URL", api_key=os.environ["KEY_VARIABLE"])
lines = [
    {
        "custom_id": f"question-{number}",
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {"model": "MODEL", "messages": [{"role": "user", "content": text}], "max_tokens": 200},
    }
    for number, text in enumerate(["Why do bridges have tolls?", "Who built the first turnpike?"])
]
data = "\\n".join(map(json.dumps, lines)).encode()
file = client.files.create(file=("requests.jsonl", data), purpose="batch")
batch = client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
while batch.status not in ("completed", "failed", "expired", "cancelled"):
    time.sleep(2)
    batch = client.batches.retrieve(batch.id)
print(batch.request_counts)
print(client.files.content(batch.output_file_id).text)"""

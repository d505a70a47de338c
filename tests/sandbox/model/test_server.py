"""The demo model server over HTTP, called by the official SDK."""

from typing import Any

import httpx2
import openai
import pytest

PROMPT: Any = [{"role": "user", "content": "Tell me about bridges"}]


@pytest.fixture
def direct(model_server: str) -> openai.OpenAI:
    return openai.OpenAI(api_key="none", base_url=model_server, max_retries=0)


def test_whole_and_streamed_answers_are_the_same(direct: openai.OpenAI) -> None:
    whole = direct.chat.completions.create(model="muse-spark", messages=PROMPT)
    chunks = list(
        direct.chat.completions.create(
            model="muse-spark", messages=PROMPT, stream=True, stream_options={"include_usage": True}
        )
    )

    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert chunks[-1].usage == whole.usage
    assert chunks[-2].choices[0].finish_reason == "stop"


def test_usage_is_streamed_only_when_asked_for(direct: openai.OpenAI) -> None:
    chunks = list(direct.chat.completions.create(model="muse-spark", messages=PROMPT, stream=True))

    assert all(chunk.usage is None and chunk.choices for chunk in chunks)


def test_embeddings_of_like_texts_lie_near(direct: openai.OpenAI) -> None:
    found = direct.embeddings.create(model="muse-embed", input=["a toll road", "the toll road", "quantum physics"])
    one, near, far = (entry.embedding for entry in found.data)

    def likeness(a: list[float], b: list[float]) -> float:
        return sum(x * y for x, y in zip(a, b, strict=True))

    assert likeness(one, one) == pytest.approx(1, abs=1e-5)
    assert likeness(one, near) > likeness(one, far)


def test_models_are_listed(direct: openai.OpenAI) -> None:
    assert {"muse-spark", "muse-spark-contributor", "muse-embed"} <= {model.id for model in direct.models.list()}


def test_a_broken_model_dies_in_the_middle(model_server: str, direct: openai.OpenAI) -> None:
    with pytest.raises((openai.APIConnectionError, httpx2.RemoteProtocolError)):
        list(direct.chat.completions.create(model="demo-broken", messages=PROMPT, stream=True))
    with pytest.raises(openai.InternalServerError):
        direct.chat.completions.create(model="demo-broken", messages=PROMPT)
    with pytest.raises(openai.InternalServerError):
        direct.chat.completions.create(model="demo-unavailable", messages=PROMPT)


@pytest.mark.parametrize(
    ("path", "body", "status", "param"),
    [
        ("/chat/completions", b"{", 400, None),
        ("/chat/completions", b"[]", 400, None),
        ("/chat/completions", b'{"messages":[]}', 400, "model"),
        ("/embeddings", b'{"model":"m"}', 400, "input"),
        ("/embeddings", b'{"model":"m","input":"x","dimensions":9999}', 400, "dimensions"),
        ("/nothing", b"{}", 404, None),
    ],
)
def test_mistakes_are_told_in_openais_shape(
    model_server: str, path: str, body: bytes, status: int, param: str | None
) -> None:
    answer = httpx2.post(f"{model_server}{path}", content=body)

    assert answer.status_code == status
    assert answer.json()["error"]["param"] == param


def test_health(model_server: str) -> None:
    assert httpx2.get(model_server.removesuffix("/v1") + "/healthz").json() == {"status": "ok"}

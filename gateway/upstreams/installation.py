"""The upstreams of a model: those that staff named, or the installation's one model server."""

from functools import lru_cache

from core.wire import ModelFacts, UpstreamFacts

NAME = "model-server"
DIALECTS = {"chat": "openai_chat", "embedding": "openai_embeddings"}


def upstreams_of(model: ModelFacts) -> tuple[UpstreamFacts, ...]:
    """A model without rows is served by MODEL_SERVER_URL, under its slug."""
    return model.upstreams or _only(model.slug, model.kind)


def default_for(model: ModelFacts) -> UpstreamFacts:
    """Each model has its own: one that fails there says nothing about the others."""
    return _only(model.slug, model.kind)[0]


@lru_cache(maxsize=1_000)
def _only(slug: str, kind: str) -> tuple[UpstreamFacts]:
    return (UpstreamFacts(id=f"{NAME}/{slug}", name=NAME, url="", model=slug, dialect=DIALECTS[kind]),)


def is_default(upstream: UpstreamFacts) -> bool:
    return upstream.id.startswith(f"{NAME}/")

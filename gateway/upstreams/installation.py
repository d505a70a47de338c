"""The upstreams of a model: those that staff named, or the installation's one model server."""

from core.wire import ModelFacts, UpstreamFacts

NAME = "model-server"
DIALECTS = {"chat": "openai_chat", "embedding": "openai_embeddings"}


def upstreams_of(model: ModelFacts) -> tuple[UpstreamFacts, ...]:
    """A model without rows is served by MODEL_SERVER_URL, under its slug."""
    return model.upstreams or (default_for(model),)


def default_for(model: ModelFacts) -> UpstreamFacts:
    """Each model has its own: one that fails there says nothing about the others."""
    return UpstreamFacts(id=f"{NAME}/{model.slug}", name=NAME, url="", model=model.slug, dialect=DIALECTS[model.kind])


def is_default(upstream: UpstreamFacts) -> bool:
    return upstream.id.startswith(f"{NAME}/")

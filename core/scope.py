"""What a key may be limited to. A key without scopes may do everything that a key of its kind may."""

from enum import StrEnum


class Scope(StrEnum):
    INFERENCE = "inference"  # chat completions, embeddings
    MODELS = "models"  # list the models that the key may call

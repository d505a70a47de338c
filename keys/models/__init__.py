from keys.models.api_key import ApiKey
from keys.models.idempotent_issue import IdempotentIssue

__all__ = ["ApiKey", "IdempotentIssue"]

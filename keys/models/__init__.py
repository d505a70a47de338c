from keys.models.api_key import ApiKey
from keys.models.idempotent_issue import IdempotentIssue
from keys.models.key_freeze import KeyFreeze
from keys.models.leak_report import LeakReport

__all__ = ["ApiKey", "IdempotentIssue", "KeyFreeze", "LeakReport"]

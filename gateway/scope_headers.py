"""Headers by which SDKs name an organization and a project: those of the key, or the call is refused.

A script that was meant for another organization must not spend this one's credit.
"""

from collections.abc import Mapping

from core.verdict import Refusal, Verdict
from core.wire import KeyFacts

ORGANIZATION = b"openai-organization"
PROJECTS = ((b"openai-project", "OpenAI-Project"), (b"anthropic-workspace-id", "anthropic-workspace-id"))
PREFIXES = ("org", "proj", "wrkspc")


def refuse_other_scope(told: Mapping[bytes, bytes], key: KeyFacts) -> Verdict | None:
    organization = _text(told, ORGANIZATION)
    if organization and not _is_same(organization, key.organization):
        message = f"OpenAI-Organization names {organization}, and this API key belongs to {key.organization}."
        return Verdict(Refusal.MISMATCHED_ORGANIZATION, message, param="OpenAI-Organization")
    for name, shown in PROJECTS:
        project = _text(told, name)
        if project and not _is_same(project, key.project):
            message = f"{shown} names {project}, and this API key belongs to the project {key.project}."
            return Verdict(Refusal.MISMATCHED_PROJECT, message, param=shown)
    return None


def _text(told: Mapping[bytes, bytes], name: bytes) -> str:
    value = told.get(name)
    return value.decode("latin-1").strip() if value else ""


def _is_same(named: str, id_: str) -> bool:
    """With or without a prefix and dashes, as ids are copied from one place or another."""
    prefix, mark, rest = named.replace("-", "_").partition("_")
    bare = rest if mark and prefix in PREFIXES else named
    return bare.replace("-", "").replace("_", "").lower() == id_.replace("-", "")

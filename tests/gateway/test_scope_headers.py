"""Headers that name another organization or project than the key's are refused, with both ids."""

import httpx2
import pytest

from tests.gateway.published import Account

OTHER = "0197f000-0000-7000-8000-00000000ffff"


def ask(gateway: str, ada: Account, **headers: str) -> httpx2.Response:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.get(f"{gateway}/v1/models", headers={"authorization": f"Bearer {ada.token.text}"} | told)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("OpenAI_Organization", "mismatched_organization"),
        ("OpenAI_Project", "mismatched_project"),
        ("anthropic_workspace_id", "mismatched_project"),
    ],
)
@pytest.mark.parametrize("named", [OTHER, "org-abc", f"proj_{OTHER}"])
def test_another_one_is_refused_with_both_ids(gateway: str, ada: Account, header: str, code: str, named: str) -> None:
    answer = ask(gateway, ada, **{header: named})

    error = answer.json()["error"]
    own = ada.organization.id if code == "mismatched_organization" else ada.key.project
    assert (answer.status_code, error["code"], error["param"]) == (401, code, header.replace("_", "-"))
    assert named in error["message"]
    assert own in error["message"]
    assert answer.headers["x-should-retry"] == "false"


def test_the_keys_own_pass_in_every_spelling(gateway: str, ada: Account) -> None:
    organization, project = ada.organization.id, ada.key.project
    for named in (organization, organization.upper(), f"org-{organization}", f"org_{organization.replace('-', '')}"):
        assert ask(gateway, ada, OpenAI_Organization=named).status_code == 200
    for named in (project, f"proj_{project}", ""):
        assert ask(gateway, ada, OpenAI_Project=named).status_code == 200
    version = {"anthropic_version": "2023-06-01"}
    assert ask(gateway, ada, anthropic_workspace_id=f"wrkspc_{project}", **version).status_code == 200

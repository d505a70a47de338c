"""How many tokens a prompt has: an upstream is asked where its dialect can count, otherwise the published rule says."""

from dataclasses import dataclass

from core.verdict import Verdict
from core.wire import ModelFacts, UpstreamFacts
from gateway import log
from gateway.dialects.ask import Ask
from gateway.dialects.dialect import Forwarded
from gateway.dialects.fields import FieldRefused
from gateway.upstream import UpstreamFailed
from gateway.upstream_refusal import judge
from gateway.upstreams.servers import NoUpstream, Servers

ANSWERED = 200
ITS_OWN = frozenset({400, 413, 422})


@dataclass(frozen=True, slots=True)
class PromptCount:
    """`is_estimated` where no server has counted."""

    tokens: int
    is_estimated: bool


@dataclass(slots=True)
class Question(Ask):
    """The request as a question for its count: sent like any other, to whichever upstream is able."""

    def forward(self, model: ModelFacts, upstream: UpstreamFacts) -> Forwarded:
        sent = Ask.forward(self, model, upstream)
        counting = self.counting(model, upstream)
        if counting is None:
            raise FieldRefused(f"Servers that speak {upstream.dialect} don't count.", param=None)
        return Forwarded(counting.path, counting.body, sent.reading, counting.headers, counting.renamed)


async def count_prompt(asked: Ask, model: ModelFacts, servers: Servers) -> PromptCount | Verdict:
    """Answer a refusal where a server says that the prompt is wrong; a server that fails is no reason not to answer."""
    question = Question(asked.dialect, asked.asked)
    sent: list[Forwarded] = []
    try:
        async with servers.reach(
            model, question, began=lambda _, forwarded: sent.append(forwarded), may_retry=lambda: True
        ) as reached:
            body = await reached.answer.whole()
            if reached.answer.status in ITS_OWN:
                return judge(reached.answer.status, body, renamed=sent[-1].renamed)
            if reached.answer.status == ANSWERED:
                return PromptCount(asked.read_count(body), is_estimated=False)
    except FieldRefused as error:  # As always where the model's servers can't count.
        log.frequent("count.estimated", model=model.slug, reason=str(error))
    except (UpstreamFailed, NoUpstream, ValueError) as error:
        log.line("count.ESTIMATED", model=model.slug, reason=str(error))
    return PromptCount(asked.estimated_input(), is_estimated=True)

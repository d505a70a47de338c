"""Short coherent texts about roads and tolls, chosen by a seed: the same request gets the same text."""

import hashlib
import random
import re

from sandbox.model.tokenizer import pieces

STOP_WORDS = frozenset(
    """
    about after again also answer because been before being between could describe does each else ever every
    explain from give have hello here into just know like make many more most much only other over please
    proper said same say should show some such tell than thank that their them then there these they thing
    this those very want what when where which while will with words would write your
    """.split()  # noqa: SIM905 - A paragraph reads better than ninety quoted words.
)
OPENINGS = (
    "Think of {topic} as a road that many people want to use at once.",
    "A short answer about {topic}: it works best where the toll is clear before the trip.",
    "On the old turnpikes, the keeper would have asked of {topic} only how far it travels.",
    "There are two ways to reach {topic}, and the slower one has the better view.",
)
MIDDLES = (
    "A toll is a promise in two directions: the traveller pays for the mile, and the mile is kept in repair.",
    "Every booth counts what passes, writes it down once, and lifts the barrier.",
    "With {topic}, as with bridges, most of the cost is spent before the first cart crosses.",
    "The first paved toll road of Pennsylvania opened in 1795 and paid for itself in gravel and patience.",
    "Whoever plans for {topic} should count the quiet hours as well as the busy ones.",
    "A good sign at the entrance saves a long argument at the exit.",
    "Travellers forgive a price; they do not forgive a surprise.",
    "If the lane ahead is full, waiting a moment is cheaper than turning back.",
    "Some stretches are free because somebody else has paid for them already.",
    "The keeper's ledger balances each evening, or nobody goes home.",
)
ENDINGS = (
    "So begin with the smallest part of {topic}, and measure before you widen the road.",
    "In the end {topic} is worth exactly the distance that it takes you.",
    "Keep the receipt, and {topic} will explain itself on the way home.",
    "That is the whole of it: a fair price, an honest count, and an open road.",
)
WORDS_ASKED = re.compile(r"\b(\d{1,4}) words\b")


def answer_to(prompt: str, *, seed: str) -> str:
    """Three to six sentences, or about as many words as the prompt asks for ("in 200 words")."""
    dice = random.Random(hashlib.sha256(seed.encode()).digest())  # noqa: S311 - a choice of words, not a secret.
    topic = topic_of(prompt)
    sentences = [dice.choice(OPENINGS), *dice.sample(MIDDLES, dice.randint(1, 4)), dice.choice(ENDINGS)]
    asked = WORDS_ASKED.search(prompt)
    if asked:
        sentences = _as_long_as(int(asked.group(1)), dice)
    return " ".join(sentences).format(topic=topic)


def reasoning_about(prompt: str, tokens: int) -> list[str]:
    """The pieces of a hidden thought of so many tokens; they are counted, and never sent."""
    thought = pieces(f" Weigh {topic_of(prompt)} against the toll.")
    return [thought[index % len(thought)] for index in range(tokens)]


def topic_of(prompt: str) -> str:
    """The longest telling word of the prompt, the first of equals; the road itself where there is none."""
    words = [word for word in re.findall(r"[^\W\d_]{4,24}", prompt[-2000:]) if word.lower() not in STOP_WORDS]
    return max(words, key=len).lower() if words else "the road"


def _as_long_as(words: int, dice: random.Random) -> list[str]:
    sentences = [dice.choice(OPENINGS)]
    while sum(sentence.count(" ") + 1 for sentence in sentences) < words:
        sentences.append(dice.choice(MIDDLES))
    return sentences

"""The demo's tokenizer: cuts text into pieces that, joined, are the text again. One piece is one token.

A piece is, whichever matches first: up to six letters with the space before them, up to three digits, a run of
white space, or one other character.
"""

import re

PIECE = re.compile(r" ?[^\W\d_]{1,6}|[0-9]{1,3}|\s+|.", re.DOTALL)


def pieces(text: str) -> list[str]:
    return PIECE.findall(text)

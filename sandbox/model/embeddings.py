"""POST /v1/embeddings: a unit vector made from the text's pieces, so that texts sharing words lie near."""

import base64
import hashlib
import math
import struct
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from sandbox.model import fields
from sandbox.model.errors import Refused
from sandbox.model.tokenizer import pieces

DIMENSIONS = 256


async def embeddings(request: Request) -> JSONResponse:
    body = await fields.body_of(request)
    texts = _inputs(body.get("input"))
    size = fields.whole(body, "dimensions") or DIMENSIONS
    if size > DIMENSIONS:
        raise Refused(f"dimensions is at most {DIMENSIONS}.", param="dimensions")
    as_base64 = body.get("encoding_format") == "base64"
    cut = [pieces(text) for text in texts]
    data = [
        {"object": "embedding", "index": index, "embedding": _encoded(_vector(found, size), as_base64=as_base64)}
        for index, found in enumerate(cut)
    ]
    tokens = sum(map(len, cut))
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return JSONResponse({"object": "list", "data": data, "model": body["model"], "usage": usage})


def _inputs(value: Any) -> list[str]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) and text for text in texts):
        raise Refused("input must be a text or a list of texts.", param="input")
    return texts


def _vector(found: list[str], size: int) -> list[float]:
    sums = [0.0] * size
    for piece in found:
        digest = hashlib.sha256(piece.strip().lower().encode("utf-8", "surrogatepass")).digest()
        for at in range(0, 32, 4):
            sums[int.from_bytes(digest[at : at + 2], "big") % size] += 1.0 if digest[at + 2] % 2 else -1.0
    length = math.sqrt(math.fsum(value * value for value in sums)) or 1.0
    return [value / length for value in sums]


def _encoded(vector: list[float], *, as_base64: bool) -> list[float] | str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode() if as_base64 else vector

"""Forwards operations that the stand-in does not implement to the engine, unchanged."""

import httpx
from starlette.requests import Request
from starlette.responses import Response

from local.ses.errors import ServiceUnavailable

# These headers belong to one connection; httpx and uvicorn set their own.
_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "upgrade"}
)


class Proxy:
    def __init__(self, engine: str) -> None:
        self._client = httpx.AsyncClient(base_url=engine, timeout=30, trust_env=False)

    async def forward(self, request: Request, body: bytes) -> Response:
        target = request.scope["raw_path"].decode("ascii")
        if request.url.query:
            target = f"{target}?{request.url.query}"
        headers = [(name, value) for name, value in request.headers.items() if name not in _HOP_BY_HOP]
        try:
            answer = await self._client.request(request.method, target, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise ServiceUnavailable("The AWS emulator did not respond.") from error
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP}
        return Response(answer.content, status_code=answer.status_code, headers=kept)

    async def close(self) -> None:
        await self._client.aclose()

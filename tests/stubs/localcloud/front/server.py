"""The local cloud behind a socket: one port for every product, as unmodified clients expect it."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from localcloud import errors
from localcloud.physics.clock import RealClock
from localcloud.wire.http import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ssl import SSLContext

    from localcloud.front.context import Entrance

_TICK_S = 0.05
_IDLE_S = 75.0
# Longer than any address the gateway takes, so that it is the gateway that refuses.
_LONGEST_LINE = 1 << 20
_LOG = logging.getLogger("localcloud")
# What is no HTTP is answered with 400; a stack trace for each such request would bury what matters.
_WIRE_LOG = logging.getLogger("localcloud.wire")
_WIRE_LOG.setLevel(logging.CRITICAL)


class Server:
    """Serves one cloud on one address until it is stopped."""

    def __init__(
        self,
        cloud: Entrance,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: SSLContext | None = None,
    ) -> None:
        """Port 0 takes any free one; see `port` after `start`. With `tls` it speaks HTTPS."""
        self._cloud = cloud
        self._host = host
        self.port = port
        self._tls = tls
        self._runner: web.ServerRunner | None = None
        self._ticker: asyncio.Task[None] | None = None
        # Requests may wait for guests and for functions; the loop must not.
        self._pool = ThreadPoolExecutor(64, thread_name_prefix="stub-request")

    @property
    def endpoint(self) -> str:
        """Where clients find it."""
        return f"http://{self._host}:{self.port}"

    async def start(self) -> None:
        """Open the port; an `OSError` says why it cannot."""
        server = web.Server(
            self._answer,
            keepalive_timeout=_IDLE_S,
            max_line_size=_LONGEST_LINE,
            logger=_WIRE_LOG,
            # A signature covers the body as it was sent.
            auto_decompress=False,
        )
        self._runner = web.ServerRunner(server, shutdown_timeout=2.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self.port, ssl_context=self._tls)
        await site.start()
        self.port = self._runner.addresses[0][1]
        if isinstance(self._cloud.clock, RealClock):
            self._ticker = asyncio.create_task(self._tick())

    async def stop(self) -> None:
        """Close the port and wait for what is being answered."""
        if self._ticker is not None:
            self._ticker.cancel()
            await asyncio.gather(self._ticker, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_TICK_S)
            await loop.run_in_executor(self._pool, self._cloud.tick)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.headers.get("expect", "").lower() == "100-continue" and request.transport is not None:
            # Clients on libcurl wait for this line before they send a long body.
            request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        try:
            # Not `request.read()`: that refuses what Function Compute still takes.
            body = await request.content.read()
        except (ConnectionError, HttpProcessingError, web.RequestPayloadError):
            return web.Response(status=400)  # the body never came, or was no body; nobody may be listening
        loop = asyncio.get_running_loop()
        answer: HttpResponse = await loop.run_in_executor(self._pool, self._handle, _taken(request, body))
        if answer.delay_s:
            await asyncio.sleep(answer.delay_s)
        if answer.drop:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        return web.Response(status=answer.status, body=answer.body, headers=dict(answer.headers))

    def _handle(self, request: HttpRequest) -> HttpResponse:
        try:
            return self._cloud.handle(request)
        except Exception:  # noqa: BLE001 - a fault of ours is an InternalError to clients, as it is on the real cloud
            _LOG.exception("a request failed inside the local cloud: %s %s", request.method, request.path)
        error = errors.internal_error()
        body = {"RequestId": self._cloud.ids.guid(), "Code": error.code, "Message": error.message}
        headers = {"content-type": "application/json;charset=utf-8"}
        return HttpResponse(error.status, json.dumps(body).encode(), headers)


def _taken(request: web.BaseRequest, body: bytes) -> HttpRequest:
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        lower, text = name.lower(), _readable(value)
        headers[lower] = f"{headers[lower]},{text}" if lower in headers else text
    path, _, query = _readable(request.raw_path).partition("?")
    if "://" in path:
        # A client that goes through a proxy names the whole address.
        path = f"/{path.partition('://')[2].partition('/')[2]}"
    return HttpRequest(request.method, path, query, headers, body)


def _readable(text: str) -> str:
    """Put a replacement sign for bytes that are no UTF-8; no answer could repeat them."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


@contextmanager
def serving(cloud: Entrance) -> Iterator[str]:
    """Serve the cloud in a thread, and give its endpoint."""
    server = Server(cloud)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="stub-server", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(timeout=10)
        yield server.endpoint
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()

"""Nodes that misbehave: a server that answers from a script, and a proxy that loses what it is told to."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from socketserver import StreamRequestHandler, ThreadingTCPServer
from types import TracebackType
from typing import Any, Self

import orjson
import requests


@dataclass(frozen=True)
class Cut:
    """An answer whose body is cut off after so many bytes."""

    status: int
    body: bytes
    after: int


Answer = tuple[int, bytes] | Cut | None
"""Status and body; None closes the connection without a word."""


class _HTTPServer(ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 50

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.open: set[Any] = set()
        self.last: Any = None

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open.add(client_address)
        self.last = client_address
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.open.discard(client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):  # else who asked is no more
            super().handle_error(request, client_address)


class Server:
    """An HTTP server on a free port, in a thread, that answers each POST as `respond` says."""

    def __init__(self, respond: Callable[[bytes], Answer]) -> None:
        class Handler(StreamRequestHandler):
            disable_nagle_algorithm = True
            wbufsize = -1  # header and body in one packet, or the other side waits for the rest

            def handle(self) -> None:
                while (length := self._length()) is not None:
                    body = self.rfile.read(length)
                    answer = respond(body) if len(body) == length else None  # else who asked is no more
                    if not self._send(answer):
                        with suppress(OSError):  # who asked may have hung up first
                            self.connection.shutdown(socket.SHUT_RDWR)
                        return

            def _length(self) -> int | None:
                """Of the next request's body; None where there is no request."""
                length = None
                while line := self.rfile.readline().strip():
                    name, _, value = line.partition(b":")
                    if name.lower() == b"content-length":
                        length = int(value)
                return length

            def _send(self, answer: Answer) -> bool:
                """Whether it went out whole."""
                if answer is None:
                    return False
                cut = answer if isinstance(answer, Cut) else Cut(*answer, after=len(answer[1]))
                reason = HTTPStatus(cut.status).phrase
                head = f"HTTP/1.1 {cut.status} {reason}\r\nContent-Length: {len(cut.body)}\r\n\r\n"
                self.wfile.write(head.encode() + cut.body[: cut.after])
                self.wfile.flush()
                return cut.after == len(cut.body)

        self._server = _HTTPServer(("127.0.0.1", 0), Handler)
        self._port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait_until_left(self) -> None:
        """Return when everything has been dealt with that was asked by those who are no more."""
        with socket.create_connection(("127.0.0.1", self._port)) as knock:
            name = knock.getsockname()  # it comes in behind all others
            while self._server.last != name:
                time.sleep(0.001)
        while self._server.open:
            time.sleep(0.001)


class Proxy(Server):
    """Forwards to a real node; `loses` says, for each request's methods, whether its reply is lost.

    A request in `refuses` does not even reach the node.
    """

    def __init__(
        self,
        target: str,
        *,
        loses: Callable[[list[str]], bool] = lambda _: False,
        refuses: Callable[[list[str]], Answer | bool] = lambda _: False,
    ) -> None:
        self.seen: list[list[str]] = []

        def respond(body: bytes) -> Answer:
            request = orjson.loads(body)
            methods = [each["method"] for each in (request if isinstance(request, list) else [request])]
            self.seen.append(methods)
            refused = refuses(methods)
            if refused is not False:
                return None if refused is True else refused
            reply = requests.post(target, data=body, headers={"Content-Type": "application/json"}, timeout=60)
            return None if loses(methods) else (reply.status_code, reply.content)

        super().__init__(respond)


class Script:
    """Answers JSON-RPC requests in turn; each item is a raw answer, or a function from the parsed request."""

    def __init__(self, *answers: Answer | Callable[[Any], Any]) -> None:
        self.requests: list[Any] = []
        self._answers = list(answers)

    def __call__(self, body: bytes) -> Answer:
        request = orjson.loads(body)
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return (200, orjson.dumps(answer(request))) if callable(answer) else answer


def result(value: object) -> Callable[[Any], Any]:
    """Every request of a batch has that result."""
    return _each(lambda request: {"id": request["id"], "result": value})


def error(code: int, message: str, data: object = None) -> Callable[[Any], Any]:
    """Every request of a batch has that error."""
    return _each(
        lambda request: {"id": request["id"], "error": {"code": code, "message": message, "data": data}}
    )


def _each(answer: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda request: (
        [answer(each) for each in request] if isinstance(request, list) else answer(request)
    )

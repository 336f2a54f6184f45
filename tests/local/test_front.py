"""The reverse proxy forwards requests byte for byte, because a client may have signed any part of them."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.servers import start as servers
from local.servers.process import Child, listen
from tests.local import recorder

Requests = list[bytes]


@pytest.fixture(scope="module")
def upstream() -> Iterator[tuple[str, Requests]]:
    with recorder.upstream() as found:
        yield found


@pytest.fixture(scope="module")
def front(upstream: tuple[str, Requests], tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    directory: Path = tmp_path_factory.mktemp("front")
    listener, children = listen(), list[Child]()
    port = listener.getsockname()[1]
    try:
        api = f"{upstream[0]}/_aws/execute-api/0012a7ca/$default"
        servers.start_front(children.append, directory, listener, api, upstream[0])
        yield port
    finally:
        for child in children:
            child.stop()


def exchange(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(request)
        answer = b""
        while received := connection.recv(65536):
            answer += received
        return answer


def ask(port: int, target: bytes, method: bytes = b"GET", headers: bytes = b"", body: bytes = b"") -> bytes:
    host = b"Host: 127.0.0.1:%d\r\n" % port
    return exchange(
        port, method + b" " + target + b" HTTP/1.1\r\n" + host + headers + b"Connection: close\r\n\r\n" + body
    )


@pytest.mark.parametrize(
    "target",
    [
        b"/V1/list?searchCriteria[filterGroups][0][filters][0][field]=email",
        b"/V1/list?searchCriteria%5BpageSize%5D=1&a=%20&b=+&c",
        b"/a%2Fb/%25c/d%5B%5d?x=%zz",
        b"//double//slashes/../dots/./",
        b"/u/eyJ.abc-_~!$&'()*+,;=:@",
        b"/%e2%82%ac?q=%E2%82%AC",
        b"/?",
    ],
)
def test_the_front_passes_brackets_and_escapes_through_unchanged(
    target: bytes, front: int, upstream: tuple[str, Requests]
) -> None:
    ask(front, target)
    expected = b"/_aws/execute-api/0012a7ca/$default" + (target if target != b"/?" else b"/")
    assert upstream[1][-1].split(b" ")[1] == expected


@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"PROPFIND"])
def test_the_front_passes_every_method_on(method: bytes, front: int, upstream: tuple[str, Requests]) -> None:
    ask(front, b"/", method)
    assert upstream[1][-1].startswith(method + b" ")


def test_the_front_passes_repeated_headers_and_the_host_on(front: int, upstream: tuple[str, Requests]) -> None:
    ask(front, b"/", headers=b"X-Twice: 1\r\nX-Twice: 2\r\nX-Latin: \xe9\r\nOrigin: https://a.example\r\n")
    lines = [line.lower() for line in upstream[1][-1].split(b"\r\n")]
    assert [line for line in lines if line.startswith(b"x-twice")] == [b"x-twice: 1", b"x-twice: 2"]
    assert b"x-latin: \xe9" in lines
    assert b"origin: https://a.example" in lines
    assert b"host: 127.0.0.1:%d" % front in lines


@pytest.mark.parametrize("claimed", [b"", b"X-Forwarded-Proto: https\r\n"])
def test_the_front_says_itself_by_which_scheme_it_was_asked(
    claimed: bytes, front: int, upstream: tuple[str, Requests]
) -> None:
    ask(front, b"/", headers=claimed)
    lines = [line.lower() for line in upstream[1][-1].split(b"\r\n")]
    assert [line for line in lines if line.startswith(b"x-forwarded-proto")] == [b"x-forwarded-proto: http"]


def test_the_front_passes_the_bytes_of_the_body_on(front: int, upstream: tuple[str, Requests]) -> None:
    body = bytes(range(256)) * 64
    ask(front, b"/", b"POST", b"Content-Length: %d\r\n" % len(body), body)
    assert upstream[1][-1].endswith(b"\r\n\r\n" + body)


def test_a_body_sent_in_chunks_arrives_whole(front: int, upstream: tuple[str, Requests]) -> None:
    ask(front, b"/", b"POST", b"Transfer-Encoding: chunked\r\n", b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    assert upstream[1][-1].endswith(b"content-length: 5\r\n\r\nabcde")


def test_the_front_gives_the_answer_back_unchanged(front: int) -> None:
    head, _, body = ask(front, b"/").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 207")
    lines = [line.lower() for line in head.split(b"\r\n")]
    assert b'content-type: application/x-odd; a="b"' in lines
    assert [line for line in lines if line.startswith(b"set-cookie")] == [b"set-cookie: a=1", b"set-cookie: b=2"]
    assert b"x-case: \xe9" in lines
    assert body == b"\x00\xff\r\n"


def test_local_pages_come_from_the_stand_in(front: int, upstream: tuple[str, Requests]) -> None:
    ask(front, b"/_local/mailbox?to=a%5B")
    assert upstream[1][-1].split(b" ")[1] == b"/_local/mailbox?to=a%5B"

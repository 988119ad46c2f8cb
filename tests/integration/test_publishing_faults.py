"""A store that refuses, vanishes or breaks off: what the person is told, and what is left behind."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from awaited import awaited
from deckcast.kit.errors import DeckcastError, MachineError, WorkError
from deckcast.kit.settings import Settings, StorageSettings
from deckcast.publishing.ports import AssetStore
from deckcast.publishing.service import open_store

KEY = "slides/sli_1/a.mp4"
SECRET = "a-canary-that-nobody-shall-see"
DENIED = (
    f"<Error><Code>SignatureDoesNotMatch</Code><Message>{SECRET}</Message>"
    f"<AWSAccessKeyId>{SECRET}</AWSAccessKeyId></Error>"
)


class Bucket:
    """One object in memory behind HTTP; `fault` answers in its place where it returns a status and a body,
    or None to break the connection off after the request was carried out."""

    def __init__(self, fault: Callable[[str, dict[str, str]], tuple[int, str] | bool | None]) -> None:
        self.fault = fault
        self.objects: dict[str, tuple[bytes, dict[str, str]]] = {}
        self.requests: list[str] = []

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        method, path = handler.command, handler.path.partition("?")[0]
        body = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.requests.append(method)
        said = self.fault(method, headers)
        if isinstance(said, tuple):
            return self.send(handler, said[0], said[1].encode(), {})
        if method == "PUT":
            self.objects[path] = (body, {k: v for k, v in headers.items() if k.startswith("x-amz-meta-")})
        if said is None:
            handler.close_connection = True
            return handler.connection.shutdown(socket.SHUT_RDWR)
        if method == "PUT":
            return self.send(handler, 200, b"", {"etag": '"1"'})
        if method == "DELETE":
            self.objects.pop(path, None)
            return self.send(handler, 204, b"", {})
        if path not in self.objects:
            return self.send(handler, 404, b"", {})
        content, metadata = self.objects[path]
        more = {"etag": '"1"', "last-modified": "Sun, 22 Nov 2026 10:00:00 GMT", **metadata}
        if "range" in headers:
            first, last = headers["range"].removeprefix("bytes=").split("-")
            more["content-range"] = f"bytes {first}-{last}/{len(content)}"
            return self.send(handler, 206, content[int(first) : int(last) + 1], more)
        return self.send(handler, 200, content, more)

    def send(
        self, handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str]
    ) -> None:
        handler.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        if handler.command != "HEAD":
            with suppress(ConnectionError):  # who asked may have gone
                handler.wfile.write(body)


def fine(method: str, headers: dict[str, str]) -> bool:
    return True


@pytest.fixture
def bucket() -> Bucket:
    return Bucket(fine)


@contextmanager
def served(bucket: Bucket) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            bucket.answer(self)

        do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = handle_any

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def store_at(endpoint: str, folder: Path, retries: int = 1) -> AssetStore:
    storage = StorageSettings(endpoint=endpoint, access_key_id="someone", secret_access_key=SECRET)
    settings = Settings(_env_file=None, data_dir=folder, storage_url="s3://videos", storage=storage)
    return open_store(settings, retries=retries)


def made(folder: Path, content: bytes = b"a film") -> Path:
    path = folder / "made.mp4"
    path.write_bytes(content)
    return path


def text_of(error: BaseException) -> str:
    return f"{error} {error!r} {vars(error)}"


@pytest.mark.parametrize("status", [400, 401, 403, 301])
@awaited
async def test_wrong_keys_are_named_without_being_shown(tmp_path: Path, bucket: Bucket, status: int) -> None:
    bucket.fault = lambda method, headers: (status, DENIED)
    with served(bucket) as endpoint:
        store = store_at(endpoint, tmp_path)
        for call in (store.put(made(tmp_path), KEY), store.has(KEY), store.local(KEY), store.list()):
            with pytest.raises(MachineError) as caught:
                await call
            assert (caught.value.code, caught.value.retryable) == ("storage_refused", False)
            assert SECRET not in text_of(caught.value)
    assert made(tmp_path).exists()


@awaited
async def test_a_bucket_that_does_not_exist_is_named(tmp_path: Path, bucket_settings: dict[str, str]) -> None:
    storage = StorageSettings(
        endpoint=bucket_settings["STORAGE__ENDPOINT"], access_key_id="someone", secret_access_key=SECRET
    )
    store = open_store(
        Settings(_env_file=None, data_dir=tmp_path, storage_url="s3://nobody", storage=storage)
    )
    for call in (store.put(made(tmp_path), KEY), store.list()):
        with pytest.raises(MachineError, match=r"nobody, NoSuchBucket") as caught:
            await call
        assert caught.value.code == "storage_refused"


@awaited
async def test_a_store_that_does_not_answer_may_be_asked_again_later(tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # nobody listens
        store = store_at(f"http://127.0.0.1:{held.getsockname()[1]}", tmp_path)
        source = made(tmp_path)
        for call in (store.put(source, KEY), store.has(KEY), store.local(KEY), store.remove(KEY)):
            with pytest.raises(MachineError) as caught:
                await call
            assert (caught.value.code, caught.value.retryable) == ("storage_unreachable", True)
    assert source.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [source]


@awaited
async def test_a_fault_of_the_store_is_tried_again(tmp_path: Path, bucket: Bucket) -> None:
    bucket.fault = lambda method, headers: True if len(bucket.requests) % 2 == 0 else (503, "busy")
    with served(bucket) as endpoint:
        await store_at(endpoint, tmp_path).put(made(tmp_path), KEY)
    assert bucket.objects[f"/videos/{KEY}"][0] == b"a film"


@awaited
async def test_a_lost_answer_is_no_failure_where_the_object_is_there(tmp_path: Path, bucket: Bucket) -> None:
    bucket.fault = lambda method, headers: None if method == "PUT" else True
    with served(bucket) as endpoint:
        store = store_at(endpoint, tmp_path, retries=0)
        await store.put(made(tmp_path), KEY)
        assert (await store.local(KEY)).read_bytes() == b"a film"


@awaited
async def test_what_another_put_there_meanwhile_stays(tmp_path: Path, bucket: Bucket) -> None:
    def fault(method: str, headers: dict[str, str]) -> tuple[int, str] | bool:
        if method != "PUT":
            return True
        assert headers["if-none-match"] == "*"
        bucket.objects[f"/videos/{KEY}"] = (b"theirs", {})
        return 412, "<Error><Code>PreconditionFailed</Code></Error>"

    bucket.fault = fault
    with served(bucket) as endpoint, pytest.raises(WorkError) as caught:
        await store_at(endpoint, tmp_path).put(made(tmp_path, b"our own film"), KEY)
    assert caught.value.code == "asset_exists"
    assert bucket.objects[f"/videos/{KEY}"][0] == b"theirs"


@awaited
async def test_a_store_without_conditional_writes_is_looked_at_first(tmp_path: Path, bucket: Bucket) -> None:
    bucket.fault = lambda method, headers: (501, "") if "if-none-match" in headers else True
    with served(bucket) as endpoint:
        store = store_at(endpoint, tmp_path, retries=0)
        await store.put(made(tmp_path), KEY)
        with pytest.raises(WorkError, match="not overwritten"):
            await store.put(made(tmp_path, b"another film"), KEY)
    assert bucket.objects[f"/videos/{KEY}"][0] == b"a film"


@pytest.mark.parametrize("aborted", [(204, ""), (404, "<Error><Code>NoSuchUpload</Code></Error>"), (500, "")])
@awaited
async def test_a_large_upload_that_breaks_off_publishes_nothing(
    tmp_path: Path, bucket: Bucket, aborted: tuple[int, str]
) -> None:
    def fault(method: str, headers: dict[str, str]) -> tuple[int, str] | bool:
        if method == "POST":
            return (
                200,
                "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>",
            )
        return {"PUT": (500, ""), "DELETE": aborted}.get(method, True)

    bucket.fault = fault
    source = made(tmp_path, bytes(20 << 20))
    with served(bucket) as endpoint:
        store = store_at(endpoint, tmp_path, retries=0)
        with pytest.raises(MachineError) as caught:
            await store.put(source, KEY)
        assert caught.value.code == "storage_unreachable"
        assert not await store.has(KEY)
    assert source.exists()
    assert "DELETE" in bucket.requests  # of the parts that were sent


@pytest.mark.parametrize("content", [b"a fil", b"a fi1m", b""])
@awaited
async def test_a_damaged_copy_is_never_used(tmp_path: Path, bucket: Bucket, content: bytes) -> None:
    with served(bucket) as endpoint:
        store = store_at(endpoint, tmp_path / "writer")
        await store.put(made(tmp_path), KEY)
        path, (_, metadata) = next(iter(bucket.objects.items()))
        bucket.objects[path] = (content, metadata)
        with pytest.raises(DeckcastError) as caught:
            await store_at(endpoint, tmp_path / "reader").local(KEY)
    assert caught.value.code == "storage_lost"
    assert [path for path in (tmp_path / "reader").rglob("*") if path.is_file()] == []


@awaited
async def test_a_fetch_that_breaks_off_leaves_nothing_and_can_be_repeated(
    tmp_path: Path, bucket: Bucket
) -> None:
    content = bytes(range(256)) * (20 << 12)
    with served(bucket) as endpoint:
        bucket.objects[f"/videos/{KEY}"] = (content, {})
        bucket.fault = lambda method, headers: (
            "range" not in headers or ((500, "") if not headers["range"].startswith("bytes=0-") else True)
        )
        store = store_at(endpoint, tmp_path, retries=0)
        with pytest.raises(MachineError) as caught:
            await store.local(KEY)
        assert caught.value.code == "storage_unreachable"
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
        bucket.fault = fine
        assert (await store.local(KEY)).read_bytes() == content


@awaited
async def test_the_environment_of_other_tools_changes_nothing(
    tmp_path: Path, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "AWS_SESSION_TOKEN": "theirs",
        "AWS_ACCESS_KEY_ID": "theirs",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1",
        "AWS_ENDPOINT": "http://127.0.0.1:1",
        "AWS_VIRTUAL_HOSTED_STYLE_REQUEST": "true",
        "AWS_REGION": "mars-north-1",
    }.items():
        monkeypatch.setenv(name, value)
    seen: list[dict[str, str]] = []

    def look(method: str, headers: dict[str, str]) -> bool:
        seen.append(headers)
        return True

    bucket.fault = look
    with served(bucket) as endpoint:
        await store_at(endpoint, tmp_path).put(made(tmp_path), KEY)
    assert all("Credential=someone/" in headers["authorization"] for headers in seen)
    assert all("/us-east-1/" in headers["authorization"] for headers in seen)
    assert not any("x-amz-security-token" in headers for headers in seen)

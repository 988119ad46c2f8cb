"""Where a storage is, links to its assets, and what may be removed: pure rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from deckcast.kit.errors import CallError
from deckcast.kit.settings import Settings, StorageSettings
from deckcast.publishing.address import BucketAddress, bucket_address
from deckcast.publishing.folder import FolderStore
from deckcast.publishing.ports import StoredAsset, media_type_of
from deckcast.publishing.retention import expired
from deckcast.publishing.service import open_store
from deckcast.publishing.signing import MAX_S, saved_as, signed_link

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECRET = "a-canary-that-nobody-shall-see"


def storage(**values: object) -> StorageSettings:
    given = {"access_key_id": "someone", "secret_access_key": SecretStr(SECRET), "region": "eu-central-1"}
    return StorageSettings.model_validate({**given, **values})


@pytest.mark.parametrize(
    ("url", "more", "expected"),
    [
        ("s3://videos", {}, ("videos", "", "https://s3.eu-central-1.amazonaws.com", "eu-central-1")),
        ("s3://videos/a/b/", {}, ("videos", "a/b", "https://s3.eu-central-1.amazonaws.com", "eu-central-1")),
        (
            "s3://videos",
            {"endpoint": "https://0ab.r2.cloudflarestorage.com/", "region": None},
            ("videos", "", "https://0ab.r2.cloudflarestorage.com", "auto"),
        ),
        (
            "s3://videos",
            {"endpoint": "https://Store.example:443", "region": None},
            ("videos", "", "https://store.example", "us-east-1"),
        ),
        ("s3://videos", {"endpoint": "http://localhost:9000"}, ("videos", "", "http://localhost:9000", "eu-central-1")),
        ("s3://videos", {"endpoint": "http://[::1]:9000"}, ("videos", "", "http://[::1]:9000", "eu-central-1")),
    ],
)  # fmt: skip
def test_a_bucket_is_found(url: str, more: dict[str, object], expected: tuple[str, ...]) -> None:
    address = bucket_address(url, storage(**more))
    assert (address.bucket, address.prefix, address.endpoint, address.region) == expected
    assert SECRET not in repr(address)


@pytest.mark.parametrize(
    ("url", "more", "named"),
    [
        ("s3://", {}, "names no bucket"),
        ("s3://Videos", {}, "names no bucket"),
        ("s3://videos:99999", {}, "STORAGE_URL is no address"),
        ("s3://videos/a b", {}, "prefix"),
        ("s3://videos/a/../b", {}, "prefix"),
        ("s3://videos?region=eu", {}, "goes on after the prefix"),
        (f"s3://someone:{SECRET}@videos", {}, "holds a key"),
        ("s3://videos", {"access_key_id": None}, "ACCESS_KEY_ID is missing"),
        ("s3://videos", {"secret_access_key": None}, "SECRET_ACCESS_KEY is missing"),
        ("s3://videos", {"region": None}, "REGION is missing"),
        ("s3://videos", {"endpoint": "store.example"}, "no address of a server"),
        ("s3://videos", {"endpoint": f"https://x:{SECRET}@store.example"}, "no address of a server"),
        ("s3://videos", {"endpoint": "https://store.example/videos"}, "goes on after the host"),
        ("s3://videos", {"endpoint": "http://store.example"}, "not encrypted"),
        ("s3://videos", {"endpoint": "http://127.0.0.1.example"}, "not encrypted"),
    ],
)
def test_what_names_no_bucket_is_said_without_repeating_it(
    url: str, more: dict[str, object], named: str
) -> None:
    with pytest.raises(CallError, match=named) as caught:
        bucket_address(url, storage(**more))
    assert caught.value.code == "storage_url_invalid"
    assert caught.value.next_step
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://store.example/a", "videos", "ftp://x", "file://host/x", "file:///", "s3:videos"]
)
def test_other_addresses_are_no_storage(tmp_path: Path, url: str) -> None:
    with pytest.raises(CallError) as caught:
        open_store(Settings(_env_file=None, data_dir=tmp_path, storage_url=url))
    assert caught.value.code == "storage_url_invalid"


@pytest.mark.parametrize("url", [None, "", "file:///mnt/some%20videos"])
def test_a_folder_needs_no_more(tmp_path: Path, url: str | None) -> None:
    store = open_store(Settings(_env_file=None, data_dir=tmp_path, storage_url=url))
    assert isinstance(store, FolderStore)
    assert list(tmp_path.iterdir()) == []


def signature(link: str) -> tuple[str, datetime]:
    fields = parse_qs(urlsplit(link).query)
    at = datetime.strptime(fields["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return fields["X-Amz-Signature"][0], at


@pytest.mark.parametrize("endpoint", ["https://s3.eu-central-1.amazonaws.com", "http://127.0.0.1:9000"])
def test_a_link_is_signed_as_the_storage_library_does(endpoint: str) -> None:
    import obstore
    from obstore.store import S3Store

    address = BucketAddress("videos", "a", endpoint, "eu-central-1", "someone", SECRET)
    store = S3Store(
        "videos", prefix="a", endpoint=endpoint, region="eu-central-1", access_key_id="someone",
        secret_access_key=SECRET, virtual_hosted_style_request=False,
    )  # fmt: skip
    theirs = obstore.sign(store, "GET", "slides/sli_1/b-c.mp4", timedelta(seconds=900))
    expected, at = signature(theirs)
    assert signature(signed_link(address, "a/slides/sli_1/b-c.mp4", 900, at))[0] == expected
    assert signature(signed_link(address, "a/slides/sli_1/b-c.mp4", 901, at))[0] != expected


def test_headers_of_the_answer_are_signed_too() -> None:
    address = BucketAddress("videos", "", "https://store.example", "auto", "someone", SECRET)
    plain = signed_link(address, "a/b.mp4", 60, NOW)
    named = signed_link(address, "a/b.mp4", 60, NOW, {"response-content-disposition": saved_as("ü.mp4")})
    assert signature(plain)[0] != signature(named)[0]
    assert parse_qs(urlsplit(named).query)["response-content-disposition"] == [saved_as("ü.mp4")]
    assert SECRET not in named


def test_a_link_lives_seven_days_at_most() -> None:
    address = BucketAddress("videos", "", "https://store.example", "auto", "someone", SECRET)
    for asked, given_s in ((0.2, 1), (90.9, 90), (1e9, MAX_S)):
        fields = parse_qs(urlsplit(signed_link(address, "a/b.mp4", asked, NOW)).query)
        assert fields["X-Amz-Expires"] == [str(given_s)]


@given(st.text())
def test_a_file_name_cannot_leave_its_header(name: str) -> None:
    header = saved_as(name)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2


def test_media_types() -> None:
    assert media_type_of("slides/s/a.mp4") == "video/mp4"
    assert media_type_of("presentations/p/f.vtt") == "text/vtt; charset=utf-8"
    assert media_type_of("a/b") == "application/octet-stream"


def asset(key: str, age_days: float) -> StoredAsset:
    return StoredAsset(key, 1, NOW - timedelta(days=age_days))


def test_only_what_is_old_and_unused_may_go() -> None:
    assets = [asset("a/old", 31), asset("a/used", 31), asset("a/young", 29)]
    assert expired(assets, {"a/used"}, 30, NOW) == ["a/old"]


@given(
    st.lists(st.tuples(st.integers(0, 20), st.floats(0, 100))),
    st.sets(st.integers(0, 20)),
    st.floats(1, 60),
)
def test_nothing_in_use_and_nothing_young_ever_goes(
    listed: list[tuple[int, float]], used: set[int], keep_days: float
) -> None:
    assets = [asset(f"a/{number}", age) for number, age in listed]
    in_use = {f"a/{number}" for number in used}
    removed = expired(assets, in_use, keep_days, NOW)
    assert not in_use & set(removed)
    young = [one.key for one in assets if NOW - one.modified_at < timedelta(days=keep_days)]
    assert len(removed) <= len(assets) - len([key for key in young if key not in in_use])


def test_nothing_is_removed_on_the_day_it_was_made() -> None:
    with pytest.raises(ValueError, match="at least 1 day"):
        expired([], set(), 0.5, NOW)


def test_links_begin_with_the_address_that_browsers_know() -> None:
    settings = StorageSettings(
        endpoint="http://store:8333",
        allow_http=True,
        public_endpoint="https://videos.example",
        access_key_id="someone",
        secret_access_key=SecretStr(SECRET),
    )
    address = bucket_address("s3://videos/a", settings)
    assert (address.endpoint, address.is_encrypted) == ("http://store:8333", False)
    link = signed_link(address, "a/film.mp4", 60, datetime(2026, 1, 1, tzinfo=UTC))
    assert link.startswith("https://videos.example/videos/a/film.mp4?")
    own = replace(address, public_endpoint=None, endpoint="https://videos.example")
    assert signed_link(own, "a/film.mp4", 60, datetime(2026, 1, 1, tzinfo=UTC)) == link


def test_links_are_never_plain_http_into_the_world() -> None:
    settings = StorageSettings(
        endpoint="http://store:8333",
        allow_http=True,
        public_endpoint="http://videos.example",
        access_key_id="someone",
        secret_access_key=SecretStr(SECRET),
    )
    with pytest.raises(CallError) as refused:
        bucket_address("s3://videos/a", settings)
    assert "DECKCAST_STORAGE__PUBLIC_ENDPOINT is not encrypted" in refused.value.message

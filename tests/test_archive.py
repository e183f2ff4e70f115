"""Sources of very many files come as one archive, which is trusted in nothing."""

import gzip
import hashlib
import io
import os
import random
import signal
import subprocess
import sys
import tarfile
import tracemalloc
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest
from faults import LONG, body, endless, half, hang_up, held, status
from hypothesis import given, settings
from hypothesis import strategies as st

import abovebar
from abovebar.errors import AboveBarError
from abovebar.raw import fetch as fetching
from abovebar.raw import untar
from abovebar.raw.download import ATTEMPTS, BodyError
from abovebar.raw.fetch import Fetched, fetch
from abovebar.raw.untar import members

# Bytes that do not compress, so that half of the archive is half of the files, in several pieces.
CONTENTS = {
    f"deep/{n}/{n}.py": random.Random(n).randbytes(10_000 + n) for n in range(40)
} | {"empty.py": b""}
TOP = "some.repo-0123/"


def member(name, data=b"", kind=tarfile.REGTYPE, **changes):
    info = tarfile.TarInfo(name)
    info.size, info.type = len(data), kind
    for field, value in changes.items():
        setattr(info, field, value)
    return info, data


def pack(*entries):
    """Return a gzipped archive of the (header, bytes) pairs."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for info, data in entries:
            tar.addfile(info, io.BytesIO(data) if data else None)
    return out.getvalue()


def whole(contents=CONTENTS, top=TOP):
    others = [member(f"{top}", kind=tarfile.DIRTYPE), member(f"{top}README", b"not pinned")]
    return pack(*others, *[member(top + path, data) for path, data in contents.items()])


def claiming(name, size):
    """Return a header that announces `size` bytes, which do not follow."""
    return member(name, size=size)[0].tobuf()


def left(folder):
    return {path.name for path in folder.rglob("*") if path.is_file()} - {".fetch.lock"}


def laid_down(folder):
    return {name for name in left(folder) if not name.endswith(".part")}


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def source(make_source):
    return replace(make_source(CONTENTS), archive=True)


@pytest.fixture
def bring(source, cache, fault_server):
    """Function that scripts the archive's answers, fetches, and returns what and the waits."""

    def run(*answers, **options):
        address = f"/{source.repository}/tar.gz/{source.commit}"
        fault_server.script[address] = list(answers)
        waits = []
        done = fetch(
            [source], cache, "http://127.0.0.1:1", sleep=waits.append,
            archive_url=fault_server.url, **options,
        )
        return done, waits

    return run


def are_whole(source, cache, paths=CONTENTS):
    return all(
        source.place(source.files[path], cache).read_bytes() == CONTENTS[path] for path in paths
    )


def test_one_request_brings_every_file_and_nothing_else(bring, source, cache, fault_server):
    size = sum(map(len, CONTENTS.values()))
    seen = []
    done, waits = bring(body(whole()), progress=lambda file: seen.append(file.path))
    assert done == Fetched(files=len(CONTENTS), bytes=size, already=0)
    assert waits == []
    assert fault_server.requests == [f"/{source.repository}/tar.gz/{source.commit}"]
    assert are_whole(source, cache)
    assert sorted(seen) == sorted(CONTENTS)
    assert left(cache) == {Path(path).name for path in CONTENTS}
    # What is there is not asked for again.
    assert bring(status(500))[0] == Fetched(files=0, bytes=0, already=len(CONTENTS))
    assert len(fault_server.requests) == 1


def test_one_lost_file_is_mended_from_the_archive(bring, source, cache):
    bring(body(whole()))
    place = source.place(source.files["deep/7/7.py"], cache)
    place.write_bytes(b"damaged")
    assert bring(body(whole()))[0].files == 1
    assert are_whole(source, cache)


def test_an_archive_is_read_no_further_than_needed(bring, source, cache):
    good = [member(TOP + path, data) for path, data in CONTENTS.items()]
    rest = member(f"{TOP}rest", random.Random(1).randbytes(2**20))
    release = Event()
    try:
        assert bring(held(pack(*good, rest), Event(), release))[0].files == len(CONTENTS)
    finally:
        release.set()
    assert are_whole(source, cache)


@pytest.mark.parametrize(
    "faults",
    [
        [status(429, Retry_After=1)],
        [status(503)] * 3,
        [half(whole())],
        [half(whole(), length_told=False)],
        [body(b"")],
        [hang_up(), half(whole()), status(502)],
    ],
)
def test_passing_fault_is_ridden_out(bring, source, cache, fault_server, faults):
    _, waits = bring(*faults, body(whole()))
    assert len(waits) == len(faults)
    assert len(fault_server.requests) == len(faults) + 1
    assert are_whole(source, cache)


def test_retry_after_is_honoured(bring):
    assert bring(status(429, Retry_After=7), body(whole()))[1] == [7]


@pytest.mark.parametrize(
    ("answer", "requests", "told"),
    [
        (status(404), 1, "HTTP status 404"),
        (status(429), ATTEMPTS, "HTTP status 429"),
        (body(b"<html>Not found</html>"), 1, "no sound archive"),
        (body(gzip.compress(b"no tar" * 1000)), 1, "no sound archive"),
        (endless(), 1, "no sound archive"),
        (hang_up(), ATTEMPTS, "without response"),
    ],
)
def test_lasting_fault_is_told_and_leaves_nothing(
    bring, cache, fault_server, answer, requests, told
):
    with pytest.raises(AboveBarError, match=told) as error:
        bring(answer)
    assert f"{len(CONTENTS)} missing files" in str(error.value)
    assert len(fault_server.requests) == requests
    assert left(cache) == set()


def test_half_an_archive_keeps_the_half_that_came(bring, source, cache):
    with pytest.raises(AboveBarError, match="ended too soon"):
        bring(half(whole(), length_told=False))
    kept = left(cache)
    assert 10 < len(kept) < 30
    assert not any(name.endswith(".part") for name in kept)
    assert bring(body(whole()))[0].already == len(kept)
    assert are_whole(source, cache)


def test_no_connection_is_told(source, cache, closed_port):
    with pytest.raises(AboveBarError, match="refused") as error:
        fetch([source], cache, sleep=lambda _: None, archive_url=closed_port)
    assert str(error.value).startswith(closed_port)


ONE = "deep/7/7.py"
CHANGED = CONTENTS[ONE][:-1] + b"!"


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (None, "met no such file"),
        (member(TOP + ONE, CHANGED), hashlib.sha256(CHANGED).hexdigest()),
        (member(TOP + ONE, CONTENTS[ONE] + b"!"), f"file of {len(CONTENTS[ONE]) + 1} bytes"),
        (member(TOP + ONE, b""), "file of 0 bytes"),
        (member(TOP + ONE, kind=tarfile.SYMTYPE, linkname="/etc/passwd"), "a link"),
        (member(TOP + ONE, kind=tarfile.LNKTYPE, linkname=f"{TOP}deep/8/8.py"), "a link"),
        (member(TOP + ONE, kind=tarfile.DIRTYPE), "a folder"),
        (member(TOP + ONE, kind=tarfile.CHRTYPE), "a device"),
        (member(TOP + ONE, kind=tarfile.FIFOTYPE), "a device"),
        (member(f"{TOP}/{ONE}", CONTENTS[ONE]), "no such file"),
        (member(f"{TOP}./{ONE}", CONTENTS[ONE]), "no such file"),
        (member(f"{TOP}other/../{ONE}", CONTENTS[ONE]), "no such file"),
    ],
)
def test_a_wrong_member_is_refused_and_the_others_are_kept(bring, source, cache, entry, told):
    good = [member(TOP + path, data) for path, data in CONTENTS.items() if path != ONE]
    with pytest.raises(AboveBarError) as error:
        bring(body(pack(*([entry] if entry else []), *good)))
    assert told in str(error.value)
    assert repr(ONE) in str(error.value)
    assert source.files[ONE].sha256 in str(error.value)
    assert are_whole(source, cache, set(CONTENTS) - {ONE})
    assert left(cache) == {Path(path).name for path in CONTENTS} - {"7.py"}


def test_a_right_member_after_a_wrong_one_is_taken(bring, source, cache):
    wrong = [member(TOP + ONE, CHANGED), member(TOP + ONE, kind=tarfile.SYMTYPE, linkname="x")]
    good = [member(TOP + path, data) for path, data in CONTENTS.items()]
    bring(body(pack(*wrong, *good)))
    assert are_whole(source, cache)


@pytest.mark.parametrize("outside", ["../../../{}", "/{}", "a/../../../{}", "C:/{}", "..\\{}"])
def test_names_that_climb_out_name_nothing(bring, cache, tmp_path, outside):
    name = outside.format(tmp_path.joinpath("climbed.txt").as_posix().lstrip("/"))
    before = {p for p in tmp_path.rglob("*") if cache not in p.parents}
    entries = [member(name, b"out"), member(TOP + name, b"out")]
    link = member(f"{TOP}deep", kind=tarfile.SYMTYPE, linkname=str(tmp_path))
    good = [member(TOP + path, data) for path, data in CONTENTS.items()]
    bring(body(pack(*entries, link, *good)))
    after = {p for p in tmp_path.rglob("*") if cache not in p.parents}
    assert after - before == {cache}
    assert left(cache) == {Path(path).name for path in CONTENTS}
    assert not any(path.is_symlink() for path in cache.rglob("*"))


def longest_name(size):
    info = member("././@LongLink", size=size, kind=tarfile.GNUTYPE_LONGNAME)[0]
    return info.tobuf() + b"a" * size


@pytest.mark.parametrize(
    ("tape", "told"),
    [
        pytest.param(claiming(TOP + ONE, 8**11 - 1), "a member of", id="it says so"),
        pytest.param(claiming("other", 2**40), "a member of 1099511627776 bytes", id="terabyte"),
        pytest.param(
            member("other", size=-512)[0].tobuf(tarfile.GNU_FORMAT), "a member of -512",
            id="negative",
        ),
        pytest.param(
            claiming("other", 2**24) + bytes(2**24 + 2**20), "beyond all bounds", id="it unpacks"
        ),
        pytest.param(longest_name(2**24), "beyond all bounds", id="name"),
        pytest.param(claiming("a", 0) * 2**14 + bytes(1024), "no such file", id="many"),
    ],
)
def test_bombs_are_refused_without_much_memory(bring, cache, tape, told, monkeypatch):
    monkeypatch.setattr(untar, "LARGEST", 2**24)
    packed = gzip.compress(tape, 1)
    tracemalloc.start()
    try:
        with pytest.raises(AboveBarError, match=told):
            bring(body(packed))
        assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    finally:
        tracemalloc.stop()
    assert left(cache) == set()


def test_a_body_that_never_unpacks_to_anything_ends(monkeypatch):
    monkeypatch.setattr(untar, "LARGEST", 2**20)
    empty = gzip.compress(b"")

    def for_ever():
        while True:
            yield empty * 1000

    with pytest.raises(BodyError, match="beyond all bounds"):
        list(members(for_ever()))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_archive_surprises(data):
    """Whatever the bytes, members are told or a `BodyError` is raised, nothing else."""
    good = gzip.decompress(GOOD)
    tape = bytearray(good[: data.draw(st.integers(0, len(good)))])
    for at, byte in data.draw(
        st.lists(st.tuples(st.integers(0, 4096), st.integers(0, 255)), max_size=20)
    ):
        if at < len(tape):
            tape[at] = byte
    try:
        for one in members(iter([gzip.compress(bytes(tape), 0)])):
            if one.kind == "file":
                one.pour(io.BytesIO())
    except BodyError:
        pass


GOOD = pack(
    member("a/" + "long" * 60, b"x" * 700, pax_headers={"comment": "c" * 40}),
    member("a/b", b"y" * 100),
    member("a/link", kind=tarfile.SYMTYPE, linkname="b"),
)


# Which sources come as an archive, and from where.


@pytest.fixture
def asked(monkeypatch, make_source, cache):
    """Function that says of which hosts a fetch asks for files, and for archives."""

    def ask(archive, *urls):
        source = replace(make_source(CONTENTS), archive=archive)
        asked = {"files": set(), "archives": set()}

        def errands(errands, *_):
            asked["files"] |= {e.url.split("/some-one")[0] for e in errands}
            return []

        def archives(url, *_):
            asked["archives"].add(url.split("/some-one")[0])
            return []

        monkeypatch.setattr(fetching, "run_errands", errands)
        monkeypatch.setattr(fetching, "download_archive", archives)
        base, *rest = urls
        fetch([source], cache, base, archive_url=rest[0] if rest else None)
        return asked["files"], asked["archives"]

    return ask


MIRROR, GITHUB = "http://mirror.test/raw", "https://raw.githubusercontent.com"


@pytest.mark.parametrize(
    ("archive", "urls", "files", "archives"),
    [
        (True, [GITHUB], set(), {"https://codeload.github.com"}),
        (True, [GITHUB + "/"], set(), {"https://codeload.github.com"}),
        (True, [MIRROR], {MIRROR}, set()),
        (True, [MIRROR, "http://packed.test/"], set(), {"http://packed.test"}),
        (True, [GITHUB, "http://packed.test"], set(), {"http://packed.test"}),
        (False, [GITHUB], {GITHUB}, set()),
        (False, [GITHUB, "http://packed.test"], {GITHUB}, set()),
    ],
)
def test_who_is_asked(asked, archive, urls, files, archives):
    assert asked(archive, *urls) == (files, archives)


def test_address_of_archives_must_be_http(source, cache):
    with pytest.raises(AboveBarError, match="--archive-url"):
        fetch([source], cache, archive_url="packed.test")


# The command line in a process of its own.


def command(checkout, cache, url):
    source_folder = Path(abovebar.__file__).parents[1]
    return subprocess.Popen(
        [sys.executable, "-m", "abovebar.cli", "fetch", "--cache", cache],
        cwd=checkout, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | {
            "PYTHONPATH": str(source_folder), "ABOVEBAR_ARCHIVE_URL": url,
            "ABOVEBAR_RAW_URL": "http://127.0.0.1:1",
        },
    )


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGINT])
def test_stopped_in_the_middle_it_resumes(
    blow, source, make_checkout, cache, bring, fault_server
):
    reached, release = Event(), Event()
    address = f"/{source.repository}/tar.gz/{source.commit}"
    fault_server.script[address] = [held(whole(), reached, release)]
    process = command(make_checkout(source), cache, fault_server.url)
    try:
        assert reached.wait(LONG), process.communicate(timeout=LONG)
        # Half of the archive was sent; wait until what came of it is laid down.
        while len(laid_down(cache)) < 15:
            assert process.poll() is None
        process.send_signal(blow)
        process.wait(LONG)
    finally:
        release.set()
        process.kill()
        _, errors = process.communicate(timeout=LONG)
    if blow == signal.SIGINT:
        assert process.returncode == 130
        assert "resumes the work" in errors
        assert left(cache) == laid_down(cache)
    kept = len(laid_down(cache))
    assert 15 <= kept < len(CONTENTS)
    done, _ = bring(body(whole()))
    assert done.already == kept
    assert are_whole(source, cache)
    assert left(cache) == {Path(path).name for path in CONTENTS}


def test_checkout_says_which_source_is_an_archive(source, make_checkout, cache, fault_server):
    fault_server.script[f"/{source.repository}/tar.gz/{source.commit}"] = [body(whole())]
    process = command(make_checkout(source), cache, fault_server.url)
    told, errors = process.communicate(timeout=LONG)
    assert process.returncode == 0, errors
    assert f"{len(CONTENTS)} fetched" in told
    assert fault_server.requests == [f"/{source.repository}/tar.gz/{source.commit}"]


# File by file from a mirror: one connection a worker, not one a file.


class _Kept(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def setup(self):
        super().setup()
        self.server.connections += 1

    def do_GET(self):
        data = self.server.contents[self.path]
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


def test_connections_are_kept_from_file_to_file(make_source, cache):
    source = make_source(CONTENTS)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Kept) as server:
        server.daemon_threads = True
        server.connections = 0
        server.contents = {
            f"/{source.address(file)}": CONTENTS[path] for path, file in source.files.items()
        }
        Thread(target=partial(server.serve_forever, 0.01), daemon=True).start()
        done = fetch([source], cache, f"http://127.0.0.1:{server.server_port}", workers=3)
        server.shutdown()
    assert done.files == len(CONTENTS)
    assert server.connections <= 3
    assert are_whole(source, cache)

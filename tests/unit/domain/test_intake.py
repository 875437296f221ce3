"""What is taken from an upload, and what is refused."""

import io
import secrets
import zipfile
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.domain.intake import MAX_FILE_BYTES, Entry, Kept, take_tree, take_upload
from grader.domain.zips import MAX_ENTRIES, MAX_ZIP_BYTES
from grader.errors import UploadRefused
from tests.factories import HW4_FILES, a_zip, an_assignment

FLAT = {name: f"# {name}\n".encode() for name in HW4_FILES}
COURSE = {f"{module.replace('.', '/')}.py": FLAT[name] for name, module in HW4_FILES.items()}


def test_four_files_are_taken_byte_by_byte() -> None:
    intake = take_upload(an_assignment(), list(FLAT.items()))

    assert intake.files == FLAT
    assert intake.warnings == ()


def test_file_that_is_not_python_or_not_text_is_taken() -> None:
    content = b"\xff\xfe\x00 def ("

    intake = take_upload(an_assignment(partial_uploads=True), [("loss.py", content)])

    assert intake.files == {"loss.py": content}


def test_missing_file_is_told_of_where_partial_uploads_are_on() -> None:
    files = {name: FLAT[name] for name in ("loss.py", "solver.py")}

    intake = take_upload(an_assignment(partial_uploads=True), list(files.items()))

    assert intake.files == files
    assert [warning.split()[0] for warning in intake.warnings] == ["classifier.py", "optimizer.py"]


@pytest.mark.parametrize(
    ("parts", "reason", "says"),
    [
        pytest.param([], "nothing_to_grade", "loss.py, classifier.py", id="nothing"),
        pytest.param([("loss.py", b"x")], "missing_file", "classifier.py", id="missing file"),
        pytest.param([("notes.py", b"x")], "unknown_file", "notes.py", id="unknown file"),
        pytest.param([("a.ipynb", b"x")], "unknown_file", "a.ipynb", id="notebook alone"),
        pytest.param([("", b"x")], "unknown_file", "loss.py", id="no name"),
        pytest.param([("loss.py", b"x")] * 2, "duplicate_file", "loss.py", id="sent twice"),
        pytest.param(
            [("loss.py", b"x"), ("a/loss.py", b"y")], "duplicate_file", "loss.py", id="two for one"
        ),
        pytest.param([("loss.py", b"")], "empty_file", "loss.py is empty", id="empty"),
        pytest.param([("../loss.py", b"x")], "unsafe_path", "bare name", id="leaves its folder"),
        pytest.param([("..\\loss.py", b"x")], "unsafe_path", "bare name", id="on Windows too"),
        pytest.param([("/loss.py", b"x")], "unsafe_path", "bare name", id="absolute"),
        pytest.param([("C:\\loss.py", b"x")], "unsafe_path", "bare name", id="drive"),
        pytest.param(
            [("loss.py", b"x" * (MAX_FILE_BYTES + 1))], "too_large", "1 MiB", id="large file"
        ),
        pytest.param([("a.zip", b"PK nonsense")], "not_a_zip", ".zip", id="not a zip"),
        pytest.param([("a.zip", b"")], "not_a_zip", ".zip", id="empty zip"),
        pytest.param(
            [("a.zip", a_zip(FLAT)), ("loss.py", b"x")], "duplicate_file", "not both", id="mixed"
        ),
        pytest.param([("a.zip", bytes(MAX_ZIP_BYTES + 1))], "too_large", "64 MiB", id="large zip"),
    ],
)
def test_upload_that_breaks_a_rule_is_refused(
    parts: list[tuple[str, bytes]], reason: str, says: str
) -> None:
    with pytest.raises(UploadRefused) as refusal:
        take_upload(an_assignment(), parts)

    assert refusal.value.reason == reason
    assert says in str(refusal.value)


def test_more_than_4_mib_in_all_is_refused() -> None:
    files = {f"part{number}.py": f"part{number}" for number in range(5)}
    parts = [(name, b"x" * MAX_FILE_BYTES) for name in files]

    with pytest.raises(UploadRefused, match="4 MiB") as refusal:
        take_upload(an_assignment(files=files), parts)

    assert refusal.value.reason == "too_large"


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(FLAT, id="flat"),
        pytest.param(COURSE, id="the course's tree"),
        pytest.param({f"hw4/{path}": data for path, data in COURSE.items()}, id="one deeper"),
        pytest.param(
            {path.replace("/", "\\"): data for path, data in COURSE.items()}, id="from Windows"
        ),
        pytest.param(
            {**COURSE, "loss.py": b"old", "backup/solver.py": b"old"}, id="full path before bare"
        ),
        pytest.param(
            {**COURSE, "1_hw4.ipynb": b"{" * (3 << 20), "models/x.p": b"\x80"}, id="with notebooks"
        ),
        pytest.param({**FLAT, "../../etc/passwd": b"x", "/abs": b"x"}, id="odd paths ignored"),
        pytest.param({**FLAT, "__MACOSX/._loss.py": b"x", "notes.py": b""}, id="others ignored"),
    ],
)
def test_zip_gives_the_four_files_and_the_rest_is_ignored(files: dict[str, bytes]) -> None:
    intake = take_upload(an_assignment(), [("HW4.ZIP", a_zip(files))])

    assert intake.files == FLAT


def test_link_that_is_not_asked_for_is_ignored() -> None:
    archive = a_zip(FLAT, links={"data": "/etc", "old/loss.py": "/etc/passwd"})

    assert take_upload(an_assignment(), [("a.zip", archive)]).files == FLAT


@pytest.mark.parametrize(
    ("archive", "reason", "says"),
    [
        pytest.param(
            a_zip({**FLAT, "old/loss.py": b"x"}), "duplicate_file", "old/loss.py", id="two bare"
        ),
        pytest.param(
            a_zip({**COURSE, "b/exercise_code/solver.py": b"x"}),
            "duplicate_file",
            "b/exercise_code/solver.py",
            id="two full paths",
        ),
        pytest.param(a_zip({"../loss.py": b"x"}), "unsafe_path", "out of its folder", id="slip"),
        pytest.param(
            a_zip({}, links={"loss.py": "/etc/passwd"}), "unsafe_path", "link", id="symlink"
        ),
        pytest.param(a_zip({**FLAT, "loss.py": b""}), "empty_file", "loss.py", id="empty file"),
        pytest.param(a_zip({}), "nothing_to_grade", "loss.py", id="empty zip"),
        pytest.param(a_zip({"notes.py": b"x"}), "nothing_to_grade", "loss.py", id="none of ours"),
        pytest.param(
            a_zip({"loss.py": b"x" * (MAX_FILE_BYTES + 1)}), "zip_bomb", "unpacks", id="bomb"
        ),
        pytest.param(
            a_zip({"loss.py": secrets.token_bytes(MAX_FILE_BYTES + 1)}),
            "too_large",
            "1 MiB",
            id="large file",
        ),
        pytest.param(
            a_zip({f"{number}": b"" for number in range(MAX_ENTRIES + 1)}),
            "too_many_entries",
            "entries",
            id="too many entries",
        ),
    ],
)
def test_zip_that_breaks_a_rule_is_refused(archive: bytes, reason: str, says: str) -> None:
    with pytest.raises(UploadRefused) as refusal:
        take_upload(an_assignment(partial_uploads=True), [("a.zip", archive)])

    assert refusal.value.reason == reason
    assert says in str(refusal.value)


def test_size_in_the_header_of_a_bomb_is_not_believed() -> None:
    archive = a_zip({"loss.py": b"x" * (8 << 20)})
    lying = archive.replace((8 << 20).to_bytes(4, "little"), (10).to_bytes(4, "little"))

    with pytest.raises(UploadRefused):
        take_upload(an_assignment(partial_uploads=True), [("a.zip", lying)])


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compression_whose_memory_its_maker_chooses_is_refused(method: int) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("loss.py", b"x = 1")

    with pytest.raises(UploadRefused) as refusal:
        take_upload(an_assignment(partial_uploads=True), [("a.zip", out.getvalue())])

    assert refusal.value.reason == "not_a_zip"


def test_entry_without_a_name_is_ignored() -> None:
    archive = a_zip({**FLAT, "QQ": b"x"}).replace(b"QQ", b"\0Q")  # zipfile reads up to a NUL

    assert take_upload(an_assignment(), [("a.zip", archive)]).files == FLAT


def test_file_that_its_author_most_likely_meant_is_named() -> None:
    files = {**FLAT, "Loss (1).py": FLAT["loss.py"]}
    del files["loss.py"]

    intake = take_upload(an_assignment(partial_uploads=True), [("a.zip", a_zip(files))])

    assert any("Loss (1).py was ignored: rename it to loss.py" in w for w in intake.warnings)


def test_what_is_not_taken_is_not_read() -> None:
    def never(_limit: int) -> bytes:
        raise AssertionError("read")

    entries = [Entry("notebook.ipynb", never), Entry("loss.py", lambda _limit: b"x")]

    intake = take_tree(an_assignment(partial_uploads=True), entries)

    assert intake.files == {"loss.py": b"x"}


_PATHS = st.lists(
    st.sampled_from([*HW4_FILES, "exercise_code", "networks", "..", "", ".", "\\", "a b", "\x1b["]),
    min_size=1,
    max_size=5,
).map("/".join)
_ZIPPED_PATHS = _PATHS.filter(bool)  # zipfile writes no entry without a name


@given(st.lists(st.tuples(st.one_of(_PATHS, st.text(max_size=20)), st.binary(max_size=20))))
def test_any_upload_is_taken_by_the_rules_or_refused(parts: list[tuple[str, bytes]]) -> None:
    assignment = an_assignment(partial_uploads=True)
    try:
        intake = take_upload(assignment, parts)
    except UploadRefused:
        return

    assert intake.files.keys() <= HW4_FILES.keys()
    assert set(intake.files.values()) <= {content for _, content in parts}
    assert all(intake.files.values())


@given(st.dictionaries(_ZIPPED_PATHS, st.binary(max_size=50), max_size=8))
def test_any_tree_is_taken_by_the_rules_or_refused(files: dict[str, bytes]) -> None:
    assignment = an_assignment(partial_uploads=True)
    try:
        intake = take_upload(assignment, [("a.zip", a_zip(files))])
    except UploadRefused:
        return

    for name, content in intake.files.items():
        holders = [path for path, data in files.items() if data == content]
        assert any(PurePosixPath(path.replace("\\", "/")).name == name for path in holders)
        assert not all(".." in path for path in holders)


@given(st.binary(max_size=300), st.integers(0, 10_000), st.binary(min_size=1, max_size=8))
def test_a_damaged_zip_never_breaks_us(junk: bytes, place: int, change: bytes) -> None:
    whole = a_zip({**COURSE, "loss.py": junk})
    place %= len(whole)
    damaged = whole[:place] + change + whole[place + len(change) :]

    for content in (damaged, whole[:place], junk, junk + whole):
        try:
            intake = take_upload(an_assignment(partial_uploads=True), [("a.zip", content)])
        except UploadRefused:
            continue
        assert intake.files.keys() <= HW4_FILES.keys()


def test_kept_files_stand_in_for_what_is_left_out() -> None:
    kept = Kept(3, {"loss.py": b"old", "solver.py": b"s", "optimizer.py": b"o", "gone.py": b"x"})
    parts = [("loss.py", b"new"), ("classifier.py", b"c")]

    intake = take_upload(an_assignment(), parts, kept)

    assert intake.files == {
        "loss.py": b"new",
        "classifier.py": b"c",
        "optimizer.py": b"o",
        "solver.py": b"s",
    }
    assert intake.warnings == (
        "optimizer.py was taken from attempt 3.",
        "solver.py was taken from attempt 3.",
    )


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Loss.py", id="capital"),
        pytest.param("loss (1).py", id="downloaded twice"),
        pytest.param("loss_final.py", id="final"),
        pytest.param("my_loss.py", id="mine"),
    ],
)
def test_nearly_right_name_alone_is_told_the_right_one(name: str) -> None:
    for parts in ([(name, b"x")], [("a.zip", a_zip({name: b"x"}))]):
        with pytest.raises(UploadRefused) as refused:
            take_upload(an_assignment(partial_uploads=True), parts)
        assert str(refused.value) == f"Rename {name} to loss.py, and send it again."


def test_name_that_is_far_from_all_is_told_none() -> None:
    with pytest.raises(UploadRefused) as refused:
        take_upload(an_assignment(partial_uploads=True), [("notes.py", b"x")])

    assert "rename" not in str(refused.value).lower()


def test_two_different_files_of_one_name_are_told_of_and_the_course_tree_is_taken() -> None:
    tree = {"loss.py": b"mine", "exercise_code/networks/loss.py": b"starter"}

    intake = take_upload(an_assignment(partial_uploads=True), [("a.zip", a_zip(tree))])

    assert intake.files == {"loss.py": b"starter"}
    assert intake.warnings[0].startswith(
        "loss.py was taken from exercise_code/networks/loss.py: there is another, different one"
    )


@pytest.mark.parametrize(
    "beside",
    [
        pytest.param({"loss.py": b"starter"}, id="the same content"),
        pytest.param({".ipynb_checkpoints/loss.py": b"old"}, id="checkpoint"),
        pytest.param({"__MACOSX/loss.py": b"?"}, id="of a Mac"),
    ],
)
def test_copy_that_nobody_meant_is_not_told_of(beside: dict[str, bytes]) -> None:
    tree = {"exercise_code/networks/loss.py": b"starter", **beside}

    intake = take_upload(an_assignment(partial_uploads=True), [("a.zip", a_zip(tree))])

    assert not any("another" in warning for warning in intake.warnings)

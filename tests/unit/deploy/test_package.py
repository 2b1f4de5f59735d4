"""The code packages: the same bytes each time, nothing too much, and nothing that cannot run there."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from deploy.contents import FUNCTIONS, ROOT, contents_of
from deploy.dependencies import LOCK
from deploy.glibc import LIMIT, needed_glibc
from deploy.interpreters import find_interpreter
from deploy.kept import is_kept, package_of
from deploy.package import MOST_BYTES, Package, described, sources_digest
from tests.built import built

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.xdist_group("packages"), pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def packages() -> list[Package]:
    """Return what would be deployed."""
    return built()


def _names(package: Package) -> set[str]:
    with zipfile.ZipFile(package.file) as archive:
        return set(archive.namelist())


def test_the_same_sources_make_the_same_bytes_and_are_not_built_twice(
    packages: list[Package], tmp_path: Path
) -> None:
    """Whoever builds a commit again can compare; what is there and changed by a byte is made anew."""
    react = packages[0]
    for name in ("react.zip", "react.made.json"):
        shutil.copy(react.file.with_name(name), tmp_path / name)
    (tmp_path / "react").mkdir()

    kept, made = package_of("react", tmp_path)
    assert (made, kept.parts, kept.glibc) == (False, react.parts, react.glibc)
    right = react.file.read_bytes()
    kept.file.write_bytes(right[:-1] + bytes([right[-1] ^ 1]))
    again, made_again = package_of("react", tmp_path)

    assert made_again
    assert again.file.read_bytes() == right


@pytest.mark.parametrize("name", ["sources", "tools", "python", "builder"])
def test_what_a_package_was_made_of_decides_whether_it_is_kept(
    packages: list[Package], tmp_path: Path, name: str
) -> None:
    """Another state of the sources, of the build, of its Python: each is a reason to build."""
    record = json.loads(packages[0].file.with_name("react.made.json").read_text(encoding="utf-8"))
    shutil.copy(packages[0].file, tmp_path / "react.zip")
    (tmp_path / "react").mkdir()
    made_of = record["made_of"]

    (tmp_path / "react.made.json").write_text(json.dumps(record), encoding="utf-8")
    assert is_kept("react", tmp_path, made_of)
    assert not is_kept("react", tmp_path, {**made_of, name: "another"})


def test_what_is_packed_can_run_there_and_is_small(packages: list[Package]) -> None:
    """Every shared object keeps to the system of the functions, and each archive to its size."""
    for package in packages:
        assert package.faults == []
        assert package.glibc, "no shared object was looked at"
        assert all(version <= LIMIT for version in package.glibc.values())
        assert package.size <= MOST_BYTES
        assert "MB: cryptography" in described(package)


def test_a_wheel_for_a_newer_system_is_found(tmp_path: Path) -> None:
    """This machine's own Python links to a libc, which is newer or not; the reader must see some version."""
    library = next(path for path in _libraries() if needed_glibc(path))

    assert needed_glibc(library) >= (2, 2)
    package = Package("x", tmp_path / "x.zip", tmp_path, {}, {"new.so": (2, 34)}, bytecode=True)
    (tmp_path / "x.zip").write_bytes(b"")
    assert package.faults == ["new.so needs glibc 2.34, the functions run on 2.28"]


def _libraries() -> list[Path]:
    import _ctypes  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    return [Path(_ctypes.__file__)]


def test_too_large_a_package_is_refused(tmp_path: Path) -> None:
    """The sentence has both figures."""
    (tmp_path / "x.zip").write_bytes(b"x" * (MOST_BYTES + 1))

    faults = Package("x", tmp_path / "x.zip", tmp_path, {}, {}, bytecode=True).faults

    assert faults == ["x.zip has 8,388,609 bytes, the limit is 8,388,608"]


def test_nothing_is_packed_that_no_function_needs(packages: list[Package]) -> None:
    """No tests, pages, command line, metadata or sources of C, and only the requests that are sent."""
    unwanted = re.compile(
        r"(^|/)tests?/|^multieip/(cli|reference)(/|\.py)|\.(pyi|c|h|html|md|txt|dist-info)$|dist-info/|^(cffi|pycparser)/"
    )
    for package in packages:
        names = _names(package)
        assert [name for name in sorted(names) if unwanted.search(name) and not _vendored(name)] == []
        requests = [name for name in names if re.search(r"aliyunsdk(ecs|vpc)/request/.*Request\.py$", name)]
        assert 3 < len(requests) < 40
        # A browser's Python and macOS are no function's.
        assert not {name for name in names if "emscripten" in name or "securetransport" in name}
    react, bind, sweep = (_names(package) for package in packages)
    assert not {
        name for name in react if name.startswith(("multieip/guest", "multieip/plan", "multieip/rules"))
    }
    assert not {
        name for name in bind if name.startswith(("multieip/report/sweep_report", "multieip/runs/sweep"))
    }
    assert "multieip/guest/linux/main.sh" in bind
    assert "multieip/runs/sweep.py" in sweep - bind


def _vendored(name: str) -> bool:
    """Whether it is of `requests`, which the core of the vendor's SDK carries and imports by name."""
    return name.startswith("aliyunsdkcore/vendored/")


def test_every_import_of_a_package_is_in_it_or_in_the_standard_library(packages: list[Package]) -> None:
    """Without a Python of that version to run it, this is what can be said of our own modules."""
    for package in packages:
        names = {name.partition("/")[0].partition(".")[0] for name in _names(package)}
        known = names | set(sys.stdlib_module_names) | {"alibabacloud_credentials", "oss2"}
        for file in sorted((package.folder / "multieip").rglob("*.py")):
            for module in _imported(file):
                assert module.partition(".")[0] in known, f"{file.name} imports {module}"


def test_shared_objects_are_for_the_runtimes_python(packages: list[Package]) -> None:
    """A wheel for another Python would not even be looked at by its import."""
    for package in packages:
        objects = [name for name in _names(package) if name.endswith(".so")]
        assert objects
        assert [name for name in objects if not re.search(r"\.(cpython-310-x86_64|abi3)", name)] == []


def _imported(file: Path) -> set[str]:
    """Return what is imported outside of `if TYPE_CHECKING`."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for each in node.body
        for inner in ast.walk(each)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_bytecode_is_there_where_the_machine_has_the_runtimes_python(packages: list[Package]) -> None:
    """Every source has its own, and none is left from another build."""
    for package in packages:
        names = _names(package)
        made = {name for name in names if name.endswith(".pyc")}
        if find_interpreter("3.10") is None:
            assert made == set()
            continue
        sources = {name for name in names if name.endswith(".py")}
        assert {re.sub(r"__pycache__/(.*)\.cpython-310\.pyc$", r"\1.py", name) for name in made} == sources


def test_the_functions_run_with_what_the_tests_run_with() -> None:
    """The small lock is a part of the large one: the same versions, the same hashes."""
    small, large = (
        set(re.split(r"\n(?=[a-z])", path.read_text(encoding="utf-8")))
        for path in (LOCK, ROOT / "requirements.lock")
    )

    def pins(blocks: set[str]) -> set[tuple[str, tuple[str, ...]]]:
        found = ((block.split()[0], tuple(sorted(re.findall(r"sha256:\w+", block)))) for block in blocks)
        return {each for each in found if "==" in each[0]}

    assert pins(small)
    assert pins(small) - pins(large) == set()


def test_a_change_of_the_sources_changes_their_digest() -> None:
    """So a package that was built before the change is known for old."""
    digests = {function: sources_digest(function) for function in FUNCTIONS}

    assert len(set(digests.values())) == len(FUNCTIONS)
    assert {"multieip/runs/bind.py"} <= {file.as_posix() for file in contents_of("bind").files}


def test_the_interpreter_that_does_not_start_is_not_one(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Pyenv puts a shim on the path for versions that are not chosen; it must not pass for the Python."""
    shim = tmp_path / "python3.99"
    shim.write_text("#!/bin/sh\necho 'not chosen' >&2\nexit 127\n")
    shim.chmod(0o755)
    look = "from deploy.interpreters import find_interpreter; print(find_interpreter('3.99'))"
    environment = {"PATH": str(tmp_path), "PYTHONPATH": str(ROOT / "shared"), "HOME": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "-c", look], env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "None"
    assert request.node.name

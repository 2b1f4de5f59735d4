"""Versions and aliases of a service of 2.0, and code that is given back, through the vendor's clients."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import fc2
import pytest
from alibabacloud_fc20230330 import models
from alibabacloud_tea_openapi.exceptions import ClientException

from localcloud import HttpRequest
from localcloud.fc.http import FunctionApi
from localcloud.fc.packages import checksum
from tests.stubs.tests.fc.account import Account, account, package, zipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from localcloud.fc.service import FunctionService

# The vendor's client leaves the file of the package open.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def there() -> Iterator[Account]:
    """Open an empty account."""
    with account() as opened:
        yield opened


class Old:
    """A service of 2.0, deployed to by its client."""

    def __init__(self, there: Account, folder: Path) -> None:
        """Make the service."""
        self.client, self._folder = there.fc2, folder
        self.client.create_service("svc")

    def put(self, name: str, answer: object, *, new: bool = True) -> None:
        """Make or change a function that returns this and its version."""
        file = self._folder / "code.zip"
        code = f"return [{answer!r}, os.environ['FC_VER_ID'], context.service.qualifier]"
        file.write_bytes(package(code))
        if new:
            self.client.create_function("svc", name, "python3.10", "index.handler", codeZipFile=str(file))
        else:
            self.client.update_function("svc", name, codeZipFile=str(file))

    def call(self, name: str, qualifier: str | None = None) -> Any:  # noqa: ANN401 - any JSON
        """Return what the function returned."""
        return json.loads(self.client.invoke_function("svc", name, payload=b"1", qualifier=qualifier).data)

    def listed(self, what: str, key: str) -> list[str]:
        """Return the names of a list."""
        return [each[key] for each in getattr(self.client, f"list_{what}")("svc").data[what]]


@pytest.fixture
def old(there: Account, tmp_path: Path) -> Old:
    """Return an empty service."""
    return Old(there, tmp_path)


def code_of(call: Callable[[], object]) -> str:
    """Return the code of a refusal of 2.0."""
    with pytest.raises(fc2.FcError) as refused:
        call()
    return str(json.loads(refused.value.message)["ErrorCode"])


def test_a_version_of_a_service_holds_all_its_functions(old: Old) -> None:
    """As they were; what changed or came later is not in it."""
    old.put("fx", "old")
    old.put("other", "same")
    version = old.client.publish_version("svc", "one").data
    old.put("fx", "new", new=False)
    old.put("late", "late")

    assert (version["versionId"], version["description"]) == ("1", "one")
    assert (old.call("fx"), old.call("fx", "1")) == (["new", "LATEST", "LATEST"], ["old", "1", "1"])
    assert old.call("other", "1")[0] == "same"
    assert code_of(lambda: old.call("late", "1")) == "FunctionNotFound"
    assert code_of(lambda: old.call("fx", "7")) == "VersionNotFound"
    sizes = [
        old.client.get_function("svc", "fx", qualifier=each).data["codeChecksum"] for each in (None, "1")
    ]
    assert sizes[0] != sizes[1]
    names = [
        each["functionName"] for each in old.client.list_functions("svc", qualifier="1").data["functions"]
    ]
    assert names == ["fx", "other"]


def test_what_has_not_changed_is_not_published_again(old: Old, there: Account) -> None:
    """By neither version; one changed function of a service is a change of the service."""
    old.put("fx", 1)
    old.put("other", 1)
    old.client.publish_version("svc")
    assert code_of(lambda: old.client.publish_version("svc")) == "VersionPublishError"
    old.put("other", 2, new=False)
    assert old.client.publish_version("svc").data["versionId"] == "2"
    assert old.listed("versions", "versionId") == ["2", "1"]

    there.create("fx3", package("return 1"))
    publish = lambda: there.fc3.publish_function_version("fx3", models.PublishFunctionVersionRequest())  # noqa: E731
    publish()
    with pytest.raises(ClientException, match="No changes were made since last publish"):
        publish()
    there.update("fx3", description="changed")
    assert publish().body.version_id == "2"


def test_an_alias_of_a_service_names_a_version_or_parts_calls(old: Old) -> None:
    """Made, changed, shown, listed and removed; a version that one names stays."""
    old.put("fx", 1)
    old.client.publish_version("svc")
    old.put("fx", 2, new=False)
    old.client.publish_version("svc")
    old.client.create_alias("svc", "live", "1", "for all")
    assert old.call("fx", "live") == [1, "1", "live"]
    assert code_of(lambda: old.client.create_alias("svc", "live", "1")) == "AliasAlreadyExists"
    assert code_of(lambda: old.client.create_alias("svc", "next", "7")) == "VersionNotFound"

    old.client.update_alias("svc", "live", "1", additionalVersionWeight={"2": 0.5})
    assert {old.call("fx", "live")[0] for _ in range(20)} == {1, 2}
    shown = old.client.get_alias("svc", "live").data
    assert (shown["description"], shown["additionalVersionWeight"]) == ("for all", {"2": 0.5})
    assert old.listed("aliases", "aliasName") == ["live"]

    assert code_of(lambda: old.client.delete_version("svc", "2")) == "VersionInUse"
    old.client.delete_alias("svc", "live")
    assert code_of(lambda: old.client.get_alias("svc", "live")) == "AliasNotFound"
    old.client.delete_version("svc", "2")
    assert old.listed("versions", "versionId") == ["1"]


def test_a_service_with_versions_stays(old: Old) -> None:
    """Until they are gone, also where its functions are."""
    old.put("fx", 1)
    old.client.publish_version("svc")
    old.client.delete_function("svc", "fx")
    assert code_of(lambda: old.client.delete_service("svc")) == "ServiceNotEmpty"

    old.client.delete_version("svc", "1")
    old.client.delete_service("svc")
    assert code_of(lambda: old.client.list_versions("svc")) == "ServiceNotFound"


def test_settings_of_asynchronous_calls_are_listed(old: Old) -> None:
    """One for each qualifier that has some."""
    old.put("fx", 1)
    old.client.publish_version("svc")
    for qualifier, attempts in (("LATEST", 1), ("1", 2)):
        settings = {"maxAsyncRetryAttempts": attempts}
        old.client.put_function_async_invoke_config("svc", qualifier, "fx", settings)

    found = old.client.list_function_async_invoke_configs("svc", "fx").data["configs"]
    assert [(each["qualifier"], each["maxAsyncRetryAttempts"]) for each in found] == [("LATEST", 1), ("1", 2)]


def fetched(answer: Any) -> tuple[bytes, str]:  # noqa: ANN401 - of either version's client
    """Return the package at the address, and the checksum that was told."""
    with urlopen(answer["url"]) as found:  # noqa: S310 - an address of the local cloud's
        return found.read(), answer["checksum"]


def test_the_code_of_a_function_is_given_back(there: Account, old: Old) -> None:
    """What was uploaded, by function and by version; the address needs no other key."""
    first, second = package("return 1"), package("return 2")
    there.create("fx", first)
    version = there.fc3.publish_function_version("fx", models.PublishFunctionVersionRequest()).body.version_id
    there.update("fx", second)

    for qualifier, code in ((None, second), (version, first)):
        request = models.GetFunctionCodeRequest(qualifier=qualifier)
        assert fetched(there.fc3.get_function_code("fx", request).body.to_map()) == (code, checksum(code))

    old.put("fx", 1)
    old.client.publish_version("svc")
    then = old.client.get_function_code("svc", "fx").data
    old.put("fx", 2, new=False)
    assert fetched(old.client.get_function_code("svc", "fx", qualifier="1").data) == fetched(then)
    assert fetched(old.client.get_function_code("svc", "fx").data) != fetched(then)


def test_an_address_of_code_is_for_what_it_names_and_ends(there: Account) -> None:
    """Another object, or an hour later: refused."""
    there.create("fx", package("return 1"))
    there.create("other", package("return 2"))
    addresses = [
        there.fc3.get_function_code(name, models.GetFunctionCodeRequest()).body.url
        for name in ("fx", "other")
    ]
    (one, signed), (another, _) = (each.split("?") for each in addresses)
    assert urlopen(f"{one}?{signed}").status == 200  # noqa: S310 - an address of the local cloud's

    with pytest.raises(OSError, match="403"):
        urlopen(f"{another}?{signed}")  # noqa: S310 - the same
    there.local.clock.sleep(3601)
    with pytest.raises(OSError, match="403"):
        urlopen(f"{one}?{signed}")  # noqa: S310 - the same


def test_a_function_that_runs_from_its_folder_gives_a_package_of_it(service: FunctionService) -> None:
    """The same one each time; unpacked, it is the folder."""
    api = FunctionApi(service)
    headers = {"host": "localhost:1"}
    answers = [
        json.loads(api(HttpRequest("GET", "/2023-03-30/functions/fx-echo/code", headers=headers)).body)
        for _ in range(2)
    ]
    name = f"{answers[0]['checksum']}.zip"
    with zipfile.ZipFile(io.BytesIO(service.objects.get("fc-function-code", name))) as archive:
        assert archive.namelist() == ["index.py"]
        folder = service.find("fx-echo").code_dir
        assert archive.read("index.py") == (folder / "index.py").read_bytes()
    assert answers[0]["checksum"] == answers[1]["checksum"]


def test_code_is_fetched_by_the_stores_own_name_where_the_cloud_has_its_own(there: Account) -> None:
    """Under --hosts the address is one of the object store's, by TLS."""
    there.create("fx", zipped({"index.py": "def handler(event, context):\n    return 1\n"}))
    headers = {"host": "1234567890123456.cn-shanghai.fc.aliyuncs.com"}
    asked = HttpRequest("GET", "/2023-03-30/functions/fx/code", headers=headers)

    url = json.loads(FunctionApi(there.functions.service)(asked).body)["url"]
    assert url.startswith("https://fc-function-code.oss-cn-shanghai.aliyuncs.com/")

"""The code of a function, given back: GetFunctionCode names an address of the object store, for a while."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from localcloud.fc.exchange import V2, V3, Call, Route, answer
from localcloud.fc.packages import checksum
from localcloud.wire.signature import oss_address_string, roa_signature

if TYPE_CHECKING:
    from pathlib import Path

    from localcloud.fc.registry import Snapshot
    from localcloud.fc.service import FunctionService
    from localcloud.fc.services import Services
    from localcloud.wire.http import HttpResponse

_BUCKET: Final = "fc-function-code"
_ROLE: Final = "AliyunFCFunctionCode"
_OPEN_FOR_S: Final = 3600
# Each entry's time in a package that is made of a folder, so that the same folder is the same package.
_TIME: Final = (1980, 1, 1, 0, 0, 0)


class Code:
    """Answers GetFunctionCode of both versions."""

    def __init__(self, service: FunctionService, services: Services) -> None:
        """Give what this service runs."""
        self._service = service
        self._services = services

    def routes(self) -> list[Route]:
        """Return what is answered here."""
        one = rf"{V2}/services/(?P<service>[^/.]+)(?:\.(?P<qualifier>[^/]+))?/functions/(?P<function>[^/]+)"
        paths = (rf"{V3}/functions/(?P<function>[^/]+)/code", f"{one}/code")
        return [Route("GET", re.compile(path), "GetFunctionCode", self._get) for path in paths]

    def _get(self, call: Call) -> HttpResponse:
        name = self._services.key(call) if call.service else call.function
        data = _package(self._service.registry.snapshot(name, call.asked, call.service))
        crc = checksum(data)
        return answer({"url": self._address(call, f"{crc}.zip", data), "checksum": crc})

    def _address(self, call: Call, name: str, data: bytes) -> str:
        self._service.objects.put(_BUCKET, name, data)
        platform = self._service.platform
        role = f"acs:ram::{platform.account_id}:role/{_ROLE}"
        key_id, secret, token = platform.issue_credentials(role, "code")
        expires = int(self._service.timeline.now() + _OPEN_FOR_S)
        signature = roa_signature(secret, oss_address_string("GET", f"/{_BUCKET}/{name}", expires, token))
        query = {
            "OSSAccessKeyId": key_id,
            "Expires": expires,
            "Signature": signature,
            "security-token": token,
        }
        host = call.header("host")
        where = f"http://{host}/{_BUCKET}"
        if host.partition(":")[0].endswith(".aliyuncs.com"):
            where = f"https://{_BUCKET}.oss-{platform.region}.aliyuncs.com"
        return f"{where}/{name}?{urlencode(query)}"


def _package(held: Snapshot) -> bytes:
    return held.package.data if held.package else _zipped(held.config.code_dir)


def _zipped(folder: Path) -> bytes:
    """Return the package of a function that runs from the folder in which an s.yaml has it."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for file in sorted(each for each in folder.rglob("*") if each.is_file()):
            if "__pycache__" not in file.parts:
                archive.writestr(zipfile.ZipInfo(str(file.relative_to(folder)), _TIME), file.read_bytes())
    return data.getvalue()

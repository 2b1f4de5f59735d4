"""An account on a port, in virtual time and without functions, with the vendor's clients to deploy to it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
import zipfile
from contextlib import contextmanager
from email.utils import formatdate
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import fc2
from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client
from alibabacloud_tea_openapi.models import Config
from darabonba.runtime import RuntimeOptions

from localcloud import Functions, MockCloud, attach_functions, mock_cloud

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROLE = "acs:ram::1234567890123456:role/deployed"


def zipped(files: Mapping[str, str]) -> bytes:
    """Return a code package."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return data.getvalue()


def package(body: str) -> bytes:
    """Return a package of one handler; `event` is bytes and `context` Function Compute's."""
    lines = "\n    ".join(body.splitlines())
    return zipped({"index.py": f"import json, os, sys\n\ndef handler(event, context):\n    {lines}\n"})


class Account:
    """The clients of one account, and what a deployment does with them."""

    def __init__(self, local: MockCloud, functions: Functions) -> None:
        """Make the clients."""
        self.local, self.functions = local, functions
        key = local.cloud.accounts.user_key
        host = local.endpoint.removeprefix("http://")
        self.fc3 = Client(
            Config(
                access_key_id=key.key_id,
                access_key_secret=key.secret,
                endpoint=host,
                protocol="http",
                region_id="cn-shanghai",
            )
        )
        self.fc2 = fc2.Client(endpoint=local.endpoint, accessKeyID=key.key_id, accessKeySecret=key.secret)
        self.host = host

    def create(self, name: str, code: bytes, **fields: Any) -> Any:  # noqa: ANN401 - the vendor's models
        """Create a function with its package in the request."""
        location = models.InputCodeLocation(zip_file=base64.b64encode(code).decode())
        wanted = {"runtime": "python3.10", "handler": "index.handler", "timeout": 60, **fields}
        body = models.CreateFunctionInput(function_name=name, code=location, **wanted)
        return self.fc3.create_function(models.CreateFunctionRequest(body=body)).body

    def update(self, name: str, code: bytes | None = None, **fields: Any) -> Any:  # noqa: ANN401 - the same
        """Change a function."""
        if code is not None:
            fields["code"] = models.InputCodeLocation(zip_file=base64.b64encode(code).decode())
        body = models.UpdateFunctionInput(**fields)
        return self.fc3.update_function(name, models.UpdateFunctionRequest(body=body)).body

    def trigger(self, name: str, trigger: str, kind: str, config: Mapping[str, Any]) -> Any:  # noqa: ANN401
        """Create a trigger."""
        body = models.CreateTriggerInput(
            trigger_name=trigger, trigger_type=kind, trigger_config=json.dumps(config)
        )
        return self.fc3.create_trigger(name, models.CreateTriggerRequest(body=body)).body

    def invoke(self, name: str, event: object = None, qualifier: str = "LATEST") -> Any:  # noqa: ANN401 - any JSON
        """Invoke and return what the function returned, or its error."""
        request = models.InvokeFunctionRequest(
            body=io.BytesIO(json.dumps(event).encode()), qualifier=qualifier
        )
        headers = models.InvokeFunctionHeaders()
        answer = self.fc3.invoke_function_with_options(name, request, headers, RuntimeOptions())
        return json.loads(answer.body.read())

    def ended(self, name: str) -> list[Any]:
        """Return what the runs of a function returned, oldest first."""
        lines = [entry.view() for entry in self.functions.service.journal.after(0)]
        return [
            json.loads(line["result"])
            for line in lines
            if line.get("function") == name and "duration_ms" in line
        ]

    def bucket_token(self) -> Any:  # noqa: ANN401 - any JSON
        """Return what the 2.0 API gives for an upload; its Python client signs it, but has no name for it."""
        path = "/2016-08-15/tempBucketToken"
        headers = self.fc2._build_common_headers("GET", path, {})  # noqa: SLF001
        return self.fc2._do_request("GET", path, headers).json()  # noqa: SLF001

    def upload(self, keys: Mapping[str, str], bucket: str, name: str, data: bytes) -> int:
        """Put an object as the vendor's store client does with a bare address, and return the status."""
        date = formatdate(usegmt=True)
        path = f"/{bucket}/{name}"
        token = keys["SecurityToken"]
        text = f"PUT\n\napplication/zip\n{date}\nx-oss-security-token:{token}\n{path}"
        digest = hmac.new(keys["AccessKeySecret"].encode(), text.encode(), hashlib.sha1).digest()
        headers = {
            "date": date,
            "content-type": "application/zip",
            "x-oss-security-token": token,
            "authorization": f"OSS {keys['AccessKeyId']}:{base64.b64encode(digest).decode()}",
        }
        connection = HTTPConnection(self.host)
        try:
            connection.request("PUT", path, data, headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def log_service(
        self, project: str, method: str, path: str, body: Mapping[str, str] | None = None, secret: str = ""
    ) -> tuple[int, bytes]:
        """Call the log service by the name of a project's or a region's host, signed as its clients sign."""
        key, date = self.local.cloud.accounts.user_key, formatdate(usegmt=True)
        raw = json.dumps(body).encode() if body else b""
        own = "x-log-apiversion:0.6.0\nx-log-signaturemethod:hmac-sha1\n"
        text = f"{method}\n\napplication/json\n{date}\n{own}{path}"
        digest = hmac.new((secret or key.secret).encode(), text.encode(), hashlib.sha1).digest()
        headers = {
            "host": f"{f'{project}.' if project else ''}cn-shanghai.log.aliyuncs.com",
            "date": date,
            "content-type": "application/json",
            "x-log-apiversion": "0.6.0",
            "x-log-signaturemethod": "hmac-sha1",
            "authorization": f"LOG {key.key_id}:{base64.b64encode(digest).decode()}",
        }
        connection = HTTPConnection(self.host)
        try:
            connection.request(method, path, raw, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


@contextmanager
def account() -> Iterator[Account]:
    """Open an account; what hangs on it is gone at the end."""
    with mock_cloud(http=True) as local:
        functions = attach_functions(local.cloud, s_yaml=None, react=True, endpoint=local.endpoint)
        try:
            yield Account(local, functions)
        finally:
            functions.close()

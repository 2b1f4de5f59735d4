"""What the control API does to functions and triggers, whichever version of it was called."""

from __future__ import annotations

import base64
import binascii
import json
import re
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from localcloud.fc.config import function_from_fields
from localcloud.fc.errors import ConfigError, FcError
from localcloud.fc.exchange import LATEST
from localcloud.fc.refused import check_fields, check_trigger
from localcloud.fc.triggers import read_trigger
from localcloud.fc.views import function_fields, trigger_view

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from localcloud.fc.model import FunctionConfig, Trigger
    from localcloud.fc.packages import Package
    from localcloud.fc.registry import Deployed
    from localcloud.fc.service import FunctionService

_ROLE: Final = re.compile(r"acs:ram::\d+:role/[A-Za-z0-9._-]+")
# The bucket that the deploying tools upload to, and the role whose keys they get for it.
_BUCKET: Final = "fc-temporary-code"
_BUCKET_ROLE: Final = "AliyunFCTemporaryBucket"
# cpu comes in steps of 0.05, and one CPU goes with one to four GB.
_CPU_STEP: Final = 0.05
_GB_PER_CPU: Final = (1, 4)


class Deployer:
    """Makes and changes what is deployed; each refusal is an FcError."""

    def __init__(self, service: FunctionService) -> None:
        """Deploy to this service."""
        self._service = service
        self._registry = service.registry

    def create(self, name: str, fields: Mapping[str, Any]) -> Deployed:
        """Make a function of its fields; `name` is how the registry knows it."""
        if self._registry.has(name):
            raise FcError(409, "FunctionAlreadyExists", f"function '{name}' already exists")
        check_fields(fields)
        package = self._package(fields)
        if package is None:
            raise FcError(
                400, "InvalidArgument", "code is missing: give zipFile, or ossBucketName and ossObjectName"
            )
        region = self._service.platform.region
        config = replace(
            _config(
                {**fields, "functionName": fields.get("functionName") or name, "region": region},
                package.folder,
            ),
            deployed=True,
            shared_dir=None,
        )
        return self._registry.create(name, config, package)

    def update(self, name: str, fields: Mapping[str, Any]) -> Deployed:
        """Change the fields that are given; instances of what is called no more end."""
        before = self._registry.get(name).config
        check_fields(fields)
        package = self._package(fields)
        changed = {
            **function_fields(before),
            **{key: value for key, value in fields.items() if key != "code"},
        }
        changed["functionName"] = before.name
        config = replace(
            _config(changed, package.folder if package else before.code_dir),
            deployed=before.deployed or package is not None,
            shared_dir=None if package else before.shared_dir,
            reserved_concurrency=before.reserved_concurrency,
            triggers=before.triggers,
            raw_triggers=before.raw_triggers,
        )
        entry = self._registry.update(name, config, package)
        self._service.runner.retire(config.name, self._registry.revisions(name))
        return entry

    def _package(self, fields: Mapping[str, Any]) -> Package | None:
        code = fields.get("code")
        if not code:
            return None
        if not isinstance(code, dict):
            raise FcError(400, "InvalidArgument", "code is an object")
        if code.get("zipFile"):
            try:
                data = base64.b64decode(code["zipFile"], validate=True)
            except (binascii.Error, TypeError, ValueError) as error:
                raise FcError(400, "InvalidArgument", "code.zipFile is no Base64") from error
        else:
            data = self._service.objects.get(str(code.get("ossBucketName")), str(code.get("ossObjectName")))
        package = self._service.packages.unpack(data)
        claimed = code.get("checksum")
        if claimed and str(claimed) != package.checksum:
            message = f"code checksum is {claimed}, that of the package {package.checksum}"
            raise FcError(400, "InvalidArgument", message)
        return package

    def put_trigger(self, name: str, fields: Mapping[str, Any], *, new: bool) -> dict[str, Any]:
        """Make or change a trigger; its configuration is a JSON text."""
        self._registry.resolve(name, str(fields.get("qualifier") or LATEST))
        trigger = _trigger(fields)
        check_trigger(trigger)
        kept = self._registry.put_trigger(name, trigger, fields, new=new)
        return trigger_view(kept)

    def bucket_token(self) -> dict[str, Any]:
        """Return keys and a place for one upload."""
        platform = self._service.platform
        role = f"acs:ram::{platform.account_id}:role/{_BUCKET_ROLE}"
        key_id, secret, token = platform.issue_credentials(role, "code")
        return {
            "credentials": {"AccessKeyId": key_id, "AccessKeySecret": secret, "SecurityToken": token},
            "ossRegion": f"oss-{platform.region}",
            "ossBucket": _BUCKET,
            "objectName": f"{uuid.uuid4()}.zip",
        }


def _config(fields: Mapping[str, Any], folder: Path) -> FunctionConfig:
    role = str(fields.get("role") or "")
    if role and not _ROLE.fullmatch(role):
        raise FcError(400, "InvalidArgument", f"role '{role}' is no ARN acs:ram::<account>:role/<name>")
    _check_cpu(fields)
    try:
        return function_from_fields(fields, folder)
    except (ConfigError, KeyError) as error:
        raise FcError(400, "InvalidArgument", str(error)) from error


def _check_cpu(fields: Mapping[str, Any]) -> None:
    cpu, memory = fields.get("cpu"), fields.get("memorySize", 512)
    if cpu is None or not isinstance(memory, int):
        return
    steps = float(cpu) / _CPU_STEP
    least, most = _GB_PER_CPU
    if abs(steps - round(steps)) > 1e-6 or not least <= memory / 1024 / float(cpu) <= most:
        message = f"cpu {cpu} does not go with memorySize {memory}: steps of {_CPU_STEP}, 1 to 4 GB for each"
        raise FcError(400, "InvalidArgument", message)


def _trigger(fields: Mapping[str, Any]) -> Trigger:
    try:
        config = json.loads(str(fields.get("triggerConfig") or "{}"))
        return read_trigger({**_named(fields), "triggerConfig": config}, "request")
    except (ConfigError, ValueError) as error:
        raise FcError(400, "InvalidArgument", str(error)) from error


def _named(fields: Mapping[str, Any]) -> dict[str, Any]:
    names = ("triggerName", "triggerType", "qualifier", "description", "invocationRole", "sourceArn")
    return {name: fields[name] for name in names if fields.get(name) is not None}

"""One message to a group robot of DingTalk or Feishu. Its address is a secret and is said nowhere."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlsplit

from multieip.cloud.redact import redact
from multieip.errors import LostAnswerError, RefusedError

if TYPE_CHECKING:
    from multieip.ports import Json

_ACTION: Final = "webhook"
_TIMEOUT_S: Final = 5.0
_MOST_ANSWER: Final = 4096
_OK: Final = 200


def post(address: str, body: Json) -> None:
    """Send one message, once.

    Raises `RefusedError` where the robot says no (it answers 200 also then), `LostAnswerError` where nobody
    answers. Neither carries the address.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(host, parts.port, timeout=_TIMEOUT_S)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    content = json.dumps(body, ensure_ascii=False).encode()
    try:
        connection.request("POST", path, content, {"Content-Type": "application/json; charset=utf-8"})
        answer = connection.getresponse()
        status, said = answer.status, answer.read(_MOST_ANSWER)
    except (OSError, http.client.HTTPException) as error:
        raise LostAnswerError(_ACTION, f"no answer from {host} ({type(error).__name__})") from None
    finally:
        connection.close()
    secrets = [value for _, value in parse_qsl(parts.query)] + parts.path.split("/")
    _check(host, status, said, secrets)


def _check(host: str, status: int, said: bytes, secrets: list[str]) -> None:
    if status != _OK:
        raise RefusedError(_ACTION, str(status), f"{host} did not take the message", http_status=status)
    try:
        answer = json.loads(said)
    except ValueError:
        raise RefusedError(_ACTION, "NotJson", f"{host} answered something that is not JSON") from None
    code = answer.get("errcode", answer.get("code", 0)) if isinstance(answer, dict) else 0
    if code:
        reason = redact(str(answer.get("errmsg") or answer.get("msg") or ""), secrets)[:200]
        raise RefusedError(_ACTION, redact(str(code), secrets), f"{host} refused the message: {reason}")

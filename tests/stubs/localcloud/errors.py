"""What the gateway itself refuses, whatever the product, in the words of the public error list."""

from __future__ import annotations


class ApiError(Exception):
    """A refusal that the client gets as an error body: code, message, HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        """`message` is shown to the client word for word."""
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


class DroppedConnection(Exception):  # noqa: N818 - it is an event of the wire, not a refusal
    """The connection ends here without an answer."""


class GarbledAnswer(Exception):  # noqa: N818 - it is an event of the wire, not a refusal
    """The answer is a page of HTML that no product has written."""

    def __init__(self, status: int) -> None:
        """`status` is that of the page."""
        super().__init__(f"a page of HTML, status {status}")
        self.status = status


def missing(parameter: str) -> ApiError:
    """Say that a mandatory parameter was not sent."""
    return ApiError(f"Missing{parameter}", f"{parameter} is mandatory for this action.")


def action_not_found() -> ApiError:
    """Say that the product has no such action in this version."""
    return ApiError(
        "InvalidAction.NotFound", "Specified api is not found, please check your url and method.", 404
    )


def invalid_version() -> ApiError:
    """Say that the product has no such version."""
    return ApiError("InvalidVersion", "Specified parameter Version is not valid.")


def product_not_found() -> ApiError:
    """Say that the endpoint serves no such product."""
    return ApiError("InvalidProduct.NotFound", "Cannot find product according to your specified domain.", 404)


def unsupported_method() -> ApiError:
    """Neither GET nor POST."""
    return ApiError("UnsupportedHTTPMethod", "This http method is not supported.")


def malformed_time() -> ApiError:
    """Say that a time stamp is not written as it has to be."""
    return ApiError("InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted.")


def dry_run() -> ApiError:
    """Say that the call would have been allowed: the good answer to DryRun."""
    return ApiError("DryRunOperation", "Request validation has been passed with DryRun flag set.")


def signature_mismatch(string_to_sign: str) -> ApiError:
    """Say that the signature is wrong; clients compare what follows the colon with what they signed."""
    return ApiError(
        "SignatureDoesNotMatch",
        f"Specified signature is not matched with our calculation. server string to sign is:{string_to_sign}",
    )


def signature_mismatch_in_other_words() -> ApiError:
    """Say the same without the string to sign; SDKs that look for the colon before it fail on that."""
    message = "Specified signature is not matched with our calculation."
    return ApiError("SignatureDoesNotMatch", message)


def deep_page() -> ApiError:
    """Refuse a page that lies too deep in a list, or that was jumped to."""
    message = "Request was denied due to deep page skip. Please read the pages one after the other."
    return ApiError("Throttling.DeepPageSkip", message)


def invalid_parameter(name: str, reason: str) -> ApiError:
    """Say that a parameter has a value that its type does not allow."""
    return ApiError("InvalidParameter", f"The specified parameter {name} is not valid: {reason}")


def forbidden_ram() -> ApiError:
    """Say that the identity lacks the permission."""
    return ApiError(
        "Forbidden.RAM",
        "User not authorized to operate on the specified resource, or this API doesn't support RAM.",
        403,
    )


def not_authorized(action: str, resource: str) -> ApiError:
    """Say the same as Function Compute does: with the action and the resource."""
    message = f"the caller is not authorized to perform '{action}' on resource '{resource}'"
    return ApiError("AccessDenied", message, 403)


def no_permission() -> ApiError:
    """Say the same in the words of STS."""
    message = "You are not authorized to do this action. You should be authorized by RAM."
    return ApiError("NoPermission", message, 403)


def region_not_found() -> ApiError:
    """No such region."""
    return ApiError("InvalidRegionId.NotFound", "The specified RegionId does not exist.", 404)


THROTTLING = {
    "Throttling": "Request was denied due to request throttling.",
    "Throttling.User": "Request was denied due to user flow control.",
    "Throttling.Api": "Request was denied due to api flow control.",
}


def throttled(code: str = "Throttling.User") -> ApiError:
    """Too many calls, in one of the three forms."""
    return ApiError(code, THROTTLING[code])


def service_unavailable() -> ApiError:
    """Say that the service is down for a moment."""
    return ApiError(
        "ServiceUnavailable", "The request has failed due to a temporary failure of the server.", 503
    )


def internal_error() -> ApiError:
    """Say that the service failed."""
    return ApiError(
        "InternalError",
        "The request processing has failed due to some unknown error, exception or failure.",
        500,
    )

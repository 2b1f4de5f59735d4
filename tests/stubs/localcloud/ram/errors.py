"""RAM's own refusals."""

from __future__ import annotations

from localcloud.errors import ApiError


def no_role(name: str) -> ApiError:
    """Say that there is no such role."""
    return ApiError("EntityNotExist.Role", f"The role not exists: {name}.", 404)


def no_policy(name: str) -> ApiError:
    """Say that there is no such policy."""
    return ApiError("EntityNotExist.Policy", f"The policy does not exist: {name}.", 404)


def role_exists(name: str) -> ApiError:
    """Say that the name of a role is taken."""
    return ApiError("EntityAlreadyExists.Role", f"The role already exists: {name}.", 409)


def bad_document(why: str) -> ApiError:
    """Say that a document is no policy, or none that can be judged here."""
    return ApiError("InvalidParameter.PolicyGrammar", why)

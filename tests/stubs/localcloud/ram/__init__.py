"""RAM 2015-05-01: roles, policies, and which role was granted which."""

from __future__ import annotations

from localcloud.ram import policies, roles

__all__ = ["policies", "roles"]

"""ResourceManager 2020-03-31: the roles that services make for themselves, which deploying tools ask for."""

from __future__ import annotations

from localcloud.resourcemanager import roles

__all__ = ["roles"]

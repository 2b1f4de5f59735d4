"""VPC 2016-04-28: networks and elastic IP addresses."""

from __future__ import annotations

from localcloud.vpc import association, network_responses, responses, tagging

__all__ = ["association", "network_responses", "responses", "tagging"]

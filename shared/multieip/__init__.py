"""Multi-EIP to ENI mode on Alibaba Cloud, by tags and three functions."""

__version__ = "0.1.0"

RESULT_SCHEMA = "multieip-result/1"
"""Name and version of the form of what `bind` answers, and each function to what it cannot read."""

REACT_SCHEMA = "multieip-react/1"
"""That of what `react` answers."""

GROUPS_SCHEMA = "multieip-groups/1"
TAG_SCHEMA = "multieip-tag/1"
"""Those of what the command answers to `groups` and `tag`; the forms are in `docs/schema`."""

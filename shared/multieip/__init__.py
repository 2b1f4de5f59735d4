"""Multi-EIP to ENI mode on Alibaba Cloud, by tags and three functions."""

__version__ = "0.1.0"

RESULT_SCHEMA = "multieip-result/1"
"""Name and version of the form of what `bind` answers, and each function to what it cannot read."""

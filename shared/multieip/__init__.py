"""Multi-EIP to ENI mode on Alibaba Cloud, by tags and three functions."""

__version__ = "0.1.0"

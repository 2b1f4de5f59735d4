"""Multi-EIP to ENI mode on Alibaba Cloud, by tags and three functions."""

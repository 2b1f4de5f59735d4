"""ECS 2014-05-26: instances, network interfaces, security groups, tags."""

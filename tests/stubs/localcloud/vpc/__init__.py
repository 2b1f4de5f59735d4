"""VPC 2016-04-28: networks and elastic IP addresses."""

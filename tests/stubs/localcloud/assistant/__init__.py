"""Cloud Assistant, the part of ECS 2014-05-26 that runs commands in instances."""

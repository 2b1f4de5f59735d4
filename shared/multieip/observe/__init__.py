"""What the cloud shows, as facts: one group, all groups of a region, or the tags alone."""

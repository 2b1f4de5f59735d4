"""The use cases: one run of `bind`, `react` or `sweep`, from its request to its result."""

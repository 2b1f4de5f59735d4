"""STS 2015-04-01: who am I, and temporary credentials."""

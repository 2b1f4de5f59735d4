"""The composition root: one module per function, over one wiring. Importing the package itself is free."""

"""From the repository to what Function Compute runs: code packages, and the check of what describes them.

A tool of the repository (`make package`, `make check-deploy`), not a part of what is deployed.
"""

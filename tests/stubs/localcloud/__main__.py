"""`python -m localcloud` is the command `localcloud`."""

from __future__ import annotations

import sys

from localcloud.cli.main import main

sys.exit(main())

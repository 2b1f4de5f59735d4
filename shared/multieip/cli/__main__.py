"""`multieip`, or `python -m multieip.cli`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command; say what is missing where the extra `cli` is not installed."""
    try:
        from multieip.cli.main import command
    except ModuleNotFoundError as missing:
        if missing.name is None or missing.name.partition(".")[0] not in {"click", "rich", "jinja2"}:
            raise
        sys.exit(f"error: {missing.name} is missing; install the extra: pip install 'multieip[cli]'")
    command.main(prog_name="multieip")


if __name__ == "__main__":
    main()

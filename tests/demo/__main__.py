"""`python -m tests.demo [--guest KIND]`: the main job, told on the terminal."""

from __future__ import annotations

import argparse
import sys

from tests.demo.pulse import TalkingConsole, never_silent


def main() -> int:
    """Play it; the status is not zero when a claim did not hold."""
    console = TalkingConsole()
    with never_silent(console):
        # What a local cloud takes is much to load: whoever watches sees that it goes on.
        from localcloud.guests import WORLDS, why_not  # noqa: PLC0415
        from tests.demo.story import play  # noqa: PLC0415

        parser = argparse.ArgumentParser(prog="python -m tests.demo", description=__doc__)
        parser.add_argument("--guest", choices=WORLDS, default="auto")
        guest = parser.parse_args().guest
        reason = why_not(guest)
        if reason:
            print(f"error: --guest {guest} is not possible here: {reason}; leave it out", file=sys.stderr)
            return 1
        return play(guest, console)


if __name__ == "__main__":
    sys.exit(main())

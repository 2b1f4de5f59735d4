"""The measure of silence: what a program does not say counts, what a busy machine holds up does not."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from subprocess import Popen

from tests.silence import MOST_S, watch

HERE = Path(__file__).parent

SPOKEN = "print('a', flush=True); import time; time.sleep({seconds}); print('b', flush=True)"

WORK = """
import time
print("a", flush=True)
while time.process_time() < {seconds}:
    pass
print("b", flush=True)
"""


def test_a_program_that_says_nothing_is_silent_however_little_it_works() -> None:
    """It sleeps 2.4 seconds; that of 1 second is not silent."""
    told = [
        watch([sys.executable, "-c", SPOKEN.format(seconds=seconds)], cwd=HERE, environ=os.environ)
        for seconds in (1.0, 2.4)
    ]

    assert [(one.status, one.is_silent) for one in told] == [(0, False), (0, True)]


def test_a_program_that_was_given_no_processor_is_not_silent() -> None:
    """It works a second on a processor that three others want: the wait for it is told, and left out."""
    pinned = f"import os; os.sched_setaffinity(0, {{{min(os.sched_getaffinity(0))}}})"
    with ExitStack() as stack:
        for _ in range(3):
            hog = stack.enter_context(
                Popen([sys.executable, "-c", f"{pinned}\nwhile True: pass"], start_new_session=True)
            )
            stack.callback(hog.kill)
        told = watch(
            [sys.executable, "-c", f"{pinned}\n{WORK.format(seconds=1.0)}"], cwd=HERE, environ=os.environ
        )

    assert told.status == 0
    assert told.longest.seconds > MOST_S
    assert not told.is_silent

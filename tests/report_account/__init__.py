"""A made-up account of any size as the facts of a sweep: good groups, and groups broken in every kind of way.

What a test compares with comes from here, so that a page is judged by what went in and not by itself.
"""

from tests.report_account.account import Account, made_account, report_of
from tests.report_account.kinds import KINDS

__all__ = ["KINDS", "Account", "made_account", "report_of"]

"""The table of refusals: every documented code has the fate that the vendor's sources give it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multieip.cloud.fates import ANY, FATES, Fate
from multieip.cloud.refusals import fate_of, is_denied, is_throttling

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENTED = """
wait | AssociateEipAddress AssociateEipAddressBatch UnassociateEipAddress
     | TaskConflict OperationConflict IncorrectStatus IncorrectStatus.Eip ServiceUnavailable SystemBusy
     | OperationFailed.SystemBusy LastTokenProcessing InvalidBindingStatus IncorrectInstanceStatus
     | InvalidStatus.EcsStatusNotSupport InvalidStatus.InstanceHasBandWidth InvalidStatus.EniStatusNotSupport
     | OperationFailed.EcsMigrating Throttling Throttling.User Throttling.Api
read | AssociateEipAddress AssociateEipAddressBatch UnassociateEipAddress | IncorrectEipStatus
read | AssociateEipAddress AssociateEipAddressBatch | InvalidAssociation.Duplicated SignatureNonceUsed
wait | UnassociateEipAddress
     | OperationFailed.LastTokenProcessing IncorrectHaVipStatus InvalidStatus.NotAllow
     | InvalidStatus.SnatOrDnat InvalidIpStatus.HasBeenUsedBySnatTable
     | InvalidIpStatus.HasBeenUsedByForwardEntry
done | UnassociateEipAddress ReleaseEipAddress | InvalidAllocationId.NotFound
wait | ReleaseEipAddress AllocateEipAddress
     | OperationConflict LastTokenProcessing IncorrectStatus SystemBusy
     | TaskConflict.AssociateGlobalAccelerationInstance
never | ReleaseEipAddress AllocateEipAddress | FrequentPurchase.EIP
wait | AttachNetworkInterface DetachNetworkInterface DeleteNetworkInterface
     | InvalidOperation.InvalidEniState InvalidOperation.InvalidEcsState InvalidOperation.InvalidEniType
     | HasMemberEniAttached OperationConflict Operation.Conflict ServiceUnavailable InternalError
     | Throttling Throttling.User
done | DetachNetworkInterface | InvalidEniId.NotFound InvalidEcsId.NotFound
never by the facts | AttachNetworkInterface
     | InvalidEniId.NotFound InvalidEcsId.NotFound EniPerInstanceLimitExceeded
wait | DeleteNetworkInterface | InvalidOperation.Conflict
done | DeleteNetworkInterface | InvalidEniId.NotFound
wait | CreateNetworkInterface | IncorrectVSwitchStatus IdempotentFailed InternalError Throttling
wait | RunCommand | ServiceUnavailable InternalError.Dispatch IdempotentProcessing Throttling
never | AssociateEipAddress AssociateEipAddressBatch
     | Mode.NotSupport Invalid.Function.NotSupported OperationUnsupported.MultiIp OperationDenied.Unauthorized
     | OperationUnsupported.EipBindModel UnsupportedRegion Forbidden.FinancialLocked OperationDenied
never by the facts | AssociateEipAddress AssociateEipAddressBatch
     | QuotaExceed.MultiBindedEip Mode.Conflict InvalidAllocationId.NotFound
     | OperationFailed.EipBindModeConflict Eni.Attached
never | DescribeInstances
     | SignatureDoesNotMatch InvalidTimeStamp.Expired InvalidTimeStamp.Format IllegalTimestamp
     | InvalidAccessKeyId.NotFound InvalidAccessKeyId.Inactive MissingAllocationId MissingParameter
     | InvalidAction.NotFound InvalidApi.NotFound InvalidVersion InvalidProduct.NotFound Forbidden.RAM
     | InvalidSecurityToken.Expired MissingSecurityToken
done | DescribeInstances | DryRunOperation
done | InvokeFunction | StatefulAsyncInvocationAlreadyExists
"""
"""Fate, actions, codes: the vendor's API pages and its Terraform provider, put down by hand."""


def documented() -> Iterator[tuple[str, str, Fate]]:
    """Every pair of action and code of the list above with its fate."""
    joined = DOCUMENTED.replace("\n     |", " | ")
    for line in joined.strip().splitlines():
        fate, actions, *codes = line.split("|")
        for action, code in itertools.product(actions.split(), " ".join(codes).split()):
            yield action, code, Fate(fate.strip())


@pytest.mark.parametrize(("action", "code", "fate"), list(documented()))
def test_a_documented_code_has_its_documented_fate(action: str, code: str, fate: Fate) -> None:
    """Each code of the vendor's pages and provider is sorted as they say, whatever its HTTP status."""
    assert fate == fate_of(action, code, 400)


@pytest.mark.parametrize(
    ("status", "fate"),
    [(400, Fate.NEVER), (403, Fate.NEVER), (404, Fate.NEVER), (429, Fate.WAIT), (500, Fate.WAIT)],
)
def test_an_unknown_code_is_judged_by_its_status(status: int, fate: Fate) -> None:
    """The cloud's own trouble passes with time, a fault of ours does not."""
    assert fate == fate_of("AttachNetworkInterface", "Never.Heard.Of.It", status)


def test_a_permanent_code_stays_permanent_with_a_server_status() -> None:
    """The code is more precise than the status."""
    assert fate_of("AssociateEipAddressBatch", "Mode.NotSupport", 500) == Fate.NEVER


def test_only_a_task_id_that_is_there_is_done() -> None:
    """Other conflicts of Function Compute pass with time (issue 8, item 15)."""
    assert fate_of("InvokeFunction", "StatefulAsyncInvocationAlreadyExists", 409) == Fate.DONE
    assert fate_of("InvokeFunction", "ConcurrentUpdateError", 409) == Fate.WAIT


def test_only_throttling_is_throttling() -> None:
    """Every throttling code is recognised by its name; other transient codes are not."""
    assert all(is_throttling(code) for code in ("Throttling", "Throttling.User", "Throttling.Api"))
    assert not is_throttling("ServiceUnavailable")


def test_missing_permission_is_told_from_a_closed_mode() -> None:
    """RAM's refusals are denials; the account's missing right to the mode is not one of them."""
    assert all(is_denied(code) for code in ("Forbidden.RAM", "NoPermission", "NoPermission.RAM", "Forbidden"))
    assert not is_denied("OperationDenied.Unauthorized")
    assert not is_denied("Forbidden.FinancialLocked")


def test_the_table_for_any_action_is_no_action() -> None:
    """The common table is found under a name that no API has."""
    assert ANY in FATES
    assert " " in ANY


@given(st.text(), st.text(), st.integers(0, 999))
def test_every_refusal_has_a_fate(action: str, code: str, status: int) -> None:
    """Nothing that the cloud may send is beyond the table."""
    assert isinstance(fate_of(action, code, status), Fate)

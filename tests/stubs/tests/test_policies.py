"""RAM: what a role may do is what its policies say, and the vendor's SDK gets the product's own refusal."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud import AccessKey, CallRefusedError, CloudOptions, LocalCloud, MockCloud, mock_cloud
from tests.stubs.tests.sdk import SdkApi

ROLE = "acs:ram::1234567890123456:role/multi-eip"


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    """Return a document of these statements."""
    return {"Version": "1", "Statement": list(statements)}


def allow(action: str, resource: str = "*", **more: object) -> dict[str, Any]:
    """Return one statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: str, resource: str = "*", **more: object) -> dict[str, Any]:
    """Return one statement that denies."""
    return {**allow(action, resource, **more), "Effect": "Deny"}


def tagged(key: str, *values: str, operator: str = "StringEquals") -> dict[str, Any]:
    """Return a condition on one key."""
    return {"Condition": {operator: {key: list(values)}}}


class Scene:
    """A cloud, a role with policies, and two EIPs of which one carries a tag."""

    def __init__(self, local: MockCloud) -> None:
        """Make both."""
        self.local = local
        self.cloud: LocalCloud = local.cloud
        self.region = local.seeds.region
        tag = {"Tag.1.Key": "team", "Tag.1.Value": "dev"}
        self.mine = self._eip(tag)
        self.theirs = self._eip({})
        self.key = self._key()

    def _eip(self, more: dict[str, str]) -> str:
        done = self.local.api.call("Vpc", "AllocateEipAddress", {"RegionId": self.region, **more})
        return str(done["AllocationId"])

    def _key(self) -> AccessKey:
        return self.cloud.accounts.assume(ROLE, "test", self.cloud.clock.now(), 3600)

    def grant(self, *statements: dict[str, Any]) -> None:
        """Give the role these statements and no other."""
        self.cloud.accounts.grant(ROLE, policy(*statements))

    def call(self, product: str, action: str, **params: str) -> dict[str, Any]:
        """Call as the role."""
        return SdkApi(self.local, self.key).call(product, action, params)

    def refusal(self, product: str, action: str, **params: str) -> str:
        """Return the code of the refusal, empty where there is none."""
        try:
            self.call(product, action, **params)
        except CallRefusedError as refused:
            return refused.code
        return ""

    def rename(self, eip: str) -> str:
        """Change one EIP."""
        return self.refusal("Vpc", "ModifyEipAddressAttribute", AllocationId=eip, Name="new")


@pytest.fixture
def scene(local_cloud_http: MockCloud) -> Scene:
    """Make a served cloud with a role."""
    return Scene(local_cloud_http)


def test_a_role_that_nothing_was_granted_to_may_do_everything(scene: Scene) -> None:
    """Tests that care for no permissions need not write any."""
    assert scene.rename(scene.mine) == ""


def test_what_no_statement_allows_is_forbidden(scene: Scene) -> None:
    """Also for keys that were handed out before."""
    scene.grant(allow("vpc:Describe*"))

    assert scene.rename(scene.mine) == "Forbidden.RAM"
    assert scene.refusal("Vpc", "DescribeEipAddresses") == ""


def test_a_deny_wins(scene: Scene) -> None:
    """Whatever else is allowed."""
    scene.grant(allow("*"), deny("vpc:Modify*", f"acs:vpc:*:*:eip/{scene.mine}"))

    assert (scene.rename(scene.mine), scene.rename(scene.theirs)) == ("Forbidden.RAM", "")


def test_a_resource_narrows(scene: Scene) -> None:
    """One EIP may be renamed; a list of all is not allowed by a policy for one."""
    scene.grant(allow("vpc:*", f"acs:vpc:*:*:eip/{scene.mine}"))

    assert (scene.rename(scene.mine), scene.rename(scene.theirs)) == ("", "Forbidden.RAM")
    assert scene.refusal("Vpc", "DescribeEipAddresses", AllocationId=scene.mine) == ""
    assert scene.refusal("Vpc", "DescribeEipAddresses") == "Forbidden.RAM"


def test_every_resource_that_a_call_touches_is_asked_for(scene: Scene) -> None:
    """An interface is made in a vSwitch and a security group; both have to be allowed, by their own ARNs."""
    seeds = scene.local.seeds
    place = {"VSwitchId": seeds.vswitch, "SecurityGroupId": seeds.security_group}
    eni, group = "acs:ecs:*:*:eni/*", "acs:ecs:*:*:securitygroup/*"
    scene.grant(allow("ecs:CreateNetworkInterface", eni), allow("ecs:*", group))

    assert scene.refusal("Ecs", "CreateNetworkInterface", **place) == "Forbidden.RAM"

    scene.grant({**allow("ecs:CreateNetworkInterface"), "Resource": [eni, group, "acs:vpc:*:*:vswitch/*"]})

    assert scene.refusal("Ecs", "CreateNetworkInterface", **place) == ""


@pytest.mark.parametrize(
    ("operator", "value", "mine", "theirs"),
    [
        ("StringEquals", "dev", "", "Forbidden.RAM"),
        ("StringEquals", "DEV", "Forbidden.RAM", "Forbidden.RAM"),
        ("StringEqualsIgnoreCase", "DEV", "", "Forbidden.RAM"),
        ("StringLike", "d?*", "", "Forbidden.RAM"),
        ("StringNotEquals", "dev", "Forbidden.RAM", ""),
        ("StringNotLike", "d*", "Forbidden.RAM", ""),
        ("StringNotEqualsIgnoreCase", "prod", "", ""),
    ],
)
def test_the_tags_of_a_resource_decide(
    scene: Scene, operator: str, value: str, mine: str, theirs: str
) -> None:
    """By every operator for texts; a tag that is absent is equal to nothing."""
    scene.grant(allow("vpc:*", **tagged("acs:ResourceTag/team", value, operator=operator)))

    assert (scene.rename(scene.mine), scene.rename(scene.theirs)) == (mine, theirs)


def test_a_list_by_tag_is_judged_by_its_filter(scene: Scene) -> None:
    """Who may see what carries a tag has to ask for that tag."""
    scene.grant(allow("vpc:*", **tagged("acs:ResourceTag/team", "dev")))
    by_tag = {"Tag.1.Key": "team", "Tag.1.Value": "dev"}

    assert scene.refusal("Vpc", "DescribeEipAddresses", **by_tag) == ""
    assert scene.refusal("Vpc", "DescribeEipAddresses") == "Forbidden.RAM"


@pytest.mark.parametrize(("seen", "code"), [("known", ""), ("absent", "Forbidden.RAM")])
@pytest.mark.parametrize("key", ["acs:RequestTag/team", "acs:TagKeys"])
def test_the_tags_of_a_request_decide_where_ram_sees_them(seen: str, code: str, key: str) -> None:
    """Whether it does for these products is an open question, so a switch."""
    with mock_cloud(CloudOptions(switches={"request-tags-in-policies": seen}), http=True) as local:
        scene = Scene(local)
        scene.grant(allow("vpc:*", **tagged(key, "dev" if "/" in key else "team")))

        assert (
            scene.refusal("Vpc", "AllocateEipAddress", **{"Tag.1.Key": "team", "Tag.1.Value": "dev"}) == code
        )
        assert scene.refusal("Vpc", "AllocateEipAddress") == "Forbidden.RAM"


def test_without_the_permission_instances_are_an_empty_list(scene: Scene) -> None:
    """No refusal, so that nobody learns whether there are any."""
    scene.grant(deny("ecs:DescribeInstances"), allow("*"))

    assert scene.call("Ecs", "DescribeInstances")["TotalCount"] == 0


def test_commands_go_to_instances_that_are_allowed_only(scene: Scene) -> None:
    """All of them, or none."""
    seeds = scene.local.seeds
    scene.grant(allow("ecs:RunCommand", f"acs:ecs:*:*:instance/{seeds.instance}"))
    command = {"Type": "RunShellScript", "CommandContent": "true", "InstanceId.1": seeds.instance}

    assert scene.refusal("Ecs", "RunCommand", **command) == ""
    also = {**command, "InstanceId.2": seeds.instance_windows}
    assert scene.refusal("Ecs", "RunCommand", **also) == "Forbidden.RAM"


def test_sts_has_words_of_its_own(scene: Scene) -> None:
    """A role that may not take another one."""
    scene.grant(allow("vpc:*"))

    assert scene.refusal("Sts", "AssumeRole", RoleArn=ROLE, RoleSessionName="again") == "NoPermission"


def test_a_session_may_be_narrowed_and_never_widened(scene: Scene) -> None:
    """What the policy of AssumeRole leaves out is gone; what the role lacks does not come."""
    scene.grant(allow("vpc:Modify*"))
    wide, narrow = (
        '{"Version":"1","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}',
        ('{"Version":"1","Statement":{"Effect":"Allow","Action":"ecs:*","Resource":"*"}}'),
    )
    now = scene.cloud.clock.now()
    scene.key = scene.cloud.accounts.assume(ROLE, "wide", now, 3600, policy=wide)
    assert scene.rename(scene.mine) == ""
    assert scene.refusal("Vpc", "ReleaseEipAddress", AllocationId=scene.mine) == "Forbidden.RAM"

    scene.key = scene.cloud.accounts.assume(ROLE, "narrow", now, 3600, policy=narrow)
    assert scene.rename(scene.mine) == "Forbidden.RAM"


def test_a_role_is_found_whatever_its_case(scene: Scene) -> None:
    """The deploying component writes the names of roles in small letters."""
    scene.cloud.accounts.grant("Multi-EIP", policy(allow("ecs:*")))

    assert scene.rename(scene.mine) == "Forbidden.RAM"


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ("{", "is a JSON document"),
        ({"Statement": []}, '"Version" and "Statement"'),
        ({"Version": "2012-10-17", "Statement": []}, "the Version of a policy"),
        (policy({"Effect": "allow", "Action": "*", "Resource": "*"}), "it is Allow or Deny"),
        (policy({**allow("*"), "NotAction": "x"}), "'NotAction'"),
        (policy({"Effect": "Allow", "Action": "*"}), "Resource is None"),
        (policy(allow("*", **tagged("acs:SourceIp", "10.0.0.0/8"))), "'acs:SourceIp' is unknown"),
        (policy(allow("*", **tagged("acs:ResourceTag/a", "b", operator="Bool"))), "'Bool' is unknown"),
    ],
)
def test_a_document_that_cannot_be_judged_is_refused(
    scene: Scene, document: dict[str, Any] | str, complaint: str
) -> None:
    """With what is wrong; and what was granted before stays."""
    scene.grant(allow("ecs:*"))

    with pytest.raises(ValueError, match=complaint):
        scene.cloud.accounts.grant(ROLE, document)

    assert scene.rename(scene.mine) == "Forbidden.RAM"


def test_calls_below_http_are_judged_too(scene: Scene) -> None:
    """Simulations meet the same permissions."""
    scene.grant(allow("vpc:Describe*"))
    asked = {"RegionId": scene.region, "AllocationId": scene.mine}

    with pytest.raises(CallRefusedError, match=r"Forbidden\.RAM"):
        scene.cloud.direct_api(scene.key).call("Vpc", "ReleaseEipAddress", asked)


def test_service_linked_roles_are_asked_for_and_made_once(scene: Scene) -> None:
    """As a deployment of event triggers does: look, create, and find it the next time."""
    service = "sendevent-fc.eventbridge.aliyuncs.com"
    look = {"ServiceName": service}

    assert scene.call("ResourceManager", "CheckServiceLinkedRoleExistence", **look)["Exists"] is False
    role = scene.call("ResourceManager", "CreateServiceLinkedRole", **look)["Role"]
    assert scene.call("ResourceManager", "CheckServiceLinkedRoleExistence", **look)["Exists"] is True
    assert role["RoleName"].startswith("AliyunServiceRoleForEventbridge")
    assert scene.refusal("ResourceManager", "CreateServiceLinkedRole", **look) == "EntityAlreadyExists.Role"

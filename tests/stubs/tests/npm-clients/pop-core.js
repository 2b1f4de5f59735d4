// The whole flow with @alicloud/pop-core (RPC signature v1), by GET and by POST; prints what a test looks at.
"use strict";

const { RPCClient } = require("@alicloud/pop-core");

const env = process.env;
const region = env.STUB_REGION;

function client(apiVersion, secret = env.ALIBABA_CLOUD_ACCESS_KEY_SECRET) {
  return new RPCClient({
    accessKeyId: env.ALIBABA_CLOUD_ACCESS_KEY_ID,
    accessKeySecret: secret,
    endpoint: env.STUB_ENDPOINT,
    apiVersion,
  });
}

const clients = { ecs: client("2014-05-26"), vpc: client("2016-04-28") };
const call = (product, action, params, method = "GET") =>
  clients[product].request(action, { RegionId: region, ...params }, { method });

async function refused(promise) {
  try {
    await promise;
  } catch (error) {
    return error.code;
  }
  throw new Error("the call was not refused");
}

async function main() {
  const regions = await call("ecs", "DescribeRegions", {});
  const eni = (
    await call("ecs", "CreateNetworkInterface", {
      VSwitchId: env.STUB_VSWITCH,
      SecurityGroupId: env.STUB_SECURITY_GROUP,
      "Tag.1.Key": "multi-eip:group",
      "Tag.1.Value": "a b*~ü",
    }, "POST")
  ).NetworkInterfaceId;
  const eips = [];
  for (let index = 0; index < 3; index += 1) {
    eips.push((await call("vpc", "AllocateEipAddress", {}, index % 2 ? "POST" : "GET")).AllocationId);
  }
  await call("vpc", "AssociateEipAddressBatch", {
    BindedInstanceId: eni,
    BindedInstanceType: "NetworkInterface",
    Mode: "MULTI_BINDED",
    InstanceIds: eips,
  }, "POST");
  const bound = await call("vpc", "DescribeEipAddresses", { AllocationId: eips.join(",") });
  const gateways = await call("vpc", "DescribeEipGatewayInfo", { InstanceId: eni });
  const pair = { NetworkInterfaceId: eni, InstanceId: env.STUB_INSTANCE };
  await call("ecs", "AttachNetworkInterface", pair);
  const shown = await call("ecs", "DescribeNetworkInterfaces", { "NetworkInterfaceId.1": eni });
  const { InvokeId } = await call("ecs", "RunCommand", {
    Type: "RunShellScript",
    CommandContent: Buffer.from("echo hello").toString("base64"),
    ContentEncoding: "Base64",
    "InstanceId.1": env.STUB_INSTANCE,
  }, "POST");
  let result;
  do {
    result = (await call("ecs", "DescribeInvocationResults", { InvokeId })).Invocation.InvocationResults
      .InvocationResult[0];
  } while (result.InvocationStatus === "Running");
  await call("ecs", "DetachNetworkInterface", pair);
  for (const AllocationId of eips) {
    await call("vpc", "UnassociateEipAddress", { AllocationId });
    await call("vpc", "ReleaseEipAddress", { AllocationId });
  }
  await call("ecs", "DeleteNetworkInterface", { NetworkInterfaceId: eni });
  const left = await call("vpc", "DescribeEipAddresses", {});
  console.log(JSON.stringify({
    regions: regions.Regions.Region.map((row) => row.RegionId),
    states: bound.EipAddresses.EipAddress.map((row) => `${row.Status} ${row.Mode}`),
    gateways: gateways.EipInfos.EipInfo.map((row) => row.IpGw),
    eni: shown.NetworkInterfaceSets.NetworkInterfaceSet.map((row) => row.Status),
    tags: shown.NetworkInterfaceSets.NetworkInterfaceSet[0].Tags.Tag,
    output: Buffer.from(result.Output, "base64").toString(),
    left: left.TotalCount,
    refusals: {
      unknown: await refused(call("vpc", "ReleaseEipAddress", { AllocationId: "eip-no" })),
      action: await refused(call("vpc", "Nonsense", {})),
      secret: await refused(client("2016-04-28", "wrong").request("DescribeEipAddresses", { RegionId: region })),
    },
  }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});

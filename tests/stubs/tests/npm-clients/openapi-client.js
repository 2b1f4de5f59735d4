// The whole flow with the packages built on @alicloud/openapi-client (ACS3 signature); prints what a test looks at.
"use strict";

const Ecs = require("@alicloud/ecs20140526");
const Vpc = require("@alicloud/vpc20160428");
const { Config } = require("@alicloud/openapi-client");

const env = process.env;
const region = { regionId: env.STUB_REGION };

function config(secret = env.ALIBABA_CLOUD_ACCESS_KEY_SECRET) {
  return new Config({
    accessKeyId: env.ALIBABA_CLOUD_ACCESS_KEY_ID,
    accessKeySecret: secret,
    endpoint: new URL(env.STUB_ENDPOINT).host,
    protocol: "http",
    ...region,
  });
}

const ecs = new Ecs.default(config());
const vpc = new Vpc.default(config());

async function refused(promise) {
  try {
    await promise;
  } catch (error) {
    return error.code;
  }
  throw new Error("the call was not refused");
}

async function main() {
  const regions = await ecs.describeRegions(new Ecs.DescribeRegionsRequest({}));
  const eni = (await ecs.createNetworkInterface(new Ecs.CreateNetworkInterfaceRequest({
    ...region,
    vSwitchId: env.STUB_VSWITCH,
    securityGroupIds: [env.STUB_SECURITY_GROUP],
    tag: [new Ecs.CreateNetworkInterfaceRequestTag({ key: "multi-eip:group", value: "a b*~ü" })],
  }))).body.networkInterfaceId;
  const eips = [];
  for (let index = 0; index < 3; index += 1) {
    eips.push((await vpc.allocateEipAddress(new Vpc.AllocateEipAddressRequest(region))).body.allocationId);
  }
  await vpc.associateEipAddressBatch(new Vpc.AssociateEipAddressBatchRequest({
    ...region,
    bindedInstanceId: eni,
    bindedInstanceType: "NetworkInterface",
    mode: "MULTI_BINDED",
    instanceIds: eips,
  }));
  const bound = await vpc.describeEipAddresses(new Vpc.DescribeEipAddressesRequest({
    ...region,
    allocationId: eips.join(","),
  }));
  const gateways = await vpc.describeEipGatewayInfo(
    new Vpc.DescribeEipGatewayInfoRequest({ ...region, instanceId: eni }),
  );
  const pair = { ...region, networkInterfaceId: eni, instanceId: env.STUB_INSTANCE };
  await ecs.attachNetworkInterface(new Ecs.AttachNetworkInterfaceRequest(pair));
  const shown = (await ecs.describeNetworkInterfaces(new Ecs.DescribeNetworkInterfacesRequest({
    ...region,
    networkInterfaceId: [eni],
  }))).body.networkInterfaceSets.networkInterfaceSet;
  const { invokeId } = (await ecs.runCommand(new Ecs.RunCommandRequest({
    ...region,
    type: "RunShellScript",
    commandContent: "echo hello",
    instanceId: [env.STUB_INSTANCE],
  }))).body;
  let result;
  do {
    result = (await ecs.describeInvocationResults(
      new Ecs.DescribeInvocationResultsRequest({ ...region, invokeId }),
    )).body.invocation.invocationResults.invocationResult[0];
  } while (result.invocationStatus === "Running");
  await ecs.detachNetworkInterface(new Ecs.DetachNetworkInterfaceRequest(pair));
  for (const allocationId of eips) {
    await vpc.unassociateEipAddress(new Vpc.UnassociateEipAddressRequest({ ...region, allocationId }));
    await vpc.releaseEipAddress(new Vpc.ReleaseEipAddressRequest({ ...region, allocationId }));
  }
  await ecs.deleteNetworkInterface(new Ecs.DeleteNetworkInterfaceRequest({ ...region, networkInterfaceId: eni }));
  const left = await vpc.describeEipAddresses(new Vpc.DescribeEipAddressesRequest(region));
  const unknown = new Vpc.default(config("wrong"));
  const release = new Vpc.ReleaseEipAddressRequest({ ...region, allocationId: "eip-no" });
  console.log(JSON.stringify({
    regions: regions.body.regions.region.map((row) => row.regionId),
    states: bound.body.eipAddresses.eipAddress.map((row) => `${row.status} ${row.mode}`),
    gateways: gateways.body.eipInfos.eipInfo.map((row) => row.ipGw),
    eni: shown.map((row) => row.status),
    tags: shown[0].tags.tag.map((row) => ({ TagKey: row.tagKey, TagValue: row.tagValue })),
    output: Buffer.from(result.output, "base64").toString(),
    left: left.body.totalCount,
    refusals: {
      unknown: await refused(vpc.releaseEipAddress(release)),
      secret: await refused(unknown.describeEipAddresses(new Vpc.DescribeEipAddressesRequest(region))),
    },
  }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});

"""The regions of the cloud and their zones, as DescribeRegions and DescribeZones list them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Region:
    """One region: its id, the name people use, and the letters of its zones."""

    region_id: str
    name: str
    zones: str = "ab"

    @property
    def zone_ids(self) -> list[str]:
        """The ids of its zones; outside China a zone is a letter glued to the region id."""
        join = "-" if self.region_id.startswith("cn-") else ""
        return [f"{self.region_id}{join}{letter}" for letter in self.zones]


_ALL = (
    Region("cn-qingdao", "华北1（青岛）", "bc"),
    Region("cn-beijing", "华北2（北京）", "abcdefghijkl"),
    Region("cn-zhangjiakou", "华北3（张家口）", "abc"),
    Region("cn-huhehaote", "华北5（呼和浩特）"),
    Region("cn-wulanchabu", "华北6（乌兰察布）", "abc"),
    Region("cn-hangzhou", "华东1（杭州）", "bfghijk"),
    Region("cn-shanghai", "华东2（上海）", "abcdefglmn"),
    Region("cn-nanjing", "华东5（南京-本地地域）", "a"),
    Region("cn-fuzhou", "华东6（福州-本地地域）", "a"),
    Region("cn-wuhan-lr", "华中1（武汉-本地地域）", "a"),
    Region("cn-shenzhen", "华南1（深圳）", "abcdef"),
    Region("cn-heyuan", "华南2（河源）"),
    Region("cn-guangzhou", "华南3（广州）"),
    Region("cn-chengdu", "西南1（成都）"),
    Region("cn-hongkong", "中国香港", "bcd"),
    Region("ap-northeast-1", "日本（东京）", "abc"),
    Region("ap-northeast-2", "韩国（首尔）"),
    Region("ap-southeast-1", "新加坡", "abc"),
    Region("ap-southeast-3", "马来西亚（吉隆坡）"),
    Region("ap-southeast-5", "印度尼西亚（雅加达）", "abc"),
    Region("ap-southeast-6", "菲律宾（马尼拉）", "a"),
    Region("ap-southeast-7", "泰国（曼谷）", "a"),
    Region("us-east-1", "美国（弗吉尼亚）"),
    Region("us-west-1", "美国（硅谷）"),
    Region("eu-west-1", "英国（伦敦）"),
    Region("eu-central-1", "德国（法兰克福）", "abc"),
    Region("me-east-1", "阿联酋（迪拜）", "a"),
)

REGIONS: Mapping[str, Region] = {region.region_id: region for region in _ALL}

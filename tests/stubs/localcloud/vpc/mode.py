"""Where the multi-EIP mode exists, as the vendor documented it.

Regions: the current user guide; Mumbai, which the guide of 2021 names too, is closed. Families: that guide
and the current one together, since the local cloud has to accept what either promises.
"""

from __future__ import annotations

REGIONS = frozenset(
    (
        "cn-shenzhen",
        "cn-shanghai",
        "cn-beijing",
        "cn-zhangjiakou",
        "cn-chengdu",
        "ap-southeast-1",
        "eu-central-1",
        "us-east-1",
        "eu-west-1",
    )
)

FAMILIES = frozenset(
    f"ecs.{name}"
    for name in [
        "c5-618",
        "d1ne",
        "db11-se1ne",
        "ebma1",
        "ebmc4",
        "ebmg4",
        "ebmg5",
        "ebmg5ne",
        "ebmgn5i",
        "ebmgn5t",
        "ebmhfg4",
        "ebmhfg5",
        "ebmi2",
        "ebmi3",
        "ebmr4",
        "ebmr5",
        "elmd1ne",
        "elmdb",
        "f1",
        "f2",
        "g5-618",
        "gn3",
        "gn5d",
        "gn5i",
        "gn5t",
        "gn6p",
        "gn6v",
        "i2",
        "r1",
        "re4",
        "re4e",
        "sccg5",
        "sccgn6",
        "scch5",
        "x1.i2",
        "x1.i5",
        "x1.i6",
        "x1.i8",
        "g5",
        "c5",
        "r5",
        "t5",
        "sn2ne",
        "se1ne",
        "sn1ne",
    ]
)

"""Instance types that the local cloud sells: the families of the mode, and enough others to be refused."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InstanceType:
    """One instance type; `enis` counts the primary interface too."""

    type_id: str
    family: str
    cpu: int
    memory_gib: float
    enis: int
    addresses_per_eni: int
    hot_plug: bool = True
    arm: bool = False


_SIZES = {
    "large": (2, 2, 6),
    "xlarge": (4, 3, 10),
    "2xlarge": (8, 4, 10),
    "4xlarge": (16, 8, 20),
    "8xlarge": (32, 8, 20),
}

_GIB_PER_CPU = {
    "g5": 4, "c5": 2, "r5": 8, "sn1ne": 2, "sn2ne": 4, "se1ne": 8,
    "g6": 4, "c6": 2, "r6": 8, "g7": 4, "c7": 2, "r7": 8, "g8y": 4,
}  # fmt: skip

_SINGLE = (
    InstanceType("ecs.t5-lc1m1.small", "ecs.t5", 1, 1, 1, 2, hot_plug=False),
    InstanceType("ecs.t5-lc1m2.large", "ecs.t5", 2, 4, 2, 2, hot_plug=False),
    InstanceType("ecs.t5-c1m2.large", "ecs.t5", 2, 4, 2, 2),
    InstanceType("ecs.t6-c1m1.large", "ecs.t6", 2, 2, 2, 2, hot_plug=False),
    InstanceType("ecs.t6-c1m2.large", "ecs.t6", 2, 4, 2, 2, hot_plug=False),
    InstanceType("ecs.s6-c1m2.large", "ecs.s6", 2, 4, 2, 2, hot_plug=False),
    InstanceType("ecs.e-c1m2.large", "ecs.e", 2, 4, 2, 2, hot_plug=False),
    InstanceType("ecs.d1ne.2xlarge", "ecs.d1ne", 8, 32, 4, 10),
    InstanceType("ecs.i2.xlarge", "ecs.i2", 4, 32, 3, 10),
    InstanceType("ecs.f1-c8f1.2xlarge", "ecs.f1", 8, 60, 4, 10),
    InstanceType("ecs.gn5i-c4g1.xlarge", "ecs.gn5i", 4, 16, 3, 10),
    InstanceType("ecs.gn6v-c8g1.2xlarge", "ecs.gn6v", 8, 32, 4, 10),
    InstanceType("ecs.re4.20xlarge", "ecs.re4", 80, 960, 8, 20),
    InstanceType("ecs.ebmg5.24xlarge", "ecs.ebmg5", 96, 384, 32, 10),
    InstanceType("ecs.ebmc4.8xlarge", "ecs.ebmc4", 32, 64, 12, 10),
    InstanceType("ecs.ebmhfg5.2xlarge", "ecs.ebmhfg5", 8, 32, 6, 8),
)


def _catalogue() -> dict[str, InstanceType]:
    made = list(_SINGLE)
    for family, gib in _GIB_PER_CPU.items():
        for size, (cpu, enis, addresses) in _SIZES.items():
            arm = family.endswith("y")
            made.append(
                InstanceType(
                    f"ecs.{family}.{size}", f"ecs.{family}", cpu, cpu * gib, enis, addresses, arm=arm
                )
            )
    return {each.type_id: each for each in sorted(made, key=lambda each: (each.family, each.cpu))}


TYPES = _catalogue()

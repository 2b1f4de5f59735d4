"""Every rule, in reading order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.rules.after import (
    attached_instance_exists,
    default_route_untouched,
    dhcp_on,
    eip_usable,
    eips_bound,
    eips_on_interface,
    eni_attached,
    mode_closed,
    no_foreign_eip,
    no_idle_eip,
    no_stale_address,
    replies_by_own_gateway,
    security_group_open,
    service_network_on_primary,
    survives_reboot,
)
from multieip.rules.before import (
    assistant_online,
    at_most_ten,
    eip_free,
    eni_detached_while_binding,
    eni_private_ips,
    eni_room,
    eni_secondary,
    eni_state,
    foreign_eips_consent,
    group_shape,
    instance_family,
    instance_state,
    known_exemptions,
    mode_authorised,
    one_group_per_eip,
    one_mode,
    region_offers_mode,
    same_region,
    same_vpc_zone,
    source_dest_check,
    unreadable,
    vpc_routing,
    windows_one_gateway,
    windows_private_address,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multieip.rules.rule import Rule

RULES: Final[tuple[Rule, ...]] = (
    group_shape.RULE,
    unreadable.RULE,
    one_group_per_eip.RULE,
    region_offers_mode.RULE,
    mode_authorised.RULE,
    same_region.RULE,
    eni_secondary.RULE,
    eni_state.RULE,
    eni_private_ips.RULE,
    one_mode.RULE,
    at_most_ten.RULE,
    eip_free.RULE,
    eni_detached_while_binding.RULE,
    foreign_eips_consent.RULE,
    known_exemptions.RULE,
    vpc_routing.RULE,
    same_vpc_zone.RULE,
    instance_family.RULE,
    instance_state.RULE,
    eni_room.RULE,
    assistant_online.RULE,
    windows_one_gateway.RULE,
    windows_private_address.RULE,
    source_dest_check.RULE,
    eips_bound.RULE,
    eni_attached.RULE,
    attached_instance_exists.RULE,
    eips_on_interface.RULE,
    replies_by_own_gateway.RULE,
    dhcp_on.RULE,
    service_network_on_primary.RULE,
    default_route_untouched.RULE,
    survives_reboot.RULE,
    no_stale_address.RULE,
    no_foreign_eip.RULE,
    no_idle_eip.RULE,
    eip_usable.RULE,
    security_group_open.RULE,
    mode_closed.RULE,
)
"""Every rule, in the order in which a reader wants to hear them."""

BY_ID: Final[Mapping[str, Rule]] = {rule.id: rule for rule in RULES}

BY_CODE: Final[Mapping[str, Rule]] = {code: rule for rule in RULES for code in rule.predicts}

"""The kinds of things that a file can describe, by where in it they stand.

A kind is a function that reads its part of some fields: what it found there, in the order of the file. To add
one, write a module with its resources and name its function here.
"""

from __future__ import annotations

from collections.abc import Callable

from symbolon.fields import Fields
from symbolon.planning.kinds.bond import read_bond
from symbolon.planning.kinds.brand import BrandSpec
from symbolon.planning.kinds.campaigns import read_campaigns
from symbolon.planning.kinds.deals import read_deals
from symbolon.planning.kinds.managers import read_managers
from symbolon.planning.kinds.offers import read_offers
from symbolon.planning.kinds.pools import read_pools
from symbolon.planning.kinds.quotas import read_quotas
from symbolon.planning.kinds.referrals import read_referrals
from symbolon.planning.kinds.token import TokenSpec
from symbolon.planning.model import Reading, Resource

OF_FILE: tuple[Callable[[Fields, Reading], list[Resource]], ...] = (read_pools,)
"""Beside the brands, which they may rest on."""

OF_BRAND: tuple[Callable[[BrandSpec, Fields, Reading], list[Resource]], ...] = (read_managers,)
"""Within a brand."""

OF_TOKEN: tuple[Callable[[TokenSpec, Fields, Reading], list[Resource]], ...] = (
    read_quotas,
    read_bond,
    read_offers,
    read_deals,
    read_campaigns,
    read_referrals,
)
"""Within a brand's token."""

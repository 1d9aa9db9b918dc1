"""The machine with every rule there is. A later part of the suite adds its rules here."""

from __future__ import annotations

from stateful.rules_world import WorldRules


class Alliance(WorldRules):
    """Brands, members, managers, guardians, tills, modules, the alliance, and a stranger."""

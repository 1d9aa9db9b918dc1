"""The demonstration: a real year of shopping, played week by week on a local chain and reported."""

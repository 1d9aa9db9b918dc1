"""The numbers of the token that the fixtures make, in base units of two decimals."""

CAPACITY = 1_000_000_00
QUOTA = 10_000_00
PAR_VALUE = 10_000  # a cent, in a currency of six decimals

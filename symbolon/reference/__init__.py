"""The protocol in plain Python, integers only and bit for bit as the contracts have it.

One module for each contract, composed by `World`. A method is the contract's function in snake case, its
first argument who calls; it returns what the contract returns, or raises RevertError with the contract's own
error.

    world = World(addresses, chain_id=31337, now=1_750_000_000)
    token = world.token(address)
    world.call(token.transfer, member, friend, 500)

The tests hold it and the contracts to one another, call by call. It is also what simulations and quotes run
on.
"""

from symbolon.reference.contract import Address, Contract, Event, RevertError
from symbolon.reference.world import Addresses, World

__all__ = ["Address", "Addresses", "Contract", "Event", "RevertError", "World"]

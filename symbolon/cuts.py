"""The cuts of a bargain: drawing them up, fixing them in a chain of hashes, and checking it. Pure.

rules = Rules(list_price=500, floor_price=400, cuts=8, least_cut=1)
bargain = bargain_id(31337, contract, token, label_bytes("espresso"), number_of(buyer, 0))
openings = chain(bargain, draw_up(rules, seed), salts(seed, 8))  # the brand: what it hands to the buyer
head = head_of(bargain, openings)                                # the brand: what it signs
check(rules, bargain, head, openings)                            # the buyer: before it opens, not after

All prices and cuts are whole numbers of parts, as the deal has them.

**The rule.** Of what can be saved, each cut gets the least that the deal states. What is over is a line,
cut at as many points, less one, as there are cuts; a point is keccak256(seed ‖ "point" ‖ index) taken modulo
the length of the line plus one, and the pieces from left to right come on top. So each cut has the same
chances as every other, whatever its place. Whoever has the seed can check that the rule was kept; nobody has
to: what counts is that the cuts are at least the stated least and sum to what can be saved.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from symbolon.addresses import keccak, parse_address
from symbolon.exceptions import SymbolonError

END = bytes(32)
"""What follows the last link."""

NO_SALT = bytes(32)
"""The salt of every cut that was answered in the clear."""

NONCE_MAX = 2**96 - 1
"""The greatest number that a buyer can tell its bargains under one deal apart by."""


class CutsError(SymbolonError):
    """A set of cuts is not what the deal promises, or not what was committed to."""


class Rules(NamedTuple):
    """What a deal promises of its cuts; prices and cuts in parts.

    Attributes:
        list_price: where every bargain begins.
        floor_price: where all cuts together lead.
        cuts: how many there are.
        least_cut: what each takes off at least.
    """

    list_price: int
    floor_price: int
    cuts: int
    least_cut: int

    @property
    def total(self) -> int:
        """What all cuts sum to."""
        return self.list_price - self.floor_price

    def taken(self, index: int, cut: int, price: int) -> int:
        """What the draw at `index` takes off `price`, whatever was written down."""
        following = self.cuts - 1 - index
        most = price - self.floor_price - following * self.least_cut
        return most if following == 0 else min(max(cut, self.least_cut), most)

    def prices(self, cuts: Sequence[int]) -> list[int]:
        """The price before the first draw and after each; after all of them it is the floor price."""
        path = [self.list_price]
        for index, cut in enumerate(cuts):
            path.append(path[-1] - self.taken(index, cut, path[-1]))
        return path


class Opening(NamedTuple):
    """What shows one cut.

    Attributes:
        cut: in parts.
        salt: 32 bytes that keep it from being guessed.
        next: the link after it, `END` for the last one.
    """

    cut: int
    salt: bytes
    next: bytes


def number_of(buyer: str, nonce: int) -> int:
    """The number of a buyer's bargain: which of its own (up to `NONCE_MAX`) in the high bits, who in the low.

    Raises AddressError, CutsError.
    """
    if not 0 <= nonce <= NONCE_MAX:
        raise CutsError(f"{nonce} cannot tell bargains apart: choose a number from 0 to {NONCE_MAX}.")
    return nonce << 160 | int.from_bytes(parse_address(buyer))


def bargain_id(chain_id: int, contract: str, token: str, deal_id: bytes, number: int) -> bytes:
    """What every link of a bargain's chain is bound to. Raises AddressError, CutsError."""
    if len(deal_id) != 32:
        raise CutsError(f"0x{deal_id.hex()} is no deal's id: it has 32 bytes.")
    return keccak(
        _word(chain_id)
        + parse_address(contract).rjust(32, b"\0")
        + parse_address(token).rjust(32, b"\0")
        + deal_id
        + _word(number)
    )


def draw_up(rules: Rules, seed: bytes) -> list[int]:
    """Cuts by the rule above, in the order in which they are drawn. Raises CutsError."""
    over = rules.total - rules.cuts * rules.least_cut
    if rules.cuts < 1 or rules.least_cut < 0 or over < 0:
        raise CutsError(
            f"{rules.total} parts do not make {rules.cuts} cuts of at least {rules.least_cut}: state fewer "
            "cuts, a smaller least cut, or a lower floor price."
        )
    points = sorted(_drawn(seed, "point", index) % (over + 1) for index in range(rules.cuts - 1))
    return [rules.least_cut + right - left for left, right in pairwise([0, *points, over])]


def salts(seed: bytes, count: int) -> list[bytes]:
    """A salt for each cut: keccak256(seed ‖ "salt" ‖ index)."""
    return [_word(_drawn(seed, "salt", index)) for index in range(count)]


def link(bargain: bytes, left: int, opening: Opening) -> bytes:
    """What fixes one cut and all after it; `left` says how many are left to draw, this one among them."""
    return keccak(bargain + _word(left) + _word(opening.cut) + opening.salt + opening.next)


def chain(bargain: bytes, cuts: Sequence[int], with_salts: Sequence[bytes]) -> list[Opening]:
    """The openings of all cuts, in the order in which they are drawn."""
    openings: list[Opening] = []
    following = END
    for left, (cut, salt) in enumerate(zip(reversed(cuts), reversed(with_salts), strict=True), 1):
        openings.append(Opening(cut, salt, following))
        following = link(bargain, left, openings[-1])
    return openings[::-1]


def head_of(bargain: bytes, openings: Sequence[Opening]) -> bytes:
    """What a brand commits to: the first link; `END` where there is no cut."""
    return link(bargain, len(openings), openings[0]) if openings else END


def answered(bargain: bytes, cuts: Sequence[int]) -> list[Opening]:
    """The openings of cuts that a brand answered in the clear."""
    return chain(bargain, cuts, [NO_SALT] * len(cuts))


def check(rules: Rules, bargain: bytes, head: bytes, openings: Sequence[Opening]) -> None:
    """What a buyer must know before it opens: every cut can be drawn, and takes off what is written.

    Raises CutsError, after which the buyer should not open.
    """
    if any(len(word) != 32 for opening in openings for word in (opening.salt, opening.next)):
        # Such a link is as good as any here, and the chain knows none that fits it.
        raise CutsError(
            "An opening is not 32 bytes long: do not open this bargain, ask the brand for others."
        )
    if any(not 0 <= opening.cut < 1 << 96 for opening in openings):
        raise CutsError("A cut is no amount: do not open this bargain, ask the brand for other cuts.")
    if len(openings) != rules.cuts:
        raise CutsError(
            f"The brand gave {len(openings)} openings and the deal has {rules.cuts} cuts: do not open "
            "this bargain."
        )
    if [opening.next for opening in openings] != [
        *(link(bargain, rules.cuts - index, opening) for index, opening in enumerate(openings) if index),
        END,
    ]:
        raise CutsError(
            "The openings do not follow one another: do not open this bargain, ask the brand for others."
        )
    if head_of(bargain, openings) != head:
        raise CutsError(
            "The openings are not of what the brand signed: do not open this bargain, ask the brand again."
        )
    for index, opening in enumerate(openings):
        if opening.cut < rules.least_cut:
            raise CutsError(
                f"Cut {index + 1} is {opening.cut} and the deal promises at least {rules.least_cut}: do "
                "not open this bargain, ask the brand for other cuts."
            )
    total = sum(opening.cut for opening in openings)
    if total != rules.total:
        raise CutsError(
            f"The cuts sum to {total} and the deal promises {rules.total}: do not open this bargain, ask "
            "the brand for other cuts."
        )


def _drawn(seed: bytes, purpose: str, index: int) -> int:
    return int.from_bytes(keccak(seed + purpose.encode() + _word(index)))


def _word(value: int) -> bytes:
    return value.to_bytes(32)

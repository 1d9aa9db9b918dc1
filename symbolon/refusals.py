"""What people at a counter are told when the redemption desk refuses, in names and whole tokens. Pure."""

from __future__ import annotations

from symbolon.codes import Redemption, label_text
from symbolon.reverts import Refusal, moment
from symbolon.units import format_amount

SENTENCES = {
    "Redemptions_NotTill": "{till} is not listed as a till for {symbol}: have a manager of the brand list it "
    "with `ape run redeem till`.",
    "Redemptions_StaleTerms": "The terms of {symbol} got worse since the member saw them (version "
    "{version}): show the member the new terms and have it signed again.",
    "Redemptions_ZeroAmount": "The code is for no {symbol} at all: have the member sign for an amount.",
    "Redemptions_NotFresh": "The code would be good until {deadline}, and at a till none may be good for "
    "more than an hour: have the member make a new one.",
    "Offers_NotFound": "{symbol} has no offer {name}: `ape run offers list {symbol}` lists those that are.",
    "Offers_StaleVersion": "The offer {name} got worse since the member saw it (version {version} then, "
    "{current} now): show the member the new conditions and have it signed again.",
    "Offers_ZeroQuantity": "The code is for no units at all: have the member sign for at least one.",
    "Offers_OutsideWindow": "The offer {name} is open from {opensAt} to {closesAt}: come back then, or "
    "choose another.",
    "Offers_OutOfStock": "Of {name}, {left} are left and {quantity} were asked for: take fewer, or choose "
    "another.",
    "Offers_MemberLimitReached": "Of {name}, this member can have {left} more and asked for {quantity}: "
    "take fewer, or choose another.",
    "LoyaltyToken_MoreThanSigned": "It costs {amount} {symbol} and the member signed for at most {signed}: "
    "show the member the price and have it signed again.",
    "LoyaltyToken_Expired": "The code was good until {deadline}: have the member make a new one.",
    "LoyaltyToken_AuthorizationUsed": "The member has used or withdrawn this code: have the member make a "
    "new one.",
    "LoyaltyToken_InvalidSignature": "The signature is not that of member {member} for exactly this: give "
    "nothing for it, and have the member make a new code.",
    "ERC20InsufficientBalance": "The member holds {balance} {symbol} and {needed} are needed: take less.",
}
"""By the error's name; the braces name its facts, and those of the redemption."""

_AMOUNTS = ("amount", "signed", "balance", "needed")
_TIMES = ("opensAt", "closesAt")


def at_the_counter(refused: Refusal, wish: Redemption, symbol: str, decimals: int) -> Refusal:
    """The same refusal with a sentence for a counter, unless it is not about the member but the till."""
    template = SENTENCES.get(refused.name)
    if template is None or refused.facts.get("sender", wish.member) != wish.member:
        return refused
    words = refused.facts | {
        "name": label_text(wish.reference),
        "symbol": symbol,
        "member": wish.member,
        "till": wish.till,
        "deadline": moment(wish.deadline),
    }
    words |= {key: format_amount(words[key], decimals) for key in _AMOUNTS if key in words}
    words |= {key: moment(words[key]) for key in _TIMES if key in words}
    return Refusal(refused.name, refused.facts, template.format(**words))

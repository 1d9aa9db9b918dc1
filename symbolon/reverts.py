"""What contracts say when they refuse, in words: what is wrong, and what to do about it.

Every custom error that a contract of the suite can raise has a sentence here; a test proves it.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError, InsufficientDataBytes
from eth_utils.abi import collapse_if_tuple
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from symbolon.artifacts import Abi, merged_abi, signature
from symbolon.codes import bought_text, label_text
from symbolon.exceptions import TransactionRevertedError

CONTRACTS = (
    "AccessManager",
    "BrandRegistry",
    "LoyaltyToken",
    "LoyaltyTokenFactory",
    "ObligationRegistry",
    "Redemptions",
    "Bonds",
    "Orders",
    "EarnDistributor",
    "PurchaseRights",
    "GroupDeals",
    "GroupPurchaseEscrow",
    "BargainDeals",
    "Bargains",
    "Haggles",
    "Cuts",
    "Pools",
    "Settlements",
    "Swaps",
    "ReferralRewards",
    "CampaignRewards",
    "Consent",
    "AllianceLens",
    "GroupsLens",
    "PoolsLens",
    "MockDollar",
)

ROLES = {1: "fulfil", 2: "campaign", 4: "settle", 128: "admin"}
"""What an account may do for a brand, a bit each."""

STATUSES = ("not registered", "waiting for the alliance to admit it", "active", "suspended")
"""Where a brand stands, in words, by number."""

BARGAIN_STATUSES = ("not there", "waiting for the brand to answer", "open", "over", "ended already")
"""Where a bargain stands, likewise."""

STATES = {
    "Fulfilment": ("no order, or ended", "open", "delivered", "disputed", "fulfilled"),
    "ReferralRewards": ("not accrued", "accrued already", "claimed already", "undone, for good"),
    "Consent": ("not there", "granted already", "at its end", "revoked, for good"),
}
"""Where what a contract keeps stands, in words, by number."""

KINDS = ("redemptions at the counter", "orders", "purchases in the shop")
"""What leads to referral rewards, in words, by number."""

FLAWS = (
    "nothing is wrong with it",
    "the campaign is not open yet, no longer pays, or is not there",
    "it is for a review, and has to be claimed with the receipt of what is reviewed",
    "its time has passed: have it issued again",
    "its number is beyond what a member gets in this campaign",
    "it has been paid",
    "the member has got all that it can get today: run it again tomorrow",
    "who attests it is not, or no longer, an attester: have it issued again by one who is",
    "its attester's purse is empty: fund it with `ape run campaign fund`",
    "its member cannot be paid",
    "its signature is not its key's, or something in it was changed: have it issued again",
)
"""What keeps a voucher from being paid, in words, by number as in ICampaignRewards."""

SENTENCES = {
    # ---- brands
    "BrandRegistry_AlreadyRegistered": "Brand {brandId} is registered already: register under another name, "
    "or go on with this one.",
    "BrandRegistry_WrongStatus": "Brand {brandId} is {status}, and this is not for such a brand: look with "
    "`ape run brand show`.",
    "BrandRegistry_NotAdmin": "{account} is not the admin of brand {brandId}: sign with the admin's account.",
    "BrandRegistry_NotPendingAdmin": "Brand {brandId} was not offered to {account}: have its admin offer it "
    "first.",
    "BrandRegistry_NotGuardian": "{account} is not the guardian of brand {brandId}: sign with the "
    "guardian's account.",
    "BrandRegistry_InvalidAccount": "{account} cannot be used here: give an account that is somebody's.",
    "BrandRegistry_InvalidRoles": "{roles} is no set of managers' roles: combine fulfil (1), campaign (2) "
    "and settle (4).",
    "BrandRegistry_NoRecovery": "No such recovery of brand {brandId} is under way: the guardian starts one.",
    "BrandRegistry_RecoveryConfirmed": "The alliance has confirmed the recovery of brand {brandId}, and "
    "what is confirmed goes its way: wait for it to complete, or ask the alliance to withdraw its "
    "confirmation (`ape run brand recover … unconfirm`).",
    "BrandRegistry_RecoveryNotConfirmed": "The alliance has not confirmed the recovery of brand {brandId}, "
    "so there is no confirmation to withdraw: look with `ape run brand show`.",
    "BrandRegistry_RecoveryVetoed": "The admin of brand {brandId} objected to the recovery: ask the "
    "alliance to confirm it, which overrides the objection.",
    "BrandRegistry_RecoveryNotReady": "The recovery of brand {brandId} has to wait until {readyAt}: come "
    "back then.",
    "BrandRegistry_URITooLong": "The profile's address has {length} bytes and at most {most} fit: put the "
    "profile where a shorter address leads.",
    "BrandGate_NotActive": "Brand {brandId} is {status}, so nothing new can begin for it: ask the alliance "
    "to admit or reinstate it.",
    "BrandGate_NotAuthorized": "{account} may not act as {role} for brand {brandId}: sign with an account "
    "that may, or have the brand's admin give it that role.",
    # ---- rewards
    "Rewards_Expired": "The signature was good until {deadline}: have it signed again.",
    "Rewards_InvalidSignature": "The signature is not {signer}'s over exactly this: have it signed again, "
    "for this chain and this act.",
    "Realised_OtherDesk": "Token {token} redeems at the desk {desk}, whose receipts are not known here: "
    "reward a token of this suite.",
    "Realised_NotListed": "{fulfilment} is not on the alliance's list of modules, so its orders count for "
    "nothing: name one that is.",
    "ReferralRewards_InvalidTerms": "Such a programme cannot be: the shares together are above zero and "
    "below one, or below a half where spending of tokens counts, rewards wait 14 to 365 days, the window is "
    "not empty, the cap is above zero, and there is an attester if, and only if, purchases count.",
    "ReferralRewards_Overlaps": "The token's last programme runs to {closesAt}: let the next one open then "
    "or later, not at {opensAt}.",
    "ReferralRewards_NoProgramme": "Token {token} has no programme {programme}: look with `ape run referral "
    "show`.",
    "ReferralRewards_Over": "The programme was over at {closedAt}: create the next one.",
    "ReferralRewards_TooEarly": "That can be done from {from} on: come back then.",
    "ReferralRewards_RefersAlready": "{account} refers others already, so it cannot bind itself any more, "
    "and need not open again: nothing to do.",
    "ReferralRewards_AlreadyBound": "{account} is bound to {referrer}, for good: nothing to do.",
    "ReferralRewards_NotBound": "{account} is bound to nobody, so nobody is rewarded for it: nothing to do.",
    "ReferralRewards_NotRealised": "{member} has no receipt or fulfilled order {ref} of token {token}: "
    "check what it is called, or wait until the order has ended.",
    "ReferralRewards_NotCounted": "The programme does not count {kind}: look at its terms with `ape run "
    "referral show`.",
    "ReferralRewards_OutsideWindow": "It happened at {happenedAt}, outside the programme's window: name the "
    "programme of that time.",
    "ReferralRewards_OutsideMembership": "It happened at {happenedAt}, when the member was not bound yet or "
    "no longer counted: nothing accrues for it.",
    "ReferralRewards_InvalidAmount": "A purchase of {amount:token} cannot be: state what was paid.",
    "ReferralRewards_WrongState": "Event {ref} is {state}, so this cannot be done with it: nothing to do.",
    "ReferralRewards_BudgetShort": "{needed:token} would accrue and {left:token} are left of the budget: "
    "fund the programme with `ape run referral fund` and run it again.",
    "ReferralRewards_Final": "Event {ref} is final: only a purchase that has not vested can be undone.",
    "ReferralRewards_URITooLong": "The text has {length} bytes and at most {most} fit: write less, or put "
    "it where a shorter address leads.",
    "CampaignRewards_InvalidCampaign": "Such a campaign cannot be: reward and caps are above zero, the "
    "day's at most the member's and that at most 232, and the window ends later than it begins and than now.",
    "CampaignRewards_AlreadyThere": "Token {token} has a campaign {campaignId} already: choose another name.",
    "CampaignRewards_NoCampaign": "Token {token} has no campaign {campaignId}: check its name.",
    "CampaignRewards_NoPurse": "{attester} is no attester of campaign {campaignId}, or was retired: look "
    "with `ape run campaign show`.",
    "CampaignRewards_InvalidAttester": "Nobody cannot attest: give a key's address, or a list's root.",
    "CampaignRewards_Over": "That was over at {closedAt}: create another campaign, or name another attester.",
    "CampaignRewards_TooEarly": "That can be done from {from} on: come back then.",
    "CampaignRewards_BadVoucher": "Voucher {number} of {member} is not paid: {flaw}.",
    "CampaignRewards_NotReview": "Campaign {campaignId} is not one for reviews: claim the voucher without a "
    "receipt.",
    "CampaignRewards_OtherReview": "The voucher is for {action} and the review is {expected}: bring the "
    "receipt and the text that the voucher was issued for.",
    "CampaignRewards_NoReceipt": "{member} has no receipt of {thing}: a review is paid to who had the thing "
    "that is reviewed.",
    "CampaignRewards_AlreadyReviewed": "Receipt {receipt} has been used for a review in this campaign: each "
    "counts once.",
    "CampaignRewards_URITooLong": "The address of the campaign's document has {length} bytes and at most "
    "{most} fit: put it where a shorter address leads.",
    "Consent_InvalidRequest": "Such a request cannot be: fields, purpose and key are not empty, its end "
    "lies ahead, and instalments are at least a day apart and at most 1000.",
    "Consent_AlreadyPublished": "Request {requestId} is published already: go on with it, or change its "
    "salt.",
    "Consent_OtherToken": "The request pays in token {expected} and quota of {token} came: send that "
    "token's.",
    "Consent_Closed": "Request {requestId} is not open for grants: it was closed, its time is over, or it "
    "was never published; look with `ape run consent list`.",
    "Consent_WrongState": "The grant of {member} for request {requestId} is {state}: look with `ape run "
    "consent list` at what can be done.",
    "Consent_BudgetShort": "A grant takes {needed:token} and {left:token} are left of the budget: have the "
    "brand fund the request.",
    "Consent_NothingDue": "Nothing is due to {member} under request {requestId}: come back later.",
    "Consent_WordingTooLong": "A text has {length} bytes and at most {most} fit: say it shorter.",
    "InvalidShortString": "The contract's own name cannot be read: check that it is of this suite.",
    "StringTooLong": "The contract's own name {str} is too long: check that it is of this suite.",
    # ---- the alliance
    "AccessManagedUnauthorized": "{caller} is not the alliance's: sign with the account that it acts "
    "through.",
    "AccessManagedRequiredDelay": "The alliance lets {caller} do this after {delay} seconds' notice only: "
    "schedule it with the AccessManager first.",
    "AccessManagedInvalidAuthority": "{authority} is no contract and cannot be the alliance: give the "
    "AccessManager's address.",
    "AccessManagerInvalidInitialAdmin": "{initialAdmin} cannot be the alliance's first admin: give an "
    "account that is somebody's.",
    "AccessManagerUnauthorizedAccount": "{msgsender} does not hold role {roleId} of the alliance: sign with "
    "an account that does.",
    "AccessManagerUnauthorizedCall": "The alliance does not let {caller} call {selector} of {target}: have "
    "its admin grant the role that may.",
    "AccessManagerUnauthorizedCancel": "{msgsender} may not cancel what {caller} scheduled: sign as its "
    "scheduler, its admin or its guardian.",
    "AccessManagerUnauthorizedConsume": "{target} does not consume scheduled operations: call it directly.",
    "AccessManagerAlreadyScheduled": "Operation {operationId} is scheduled already: wait until it is due.",
    "AccessManagerNotScheduled": "Operation {operationId} is not scheduled: schedule it first.",
    "AccessManagerNotReady": "Operation {operationId} is not due yet: wait.",
    "AccessManagerExpired": "Operation {operationId} was left too long and has lapsed: schedule it anew.",
    "AccessManagerLockedRole": "Role {roleId} of the alliance is built in and cannot be changed so: use a "
    "role of your own.",
    "AccessManagerLockedFunction": "Function {selector} of the AccessManager cannot be given to a role: "
    "choose another.",
    "AccessManagerBadConfirmation": "To renounce a role, the account that holds it must name itself: sign "
    "with that account.",
    # ---- tokens
    "LoyaltyToken_NotObligationRegistry": "{caller} is not the token's obligation registry, which alone "
    "sets capacity and redeems: go through it.",
    "LoyaltyToken_CapacityTooLow": "Capacity cannot fall to {capacity:token}, since {committed:token} are "
    "outstanding or promised: choose at least that, or take back quotas first.",
    "LoyaltyToken_CapacityExceeded": "{requested:token} of quota were asked for and the token's capacity "
    "leaves {available:token}: grant less, take back unused quotas, or raise the capacity, which takes "
    "notice.",
    "LoyaltyToken_QuotaExceeded": "{minter} wants {requested:token} and has a quota of {available:token}: "
    "have the brand's admin grant more with `ape run brand quota`.",
    "LoyaltyToken_MintStopped": "Minting is stopped because the brand is suspended: ask the alliance to "
    "reinstate it, then sync the mint-stop with `ape run brand sync`.",
    "LoyaltyToken_NotModule": "The token is not open to {account} as a module: the alliance lists it and "
    "the brand's admin opens the token to it.",
    "LoyaltyToken_IsModule": "{account} is a module and must learn of its quota: grant it by the call that "
    "tells it (grantQuotaAndCall); what it was promised cannot be revoked.",
    "LoyaltyToken_HoldsQuota": "{account} holds {amount:token} of quota as a manager, which would become a "
    "promise that it does not know of: take them back first with `ape run brand quota … --revoke`.",
    "LoyaltyToken_URITooLong": "The address of the token's description has {length} bytes and at most {most} "
    "fit: put it where a shorter address leads.",
    "LoyaltyToken_NotContract": "{account} is no contract and cannot be told of tokens: send them by a plain "
    "transfer.",
    "LoyaltyToken_CallRefused": "{callee} did not accept what it was sent, so nothing was moved: check what "
    "it takes.",
    "LoyaltyToken_InvalidMinter": "{minter} cannot hold a quota: give an account that is somebody's.",
    "LoyaltyToken_ZeroAmount": "The amount is zero: give a positive one.",
    "LoyaltyToken_InvalidRows": "{length} bytes are no whole number of rows: pack 24 bytes a row, or 32 in "
    "the wide form.",
    "LoyaltyToken_InvalidRow": "A row has no amount, or a recipient that cannot receive (zero or the token "
    "itself): mend the row; nothing was minted.",
    "LoyaltyToken_BatchAlreadyMinted": "Batch {batchId} has been minted: it is done; use another id for "
    "another batch.",
    "LoyaltyToken_InvalidSignature": "The signature is not {signer}'s over exactly this: have it signed "
    "again for this chain, token and act.",
    "LoyaltyToken_Expired": "The signature was good until {deadline}: have it signed again.",
    "LoyaltyToken_NotYetValid": "The signature is good after {validAfter}: wait.",
    "LoyaltyToken_AuthorizationUsed": "{authorizer} has used or cancelled the authorization {nonce}: have "
    "it signed again with a new nonce.",
    "LoyaltyToken_NotRecipient": "{caller} sent it, and only the recipient {to} may: send it from there.",
    "LoyaltyToken_InvalidReceipt": "A receipt must be greater than 1, which marks other uses: number "
    "receipts from 2.",
    "ERC20InsufficientBalance": "{sender} holds {balance:held} and {needed:held} are needed: lower the "
    "amount.",
    "ERC20InsufficientAllowance": "{spender} may spend {allowance:held} and {needed:held} are needed: have "
    "the holder approve or sign for more.",
    "ERC20InvalidReceiver": "{receiver} cannot receive tokens (it is zero or the token itself): give the "
    "member's address.",
    "ERC20InvalidSpender": "{spender} cannot be given an allowance: give an account that is somebody's.",
    "ERC20InvalidSender": "{sender} cannot send tokens: give an account that is somebody's.",
    "ERC20InvalidApprover": "{approver} cannot give an allowance: give an account that is somebody's.",
    # ---- the factory
    "LoyaltyTokenFactory_NotListed": "The alliance does not list {account} for what it was named for "
    "(obligation registry or redemption desk): have the alliance list it, or name one that it lists.",
    "LoyaltyTokenFactory_InvalidName": "The name {name!r} does not fit: a token's name has 1 to 64 bytes.",
    "LoyaltyTokenFactory_InvalidSymbol": "The symbol {symbol!r} does not fit: a token's symbol has 1 to 16 "
    "bytes.",
    "LoyaltyTokenFactory_InvalidDecimals": "{decimals} decimals are too many: choose at most 18.",
    "FailedDeployment": "The brand has made such a token already: use it, or choose another name or symbol.",
    "CloneArgumentsTooLong": "Name and symbol are too long together: choose shorter ones.",
    "Create2EmptyBytecode": "There was no code to deploy: run `make setup` and try again.",
    # ---- obligations
    "ObligationRegistry_NotToken": "{token} is not a token of this alliance's factory: check the address.",
    "ObligationRegistry_OtherRegistry": "Token {token} answers to the obligation registry "
    "{obligationRegistry}: go through that one.",
    "ObligationRegistry_AlreadyObliged": "The brand has obliged itself for token {token} already; par and "
    "currency are fixed for good: change terms or capacity instead.",
    "ObligationRegistry_NotObliged": "The brand has not obliged itself for token {token}: do so first with "
    "`ape run brand oblige`.",
    "ObligationRegistry_CurrencyNotListed": "The alliance does not list {currency} as a settlement "
    "currency: choose one that it lists, or have it listed.",
    "ObligationRegistry_ZeroParValue": "The par value is zero: say what a whole token is worth.",
    "ObligationRegistry_NoTerms": "There are no terms: give the terms document, whose hash is recorded.",
    "ObligationRegistry_NoticeTooShort": "A notice period of {noticePeriod} seconds is too short: choose at "
    "least {least}.",
    "ObligationRegistry_NoticeTooLong": "A notice period of {noticePeriod} seconds is too long: choose at "
    "most {most}.",
    "ObligationRegistry_URITooLong": "The address of the terms has {length} bytes and at most {most} fit: "
    "put the document where a shorter address leads.",
    "ObligationRegistry_ChangePending": "Worse terms for {token} are announced for {effectiveAt}: withdraw "
    "them first, or wait until they are in force.",
    "ObligationRegistry_NoChangePending": "Nothing that could be withdrawn or applied is announced for "
    "{token}: announce a change first.",
    "ObligationRegistry_ChangeNotDue": "The change for {token} is due at {effectiveAt}: come back then.",
    "ObligationRegistry_NothingChanges": "Token {token} has exactly that already: nothing to do.",
    "ObligationRegistry_BondRatioTooHigh": "A bond ratio of {bondBps} basis points is more than everything: "
    "choose at most 10000.",
    "ObligationRegistry_WindingDown": "The brand of token {token} is leaving, with a wind-down until "
    "{endsAt}, and for those who hold it things can only get better: leave terms and capacity as they are, "
    "or withdraw the wind-down before it starts (`ape run brand stay`).",
    "ObligationRegistry_WindDownStarted": "The wind-down of token {token} started at {startsAt} and cannot "
    "be withdrawn any more: oblige yourself for another token to issue again.",
    "ObligationRegistry_NotBonds": "{caller} cannot begin or end a default of token {token}: that is for "
    "bonds which the alliance lists, and the end for those that began it.",
    "ObligationRegistry_InDefault": "Token {token} is in default, and for those who hold it things can only "
    "get better: cure the default first.",
    "ObligationRegistry_NotInDefault": "Token {token} is not in default: only its brand revokes quotas.",
    # ---- bonds
    "Bonds_ZeroValue": "There is nothing to move: give a positive amount, or collect where something is "
    "owed.",
    "Bonds_InvalidAccount": "{account} cannot be paid: give an account that is somebody's.",
    "Bonds_ShortDeposit": "{received:money} arrived and {value:money} were sent: use a currency that takes "
    "no fee on the way.",
    "Bonds_WrongPayment": "The currency took {before:money} down to {left:money} and not by {value:money}: "
    "it does not move what it is told to, so tell the alliance.",
    "Bonds_NotAllottable": "The holders' purse is for a default alone: allot from the settlement or the "
    "compensation purse.",
    "Bonds_ModuleNotListed": "The alliance does not list {module} as a module: have it listed, or choose one "
    "that is.",
    "Bonds_ModuleRefused": "{module} did not accept the change of its allotment: check what it takes.",
    "Bonds_NotEnoughFree": "{value:money} were asked for and {free:money} are free: deposit more, or ask for "
    "less.",
    "Bonds_AllotmentExceeded": "{module} may draw on {allotted:money} and {value:money} were asked for: ask "
    "for less, or have the brand allot more.",
    "Bonds_NoWithdrawal": "No withdrawal from that purse of token {token} is announced: announce one first.",
    "Bonds_WithdrawalNotDue": "The withdrawal can be made from {withdrawableAt} and before {until}: come "
    "back then, or announce it again if that is over.",
    "Bonds_WindingDown": "The brand of token {token} is leaving, and the holders' purse stays until "
    "{endsAt}: come back then.",
    "Bonds_NoShortfall": "The holders' purse of token {token} holds {held:money} and should hold "
    "{required:money}, and no shortfall is flagged: there is nothing to do.",
    "Bonds_StillShort": "The holders' purse of token {token} holds {held:money} and should hold "
    "{required:money}: deposit the difference first.",
    "Bonds_AlreadyFlagged": "The shortfall of token {token} is flagged, and the brand has until {cureBy}: "
    "wait.",
    # ---- defaults
    "Defaults_InDefault": "Token {token} is in default: its brand can take nothing back before that is "
    "cured.",
    "Defaults_NotInDefault": "Token {token} is not in default: there is nothing to share; look at its "
    "default, and fetch what an earlier one set aside by its round.",
    "Defaults_NoGrounds": "Nothing shows that the brand of token {token} failed: flag a shortfall and wait "
    "until its day, or report a debt that is long unpaid, and declare then.",
    "Defaults_Unpaid": "{reports} reported debts of token {token} are unpaid: pay them in full first.",
    "Defaults_NotTrusted": "The brand of token {token} never let {module} draw on its settlement purse: "
    "what that reports does not count.",
    "Defaults_AlreadyReported": "{module} has reported debt {debtId} of token {token}: declare the default.",
    "Defaults_NotReported": "{module} has not reported debt {debtId} of token {token}: nothing to withdraw.",
    "Defaults_NothingToPay": "Nothing more is there for {account} from token {token}: wait until more "
    "comes in, or check account, round and debt.",
    # ---- offers and redemptions
    "LoyaltyToken_MoreThanSigned": "{amount:token} were to be taken and {signed:token} were signed for: take "
    "no more, or have it signed again.",
    "LoyaltyToken_NotRedemptionDesk": "{caller} is not the token's redemption desk, which alone redeems by "
    "signature: go through it.",
    "Redemptions_NotTill": "{account} is no till of token {token}: have the brand's admin, or a manager with "
    "the role fulfil, make it one with `ape run redeem till`.",
    "LoyaltyToken_InvalidType": "The witness's type would make the signature one for a plain transfer "
    "({typehash}): use a type of your own.",
    "Offers_AlreadyExists": "Token {token} has an offer {offerId} already: choose another id, or change "
    "that offer.",
    "Offers_NotFound": "Token {token} has no offer {offerId}: check the id.",
    "Offers_ZeroPrice": "The price is zero: give a positive one.",
    "Offers_NoTerms": "There are no terms: give the document that describes the offer, whose hash is "
    "recorded.",
    "Offers_InvalidWindow": "An offer cannot be open from {opensAt} to {closesAt}: let it close after it "
    "opens, and in the future.",
    "Offers_URITooLong": "The address of the offer's document has {length} bytes and at most {most} fit: put "
    "it where a shorter address leads.",
    "Offers_ChangePending": "Worse conditions of offer {offerId} are announced for {effectiveAt}: withdraw "
    "them first, or wait until they are in force.",
    "Offers_NoChangePending": "No change of offer {offerId} is announced: there is nothing to withdraw.",
    "Offers_NothingChanges": "Offer {offerId} is exactly that already: nothing to do.",
    "Offers_StaleVersion": "The member signed for version {version} of the offer and version {current} is "
    "in force, after it got worse in {worsenedVersion}: show the member the offer as it is and have it "
    "signed again.",
    "Offers_OtherDesk": "Token {token} redeems at {redemptionDesk}: go through that desk.",
    "Offers_ZeroQuantity": "The quantity is zero: redeem at least one unit.",
    "Offers_OutsideWindow": "The offer is open from {opensAt} to {closesAt}: redeem within that time.",
    "Offers_OutOfStock": "{quantity} units were asked for and {left} are left: redeem fewer, or have the "
    "brand add stock.",
    "Offers_MemberLimitReached": "{quantity} units were asked for and this member may still have {left}: "
    "redeem fewer.",
    "Redemptions_StaleTerms": "The terms of token {token} have got worse since version {version}, which the "
    "member signed for: show the member the terms as they are and have it signed again.",
    "Redemptions_ZeroAmount": "The amount is zero: redeem a positive one.",
    "Redemptions_NotFresh": "The signature would be good until {deadline}, and at a till none may last "
    "beyond {latest}: have it signed with a nearer deadline.",
    "Redemptions_ShortPaid": "{received:money} arrived and {value:money} are due: pay in full; currencies "
    "that take a fee on the way do not do.",
    "Redemptions_NoDelivery": "At the counter goods are handed over at once: leave out days, stake, "
    "compensation and arbiter, or publish the offer for orders.",
    # ---- orders
    "Orders_NotBonds": "{caller} is not the alliance's bonds, which alone tell of compensations: allot "
    "through them.",
    "Orders_WrongPurse": "Orders pay compensations alone, and that was purse {purse}: allot from the "
    "compensation purse.",
    "Orders_CompensationShort": "{available:money} can be reserved as compensation and the member wants at "
    "least {least:money}: order fewer, accept less, or have the brand allot more.",
    "Orders_TooLittle": "{amount:token} were sent and the order costs {cost:token}: send at least that.",
    "Orders_FundTooLarge": "{value:money} are more than an offer can set aside: allot less.",
    "Orders_NotFree": "{free:money} are free and {value:money} were asked back: what orders have reserved "
    "stays until they end, so ask for less.",
    "Orders_NoArbiter": "The alliance does not list {arbiter} as an arbiter: choose one that it lists.",
    "Orders_NothingToRetire": "The alliance lists the offer's arbiter {arbiter}, or the offer is retired "
    "already and names none: there is nothing to do.",
    "Orders_NoFulfilPeriod": "An order needs time: say within how many days the brand delivers.",
    "Orders_InvalidStake": "A stake of {stakePercent} percent would keep members from disputing: choose at "
    "most {most}.",
    "Fulfilment_OtherFacts": "Order {number} of offer {offerId} has other facts: take them from the event "
    "that opened it.",
    "Fulfilment_WrongState": "Order {number} of offer {offerId} is {state}, and this is not for such an "
    "order: look where it stands.",
    "Fulfilment_TooLate": "That could be done before {deadline}: see what can be done from then on.",
    "Fulfilment_TooEarly": "That can be done from {deadline} on: come back then.",
    "Fulfilment_OtherToken": "The order is one of token {token} and not of {expected}: take orders of one "
    "token at a time.",
    "Fulfilment_NotMember": "{account} is not {member}, whose order it is: have the member do or sign it.",
    "Fulfilment_NotArbiter": "{account} is not {arbiter}, who decides this dispute: sign with the arbiter's "
    "account.",
    "Fulfilment_SplitTooLarge": "{given} base units were to be given and there are {most}: give no more than "
    "that.",
    "Fulfilment_WrongStake": "{amount:token} were sent and the stake is {stake:token}: send exactly that.",
    # ---- buying together and bargaining
    "Purchases_NotBonds": "{caller} is not the alliance's bonds, which alone tell of compensations: allot "
    "through them.",
    "Purchases_WrongPurse": "Purchases pay compensations alone, and that was purse {purse}: allot from the "
    "compensation purse.",
    "Purchases_FundTooLarge": "{value:money} are more than a deal can set aside: allot less.",
    "Purchases_NotFree": "{free:money} are free and {value:money} were asked back: what is reserved stays "
    "until it ends, so ask for less.",
    "Purchases_CompensationShort": "{available:money} can be reserved as compensation and at least "
    "{least:money} are wanted: take fewer, accept less, or have the brand allot more.",
    "Deals_InvalidId": "{dealId} cannot name a deal: choose a name of 1 to 28 bytes.",
    "Deals_AlreadyExists": "Token {token} has a deal {dealId} already, and deals never change: choose "
    "another name.",
    "Purchases_NotFound": "Token {token} has no deal {dealId} here: check the name.",
    "Deals_Leaving": "Token {token} winds down or is in default, so nothing new is published for it: "
    "look with `ape run show`.",
    "Deals_NoPrice": "A part of the price is nothing: give it tokens, money or both.",
    "Deals_PriceTooHigh": "{parts} parts are more than a price can be: choose a lower price, or fewer "
    "units a member.",
    "Deals_InvalidWindow": "A deal cannot be open from {opensAt} to {closesAt}: let it close after it "
    "opens, and in the future.",
    "Purchases_OutsideWindow": "The deal is open from {opensAt} to {closesAt}: begin within that time.",
    "Deals_NoFulfilPeriod": "A deal needs time: say within how many days the brand delivers.",
    "Deals_InvalidStake": "A stake of {stakePercent} percent would keep members from disputing: choose "
    "at most {most}.",
    "Purchases_NoArbiter": "The alliance no longer lists the deal's arbiter {arbiter}: nothing new begins, "
    "and what is open goes on.",
    "Deals_NoArbiter": "The alliance does not list {arbiter} as an arbiter: choose one that it lists.",
    "Deals_Refused": "{receiver} is not on the alliance's list, or takes no deals from here: "
    "publish for the escrow that belongs to it.",
    "Purchases_NotDeals": "{caller} does not publish deals for this contract: publish them where it says.",
    "Deals_NoRight": "The brand has defined no right {rightId}: define it first, or let anybody open.",
    "Deals_NoTerms": "There is no document: give the one that describes what is sold, whose hash is "
    "recorded.",
    "Deals_URITooLong": "The address of the document has {length} bytes and at most {most} fit: put it "
    "where a shorter address leads.",
    "Purchases_BrandAccount": "{account} acts for the brand, and brands do not buy from themselves: use "
    "another account.",
    "Purchases_InvalidAccount": "{account} cannot buy or be paid here: give an account that is somebody's.",
    "Purchases_WrongTokens": "{amount:token} came and {cost:token} are due: send exactly that.",
    "Purchases_WrongPayment": "{moved:money} moved and {value:money} are due: it takes a currency that moves "
    "exactly what it is told to.",
    "Purchases_NothingOwed": "Nothing is owed to {account}: there is nothing to collect.",
    "PurchaseRights_InvalidId": "A right needs an id, and {rightId} is none: give it a name.",
    "PurchaseRights_AlreadyDefined": "Token {token} has a right {rightId} already, and rights never change: "
    "choose another name.",
    "PurchaseRights_NotFound": "Token {token} has no right {rightId}: check the name.",
    "PurchaseRights_NoSupply": "There would be no such rights at all: give a supply.",
    "PurchaseRights_InvalidWindow": "A right cannot be sold from {opensAt} to {closesAt}: let the sale end "
    "after it begins, and in the future.",
    "PurchaseRights_OutsideWindow": "The right is sold from {opensAt} to {closesAt}: buy it within that "
    "time.",
    "PurchaseRights_NoTerms": "There is no document: give the one that describes the right, whose hash is "
    "recorded.",
    "PurchaseRights_URITooLong": "The address of the right's document has {length} bytes and at most {most} "
    "fit: put it where a shorter address leads.",
    "PurchaseRights_Leaving": "Token {token} winds down or is in default, so nothing new is sold for it: "
    "look with `ape run show`.",
    "PurchaseRights_NotSold": "Right {rightId} of token {token} is not sold: ask the brand to give you one.",
    "PurchaseRights_ZeroQuantity": "The quantity is zero: take at least one.",
    "PurchaseRights_SoldOut": "{quantity} were asked for and {left} are left: take fewer.",
    "PurchaseRights_WrongTokens": "{amount:token} came and {cost:token} are due: send exactly that.",
    "PurchaseRights_UnequalLists": "There are {holders} holders and {quantities} quantities: give one "
    "quantity for each holder.",
    "PurchaseRights_InvalidHolder": "{holder} can hold no right: give an account that is somebody's.",
    "PurchaseRights_NotModule": "{caller} is not on the alliance's list of modules, which alone use rights "
    "up: have the alliance list it.",
    "GroupDeals_InvalidTierCount": "A deal has 1 to {most} prices and this one has {count}: write so many.",
    "GroupDeals_InvalidTier": "Price {index}, counted from 0, does not follow: let seats rise and "
    "prices fall from one to the next, and none be zero.",
    "GroupDeals_InvalidMostSeats": "A group of {mostSeats} never reaches the last price, which "
    "takes {least}: let a group have more seats.",
    "GroupDeals_InvalidSeatLimit": "A member cannot have {seatLimit} units of a group: choose 1 to {most}.",
    "GroupDeals_InvalidDuration": "A group cannot be open for {duration} seconds: choose 1 to {most}.",
    "GroupDeals_InvalidCutoff": "A cutoff of {cutoff} seconds is none, or longer than a group is open: "
    "choose 1 to {most}.",
    "GroupDeals_NoGroups": "The deal would have no groups: let there be at least one.",
    "GroupPurchaseEscrow_NoGroupLeft": "All groups of deal {dealId} of token {token} were opened: join one "
    "that is open.",
    "GroupPurchaseEscrow_NotFound": "Token {token} has no group {groupId}: check deal and number.",
    "GroupPurchaseEscrow_NotOpen": "Group {groupId} of token {token} ended at {endedAt}: join or open "
    "another.",
    "GroupPurchaseEscrow_StillOpen": "Group {groupId} of token {token} is open until {deadline}: come back "
    "then.",
    "GroupPurchaseEscrow_NoTier": "There is no price {topTier}, counted from 0: choose one of the deal's.",
    "GroupPurchaseEscrow_InvalidQuantity": "A member can have 1 to {seatLimit} units and {quantity} were "
    "asked for: take so many.",
    "GroupPurchaseEscrow_Full": "{quantity} units were asked for and {left} are left: take fewer, or another "
    "group.",
    "GroupPurchaseEscrow_AlreadySeated": "{member} has a seat in group {groupId} of token {token} already: "
    "leave and join again to change it.",
    "GroupPurchaseEscrow_InvalidReferrer": "{referrer} cannot bring itself: name somebody else, or nobody.",
    "GroupPurchaseEscrow_NoSeat": "{member} has no seat in group {groupId} of token {token} that waits: it "
    "was left or settled, or never taken, so look at the group.",
    "GroupPurchaseEscrow_OtherFacts": "The seat of {member} in group {groupId} of token {token} has other "
    "facts: take them from the event that tells of it.",
    "GroupPurchaseEscrow_TooLateToLeave": "One could leave until {cutoffAt}, and nobody can since: wait for "
    "how the group ends.",
    "EarnDistributor_InvalidTimes": "A posting cannot be final at {finalAt} and claimable until "
    "{claimableUntil}: let it be final within 90 days, and claimable for 180 days more.",
    "EarnDistributor_WrongQuota": "{amount} came and {missing} is missing for what is credited: send exactly "
    "that.",
    "EarnDistributor_NotPosted": "Nothing was posted for period {period} of token {token}: check both.",
    "EarnDistributor_OtherPosting": "Period {period} of token {token} has another posting than was said: it "
    "was replaced, or the times differ, so look at it again.",
    "EarnDistributor_Final": "The posting is final since {finalAt} and cannot be replaced: offset what came "
    "back in a later period.",
    "EarnDistributor_NotFinal": "What was earned is pending until {finalAt}: claim it then.",
    "EarnDistributor_Over": "It could be claimed until {claimableUntil}: ask the brand.",
    "EarnDistributor_NotOver": "It can be claimed until {claimableUntil}: what is left goes back then.",
    "EarnDistributor_NothingLeft": "All of period {period} of token {token} was claimed or returned: there "
    "is nothing to do.",
    "EarnDistributor_WrongProof": "The proof does not fit the posting of period {period} of token {token}, "
    "place {index}: fetch it again, the posting may have been replaced.",
    "EarnDistributor_AlreadyClaimed": "Place {index} of period {period} of token {token} was claimed "
    "already: the tokens are in the wallet that it named.",
    "EarnDistributor_Expired": "The link's signature was good until {deadline}: sign again.",
    "EarnDistributor_InvalidSignature": "The signature is not that of the link's key {key}: use the whole "
    "link, and sign again.",
    "EarnDistributor_URITooLong": "The proofs' address has {length} bytes and at most {most} are allowed: "
    "shorten it.",
    "MerkleSum_IndexTooLarge": "There is no place {index} in a tree of {depth} levels: fetch the proof "
    "again.",
    "MerkleSum_SumTooLarge": "The proof's sums are more than a token can have: fetch it again.",
    "BargainDeals_PricerNotListed": "{pricer} is not on the alliance's list of modules, so it finds no "
    "prices: choose one that is.",
    "Bargains_NotPricer": "{caller} does not find the prices of this deal, {pricer} does: go through that "
    "contract.",
    "Bargains_NotBuyers": "The bargain's number is not one of {account}'s, who pays: pay with its buyer's "
    "account.",
    "Bargains_TooDear": "The bargain costs {price} parts and at most {most} were to be paid: look at its "
    "price and pay that.",
    "Bargains_NoDeposit": "No deposit lies there for bargain {number}: it has ended, or was never opened, so "
    "look at it.",
    "Bargains_NumberUsed": "Bargain {number} has a deposit or an order already: choose another number.",
    "Pricer_NotBargains": "{caller} is not where bargains are paid for: pay there.",
    "Pricer_NotDeals": "{caller} does not publish deals for this contract: publish them where it says.",
    "Pricer_InvalidRules": "Bargains cannot go by these rules: let the list price be above the floor "
    "price, and give stock, time and a floor price that is not zero.",
    "Pricer_OutOfStock": "All {stock} bargains of this deal were opened: choose another deal.",
    "Pricer_WrongStatus": "The bargain for {dealId} of token {token} is {status}, and this is not for such a "
    "bargain: look with `ape run bargains watch`.",
    "Pricer_InvalidPrice": "The price is {price} parts and can be {least} to {most}: agree on another one.",
    "Pricer_Expired": "The signature was good until {deadline}: ask for a new one.",
    "Pricer_InvalidSignature": "The signature is not that of {signer} for exactly this, or was taken back: "
    "ask for a new one.",
    "Cuts_InvalidRules": "Prices cannot be cut by these rules: let so many cuts of the least size fit "
    "between list price and floor price, and name an attester.",
    "Cuts_NoAttester": "The alliance does not list {attester} as an attester: choose one that it lists.",
    "Cuts_NoCommitment": "The brand has committed to no cuts: have it draw them up first.",
    "Cuts_NoRightNeeded": "Deal {dealId} of token {token} takes no right, so the brand need not answer: have "
    "it draw the cuts up.",
    "Cuts_WrongCuts": "There are {cuts} cuts that sum to {sum}, and the deal promises others: draw them up "
    "anew.",
    "Cuts_CutTooSmall": "A cut of {cut} parts is less than the {least} that the deal promises: draw them up "
    "anew.",
    "Cuts_NothingToDraw": "Nothing is to be cut of this bargain for {dealId} of token {token}: all is "
    "drawn, or the brand has still to answer, so take it or wait.",
    "Cuts_WrongOpening": "That is not the next cut: somebody was faster, so look again and draw the next.",
    "Cuts_CannotHelp": "{account} is the buyer, who cannot help: ask a friend.",
    "Cuts_HelpedAlready": "This person has helped this bargain already: ask another friend.",
    "ERC1155InsufficientBalance": "{sender} has {balance} of the right that this takes and needs {needed}: "
    "buy one, or have one given to it; `ape run rights list` shows what there is.",
    "ERC1155InvalidApprover": "{approver} cannot allow anything: sign with a real account.",
    "ERC1155InvalidArrayLength": "There are {idsLength} ids and {valuesLength} values: give one value for "
    "each id.",
    "ERC1155InvalidOperator": "{operator} cannot be allowed anything: give a real account.",
    "ERC1155InvalidReceiver": "{receiver} does not take rights: give an account, or a contract that does.",
    "ERC1155InvalidSender": "{sender} can send no rights: sign with a real account.",
    "ERC1155MissingApprovalForAll": "{owner} has not let {operator} move its rights: have it allow that.",
    # ---- pools
    "Pools_NotSteward": "{caller} is not the steward of pool {pool}: sign with the steward's account.",
    "Pools_NotBrand": "{caller} may not settle for the brand of token {token}: sign with the admin's "
    "account, or with that of a manager who has the role settle.",
    "Pools_PoolExists": "Pool {pool} is there already: choose another name for a new one.",
    "Pools_NoPool": "There is no pool {pool}: check its id.",
    "Pools_InvalidRules": "A pool cannot have such rules: let periods and payment times last from 1 to 366 "
    "days, and let brands owe from 100 to 1,000 percent of what they laid down.",
    "Pools_InvalidBounds": "Base fee and slope come to more than half of what is brought: choose lower ones.",
    "Pools_CurrencyNotListed": "The alliance does not list {currency} as a currency: choose one that it "
    "lists.",
    "Pools_MarketNotListed": "The alliance does not list {market} as a module: have it listed, or choose a "
    "market that is.",
    "Pools_OtherCurrency": "Token {token} is owed for in {currency} and the pool is settled in "
    "{poolCurrency}: join a pool of the token's currency.",
    "Pools_PoolFull": "Pool {pool} is full: join another, or have its steward make a second one.",
    "Pools_AlreadyJoined": "Token {token} is in pool {pool} already: nothing to do.",
    "Pools_NotJoined": "Token {token} is not in pool {pool}: have its brand join first.",
    "Pools_Raises": "That would raise a bound, which takes notice: lower bounds alone, or have the steward "
    "announce the new ones.",
    "Pools_NoChangePending": "No bounds are announced for token {token} in pool {pool}: have the steward "
    "announce some first.",
    "Pools_ChangeNotDue": "The bounds announced for token {token} count from {effectiveAt}: come back then.",
    "Pools_WindingDown": "Token {token} winds down until {endsAt}, or will: withdraw the wind-down first, or "
    "join with another token.",
    "Pools_InvalidFee": "{bps} basis points of the fees cannot go to the alliance: choose at most 2000, and "
    "a treasury that is somebody's.",
    # ---- swaps
    "Swaps_NotBrand": "{caller} may not settle for the brand of token {token}: sign with the admin's "
    "account, or with that of a manager who has the role settle.",
    "Swaps_NotJoined": "Token {token} is not in pool {pool}: choose tokens that are.",
    "Swaps_StillInUse": "Pool {pool} still has tokens of {token}, or a debt of its brand: withdraw what is "
    "provided, and wait until the period is closed.",
    "Swaps_Stopped": "Swapping {token} is stopped in pool {pool}: choose another token, or come back later.",
    "Swaps_SameToken": "{token} would be swapped for itself: choose two different tokens.",
    "Swaps_Expired": "The swap was good until {deadline}: ask for it again.",
    "Swaps_TooLittleOut": "The swap gives {amountOut:bought} and at least {least:bought} were asked for: "
    "accept less, or come back later.",
    "Swaps_TooMuchIn": "The swap takes {amountIn:token} and at most {most:token} were offered: offer more, "
    "or take less.",
    "Swaps_OverCeiling": "{amount:token} are too many: the pool takes {room:token} more now.",
    "Swaps_OverDailyCap": "{amount:token} are too many: the pool takes {room:token} more today.",
    "Swaps_NotEnoughIn": "{amount:token} were asked for and {available:token} are there: take less.",
    "Swaps_OverOutflowCap": "{provided:token} would be provided and the pool takes at most "
    "{outflowCap:token} from its brand: provide less.",
    "Swaps_NotDebtor": "The brand of token {token} owes nothing in pool {pool} this period: nothing to do.",
    "Swaps_NotClosable": "The period of pool {pool} can be closed from {closesAt} on: come back then.",
    "Swaps_NotPools": "{caller} is not the alliance's pools, which alone tell of changes: go through them.",
    "Swaps_NotSettlements": "{caller} is not the alliance's settlements, which alone tell of payments: go "
    "through them.",
    "Swaps_BondInUse": "The brand's debt of {debt:money} would be more than the {line:money} that the rest "
    "answers for: take back less, or pay first.",
    "Swaps_UnknownMovement": "{token} is swapped and not among the tokens that move: name each token once.",
    "Swaps_WrongMovement": "Token {token} would move by {delta:token} and at least {bound:token} was asked "
    "for: accept less, or come back later.",
    "Swaps_ZeroAmount": "The swap is of nothing, or gives nothing: swap more.",
    "Swaps_NotInDefault": "Token {token} is not in default: what its brand provided is the brand's to "
    "withdraw.",
    # ---- settlements
    "Settlements_NotBonds": "{caller} is not the alliance's bonds, which alone tell of allotments: allot "
    "through them.",
    "Settlements_WrongPurse": "Settlements are paid from the settlement purse, and that was purse {purse}: "
    "allot from the settlement purse.",
    "Settlements_SourceNotListed": "The alliance does not list {source} as a module: lay money down for one "
    "that it lists.",
    "Settlements_AlreadyOpen": "Settlement {settlementId} names a debtor twice, or is open already: open "
    "each once.",
    "Settlements_NotOpen": "Settlement {settlementId} has no day on which it is due: give one.",
    "Settlements_Unbalanced": "{due:money} are due or paid and {claimed:money} are claimed: let both be the "
    "same.",
    "Settlements_OtherCurrency": "What was paid before is {currency} and this is {other}: pay in the "
    "pool's currency.",
    "Settlements_ShortPayment": "{received:money} arrived and {value:money} are due: send all of it; "
    "currencies that take a fee on the way do not do.",
    "Settlements_WrongPayment": "{value:money} were to be paid out of {before:money} and {left:money} are "
    "left: choose a payee that keeps what it gets.",
    "Settlements_TooDear": "It costs {value:money} and at most {most:money} were offered: offer more, or pay "
    "for less.",
    "Settlements_NothingUnpaid": "Token {token} owes nothing in settlement {settlementId}: nothing to do.",
    "Settlements_NotDue": "Debts of settlement {settlementId} can be enforced from {dueAt} on: come back "
    "then.",
    "Settlements_NoBond": "Nothing is left of what the brand of token {token} laid down for pool {pool}: "
    "have somebody pay.",
    "Settlements_NotReportable": "Debts of settlement {settlementId} can be reported from {reportableAt} "
    "on: come back then.",
    "Settlements_BondLeft": "{bond:money} are left of what the brand of token {token} laid down for pool "
    "{pool}: have the debt paid from that first (enforce).",
    "Settlements_NotTrusted": "The brand of token {token} never laid money down for {source}: what that "
    "says it owes does not count.",
    "Settlements_NotInDefault": "Token {token} is not in default: have the debt paid, or enforce it.",
    "Settlements_OwesFirst": "The brand of token {token} is in default and owes {unpaid:money} in pool "
    "{pool}: have its claim pay that first (offset).",
    "Settlements_NotFree": "{free:money} are free and {value:money} were asked back: what unpaid debts need "
    "stays, so ask for less.",
    "Settlements_NothingToTake": "Settlement {settlementId} has nothing for {claimant} now: wait until "
    "debtors have paid.",
    "Settlements_InvalidAccount": "{account} cannot be paid: give an account that is somebody's.",
    "Settlements_ZeroValue": "The value is zero: give a positive one.",
    "ReentrancyGuardReentrantCall": "The payment itself called for another payment: pay for one after the "
    "other.",
    "SafeERC20FailedOperation": "The transfer of {token} failed: check the payer's balance and its approval.",
    # ---- what libraries say
    "AddressEmptyCode": "There is no contract at {target}: check the address and the chain.",
    "FailedCall": "An inner call failed and gave no reason: try it on its own to see why.",
    "InsufficientBalance": "The contract holds {balance} wei and {needed} are needed: send the difference "
    "first.",
    "SafeCastOverflowedUintDowncast": "{value} does not fit {bits} bits: choose a smaller number.",
}
"""By the error's name, which is unique in the suite; the braces name its facts.

Behind an amount is what it is of: of the `token` that was dealt with, of the one that is `bought` for it, of
the `money` that the token's brand owes in, or `held`, which is any of these.
"""

UNITS = {
    "token": "base units",
    "bought": "base units",
    "held": "base units",
    "money": "base units of the currency",
}
"""What amounts are counted in for who does not know the token."""

Words = Callable[[str, int, Mapping[str, Any]], str]
"""Puts an amount into words: by what it is of, how much it is, and all facts of the error."""

PANICS = {
    0x01: "an internal check failed",
    0x11: "a number became too large or fell below zero",
    0x12: "something was divided by zero",
    0x32: "a list was read beyond its end",
}


@dataclass(frozen=True)
class Refusal:
    """What a contract answered.

    Attributes:
        name: of its error, such as "LoyaltyToken_QuotaExceeded"; "Error", "Panic" or "" where it is no
            custom error of the suite.
        facts: the error's arguments by name; addresses checksummed, bytes as hex.
        sentence: what a person needs to know.
    """

    name: str
    facts: dict[str, Any]
    sentence: str


class RefusedError(TransactionRevertedError):
    """A contract refuses what was asked of it; `name` and `facts` are its error's own."""

    def __init__(self, refusal: Refusal) -> None:
        facts = ", ".join(f"{key}={value}" for key, value in refusal.facts.items())
        super().__init__(refusal.sentence, reason=f"{refusal.name}({facts})")
        self.name = refusal.name
        self.facts = refusal.facts


def errors(abi: Abi) -> dict[bytes, dict[str, Any]]:
    """The custom errors of an ABI by selector."""
    return {keccak(text=signature(entry))[:4]: entry for entry in abi if entry["type"] == "error"}


def plainly(kind: str, amount: int | str, _: Mapping[str, Any] | None = None) -> str:
    """An amount in words, where nobody knows how many decimals what it is of has."""
    return f"{amount} {UNITS[kind]}"


def plain_text(sentence: str) -> str:
    """A sentence with amounts in base units, for programs that fill in the facts themselves."""
    first = re.sub(r"\{(\w+):(\w+)\}", lambda match: plainly(match[2], f"{{{match[1]}}}"), sentence, count=1)
    return re.sub(r"\{(\w+):\w+\}", r"{\1}", first)


def understand(data: bytes, words: Words = plainly) -> Refusal:
    """What the bytes that a reverted call returned mean; `words` puts its amounts into words."""
    if not data:
        return Refusal(
            "", {}, "The call failed without a reason: check that the address is a contract of this alliance."
        )
    try:
        if data[:4] == keccak(text="Error(string)")[:4]:
            (text,) = decode(["string"], data[4:])
            return Refusal("Error", {"message": text}, f"The contract says: {text}")
        if data[:4] == keccak(text="Panic(uint256)")[:4]:
            (code,) = decode(["uint256"], data[4:])
            what = PANICS.get(code, f"panic {code:#x}")
            return Refusal(
                "Panic", {"code": code}, f"The contract stopped itself: {what}. Check the amounts."
            )
        entry = _known().get(data[:4])
        if entry is not None:
            return _custom(entry, data[4:], words)
    except DecodingError:
        pass
    return Refusal(
        "", {"data": "0x" + data.hex()}, f"The call failed with an answer that is not ours (0x{data.hex()})."
    )


@cache
def _known() -> dict[bytes, dict[str, Any]]:
    return errors(merged_abi(*CONTRACTS))


class _Sentence(string.Formatter):
    """Fills in a sentence, its amounts in words."""

    def __init__(self, words: Words, facts: Mapping[str, Any]) -> None:
        self._words, self._facts = words, facts

    def format_field(self, value: Any, format_spec: str) -> str:  # noqa: ANN401 (the base's)
        if format_spec in UNITS:
            return self._words(format_spec, value, self._facts)
        return str(super().format_field(value, format_spec))


def _custom(entry: dict[str, Any], data: bytes, words: Words) -> Refusal:
    inputs = entry["inputs"]
    if len(data) < 32 * len(inputs):
        raise InsufficientDataBytes
    values = decode([collapse_if_tuple(each) for each in inputs], data)
    facts = {each["name"]: _plain(each["type"], value) for each, value in zip(inputs, values, strict=True)}
    contract = entry["name"].partition("_")[0]
    worded = {name: _worded(contract, name, value) for name, value in facts.items()}
    sentence = _Sentence(words, facts).format(SENTENCES[entry["name"]], **worded)
    return Refusal(entry["name"], facts, sentence)


def _plain(kind: str, value: Any) -> Any:  # noqa: ANN401 (whatever the ABI holds)
    if kind == "address":
        return to_checksum_address(value)
    return "0x" + value.hex() if isinstance(value, bytes) else value


_TIMES = ("deadline", "latest", "validAfter", "until", "cureBy", "from")


def _worded(contract: str, name: str, value: Any) -> Any:  # noqa: ANN401 (as above)
    statuses = BARGAIN_STATUSES if contract == "Pricer" else STATUSES
    lists = {"status": statuses, "state": STATES.get(contract, ()), "kind": KINDS, "flaw": FLAWS}
    if name in lists:
        return lists[name][value]
    if name in ("offerId", "campaignId", "ref"):
        return label_text(bytes.fromhex(value.removeprefix("0x")))
    if name in ("dealId", "groupId", "rightId"):
        return bought_text(bytes.fromhex(value.removeprefix("0x")))
    if name == "role":
        return ROLES.get(value, str(value))
    if name.endswith("At") or name in _TIMES:
        return moment(value)
    return value


def moment(seconds: int) -> str:
    """A time of the chain for people, in UTC."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, ValueError, OSError):
        return f"second {seconds}"

"""What others build on, generated from the deployment records and the build, and checked against them.

deployments/<network>/manifest.json    addresses and start blocks, for any program
deployments/<network>/symbolon.ts      the same, with ABIs, EIP-712 types and errors, for TypeScript
deployments/<network>/tokenlist.json   the brands' tokens, as wallets read them (Uniswap's standard)
docs/errors.md                         every error by selector, with what to do about it
web/src/contracts.ts                   what the member's page reads, and what it has signed
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from eth_utils.abi import collapse_if_tuple

from symbolon import bargains, calls, challenges, codes, data_requests, earn, groups, signing, swaps, vouchers
from symbolon.artifacts import artifact, merged_abi
from symbolon.exceptions import SymbolonError
from symbolon.manifest import ROOT, Record, Records, dump, write_whole
from symbolon.reverts import CONTRACTS, SENTENCES, errors, plain_text

if TYPE_CHECKING:
    from symbolon.alliance import Alliance
    from symbolon.tokens import Token

ERRORS_PAGE = ROOT / "docs" / "errors.md"
PAGE = ROOT / "web" / "src" / "contracts.ts"
TOKEN_LIST = "tokenlist.json"  # noqa: S105 (a file, no secret)

REWARDS: dict[str, tuple[type[signing.Struct], ...]] = {
    "ReferralRewards": (vouchers.Binding, vouchers.Invitation, vouchers.Purchase),
    "CampaignRewards": (vouchers.Voucher, challenges.View),
    "Consent": (data_requests.DataGrant, data_requests.Revocation, data_requests.Eligible),
}
"""What is signed for each contract that pays rewards."""

_LONGEST_LISTED_NAME = 60  # the standard's limit, four less than the factory's


class StaleExportError(SymbolonError):
    """Something generated is not what would be generated now."""


# ---- from records alone


def manifest_json(records: Iterable[Record], network: str, chain_id: int) -> bytes:
    """Addresses and start blocks of a network's contracts."""
    found = list(records)
    return dump(
        {
            "network": network,
            "chainId": chain_id,
            "startBlock": min((record.block_number for record in found), default=0),
            "version": found[0].provenance.version if found else None,
            "contracts": {
                record.name: {"address": record.address, "startBlock": record.block_number}
                for record in found
            },
        }
    )


def typescript(records: Iterable[Record], network: str, chain_id: int) -> bytes:
    """Everything a front end needs, typed: `deployments[chainId]`, one ABI a contract, `types`, `errors`."""
    found = list(records)
    deployed = {
        chain_id: {
            "network": network,
            "startBlock": min((record.block_number for record in found), default=0),
            "contracts": {
                _lower(record.name): {"address": record.address, "startBlock": record.block_number}
                for record in found
            },
        }
    }
    parts = [
        "// Generated from the deployment records and the build: do not edit.",
        _const("Addresses and start blocks by chain id.", "deployments", deployed),
    ]
    for record in found:
        parts.append(_const(f"ABI of {record.name}.", f"{_lower(record.name)}Abi", record.abi))
    parts += [
        _const(
            "EIP-712 types of what a token understands; its domain is its own name, version 1, the chain's "
            "id and its address.",
            "types",
            {name: _fields(fields) for name, fields in signing.TYPES.items()},
        ),
        *_spend_types(),
        _reward_types(),
        _const(
            "Every custom error, for one decoder of all reverts.",
            "errorsAbi",
            [entry for entry in merged_abi(*CONTRACTS) if entry["type"] == "error"],
        ),
        _const(
            "What each error means and what to do; the braces name its arguments.",
            "errorTexts",
            {name: plain_text(sentence) for name, sentence in SENTENCES.items()},
        ),
    ]
    return "\n".join(parts).encode()


def page_contracts() -> bytes:
    """What the member's page needs of the contracts, typed."""
    parts = [
        "// Generated from the build by `python -m symbolon.exports`: do not edit.",
        _const("ABI of AllianceLens.", "allianceLensAbi", artifact("AllianceLens").abi),
        _const("Where a token redeems.", "loyaltyTokenAbi", _method("LoyaltyToken", "redemptionDesk")),
        _const("What was redeemed.", "redemptionsAbi", _method("Redemptions", "receiptOf")),
        _const("What was ordered.", "ordersAbi", _event("Orders", "OrderOpened")),
        _const("ABI of PoolsLens.", "poolsLensAbi", artifact("PoolsLens").abi),
        _const(
            "What is swapped.", "swapsAbi", _method("Swaps", "swapWithSignature") + _event("Swaps", "Swapped")
        ),
        _const("ABI of GroupsLens.", "groupsLensAbi", artifact("GroupsLens").abi),
        _const("What is offered to groups.", "groupDealsAbi", _event("GroupDeals", "DealPublished")),
        _const(
            "Who takes seats, and how.",
            "groupPurchaseEscrowAbi",
            _method("GroupPurchaseEscrow", "joinWithSignature")
            + _method("GroupPurchaseEscrow", "leaveGroupWithSignature")
            + _event("GroupPurchaseEscrow", "SeatTaken"),
        ),
        _const("What there is to bargain for.", "bargainDealsAbi", _method("BargainDeals", "conditionsOf")),
        _const(
            "What friends have cut a price to.",
            "cutsAbi",
            _method("Cuts", "bargainOf") + _method("Cuts", "rulesOf"),
        ),
        _const(
            "What is earned by root.",
            "earnDistributorAbi",
            _method("EarnDistributor", "claim")
            + _method("EarnDistributor", "claimByLink")
            + _method("EarnDistributor", "isClaimed")
            + _event("EarnDistributor", "EarningsPosted"),
        ),
        *_spend_types(),
        _const(
            "What a one-time link's key signs: who claims.",
            "linkTypes",
            {"LinkClaim": _fields(earn.LinkClaim.members)},
        ),
    ]
    return "\n".join(parts).encode()


def errors_page() -> bytes:
    """The table of every custom error, as a page."""
    rows = sorted((entry["name"], "0x" + selector.hex(), entry) for selector, entry in _errors().items())
    lines = [
        "# Errors",
        "",
        "What the contracts say when they refuse, and what to do about it. `errorsAbi` and `errorTexts` in "
        "`deployments/<network>/symbolon.ts` hold the same for programs. This page is generated: "
        "`python -m symbolon.exports` writes it anew.",
        "",
        "| selector | error | what it means |",
        "|---|---|---|",
    ]
    for name, selector, entry in rows:
        arguments = ", ".join(f"{collapse_if_tuple(each)} {each['name']}" for each in entry["inputs"])
        text = plain_text(SENTENCES[name]).replace("!r}", "}").replace("|", "\\|")
        lines.append(f"| `{selector}` | `{name}({arguments})` | {text} |")
    return ("\n".join(lines) + "\n").encode()


def _errors() -> dict[bytes, dict[str, Any]]:
    return errors(merged_abi(*CONTRACTS))


# ---- from the chain


def token_list(alliance: Alliance) -> bytes:
    """The tokens that brands have obliged themselves for.

    The list is a function of the chain: tokens are only ever added, so its minor version counts them, and its
    time is when the latest was added.
    """
    chain_id, tokens, latest = calls.chain_id(), [], 0
    for log in calls.events(alliance.obligation_registry, alliance.start_block, "Obliged"):
        token = alliance.tokens[str(log.event_arguments["token"])]
        latest = max(latest, calls.block_time(log.block_number))
        if _fits_list(token):
            tokens.append(
                {
                    "chainId": chain_id,
                    "address": token.address,
                    "name": token.name,
                    "symbol": token.symbol,
                    "decimals": token.decimals,
                    "tags": ["loyalty"],
                }
            )
    return dump(
        {
            "name": "Symbolon",
            "timestamp": datetime.fromtimestamp(latest, UTC).isoformat(),
            "version": {"major": 1, "minor": len(tokens), "patch": 0},
            "keywords": ["loyalty"],
            "tags": {
                "loyalty": {
                    "name": "Loyalty",
                    "description": "Owed for by its brand, which takes it back for goods or services",
                }
            },
            "tokens": tokens,
        }
    )


def _fits_list(token: Token) -> bool:
    """Whether the standard takes the token: brands may choose names and symbols that it does not."""
    name = token.name.replace(" ", "")
    spaced = any(character.isspace() for character in name + token.symbol)
    return bool(name) and not spaced and len(token.name) <= _LONGEST_LISTED_NAME


# ---- all of it


def from_records(records: Records) -> dict[Path, bytes]:
    """What is generated for a network without asking its chain, by file."""
    chain_id = records.chain_id
    if chain_id is None:
        return {}
    found = list(records)
    return {
        records.folder / "manifest.json": manifest_json(found, records.network, chain_id),
        records.folder / "symbolon.ts": typescript(found, records.network, chain_id),
    }


def everything(alliance: Alliance) -> dict[Path, bytes]:
    """What is generated for a network, by file. The token list needs a token."""
    listed = token_list(alliance)
    files = from_records(alliance.records)
    if orjson.loads(listed)["tokens"]:
        files[alliance.records.folder / TOKEN_LIST] = listed
    return files


def write_all(alliance: Alliance) -> list[Path]:
    """Generate everything for a network; the files that changed."""
    return write(everything(alliance))


def write(files: dict[Path, bytes]) -> list[Path]:
    """Write what differs; those files."""
    stale = stale_among(files)
    for path in stale:
        write_whole(path, files[path])
    return stale


def stale_among(files: dict[Path, bytes]) -> list[Path]:
    """The files that are missing or differ."""
    return [path for path, content in files.items() if not path.is_file() or path.read_bytes() != content]


def check(files: dict[Path, bytes]) -> None:
    """Raise StaleExportError unless every file is what would be generated."""
    if stale := stale_among(files):
        named = ", ".join(str(path.relative_to(ROOT) if ROOT in path.parents else path) for path in stale)
        raise StaleExportError(f"Not what the records say: {named}. Run `ape run export`.")


def _method(contract: str, name: str) -> list[dict[str, Any]]:
    return _entries(contract, "function", name)


def _event(contract: str, name: str) -> list[dict[str, Any]]:
    return _entries(contract, "event", name)


def _entries(contract: str, kind: str, name: str) -> list[dict[str, Any]]:
    return [each for each in artifact(contract).abi if (each["type"], each.get("name")) == (kind, name)]


def _spend_types() -> tuple[str, ...]:
    """What members sign for contracts that take tokens in."""
    spend = _const(
        "The fields of Spend before `witness`, whose type is the spender's.",
        "spendFields",
        _fields(signing.SPEND),
    )
    redemptions = _const(
        "What a member signs at a till, as the witness of a Spend whose spender is the redemption desk.",
        "redemptionTypes",
        {
            "OfferRedemption": _fields(codes.OFFER_FIELDS),
            "ParRedemption": _fields(codes.PAR_FIELDS),
        },
    )
    swapping = _const(
        "What a member signs to swap, as the witness of a Spend whose spender is Swaps.",
        "swapTypes",
        {"SwapRequest": _fields(swaps.REQUEST)},
    )
    buying = _const(
        "What a member signs to take a seat in a group or to leave it, as the witness of a Spend whose "
        "spender is GroupPurchaseEscrow.",
        "groupTypes",
        {"SeatRequest": _fields(groups.REQUEST), "SeatLeaving": _fields(groups.LEAVING)},
    )
    bargaining = _const(
        "What a buyer signs to pay for a bargain, as the witness of a Spend whose spender is Bargains.",
        "bargainTypes",
        {"Payment": _fields(bargains.PAYMENT)},
    )
    return spend, redemptions, swapping, buying, bargaining


def _reward_types() -> str:
    """What is signed so that rewards are paid, and about data."""
    return _const(
        "EIP-712 types by the contract in whose domain they are signed: its name, version 1, the chain's id "
        "and its address.",
        "rewardTypes",
        {
            contract: {each.type_name: _fields(each.members) for each in signed}
            for contract, signed in REWARDS.items()
        },
    )


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]


def _fields(fields: signing.Fields) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in fields]


def _const(comment: str, name: str, value: object) -> str:
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode()
    return f"/** {comment} */\nexport const {name} = {text} as const;\n"


if __name__ == "__main__":
    write({ERRORS_PAGE: errors_page(), PAGE: page_contracts()})

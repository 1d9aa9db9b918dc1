"""Show an alliance, a brand, a token or an account."""

import json
from typing import Any

import click
from eth_utils.address import is_address

from symbolon import calls
from symbolon.alliance import Alliance
from symbolon.bonds import Bond, Purse
from symbolon.brands import NOBODY, Brand
from symbolon.cli import Command, brand_of, sentences, token_of
from symbolon.reverts import moment
from symbolon.tokens import Token
from symbolon.units import ether, format_amount


@click.command(cls=Command)
@click.argument("what", required=False)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def cli(what: str | None, as_json: bool) -> None:
    """Show the alliance, or WHAT: a brand's id, a token's address or symbol, or an account's address."""
    with sentences():
        alliance = Alliance.connect()
        facts = _facts(alliance, what)
    if as_json:
        click.echo(json.dumps(facts, indent=2, ensure_ascii=False))
    else:
        _print(facts)


def _facts(alliance: Alliance, what: str | None) -> dict[str, Any]:
    if what is None:
        return _alliance(alliance)
    if len(what) == 66 and what.startswith("0x"):
        return _brand(brand_of(alliance, what))
    if is_address(what) and not calls.read(alliance.token_factory, "isToken", what):
        return _account(alliance, what)
    return _token(alliance, token_of(alliance, what))


def _alliance(alliance: Alliance) -> dict[str, Any]:
    return {
        "network": alliance.records.network,
        "chain": calls.chain_id(),
        "contracts": {record.name: record.address for record in alliance.records},
        "currencies": alliance.currencies(),
        "brands": {str(brand): str(brand.status) for brand in alliance.brands},
        "tokens": {token.symbol: token.address for token in alliance.tokens},
    }


def _brand(brand: Brand) -> dict[str, Any]:
    facts, recovery = brand.facts, brand.recovery
    shown: dict[str, Any] = {
        "brand": str(brand),
        "status": str(facts.status),
        "admin": facts.admin,
        "guardian": "nobody" if facts.guardian == NOBODY else facts.guardian,
        "profile": facts.profile_uri,
    }
    if facts.pending_admin != NOBODY:
        shown["offered to"] = facts.pending_admin
    if facts.guardian_change_at:
        shown["next guardian"] = f"{facts.pending_guardian} at {moment(facts.guardian_change_at)}"
    if recovery:
        shown["recovery"] = {
            "new admin": recovery.new_admin,
            "ready": moment(recovery.ready_at),
            "vetoed": recovery.vetoed,
            "confirmed by the alliance": recovery.confirmed,
        }
    shown["tokens"] = {token.symbol: token.address for token in brand.tokens()}
    return shown


def _token(alliance: Alliance, token: Token) -> dict[str, Any]:
    def amount(units: int) -> str:
        return f"{format_amount(units, token.decimals)} {token.symbol}"

    obligation = token.obligation
    shown: dict[str, Any] = {
        "token": token.address,
        "name": token.name,
        "symbol": token.symbol,
        "decimals": token.decimals,
        "brand": str(token.brand),
        "outstanding": amount(token.supply),
        "unspent quotas": amount(token.total_quota),
        "capacity": amount(token.capacity),
        "minting": "stopped" if token.mint_stopped else "open",
    }
    if obligation is None:
        return {**shown, "obligation": "none yet: `ape run brand oblige`"}
    terms: dict[str, Any] = {
        "par value": token.currency.text(obligation.par_value),
        "currency": obligation.currency,
        "terms": "0x" + obligation.terms.hash.hex(),
        "terms at": obligation.terms.uri,
        "notice days": obligation.terms.notice_period / 86_400,
        "version": obligation.version,
    }
    if obligation.pending_terms:
        terms["worse terms"] = moment(obligation.terms_change_at)
    if obligation.pending_capacity is not None:
        raised = amount(obligation.pending_capacity)
        terms["raise"] = f"to {raised} from {moment(obligation.capacity_change_at)}"
    if obligation.wind_down_starts_at:
        start, end = moment(obligation.wind_down_starts_at), moment(obligation.wind_down_ends_at)
        terms["wind-down"] = f"from {start} to {end}"
    shown |= {"obligation": terms, "laid down": _bond(alliance.bonds.of(token))}
    record = alliance.orders.delivery(token)
    if record.open or record.settled:
        shown["orders"] = {
            "open": record.open,
            "came as promised": f"{record.fulfilled} of {record.settled} settled",
            "declined": record.declined,
            "not in time": record.failed,
            "disputed": f"{record.disputed}, of which the member was right in {record.lost}",
            "compensation paid": token.currency.text(record.compensation_paid),
        }
    return shown


def _bond(bond: Bond) -> dict[str, Any]:
    money = bond.currency.text
    facts = {f"for {purse}": money(state.value) for purse, state in bond.purses.items()}
    facts["covers"] = f"{bond.coverage:.2%} of what is outstanding or promised"
    facts["must stay"] = money(bond.purses[Purse.HOLDERS].required)
    if bond.missing:
        by = f", to be made good by {moment(bond.cure_by)}" if bond.cure_by else ""
        facts["missing"] = money(bond.missing) + by
    return facts


def _account(alliance: Alliance, address: str) -> dict[str, Any]:
    tokens = list(alliance.tokens)
    with calls.node() as web3:
        balance = int(web3.eth.get_balance(web3.to_checksum_address(address)))
    return {
        "account": web3.to_checksum_address(address),
        "ETH": ether(balance),
        "holds": {
            token.symbol: format_amount(held, token.decimals)
            for token in tokens
            if (held := token.balance_of(address))
        },
        "may mint": {
            token.symbol: format_amount(quota, token.decimals)
            for token in tokens
            if (quota := token.quota_of(address))
        },
        "acts for": {
            str(brand): str(roles) for brand in alliance.brands if (roles := brand.roles_of(address))
        },
    }


def _print(facts: dict[str, Any], indent: str = "") -> None:
    width = max((len(str(key)) for key in facts), default=0)
    for key, value in facts.items():
        if isinstance(value, dict):
            click.echo(f"{indent}{key}:" + ("" if value else " none"))
            _print(value, indent + "  ")
        else:
            text = ", ".join(map(str, value)) or "none" if isinstance(value, list) else value
            click.echo(f"{indent}{str(key).ljust(width)}  {text}")

"""Links lead to the page's screens, and papers that people exchange are what they say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from symbolon import links, papers
from symbolon.codes import bought_text, label_bytes, number_text
from symbolon.cuts import Opening
from symbolon.cutting import Attestation, Commitment, Openings, Vouched
from symbolon.groups import NoGroupError, group_id_of
from symbolon.haggles import Bid, Offer, SignedBid, SignedOffer
from symbolon.papers import PaperError
from symbolon.purchases import numbered
from symbolon.signing import Domain

TOKEN, MEMBER = ("0x" + digit * 40 for digit in "12")
DEAL, SALT = label_bytes("lamp"), b"\x07" * 32
KEY = b"\x01" * 32
ADDRESS_OF_KEY = "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"


@pytest.mark.parametrize(
    "page", ["https://shop.example/p", "https://shop.example/p/", "https://shop.example/p/#/x"]
)
def test_link__to_a_group__names_who_shares_it(page: str) -> None:
    group = numbered("coffee", 3)
    link = links.to_group(page, TOKEN, group, MEMBER)
    assert link == f"https://shop.example/p/#/group/{TOKEN}/0x{group.hex()}/{MEMBER}"
    assert links.to_group(page, TOKEN, group) == link.rpartition("/")[0]


def test_link__to_earnings__has_its_key_behind_the_hash() -> None:
    link = links.to_earnings("https://shop.example/p", TOKEN, 202607, KEY)
    assert link == f"https://shop.example/p/#/earned/{TOKEN}/202607/0x{KEY.hex()}"
    assert links.from_earnings(f" {link}\n") == (TOKEN, 202607, KEY)


@pytest.mark.parametrize("cut", [1, 70])
def test_link__to_earnings__in_part__is_refused(cut: int) -> None:
    link = links.to_earnings("https://shop.example/p", TOKEN, 202607, KEY)
    with pytest.raises(links.LinkError, match="copy the whole link"):
        links.from_earnings(link[:-cut])


@pytest.mark.parametrize("page", ["", "shop.example", "javascript:alert(1)", "file:///etc/passwd"])
def test_link__to_no_page__is_refused(page: str) -> None:
    with pytest.raises(links.LinkError, match="is no page's address"):
        links.to_group(page, TOKEN, DEAL)


def test_names__of_groups_and_orders__are_read_back() -> None:
    assert group_id_of("coffee/3") == numbered("coffee", 3)
    assert group_id_of("coffee") == label_bytes("coffee")
    assert bought_text(numbered("coffee", 3)) == "coffee/3"
    assert bought_text(label_bytes("a name of thirty-two letters, no")) == "a name of thirty-two letters, no"
    for wrong in ("coffee/x", "coffee/-1", "c" * 29, f"coffee/{2**32}"):
        with pytest.raises(NoGroupError, match="is no group"):
            group_id_of(wrong)
    whose = int(MEMBER, 16)
    assert (number_text(17), number_text(whose)) == ("17", MEMBER)
    assert number_text(2 << 160 | whose) == f"{MEMBER}/2"


BID = Bid(TOKEN, DEAL, 5, 650, 0, bytes(32), 1, 99)
PAPERS = (
    SignedBid(BID, b"\x08" * 65),
    SignedOffer(Offer(TOKEN, DEAL, 5, 650, 0, 99), MEMBER, b"\x08" * 65),
    Openings(Commitment(TOKEN, DEAL, 5, SALT, 99), MEMBER, b"\x08" * 65, (Opening(50, SALT, bytes(32)),)),
    Attestation(Vouched(TOKEN, DEAL, MEMBER, SALT, 99), b"\x08" * 65),
)


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: type(paper).__name__)
def test_paper__is_read_as_it_was_written(paper: SignedBid, tmp_path: Path) -> None:
    path = tmp_path / "paper.json"
    papers.write(path, paper, 31337)
    assert papers.read(path, type(paper), 31337) == paper
    with pytest.raises(PaperError, match="is for chain 31337 and this is chain 1: check --network"):
        papers.read(path, type(paper), 1)
    other = SignedOffer if isinstance(paper, SignedBid) else SignedBid
    with pytest.raises(PaperError, match="look for the right file"):
        papers.read(path, other, 31337)
    content = json.loads(path.read_text())
    content.popitem()
    path.write_text(json.dumps(content))
    with pytest.raises(PaperError, match="is damaged: have it sent again"):
        papers.read(path, type(paper), 31337)


@pytest.mark.parametrize("content", ["", "[]", "{}", "not json", '{"paper": 5}'])
def test_paper__that_is_something_else__says_so(content: str, tmp_path: Path) -> None:
    path = tmp_path / "paper.json"
    path.write_text(content)
    with pytest.raises(PaperError, match=r"paper.json is not a signed bid"):
        papers.read(path, SignedBid, 31337)


def test_signature__recovers_its_signer__and_no_other_for_other_words() -> None:
    domain = Domain("Haggles", 31337, TOKEN)
    signature = BID.sign(domain, KEY)
    assert BID.recover(domain, signature) == ADDRESS_OF_KEY
    assert Bid(TOKEN, DEAL, 5, 651, 0, bytes(32), 1, 99).recover(domain, signature) != ADDRESS_OF_KEY
    assert BID.recover(domain, b"\x08" * 3) == ""

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC20Metadata } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";

import { IAllianceLens } from "../../contracts/interfaces/IAllianceLens.sol";
import { IBonds } from "../../contracts/interfaces/IBonds.sol";
import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { IFulfilment } from "../../contracts/interfaces/IFulfilment.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../../contracts/interfaces/IObligationRegistry.sol";
import { IOffers } from "../../contracts/interfaces/IOffers.sol";
import { IOrders } from "../../contracts/interfaces/IOrders.sol";
import { IRedemptions } from "../../contracts/interfaces/IRedemptions.sol";
import { Cooling, DeskTest } from "./utils/DeskTest.sol";
import { OrderTest } from "./utils/OrderTest.sol";

/// @notice What the lens shows is what the contracts say.
abstract contract LensTest is DeskTest {
    uint256 internal constant MAX_SCANNED = 32;

    IAllianceLens internal lens;

    function _lensOn(IOrders toOrder) internal returns (IAllianceLens) {
        return IAllianceLens(
            deployCode("AllianceLens.sol:AllianceLens", abi.encode(brands, obligations, bonds, toOrder))
        );
    }

    function _wallet(ILoyaltyToken which, address who, uint256 maxOffers)
        internal
        view
        returns (IAllianceLens.WalletLine memory)
    {
        address[] memory tokens = new address[](1);
        tokens[0] = address(which);
        return lens.walletOf(who, tokens, maxOffers)[0];
    }

    function _assertToken(IAllianceLens.TokenView memory shown, ILoyaltyToken which, address who)
        internal
        view
    {
        IObligationRegistry.Obligation memory owed = obligations.obligationOf(address(which));
        IAllianceLens.TokenView memory plain = IAllianceLens.TokenView({
            token: address(which),
            brandId: which.brandId(),
            status: brands.statusOf(which.brandId()),
            name: which.name(),
            symbol: which.symbol(),
            decimals: which.decimals(),
            contractURI: which.contractURI(),
            currency: owed.currency,
            currencySymbol: IERC20Metadata(owed.currency).symbol(),
            currencyDecimals: IERC20Metadata(owed.currency).decimals(),
            parValue: owed.parValue,
            version: owed.version,
            noticePeriod: owed.terms.noticePeriod,
            supply: which.totalSupply(),
            promised: which.totalQuota(),
            capacity: which.capacity(),
            mintStopped: which.mintStopped(),
            backing: _backing(which, owed),
            balance: which.balanceOf(who),
            value: obligations.valueDown(address(which), which.balanceOf(who))
        });
        assertEq(abi.encode(shown), abi.encode(plain), "the lens and the contracts differ");
    }

    function _backing(ILoyaltyToken which, IObligationRegistry.Obligation memory owed)
        private
        view
        returns (IAllianceLens.Backing memory)
    {
        uint256 whole = 10 ** which.decimals();
        uint256 outstanding = which.totalSupply() + which.totalQuota();
        return IAllianceLens.Backing({
            owed: (outstanding * owed.parValue + whole - 1) / whole,
            held: bonds.purseOf(address(which), IBonds.Purse.Holders).value,
            coverageBps: bonds.coverageOf(address(which)),
            requiredBps: obligations.bondRatioOf(address(which)),
            cureBy: bonds.cureByOf(address(which)),
            windDownEndsAt: owed.windDownEndsAt
        });
    }

    function _assertOffer(IAllianceLens.OfferView memory shown, ILoyaltyToken which, address who)
        internal
        view
    {
        IOffers.Offer memory offer = IOffers(shown.desk).offerOf(address(which), shown.offerId);
        assertEq(abi.encode(shown.offer), abi.encode(offer));
        (uint256 left, uint256 memberLeft, uint256 affordable) =
            _left(IOffers(shown.desk), which, shown.offerId, who);
        assertEq(shown.left, left, "left");
        assertEq(shown.memberLeft, memberLeft, "left for the member");
        assertEq(shown.affordable, affordable, "affordable");
    }

    /// @dev Counted anew: units one by one are too many, so by comparing.
    function _left(IOffers where, ILoyaltyToken which, bytes32 offerId, address who)
        internal
        view
        returns (uint256 left, uint256 memberLeft, uint256 affordable)
    {
        IOffers.Offer memory offer = where.offerOf(address(which), offerId);
        uint256 redeemed = where.redeemedBy(address(which), offerId, who);
        if (offer.sold < offer.conditions.stock) left = offer.conditions.stock - offer.sold;
        if (redeemed < offer.conditions.memberLimit) memberLeft = offer.conditions.memberLimit - redeemed;
        if (memberLeft > left) memberLeft = left;
        affordable = which.balanceOf(who) / offer.conditions.price;
        if (affordable > memberLeft) affordable = memberLeft;
    }
}

/// @notice Two brands' tokens, their offers at the counter and to order.
contract AllianceLensTest is LensTest {
    IOrders private _toOrder;
    address private _arbiter = makeAddr("arbiter");

    function setUp() public override {
        super.setUp();
        _toOrder = IOrders(deployCode("Orders.sol:Orders", abi.encode(brands, obligations, bonds)));
        _list(IBrandRegistry.List.Arbiter, _arbiter, true);
        lens = _lensOn(_toOrder);
    }

    function _createToOrder(bytes32 offerId, IOffers.Conditions memory conditions) private {
        conditions.fulfilDays = 10;
        conditions.arbiter = _arbiter;
        vm.prank(brand);
        _toOrder.createOffer(address(token), offerId, conditions, DOCUMENT, DOCUMENT_URI);
    }

    // ---------------------------------------------------------------- wallet

    function testFuzz_walletOf__equals_direct_reads(
        uint96 balance,
        uint96 price,
        uint32 stock,
        uint32 limit,
        uint8 bought
    ) public {
        bought = uint8(bound(bought, 0, LIMIT));
        if (bought != 0) _buy(OFFER, bought);
        IOffers.Conditions memory conditions = _conditions();
        conditions.price = uint96(bound(price, 1, 4 * BALANCE));
        (conditions.stock, conditions.memberLimit) = (stock % 20, limit % 10);
        _change(OFFER, conditions);
        vm.warp(START + NOTICE);
        uint256 held = token.balanceOf(member);
        vm.prank(member);
        token.transfer(intruder, bound(balance, 0, held));
        _grant(manager, 123);
        if (balance % 2 == 0) _suspendAndStop();

        IAllianceLens.WalletLine memory line = _wallet(token, member, 10);
        _assertToken(line.token, token, member);
        (, uint256 memberLeft,) = _left(desk, token, OFFER, member);
        assertEq(line.offers.length, memberLeft == 0 ? 0 : 1, "only offers with units for the member");
        if (memberLeft != 0) {
            assertEq(line.offers[0].offerId, OFFER);
            _assertOffer(line.offers[0], token, member);
        }
        (IAllianceLens.WalletLine[] memory lines, uint256 total) = lens.walletOf(member, 0, 10, 10);
        assertEq(total, 2);
        assertEq(lines.length, 2);
        assertEq(abi.encode(lines[0]), abi.encode(line));
        assertEq(lines[1].offers.length, 0);
        _assertToken(lines[1].token, partnerToken, member);
    }

    function test_walletOf__pages__edges() public view {
        _assertPage(0, 1, 0, 1);
        _assertPage(1, 1, 1, 1);
        _assertPage(0, 2, 0, 2);
        _assertPage(1, type(uint256).max, 1, 1);
        _assertPage(0, type(uint256).max, 0, 2);
        _assertPage(0, 0, 0, 0);
        _assertPage(2, 1, 0, 0);
        _assertPage(3, 5, 0, 0);
        _assertPage(type(uint256).max, type(uint256).max, 0, 0);
    }

    function _assertPage(uint256 from, uint256 count, uint256 first, uint256 length) private view {
        (IAllianceLens.WalletLine[] memory lines, uint256 total) = lens.walletOf(member, from, count, 1);
        assertEq(total, 2);
        assertEq(lines.length, length);
        for (uint256 i = 0; i < length; ++i) {
            assertEq(lines[i].token.token, obligations.tokenAt(first + i));
        }
    }

    function test_walletOf__chosen_tokens__in_that_order_also_twice() public view {
        address[] memory tokens = new address[](3);
        (tokens[0], tokens[1], tokens[2]) = (address(partnerToken), address(token), address(partnerToken));
        IAllianceLens.WalletLine[] memory lines = lens.walletOf(member, tokens, 1);
        assertEq(lines.length, 3);
        for (uint256 i = 0; i < 3; ++i) {
            assertEq(lines[i].token.token, tokens[i]);
        }
        assertEq(lines[1].offers.length, 1);
        assertEq(lens.walletOf(member, new address[](0), 1).length, 0);
    }

    function test_walletOf__not_obliged__reverts() public {
        ILoyaltyToken fresh = _createToken(brand, brandId, "Fresh", "FRESH");
        address[] memory tokens = new address[](2);
        tokens[0] = address(token);
        address[4] memory none = [address(fresh), currency, intruder, address(0)];
        for (uint256 i = 0; i < none.length; ++i) {
            tokens[1] = none[i];
            bytes memory reason =
                abi.encodeWithSelector(IObligationRegistry.ObligationRegistry_NotObliged.selector, none[i]);
            _expect(reason);
            lens.walletOf(member, tokens, 1);
            _expect(reason);
            lens.brandPageOf(none[i], member, 0, 1);
        }
    }

    /// @dev Nobody's wallet shows what there is for anybody.
    function test_walletOf__nobody__shows_offers_but_no_balance() public view {
        IAllianceLens.WalletLine memory line = _wallet(token, address(0), 1);
        assertEq(line.token.balance, 0);
        assertEq(line.offers[0].memberLeft, LIMIT);
        assertEq(line.offers[0].affordable, 0);
    }

    function test_walletOf__window__open_offers_alone() public {
        IOffers.Conditions memory conditions = _conditions();
        (conditions.opensAt, conditions.closesAt) = (START + 10, START + 20);
        _create("brunch", conditions);
        uint40[6] memory times = [START + 9, START + 10, START + 11, START + 19, START + 20, START + 21];
        for (uint256 i = 0; i < times.length; ++i) {
            vm.warp(times[i]);
            bool open = times[i] >= START + 10 && times[i] < START + 20;
            assertEq(_wallet(token, member, 10).offers.length, open ? 2 : 1);
        }
    }

    function test_walletOf__sold_out_or_used_up__not_shown() public {
        IOffers.Conditions memory conditions = _conditions();
        (conditions.stock, conditions.memberLimit) = (3, 2);
        _create("brunch", conditions);
        assertEq(_wallet(token, member, 10).offers.length, 2);
        _buy("brunch", 2);
        assertEq(_wallet(token, member, 10).offers.length, 1, "the member has had its share");
        assertEq(_wallet(token, intruder, 10).offers.length, 2);
        conditions.memberLimit = 3;
        _change("brunch", conditions);
        _buy("brunch", 1);
        assertEq(_wallet(token, intruder, 10).offers.length, 1, "sold out");
    }

    /// @dev What the lens shows of an offer whose worsening came by the clock is what is in force.
    function test_walletOf__change_due__shows_the_new_conditions() public {
        IOffers.Conditions memory worse = _conditions();
        worse.price = PRICE + 1;
        _change(OFFER, worse);
        for (uint40 time = START + NOTICE - 1; time <= START + NOTICE + 1; ++time) {
            vm.warp(time);
            IAllianceLens.OfferView memory shown = _wallet(token, member, 1).offers[0];
            assertEq(shown.offer.conditions.price, time < START + NOTICE ? PRICE : PRICE + 1);
            _assertOffer(shown, token, member);
        }
    }

    /// @dev Each token is read at its own desk.
    function test_walletOf__token_of_another_desk__is_read_there() public {
        address other = deployCode("Redemptions.sol:Redemptions", abi.encode(brands, obligations));
        _list(IBrandRegistry.List.RedemptionDesk, other, true);
        vm.startPrank(brand);
        address made = factory.createToken(brandId, address(obligations), other, "Tea", "TEA", 0);
        obligations.oblige(made, currency, PAR, CAPACITY, _terms());
        IRedemptions(other).createOffer(made, "tea", _conditions(), DOCUMENT, "");
        vm.stopPrank();
        IAllianceLens.WalletLine memory line = _wallet(ILoyaltyToken(made), member, 5);
        assertEq(line.offers.length, 1);
        assertEq(line.offers[0].offerId, "tea");
        assertEq(lens.brandPageOf(made, member, 0, 5).offersAtCounter, 1);
    }

    // ----------------------------------------------------------- best offers

    /// @dev Offers at random at both desks, held to a plain twin: of those left, again and again the one that
    /// nobody beats.
    function testFuzz_walletOf__best_offers__as_a_plain_twin_sorts_them(
        uint256 seed,
        uint256 count,
        uint256 max
    ) public {
        count = bound(count, 0, 12);
        max = bound(max, 0, count + 2);
        for (uint256 i = 0; i < count; ++i) {
            _createAny(i, uint256(keccak256(abi.encode(seed, i))));
        }
        vm.warp(START + 100);
        IAllianceLens.OfferView[] memory shown = _wallet(token, member, max).offers;
        bytes32[] memory expected = _twin(max);
        assertEq(shown.length, expected.length, "how many");
        for (uint256 i = 0; i < shown.length; ++i) {
            assertEq(shown[i].offerId, expected[i], "order");
            _assertOffer(shown[i], token, member);
        }
    }

    function _createAny(uint256 index, uint256 seed) private {
        IOffers.Conditions memory conditions = _conditions();
        // Few prices, so that some are the same, around what the member has.
        conditions.price = uint96(BALANCE - 3 + seed % 6);
        if (seed % 5 == 0) conditions.stock = 0;
        if (seed % 7 == 0) conditions.memberLimit = 0;
        if ((seed >> 8) % 6 == 0) conditions.opensAt = START + 101;
        else if ((seed >> 16) % 6 == 0) conditions.closesAt = START + 99;
        if ((seed >> 24) % 3 == 0) _createToOrder(bytes32(index + 1), conditions);
        else _create(bytes32(index + 1), conditions);
    }

    /// @dev Goes through the offers so that the first wins where two are as good: those at the counter, then
    /// those to order, each the latest first.
    function _twin(uint256 max) private view returns (bytes32[] memory best) {
        uint256 atCounter = desk.offerCount(address(token));
        uint256 count = atCounter + _toOrder.offerCount(address(token));
        bool[] memory used = new bool[](count);
        best = new bytes32[](max);
        for (uint256 place = 0; place < max; ++place) {
            uint256 chosen = count;
            uint256 most = 0;
            for (uint256 i = 0; i < count; ++i) {
                uint256 rank = _rank(i, atCounter, count);
                if (!used[i] && rank > most) (chosen, most) = (i, rank);
            }
            if (chosen == count) {
                assembly ("memory-safe") {
                    mstore(best, place)
                }
                return best;
            }
            used[chosen] = true;
            (, best[place]) = _nth(chosen, atCounter, count);
        }
    }

    function _nth(uint256 index, uint256 atCounter, uint256 count)
        private
        view
        returns (IOffers where, bytes32 offerId)
    {
        bool isToOrder = index >= atCounter;
        where = isToOrder ? IOffers(_toOrder) : IOffers(desk);
        offerId = where.offerIdAt(address(token), (isToOrder ? count : atCounter) - 1 - index);
    }

    /// @dev A number for how well an offer suits the member; zero if not at all.
    function _rank(uint256 index, uint256 atCounter, uint256 count) private view returns (uint256) {
        (IOffers where, bytes32 offerId) = _nth(index, atCounter, count);
        IOffers.Conditions memory conditions = where.offerOf(address(token), offerId).conditions;
        (, uint256 memberLeft, uint256 affordable) = _left(where, token, offerId, member);
        if (memberLeft == 0 || block.timestamp < conditions.opensAt) return 0;
        if (block.timestamp >= conditions.closesAt) return 0;
        return affordable != 0 ? 2 ** 100 + conditions.price : 2 ** 99 - conditions.price;
    }

    function test_walletOf__scans_the_latest_offers_alone() public {
        // The first of all would be the best: the dearest that the member can pay for.
        IOffers.Conditions memory conditions = _conditions();
        conditions.price = BALANCE;
        _create("best", conditions);
        conditions.price = 1;
        for (uint256 i = 1; i < MAX_SCANNED; ++i) {
            _create(bytes32(i), conditions);
        }
        assertEq(lens.MAX_SCANNED(), MAX_SCANNED);
        IAllianceLens.OfferView[] memory shown = _wallet(token, member, type(uint256).max).offers;
        assertEq(shown.length, MAX_SCANNED);
        assertEq(shown[0].offerId, "best");
        _create("one more", conditions);
        shown = _wallet(token, member, type(uint256).max).offers;
        assertEq(shown.length, MAX_SCANNED);
        for (uint256 i = 0; i < shown.length; ++i) {
            assertEq(shown[i].offer.conditions.price, 1);
        }
        // A brand's page reaches all of them.
        assertEq(_page(MAX_SCANNED, 1)[0].offerId, "best");
    }

    // ------------------------------------------------------------ brand page

    function test_brandPageOf__equals_direct_reads() public {
        _create("cake", _conditions());
        _create("tea", _conditions());
        _buy("cake", 2);
        IAllianceLens.BrandPage memory page = lens.brandPageOf(address(token), member, 0, 2);
        _assertToken(page.token, token, member);
        assertEq(abi.encode(page.brand), abi.encode(brands.brandOf(brandId)));
        assertEq(abi.encode(page.obligation), abi.encode(obligations.obligationOf(address(token))));
        assertEq(page.offersAtCounter, 3);
        assertEq(page.offersToOrder, 0);
        assertEq(page.offers.length, 2);
        assertEq(page.offers[0].offerId, "tea");
        assertEq(page.offers[1].offerId, "cake");
        _assertOffer(page.offers[0], token, member);
        _assertOffer(page.offers[1], token, member);
        assertEq(page.offers[1].left, STOCK - 2);
        assertEq(page.offers[1].memberLeft, LIMIT - 2);
        // For nobody.
        page = lens.brandPageOf(address(token), address(0), 0, 1);
        assertEq(page.token.balance, 0);
        assertEq(page.offers[0].affordable, 0);
        assertEq(page.offers[0].memberLeft, LIMIT);
    }

    /// @dev The latest first, of each desk so many, and nothing where there is no more.
    function test_brandPageOf__pages__of_each_desk_the_latest_first() public {
        _create("cake", _conditions());
        _create("tea", _conditions());
        _createToOrder("mug", _conditions());
        _createToOrder("pot", _conditions());
        _assertOffers(0, type(uint256).max, "tea,cake,a cup of coffee,pot,mug");
        _assertOffers(0, 3, "tea,cake,a cup of coffee,pot,mug");
        _assertOffers(0, 2, "tea,cake,pot,mug");
        _assertOffers(1, 1, "cake,mug");
        _assertOffers(1, type(uint256).max, "cake,a cup of coffee,mug");
        _assertOffers(2, 1, "a cup of coffee");
        _assertOffers(0, 0, "");
        _assertOffers(3, 1, "");
        _assertOffers(type(uint256).max, type(uint256).max, "");
    }

    function _assertOffers(uint256 skipped, uint256 count, string memory expected) private view {
        IAllianceLens.BrandPage memory page = lens.brandPageOf(address(token), member, skipped, count);
        assertEq(page.offersAtCounter, 3);
        assertEq(page.offersToOrder, 2);
        string memory names = "";
        for (uint256 i = 0; i < page.offers.length; ++i) {
            _assertOffer(page.offers[i], token, member);
            bool isToOrder = page.offers[i].offer.conditions.fulfilDays != 0;
            assertEq(page.offers[i].desk, isToOrder ? address(_toOrder) : address(desk));
            names = string.concat(names, i == 0 ? "" : ",", _text(page.offers[i].offerId));
        }
        assertEq(names, expected);
    }

    function _text(bytes32 label) private pure returns (string memory) {
        uint256 length = 0;
        while (length < 32 && label[length] != 0) ++length;
        bytes memory text = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            text[i] = label[i];
        }
        return string(text);
    }

    /// @dev Unlike a wallet, a brand's page shows what is closed or gone as well.
    function test_brandPageOf__closed_and_sold_out__are_shown() public {
        IOffers.Conditions memory conditions = _conditions();
        conditions.stock = 0;
        _create("gone", conditions);
        vm.warp(CLOSES);
        assertEq(_page(0, 5).length, 2);
        assertEq(_wallet(token, member, 5).offers.length, 0);
    }

    function _page(uint256 skipped, uint256 count) private view returns (IAllianceLens.OfferView[] memory) {
        return lens.brandPageOf(address(token), member, skipped, count).offers;
    }
}

/// @notice What stands behind a brand's promises, and how it has kept them.
contract AllianceLensRecordTest is LensTest, OrderTest {
    bytes32 private constant POT = "a pot";
    IBonds.Purse private constant HOLDERS = IBonds.Purse.Holders;

    function setUp() public override(DeskTest, OrderTest) {
        OrderTest.setUp();
        lens = _lensOn(orders);
        assertEq(address(lens.ORDERS()), address(orders));
    }

    // -------------------------------------------------------------- coverage

    function test_backing__nothing_laid_down__says_zero() public view {
        IAllianceLens.Backing memory backing = _seen().token.backing;
        _assertToken(_seen().token, token, member);
        assertEq(backing.held, 0);
        assertEq(backing.coverageBps, 0);
        assertEq(backing.requiredBps, BOND_BPS);
        assertEq(backing.cureBy, 0);
        assertEq(backing.windDownEndsAt, 0);
    }

    function testFuzz_backing__laid_down__equals_direct_reads(uint256 held, uint96 promised) public {
        _grant(manager, bound(promised, 0, CAPACITY - BALANCE));
        held = bound(held, 1, 2 * uint256(PAR) * CAPACITY);
        _lay(HOLDERS, held);
        IAllianceLens.TokenView memory shown = _seen().token;
        _assertToken(shown, token, member);
        assertEq(shown.backing.held, held);
        assertEq(shown.backing.coverageBps, bonds.coverageOf(address(token)));
        assertEq(abi.encode(_wallet(token, member, 0).token), abi.encode(shown), "the wallet and the page");
    }

    function test_backing__shortfall_flagged__says_by_when() public {
        bonds.flagShortfall(address(token));
        assertEq(_seen().token.backing.cureBy, START + 30 days);
        _lay(HOLDERS, bonds.requiredOf(address(token)));
        assertEq(_seen().token.backing.cureBy, 0);
        assertEq(_seen().token.backing.coverageBps, BOND_BPS);
    }

    function test_backing__winding_down__says_until_when_and_then_requires_nothing() public {
        vm.prank(brand);
        obligations.announceWindDown(address(token));
        uint40 endsAt = obligations.obligationOf(address(token)).windDownEndsAt;
        assertGt(endsAt, START);
        assertEq(_seen().token.backing.windDownEndsAt, endsAt);
        for (uint40 time = endsAt - 1; time <= endsAt + 1; ++time) {
            vm.warp(time);
            assertEq(_seen().token.backing.requiredBps, time < endsAt ? BOND_BPS : 0);
            _assertToken(_seen().token, token, member);
        }
    }

    function test_purses__with_what_is_allotted_and_announced() public {
        _lay(HOLDERS, 700);
        _lay(IBonds.Purse.Settlement, 800);
        vm.prank(brand);
        bonds.announceWithdrawal(address(token), HOLDERS, 600);
        IBonds.PurseView[] memory purses = _seen().purses;
        assertEq(purses.length, 3);
        for (uint8 i = 0; i < 3; ++i) {
            assertEq(abi.encode(purses[i]), abi.encode(bonds.purseOf(address(token), IBonds.Purse(i))));
        }
        assertEq(purses[uint8(HOLDERS)].withdrawal, 600);
        assertEq(purses[uint8(HOLDERS)].withdrawableAt, START + NOTICE);
        assertEq(purses[uint8(IBonds.Purse.Settlement)].value, 800);
        assertEq(purses[uint8(PURSE)].allotted, FUND);
    }

    // ------------------------------------------------------ offers to order

    function test_walletOf__offer_to_order__is_shown_with_its_desk() public view {
        IAllianceLens.WalletLine memory line = _wallet(token, member, 5);
        assertEq(line.offers.length, 1);
        assertEq(line.offers[0].desk, address(orders));
        assertEq(line.offers[0].offerId, MUG);
        assertEq(line.offers[0].offer.conditions.arbiter, arbiter);
        assertEq(line.offers[0].compensation, COMPENSATION);
        _assertOffer(line.offers[0], token, member);
    }

    /// @dev What a member would really get, not what the offer says.
    function test_offer__fund_is_short__shows_what_would_be_reserved() public {
        _reclaim(MUG, FUND - COMPENSATION - 1);
        assertEq(_seen().offers[0].compensation, COMPENSATION);
        _open(1);
        assertEq(_seen().offers[0].compensation, 1);
        _open(1);
        assertEq(_seen().offers[0].compensation, 0);
        assertEq(_seen().offers[0].offer.conditions.compensation, COMPENSATION);
    }

    // -------------------------------------------------------------- delivery

    function test_delivery__every_end__is_counted() public {
        _publish(POT, _made());
        _fund(POT, FUND);
        IFulfilment.Order memory late = _open(member, POT, 3);
        _open(member, MUG, 2);
        IFulfilment.Order memory kept = _open(member, MUG, 5);
        _confirm(kept);
        _decline(_open(member, POT, 7));
        vm.warp(START + FULFIL_DAYS * 1 days);
        _claim(late);
        IFulfilment.Order memory wrong = _open(member, POT, 11);
        _fulfil(wrong);
        _dispute(wrong);
        _decide(wrong, wrong.amount, 4);

        _assertDelivery(_seen().delivery, 2, 5, 7, 3, 11, 11, 3 * COMPENSATION + 4);
        _assertDelivery(lens.deliveryOf(address(token), 1, 1), 2, 5, 0, 0, 0, 0, 0);
        _assertDelivery(lens.deliveryOf(address(token), 0, 1), 0, 0, 7, 3, 11, 11, 3 * COMPENSATION + 4);
        _assertDelivery(lens.deliveryOf(address(token), 2, 1), 0, 0, 0, 0, 0, 0, 0);
        _assertDelivery(lens.deliveryOf(address(partnerToken), 0, 9), 0, 0, 0, 0, 0, 0, 0);
    }

    /// @dev A brand cannot make its page too dear to read, and whoever wants to reads on.
    function test_delivery__offers_without_end__the_latest_are_added_up() public {
        _confirm(_open(1));
        for (uint256 i = 1; i < lens.MAX_SUMMED(); ++i) {
            _publish(bytes32(i), _made());
        }
        assertEq(_seen().delivery.fulfilled, 1);
        _publish("one more", _made());
        assertEq(_seen().delivery.fulfilled, 0);
        assertEq(_seen().offersToOrder, lens.MAX_SUMMED() + 1);
        assertEq(lens.deliveryOf(address(token), lens.MAX_SUMMED(), 1).fulfilled, 1);
        Cooling(address(vm)).cool(address(orders));
        lens.brandPageOf(address(token), member, 0, 100);
        uint256 cost = vm.lastCallGas().gasTotalUsed;
        emit log_named_uint("gas of a page with all that is summed", cost);
        assertLt(cost, 15_000_000);
    }

    function _assertDelivery(
        IFulfilment.Record memory record,
        uint256 open,
        uint256 fulfilled,
        uint256 declined,
        uint256 failed,
        uint256 lost,
        uint256 disputed,
        uint256 compensationPaid
    ) private pure {
        assertEq(record.open, open, "open");
        assertEq(record.fulfilled, fulfilled, "fulfilled");
        assertEq(record.declined, declined, "declined");
        assertEq(record.failed, failed, "failed");
        assertEq(record.lost, lost, "lost");
        assertEq(record.disputed, disputed, "disputed");
        assertEq(record.compensationPaid, compensationPaid, "paid");
    }

    // ---------------------------------------------------------------- orders

    /// @dev Whoever asks for every number below the units sold knows what is open, and how old it is.
    function test_ordersOf__all_numbers__every_order_that_has_not_ended() public {
        _open(2);
        vm.warp(START + 1 days);
        IFulfilment.Order memory second = _open(1);
        IFulfilment.Order memory third = _open(1);
        _fulfil(third);
        _decline(second);
        uint256 sold = orders.offerOf(address(token), MUG).sold;
        IAllianceLens.OrderKey[] memory keys = new IAllianceLens.OrderKey[](sold);
        for (uint256 i = 0; i < sold; ++i) {
            keys[i] = IAllianceLens.OrderKey({ offerId: MUG, number: i });
        }
        IAllianceLens.OrderView[] memory shown = lens.ordersOf(address(token), keys);
        assertEq(shown.length, 4);
        _assertOrder(shown[0], IFulfilment.State.Open, START + FULFIL_DAYS * 1 days);
        _assertOrder(shown[1], IFulfilment.State.None, 0);
        _assertOrder(shown[2], IFulfilment.State.None, 0);
        _assertOrder(shown[3], IFulfilment.State.Delivered, START + 1 days + DISPUTE);
        assertEq(lens.ordersOf(address(token), new IAllianceLens.OrderKey[](0)).length, 0);
    }

    function _assertOrder(IAllianceLens.OrderView memory shown, IFulfilment.State state, uint40 deadline)
        private
        pure
    {
        assertEq(uint8(shown.state), uint8(state));
        assertEq(shown.deadline, deadline);
    }

    // --------------------------------------------------------------- helpers

    function _seen() private view returns (IAllianceLens.BrandPage memory) {
        return lens.brandPageOf(address(token), member, 0, 5);
    }

    function _lay(IBonds.Purse purse, uint256 value) private {
        money.mint(brand, value);
        vm.startPrank(brand);
        money.approve(address(bonds), value);
        bonds.deposit(address(token), purse, value);
        vm.stopPrank();
    }
}

/// @notice A wallet's whole screen is one read that any node answers.
contract AllianceLensScaleTest is LensTest {
    uint256 private constant BRANDS = 50;
    uint256 private constant NODE_LIMIT = 30_000_000;

    IOrders private _toOrder;

    function setUp() public override {
        super.setUp();
        _toOrder = IOrders(deployCode("Orders.sol:Orders", abi.encode(brands, obligations, bonds)));
        lens = _lensOn(_toOrder);
        _list(IBrandRegistry.List.Arbiter, alliance, true);
        for (uint256 i = 2; i < BRANDS; ++i) {
            address admin = vm.addr(1000 + i);
            bytes32 id = _admittedBrand(admin, bytes32(i));
            ILoyaltyToken made = _createToken(admin, id, "A loyalty programme", "LOYAL");
            _oblige(admin, made);
            _createMany(desk, admin, made, 6);
            _createMany(_toOrder, admin, made, 4);
            vm.prank(admin);
            made.grantQuota(manager, BALANCE);
            vm.prank(manager);
            made.mint(member, BALANCE);
        }
    }

    function test_walletOf__fifty_brands__one_read() public {
        _cool();
        for (uint256 i = 0; i < BRANDS; ++i) {
            Cooling(address(vm)).cool(obligations.tokenAt(i));
        }
        Cooling(address(vm)).cool(address(obligations));
        (IAllianceLens.WalletLine[] memory lines, uint256 total) = lens.walletOf(member, 0, BRANDS, 3);
        uint256 used = vm.lastCallGas().gasTotalUsed;
        assertEq(total, BRANDS);
        assertEq(lines.length, BRANDS);
        assertEq(lines[49].offers.length, 3);
        assertEq(lines[49].token.balance, BALANCE);
        emit log_named_uint("gas", used);
        emit log_named_uint("bytes", abi.encode(lines).length);
        assertLt(used, NODE_LIMIT);
        assertLt(abi.encode(lines).length, 256 * 1024);
    }

    /// @dev However many offers a brand has ever had, its line costs a wallet no more than the latest do.
    function test_walletOf__offers_without_end__cost_no_more_than_those_scanned() public {
        _createMany(desk, brand, token, MAX_SCANNED);
        _createMany(_toOrder, brand, token, MAX_SCANNED);
        _createMany(desk, partner, partnerToken, 2 * MAX_SCANNED);
        _createMany(_toOrder, partner, partnerToken, 3 * MAX_SCANNED);
        uint256 scanned = _cost(token);
        emit log_named_uint("gas of a line with all that is scanned", scanned);
        assertLt(scanned, NODE_LIMIT / 10);
        assertApproxEqRel(_cost(partnerToken), scanned, 0.01e18);
    }

    function _createMany(IOffers where, address admin, ILoyaltyToken which, uint256 count) private {
        IOffers.Conditions memory conditions = _conditions();
        if (address(where) == address(_toOrder)) {
            (conditions.fulfilDays, conditions.compensation) = (10, 500);
            conditions.arbiter = alliance;
        }
        for (uint256 i = 0; i < count; ++i) {
            vm.prank(admin);
            where.createOffer(address(which), bytes32(i), conditions, DOCUMENT, DOCUMENT_URI);
        }
    }

    /// @dev What a line costs from cold, by the lens's own count.
    function _cost(ILoyaltyToken which) private returns (uint256) {
        _cool();
        Cooling(address(vm)).cool(address(which));
        address[] memory tokens = new address[](1);
        tokens[0] = address(which);
        lens.walletOf(member, tokens, 3);
        return vm.lastCallGas().gasTotalUsed;
    }

    function _cool() private {
        Cooling(address(vm)).cool(address(desk));
        Cooling(address(vm)).cool(address(_toOrder));
        Cooling(address(vm)).cool(address(bonds));
        Cooling(address(vm)).cool(address(obligations));
        Cooling(address(vm)).cool(address(brands));
        Cooling(address(vm)).cool(currency);
    }
}

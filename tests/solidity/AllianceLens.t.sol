// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC20Metadata } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";

import { IAllianceLens } from "../../contracts/interfaces/IAllianceLens.sol";
import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../../contracts/interfaces/IObligationRegistry.sol";
import { IOffers } from "../../contracts/interfaces/IOffers.sol";
import { IRedemptions } from "../../contracts/interfaces/IRedemptions.sol";
import { Cooling, DeskTest } from "./utils/DeskTest.sol";

/// @notice What the lens shows is what the contracts say.
abstract contract LensTest is DeskTest {
    uint256 internal constant MAX_SCANNED = 32;

    IAllianceLens internal lens;

    function setUp() public virtual override {
        super.setUp();
        lens = IAllianceLens(deployCode("AllianceLens.sol:AllianceLens", abi.encode(brands, obligations)));
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
            balance: which.balanceOf(who),
            value: obligations.valueDown(address(which), which.balanceOf(who))
        });
        assertEq(abi.encode(shown), abi.encode(plain), "the lens and the contracts differ");
    }

    function _assertOffer(IAllianceLens.OfferView memory shown, ILoyaltyToken which, address who)
        internal
        view
    {
        IOffers.Offer memory offer = desk.offerOf(address(which), shown.offerId);
        assertEq(abi.encode(shown.offer), abi.encode(offer));
        (uint256 left, uint256 memberLeft, uint256 affordable) = _left(which, shown.offerId, who);
        assertEq(shown.left, left, "left");
        assertEq(shown.memberLeft, memberLeft, "left for the member");
        assertEq(shown.affordable, affordable, "affordable");
    }

    /// @dev Counted anew: units one by one are too many, so by comparing.
    function _left(ILoyaltyToken which, bytes32 offerId, address who)
        internal
        view
        returns (uint256 left, uint256 memberLeft, uint256 affordable)
    {
        IOffers.Offer memory offer = desk.offerOf(address(which), offerId);
        uint256 redeemed = desk.redeemedBy(address(which), offerId, who);
        if (offer.sold < offer.conditions.stock) left = offer.conditions.stock - offer.sold;
        if (redeemed < offer.conditions.memberLimit) memberLeft = offer.conditions.memberLimit - redeemed;
        if (memberLeft > left) memberLeft = left;
        affordable = which.balanceOf(who) / offer.conditions.price;
        if (affordable > memberLeft) affordable = memberLeft;
    }
}

contract AllianceLensTest is LensTest {
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
        (, uint256 memberLeft,) = _left(token, OFFER, member);
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
        assertEq(lens.brandPageOf(made, member, 0, 5).offerCount, 1);
    }

    // ----------------------------------------------------------- best offers

    /// @dev Offers at random, held to a plain twin: of those left, again and again the one that nobody beats.
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
        _create(bytes32(index + 1), conditions);
    }

    function _twin(uint256 max) private view returns (bytes32[] memory best) {
        uint256 count = desk.offerCount(address(token));
        bool[] memory used = new bool[](count);
        best = new bytes32[](max);
        for (uint256 place = 0; place < max; ++place) {
            uint256 chosen = count;
            for (uint256 j = 0; j < count; ++j) {
                uint256 i = count - 1 - j; // the latest first, which wins where two are as good
                if (used[i] || _rank(i) == 0) continue;
                if (chosen == count || _rank(i) > _rank(chosen)) chosen = i;
            }
            if (chosen == count) {
                assembly ("memory-safe") {
                    mstore(best, place)
                }
                return best;
            }
            used[chosen] = true;
            best[place] = desk.offerIdAt(address(token), chosen);
        }
    }

    /// @dev A number for how well an offer suits the member; zero if not at all.
    function _rank(uint256 index) private view returns (uint256) {
        bytes32 offerId = desk.offerIdAt(address(token), index);
        IOffers.Conditions memory conditions = desk.offerOf(address(token), offerId).conditions;
        (, uint256 memberLeft, uint256 affordable) = _left(token, offerId, member);
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
        assertEq(lens.brandPageOf(address(token), member, 1, 1).offers[0].offerId, "best");
    }

    // ------------------------------------------------------------ brand page

    function test_brandPageOf__equals_direct_reads() public {
        _create("cake", _conditions());
        _create("tea", _conditions());
        _buy("cake", 2);
        IAllianceLens.BrandPage memory page = lens.brandPageOf(address(token), member, 1, 2);
        _assertToken(page.token, token, member);
        assertEq(abi.encode(page.brand), abi.encode(brands.brandOf(brandId)));
        assertEq(abi.encode(page.obligation), abi.encode(obligations.obligationOf(address(token))));
        assertEq(page.offerCount, 3);
        assertEq(page.offers.length, 2);
        assertEq(page.offers[0].offerId, "cake");
        assertEq(page.offers[1].offerId, "tea");
        _assertOffer(page.offers[0], token, member);
        _assertOffer(page.offers[1], token, member);
        assertEq(page.offers[0].left, STOCK - 2);
        assertEq(page.offers[0].memberLeft, LIMIT - 2);
        assertEq(abi.encode(_first(0, type(uint256).max)), abi.encode(_first(0, 3)));
        assertEq(_first(0, 0).length, 0);
        assertEq(_first(3, 1).length, 0);
        assertEq(_first(4, type(uint256).max).length, 0);
        assertEq(_first(type(uint256).max, type(uint256).max).length, 0);
        // For nobody.
        page = lens.brandPageOf(address(token), address(0), 0, 1);
        assertEq(page.token.balance, 0);
        assertEq(page.offers[0].affordable, 0);
        assertEq(page.offers[0].memberLeft, LIMIT);
    }

    /// @dev Unlike a wallet, a brand's page shows what is closed or gone as well.
    function test_brandPageOf__closed_and_sold_out__are_shown() public {
        IOffers.Conditions memory conditions = _conditions();
        conditions.stock = 0;
        _create("gone", conditions);
        vm.warp(CLOSES);
        assertEq(_first(0, 5).length, 2);
        assertEq(_wallet(token, member, 5).offers.length, 0);
    }

    function _first(uint256 from, uint256 count) private view returns (IAllianceLens.OfferView[] memory) {
        return lens.brandPageOf(address(token), member, from, count).offers;
    }
}

/// @notice A wallet's whole screen is one read that any node answers.
contract AllianceLensScaleTest is LensTest {
    uint256 private constant BRANDS = 50;
    uint256 private constant NODE_LIMIT = 30_000_000;

    function setUp() public override {
        super.setUp();
        for (uint256 i = 2; i < BRANDS; ++i) {
            address admin = vm.addr(1000 + i);
            bytes32 id = _admittedBrand(admin, bytes32(i));
            ILoyaltyToken made = _createToken(admin, id, "A loyalty programme", "LOYAL");
            _oblige(admin, made);
            vm.startPrank(admin);
            for (uint256 j = 0; j < 8; ++j) {
                desk.createOffer(address(made), bytes32(j), _conditions(), DOCUMENT, DOCUMENT_URI);
            }
            made.grantQuota(manager, BALANCE);
            vm.stopPrank();
            vm.prank(manager);
            made.mint(member, BALANCE);
        }
    }

    function test_walletOf__fifty_brands__one_read() public {
        uint256 before = gasleft();
        (IAllianceLens.WalletLine[] memory lines, uint256 total) = lens.walletOf(member, 0, BRANDS, 3);
        uint256 used = before - gasleft();
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
        _createMany(brand, token, MAX_SCANNED);
        _createMany(partner, partnerToken, 3 * MAX_SCANNED);
        uint256 scanned = _cost(token);
        emit log_named_uint("gas of a line with all that is scanned", scanned);
        assertLt(scanned, NODE_LIMIT / 20);
        assertApproxEqRel(_cost(partnerToken), scanned, 0.01e18);
    }

    function _createMany(address admin, ILoyaltyToken which, uint256 count) private {
        for (uint256 i = 0; i < count; ++i) {
            vm.prank(admin);
            desk.createOffer(address(which), bytes32(i), _conditions(), DOCUMENT, DOCUMENT_URI);
        }
    }

    /// @dev What a line costs from cold, by the lens's own count.
    function _cost(ILoyaltyToken which) private returns (uint256) {
        Cooling(address(vm)).cool(address(desk));
        Cooling(address(vm)).cool(address(which));
        Cooling(address(vm)).cool(address(obligations));
        Cooling(address(vm)).cool(address(brands));
        address[] memory tokens = new address[](1);
        tokens[0] = address(which);
        lens.walletOf(member, tokens, 3);
        return vm.lastCallGas().gasTotalUsed;
    }
}

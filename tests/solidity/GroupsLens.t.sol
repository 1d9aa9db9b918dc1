// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IGroupDeals } from "../../contracts/interfaces/IGroupDeals.sol";
import { IGroupsLens } from "../../contracts/interfaces/IGroupsLens.sol";
import { GroupTest } from "./utils/GroupTest.sol";

/// @notice What members see of groups in one read: what the contracts say, and no more than was asked for.
contract GroupsLensTest is GroupTest {
    uint256 internal constant ALL = 100;

    IGroupsLens internal lens;

    function setUp() public override {
        super.setUp();
        lens = IGroupsLens(
            deployCode("GroupsLens.sol:GroupsLens", abi.encode(obligations, deals, escrow, rights))
        );
    }

    function test_dealsOf__shows_the_deal_the_token_and_the_members_means() public view {
        IGroupsLens.DealView memory shown = _seen(MIXED, member, ALL);
        assertEq(shown.name, token.name());
        assertEq(shown.symbol, token.symbol());
        assertEq(shown.decimals, token.decimals());
        assertEq(shown.brandId, brandId);
        assertEq(shown.balance, token.balanceOf(member));
        assertEq(shown.currencySymbol, money.symbol());
        assertEq(shown.currencyDecimals, money.decimals());
        assertEq(abi.encode(shown.conditions), abi.encode(_mixed()));
        assertEq(abi.encode(shown.plan), abi.encode(_plan()));
        assertEq(abi.encode(shown.tiers), abi.encode(_tiers()));
        assertEq(shown.termsHash, DOCUMENT);
        assertEq(shown.termsURI, DOCUMENT_URI);
        assertEq(shown.freeCompensation, FUND);
        assertEq(shown.rights, 10);
        assertEq(shown.opened, 0);
        assertEq(shown.groups.length, 0);
    }

    function test_dealsOf__deal_that_takes_no_right__needs_none() public view {
        assertEq(_seen(BEANS, member, ALL).rights, 0);
    }

    function test_dealsOf__shows_open_groups_the_latest_first__and_whose_seats_they_are() public {
        bytes32 first = _open(BEANS);
        bytes32 second = _open(BEANS);
        _join(friend, first, 3, 0);
        IGroupsLens.DealView memory shown = _seen(BEANS, friend, ALL);
        assertEq(shown.opened, 2);
        assertEq(shown.groups.length, 2);
        assertEq(shown.groups[0].key.id, second);
        assertEq(shown.groups[1].key.id, first);
        assertFalse(shown.groups[0].seated);
        assertTrue(shown.groups[1].seated);
        assertEq(abi.encode(shown.groups[1].group), abi.encode(deals.groupOf(address(token), first)));
        assertEq(shown.groups[1].group.price, 100);
    }

    function test_dealsOf__groups_that_ended__are_left_out() public {
        _open(BEANS);
        vm.warp(block.timestamp + DURATION);
        bytes32 open = _open(BEANS);
        IGroupsLens.DealView memory shown = _seen(BEANS, member, ALL);
        assertEq(shown.opened, 2);
        assertEq(shown.groups.length, 1);
        assertEq(shown.groups[0].key.id, open);
    }

    function test_dealsOf__looks_at_no_more_than_it_is_asked_to() public {
        bytes32[] memory ids = new bytes32[](4);
        for (uint256 i = 0; i < ids.length; ++i) {
            ids[i] = _open(BEANS);
        }
        assertEq(_seen(BEANS, member, 0).groups.length, 0);
        assertEq(_seen(BEANS, member, 1).groups.length, 1);
        IGroupsLens.DealView memory shown = lens.dealsOf(member, _keys(BEANS), 1, 2)[0];
        assertEq(shown.groups.length, 2);
        assertEq(shown.groups[0].key.id, ids[2]);
        assertEq(shown.groups[1].key.id, ids[1]);
        assertEq(lens.dealsOf(member, _keys(BEANS), 4, 2)[0].groups.length, 0);
        assertEq(lens.dealsOf(member, _keys(BEANS), type(uint256).max, 2)[0].groups.length, 0);
    }

    function test_dealsOf__deal_that_is_not_there__is_empty() public view {
        IGroupsLens.DealView memory shown = _seen("nothing", member, ALL);
        assertEq(shown.key.id, "nothing");
        assertEq(shown.conditions.closesAt, 0);
        assertEq(shown.plan.mostSeats, 0);
        assertEq(shown.tiers.length, 0);
    }

    function test_groupsOf__shows_any_group__open_ended_or_none() public {
        bytes32 groupId = _open(BEANS);
        _join(friend, groupId, 3, 0);
        vm.warp(block.timestamp + DURATION);
        IGroupsLens.Key[] memory keys = new IGroupsLens.Key[](2);
        keys[0] = IGroupsLens.Key({ token: address(token), id: groupId });
        keys[1] = IGroupsLens.Key({ token: address(token), id: BEANS });
        IGroupsLens.GroupView[] memory shown = lens.groupsOf(friend, keys);
        assertEq(uint8(shown[0].group.status), uint8(IGroupDeals.Status.Succeeded));
        assertTrue(shown[0].seated);
        assertEq(uint8(shown[1].group.status), uint8(IGroupDeals.Status.None));
        assertFalse(shown[1].seated);
    }

    function _seen(bytes32 dealId, address who, uint256 count)
        private
        view
        returns (IGroupsLens.DealView memory)
    {
        return lens.dealsOf(who, _keys(dealId), 0, count)[0];
    }

    function _keys(bytes32 dealId) private view returns (IGroupsLens.Key[] memory keys) {
        keys = new IGroupsLens.Key[](1);
        keys[0] = IGroupsLens.Key({ token: address(token), id: dealId });
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ILoyaltyToken } from "../../../contracts/interfaces/ILoyaltyToken.sol";
import { IBrandRegistry } from "../../../contracts/interfaces/IBrandRegistry.sol";
import { Module } from "./Modules.sol";
import { SigningTest } from "./SigningTest.sol";

/// @notice Plays everyone around one token at random, and keeps the same books beside it in the plainest way.
/// Each act says beforehand whether it must succeed; a suspension or mint-stop may come at any time.
///
/// The shadow ledger moves only by what its holder did, allowed or signed. That the token's ledger equals it
/// is ISSUE-2.
contract TokenHandler is SigningTest {
    uint256 internal constant MOST = 1000;

    address[4] internal holders;
    uint256[4] internal keys;
    address[2] internal managers;
    Module[2] internal modules;

    // The shadow books.
    mapping(address holder => uint256) internal balances;
    mapping(address minter => uint256) internal quotas;
    mapping(address module => uint256) internal takenIn;
    mapping(address owner => mapping(address spender => uint256)) internal allowances;
    mapping(address owner => uint256) internal permits;
    mapping(address holder => mapping(bytes32 nonce => bool)) internal used;
    mapping(bytes32 batchId => bool) internal minted;
    uint256 internal supply;
    uint256 internal promised;
    uint256 internal limit;
    bool internal suspended;
    bool internal stopped;

    /// @notice How often an act succeeded, and how often it was refused as it had to be.
    mapping(bytes4 act => uint256) public done;
    mapping(bytes4 act => uint256) public refused;
    /// @notice How many acts there were.
    uint256 public tried;

    function setUp() public override {
        super.setUp();
        for (uint256 i = 0; i < holders.length; ++i) {
            (holders[i], keys[i]) = makeAddrAndKey(string.concat("holder", vm.toString(i)));
        }
        managers = [manager, makeAddr("manager2")];
        modules = [module, new Module()];
        _list(IBrandRegistry.List.Module, address(modules[1]), true);
        limit = CAPACITY;
        for (uint256 i = 0; i < 2; ++i) {
            _grant(managers[i], 100 * MOST);
            _grantModule(modules[i], 100 * MOST);
            quotas[managers[i]] = quotas[address(modules[i])] = 100 * MOST;
            promised += 200 * MOST;
        }
        for (uint256 i = 0; i < holders.length; ++i) {
            modules[0].mint(token, holders[i], 10 * MOST);
            _move(address(modules[0]), holders[i], 10 * MOST);
        }
    }

    /// @notice The acts to draw from.
    function acts() external pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](23);
        selectors[0] = this.grantQuota.selector;
        selectors[1] = this.revokeQuota.selector;
        selectors[2] = this.grantModule.selector;
        selectors[3] = this.mint.selector;
        selectors[4] = this.mintBatch.selector;
        selectors[5] = this.moduleMint.selector;
        selectors[6] = this.passQuota.selector;
        selectors[7] = this.modulePass.selector;
        selectors[8] = this.returnQuota.selector;
        selectors[9] = this.transfer.selector;
        selectors[10] = this.approve.selector;
        selectors[11] = this.spend.selector;
        selectors[12] = this.burn.selector;
        selectors[13] = this.transferAndCall.selector;
        selectors[14] = this.moduleTakes.selector;
        selectors[15] = this.signedTransfer.selector;
        selectors[16] = this.signedReceive.selector;
        selectors[17] = this.redeem.selector;
        selectors[18] = this.permit.selector;
        selectors[19] = this.changeStatus.selector;
        selectors[20] = this.setCapacity.selector;
        selectors[21] = this.steal.selector;
        selectors[22] = this.moduleGives.selector;
    }

    /// @notice What it plays on, for whoever wants to break it.
    function tokenAddress() external view returns (address) {
        return address(token);
    }

    function moduleAt(uint256 index) external view returns (address) {
        return address(modules[index]);
    }

    // ----------------------------------------------------------------- brand

    function grantQuota(uint256 who, uint256 amount) external {
        address minter = managers[who % 2];
        amount = bound(amount, 0, MOST);
        bytes memory data = abi.encodeCall(token.grantQuota, (minter, uint96(amount)));
        if (_act(brand, data, _mayGrant(amount))) _set(minter, amount);
    }

    function grantModule(uint256 who, uint256 amount) external {
        address to = address(modules[who % 2]);
        amount = bound(amount, 0, MOST);
        bytes memory data = abi.encodeCall(token.grantQuotaAndCall, (to, uint96(amount), ""));
        if (_act(brand, data, _mayGrant(amount))) _set(to, amount);
    }

    /// @dev Works in any status.
    function revokeQuota(uint256 who, uint256 amount) external {
        address minter = managers[who % 2];
        amount = bound(amount, 0, 2 * MOST);
        _act(brand, abi.encodeCall(token.revokeQuota, (minter, uint96(amount))), true);
        uint256 taken = amount < quotas[minter] ? amount : quotas[minter];
        quotas[minter] -= taken;
        promised -= taken;
    }

    function setCapacity(uint256 capacity) external {
        capacity = bound(capacity, (supply + promised) * 9 / 10, supply + promised + 100 * MOST);
        bytes memory data = abi.encodeCall(token.setCapacity, (uint96(capacity)));
        if (_act(address(obligations), data, capacity >= supply + promised)) limit = capacity;
    }

    /// @dev The alliance suspends or reinstates, and the token hears of it sooner or later.
    function changeStatus(uint256 what) external {
        if (what % 2 == 0) {
            vm.prank(alliance);
            suspended ? brands.reinstate(brandId) : brands.suspend(brandId);
            suspended = !suspended;
        }
        if (what % 3 != 0) {
            vm.prank(intruder);
            obligations.syncMintStop(address(token));
            stopped = suspended;
        }
        done[msg.sig] += 1;
    }

    // --------------------------------------------------------------- minters

    function mint(uint256 who, uint256 to, uint256 amount) external {
        address minter = managers[who % 2];
        address holder = holders[to % 4];
        amount = bound(amount, 0, MOST);
        if (amount == MOST) amount = quotas[minter] + 1;
        bytes memory data = abi.encodeCall(token.mint, (holder, amount));
        if (_act(minter, data, _maySpend(minter, amount))) _move(minter, holder, amount);
    }

    /// @dev Batch ids come from a few, so that some come twice.
    function mintBatch(uint256 who, uint256 seed, uint256 length, bool wide) external {
        address minter = managers[who % 2];
        bytes32 batchId = bytes32(seed % 512);
        length = bound(length, 1, 5);
        uint256 unit = wide ? 1 : seed % 7;
        bytes memory rows;
        uint256 total;
        uint256[] memory amounts = new uint256[](length);
        for (uint256 i = 0; i < length; ++i) {
            uint256 count = uint256(keccak256(abi.encode(seed, i))) % 50;
            address to = holders[(seed >> i) % 4];
            rows =
                wide ? abi.encodePacked(rows, to, uint96(count)) : abi.encodePacked(rows, to, uint32(count));
            amounts[i] = count * unit;
            total += count * unit;
        }
        bytes memory data = wide
            ? abi.encodeCall(token.mintBatchWide, (batchId, rows))
            : abi.encodeCall(token.mintBatch, (batchId, uint96(unit), rows));
        if (!_act(minter, data, total != 0 && !minted[batchId] && _maySpend(minter, total))) return;
        minted[batchId] = true;
        for (uint256 i = 0; i < length; ++i) {
            _move(minter, holders[(seed >> i) % 4], amounts[i]);
        }
    }

    function passQuota(uint256 who, uint256 to, uint256 amount) external {
        address minter = managers[who % 2];
        address receiver = address(modules[to % 2]);
        amount = bound(amount, 0, MOST);
        bytes memory data = abi.encodeCall(token.passQuotaAndCall, (receiver, uint96(amount), ""));
        if (!_act(minter, data, _maySpend(minter, amount))) return;
        quotas[minter] -= amount;
        quotas[receiver] += amount;
    }

    function returnQuota(uint256 who, uint256 amount) external {
        amount = bound(amount, 0, MOST);
        address minter = who % 4 < 2 ? managers[who % 2] : address(modules[who % 2]);
        bool enough = amount <= quotas[minter];
        if (who % 4 < 2) {
            if (!_act(minter, abi.encodeCall(token.returnQuota, (uint96(amount))), enough)) return;
        } else if (!_drive(minter, abi.encodeCall(module.giveBack, (token, uint96(amount))), enough)) {
            return;
        }
        quotas[minter] -= amount;
        promised -= amount;
    }

    // --------------------------------------------------------------- modules

    /// @dev ISSUE-3: what was promised to members is minted in any status.
    function moduleMint(uint256 who, uint256 to, uint256 amount) external {
        address from = address(modules[who % 2]);
        address holder = holders[to % 4];
        amount = bound(amount, 0, MOST);
        if (amount == MOST) amount = quotas[from] + 1;
        bytes memory data = abi.encodeCall(module.mint, (token, holder, amount));
        if (_drive(from, data, amount <= quotas[from])) _move(from, holder, amount);
    }

    function modulePass(uint256 who, uint256 amount) external {
        address from = address(modules[who % 2]);
        address to = address(modules[1 - who % 2]);
        amount = bound(amount, 0, MOST);
        bytes memory data = abi.encodeCall(module.pass, (token, to, uint96(amount), ""));
        if (!_drive(from, data, amount <= quotas[from])) return;
        quotas[from] -= amount;
        quotas[to] += amount;
    }

    function moduleTakes(uint256 who, uint256 from, uint256 amount) external {
        address taker = address(modules[who % 2]);
        address holder = holders[from % 4];
        amount = bound(amount, 0, MOST);
        if (amount % 2 == 0) _allow(holder, taker, MOST);
        bool may = amount <= allowances[holder][taker] && amount <= balances[holder];
        if (!_drive(taker, abi.encodeCall(module.takeFrom, (token, holder, amount)), may)) return;
        _useAllowance(holder, taker, amount);
        _takeIn(holder, taker, amount);
    }

    /// @dev BOOK-1: what a module took in it can give, in any status, and a donation is none of that.
    function moduleGives(uint256 who, uint256 to, uint256 amount) external {
        address from = address(modules[who % 2]);
        address holder = holders[to % 4];
        amount = bound(amount, 0, takenIn[from] + takenIn[from] / 8);
        bytes memory data = abi.encodeCall(module.give, (token, holder, amount));
        if (!_drive(from, data, amount <= takenIn[from])) return;
        takenIn[from] -= amount;
        balances[from] -= amount;
        balances[holder] += amount;
    }

    // --------------------------------------------------------------- holders

    /// @dev ISSUE-3: works in any status, as all that holders do. A module may be given some that it never
    /// asked for.
    function transfer(uint256 from, uint256 to, uint256 amount) external {
        (address holder, address receiver) = (holders[from % 4], _spender(to));
        bool donates = to % 6 >= 4;
        amount = bound(amount, 0, donates ? balances[holder] / 16 : balances[holder]);
        _act(holder, abi.encodeCall(token.transfer, (receiver, amount)), true);
        balances[holder] -= amount;
        balances[receiver] += amount;
    }

    function burn(uint256 from, uint256 amount) external {
        address holder = holders[from % 4];
        amount = bound(amount, 0, balances[holder] < MOST ? balances[holder] : MOST);
        _act(holder, abi.encodeCall(token.burn, (amount)), true);
        _burn(holder, amount);
    }

    function transferAndCall(uint256 from, uint256 to, uint256 amount) external {
        address holder = holders[from % 4];
        address receiver = address(modules[to % 2]);
        amount = bound(amount, 0, balances[holder] < MOST ? balances[holder] : MOST);
        _act(holder, abi.encodeCall(token.transferAndCall, (receiver, amount, "")), true);
        _takeIn(holder, receiver, amount);
    }

    function approve(uint256 from, uint256 to, uint256 amount) external {
        address holder = holders[from % 4];
        address spender = _spender(to);
        amount = amount % 5 == 0 ? type(uint256).max : bound(amount, 0, 3 * MOST);
        _act(holder, abi.encodeCall(token.approve, (spender, amount)), true);
        allowances[holder][spender] = amount;
    }

    /// @dev transferFrom or burnFrom, allowed or not.
    function spend(uint256 who, uint256 from, uint256 to, uint256 amount, bool burns) external {
        address holder = holders[from % 4];
        address spender = holders[who % 4];
        address receiver = holders[to % 4];
        amount = bound(amount, 0, MOST);
        if (amount % 4 == 0) _allow(holder, spender, MOST);
        bool may = amount <= allowances[holder][spender] && amount <= balances[holder];
        bytes memory data = burns
            ? abi.encodeCall(token.burnFrom, (holder, amount))
            : abi.encodeCall(token.transferFrom, (holder, receiver, amount));
        if (!_act(spender, data, may)) return;
        _useAllowance(holder, spender, amount);
        if (burns) return _burn(holder, amount);
        balances[holder] -= amount;
        balances[receiver] += amount;
    }

    // ---------------------------------------------------------------- signed

    function permit(uint256 from, uint256 to, uint256 amount) external {
        address holder = holders[from % 4];
        address spender = _spender(to);
        amount = bound(amount, 0, 3 * MOST);
        _act(intruder, _permitCall(keys[from % 4], holder, spender, amount), true);
        permits[holder] += 1;
        allowances[holder][spender] = amount;
    }

    /// @dev Nonces come from a few, so that some come twice.
    function signedTransfer(uint256 from, uint256 to, uint256 amount, uint256 nonce, bool receives) external {
        (address holder, address receiver) = (holders[from % 4], holders[to % 4]);
        amount = bound(amount, 0, MOST);
        nonce %= 64;
        bytes memory data = _authorizationCall(
            receives ? "receive" : "transfer", keys[from % 4], holder, receiver, amount, bytes32(nonce)
        );
        bool may = !used[holder][bytes32(nonce)] && amount <= balances[holder];
        if (!_act(receives ? receiver : intruder, data, may)) return;
        used[holder][bytes32(nonce)] = true;
        balances[holder] -= amount;
        balances[receiver] += amount;
    }

    function _permitCall(uint256 key, address holder, address spender, uint256 amount)
        private
        view
        returns (bytes memory)
    {
        bytes32 digest = _digest(token, _permitHash(holder, spender, amount, permits[holder], FAR_FUTURE));
        return abi.encodeWithSignature(
            "permit(address,address,uint256,uint256,bytes)",
            holder,
            spender,
            amount,
            FAR_FUTURE,
            _sign(key, digest)
        );
    }

    /// @param verb "transfer" or "receive".
    function _authorizationCall(
        string memory verb,
        uint256 key,
        address holder,
        address receiver,
        uint256 amount,
        bytes32 nonce
    ) private view returns (bytes memory) {
        bytes32 typehash = bytes(verb).length == 8 ? TRANSFER_TYPEHASH : RECEIVE_TYPEHASH;
        bytes32 hash = _authorizationHash(typehash, holder, receiver, amount, 0, FAR_FUTURE, nonce);
        bytes memory signature = _sign(key, _digest(token, hash));
        string memory signatureOf =
            string.concat(verb, "WithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)");
        return abi.encodeWithSignature(signatureOf, holder, receiver, amount, 0, FAR_FUTURE, nonce, signature);
    }

    function signedReceive(uint256 from, uint256 to, uint256 amount, uint256 nonce) external {
        address holder = holders[from % 4];
        address taker = address(modules[to % 2]);
        (ILoyaltyToken.Spend memory spend_, uint256 taken, bytes memory signature) =
            _signSpend(from, taker, amount, nonce);
        bytes memory data = abi.encodeCall(
            module.receiveWithSignature, (token, spend_, taken, SPEND_TYPEHASH, _witness(), signature)
        );
        if (!_drive(taker, data, !used[holder][spend_.nonce] && taken <= balances[holder])) return;
        used[holder][spend_.nonce] = true;
        _takeIn(holder, taker, taken);
    }

    function redeem(uint256 from, uint256 amount, uint256 nonce) external {
        address holder = holders[from % 4];
        (ILoyaltyToken.Spend memory spend_, uint256 taken, bytes memory signature) =
            _signSpend(from, address(desk), amount, nonce);
        bytes memory data = abi.encodeCall(
            token.redeemWithSignature, (spend_, taken, SPEND_TYPEHASH, _witness(), 2 + amount % 5, signature)
        );
        if (!_act(address(desk), data, !used[holder][spend_.nonce] && taken <= balances[holder])) return;
        used[holder][spend_.nonce] = true;
        _burn(holder, taken);
    }

    function _signSpend(uint256 from, address spender, uint256 amount, uint256 nonce)
        private
        view
        returns (ILoyaltyToken.Spend memory spend_, uint256 taken, bytes memory signature)
    {
        amount = bound(amount, 0, MOST);
        spend_ = ILoyaltyToken.Spend({
            from: holders[from % 4], amount: amount, nonce: bytes32(nonce % 64), deadline: FAR_FUTURE
        });
        taken = amount - amount * (nonce % 3) / 4;
        bytes32 digest = _digest(token, _spendHash(spend_, spender, SPEND_TYPEHASH, _witness()));
        signature = _sign(keys[from % 4], digest);
    }

    // -------------------------------------------------------------- an intruder

    /// @dev Whatever it tries on others' tokens, each attempt is refused.
    function steal(uint256 how, uint256 from, uint256 amount) external {
        address holder = holders[from % 4];
        amount = bound(amount, 1, MOST);
        bytes memory data;
        how %= 6;
        if (how == 0) {
            data = abi.encodeCall(token.transferFrom, (holder, intruder, amount));
        } else if (how == 1) {
            data = abi.encodeCall(token.burnFrom, (holder, amount));
        } else if (how == 2) {
            // Another holder's key.
            data = _authorizationCall(
                "transfer", keys[(from % 4 + 1) % 4], holder, intruder, amount, bytes32(amount)
            );
        } else if (how == 3) {
            data = _permitCall(keys[(from % 4 + 1) % 4], holder, intruder, amount);
        } else if (how == 4) {
            data = abi.encodeCall(token.mint, (intruder, amount));
        } else {
            // A signature for a module, handed in by somebody else.
            (ILoyaltyToken.Spend memory spend_,, bytes memory signature) =
                _signSpend(from, address(module), amount, amount);
            data = abi.encodeCall(
                token.receiveWithSignature, (spend_, 0, SPEND_TYPEHASH, _witness(), signature)
            );
        }
        _act(intruder, data, false);
    }

    // ---------------------------------------------------------------- checks

    /// @notice The promises that hold after every act.
    function checkPromises() external view {
        assertLe(token.totalSupply() + token.totalQuota(), token.capacity(), "ISSUE-1: promised > capacity");
        uint256 sum;
        for (uint256 i = 0; i < 2; ++i) {
            sum += token.quotaOf(managers[i]) + token.quotaOf(address(modules[i]));
        }
        sum += token.quotaOf(intruder) + token.quotaOf(brand) + token.quotaOf(address(desk));
        assertEq(token.totalQuota(), sum, "ISSUE-1: total quota != quotas");
        sum = token.balanceOf(intruder) + token.balanceOf(address(token)) + token.balanceOf(address(0));
        for (uint256 i = 0; i < holders.length; ++i) {
            sum += token.balanceOf(holders[i]);
        }
        for (uint256 i = 0; i < 2; ++i) {
            sum += token.balanceOf(address(modules[i]));
        }
        assertEq(token.totalSupply(), sum, "ISSUE-1: supply != balances");

        for (uint256 i = 0; i < holders.length; ++i) {
            address holder = holders[i];
            assertEq(token.balanceOf(holder), balances[holder], "ISSUE-2: moved without its holder");
            for (uint256 j = 0; j < 6; ++j) {
                assertEq(
                    token.allowance(holder, _spender(j)),
                    allowances[holder][_spender(j)],
                    "ISSUE-2: allowance"
                );
            }
            assertEq(token.nonces(holder), permits[holder], "SIG-1: permit nonce");
        }
        for (uint256 i = 0; i < 2; ++i) {
            assertEq(token.quotaOf(managers[i]), quotas[managers[i]], "ISSUE-1: a manager's quota");
            address which = address(modules[i]);
            assertEq(token.quotaOf(which), quotas[which], "ISSUE-1: a module's quota");
            assertEq(modules[i].booked(address(token)), quotas[which], "a module was not told");
            assertEq(token.balanceOf(which), balances[which], "ISSUE-2: moved without its module");
            assertEq(modules[i].held(address(token)), takenIn[which], "BOOK-1: a module's books");
            assertGe(token.balanceOf(which), takenIn[which], "BOOK-1: a module holds less than it owes");
        }
        assertEq(token.totalSupply(), supply, "ISSUE-1: supply");
        assertEq(token.totalQuota(), promised, "ISSUE-1: total quota");
        assertEq(token.capacity(), limit, "ISSUE-1: capacity");
        assertEq(token.mintStopped(), stopped, "ISSUE-3: mint-stop");
    }

    /// @notice SIG-1: the nonces that are used are those that were. Dear, so for the end of a run.
    function checkNonces() external view {
        for (uint256 i = 0; i < holders.length; ++i) {
            for (uint256 nonce = 0; nonce < 64; ++nonce) {
                assertEq(
                    token.authorizationState(holders[i], bytes32(nonce)),
                    used[holders[i]][bytes32(nonce)],
                    "SIG-1: nonce"
                );
            }
        }
    }

    // --------------------------------------------------------------- helpers

    function _mayGrant(uint256 amount) private view returns (bool) {
        return !suspended && !stopped && supply + promised + amount <= limit;
    }

    function _maySpend(address minter, uint256 amount) private view returns (bool) {
        return !stopped && amount <= quotas[minter];
    }

    function _spender(uint256 seed) private view returns (address) {
        return seed % 6 < 4 ? holders[seed % 6] : address(modules[seed % 2]);
    }

    function _set(address minter, uint256 amount) private {
        quotas[minter] += amount;
        promised += amount;
    }

    /// @dev From a quota to a holder.
    function _move(address minter, address holder, uint256 amount) private {
        quotas[minter] -= amount;
        promised -= amount;
        balances[holder] += amount;
        supply += amount;
    }

    function _burn(address holder, uint256 amount) private {
        balances[holder] -= amount;
        supply -= amount;
    }

    /// @dev From a holder into a module, which knows of it.
    function _takeIn(address holder, address to, uint256 amount) private {
        balances[holder] -= amount;
        balances[to] += amount;
        takenIn[to] += amount;
    }

    function _allow(address holder, address spender, uint256 amount) private {
        vm.prank(holder);
        token.approve(spender, amount);
        allowances[holder][spender] = amount;
    }

    function _useAllowance(address holder, address spender, uint256 amount) private {
        if (allowances[holder][spender] != type(uint256).max) allowances[holder][spender] -= amount;
    }

    /// @dev Does `data` on the token, and insists on the outcome.
    function _act(address sender, bytes memory data, bool expected) private returns (bool) {
        vm.prank(sender);
        (bool success,) = address(token).call(data);
        return _count(success, expected);
    }

    /// @dev Has a module do something.
    function _drive(address which, bytes memory data, bool expected) private returns (bool) {
        (bool success,) = which.call(data);
        return _count(success, expected);
    }

    function _count(bool success, bool expected) private returns (bool) {
        assertEq(success, expected, expected ? "ISSUE-3: refused what must work" : "did what must not work");
        success ? done[msg.sig] += 1 : refused[msg.sig] += 1;
        tried += 1;
        return success;
    }
}

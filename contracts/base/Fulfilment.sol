// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { BrandGate } from "./BrandGate.sol";
import { IFulfilment } from "../interfaces/IFulfilment.sol";
import { ILoyaltyToken } from "../interfaces/ILoyaltyToken.sol";
import { Roles } from "../libraries/Roles.sol";

// Windows run for days: the seconds by which a block's time can be off decide nothing.
// slither-disable-start timestamp

/// @title Fulfilment
/// @notice See {IFulfilment}. What locks, what goes back and where compensations come from is the business
/// of the contract that builds on this one; who may do what until when is decided here, once.
///
/// **One word.** Hash of the facts (208 bits) ‖ state (8) ‖ deadline (40). The hash is cut, so that state
/// and deadline cost no slot of their own; to find two orders that share it takes 2**104 trials. Windows
/// are half-open and follow one another: what can be done before a deadline cannot be done from it on.
///
/// **Counts.** All counts of an offer are units and at most what was sold, so that none can overflow and
/// stand in somebody's way out.
///
/// **Waiting.** What is to become an order one day, and is none yet, may wait in the order's own word: a hash of
/// other facts, in state `None`. Nothing here acts on it, and opening the order writes over it.
abstract contract Fulfilment is IFulfilment, BrandGate {
    struct Tally {
        uint32 fulfilled;
        uint32 declined;
        uint32 lost;
        uint32 disputed;
        uint128 compensationPaid;
    }

    /// @inheritdoc IFulfilment
    uint32 public constant DISPUTE_PERIOD = 14 days;
    /// @inheritdoc IFulfilment
    uint32 public constant DECISION_PERIOD = 30 days;

    uint256 private constant STATE_AT = 40;
    uint256 private constant HASH_AT = 48;
    bytes32 private constant CONFIRMATION_TYPEHASH =
        keccak256("OrderConfirmation(bytes32 offerId,uint256 number)");
    bytes32 private constant CONFIRMATION_SPEND_TYPEHASH = keccak256(
        "Spend(address from,address spender,uint256 amount,bytes32 nonce,uint256 deadline,OrderConfirmation witness)OrderConfirmation(bytes32 offerId,uint256 number)"
    );

    bytes32 private constant DISPUTE_TYPEHASH = keccak256("OrderDispute(bytes32 offerId,uint256 number)");
    bytes32 private constant DISPUTE_SPEND_TYPEHASH = keccak256(
        "Spend(address from,address spender,uint256 amount,bytes32 nonce,uint256 deadline,OrderDispute witness)OrderDispute(bytes32 offerId,uint256 number)"
    );

    mapping(bytes32 orderKey => uint256 word) private _orders;
    mapping(address token => mapping(bytes32 offerId => Tally)) private _tallies;

    // ----------------------------------------------------------------- brand

    /// @inheritdoc IFulfilment
    function fulfil(address token, bytes32 offerId, uint256[] calldata numbers) external {
        _checkRole(_brandOf(token), Roles.FULFIL);
        uint40 disputeBy = uint40(block.timestamp) + DISPUTE_PERIOD;
        for (uint256 i = 0; i < numbers.length; ++i) {
            uint256 number = numbers[i];
            bytes32 key = _key(token, offerId, number);
            uint256 word = _orders[key];
            State state = _stateOf(word);
            // A member who was content first stands in nobody's way.
            if (state == State.Fulfilled) continue;
            require(state == State.Open, Fulfilment_WrongState(token, offerId, number, state));
            _checkBefore(word);
            _orders[key] = _turned(word, State.Delivered, disputeBy);
            emit OrderDelivered({ token: token, offerId: offerId, number: number, disputeBy: disputeBy });
        }
    }

    /// @inheritdoc IFulfilment
    function decline(Order memory order) external {
        bytes32 brandId = _brandOf(order.token);
        _checkRole(brandId, Roles.FULFIL);
        (uint256 word, State state) = _find(order);
        bool isOpen = state == State.Open;
        uint96 compensation =
            isOpen && block.timestamp < order.openedAt + _declinePeriod() ? 0 : order.compensation;
        // Whoever packs can say no; whoever decides can say no and pay: a staff key opens no purse.
        if (compensation != 0) _checkAdmin(brandId);
        // A brand that comes too late to fulfil, or said that it had, comes too late to say no.
        if (isOpen && block.timestamp < _deadlineOf(word)) {
            _tallies[order.token][order.offerId].declined += order.quantity;
        } else if (state != State.Disputed) {
            _countFailed(order);
        }
        _endForMember(order, word, compensation);
    }

    // ---------------------------------------------------------------- member

    /// @inheritdoc IFulfilment
    function confirm(Order memory order) external {
        require(msg.sender == order.member, Fulfilment_NotMember(msg.sender, order.member));
        _confirm(order);
    }

    /// @inheritdoc IFulfilment
    function confirmWithSignature(
        Order memory order,
        ILoyaltyToken.Spend calldata spend,
        bytes calldata signature
    ) external {
        require(spend.from == order.member, Fulfilment_NotMember(spend.from, order.member));
        _confirm(order);
        bytes32 witness = keccak256(abi.encode(CONFIRMATION_TYPEHASH, order.offerId, order.number));
        _receiveSigned(order.token, spend, 0, CONFIRMATION_SPEND_TYPEHASH, witness, signature);
    }

    /// @inheritdoc IFulfilment
    function disputeWithSignature(
        Order memory order,
        ILoyaltyToken.Spend calldata spend,
        bytes calldata signature
    ) external {
        require(spend.from == order.member, Fulfilment_NotMember(spend.from, order.member));
        _disputeOrder(order);
        bytes32 witness = keccak256(abi.encode(DISPUTE_TYPEHASH, order.offerId, order.number));
        _receiveSigned(order.token, spend, _chargeStake(order), DISPUTE_SPEND_TYPEHASH, witness, signature);
    }

    // --------------------------------------------------------------- arbiter

    /// @inheritdoc IFulfilment
    function decide(Order memory order, uint96 refunded, uint96 compensation) external {
        require(msg.sender == order.arbiter, Fulfilment_NotArbiter(msg.sender, order.arbiter));
        (uint256 word, State state) = _find(order);
        _checkState(order, state, State.Disputed);
        _checkBefore(word);
        require(refunded <= order.amount, Fulfilment_SplitTooLarge(refunded, order.amount));
        require(
            compensation <= order.compensation, Fulfilment_SplitTooLarge(compensation, order.compensation)
        );
        bool isRight = refunded != 0 || compensation != 0;
        _burn(
            order.token,
            isRight
                ? _end(order, word, Outcome.Decided, refunded, compensation, order.stake)
                : _end(order, word, Outcome.Fulfilled, 0, 0, 0)
        );
    }

    // ---------------------------------------------------------------- anyone

    /// @inheritdoc IFulfilment
    function finish(address token, Order[] memory orders) external {
        uint256 tokens = 0;
        for (uint256 i = 0; i < orders.length; ++i) {
            Order memory order = orders[i];
            require(order.token == token, Fulfilment_OtherToken(order.token, token));
            // Ended so by the member, or by somebody who was faster with this.
            if (_stateOf(_orders[_keyOf(order)]) == State.Fulfilled) continue;
            (uint256 word, State state) = _find(order);
            _checkState(order, state, State.Delivered);
            _checkFrom(word);
            tokens += _end(order, word, Outcome.Fulfilled, 0, 0, 0);
        }
        _burn(token, tokens);
    }

    /// @inheritdoc IFulfilment
    function claim(Order memory order) external {
        (uint256 word, State state) = _find(order);
        if (state != State.Disputed) {
            _checkState(order, state, State.Open);
            _countFailed(order);
        }
        _checkFrom(word);
        _endForMember(order, word, order.compensation);
    }

    // ----------------------------------------------------------------- views

    /// @inheritdoc IFulfilment
    function DECLINE_PERIOD() external pure returns (uint32) {
        return _declinePeriod();
    }

    /// @inheritdoc IFulfilment
    function stateOf(address token, bytes32 offerId, uint256 number)
        public
        view
        returns (State state, uint40 deadline)
    {
        uint256 word = _orders[_key(token, offerId, number)];
        return (_stateOf(word), _deadlineOf(word));
    }

    /// @inheritdoc IFulfilment
    function isFulfilled(Order memory order) external view returns (bool fulfilled, uint40 endedAt) {
        uint256 word = _orders[_key(order.token, order.offerId, order.number)];
        if (_stateOf(word) != State.Fulfilled || word >> HASH_AT != _hash(order)) return (false, 0);
        return (true, _deadlineOf(word));
    }

    /// @inheritdoc IFulfilment
    function recordOf(address token, bytes32 offerId) external view returns (Record memory record) {
        Tally memory tally = _tallies[token][offerId];
        uint256 opened;
        (opened, record.failed) = _openedAndFailed(token, offerId);
        record.fulfilled = tally.fulfilled;
        record.declined = tally.declined;
        record.lost = tally.lost;
        record.disputed = tally.disputed;
        record.compensationPaid = tally.compensationPaid;
        record.open = opened - record.failed - record.fulfilled - record.declined - record.lost;
    }

    // ----------------------------------- internals: for the contract on top

    /// @dev Gives to the order's member what was locked, and any stake.
    function _giveBack(Order memory order, uint256 amount) internal virtual;

    /// @dev Takes what of the order's stake is no tokens from its member.
    /// @return tokens What of it is tokens, which the caller sees to.
    function _chargeStake(Order memory order) internal virtual returns (uint256 tokens);

    /// @dev Gives to the brand what was locked and is no tokens; it may be nothing.
    /// @return tokens What of it is tokens, which are burned, those of many orders at once.
    function _earn(Order memory order, uint256 amount) internal virtual returns (uint256 tokens);

    /// @dev Pays `value` of what was reserved for the order to its member and frees the rest.
    function _useReserve(Order memory order, uint256 value) internal virtual;

    /// @dev See {DECLINE_PERIOD}; zero where the brand has agreed to the very price and has no need to think again.
    function _declinePeriod() internal pure virtual returns (uint32) {
        return 1 days;
    }

    /// @dev Counts the order's units as failed.
    function _countFailed(Order memory order) internal virtual;

    function _openedAndFailed(address token, bytes32 offerId)
        internal
        view
        virtual
        returns (uint256 opened, uint256 failed);

    /// @dev Takes so many tokens as their holder signed, for what it agreed to.
    function _receiveSigned(
        address token,
        ILoyaltyToken.Spend calldata spend,
        uint256 amount,
        bytes32 typehash,
        bytes32 witness,
        bytes calldata signature
    ) internal {
        ILoyaltyToken(token).receiveWithSignature(spend, amount, typehash, witness, signature);
    }

    /// @dev The hash of what waits to become an order; zero if nothing waits.
    function _waiting(address token, bytes32 offerId, uint256 number) internal view returns (uint208 hash) {
        uint256 word = _orders[_key(token, offerId, number)];
        // forge-lint: disable-next-line(unsafe-typecast) -- what is left of the word
        return _stateOf(word) == State.None ? uint208(word >> HASH_AT) : 0;
    }

    /// @dev Lets something wait to become an order, or, as zero, wait no more.
    function _setWaiting(address token, bytes32 offerId, uint256 number, uint208 hash) internal {
        _orders[_key(token, offerId, number)] = uint256(hash) << HASH_AT;
    }

    /// @dev Writes down a new order, whose number was never used before or has something waiting.
    function _openOrder(Order memory order, uint40 fulfilBy) internal {
        _orders[_keyOf(order)] = _hash(order) << HASH_AT | uint256(State.Open) << STATE_AT | fulfilBy;
        emit OrderOpened({
            token: order.token,
            offerId: order.offerId,
            member: order.member,
            number: order.number,
            quantity: order.quantity,
            amount: order.amount,
            compensation: order.compensation,
            stake: order.stake,
            arbiter: order.arbiter,
            fulfilBy: fulfilBy,
            orderRef: order.orderRef
        });
    }

    /// @dev Tokens came with the order that they dispute; only of tokens that have orders here is this genuine.
    function _disputeSent(address member, uint256 amount, bytes calldata data) internal {
        // slither-disable-next-line unused-return -- the act is known
        (, Order memory order) = abi.decode(data, (uint8, Order));
        require(order.token == msg.sender, Fulfilment_OtherToken(order.token, msg.sender));
        require(order.member == member, Fulfilment_NotMember(member, order.member));
        _disputeOrder(order);
        uint256 tokens = _chargeStake(order);
        require(amount == tokens, Fulfilment_WrongStake(amount, tokens));
    }

    /// @dev Turns a delivered order into a disputed one; the caller takes the stake.
    function _disputeOrder(Order memory order) internal {
        (uint256 word, State state) = _find(order);
        _checkState(order, state, State.Delivered);
        _checkBefore(word);
        uint40 decideBy = uint40(block.timestamp) + DECISION_PERIOD;
        _orders[_keyOf(order)] = _turned(word, State.Disputed, decideBy);
        _tallies[order.token][order.offerId].disputed += order.quantity;
        emit OrderDisputed({
            token: order.token, offerId: order.offerId, number: order.number, decideBy: decideBy
        });
    }

    // ------------------------------------------------------ internals: ending

    function _confirm(Order memory order) private {
        (uint256 word,) = _find(order);
        _burn(order.token, _end(order, word, Outcome.Fulfilled, 0, 0, order.stake));
    }

    function _endForMember(Order memory order, uint256 word, uint96 compensation) private {
        Outcome outcome = compensation == 0 ? Outcome.Refunded : Outcome.Compensated;
        // slither-disable-next-line unused-return -- nothing is left for the brand
        _end(order, word, outcome, order.amount, compensation, order.stake);
    }

    /// @dev Ends an order. A fulfilled one leaves its word, as the receipt.
    /// @param stakeBack How much of the stake goes back, if there is one: all or nothing.
    /// @return tokens What the brand gets by their being burned.
    function _end(
        Order memory order,
        uint256 word,
        Outcome outcome,
        uint96 refunded,
        uint96 compensation,
        uint96 stakeBack
    ) private returns (uint256 tokens) {
        bool isDisputed = _stateOf(word) == State.Disputed;
        Tally storage tally = _tallies[order.token][order.offerId];
        if (outcome == Outcome.Fulfilled) {
            tally.fulfilled += order.quantity;
            _orders[_keyOf(order)] = _turned(word, State.Fulfilled, uint40(block.timestamp));
        } else {
            if (isDisputed) tally.lost += order.quantity;
            // slither-disable-next-line costly-loop -- in a loop orders are fulfilled, which deletes nothing
            delete _orders[_keyOf(order)];
        }
        if (compensation != 0) tally.compensationPaid += compensation;
        emit OrderEnded({
            token: order.token,
            offerId: order.offerId,
            number: order.number,
            outcome: outcome,
            refunded: refunded,
            compensation: compensation
        });
        _useReserve(order, compensation);
        uint256 kept = order.amount - refunded;
        uint256 back = refunded;
        if (isDisputed) {
            kept += order.stake - stakeBack;
            back += stakeBack;
        }
        if (back != 0) _giveBack(order, back);
        if (kept != 0) tokens = _earn(order, kept);
    }

    function _burn(address token, uint256 amount) private {
        if (amount != 0) ILoyaltyToken(token).burn(amount);
    }

    // ------------------------------------------------------ internals: checks

    /// @dev The brand of a token that is known to be genuine, or zero, for which nobody holds a role.
    function _brandOf(address token) internal view virtual returns (bytes32 brandId);

    /// @dev The word of an order that has not ended.
    function _find(Order memory order) private view returns (uint256 word, State state) {
        word = _orders[_keyOf(order)];
        state = _stateOf(word);
        require(
            state != State.None && state != State.Fulfilled,
            Fulfilment_WrongState(order.token, order.offerId, order.number, state)
        );
        // slither-disable-next-line incorrect-equality -- of hashes
        require(
            word >> HASH_AT == _hash(order), Fulfilment_OtherFacts(order.token, order.offerId, order.number)
        );
    }

    function _checkState(Order memory order, State state, State expected) private pure {
        require(state == expected, Fulfilment_WrongState(order.token, order.offerId, order.number, state));
    }

    function _checkBefore(uint256 word) private view {
        require(block.timestamp < _deadlineOf(word), Fulfilment_TooLate(_deadlineOf(word)));
    }

    function _checkFrom(uint256 word) private view {
        require(block.timestamp >= _deadlineOf(word), Fulfilment_TooEarly(_deadlineOf(word)));
    }

    // -------------------------------------------------------- internals: word

    function _key(address token, bytes32 offerId, uint256 number) private pure returns (bytes32) {
        return keccak256(abi.encode(token, offerId, number));
    }

    function _keyOf(Order memory order) private pure returns (bytes32) {
        return _key(order.token, order.offerId, order.number);
    }

    /// @dev The upper 208 bits of the hash of the facts, which lie in memory as they would be encoded.
    ///
    /// Plain twin, which the tests hold it to: `uint256(keccak256(abi.encode(order))) >> HASH_AT`.
    function _hash(Order memory order) private pure returns (uint256 hash) {
        assembly ("memory-safe") {
            hash := shr(HASH_AT, keccak256(order, mul(11, 0x20)))
        }
    }

    function _turned(uint256 word, State state, uint40 deadline) private pure returns (uint256) {
        return word >> HASH_AT << HASH_AT | uint256(state) << STATE_AT | deadline;
    }

    // forge-lint: disable-start(unsafe-typecast) -- each cast cuts its field out of the word

    function _stateOf(uint256 word) private pure returns (State) {
        return State(uint8(word >> STATE_AT));
    }

    function _deadlineOf(uint256 word) private pure returns (uint40) {
        return uint40(word);
    }

    // forge-lint: disable-end(unsafe-typecast)
}

// slither-disable-end timestamp

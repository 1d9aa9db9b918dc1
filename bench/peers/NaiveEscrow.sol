// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuard } from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";

/// @notice A group purchase as one would write it in an afternoon with OpenZeppelin's parts: a struct a
/// group, a struct a participant, deposits by allowance, two prices, refunds and surplus pulled. No top
/// prices, no compensation, no delivery, no dispute, no signatures; the seller is paid at the close.
contract NaiveEscrow is ReentrancyGuard {
    using SafeERC20 for IERC20;

    struct Group {
        address seller;
        IERC20 token;
        uint256 price;
        uint256 lowerPrice;
        uint256 leastSeats;
        uint256 lowerFrom;
        uint256 seats;
        uint256 deadline;
        bool closed;
    }

    struct Participant {
        uint128 seats;
        uint128 deposit;
    }

    uint256 public groupCount;
    mapping(uint256 groupId => Group) public groups;
    mapping(uint256 groupId => mapping(address member => Participant)) public participants;

    event Opened(uint256 indexed groupId, address indexed seller);
    event Joined(uint256 indexed groupId, address indexed member, uint256 seats, uint256 deposit);
    event Closed(uint256 indexed groupId, bool reached, uint256 price);
    event Withdrawn(uint256 indexed groupId, address indexed member, uint256 amount);

    function open(
        IERC20 token,
        uint256 price,
        uint256 lowerPrice,
        uint256 leastSeats,
        uint256 lowerFrom,
        uint256 deadline
    ) external returns (uint256 groupId) {
        groupId = ++groupCount;
        groups[groupId] =
            Group(msg.sender, token, price, lowerPrice, leastSeats, lowerFrom, 0, deadline, false);
        emit Opened(groupId, msg.sender);
    }

    function join(uint256 groupId, uint256 seats) external nonReentrant {
        Group storage group = groups[groupId];
        require(block.timestamp < group.deadline, "ended");
        Participant storage participant = participants[groupId][msg.sender];
        uint256 deposit = seats * group.price;
        group.seats += seats;
        participant.seats += uint128(seats);
        participant.deposit += uint128(deposit);
        group.token.safeTransferFrom(msg.sender, address(this), deposit);
        emit Joined(groupId, msg.sender, seats, deposit);
    }

    function close(uint256 groupId) external nonReentrant {
        Group storage group = groups[groupId];
        require(block.timestamp >= group.deadline && !group.closed, "not yet, or done");
        group.closed = true;
        bool reached = group.seats >= group.leastSeats;
        uint256 price = _finalPrice(group);
        if (reached) group.token.safeTransfer(group.seller, group.seats * price);
        emit Closed(groupId, reached, price);
    }

    /// @notice The surplus of a group that came about, or everything of one that did not.
    function withdraw(uint256 groupId) external nonReentrant {
        Group storage group = groups[groupId];
        require(group.closed, "not closed");
        Participant storage participant = participants[groupId][msg.sender];
        uint128 amount = participant.deposit;
        if (group.seats >= group.leastSeats) amount -= participant.seats * uint128(_finalPrice(group));
        require(amount != 0, "nothing");
        participant.deposit -= amount;
        group.token.safeTransfer(msg.sender, amount);
        emit Withdrawn(groupId, msg.sender, amount);
    }

    function _finalPrice(Group storage group) private view returns (uint256) {
        return group.seats >= group.lowerFrom ? group.lowerPrice : group.price;
    }
}

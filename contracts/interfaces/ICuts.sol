// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IPricer } from "./IPricer.sol";

/// @title ICuts
/// @notice Bargains whose price friends cut: each helper draws the next of a set of cuts that was fixed before
/// the bargain opened, and the buyer takes the price that they have come to, whenever it likes.
///
/// ```
///            open, which the brand signed ------------> Open --- take, before deadline --> Ended, an order
///            |                                           ^ |
///  (a right) +                                           | +---- from deadline on -------> Lapsed
///            |                                           |
///            request --> Requested -- answer, before answerBy
///                           |    +--- from answerBy on, at the floor price
///                           + take
/// ```
///
/// **Fixed, and in the buyer's hands (BARG-1).** The brand draws up cuts that sum to the list price less the floor
/// price, and commits to them with the first link of a chain of hashes, see the library `CutChain`. It gives *all*
/// openings to the buyer and signs for the link. The buyer's tool checks them, and only then the buyer opens;
/// who was given nothing, or something else than the deal promises, does not open and has lost nothing. From
/// then on
/// - the order is fixed: a draw shows the next opening, and no other fits
/// - nobody but the buyer has to give anything: the brand is not asked again, whatever becomes of it
/// - even of a commitment that nobody checked, a draw takes at least `leastCut`, and the last one all that is
/// left, so that all draws come to the floor price
///
/// **A brand that does not sign.** Who has a right can {request} a bargain. The brand then answers on chain, with
/// all cuts in the clear; or the price is the floor price from `answerBy` on. So its silence gives the buyer all
/// at once. Only deals that use up a right can be requested, since there the brand was paid for the bargain;
/// where anybody may open, the brand bargains with whom it likes.
///
/// **Helpers.** One person helps a bargain once. The deal names an *attester*, whom the alliance lists, and who
/// signs which address is which person: `person` is a pseudonym, the same for all addresses of one person under
/// the deal. The attester does not learn which bargain it is for, so that it cannot choose whose friends may help.
/// The buyer does not help. A helper gets nothing, pays nothing and risks nothing.
///
/// **Nothing is paid before it is taken.** The buyer takes the price of the moment at any time before the
/// deadline, by paying it to {IBargains}. A bargain that is not taken lapses by itself, and costs nothing but the
/// right. The price only ever falls.
///
/// **To the second.** `opensAt`, `answerBy` and `deadline` belong to what comes after them: in that very second
/// bargains open, the brand is too late and the floor price holds, drawing and taking are over. Signatures and
/// attestations are good in the second of their deadline and not after it.
///
/// **Said openly.** Helping takes the next opening, which comes with the buyer's link: a buyer who loses the
/// openings and gets them from nobody takes the price that there is. Two helpers who show the same opening race;
/// the second shows the next one. A buyer with a second wallet for which the attester vouches draws one of its own
/// cuts, as anybody can one. An attester that stops signing stops all helping under the deal, in every bargain
/// alike; who it is, is known before a right is bought.
interface ICuts is IPricer {
    /// @notice How cuts are drawn; a deal's rules are `abi.encode(Rules, CutRules)`.
    /// @param cuts How many there are, at most {MAX_CUTS}.
    /// @param leastCut What each takes off at least, in parts; not zero.
    /// @param attester Who says which helpers are different persons.
    struct CutRules {
        uint8 cuts;
        uint96 leastCut;
        address attester;
    }

    /// @notice What shows the next cut.
    /// @param cut In parts.
    /// @param salt As the brand drew it; zero where it answered in the clear.
    /// @param next The link after it; zero after the last one.
    struct Opening {
        uint96 cut;
        bytes32 salt;
        bytes32 next;
    }

    /// @notice What the attester signed:
    /// `CutHelper(address token,bytes32 dealId,address helper,bytes32 person,uint256 deadline)`.
    /// @param helper An address.
    /// @param person Whose it is.
    /// @param deadline The last second at which it is good.
    struct Attestation {
        address helper;
        bytes32 person;
        uint256 deadline;
        bytes signature;
    }

    /// @notice A bargain as it is now.
    /// @param price What it can be taken for, in parts; what it was taken for.
    /// @param left How many cuts are still to be drawn; zero while it is requested, or once it was not answered.
    /// @param answerBy For one that was requested and not answered: by when it has to be; else zero.
    /// @param deadline Until when it can be taken.
    /// @param link What the next opening must show; zero if there is none to show.
    struct Bargain {
        Status status;
        uint96 price;
        uint8 left;
        uint40 answerBy;
        uint40 deadline;
        bytes32 link;
    }

    /// @dev {IBargains} tells the rest.
    event CutsPublished(address indexed token, bytes32 indexed dealId, Rules rules, CutRules cutRules);
    /// @param head The first link, to which the brand committed.
    event CutOpened(
        address indexed token,
        bytes32 indexed dealId,
        address indexed buyer,
        uint256 number,
        bytes32 head,
        uint40 deadline
    );
    event CutRequested(
        address indexed token,
        bytes32 indexed dealId,
        address indexed buyer,
        uint256 number,
        uint40 answerBy,
        uint40 deadline
    );
    event CutAnswered(address indexed token, bytes32 indexed dealId, uint256 indexed number, uint96[] cuts);
    /// @param price What the bargain costs now, in parts.
    /// @param left How many cuts are still to be drawn.
    event CutDrawn(
        address indexed token,
        bytes32 indexed dealId,
        uint256 indexed number,
        address helper,
        bytes32 person,
        uint96 price,
        uint8 left
    );

    /// @dev The buyer pays so much for it.
    event CutTaken(address indexed token, bytes32 indexed dealId, uint256 indexed number, uint96 price);

    error Cuts_InvalidRules(CutRules rules);
    error Cuts_NoAttester(address attester);
    error Cuts_NoCommitment();
    error Cuts_NoRightNeeded(address token, bytes32 dealId);
    error Cuts_WrongCuts(uint256 cuts, uint256 sum);
    error Cuts_CutTooSmall(uint256 cut, uint256 least);
    error Cuts_NothingToDraw(address token, bytes32 dealId, uint256 number);
    error Cuts_WrongOpening(bytes32 link, bytes32 expected);
    error Cuts_CannotHelp(address account);
    error Cuts_HelpedAlready(bytes32 person);

    /// @notice The most cuts that a deal can have.
    function MAX_CUTS() external view returns (uint8);

    /// @notice How long a brand has to answer a request, in seconds.
    function ANSWER_PERIOD() external view returns (uint32);

    // ---- brand

    /// @notice Answers a request with all cuts in the clear, in the order in which they are drawn; their salts are
    /// zero. Campaign role, in any status of the brand. Emits {CutAnswered}.
    ///
    /// Requirements:
    /// - the bargain is requested, and `answerBy` has not come
    /// - there are as many cuts as the deal says, none less than the least, and they sum to the list price less
    /// the floor price
    function answer(address token, bytes32 dealId, uint256 number, uint96[] calldata cuts) external;

    // ---- buyer

    /// @notice Opens a bargain to whose cuts the brand has committed; uses up one of the buyer's rights, if the
    /// deal says so. Emits {CutOpened}.
    ///
    /// Both sign `CutOpening(address token,bytes32 dealId,uint256 number,bytes32 head,uint256 deadline)`, each with
    /// a deadline of its own.
    ///
    /// Requirements:
    /// - those of {IBargains-begin}
    /// - the deal has something in stock, the alliance lists its attester, and the number is new
    /// - the buyer calls, or signed; `brand.signer` runs the brand's campaigns, and signed, or calls
    ///
    /// @param head The first link; not zero. The buyer has checked all openings by now.
    function open(
        address token,
        bytes32 dealId,
        uint256 number,
        bytes32 head,
        Consent calldata buyer,
        BrandConsent calldata brand
    ) external;

    /// @notice Opens a bargain without the brand, which has {ANSWER_PERIOD} to answer. The bargain lives for the
    /// deal's duration from then on, whenever the brand answers, or if it does not. Uses up one of the buyer's
    /// rights. The buyer calls, or signed as for {open}, with a head of zero. Emits {CutRequested}.
    ///
    /// Requirements:
    /// - those of {open}, but for the brand
    /// - the deal uses up a right
    function request(address token, bytes32 dealId, uint256 number, Consent calldata buyer) external;

    // ---- helper

    /// @notice Draws the next cut. The helper calls, or signed
    /// `CutHelp(address token,bytes32 dealId,uint256 number,uint256 deadline)`, which does not say which cut:
    /// whoever submits it shows the opening whose turn it is. Emits {CutDrawn}.
    ///
    /// Requirements:
    /// - the bargain is open, its cuts are fixed, and one is left
    /// - the opening is the next one
    /// - the deal's attester signed the attestation, and that person has not helped this bargain
    /// - the helper is not the buyer
    function draw(
        address token,
        bytes32 dealId,
        uint256 number,
        Opening calldata opening,
        Attestation calldata attestation,
        Consent calldata helper
    ) external;

    // ---- views

    /// @notice How cuts under a deal are drawn; all zero if there is no such deal.
    function cutRulesOf(address token, bytes32 dealId) external view returns (CutRules memory);

    /// @notice A bargain as it is now.
    function bargainOf(address token, bytes32 dealId, uint256 number) external view returns (Bargain memory);

    /// @notice What every link of a bargain's chain is bound to:
    /// `keccak256(abi.encode(block.chainid, address(this), token, dealId, number))`.
    function bargainIdOf(address token, bytes32 dealId, uint256 number) external view returns (bytes32);

    /// @notice Whether a person has helped a bargain.
    function hasHelped(address token, bytes32 dealId, uint256 number, bytes32 person)
        external
        view
        returns (bool);
}

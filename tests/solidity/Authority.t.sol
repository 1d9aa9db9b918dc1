// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IBonds } from "../../contracts/interfaces/IBonds.sol";
import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { IFulfilment } from "../../contracts/interfaces/IFulfilment.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../../contracts/interfaces/IObligationRegistry.sol";
import { IEarnDistributor } from "../../contracts/interfaces/IEarnDistributor.sol";
import { IOffers } from "../../contracts/interfaces/IOffers.sol";
import { IOrders } from "../../contracts/interfaces/IOrders.sol";
import { IRedemptions } from "../../contracts/interfaces/IRedemptions.sol";
import { Roles } from "../../contracts/libraries/Roles.sol";
import { AllotmentModule } from "./utils/AllotmentModules.sol";
import { OrderTest } from "./utils/OrderTest.sol";
import { StrangerTest } from "./utils/StrangerTest.sol";

/// @notice AUTH-1: called by a stranger, every function either reverts or does what is meant for strangers.
contract AuthorityTest is OrderTest, StrangerTest {
    string private constant CREDIT = "(uint32,uint40,uint40,uint32,address,uint96,uint256[])";
    string private constant CREATE =
        "createOffer(address,bytes32,(uint96,uint32,uint32,uint40,uint40,uint8,uint8,uint96,address),bytes32,string)";
    string private constant SET =
        "setOffer(address,bytes32,(uint96,uint32,uint32,uint40,uint40,uint8,uint8,uint96,address),bytes32,string)";
    string private constant WITHDRAW = "withdrawOfferChange(address,bytes32)";
    string private constant ORDERED =
        "(address,bytes32,uint256,address,uint32,uint96,uint96,uint96,address,uint40,bytes32)";

    AllotmentModule internal payer;
    IFulfilment.Order internal standing;
    IFulfilment.Order internal said;
    IFulfilment.Order internal doubted;

    function setUp() public override {
        super.setUp();
        stranger = intruder;
        _ordersInEveryState();
        // Something of everything, so that there is something to lose.
        _mint(member, 500);
        _grant(manager, 300);
        _grantModule(module, 100);
        vm.prank(member);
        token.approve(till, 50);
        vm.startPrank(brand);
        brands.setManager(brandId, manager, Roles.MANAGER);
        brands.transferAdmin(brandId, till);
        brands.setGuardian(brandId, till);
        obligations.setCapacity(address(token), CAPACITY * 2);
        obligations.setTerms(
            address(token),
            IObligationRegistry.Terms({
                termsHash: "other", noticePeriod: NOTICE, bondBps: BOND_BPS, termsURI: ""
            })
        );
        vm.stopPrank();
        vm.prank(partner);
        obligations.announceWindDown(address(partnerToken));
        vm.prank(guardian);
        brands.startRecovery(brandId, till);
        _fillBond();

        _addTarget("BrandRegistry", address(brands));
        _addTarget("LoyaltyTokenFactory", address(factory));
        _addTarget("ObligationRegistry", address(obligations));
        _addTarget("Redemptions", address(desk));
        _addTarget("Bonds", address(bonds));
        _addTarget("Orders", address(orders));
        _addTarget("LoyaltyToken", address(token));
        _addTarget("LoyaltyToken", address(implementation));
        _addWords();
    }

    /// @dev An order that waits for the brand, one for its member and one for its arbiter; and at both desks a
    /// change of an offer that was announced.
    function _ordersInEveryState() private {
        doubted = _disputed();
        said = _delivered();
        standing = _open();
        IOffers.Conditions memory worse = _made();
        worse.price += 1;
        _set(MUG, worse);
        _setTill(till, true);
        _create(OFFER, _conditions());
        worse = _conditions();
        worse.price += 1;
        _change(OFFER, worse);
    }

    /// @dev Something in each purse, allotted, owed and announced. The bond is short, and nobody has said so
    /// yet, which is anyone's to say.
    function _fillBond() private {
        payer = new AllotmentModule();
        _list(IBrandRegistry.List.Module, address(payer), true);
        money.mint(brand, 600);
        vm.startPrank(brand);
        money.approve(address(bonds), 600);
        for (uint8 purse = 0; purse < 3; ++purse) {
            bonds.deposit(address(token), IBonds.Purse(purse), 200);
            bonds.announceWithdrawal(address(token), IBonds.Purse(purse), 50);
        }
        bonds.allot(address(token), IBonds.Purse.Settlement, address(payer), 100, "");
        bonds.allot(address(token), IBonds.Purse.Compensation, address(payer), 100, "");
        vm.stopPrank();
        payer.draw(bonds, address(token), IBonds.Purse.Compensation, member, 10);
    }

    function _addWords() private {
        address[18] memory accounts = [
            address(0),
            stranger,
            member,
            brand,
            manager,
            till,
            guardian,
            alliance,
            address(token),
            address(module),
            address(obligations),
            address(desk),
            currency,
            address(implementation),
            address(bonds),
            address(payer),
            address(orders),
            arbiter
        ];
        for (uint256 i = 0; i < accounts.length; ++i) {
            _addWord(accounts[i]);
        }
        uint256[12] memory numbers = [
            uint256(0),
            1,
            2,
            7,
            65,
            100,
            START,
            START + 1 hours,
            NOTICE,
            CAPACITY,
            FAR_FUTURE,
            type(uint256).max
        ];
        for (uint256 i = 0; i < numbers.length; ++i) {
            words.push(bytes32(numbers[i]));
        }
        words.push(brandId);
        words.push(partnerId);
        words.push(SALT);
        words.push(NONCE);
        words.push(MUG);
        words.push(OFFER);
        _addOffsets(0x120);
    }

    // ------------------------------------------------------------------ fuzz

    /// @dev Any function, with arguments that mean something, by somebody to whom nobody gave anything.
    function testFuzz_any_function__by_a_stranger__leaves_what_matters(
        uint256 target,
        uint256 selector,
        uint256 seed
    ) public {
        _callWithWords(target, selector, seed);
    }

    function testFuzz_any_function__any_calldata__leaves_what_matters(
        uint256 target,
        uint256 selector,
        bytes memory tail,
        address sender
    ) public {
        vm.assume(
            sender != brand && sender != partner && sender != member && sender != manager
                && sender != guardian && sender != alliance && sender != till && sender != address(desk)
                && sender != address(obligations) && sender != address(module) && sender != address(payer)
                && sender != address(bonds) && sender != address(orders) && sender != arbiter
                && sender != address(token) && sender != address(partnerToken)
                && sender != implementation.obligationRegistry() && sender != implementation.redemptionDesk()
        );
        stranger = sender;
        _callWithTail(target, selector, tail);
    }

    // ------------------------------------------------- every one, well-formed

    /// @dev What a stranger would call if it could, for each state-changing function of the suite: none is
    /// missing, all are refused with a reason, and none for its form.
    function test_every_mutator__well_formed_by_a_stranger__is_refused() public {
        _tryAll("BrandRegistry", address(brands), _onBrandRegistry());
        _tryAll("LoyaltyTokenFactory", address(factory), _onFactory());
        _tryAll("ObligationRegistry", address(obligations), _onObligations());
        _tryAll("LoyaltyToken", address(token), _onToken());
        _tryAll("Bonds", address(bonds), _onBonds());
        _tryAll("Redemptions", address(desk), _onDesk());
        _tryAll("Orders", address(orders), _onOrders());
    }

    /// @dev What a stranger may do: found a brand of its own, allow what it does not have, keep a token in
    /// line with its brand's status, bring a member what it is owed, say that a bond is short.
    function _isForStrangers(string memory signature) internal pure override returns (bool) {
        bytes32 hash = keccak256(bytes(signature));
        return hash == keccak256("register(bytes32,address,string)")
            || hash == keccak256("approve(address,uint256)") || hash == keccak256("syncMintStop(address)")
            || hash == keccak256("collect(address,address)") || hash == keccak256("flagShortfall(address)");
    }

    function _onBrandRegistry() private view returns (Call[] memory calls) {
        calls = new Call[](17);
        calls[0] = Call("register(bytes32,address,string)", abi.encode(SALT, stranger, "evil"));
        calls[1] = Call("setProfileURI(bytes32,string)", abi.encode(brandId, "evil"));
        calls[2] = Call("setManager(bytes32,address,uint8)", abi.encode(brandId, stranger, 7));
        calls[3] = Call("transferAdmin(bytes32,address)", abi.encode(brandId, stranger));
        calls[4] = Call("acceptAdmin(bytes32)", abi.encode(brandId));
        calls[5] = Call("setGuardian(bytes32,address)", abi.encode(brandId, stranger));
        calls[6] = Call("startRecovery(bytes32,address)", abi.encode(brandId, stranger));
        calls[7] = Call("vetoRecovery(bytes32)", abi.encode(brandId));
        calls[8] = Call("confirmRecovery(bytes32,address)", abi.encode(brandId, till));
        calls[9] = Call("withdrawRecovery(bytes32)", abi.encode(brandId));
        calls[10] = Call("completeRecovery(bytes32)", abi.encode(brandId));
        calls[11] = Call("admit(bytes32)", abi.encode(brandId));
        calls[12] = Call("suspend(bytes32)", abi.encode(brandId));
        calls[13] = Call("reinstate(bytes32)", abi.encode(brandId));
        calls[14] = Call("setListed(uint8,address,bool)", abi.encode(2, stranger, true));
        calls[15] = Call("setAuthority(address)", abi.encode(address(token)));
        calls[16] = Call("withdrawConfirmation(bytes32)", abi.encode(brandId));
    }

    function _onFactory() private view returns (Call[] memory calls) {
        calls = new Call[](1);
        calls[0] = Call(
            "createToken(bytes32,address,address,string,string,uint8)",
            abi.encode(brandId, address(obligations), address(desk), "Evil", "EVIL", 2)
        );
    }

    function _onObligations() private view returns (Call[] memory calls) {
        calls = new Call[](11);
        calls[0] = Call(
            "oblige(address,address,uint96,uint96,(bytes32,uint32,uint16,string))",
            abi.encode(address(token), currency, PAR, CAPACITY, _terms())
        );
        calls[1] =
            Call("setTerms(address,(bytes32,uint32,uint16,string))", abi.encode(address(token), _terms()));
        calls[2] = Call("withdrawTerms(address)", abi.encode(address(token)));
        calls[3] = Call("setCapacity(address,uint96)", abi.encode(address(token), CAPACITY * 3));
        calls[4] = Call("withdrawCapacityRaise(address)", abi.encode(address(token)));
        calls[5] = Call("applyCapacityRaise(address)", abi.encode(address(token)));
        calls[6] = Call("syncMintStop(address)", abi.encode(address(token)));
        calls[7] = Call("announceWindDown(address)", abi.encode(address(token)));
        calls[8] = Call("withdrawWindDown(address)", abi.encode(address(partnerToken)));
        calls[9] = Call("revokeQuota(address,address)", abi.encode(address(token), manager));
        calls[10] = Call("setInDefault(address,bool)", abi.encode(address(token), true));
    }

    function _onBonds() private view returns (Call[] memory calls) {
        calls = new Call[](19);
        address which = address(token);
        calls[0] = Call("deposit(address,uint8,uint256)", abi.encode(which, 0, 100));
        calls[1] = Call("collect(address,address)", abi.encode(currency, member));
        calls[2] = Call("collectTo(address,address)", abi.encode(currency, stranger));
        calls[3] = Call("flagShortfall(address)", abi.encode(which));
        calls[4] = Call("clearShortfall(address)", abi.encode(which));
        calls[5] = Call(
            "allot(address,uint8,address,uint256,bytes)", abi.encode(which, 0, address(payer), 10, "")
        );
        calls[6] = Call(
            "reclaim(address,uint8,address,uint256,bytes)", abi.encode(which, 0, address(payer), 10, "")
        );
        calls[7] = Call("announceWithdrawal(address,uint8,uint256)", abi.encode(which, 0, 100));
        calls[8] = Call("cancelWithdrawal(address,uint8)", abi.encode(which, 0));
        calls[9] = Call("withdraw(address,uint8,address)", abi.encode(which, 0, stranger));
        calls[10] = Call("draw(address,uint8,address,uint256)", abi.encode(which, 2, stranger, 10));
        calls[11] = Call("gather(address,uint8)", abi.encode(which, 2));
        calls[12] = Call("declareDefault(address)", abi.encode(which));
        calls[13] = Call("cureDefault(address)", abi.encode(which));
        calls[14] = Call("payShare(address,uint32,address)", abi.encode(which, 1, member));
        calls[15] = Call("payShareOf(address,uint32,bytes32,uint256)", abi.encode(which, 1, "debt", 10));
        calls[16] = Call("report(address,bytes32)", abi.encode(which, "debt"));
        calls[17] = Call("withdrawReport(address,bytes32)", abi.encode(which, "debt"));
        calls[18] = Call(
            "onTransferReceived(address,address,uint256,bytes)", abi.encode(stranger, stranger, 100, "")
        );
    }

    function _onDesk() private view returns (Call[] memory calls) {
        calls = new Call[](11);
        address which = address(token);
        IOffers.Conditions memory conditions = _conditions();
        calls[0] = Call(CREATE, abi.encode(which, SALT, conditions, DOCUMENT, "evil"));
        calls[1] = Call(SET, abi.encode(which, OFFER, conditions, DOCUMENT, "evil"));
        calls[2] = Call(WITHDRAW, abi.encode(which, OFFER));
        calls[3] = Call("setTill(address,address,bool)", abi.encode(which, stranger, true));
        uint256 soon = block.timestamp + FRESH;
        IRedemptions.OfferRedemption[] memory byOffer = new IRedemptions.OfferRedemption[](1);
        byOffer[0] = IRedemptions.OfferRedemption(member, OFFER, 1, 1, PRICE, NONCE, soon, new bytes(65));
        calls[4] = Call(
            "redeemOffer(address,(address,bytes32,uint256,uint256,uint256,bytes32,uint256,bytes))",
            abi.encode(which, byOffer[0])
        );
        calls[5] = Call(
            "redeemOffers(address,(address,bytes32,uint256,uint256,uint256,bytes32,uint256,bytes)[])",
            abi.encode(which, byOffer)
        );
        IRedemptions.ParRedemption[] memory atPar = new IRedemptions.ParRedemption[](1);
        atPar[0] = IRedemptions.ParRedemption(member, ORDER, 1, 100, NONCE, soon, new bytes(65));
        calls[6] = Call(
            "redeemAtPar(address,(address,bytes32,uint256,uint256,bytes32,uint256,bytes))",
            abi.encode(which, atPar[0])
        );
        calls[7] = Call(
            "redeemInCurrency(address,(address,bytes32,uint256,uint256,bytes32,uint256,bytes))",
            abi.encode(which, atPar[0])
        );
        calls[8] = Call(
            "redeemManyAtPar(address,(address,bytes32,uint256,uint256,bytes32,uint256,bytes)[])",
            abi.encode(which, atPar)
        );
        IEarnDistributor.Credit[] memory none = new IEarnDistributor.Credit[](0);
        calls[9] = Call(
            string.concat(
                "claimAndRedeemOffer(address,address,",
                CREDIT,
                "[],(address,bytes32,uint256,uint256,uint256,bytes32,uint256,bytes))"
            ),
            abi.encode(which, stranger, none, byOffer[0])
        );
        calls[10] = Call(
            string.concat(
                "claimAndRedeemAtPar(address,address,",
                CREDIT,
                "[],(address,bytes32,uint256,uint256,bytes32,uint256,bytes))"
            ),
            abi.encode(which, stranger, none, atPar[0])
        );
    }

    /// @dev Claim and finish are for strangers once an order's time is over, which it is not.
    function _onOrders() private view returns (Call[] memory calls) {
        calls = new Call[](16);
        address which = address(token);
        calls[0] = Call(CREATE, abi.encode(which, SALT, _made(), DOCUMENT, "evil"));
        calls[1] = Call(SET, abi.encode(which, MUG, _made(), DOCUMENT, "evil"));
        calls[2] = Call(WITHDRAW, abi.encode(which, MUG));
        calls[3] = Call("retireOffer(address,bytes32)", abi.encode(which, MUG));
        bytes memory data = abi.encode(IOrders.Act.Open, _request(MUG, 1));
        calls[4] = Call(
            "onTransferReceived(address,address,uint256,bytes)", abi.encode(member, member, PRICE, data)
        );
        calls[5] =
            Call("onAllotted(address,uint8,uint256,bytes)", abi.encode(which, PURSE, 100, abi.encode(MUG)));
        calls[6] =
            Call("onReclaimed(address,uint8,uint256,bytes)", abi.encode(which, PURSE, 100, abi.encode(MUG)));
        calls[7] = Call("fulfil(address,bytes32,uint256[])", abi.encode(which, MUG, _one(standing.number)));
        calls[8] = Call(string.concat("decline(", ORDERED, ")"), abi.encode(standing));
        calls[9] = Call(string.concat("confirm(", ORDERED, ")"), abi.encode(said));
        calls[10] = Call(
            string.concat("decide(", ORDERED, ",uint96,uint96)"),
            abi.encode(doubted, doubted.amount, doubted.compensation)
        );
        calls[11] = Call(string.concat("claim(", ORDERED, ")"), abi.encode(doubted));
        IFulfilment.Order[] memory one = new IFulfilment.Order[](1);
        one[0] = said;
        calls[12] = Call(string.concat("finish(address,", ORDERED, "[])"), abi.encode(which, one));
        ILoyaltyToken.Spend memory spend =
            ILoyaltyToken.Spend({ from: member, amount: PRICE, nonce: NONCE, deadline: FAR_FUTURE });
        bytes memory signature = new bytes(65);
        calls[13] = Call(
            "openWithSignature(address,(bytes32,uint256,uint256,uint256,bytes32),(address,uint256,bytes32,uint256),bytes)",
            abi.encode(which, _request(MUG, 1), spend, signature)
        );
        calls[14] = Call(
            string.concat("disputeWithSignature(", ORDERED, ",(address,uint256,bytes32,uint256),bytes)"),
            abi.encode(said, spend, signature)
        );
        calls[15] = Call(
            string.concat("confirmWithSignature(", ORDERED, ",(address,uint256,bytes32,uint256),bytes)"),
            abi.encode(said, spend, signature)
        );
    }

    function _onToken() private view returns (Call[] memory calls) {
        calls = new Call[](27);
        bytes memory signature = new bytes(65);
        ILoyaltyToken.Spend memory spend =
            ILoyaltyToken.Spend({ from: member, amount: 100, nonce: NONCE, deadline: FAR_FUTURE });
        calls[0] = Call("setCapacity(uint96)", abi.encode(CAPACITY * 3));
        calls[1] = Call("setMintStop(bool)", abi.encode(true));
        calls[2] = Call(
            "redeemWithSignature((address,uint256,bytes32,uint256),uint256,bytes32,bytes32,uint256,bytes)",
            abi.encode(spend, 100, SPEND_TYPEHASH, 0, 2, signature)
        );
        calls[3] = Call("grantQuota(address,uint96)", abi.encode(stranger, 100));
        calls[4] = Call("revokeQuota(address,uint96)", abi.encode(manager, 100));
        calls[5] = Call("grantQuotaAndCall(address,uint96,bytes)", abi.encode(address(module), 100, ""));
        calls[6] = Call("setContractURI(string)", abi.encode("evil"));
        calls[7] = Call("mint(address,uint256)", abi.encode(stranger, 1));
        calls[8] = Call(
            "mintBatch(bytes32,uint96,bytes)", abi.encode(SALT, 1, abi.encodePacked(stranger, uint32(1)))
        );
        calls[9] =
            Call("mintBatchWide(bytes32,bytes)", abi.encode(SALT, abi.encodePacked(stranger, uint96(1))));
        calls[10] = Call("passQuotaAndCall(address,uint96,bytes)", abi.encode(address(module), 1, ""));
        calls[11] = Call("returnQuota(uint96)", abi.encode(1));
        calls[12] = Call("transfer(address,uint256)", abi.encode(stranger, 1));
        calls[13] = Call("transferFrom(address,address,uint256)", abi.encode(member, stranger, 1));
        calls[14] = Call("approve(address,uint256)", abi.encode(till, 1));
        calls[15] = Call("burn(uint256)", abi.encode(1));
        calls[16] = Call("burnFrom(address,uint256)", abi.encode(member, 1));
        calls[17] = Call("transferAndCall(address,uint256,bytes)", abi.encode(address(module), 1, ""));
        calls[18] = Call(
            "receiveWithSignature((address,uint256,bytes32,uint256),uint256,bytes32,bytes32,bytes)",
            abi.encode(spend, 100, SPEND_TYPEHASH, 0, signature)
        );
        calls[19] = Call(
            "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
            abi.encode(member, stranger, 1, FAR_FUTURE, 27, NONCE, NONCE)
        );
        calls[20] = Call(
            "permit(address,address,uint256,uint256,bytes)",
            abi.encode(member, stranger, 1, FAR_FUTURE, signature)
        );
        bytes memory head = abi.encode(member, stranger, 1, 0, FAR_FUTURE, NONCE);
        bytes memory parts = abi.encode(27, NONCE, NONCE);
        calls[21] = Call(
            "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)",
            abi.encodePacked(head, parts)
        );
        calls[22] = Call(
            "receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)",
            abi.encodePacked(head, parts)
        );
        bytes memory whole = abi.encode(member, stranger, 1, 0, FAR_FUTURE, NONCE, signature);
        calls[23] =
            Call("transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)", whole);
        calls[24] =
            Call("receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)", whole);
        calls[25] = Call(
            "cancelAuthorization(address,bytes32,uint8,bytes32,bytes32)",
            abi.encodePacked(abi.encode(member, NONCE), parts)
        );
        calls[26] = Call("cancelAuthorization(address,bytes32,bytes)", abi.encode(member, NONCE, signature));
    }

    // --------------------------------------------------------- what matters

    /// @dev All that is not the stranger's own, in one number.
    function _whatMatters() internal view override returns (bytes32) {
        return keccak256(
            abi.encode(
                _brandState(brandId),
                _brandState(partnerId),
                _lists(),
                _tokenState(token),
                _tokenState(partnerToken),
                _tokenState(implementation),
                _obligationState(address(token)),
                _obligationState(address(partnerToken)),
                _obligationState(address(implementation)),
                obligations.tokenCount(),
                keccak256(abi.encode(_bondState(), _orderState())),
                authority.getRoleAdmin(1)
            )
        );
    }

    function _brandState(bytes32 id) private view returns (bytes32) {
        (, uint8 strangersRoles) = brands.standingOf(id, stranger);
        (, uint8 managersRoles) = brands.standingOf(id, manager);
        (bool isAdmin,) = authority.hasRole(0, stranger);
        (bool allianceIsAdmin,) = authority.hasRole(0, alliance);
        return keccak256(
            abi.encode(
                brands.brandOf(id),
                brands.recoveryOf(id),
                strangersRoles,
                managersRoles,
                brands.isBrandAccount(id, stranger),
                isAdmin,
                allianceIsAdmin,
                vm.load(address(brands), 0)
            )
        );
    }

    function _lists() private view returns (bytes32 lists) {
        address[5] memory accounts =
            [stranger, address(module), address(obligations), address(desk), currency];
        for (uint8 list = 0; list <= uint8(type(IBrandRegistry.List).max); ++list) {
            for (uint256 i = 0; i < accounts.length; ++i) {
                lists = keccak256(abi.encode(lists, brands.isListed(IBrandRegistry.List(list), accounts[i])));
            }
        }
    }

    function _tokenState(ILoyaltyToken which) private view returns (bytes32 state) {
        state = keccak256(
            abi.encode(
                which.capacity(),
                which.totalSupply(),
                which.totalQuota(),
                which.mintStopped(),
                which.contractURI(),
                which.nonces(member),
                which.authorizationState(member, NONCE),
                which.isBatchMinted(SALT)
            )
        );
        address[7] memory accounts = [stranger, member, brand, manager, till, address(module), address(desk)];
        for (uint256 i = 0; i < accounts.length; ++i) {
            state = keccak256(
                abi.encode(
                    state,
                    which.balanceOf(accounts[i]),
                    which.quotaOf(accounts[i]),
                    which.isModule(accounts[i]),
                    which.allowance(member, accounts[i])
                )
            );
        }
    }

    /// @dev The purses, who may draw on them, and what is owed or has been paid to whom it is owed.
    function _bondState() private view returns (bytes32 state) {
        for (uint8 i = 0; i < 3; ++i) {
            IBonds.Purse purse = IBonds.Purse(i);
            state = keccak256(
                abi.encode(
                    state,
                    bonds.purseOf(address(token), purse),
                    bonds.purseOf(address(partnerToken), purse),
                    bonds.allotmentOf(address(token), purse, address(payer)),
                    bonds.allotmentOf(address(token), purse, stranger)
                )
            );
        }
        return keccak256(
            abi.encode(
                state,
                bonds.owedTo(currency, member) + money.balanceOf(member),
                bonds.owedTo(currency, stranger),
                money.balanceOf(stranger),
                money.balanceOf(brand)
            )
        );
    }

    /// @dev What is offered at a desk.
    function _offerState(IOffers shelf, bytes32 offerId) private view returns (bytes32) {
        return keccak256(
            abi.encode(
                shelf.offerOf(address(token), offerId),
                shelf.offerCount(address(token)),
                shelf.redeemedBy(address(token), offerId, member),
                desk.isTill(address(token), stranger)
            )
        );
    }

    /// @dev Where orders stand, what is locked and what is reserved for them.
    function _orderState() private view returns (bytes32 state) {
        for (uint256 number = 0; number < 8; ++number) {
            (IFulfilment.State stands, uint40 deadline) = orders.stateOf(address(token), MUG, number);
            state = keccak256(abi.encode(state, stands, deadline));
        }
        return keccak256(
            abi.encode(
                state,
                orders.recordOf(address(token), MUG),
                _free(),
                token.balanceOf(address(orders)),
                _offerState(orders, MUG),
                _offerState(desk, OFFER)
            )
        );
    }

    function _obligationState(address which) private view returns (bytes32) {
        return keccak256(
            abi.encode(
                obligations.obligationOf(which),
                obligations.isVersionValid(which, 1),
                obligations.isVersionValid(which, 2)
            )
        );
    }
}

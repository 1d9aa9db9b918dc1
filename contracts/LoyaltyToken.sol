// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Metadata } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { IERC1363Receiver } from "@openzeppelin/contracts/interfaces/IERC1363Receiver.sol";
import { IERC5267 } from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import { MessageHashUtils } from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import { BrandGate } from "./base/BrandGate.sol";
import { IBrandRegistry } from "./interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "./interfaces/ILoyaltyToken.sol";
import { IQuotaReceiver } from "./interfaces/IQuotaReceiver.sol";
import { MAX_URI_LENGTH } from "./libraries/Limits.sol";
import { Signatures } from "./libraries/Signatures.sol";
import { TokenArgs } from "./libraries/TokenArgs.sol";

/// @title LoyaltyToken
/// @notice See {ILoyaltyToken}. This is the code that every clone of the factory runs.
///
/// **Books.** `_supply` is what holders hold, `_totalQuota` what minters may still mint; both lie in one
/// slot with the mint-stop. Minting moves an amount between the two and leaves their sum alone; transfers,
/// to whatever contract, touch neither; only grants raise the sum, and only they look at capacity.
///
/// **Sizes.** Capacity is a `uint96`, so the sum, and hence every balance and every quota, fits 96 bits.
/// That is why the additions below may go unchecked once the amount is known to come from one of these.
///
/// **Trust.** The obligation registry sets capacity and the mint-stop and can do nothing to anyone's tokens
/// without a signature. A module can mint the quota it was given, no more. The alliance's list is asked
/// when the brand opens the token to a module; taking the module off the list later does not undo what was
/// promised.
///
/// **Signatures.** Every one binds chain and token by the EIP-712 domain, and has a deadline and a nonce.
/// ERC-3009's random nonces and {Spend}'s share one record, whose value is also the receipt of a
/// redemption.
contract LoyaltyToken is ILoyaltyToken, BrandGate {
    struct Books {
        uint96 supply;
        uint96 totalQuota;
        bool mintStopped;
    }

    struct Quota {
        uint96 amount;
        bool isModule;
    }

    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant PERMIT_TYPEHASH =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    bytes32 private constant TRANSFER_TYPEHASH = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant RECEIVE_TYPEHASH = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant CANCEL_TYPEHASH =
        keccak256("CancelAuthorization(address authorizer,bytes32 nonce)");
    string private constant VERSION = "1";
    bytes32 private constant VERSION_HASH = keccak256("1");

    uint256 private constant NARROW_ROW = 24;
    uint256 private constant WIDE_ROW = 32;
    /// @dev Marks a nonce as used where there is no receipt.
    uint256 private constant USED = 1;

    Books private _books;
    uint96 private _capacity;
    mapping(address holder => uint256) private _balances;
    mapping(address minter => Quota) private _quotas;
    mapping(address owner => mapping(address spender => uint256)) private _allowances;
    mapping(address authorizer => mapping(bytes32 nonce => uint256)) private _authorizations;
    mapping(uint256 word => uint256) private _batches;
    mapping(address owner => uint256) private _permitNonces;
    string private _contractURI;

    constructor(IBrandRegistry brandRegistry) BrandGate(brandRegistry) { }

    modifier onlyObligationRegistry() {
        require(msg.sender == TokenArgs.obligationRegistry(), LoyaltyToken_NotObligationRegistry(msg.sender));
        _;
    }

    // --------------------------------------------------- obligation registry

    /// @inheritdoc ILoyaltyToken
    function setCapacity(uint96 newCapacity) external onlyObligationRegistry {
        uint256 committed = _committed(_books);
        require(newCapacity >= committed, LoyaltyToken_CapacityTooLow(newCapacity, committed));
        _capacity = newCapacity;
        emit CapacitySet({ capacity: newCapacity });
    }

    /// @inheritdoc ILoyaltyToken
    function setMintStop(bool stopped) external onlyObligationRegistry {
        _books.mintStopped = stopped;
        emit MintStopSet({ stopped: stopped });
    }

    // ------------------------------------------------------- redemption desk

    /// @inheritdoc ILoyaltyToken
    function redeemWithSignature(
        Spend calldata spend,
        uint256 amount,
        bytes32 typehash,
        bytes32 witness,
        uint256 receipt,
        bytes calldata signature
    ) external {
        require(msg.sender == TokenArgs.redemptionDesk(), LoyaltyToken_NotRedemptionDesk(msg.sender));
        require(receipt > USED, LoyaltyToken_InvalidReceipt());
        _useSpend(spend, amount, typehash, witness, receipt, signature);
        _burn(spend.from, amount);
    }

    // ----------------------------------------------------------------- brand

    /// @inheritdoc ILoyaltyToken
    function grantQuota(address minter, uint96 amount) external {
        require(minter != address(0), LoyaltyToken_InvalidMinter(minter));
        require(!_quotas[minter].isModule && !_mayBeModule(minter), LoyaltyToken_IsModule(minter));
        _grantQuota(minter, amount);
    }

    /// @inheritdoc ILoyaltyToken
    function revokeQuota(address minter, uint96 amount) external returns (uint256 revoked) {
        if (msg.sender != TokenArgs.obligationRegistry()) _checkAdmin(TokenArgs.brandId());
        Quota storage quota = _quotas[minter];
        require(!quota.isModule, LoyaltyToken_IsModule(minter));
        uint96 taken = amount < quota.amount ? amount : quota.amount;
        quota.amount -= taken;
        _books.totalQuota -= taken;
        emit QuotaRevoked({ minter: minter, amount: taken });
        return taken;
    }

    /// @inheritdoc ILoyaltyToken
    function grantQuotaAndCall(address module, uint96 amount, bytes calldata data) external {
        require(_mayBeModule(module), LoyaltyToken_NotModule(module));
        Quota memory quota = _quotas[module];
        require(quota.isModule || quota.amount == 0, LoyaltyToken_HoldsQuota(module, quota.amount));
        _grantQuota(module, amount);
        _quotas[module].isModule = true;
        _callModule(module, amount, IQuotaReceiver.Source.Granted, data);
    }

    /// @inheritdoc ILoyaltyToken
    function setContractURI(string calldata uri) external {
        _checkAdmin(TokenArgs.brandId());
        uint256 length = bytes(uri).length;
        require(length <= MAX_URI_LENGTH, LoyaltyToken_URITooLong(length, MAX_URI_LENGTH));
        _contractURI = uri;
        emit ContractURIUpdated();
    }

    // --------------------------------------------------------------- minters

    /// @inheritdoc ILoyaltyToken
    function mint(address to, uint256 amount) external {
        _checkRecipient(to);
        _spendQuota(amount);
        unchecked {
            _balances[to] += amount;
        }
        emit Transfer({ from: address(0), to: to, value: amount });
    }

    /// @inheritdoc ILoyaltyToken
    function mintBatch(bytes32 batchId, uint96 unit, bytes calldata rows) external {
        require(rows.length != 0 && rows.length % NARROW_ROW == 0, LoyaltyToken_InvalidRows(rows.length));
        _useBatch(batchId);
        _finishBatch(batchId, _mintRows(rows, NARROW_ROW, 64, unit));
    }

    /// @inheritdoc ILoyaltyToken
    function mintBatchWide(bytes32 batchId, bytes calldata rows) external {
        require(rows.length != 0 && rows.length % WIDE_ROW == 0, LoyaltyToken_InvalidRows(rows.length));
        _useBatch(batchId);
        _finishBatch(batchId, _mintRows(rows, WIDE_ROW, 0, 1));
    }

    /// @inheritdoc ILoyaltyToken
    function passQuotaAndCall(address module, uint96 amount, bytes calldata data) external {
        _takeQuota(amount);
        Quota memory quota = _quotas[module];
        require(quota.isModule, LoyaltyToken_NotModule(module));
        unchecked {
            _quotas[module].amount = quota.amount + amount;
        }
        emit QuotaPassed({ from: msg.sender, module: module, amount: amount });
        _callModule(module, amount, IQuotaReceiver.Source.Passed, data);
    }

    /// @inheritdoc ILoyaltyToken
    function returnQuota(uint96 amount) external {
        Quota storage quota = _quotas[msg.sender];
        require(amount <= quota.amount, LoyaltyToken_QuotaExceeded(msg.sender, amount, quota.amount));
        unchecked {
            quota.amount -= amount;
            _books.totalQuota -= amount;
        }
        emit QuotaReturned({ minter: msg.sender, amount: amount });
    }

    // --------------------------------------------------------------- holders

    /// @inheritdoc IERC20
    function transfer(address to, uint256 value) external returns (bool) {
        _transfer(msg.sender, to, value);
        return true;
    }

    /// @inheritdoc IERC20
    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        _spendAllowance(from, value);
        _transfer(from, to, value);
        return true;
    }

    /// @inheritdoc IERC20
    function approve(address spender, uint256 value) external returns (bool) {
        _approve(msg.sender, spender, value);
        return true;
    }

    /// @inheritdoc ILoyaltyToken
    function burn(uint256 amount) external {
        _burn(msg.sender, amount);
    }

    /// @inheritdoc ILoyaltyToken
    function burnFrom(address from, uint256 amount) external {
        _spendAllowance(from, amount);
        _burn(from, amount);
    }

    /// @inheritdoc ILoyaltyToken
    function transferAndCall(address to, uint256 value, bytes calldata data) external returns (bool) {
        _transfer(msg.sender, to, value);
        require(to.code.length != 0, LoyaltyToken_NotContract(to));
        bytes4 magic = IERC1363Receiver(to).onTransferReceived(msg.sender, msg.sender, value, data);
        require(magic == IERC1363Receiver.onTransferReceived.selector, LoyaltyToken_CallRefused(to));
        return true;
    }

    // -------------------------------------------------------------- spenders

    /// @inheritdoc ILoyaltyToken
    function receiveWithSignature(
        Spend calldata spend,
        uint256 amount,
        bytes32 typehash,
        bytes32 witness,
        bytes calldata signature
    ) external {
        _useSpend(spend, amount, typehash, witness, USED, signature);
        emit AuthorizationUsed({ authorizer: spend.from, nonce: spend.nonce });
        _transfer(spend.from, msg.sender, amount);
    }

    // ------------------------------------------------------- signed variants

    /// @inheritdoc IERC20Permit
    function permit(
        address owner,
        address spender,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        bytes32 digest = _permitDigest(owner, spender, value, deadline);
        require(Signatures.isValid(owner, digest, v, r, s), LoyaltyToken_InvalidSignature(owner));
        _approve(owner, spender, value);
    }

    /// @inheritdoc ILoyaltyToken
    function permit(address owner, address spender, uint256 value, uint256 deadline, bytes calldata signature)
        external
    {
        _checkSignature(owner, _permitDigest(owner, spender, value, deadline), signature);
        _approve(owner, spender, value);
    }

    /// @inheritdoc ILoyaltyToken
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        bytes32 digest = _useTransfer(TRANSFER_TYPEHASH, from, to, value, validAfter, validBefore, nonce);
        _checkSignature(from, digest, signature);
        _transfer(from, to, value);
    }

    /// @inheritdoc ILoyaltyToken
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        bytes32 digest = _useTransfer(TRANSFER_TYPEHASH, from, to, value, validAfter, validBefore, nonce);
        require(Signatures.isValid(from, digest, v, r, s), LoyaltyToken_InvalidSignature(from));
        _transfer(from, to, value);
    }

    /// @inheritdoc ILoyaltyToken
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        require(msg.sender == to, LoyaltyToken_NotRecipient(msg.sender, to));
        bytes32 digest = _useTransfer(RECEIVE_TYPEHASH, from, to, value, validAfter, validBefore, nonce);
        _checkSignature(from, digest, signature);
        _transfer(from, to, value);
    }

    /// @inheritdoc ILoyaltyToken
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        require(msg.sender == to, LoyaltyToken_NotRecipient(msg.sender, to));
        bytes32 digest = _useTransfer(RECEIVE_TYPEHASH, from, to, value, validAfter, validBefore, nonce);
        require(Signatures.isValid(from, digest, v, r, s), LoyaltyToken_InvalidSignature(from));
        _transfer(from, to, value);
    }

    /// @inheritdoc ILoyaltyToken
    function cancelAuthorization(address authorizer, bytes32 nonce, bytes calldata signature) external {
        _checkSignature(authorizer, _useCancel(authorizer, nonce), signature);
    }

    /// @inheritdoc ILoyaltyToken
    function cancelAuthorization(address authorizer, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 digest = _useCancel(authorizer, nonce);
        require(Signatures.isValid(authorizer, digest, v, r, s), LoyaltyToken_InvalidSignature(authorizer));
    }

    // ----------------------------------------------------------------- views

    /// @inheritdoc IERC20Metadata
    function name() public view returns (string memory) {
        return TokenArgs.name();
    }

    /// @inheritdoc IERC20Metadata
    function symbol() external view returns (string memory) {
        return TokenArgs.symbol();
    }

    /// @inheritdoc IERC20Metadata
    function decimals() external view returns (uint8) {
        return TokenArgs.decimals();
    }

    /// @inheritdoc IERC20
    function totalSupply() external view returns (uint256) {
        return _books.supply;
    }

    /// @inheritdoc IERC20
    function balanceOf(address account) external view returns (uint256) {
        return _balances[account];
    }

    /// @inheritdoc IERC20
    function allowance(address owner, address spender) external view returns (uint256) {
        return _allowances[owner][spender];
    }

    /// @inheritdoc IERC20Permit
    function nonces(address owner) external view returns (uint256) {
        return _permitNonces[owner];
    }

    /// @inheritdoc IERC20Permit
    // solhint-disable-next-line func-name-mixedcase
    function DOMAIN_SEPARATOR() public view returns (bytes32) {
        return keccak256(
            abi.encode(DOMAIN_TYPEHASH, TokenArgs.nameHash(), VERSION_HASH, block.chainid, address(this))
        );
    }

    /// @inheritdoc IERC5267
    function eip712Domain()
        external
        view
        returns (
            bytes1 fields,
            string memory name_,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        )
    {
        return (hex"0f", name(), VERSION, block.chainid, address(this), 0, new uint256[](0));
    }

    /// @inheritdoc ILoyaltyToken
    function brandId() external view returns (bytes32) {
        return TokenArgs.brandId();
    }

    /// @inheritdoc ILoyaltyToken
    function obligationRegistry() external view returns (address) {
        return TokenArgs.obligationRegistry();
    }

    /// @inheritdoc ILoyaltyToken
    function redemptionDesk() external view returns (address) {
        return TokenArgs.redemptionDesk();
    }

    /// @inheritdoc ILoyaltyToken
    function creator() external view returns (address) {
        return TokenArgs.creator();
    }

    /// @inheritdoc ILoyaltyToken
    function capacity() external view returns (uint256) {
        return _capacity;
    }

    /// @inheritdoc ILoyaltyToken
    function totalQuota() external view returns (uint256) {
        return _books.totalQuota;
    }

    /// @inheritdoc ILoyaltyToken
    function quotaOf(address minter) external view returns (uint256) {
        return _quotas[minter].amount;
    }

    /// @inheritdoc ILoyaltyToken
    function isModule(address account) external view returns (bool) {
        return _quotas[account].isModule;
    }

    /// @inheritdoc ILoyaltyToken
    function mintStopped() external view returns (bool) {
        return _books.mintStopped;
    }

    /// @inheritdoc ILoyaltyToken
    function isBatchMinted(bytes32 batchId) external view returns (bool) {
        (uint256 word, uint256 bit) = _batchBit(batchId);
        return _batches[word] & bit != 0;
    }

    /// @inheritdoc ILoyaltyToken
    function receiptOf(address from, bytes32 nonce) external view returns (uint256) {
        uint256 mark = _authorizations[from][nonce];
        return mark > USED ? mark : 0;
    }

    /// @inheritdoc ILoyaltyToken
    function authorizationState(address authorizer, bytes32 nonce) external view returns (bool) {
        return _authorizations[authorizer][nonce] != 0;
    }

    /// @inheritdoc ILoyaltyToken
    function contractURI() external view returns (string memory) {
        string memory uri = _contractURI;
        return bytes(uri).length != 0 ? uri : BRAND_REGISTRY.profileURIOf(TokenArgs.brandId());
    }

    // An amount is cast once it is known to come from a balance or a quota, which fit 96 bits (see Sizes).
    // forge-lint: disable-start(unsafe-typecast)

    // ---------------------------------------------------- internals: holding

    /// @dev Moves `value` and logs it. By hand, because it is what a token does most.
    ///
    /// Plain twin, which the tests hold it to: `_balances[from] -= value; _balances[to] += value;
    /// emit Transfer(from, to, value)`.
    function _transfer(address from, address to, uint256 value) private {
        _checkRecipient(to);
        bytes32 transferTopic = Transfer.selector;
        uint256 slot;
        uint256 held;
        assembly ("memory-safe") {
            mstore(0x00, from)
            mstore(0x20, _balances.slot)
            slot := keccak256(0x00, 0x40)
            held := sload(slot)
        }
        require(value <= held, ERC20InsufficientBalance(from, held, value));
        assembly ("memory-safe") {
            sstore(slot, sub(held, value))
            mstore(0x00, to)
            mstore(0x20, _balances.slot)
            slot := keccak256(0x00, 0x40)
            sstore(slot, add(sload(slot), value))
            mstore(0x00, value)
            log3(0x00, 0x20, transferTopic, from, to)
        }
    }

    function _burn(address from, uint256 amount) private {
        uint256 balance = _balances[from];
        require(amount <= balance, ERC20InsufficientBalance(from, balance, amount));
        unchecked {
            _balances[from] = balance - amount;
            _books.supply -= uint96(amount);
        }
        emit Transfer({ from: from, to: address(0), value: amount });
    }

    function _checkRecipient(address to) private view {
        require(to != address(0) && to != address(this), ERC20InvalidReceiver(to));
    }

    function _approve(address owner, address spender, uint256 value) private {
        require(spender != address(0), ERC20InvalidSpender(spender));
        _allowances[owner][spender] = value;
        emit Approval({ owner: owner, spender: spender, value: value });
    }

    /// @dev The caller's allowance; the largest number means without end.
    function _spendAllowance(address owner, uint256 value) private {
        uint256 current = _allowances[owner][msg.sender];
        if (current == type(uint256).max) return;
        require(value <= current, ERC20InsufficientAllowance(msg.sender, current, value));
        unchecked {
            _allowances[owner][msg.sender] = current - value;
        }
    }

    // ---------------------------------------------------- internals: issuing

    function _committed(Books memory books) private pure returns (uint256) {
        return uint256(books.supply) + books.totalQuota;
    }

    /// @dev The obligation registry and the redemption desk are every token's modules; others are on the
    /// alliance's list.
    function _mayBeModule(address account) private view returns (bool) {
        return account == TokenArgs.obligationRegistry() || account == TokenArgs.redemptionDesk()
            || BRAND_REGISTRY.isListed(IBrandRegistry.List.Module, account);
    }

    function _grantQuota(address minter, uint96 amount) private {
        _checkActiveAdmin(TokenArgs.brandId());
        Books memory books = _books;
        require(!books.mintStopped, LoyaltyToken_MintStopped());
        uint256 available = _capacity - _committed(books);
        require(amount <= available, LoyaltyToken_CapacityExceeded(amount, available));
        _books.totalQuota = books.totalQuota + amount;
        _quotas[minter].amount += amount;
        emit QuotaGranted({ minter: minter, amount: amount });
    }

    /// @dev Takes from the caller's quota what is to be minted or passed on, without touching the books.
    function _takeQuota(uint256 amount) private {
        Quota memory quota = _quotas[msg.sender];
        require(quota.isModule || !_books.mintStopped, LoyaltyToken_MintStopped());
        require(amount <= quota.amount, LoyaltyToken_QuotaExceeded(msg.sender, amount, quota.amount));
        unchecked {
            _quotas[msg.sender].amount = quota.amount - uint96(amount);
        }
    }

    /// @dev Turns the caller's quota into supply.
    function _spendQuota(uint256 amount) private {
        _takeQuota(amount);
        Books memory books = _books;
        unchecked {
            _books.supply = books.supply + uint96(amount);
            _books.totalQuota = books.totalQuota - uint96(amount);
        }
    }

    function _callModule(address module, uint256 amount, IQuotaReceiver.Source source, bytes calldata data)
        private
    {
        bytes4 magic = IQuotaReceiver(module).onQuotaReceived(msg.sender, amount, source, data);
        require(magic == IQuotaReceiver.onQuotaReceived.selector, LoyaltyToken_CallRefused(module));
    }

    function _batchBit(bytes32 batchId) private pure returns (uint256 word, uint256 bit) {
        // One bit, shifted by what the low byte says.
        // forge-lint: disable-next-line(incorrect-shift)
        return (uint256(batchId) >> 8, 1 << (uint256(batchId) & 0xff));
    }

    function _useBatch(bytes32 batchId) private {
        (uint256 word, uint256 bit) = _batchBit(batchId);
        uint256 minted = _batches[word];
        require(minted & bit == 0, LoyaltyToken_BatchAlreadyMinted(batchId));
        _batches[word] = minted | bit;
    }

    function _finishBatch(bytes32 batchId, uint256 total) private {
        // An empty batch needs no quota, so anybody could use up another's batch id with one.
        require(total != 0, LoyaltyToken_ZeroAmount());
        _spendQuota(total);
        emit BatchMinted({ batchId: batchId, minter: msg.sender, amount: total });
    }

    /// @dev Credits each row's recipient with its count times `unit` and logs it. A row is an address and
    /// then a count, with `spare` bits of the next row behind it in the word that it is read by. There is
    /// at least one row. The caller checks `total` against its quota, which also proves that no balance has
    /// overflowed.
    ///
    /// Plain twin, which the tests hold it to: for each row,
    /// `_balances[to] += count * unit; emit Transfer(0, to, count * unit)`.
    function _mintRows(bytes calldata rows, uint256 width, uint256 spare, uint256 unit)
        private
        returns (uint256 total)
    {
        bytes32 transferTopic = Transfer.selector;
        assembly ("memory-safe") {
            let countMask := shr(add(160, spare), not(0))
            mstore(0x20, _balances.slot)
            let row := rows.offset
            let end := add(row, rows.length)
            for { } 1 { } {
                let word := calldataload(row)
                let amount := mul(and(shr(spare, word), countMask), unit)
                mstore(0x00, shr(96, word))
                let slot := keccak256(0x00, 0x40)
                sstore(slot, add(sload(slot), amount))
                total := add(total, amount)
                mstore(0x00, amount)
                log3(0x00, 0x20, transferTopic, 0, shr(96, word))
                row := add(row, width)
                if iszero(lt(row, end)) { break }
            }
        }
        // These two hold nothing ever, so looking once, at the end, does for all rows.
        require(_balances[address(0)] | _balances[address(this)] == 0, LoyaltyToken_InvalidRow());
    }

    // forge-lint: disable-end(unsafe-typecast)

    // ------------------------------------------------- internals: signatures

    function _digest(bytes32 structHash) private view returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(DOMAIN_SEPARATOR(), structHash);
    }

    function _checkSignature(address signer, bytes32 digest, bytes calldata signature) private view {
        require(Signatures.isValid(signer, digest, signature), LoyaltyToken_InvalidSignature(signer));
    }

    // A deadline that a block's time may miss by seconds is what the ERCs have.
    // slither-disable-start timestamp

    /// @dev Uses the owner's next nonce.
    function _permitDigest(address owner, address spender, uint256 value, uint256 deadline)
        private
        returns (bytes32)
    {
        require(block.timestamp <= deadline, LoyaltyToken_Expired(deadline));
        return _digest(
            keccak256(abi.encode(PERMIT_TYPEHASH, owner, spender, value, _permitNonces[owner]++, deadline))
        );
    }

    function _useNonce(address authorizer, bytes32 nonce, uint256 mark) private {
        mapping(bytes32 nonce => uint256) storage marks = _authorizations[authorizer];
        require(marks[nonce] == 0, LoyaltyToken_AuthorizationUsed(authorizer, nonce));
        marks[nonce] = mark;
    }

    function _useTransfer(
        bytes32 typehash,
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce
    ) private returns (bytes32 digest) {
        require(block.timestamp > validAfter, LoyaltyToken_NotYetValid(validAfter));
        require(block.timestamp < validBefore, LoyaltyToken_Expired(validBefore));
        _useNonce(from, nonce, USED);
        emit AuthorizationUsed({ authorizer: from, nonce: nonce });
        return _digest(keccak256(abi.encode(typehash, from, to, value, validAfter, validBefore, nonce)));
    }

    function _useCancel(address authorizer, bytes32 nonce) private returns (bytes32 digest) {
        _useNonce(authorizer, nonce, USED);
        emit AuthorizationCanceled({ authorizer: authorizer, nonce: nonce });
        return _digest(keccak256(abi.encode(CANCEL_TYPEHASH, authorizer, nonce)));
    }

    /// @dev The spender names the type. ERC-3009's two have as many fields, so that a transfer to the spender
    /// could be read as a Spend too, with other fields for nonce and deadline, and be used twice. All other
    /// types of this domain differ in length.
    function _useSpend(
        Spend calldata spend,
        uint256 amount,
        bytes32 typehash,
        bytes32 witness,
        uint256 mark,
        bytes calldata signature
    ) private {
        require(block.timestamp <= spend.deadline, LoyaltyToken_Expired(spend.deadline));
        require(
            typehash != TRANSFER_TYPEHASH && typehash != RECEIVE_TYPEHASH, LoyaltyToken_InvalidType(typehash)
        );
        require(amount <= spend.amount, LoyaltyToken_MoreThanSigned(amount, spend.amount));
        _useNonce(spend.from, spend.nonce, mark);
        bytes32 structHash = keccak256(
            abi.encode(typehash, spend.from, msg.sender, spend.amount, spend.nonce, spend.deadline, witness)
        );
        _checkSignature(spend.from, _digest(structHash), signature);
    }

    // slither-disable-end timestamp
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import { IBrandRegistry } from "./interfaces/IBrandRegistry.sol";
import { MAX_URI_LENGTH } from "./libraries/Limits.sol";
import { Roles } from "./libraries/Roles.sol";

// Delays run for days: the seconds by which a block's time can be off decide nothing.
// slither-disable-start timestamp

/// @title BrandRegistry
/// @notice See {IBrandRegistry}.
///
/// **What it trusts.** The alliance, an OpenZeppelin AccessManager behind a multisig, to admit and suspend
/// brands and to list currencies, arbiters and modules with care: a listed module can mint what brands and
/// members entrust to it. The alliance cannot act for a brand, and a suspension closes no member's way out.
///
/// **Keys.** A stolen admin key can do at once what an admin can do at once: spend what managers' quotas
/// and capacity allow. Whatever would raise those bounds waits {CHANGE_DELAY}, twice the {RECOVERY_DELAY}
/// in which a guardian can bring in another admin: one who is asked less than a week after the theft is in
/// time. The sitting admin may veto a guardian who errs or is bribed; the alliance may override the veto,
/// and may think better of it. Guardian and alliance together therefore always prevail over a thief, and
/// neither does alone.
contract BrandRegistry is IBrandRegistry, AccessManaged {
    /// @inheritdoc IBrandRegistry
    uint32 public constant RECOVERY_DELAY = 7 days;
    /// @inheritdoc IBrandRegistry
    uint32 public constant CHANGE_DELAY = 14 days;

    // Slot 0: admin, status, era (232 bits). Slots 1 to 3: one address each, slot 3 with a time. Then the
    // profile.
    struct BrandRecord {
        address admin;
        Status status;
        // Counts completed recoveries: managers are appointed within an era, so that a recovery dismisses all
        // of them.
        uint32 era;
        uint40 guardianChangeAt;
        address pendingAdmin;
        address guardian;
        address pendingGuardian;
        string profileURI;
    }

    mapping(bytes32 brandId => BrandRecord) private _brands;
    mapping(bytes32 brandId => Recovery) private _recoveries;
    mapping(bytes32 brandId => mapping(uint32 era => mapping(address manager => uint8))) private _roles;
    mapping(List list => mapping(address account => bool)) private _listed;

    constructor(address alliance) AccessManaged(alliance) { }

    modifier onlyAdmin(bytes32 brandId) {
        require(msg.sender == _brands[brandId].admin, BrandRegistry_NotAdmin(brandId, msg.sender));
        _;
    }

    // ---------------------------------------------------------------- brands

    /// @inheritdoc IBrandRegistry
    function register(bytes32 salt, address guardian, string calldata profileURI)
        external
        returns (bytes32 brandId)
    {
        brandId = brandIdOf(msg.sender, salt);
        BrandRecord storage brand = _brands[brandId];
        require(brand.status == Status.None, BrandRegistry_AlreadyRegistered(brandId));
        _checkURI(profileURI);
        brand.admin = msg.sender;
        brand.status = Status.Applied;
        brand.guardian = guardian;
        brand.profileURI = profileURI;
        emit BrandRegistered({
            brandId: brandId, admin: msg.sender, guardian: guardian, profileURI: profileURI
        });
    }

    /// @inheritdoc IBrandRegistry
    function setProfileURI(bytes32 brandId, string calldata profileURI) external onlyAdmin(brandId) {
        _checkURI(profileURI);
        _brands[brandId].profileURI = profileURI;
        emit ProfileURISet({ brandId: brandId, profileURI: profileURI });
    }

    /// @inheritdoc IBrandRegistry
    function setManager(bytes32 brandId, address manager, uint8 roles) external onlyAdmin(brandId) {
        require(manager != address(0), BrandRegistry_InvalidAccount(manager));
        require(roles & ~Roles.MANAGER == 0, BrandRegistry_InvalidRoles(roles));
        _roles[brandId][_brands[brandId].era][manager] = roles;
        emit ManagerSet({ brandId: brandId, manager: manager, roles: roles });
    }

    /// @inheritdoc IBrandRegistry
    function transferAdmin(bytes32 brandId, address newAdmin) external onlyAdmin(brandId) {
        _brands[brandId].pendingAdmin = newAdmin;
        emit AdminTransferStarted({ brandId: brandId, admin: msg.sender, pendingAdmin: newAdmin });
    }

    /// @inheritdoc IBrandRegistry
    function acceptAdmin(bytes32 brandId) external {
        BrandRecord storage brand = _brands[brandId];
        require(msg.sender == brand.pendingAdmin, BrandRegistry_NotPendingAdmin(brandId, msg.sender));
        address previous = brand.admin;
        brand.admin = msg.sender;
        brand.pendingAdmin = address(0);
        emit AdminTransferred({ brandId: brandId, previousAdmin: previous, admin: msg.sender });
    }

    /// @inheritdoc IBrandRegistry
    function setGuardian(bytes32 brandId, address guardian) external onlyAdmin(brandId) {
        BrandRecord storage brand = _brands[brandId];
        brand.guardian = _guardianOf(brand);
        uint40 changeAt = guardian == brand.guardian ? 0 : uint40(block.timestamp) + CHANGE_DELAY;
        // slither-disable-next-line incorrect-equality -- zero stands for no change, it is no measure
        brand.pendingGuardian = changeAt == 0 ? address(0) : guardian;
        brand.guardianChangeAt = changeAt;
        emit GuardianChangeStarted({
            brandId: brandId, pendingGuardian: guardian, guardianChangeAt: changeAt
        });
    }

    // -------------------------------------------------------------- recovery

    /// @inheritdoc IBrandRegistry
    function startRecovery(bytes32 brandId, address newAdmin) external {
        _checkGuardian(brandId);
        require(newAdmin != address(0), BrandRegistry_InvalidAccount(newAdmin));
        Recovery storage current = _recoveries[brandId];
        require(
            !current.confirmed || msg.sender == current.guardian, BrandRegistry_RecoveryConfirmed(brandId)
        );
        uint40 readyAt = uint40(block.timestamp) + RECOVERY_DELAY;
        _recoveries[brandId] = Recovery({
            newAdmin: newAdmin, readyAt: readyAt, guardian: msg.sender, vetoed: false, confirmed: false
        });
        emit RecoveryStarted({ brandId: brandId, guardian: msg.sender, newAdmin: newAdmin, readyAt: readyAt });
    }

    /// @inheritdoc IBrandRegistry
    function vetoRecovery(bytes32 brandId) external onlyAdmin(brandId) {
        Recovery storage recovery = _recoveryUnderWay(brandId);
        recovery.vetoed = true;
        emit RecoveryVetoed({ brandId: brandId, admin: msg.sender });
    }

    /// @inheritdoc IBrandRegistry
    function confirmRecovery(bytes32 brandId, address newAdmin) external restricted {
        Recovery storage recovery = _openRecovery(brandId);
        require(recovery.newAdmin == newAdmin, BrandRegistry_InvalidAccount(newAdmin));
        recovery.confirmed = true;
        emit RecoveryConfirmed({ brandId: brandId });
    }

    /// @inheritdoc IBrandRegistry
    function withdrawConfirmation(bytes32 brandId) external restricted {
        Recovery storage recovery = _recoveryUnderWay(brandId);
        require(recovery.confirmed, BrandRegistry_RecoveryNotConfirmed(brandId));
        recovery.confirmed = false;
        emit RecoveryConfirmationWithdrawn({ brandId: brandId });
    }

    /// @inheritdoc IBrandRegistry
    function withdrawRecovery(bytes32 brandId) external {
        _checkGuardian(brandId);
        _openRecovery(brandId);
        delete _recoveries[brandId];
        emit RecoveryWithdrawn({ brandId: brandId });
    }

    /// @inheritdoc IBrandRegistry
    function completeRecovery(bytes32 brandId) external {
        Recovery memory recovery = _recoveryUnderWay(brandId);
        require(msg.sender == recovery.newAdmin, BrandRegistry_NotPendingAdmin(brandId, msg.sender));
        require(!recovery.vetoed || recovery.confirmed, BrandRegistry_RecoveryVetoed(brandId));
        require(
            block.timestamp >= recovery.readyAt, BrandRegistry_RecoveryNotReady(brandId, recovery.readyAt)
        );
        BrandRecord storage brand = _brands[brandId];
        address previous = brand.admin;
        brand.admin = msg.sender;
        brand.era += 1;
        brand.pendingAdmin = address(0);
        brand.guardian = recovery.guardian;
        brand.pendingGuardian = address(0);
        brand.guardianChangeAt = 0;
        delete _recoveries[brandId];
        emit RecoveryCompleted({ brandId: brandId, previousAdmin: previous, admin: msg.sender });
    }

    // -------------------------------------------------------------- alliance

    /// @inheritdoc IBrandRegistry
    function admit(bytes32 brandId) external restricted {
        _move(brandId, Status.Applied, Status.Active);
        emit BrandAdmitted({ brandId: brandId });
    }

    /// @inheritdoc IBrandRegistry
    function suspend(bytes32 brandId) external restricted {
        _move(brandId, Status.Active, Status.Suspended);
        emit BrandSuspended({ brandId: brandId });
    }

    /// @inheritdoc IBrandRegistry
    function reinstate(bytes32 brandId) external restricted {
        _move(brandId, Status.Suspended, Status.Active);
        emit BrandReinstated({ brandId: brandId });
    }

    /// @inheritdoc IBrandRegistry
    function setListed(List list, address account, bool listed) external restricted {
        require(account != address(0), BrandRegistry_InvalidAccount(account));
        _listed[list][account] = listed;
        emit Listed({ list: list, account: account, listed: listed });
    }

    // ----------------------------------------------------------------- views

    /// @inheritdoc IBrandRegistry
    function brandIdOf(address founder, bytes32 salt) public pure returns (bytes32 brandId) {
        return keccak256(abi.encode(founder, salt));
    }

    /// @inheritdoc IBrandRegistry
    function brandOf(bytes32 brandId) external view returns (Brand memory) {
        BrandRecord storage brand = _brands[brandId];
        bool changing = block.timestamp < brand.guardianChangeAt;
        return Brand({
            status: brand.status,
            admin: brand.admin,
            pendingAdmin: brand.pendingAdmin,
            guardian: _guardianOf(brand),
            pendingGuardian: changing ? brand.pendingGuardian : address(0),
            guardianChangeAt: changing ? brand.guardianChangeAt : 0,
            profileURI: brand.profileURI
        });
    }

    /// @inheritdoc IBrandRegistry
    function recoveryOf(bytes32 brandId) external view returns (Recovery memory) {
        return _recoveries[brandId];
    }

    /// @inheritdoc IBrandRegistry
    function statusOf(bytes32 brandId) external view returns (Status) {
        return _brands[brandId].status;
    }

    /// @inheritdoc IBrandRegistry
    function profileURIOf(bytes32 brandId) external view returns (string memory) {
        return _brands[brandId].profileURI;
    }

    /// @inheritdoc IBrandRegistry
    function standingOf(bytes32 brandId, address account) public view returns (Status status, uint8 roles) {
        BrandRecord storage brand = _brands[brandId];
        status = brand.status;
        roles = account == brand.admin && account != address(0)
            ? Roles.ADMIN | Roles.MANAGER
            : _roles[brandId][brand.era][account];
    }

    /// @inheritdoc IBrandRegistry
    function isBrandAccount(bytes32 brandId, address account) external view returns (bool) {
        if (account == address(0)) return false;
        (, uint8 roles) = standingOf(brandId, account);
        return roles != 0 || account == _guardianOf(_brands[brandId]);
    }

    /// @inheritdoc IBrandRegistry
    function isListed(List list, address account) external view returns (bool) {
        return _listed[list][account];
    }

    // ------------------------------------------------------------- internals

    function _checkGuardian(bytes32 brandId) private view {
        require(msg.sender == _guardianOf(_brands[brandId]), BrandRegistry_NotGuardian(brandId, msg.sender));
    }

    function _guardianOf(BrandRecord storage brand) private view returns (address) {
        uint40 changeAt = brand.guardianChangeAt;
        return changeAt != 0 && block.timestamp >= changeAt ? brand.pendingGuardian : brand.guardian;
    }

    function _checkURI(string calldata uri) private pure {
        uint256 length = bytes(uri).length;
        require(length <= MAX_URI_LENGTH, BrandRegistry_URITooLong(length, MAX_URI_LENGTH));
    }

    function _recoveryUnderWay(bytes32 brandId) private view returns (Recovery storage recovery) {
        recovery = _recoveries[brandId];
        require(recovery.newAdmin != address(0), BrandRegistry_NoRecovery(brandId));
    }

    /// @dev A recovery that can still be confirmed or withdrawn.
    function _openRecovery(bytes32 brandId) private view returns (Recovery storage recovery) {
        recovery = _recoveryUnderWay(brandId);
        require(!recovery.confirmed, BrandRegistry_RecoveryConfirmed(brandId));
    }

    function _move(bytes32 brandId, Status from, Status to) private {
        BrandRecord storage brand = _brands[brandId];
        require(brand.status == from, BrandRegistry_WrongStatus(brandId, brand.status));
        brand.status = to;
    }
}

// slither-disable-end timestamp

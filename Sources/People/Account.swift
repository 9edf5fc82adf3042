import Base

/// A person who may sign in. What they may do comes from their dated posts alone.
public struct Account: Sendable {
    public var id: AccountID
    /// Unique, folded: lower case, no spaces.
    public var login: String
    public var name: String
    public var nameLatin: String?
    public var email: String?
    public var phone: String?
    public var organization: OrganizationID
    public var language: Language
    public var zone: String
    /// `light`, `dark`, nil for the system's.
    public var theme: String?
    public var isActive: Bool
    public var skills: [String]
    /// Languages spoken, as tags.
    public var languages: [String]
    /// Where the person works from, in words.
    public var place: String?
    /// On leave from … until before … .
    public var leaveFrom: Instant?
    public var leaveTo: Instant?
    public var mustChangePassword: Bool
    public var createdAt: Instant
    public var version: Int64

    public func isOnLeave(at t: Instant) -> Bool {
        guard let leaveFrom, leaveFrom <= t else { return false }
        return leaveTo.map { t < $0 } ?? true
    }

    /// The name as a reader of a language reads it.
    public func name(in language: Language) -> String {
        language == .english ? nameLatin ?? name : name
    }
}

public enum PostKind {}
public typealias PostID = ID<PostKind>

/// A role held from one time to another, in a unit, a project or at a site.
public struct Post: Sendable {
    public var id: PostID
    public var account: AccountID
    public var role: Role
    /// The unit of the house; nil for the account's own organisation.
    public var unit: OrganizationID?
    public var project: ProjectID?
    public var site: SiteID?
    public var from: Instant
    public var to: Instant?
    /// Names for showing, filled by the store.
    public var unitName: String?
    public var projectName: String?
    public var siteName: String?

    public func isHeld(at t: Instant) -> Bool { from <= t && (to.map { t < $0 } ?? true) }
    /// Whether both are in force at some time.
    public func overlaps(from: Instant, to: Instant?) -> Bool {
        (self.to.map { from < $0 } ?? true) && (to.map { self.from < $0 } ?? true)
    }
}

/// The three powers that three people hold (三权分立).
enum Power: String, Sendable {
    case administration, audit, business

    init(_ role: Role) {
        switch role {
        case .administrator: self = .administration
        case .auditor: self = .audit
        default: self = .business
        }
    }
}

/// Who one may belong to: the house and its units, customers, suppliers.
public struct Organization: Sendable {
    public enum Kind: String, Sendable, CaseIterable { case house, unit, customer, supplier }

    public var id: OrganizationID
    public var kind: Kind
    public var parent: OrganizationID?
    public var name: String
    public var nameEn: String?
    public var code: String?
    public var country: String?
    public var zone: String
    public var isActive: Bool
    public var version: Int64

    /// The house itself or one of its units.
    public var isHouse: Bool { kind == .house || kind == .unit }
    public func name(in language: Language) -> String { language == .english ? nameEn ?? name : name }
}

public struct Project: Sendable {
    public var id: ProjectID
    /// Unique: `RHMS-WR-2021`.
    public var code: String
    public var name: String
    public var nameEn: String?
    public var customer: OrganizationID
    public var contract: String?
    public var isActive: Bool
    public var version: Int64
    public func name(in language: Language) -> String { language == .english ? nameEn ?? name : name }
}

public struct Site: Sendable {
    public var id: SiteID
    public var project: ProjectID
    public var name: String
    public var nameEn: String?
    public var country: String?
    public var zone: String
    public var address: String?
    public var isActive: Bool
    public var version: Int64
    public func name(in language: Language) -> String { language == .english ? nameEn ?? name : name }
}

/// A project's fixed contact person 接口人, deputy and leads, from one time to another.
public struct ProjectContact: Sendable {
    public var id: String
    public var project: ProjectID
    public var contact: AccountID
    public var deputy: AccountID?
    public var siteLead: AccountID?
    public var technicalLead: AccountID?
    public var from: Instant
    public var to: Instant?
    public func isHeld(at t: Instant) -> Bool { from <= t && (to.map { t < $0 } ?? true) }
}

/// One line of the routing table: category × product → unit.
public struct RoutingLine: Sendable {
    public var id: String
    public var category: String
    /// nil for any product.
    public var product: String?
    public var unit: OrganizationID
    public var unitName: String
    public var position: Int64
}

/// The categories of tickets as far as routing needs them; their meaning is the ticket area's.
public enum RoutedCategory: String, Sendable, CaseIterable { case quality, request, project }

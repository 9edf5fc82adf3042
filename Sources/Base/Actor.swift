/// The roles of the house (`docs/glossary.md`). A person holds dated posts, each with one role.
public enum Role: String, Sendable, CaseIterable, Codable {
    case customer, engineer
    case serviceManager = "service_manager"
    case technicalLead = "technical_lead"
    case management
    case siteLead = "site_lead"
    case keeper, quality, trainer, finance, administrator, auditor, supplier
}

/// A set of roles in one word.
public struct Roles: OptionSet, Sendable, Hashable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    public init(_ role: Role) {
        rawValue = 1 << UInt32(Role.allCases.firstIndex(of: role) ?? 0)
    }
    public init(_ roles: some Sequence<Role>) {
        self = roles.reduce(into: Roles()) { $0.formUnion(Roles($1)) }
    }
    public func has(_ role: Role) -> Bool { contains(Roles(role)) }
    public var list: [Role] { Role.allCases.filter(has) }
}

/// Who acts: a signed-in person with everything that decides what they may see and do, read anew for
/// each request, or a named job of the system. Nothing is read or written without one.
public struct Actor: Sendable {
    /// The account; nil for the system's own jobs and for one-time links.
    public var id: AccountID?
    /// The name shown in the history: a person's, or the job's (`system:sla`).
    public var name: String
    public var roles: Roles
    public var organization: OrganizationID?
    /// Own units (of the house) and all units below them.
    public var units: [OrganizationID]
    /// Sites where a post of site lead is held.
    public var sites: [SiteID]
    /// Projects where any post is held.
    public var projects: [ProjectID]
    public var language: Language
    public var zone: Zone
    /// The house, not a customer or supplier.
    public var isStaff: Bool

    public init(
        id: AccountID?, name: String, roles: Roles = [], organization: OrganizationID? = nil,
        units: [OrganizationID] = [], sites: [SiteID] = [], projects: [ProjectID] = [],
        language: Language = .english, zone: Zone = .utc, isStaff: Bool = false
    ) {
        self.id = id
        self.name = name
        self.roles = roles
        self.organization = organization
        self.units = units
        self.sites = sites
        self.projects = projects
        self.language = language
        self.zone = zone
        self.isStaff = isStaff
    }

    /// A job of the system: sees and may what its own code does, is named in the history.
    public static func system(_ job: String) -> Actor {
        Actor(id: nil, name: "system:\(job)", isStaff: true)
    }

    /// Whether a name in the history is a job's.
    public static func isJob(_ name: String) -> Bool { name.hasPrefix("system:") }

    public func has(_ role: Role) -> Bool { roles.has(role) }
    public func hasAny(_ some: Roles) -> Bool { !roles.isDisjoint(with: some) }
}

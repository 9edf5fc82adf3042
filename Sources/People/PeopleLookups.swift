import Base
import Store

/// A person as other areas name them and suggest them for work.
public struct Person: Sendable {
    public var id: AccountID
    public var name: String
    public var nameLatin: String?
    public var roles: Roles
    public var organization: OrganizationID
    public var skills: [String]
    public var languages: [String]
    public var place: String?
    public var zone: String
    public var language: Language
    public var email: String?
    public var isOnLeave: Bool
    public func name(in language: Language) -> String { language == .english ? nameLatin ?? name : name }
}

/// Who speaks and decides for a project now.
public struct ProjectPeople: Sendable {
    public var contact: AccountID?
    public var deputy: AccountID?
    /// Named for the whole project, or holding a post of site lead in it.
    public var siteLeads: [AccountID]
    /// Named for the project, or holding a post of technical lead in it.
    public var technicalLeads: [AccountID]
    public var management: [AccountID]
    public var quality: [AccountID]
}

/// What other areas ask of this one; each a statement or two, in the caller's own transaction.
extension People {
    /// Names by id, for a whole page at once.
    public static func names(of ids: some Sequence<AccountID>, _ tx: Transaction) throws -> [AccountID:
        String]
    {
        let wanted = Set(ids.map(\.text))
        if wanted.isEmpty { return [:] }
        var out: [AccountID: String] = [:]
        let language = tx.actor.language
        try tx.each("select id, name, name_latin from account where id in \(list: wanted.sorted())") { r in
            let id: AccountID = r.id()
            let name = r.text()
            let latin = r.textOrNil()
            out[id] = language == .english ? latin ?? name : name
        }
        return out
    }

    public static func organizationNames(of ids: some Sequence<OrganizationID>, _ tx: Transaction) throws
        -> [OrganizationID: String]
    {
        let language = tx.actor.language
        return Dictionary(
            try tx.organizations(Array(Set(ids))).map { ($0.id, $0.name(in: language)) },
            uniquingKeysWith: { a, _ in a })
    }

    public static func projectNames(of ids: some Sequence<ProjectID>, _ tx: Transaction) throws
        -> [ProjectID: String]
    {
        let language = tx.actor.language
        return Dictionary(
            try tx.projects(Array(Set(ids))).map { ($0.id, $0.name(in: language)) },
            uniquingKeysWith: { a, _ in a })
    }

    public static func sites(of ids: some Sequence<SiteID>, _ tx: Transaction) throws -> [SiteID: Site] {
        Dictionary(try tx.sites(Array(Set(ids))).map { ($0.id, $0) }, uniquingKeysWith: { a, _ in a })
    }

    // MARK: One row, through the reader's eyes

    /// An account by id; for a customer or supplier only of the own organisation.
    public static func account(_ id: AccountID, _ tx: Transaction) throws -> Account? {
        guard let found = try tx.account(id) else { return nil }
        return tx.actor.isStaff || found.organization == tx.actor.organization ? found : nil
    }

    /// nil where it does not exist or the actor may not see it: customers see their own alone.
    public static func organization(_ id: OrganizationID, _ tx: Transaction) throws -> Organization? {
        guard tx.actor.isStaff || id == tx.actor.organization else { return nil }
        return try tx.organization(id)
    }

    public static func project(_ id: ProjectID, _ tx: Transaction) throws -> Project? {
        guard let found = try tx.project(id) else { return nil }
        return tx.actor.isStaff || found.customer == tx.actor.organization ? found : nil
    }

    public static func site(_ id: SiteID, _ tx: Transaction) throws -> Site? {
        guard let found = try tx.site(id) else { return nil }
        return try project(found.project, tx) == nil ? nil : found
    }

    // MARK: Choices

    /// Where the actor may open tickets or works: a customer's own projects, those a member of the
    /// house holds a post in, or all for whoever serves all.
    public static func openProjects(_ tx: Transaction, limit: Int = 500) throws -> [(Project, [Site])] {
        let actor = tx.actor
        let projects: [Project]
        if !actor.isStaff {
            guard actor.has(.customer), let own = actor.organization else { return [] }
            projects = try tx.projects(customer: own, activeOnly: true, limit: limit)
        } else if actor.has(.serviceManager) {
            projects = try tx.projects(activeOnly: true, limit: limit)
        } else {
            let ofSites = try tx.sites(actor.sites).map(\.project)
            projects = try tx.projects(Array(Set(actor.projects + ofSites))).filter(\.isActive)
        }
        let sites = Dictionary(grouping: try tx.sites(of: projects.map(\.id)), by: \.project)
        // In the order in which they were made: the oldest first.
        let ordered = projects.sorted { $0.id < $1.id }
        return ordered.map { ($0, (sites[$0.id] ?? []).filter(\.isActive)) }
    }

    /// All active projects by code with their active sites, for choices of whoever keeps master data.
    public static func allPlaces(_ tx: Transaction, limit: Int = 1000) throws -> [(Project, [Site])] {
        let projects = try tx.projects(activeOnly: true, limit: limit)
        let sites = Dictionary(grouping: try tx.sites(of: projects.map(\.id)), by: \.project)
        return projects.map { ($0, (sites[$0.id] ?? []).filter(\.isActive)) }
    }

    /// Customers by name, for whoever opens a ticket on their behalf.
    public static func customers(_ tx: Transaction, limit: Int = 500) throws -> [Organization] {
        try tx.organizations(kinds: [.customer], limit: limit).filter(\.isActive)
    }

    /// Suppliers by name.
    public static func suppliers(_ tx: Transaction, limit: Int = 500) throws -> [Organization] {
        try tx.organizations(kinds: [.supplier], limit: limit).filter(\.isActive)
    }

    /// The house and its units.
    public static func units(_ tx: Transaction) throws -> [Organization] {
        try tx.organizations(kinds: [.house, .unit], limit: 500).filter(\.isActive)
    }

    /// Active people of an organisation with a role.
    public static func people(of organization: OrganizationID, _ tx: Transaction) throws -> [Person] {
        try persons("a.organization_id = \(organization)", roles: Role.allCases, tx)
    }

    /// Active people who hold one of some roles now; in a unit (and those below) or a project where
    /// given. People on leave come too, marked.
    public static func people(
        with roles: [Role], unit: OrganizationID? = nil, project: ProjectID? = nil, _ tx: Transaction
    ) throws -> [Person] {
        var condition: SQL = "1 = 1"
        if let unit {
            condition = """
                coalesce(p.unit_id, a.organization_id) in (
                  with recursive below(id) as (
                    select o.id from organization o where o.id = \(unit)
                    union select o.id from organization o join below b on o.parent_id = b.id)
                  select id from below)
                """
        }
        if let project {
            condition += """
                 and (p.project_id = \(project)
                  or p.site_id in (select s.id from site s where s.project_id = \(project)))
                """
        }
        return try persons(condition, roles: roles, tx)
    }

    /// Ids of active people with a role, for "is there another who could": leave does not count against.
    public static func activePeople(with roles: [Role], _ tx: Transaction) throws -> [AccountID] {
        try tx.rows(
            """
            select distinct a.id from post p join account a on a.id = p.account_id
            where p.role in \(list: roles.map(\.rawValue)) and p.from_at <= \(tx.now)
              and (p.to_at is null or p.to_at > \(tx.now)) and a.is_active = 1 order by a.id
            """
        ) { $0.id() }
    }

    private static func persons(_ condition: SQL, roles: [Role], _ tx: Transaction) throws -> [Person] {
        var out: [Person] = []
        try tx.each(
            """
            select a.id, a.name, a.name_latin, p.role, a.organization_id, a.skills, a.languages, a.place,
              a.time_zone, a.language, a.email, a.leave_from, a.leave_to
            from post p join account a on a.id = p.account_id
            where p.role in \(list: roles.map(\.rawValue)) and p.from_at <= \(tx.now)
              and (p.to_at is null or p.to_at > \(tx.now)) and a.is_active = 1 and (\(condition))
            order by a.name, a.id
            """
        ) { r in
            let id: AccountID = r.id()
            let name = r.text()
            let latin = r.textOrNil()
            let role: Role? = r.choiceOrNil()
            let held = role.map { Roles($0) } ?? []
            if let last = out.last, last.id == id {
                out[out.count - 1].roles.formUnion(held)
                return
            }
            var person = Person(
                id: id, name: name, nameLatin: latin, roles: held, organization: r.id(),
                skills: r.json().array?.compactMap(\.string) ?? [],
                languages: r.json().array?.compactMap(\.string) ?? [], place: r.textOrNil(), zone: r.text(),
                language: r.choice(.simplifiedChinese), email: r.textOrNil(), isOnLeave: false)
            let from = r.instantOrNil()
            let to = r.instantOrNil()
            if let from, from <= tx.now { person.isOnLeave = to.map { tx.now < $0 } ?? true }
            out.append(person)
        }
        return out
    }

    /// Everyone who speaks or decides for a project now. Management and quality are the house's where
    /// none holds a post in the project.
    public static func people(of project: ProjectID, _ tx: Transaction) throws -> ProjectPeople {
        let named = try tx.contacts(of: project).first { $0.isHeld(at: tx.now) }
        let roles: [Role] = [.siteLead, .technicalLead, .management, .quality]
        let held = try tx.rows(
            """
            select p.role, a.id, p.project_id, s.project_id from post p
            join account a on a.id = p.account_id left join site s on s.id = p.site_id
            where p.role in \(list: roles.map(\.rawValue)) and p.from_at <= \(tx.now)
              and (p.to_at is null or p.to_at > \(tx.now)) and a.is_active = 1 order by a.id
            """
        ) { r -> (role: String, id: AccountID, project: ProjectID?) in
            let role = r.text()
            let id: AccountID = r.id()
            let own: ProjectID? = r.idOrNil()
            let ofSite: ProjectID? = r.idOrNil()
            return (role, id, own ?? ofSite)
        }
        func holders(_ role: Role, first: AccountID? = nil, orHouse: Bool) -> [AccountID] {
            let all = held.filter { $0.role == role.rawValue }
            var out = [first].compactMap { $0 } + all.filter { $0.project == project }.map(\.id)
            if out.isEmpty, orHouse { out = all.filter { $0.project == nil }.map(\.id) }
            var seen = Set<AccountID>()
            return out.filter { seen.insert($0).inserted }
        }
        return ProjectPeople(
            contact: named?.contact, deputy: named?.deputy,
            siteLeads: holders(.siteLead, first: named?.siteLead, orHouse: false),
            technicalLeads: holders(.technicalLead, first: named?.technicalLead, orHouse: false),
            management: holders(.management, orHouse: true), quality: holders(.quality, orHouse: true))
    }

    /// The unit that the routing table proposes: the line of the product, else that of any product.
    public static func routedUnit(category: String, product: String?, _ tx: Transaction) throws
        -> OrganizationID?
    {
        let product = product.map { CleanText.foldIdentifier($0) } ?? ""
        return try tx.first(
            """
            select unit_id from routing where category = \(category)
              and (product is null or product = \(product))
            order by case when product is null then 1 else 0 end, position limit 1
            """
        ) { $0.id() }
    }
}

import Base
import Store
import Web

extension Transaction {
    // MARK: Organisations

    private static let organizationColumns: SQL = """
        select o.id, o.kind, o.parent_id, o.name, o.name_en, o.code, o.country, o.time_zone, o.is_active,
          o.version from organization o
        """

    private static func organization(_ r: inout Row) -> Organization {
        Organization(
            id: r.id(), kind: r.choice(.customer), parent: r.idOrNil(), name: r.text(), nameEn: r.textOrNil(),
            code: r.textOrNil(), country: r.textOrNil(), zone: r.text(), isActive: r.bool(), version: r.int())
    }

    private static func search(_ o: Organization) -> String {
        [o.name, o.nameEn, o.code].compactMap { $0 }.joined(separator: " ").lowercased()
    }

    func organization(_ id: OrganizationID) throws -> Organization? {
        try first("\(Transaction.organizationColumns) where o.id = \(id)", Transaction.organization)
    }

    func organizations(_ ids: [OrganizationID]) throws -> [Organization] {
        if ids.isEmpty { return [] }
        return try rows(
            "\(Transaction.organizationColumns) where o.id in \(list: ids.map(\.text))",
            Transaction.organization)
    }

    /// By name after a cursor of name and id.
    func organizations(
        kinds: [Organization.Kind], words: [String] = [], after: (String, String)? = nil, limit: Int
    ) throws -> [Organization] {
        var conditions: [SQL] = ["o.kind in \(list: kinds.map(\.rawValue))"]
        for word in words { conditions.append("o.search like \(Likes.containing(word)) escape '\\'") }
        if let after { conditions.append("(o.name, o.id) > (\(after.0), \(after.1))") }
        return try rows(
            """
            \(Transaction.organizationColumns) where \(conditions.joined(" and "))
            order by o.name, o.id limit \(limit)
            """, Transaction.organization)
    }

    func insert(_ o: Organization) throws {
        try run(
            """
            insert into organization (id, kind, parent_id, name, name_en, code, country, time_zone,
              is_active, search, version)
            values (\(o.id), \(o.kind), \(o.parent), \(o.name), \(o.nameEn), \(o.code), \(o.country),
              \(o.zone), \(o.isActive), \(Transaction.search(o)), 1)
            """)
    }

    func update(_ o: Organization) throws -> Int64 {
        let changed = try run(
            """
            update organization set parent_id = \(o.parent), name = \(o.name), name_en = \(o.nameEn),
              code = \(o.code), country = \(o.country), time_zone = \(o.zone), is_active = \(o.isActive),
              search = \(Transaction.search(o)), version = version + 1
            where id = \(o.id) and version = \(o.version)
            """)
        guard changed == 1 else { throw Failure(.preconditionFailed, "precondition.failed") }
        return o.version + 1
    }

    /// A unit and everything below it.
    func unitsBelow(_ id: OrganizationID) throws -> [OrganizationID] {
        try rows(
            """
            with recursive below(id) as (
              select o.id from organization o where o.id = \(id)
              union select o.id from organization o join below b on o.parent_id = b.id)
            select id from below
            """
        ) { $0.id() }
    }

    // MARK: Projects

    private static let projectColumns: SQL = """
        select j.id, j.code, j.name, j.name_en, j.customer_id, j.contract, j.is_active, j.version
        from project j
        """

    private static func project(_ r: inout Row) -> Project {
        Project(
            id: r.id(), code: r.text(), name: r.text(), nameEn: r.textOrNil(), customer: r.id(),
            contract: r.textOrNil(), isActive: r.bool(), version: r.int())
    }

    private static func search(_ p: Project) -> String {
        [p.code, p.name, p.nameEn, p.contract].compactMap { $0 }.joined(separator: " ").lowercased()
    }

    func project(_ id: ProjectID) throws -> Project? {
        try first("\(Transaction.projectColumns) where j.id = \(id)", Transaction.project)
    }

    func projects(_ ids: [ProjectID]) throws -> [Project] {
        if ids.isEmpty { return [] }
        return try rows(
            "\(Transaction.projectColumns) where j.id in \(list: ids.map(\.text)) order by j.code",
            Transaction.project)
    }

    func projects(
        customer: OrganizationID? = nil, words: [String] = [], activeOnly: Bool = false, after: String? = nil,
        limit: Int
    ) throws -> [Project] {
        var conditions: [SQL] = ["1 = 1"]
        if let customer { conditions.append("j.customer_id = \(customer)") }
        if activeOnly { conditions.append("j.is_active = 1") }
        for word in words { conditions.append("j.search like \(Likes.containing(word)) escape '\\'") }
        if let after { conditions.append("j.code > \(after)") }
        return try rows(
            """
            \(Transaction.projectColumns) where \(conditions.joined(" and ")) order by j.code limit \(limit)
            """, Transaction.project)
    }

    func insert(_ p: Project) throws {
        try run(
            """
            insert into project (id, code, name, name_en, customer_id, contract, is_active, search, version)
            values (\(p.id), \(p.code), \(p.name), \(p.nameEn), \(p.customer), \(p.contract),
              \(p.isActive), \(Transaction.search(p)), 1)
            """)
    }

    func update(_ p: Project) throws -> Int64 {
        let changed = try run(
            """
            update project set name = \(p.name), name_en = \(p.nameEn), contract = \(p.contract),
              is_active = \(p.isActive), search = \(Transaction.search(p)), version = version + 1
            where id = \(p.id) and version = \(p.version)
            """)
        guard changed == 1 else { throw Failure(.preconditionFailed, "precondition.failed") }
        return p.version + 1
    }

    func projectCodeIsTaken(_ code: String) throws -> Bool {
        try exists("select 1 from project where code = \(code)")
    }

    // MARK: Contacts

    /// Newest first.
    func contacts(of project: ProjectID) throws -> [ProjectContact] {
        try rows(
            """
            select id, project_id, contact_id, deputy_id, site_lead_id, technical_lead_id, from_at, to_at
            from project_contact where project_id = \(project) order by from_at desc, id desc
            """
        ) { r in
            ProjectContact(
                id: r.text(), project: r.id(), contact: r.id(), deputy: r.idOrNil(), siteLead: r.idOrNil(),
                technicalLead: r.idOrNil(), from: r.instant(), to: r.instantOrNil())
        }
    }

    func insert(_ c: ProjectContact) throws {
        try run(
            """
            insert into project_contact (id, project_id, contact_id, deputy_id, site_lead_id,
              technical_lead_id, from_at, to_at)
            values (\(c.id), \(c.project), \(c.contact), \(c.deputy), \(c.siteLead), \(c.technicalLead),
              \(c.from), \(c.to))
            """)
    }

    /// The one in force at that time ends there.
    func endContacts(of project: ProjectID, at: Instant) throws {
        try run(
            """
            update project_contact set to_at = \(at) where project_id = \(project)
              and from_at <= \(at) and (to_at is null or to_at > \(at))
            """)
    }

    // MARK: Sites

    private static let siteColumns: SQL = """
        select s.id, s.project_id, s.name, s.name_en, s.country, s.time_zone, s.address, s.is_active,
          s.version from site s
        """

    private static func site(_ r: inout Row) -> Site {
        Site(
            id: r.id(), project: r.id(), name: r.text(), nameEn: r.textOrNil(), country: r.textOrNil(),
            zone: r.text(), address: r.textOrNil(), isActive: r.bool(), version: r.int())
    }

    func site(_ id: SiteID) throws -> Site? {
        try first("\(Transaction.siteColumns) where s.id = \(id)", Transaction.site)
    }

    func sites(_ ids: [SiteID]) throws -> [Site] {
        if ids.isEmpty { return [] }
        return try rows(
            "\(Transaction.siteColumns) where s.id in \(list: ids.map(\.text))", Transaction.site)
    }

    func sites(of projects: [ProjectID]) throws -> [Site] {
        if projects.isEmpty { return [] }
        return try rows(
            """
            \(Transaction.siteColumns) where s.project_id in \(list: projects.map(\.text))
            order by s.project_id, s.name
            """, Transaction.site)
    }

    func insert(_ s: Site) throws {
        try run(
            """
            insert into site (id, project_id, name, name_en, country, time_zone, address, is_active, version)
            values (\(s.id), \(s.project), \(s.name), \(s.nameEn), \(s.country), \(s.zone), \(s.address),
              \(s.isActive), 1)
            """)
    }

    func update(_ s: Site) throws -> Int64 {
        let changed = try run(
            """
            update site set name = \(s.name), name_en = \(s.nameEn), country = \(s.country),
              time_zone = \(s.zone), address = \(s.address), is_active = \(s.isActive),
              version = version + 1 where id = \(s.id) and version = \(s.version)
            """)
        guard changed == 1 else { throw Failure(.preconditionFailed, "precondition.failed") }
        return s.version + 1
    }

    // MARK: Routing

    func routing() throws -> [RoutingLine] {
        try rows(
            """
            select r.id, r.category, r.product, r.unit_id, o.name, r.position from routing r
            join organization o on o.id = r.unit_id order by r.category, r.position
            """
        ) { r in
            RoutingLine(
                id: r.text(), category: r.text(), product: r.textOrNil(), unit: r.id(), unitName: r.text(),
                position: r.int())
        }
    }

    func insert(_ l: RoutingLine) throws {
        try run(
            """
            insert into routing (id, category, product, unit_id, position)
            values (\(l.id), \(l.category), \(l.product), \(l.unit), \(l.position))
            """)
    }

    func deleteRouting(_ id: String) throws { try run("delete from routing where id = \(id)") }
}

import Base
import Store
import Web

/// What a list of units is narrowed by.
struct UnitFilter: Sendable {
    var words: [String] = []
    /// Folded.
    var serial: String?
    var batch: String?
    var product: ProductID?
    var customer: OrganizationID?
    var project: ProjectID?
    var site: SiteID?
    var use: ProductUnit.Use?

    /// The same for the same filter: cursors are bound to it.
    var signature: String {
        (words
            + [
                serial, batch, product?.text, customer?.text, project?.text, site?.text, use?.rawValue,
            ].map { $0 ?? "" }).joined(separator: "\u{1}")
    }

    var conditions: [SQL] {
        var out: [SQL] = []
        for word in words { out.append("u.search like \(Likes.containing(word)) escape '\\'") }
        if let serial { out.append("u.serial = \(serial)") }
        if let batch { out.append("u.batch = \(batch)") }
        if let product { out.append("u.product_id = \(product)") }
        if let customer { out.append("u.customer_id = \(customer)") }
        if let project { out.append("u.project_id = \(project)") }
        if let site { out.append("u.site_id = \(site)") }
        if let use { out.append("u.use_kind = \(use)") }
        return out
    }
}

extension Transaction {
    private static let unitColumns: SQL = """
        select u.id, u.product_id, u.serial, u.batch, u.customer_id, u.project_id, u.site_id,
          u.delivered_on, u.accepted_on, u.warranty_from, u.warranty_until, u.warranty_hours,
          u.software_version, u.use_kind, u.note, u.operating_hours, u.read_at, u.version
        from product_unit u
        """

    private static func unit(_ r: inout Row) -> ProductUnit {
        func day(_ r: inout Row) -> Int? { r.intOrNil().map { Int($0) } }
        return ProductUnit(
            id: r.id(), product: r.id(), serial: r.text(), batch: r.textOrNil(), customer: r.idOrNil(),
            project: r.idOrNil(), site: r.idOrNil(), deliveredOn: day(&r), acceptedOn: day(&r),
            warrantyFrom: day(&r), warrantyUntil: day(&r), warrantyHours: r.intOrNil(),
            softwareVersion: r.textOrNil(), use: r.choice(.installed), note: r.textOrNil(),
            operatingHours: r.intOrNil(), readAt: r.instantOrNil(), version: r.int())
    }

    func visibleUnit(_ id: ProductUnitID) throws -> ProductUnit? {
        try first(
            "\(Transaction.unitColumns) where u.id = \(id) and \(InstalledAccess.visible(to: actor))",
            Transaction.unit)
    }

    /// A unit, whoever asks: for jobs and for what a ticket froze.
    func anyUnit(_ id: ProductUnitID) throws -> ProductUnit? {
        try first("\(Transaction.unitColumns) where u.id = \(id)", Transaction.unit)
    }

    /// Units that the actor sees, by serial number after a cursor of serial and id.
    func productUnits(_ filter: UnitFilter, after: (String, String)? = nil, limit: Int) throws
        -> [ProductUnit]
    {
        var conditions: [SQL] = [InstalledAccess.visible(to: actor)] + filter.conditions
        if let after { conditions.append("(u.serial, u.id) > (\(after.0), \(after.1))") }
        return try rows(
            """
            \(Transaction.unitColumns) where \(conditions.joined(" and "))
            order by u.serial, u.id limit \(limit)
            """, Transaction.unit)
    }

    /// Units of a product, whoever asks: for uniqueness and imports.
    func productUnit(product: ProductID, serial: String) throws -> ProductUnit? {
        if serial.isEmpty { return nil }
        return try first(
            "\(Transaction.unitColumns) where u.product_id = \(product) and u.serial = \(serial)",
            Transaction.unit)
    }

    private func search(_ u: ProductUnit) throws -> String {
        let product = try product(u.product)
        return [u.serial, u.batch, product?.model, product?.code, product?.name, product?.nameEn, u.note]
            .compactMap { $0 }.joined(separator: " ").lowercased()
    }

    func insert(_ u: ProductUnit) throws {
        try run(
            """
            insert into product_unit (id, product_id, serial, batch, customer_id, project_id, site_id,
              delivered_on, accepted_on, warranty_from, warranty_until, warranty_hours, software_version,
              use_kind, note, operating_hours, read_at, search, version)
            values (\(u.id), \(u.product), \(u.serial), \(u.batch), \(u.customer), \(u.project), \(u.site),
              \(u.deliveredOn), \(u.acceptedOn), \(u.warrantyFrom), \(u.warrantyUntil), \(u.warrantyHours),
              \(u.softwareVersion), \(u.use), \(u.note), \(u.operatingHours), \(u.readAt), \(try search(u)), 1)
            """)
    }

    func update(_ u: ProductUnit) throws -> Int64 {
        let changed = try run(
            """
            update product_unit set serial = \(u.serial), batch = \(u.batch), customer_id = \(u.customer),
              project_id = \(u.project), site_id = \(u.site), delivered_on = \(u.deliveredOn),
              accepted_on = \(u.acceptedOn), warranty_from = \(u.warrantyFrom),
              warranty_until = \(u.warrantyUntil), warranty_hours = \(u.warrantyHours),
              software_version = \(u.softwareVersion), use_kind = \(u.use), note = \(u.note),
              operating_hours = \(u.operatingHours), read_at = \(u.readAt), search = \(try search(u)),
              version = version + 1
            where id = \(u.id) and version = \(u.version)
            """)
        guard changed == 1 else { throw Failure(.preconditionFailed, "precondition.failed") }
        return u.version + 1
    }

    // MARK: Configuration

    /// What sits in a unit and what sat there: by position, the newest first.
    func unitParts(_ unit: ProductUnitID) throws -> [UnitPart] {
        try rows(
            """
            select id, unit_id, position, part_number, serial, software, note, from_at, to_at from unit_part
            where unit_id = \(unit) order by position, from_at desc, id desc
            """
        ) { r in
            UnitPart(
                id: r.text(), unit: r.id(), position: r.text(), partNumber: r.textOrNil(),
                serial: r.textOrNil(), software: r.textOrNil(), note: r.textOrNil(), from: r.instant(),
                to: r.instantOrNil())
        }
    }

    func insert(_ p: UnitPart) throws {
        try run(
            """
            insert into unit_part (id, unit_id, position, part_number, serial, software, note, from_at, to_at)
            values (\(p.id), \(p.unit), \(p.position), \(p.partNumber), \(p.serial), \(p.software), \(p.note),
              \(p.from), \(p.to))
            """)
    }

    func endPart(_ id: String, at: Instant) throws {
        try run("update unit_part set to_at = \(at) where id = \(id)")
    }

    // MARK: Readings

    /// Oldest first.
    func unitReadings(_ unit: ProductUnitID) throws -> [UnitReading] {
        try rows(
            """
            select id, unit_id, at, hours, meter_replaced, total from unit_reading where unit_id = \(unit)
            order by at
            """
        ) { r in
            UnitReading(
                id: r.text(), unit: r.id(), at: r.instant(), hours: r.int(), meterReplaced: r.bool(),
                total: r.int())
        }
    }

    func insert(_ x: UnitReading) throws {
        try run(
            """
            insert into unit_reading (id, unit_id, at, hours, meter_replaced, total)
            values (\(x.id), \(x.unit), \(x.at), \(x.hours), \(x.meterReplaced), \(x.total))
            """)
    }

    // MARK: Downtimes

    private static let downtimeColumns: SQL = """
        select id, unit_id, kind, from_at, to_at, reason, ticket_id, version from unit_downtime
        """

    private static func downtime(_ r: inout Row) -> UnitDowntime {
        UnitDowntime(
            id: r.text(), unit: r.id(), kind: r.choice(.failure), from: r.instant(), to: r.instantOrNil(),
            reason: r.text(), ticket: r.idOrNil(), version: r.int())
    }

    /// The newest first.
    func unitDowntimes(_ unit: ProductUnitID, limit: Int = 500) throws -> [UnitDowntime] {
        try rows(
            """
            \(Transaction.downtimeColumns) where unit_id = \(unit) order by from_at desc, id desc limit \(limit)
            """, Transaction.downtime)
    }

    func insert(_ d: UnitDowntime) throws {
        try run(
            """
            insert into unit_downtime (id, unit_id, kind, from_at, to_at, reason, ticket_id, version)
            values (\(d.id), \(d.unit), \(d.kind), \(d.from), \(d.to), \(d.reason), \(d.ticket), 1)
            """)
    }

    func update(_ d: UnitDowntime) throws -> Int64 {
        let changed = try run(
            """
            update unit_downtime set kind = \(d.kind), from_at = \(d.from), to_at = \(d.to),
              reason = \(d.reason), ticket_id = \(d.ticket), version = version + 1
            where id = \(d.id) and version = \(d.version)
            """)
        guard changed == 1 else { throw Failure(.preconditionFailed, "precondition.failed") }
        return d.version + 1
    }

    // MARK: Contacts

    /// The newest first.
    func unitContacts(_ unit: ProductUnitID) throws -> [UnitContact] {
        try rows(
            """
            select id, unit_id, part, account_id, from_at, to_at from unit_contact where unit_id = \(unit)
            order by from_at desc, id desc
            """
        ) { r in
            UnitContact(
                id: r.text(), unit: r.id(), part: r.choice(.contact), account: r.id(), from: r.instant(),
                to: r.instantOrNil())
        }
    }

    func insert(_ c: UnitContact) throws {
        try run(
            """
            insert into unit_contact (id, unit_id, part, account_id, from_at, to_at)
            values (\(c.id), \(c.unit), \(c.part), \(c.account), \(c.from), \(c.to))
            """)
    }

    func endContacts(of unit: ProductUnitID, _ part: UnitContact.Part, at: Instant) throws {
        try run(
            """
            update unit_contact set to_at = \(at) where unit_id = \(unit) and part = \(part)
              and (to_at is null or to_at > \(at))
            """)
    }
}

import Base
import Store

extension Transaction {
    // MARK: Parts

    private static let partColumns: SQL = """
        p.id, p.number, p.name, p.name_en, p.unit, p.tracking, p.abc, p.shelf_life_months, p.lead_time_days,
          p.price_minor, p.supplier_id, p.superseded_by, p.is_active, p.version
        """

    private static func part(_ r: inout Row) -> Part {
        Part(
            id: r.id(), number: r.text(), name: r.text(), nameEn: r.textOrNil(), unit: r.text(),
            tracking: r.choice(.none), abc: r.choice(.c), shelfLifeMonths: r.intOrNil(),
            leadTimeDays: r.intOrNil(), priceMinor: r.intOrNil(), supplier: r.idOrNil(),
            supersededBy: r.idOrNil(), isActive: r.bool(), version: r.int())
    }

    /// By id or number.
    func part(_ idOrNumber: String) throws -> Part? {
        let which: SQL =
            PartID.hasShape(idOrNumber)
            ? "p.id = \(idOrNumber)" : "p.number = \(CleanText.foldIdentifier(idOrNumber))"
        return try first("select \(Transaction.partColumns) from part p where \(which)", Transaction.part)
    }

    func parts(_ ids: [PartID]) throws -> [PartID: Part] {
        if ids.isEmpty { return [:] }
        let found = try rows(
            "select \(Transaction.partColumns) from part p where p.id in \(list: ids.map(\.text))",
            Transaction.part)
        return Dictionary(found.map { ($0.id, $0) }, uniquingKeysWith: { a, _ in a })
    }

    /// By number after a cursor.
    func parts(_ conditions: [SQL], after: String?, limit: Int) throws -> [Part] {
        var all = conditions
        if let after { all.append("p.number > \(after)") }
        let condition: SQL = all.isEmpty ? "1 = 1" : all.joined(" and ")
        return try rows(
            """
            select \(Transaction.partColumns) from part p where \(condition) order by p.number limit \(limit)
            """, Transaction.part)
    }

    private static func search(_ p: Part) -> String {
        [p.number, p.name, p.nameEn].compactMap { $0 }.joined(separator: " ").lowercased()
    }

    func insert(_ p: Part) throws {
        try run(
            """
            insert into part (id, number, name, name_en, unit, tracking, abc, shelf_life_months,
              lead_time_days, price_minor, supplier_id, superseded_by, is_active, search, version)
            values (\(p.id), \(p.number), \(p.name), \(p.nameEn), \(p.unit), \(p.tracking), \(p.abc),
              \(p.shelfLifeMonths), \(p.leadTimeDays), \(p.priceMinor), \(p.supplier), \(p.supersededBy),
              \(p.isActive), \(Transaction.search(p)), 1)
            """)
    }

    func update(_ p: Part) throws -> Int64 {
        let changed = try run(
            """
            update part set number = \(p.number), name = \(p.name), name_en = \(p.nameEn), unit = \(p.unit),
              tracking = \(p.tracking), abc = \(p.abc), shelf_life_months = \(p.shelfLifeMonths),
              lead_time_days = \(p.leadTimeDays), price_minor = \(p.priceMinor),
              supplier_id = \(p.supplier), superseded_by = \(p.supersededBy), is_active = \(p.isActive),
              search = \(Transaction.search(p)), version = version + 1
            where id = \(p.id) and version = \(p.version)
            """)
        guard changed == 1 else { throw Failure(.preconditionFailed, "precondition.failed") }
        return p.version + 1
    }

    // MARK: What belongs to a part

    func fits(_ part: PartID) throws -> [String] { try fits([part])[part] ?? [] }
    func components(_ kit: PartID) throws -> [KitComponent] { try components([kit])[kit] ?? [] }

    /// What belongs to some parts, by part.
    private func grouped<T>(_ sql: SQL, _ map: (inout Row) -> T) throws -> [PartID: [T]] {
        var out: [PartID: [T]] = [:]
        try each(sql) { r in
            let part: PartID = r.id()
            out[part, default: []].append(map(&r))
        }
        return out
    }

    func fits(_ parts: [PartID]) throws -> [PartID: [String]] {
        try grouped(
            """
            select part_id, product_id from part_fit where part_id in \(list: parts.map(\.text))
            order by part_id, product_id
            """
        ) { $0.text() }
    }

    func setFits(_ part: PartID, _ products: [String]) throws {
        try run("delete from part_fit where part_id = \(part)")
        for product in Set(products).sorted() {
            try run("insert into part_fit (part_id, product_id) values (\(part), \(product))")
        }
    }

    func minimums(_ parts: [PartID]) throws -> [PartID: [PartMinimum]] {
        try grouped(
            """
            select part_id, place_id, minimum, target from part_minimum
            where part_id in \(list: parts.map(\.text)) order by part_id, place_id
            """
        ) { PartMinimum(place: $0.id(), minimum: $0.int(), target: $0.int()) }
    }

    func setMinimums(_ part: PartID, _ minimums: [PartMinimum]) throws {
        try run("delete from part_minimum where part_id = \(part)")
        for m in minimums {
            try run(
                """
                insert into part_minimum (part_id, place_id, minimum, target)
                values (\(part), \(m.place), \(m.minimum), \(m.target))
                """)
        }
    }

    func components(_ kits: [PartID]) throws -> [PartID: [KitComponent]] {
        try grouped(
            """
            select kit_id, part_id, quantity from part_component where kit_id in \(list: kits.map(\.text))
            order by kit_id, part_id
            """
        ) { KitComponent(part: $0.id(), quantity: $0.int()) }
    }

    func setComponents(_ kit: PartID, _ components: [KitComponent]) throws {
        try run("delete from part_component where kit_id = \(kit)")
        for c in components {
            try run(
                """
                insert into part_component (kit_id, part_id, quantity)
                values (\(kit), \(c.part), \(c.quantity))
                """)
        }
    }

    // MARK: Places

    private static let placeColumns: SQL = """
        l.id, l.kind, l.parent_id, l.name, l.name_en, l.site_id, l.keeper_id, l.time_zone, l.is_active,
          l.version
        """

    private static func place(_ r: inout Row) -> StockPlace {
        StockPlace(
            id: r.id(), kind: r.choice(.store), parent: r.idOrNil(), name: r.text(), nameEn: r.textOrNil(),
            site: r.idOrNil(), keeper: r.idOrNil(), zone: r.text(), isActive: r.bool(), version: r.int())
    }

    func place(_ id: PlaceID) throws -> StockPlace? {
        try first(
            "select \(Transaction.placeColumns) from place l where l.id = \(id)", Transaction.place)
    }

    func places(_ ids: [PlaceID]) throws -> [PlaceID: StockPlace] {
        if ids.isEmpty { return [:] }
        let found = try rows(
            "select \(Transaction.placeColumns) from place l where l.id in \(list: ids.map(\.text))",
            Transaction.place)
        return Dictionary(found.map { ($0.id, $0) }, uniquingKeysWith: { a, _ in a })
    }

    /// By name after a cursor of name and id.
    func places(_ conditions: [SQL], after: (String, String)?, limit: Int) throws -> [StockPlace] {
        var all = conditions
        if let after { all.append("(l.name, l.id) > (\(after.0), \(after.1))") }
        let condition: SQL = all.isEmpty ? "1 = 1" : all.joined(" and ")
        return try rows(
            """
            select \(Transaction.placeColumns) from place l where \(condition)
            order by l.name, l.id limit \(limit)
            """, Transaction.place)
    }

    /// A place and everything below it.
    func placesBelow(_ id: PlaceID) throws -> [PlaceID] {
        try rows(
            """
            with recursive below(id) as (
              select l.id from place l where l.id = \(id)
              union select l.id from place l join below b on l.parent_id = b.id)
            select id from below order by id
            """
        ) { $0.id() }
    }

    private static func search(_ p: StockPlace) -> String {
        [p.name, p.nameEn].compactMap { $0 }.joined(separator: " ").lowercased()
    }

    func insert(_ p: StockPlace) throws {
        try run(
            """
            insert into place (id, kind, parent_id, name, name_en, site_id, keeper_id, time_zone, is_active,
              search, version)
            values (\(p.id), \(p.kind), \(p.parent), \(p.name), \(p.nameEn), \(p.site), \(p.keeper),
              \(p.zone), \(p.isActive), \(Transaction.search(p)), 1)
            """)
    }

    func update(_ p: StockPlace) throws -> Int64 {
        let changed = try run(
            """
            update place set kind = \(p.kind), parent_id = \(p.parent), name = \(p.name),
              name_en = \(p.nameEn), site_id = \(p.site), keeper_id = \(p.keeper), time_zone = \(p.zone),
              is_active = \(p.isActive), search = \(Transaction.search(p)), version = version + 1
            where id = \(p.id) and version = \(p.version)
            """)
        guard changed == 1 else { throw Failure(.preconditionFailed, "precondition.failed") }
        return p.version + 1
    }
}

/// How much of a part a place should never fall below, and how much an order fills it up to.
public struct PartMinimum: Sendable {
    public var place: PlaceID
    public var minimum: Int64
    public var target: Int64
}

/// What a kit is put together from.
public struct KitComponent: Sendable, Equatable {
    public var part: PartID
    public var quantity: Int64
}

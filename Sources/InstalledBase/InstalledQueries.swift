import Base
import Store
import Web

struct ProductQuery: Command {
    var q: String?
    var kind: Product.Kind?
    var parent: ProductID?
    var limit: Int64
    var cursor: String?

    init(_ read: inout FieldReader) {
        q = read.optionalText("q", max: 200)
        kind = read.optionalChoice("kind")
        parent = read.optionalID("parent")
        limit = read.optionalInt("limit", 1...200) ?? 50
        cursor = read.optionalText("cursor", max: 1000)
    }
}

struct UnitQuery: Command {
    var q: String?
    var filter: UnitFilter
    var limit: Int64
    var cursor: String?

    init(_ read: inout FieldReader) {
        q = read.optionalText("q", max: 200)
        filter = UnitFilter(words: Likes.words(q))
        filter.serial = read.identifier("serial")
        filter.batch = read.identifier("batch")
        filter.product = read.optionalID("product")
        filter.customer = read.optionalID("customer")
        filter.project = read.optionalID("project")
        filter.site = read.optionalID("site")
        filter.use = read.optionalChoice("use")
        limit = read.optionalInt("limit", 1...200) ?? 50
        cursor = read.optionalText("cursor", max: 1000)
    }
}

struct SerialQuery: Command {
    var serial: String
    init(_ read: inout FieldReader) { serial = read.text("serial", max: 100) }
}

struct ContractQuery: Command {
    var q: String?
    var customer: OrganizationID?
    var project: ProjectID?
    var inForce: Bool
    var limit: Int64
    var cursor: String?

    init(_ read: inout FieldReader) {
        q = read.optionalText("q", max: 200)
        customer = read.optionalID("customer")
        project = read.optionalID("project")
        inForce = read.bool("in_force")
        limit = read.optionalInt("limit", 1...200) ?? 50
        cursor = read.optionalText("cursor", max: 1000)
    }
}

extension InstalledBase {
    /// One page of a list whose keys are texts: asked for one more than is shown.
    private static func page<T: Sendable>(
        _ limit: Int64, _ bound: String, keys: (T) -> [String], find: (Int) throws -> [T]
    ) rethrows -> Page<T> {
        let limit = Int(limit)
        let found = try find(limit + 1)
        let shown = Array(found.prefix(limit))
        let next = found.count > limit ? shown.last.map { Cursor.make(keys($0), bound: bound) } : nil
        return Page(items: shown, nextCursor: next)
    }

    private static func bound(_ list: String, _ call: Call, _ parts: [String]) -> String {
        ([list, call.caller?.login ?? ""] + parts).joined(separator: "\u{0}")
    }

    static func productPage(_ call: Call, _ tx: Transaction) throws -> Page<Product> {
        try InstalledAccess.requireCatalogue(tx)
        let query = try call.filter(ProductQuery.self)
        let words = Likes.words(query.q)
        let bound = bound(
            "products", call, [query.kind?.rawValue ?? "", query.parent?.text ?? ""] + words)
        let after = try query.cursor.map { try Cursor.read($0, bound: bound, count: 1)[0] }
        return try page(
            query.limit, bound, keys: { [$0.code] },
            find: {
                try tx.products(kind: query.kind, parent: query.parent, words: words, after: after, limit: $0)
            })
    }

    static func unitPage(_ call: Call, _ tx: Transaction) throws -> Page<ProductUnit> {
        try InstalledAccess.requireReader(tx)
        let query = try call.filter(UnitQuery.self)
        let bound = bound("units", call, [query.filter.signature])
        let after = try query.cursor.map { try Cursor.read($0, bound: bound, count: 2) }.map {
            ($0[0], $0[1])
        }
        return try page(
            query.limit, bound, keys: { [$0.serial, $0.id.text] },
            find: { try tx.productUnits(query.filter, after: after, limit: $0) })
    }

    static func contractPage(_ call: Call, _ tx: Transaction) throws -> Page<Contract> {
        try InstalledAccess.requireReader(tx)
        let query = try call.filter(ContractQuery.self)
        let words = Likes.words(query.q)
        let day = query.inForce ? try today(tx) : nil
        let bound = bound(
            "contracts", call,
            [query.customer?.text ?? "", query.project?.text ?? "", String(query.inForce)] + words)
        let after = try query.cursor.map { try Cursor.read($0, bound: bound, count: 1)[0] }
        return try page(
            query.limit, bound, keys: { [$0.number] },
            find: {
                try tx.contracts(
                    words: words, customer: query.customer, project: query.project, inForceOn: day,
                    after: after, limit: $0)
            })
    }
}

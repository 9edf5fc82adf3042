import Base
import Store
import Web

extension Transaction {
    private static let productColumns: SQL = """
        select p.id, p.parent_id, p.kind, p.code, p.name, p.name_en, p.model, p.watched_tickets,
          p.watched_until, p.is_active, p.version from product p
        """

    private static func product(_ r: inout Row) -> Product {
        Product(
            id: r.id(), parent: r.idOrNil(), kind: r.choice(.system), code: r.text(), name: r.text(),
            nameEn: r.textOrNil(), model: r.textOrNil(), watchedTickets: r.intOrNil(),
            watchedUntil: r.intOrNil().map { Int($0) }, isActive: r.bool(), version: r.int())
    }

    private static func search(_ p: Product) -> String {
        [p.code, p.model, p.name, p.nameEn].compactMap { $0 }.joined(separator: " ").lowercased()
    }

    /// A product by id, whoever asks: products are no secret of the house's staff.
    public func product(_ id: ProductID) throws -> Product? {
        try first("\(Transaction.productColumns) where p.id = \(id)", Transaction.product)
    }

    public func products(_ ids: some Sequence<ProductID>) throws -> [ProductID: Product] {
        let wanted = Set(ids.map(\.text))
        if wanted.isEmpty { return [:] }
        let found = try rows(
            "\(Transaction.productColumns) where p.id in \(list: wanted.sorted())", Transaction.product)
        return Dictionary(found.map { ($0.id, $0) }, uniquingKeysWith: { a, _ in a })
    }

    func product(code: String) throws -> Product? {
        try first("\(Transaction.productColumns) where p.code = \(code)", Transaction.product)
    }

    /// By code after a code.
    public func products(
        kind: Product.Kind? = nil, parent: ProductID? = nil, words: [String] = [], activeOnly: Bool = false,
        after: String? = nil, limit: Int
    ) throws -> [Product] {
        var conditions: [SQL] = ["1 = 1"]
        if let kind { conditions.append("p.kind = \(kind)") }
        if let parent { conditions.append("p.parent_id = \(parent)") }
        if activeOnly { conditions.append("p.is_active = 1") }
        for word in words { conditions.append("p.search like \(Likes.containing(word)) escape '\\'") }
        if let after { conditions.append("p.code > \(after)") }
        return try rows(
            """
            \(Transaction.productColumns) where \(conditions.joined(" and ")) order by p.code limit \(limit)
            """, Transaction.product)
    }

    /// A product and everything below it, by code.
    public func productsBelow(_ id: ProductID) throws -> [Product] {
        try rows(
            """
            with recursive below(id) as (
              select r.id from product r where r.id = \(id)
              union select q.id from product q join below b on q.parent_id = b.id)
            \(Transaction.productColumns) where p.id in (select id from below) order by p.code
            """, Transaction.product)
    }

    func insert(_ p: Product) throws {
        try run(
            """
            insert into product (id, parent_id, kind, code, name, name_en, model, watched_tickets,
              watched_until, is_active, search, version)
            values (\(p.id), \(p.parent), \(p.kind), \(p.code), \(p.name), \(p.nameEn), \(p.model),
              \(p.watchedTickets), \(p.watchedUntil), \(p.isActive), \(Transaction.search(p)), 1)
            """)
    }

    func update(_ p: Product) throws -> Int64 {
        let changed = try run(
            """
            update product set parent_id = \(p.parent), name = \(p.name), name_en = \(p.nameEn),
              model = \(p.model), watched_tickets = \(p.watchedTickets), watched_until = \(p.watchedUntil),
              is_active = \(p.isActive), search = \(Transaction.search(p)), version = version + 1
            where id = \(p.id) and version = \(p.version)
            """)
        guard changed == 1 else { throw Failure(.preconditionFailed, "precondition.failed") }
        return p.version + 1
    }
}

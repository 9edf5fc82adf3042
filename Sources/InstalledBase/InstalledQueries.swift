import Base
import Store
import Web

struct ProductQuery: Command {
    var q: String?
    var kind: Product.Kind?
    var parent: ProductID?
    var paging: Paging

    init(_ read: inout FieldReader) {
        q = read.optionalText("q", max: 200)
        kind = read.optionalChoice("kind")
        parent = read.optionalID("parent")
        paging = Paging(&read)
    }
}

struct UnitQuery: Command {
    var q: String?
    var filter: UnitFilter
    var paging: Paging

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
        paging = Paging(&read)
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
    var paging: Paging

    init(_ read: inout FieldReader) {
        q = read.optionalText("q", max: 200)
        customer = read.optionalID("customer")
        project = read.optionalID("project")
        inForce = read.bool("in_force")
        paging = Paging(&read)
    }
}

extension InstalledBase {
    static func productPage(_ call: Call, _ tx: Transaction) throws -> Page<Product> {
        try InstalledAccess.requireCatalogue(tx)
        let query = try call.filter(ProductQuery.self)
        let words = Likes.words(query.q)
        let list = Listing(
            "products", query.paging, narrowedBy: [query.kind?.rawValue, query.parent?.text] + words, call)
        return list.page(
            try tx.products(
                kind: query.kind, parent: query.parent, words: words, after: list.after(1)?[0],
                limit: list.asked)
        ) { [$0.code] }
    }

    static func unitPage(_ call: Call, _ tx: Transaction) throws -> Page<ProductUnit> {
        try unitPage(call.filter(UnitQuery.self), call, tx)
    }

    static func unitPage(_ query: UnitQuery, _ call: Call, _ tx: Transaction) throws -> Page<ProductUnit> {
        try InstalledAccess.requireReader(tx)
        let list = Listing("units", query.paging, narrowedBy: [query.filter.signature], call)
        let after = try list.after(2).map { ($0[0], $0[1]) }
        return list.page(try tx.productUnits(query.filter, after: after, limit: list.asked)) {
            [$0.serial, $0.id.text]
        }
    }

    static func contractPage(_ call: Call, _ tx: Transaction) throws -> Page<Contract> {
        try InstalledAccess.requireReader(tx)
        let query = try call.filter(ContractQuery.self)
        let words = Likes.words(query.q)
        let day = query.inForce ? try today(tx) : nil
        let list = Listing(
            "contracts", query.paging,
            narrowedBy: [query.customer?.text, query.project?.text, String(query.inForce)] + words, call)
        return list.page(
            try tx.contracts(
                words: words, customer: query.customer, project: query.project, inForceOn: day,
                after: list.after(1)?[0], limit: list.asked)
        ) { [$0.number] }
    }
}

import Base
import People
import ServiceLevels
import Store
import Web

/// What was sold: the catalogue as a tree, each unit with its configuration, hours and downtimes, the
/// contracts that cover it, and who answers for it. Every change is in the chained history.
///
/// The administrator and the service manager keep all of it; who works on a unit writes down what
/// happens to it.
public enum InstalledBase {
    /// What this area needs of areas above it, filled in by the composition.
    public struct Neighbours: Sendable {
        /// A ticket as a unit's page names it.
        public struct TicketLine: Sendable {
            public var id: TicketID
            public var number: String
            public var title: String
            public var state: String
            /// Key of the state's name.
            public var stateKey: String
            public var receivedAt: Instant?
            public var isOpen: Bool

            public init(
                id: TicketID, number: String, title: String, state: String, stateKey: String,
                receivedAt: Instant?, isOpen: Bool
            ) {
                self.id = id
                self.number = number
                self.title = title
                self.state = state
                self.stateKey = stateKey
                self.receivedAt = receivedAt
                self.isOpen = isOpen
            }
        }

        /// The newest tickets of a unit that the actor sees.
        public var tickets: @Sendable (ProductUnitID, Transaction) throws -> [TicketLine]
        /// Open tickets of other units of the same product and batch that the actor sees.
        public var batch: @Sendable (ProductUnit, Transaction) throws -> [TicketLine]
        /// How many tickets a product has had, whoever asks; counted no further than `limit`.
        public var count: @Sendable (ProductID, _ limit: Int64, Transaction) throws -> Int64
        /// A ticket that the actor sees by id or number; `ticket.unknown_reference` where it is none.
        public var ticket: @Sendable (String, Transaction) throws -> TicketLine
        /// Tickets by id, as far as the actor sees them.
        public var named: @Sendable ([TicketID], Transaction) throws -> [TicketID: TicketLine]

        public init(
            tickets: @escaping @Sendable (ProductUnitID, Transaction) throws -> [TicketLine],
            batch: @escaping @Sendable (ProductUnit, Transaction) throws -> [TicketLine],
            count: @escaping @Sendable (ProductID, _ limit: Int64, Transaction) throws -> Int64,
            ticket: @escaping @Sendable (String, Transaction) throws -> TicketLine,
            named: @escaping @Sendable ([TicketID], Transaction) throws -> [TicketID: TicketLine]
        ) {
            self.tickets = tickets
            self.batch = batch
            self.count = count
            self.ticket = ticket
            self.named = named
        }

        /// No areas above: for tests of this one alone.
        public static let none = Neighbours(
            tickets: { _, _ in [] }, batch: { _, _ in [] }, count: { _, _, _ in 0 },
            ticket: { _, _ in throw Failure.invalid("ticket_id", "ticket.unknown_reference") },
            named: { _, _ in [:] })
    }

    /// So many first tickets of a new system are watched, unless its product says otherwise.
    public static let watchedTickets: Int64 = 20

    /// The day in the house's zone.
    public static func today(_ tx: Transaction) throws -> Int { try day(of: tx.now, tx) }

    public static func day(of t: Instant, _ tx: Transaction) throws -> Int {
        let name = try Settings.current(.houseTimeZone, at: tx.now, tx).string
        return (name.flatMap { Zone($0) } ?? .utc).wall(t).dayNumber
    }

    // MARK: Products

    @discardableResult
    public static func add(_ new: NewProduct, _ tx: Transaction) throws -> Product {
        try InstalledAccess.requireKeeper(tx)
        if let parent = new.parent, try tx.product(parent) == nil {
            throw Failure.invalid("parent_id", "field.no_such")
        }
        guard (new.parent == nil) == (new.kind == .system) else {
            throw Failure.invalid("parent_id", new.parent == nil ? "field.required" : "product.top")
        }
        guard try tx.product(code: new.code) == nil else {
            throw Failure.invalid("code", "product.code_taken")
        }
        let product = Product(
            id: tx.makeID(), parent: new.parent, kind: new.kind, code: new.code, name: new.name,
            nameEn: new.nameEn, model: new.model,
            watchedTickets: new.watchedTickets ?? (new.kind == .system ? watchedTickets : nil),
            watchedUntil: new.watchedUntil, isActive: true, version: 1)
        try tx.insert(product)
        try tx.record(
            Fact(
                "product.created", Subject("product", product.id),
                data: .make([
                    "code": .string(product.code), "name": .string(product.name), "model": .of(product.model),
                ])))
        return product
    }

    static func change(_ old: Product, _ edit: EditProduct, _ tx: Transaction) throws -> Product {
        try InstalledAccess.requireKeeper(tx)
        var new = old
        edit.parent.apply(to: &new.parent)
        edit.name.apply(to: &new.name)
        edit.nameEn.apply(to: &new.nameEn)
        edit.model.apply(to: &new.model)
        edit.watchedTickets.apply(to: &new.watchedTickets)
        edit.watchedUntil.apply(to: &new.watchedUntil)
        edit.isActive.apply(to: &new.isActive)
        if new.parent != old.parent {
            guard (new.parent == nil) == (new.kind == .system) else {
                throw Failure.invalid("parent_id", new.parent == nil ? "field.required" : "product.top")
            }
            if let parent = new.parent {
                guard try tx.product(parent) != nil else {
                    throw Failure.invalid("parent_id", "field.no_such")
                }
                if try tx.productsBelow(old.id).contains(where: { $0.id == parent }) {
                    throw Failure.invalid("parent_id", "product.circle")
                }
            }
        }
        var difference = Difference()
        difference.add("parent_id", try code(old.parent, tx), try code(new.parent, tx))
        difference.add("name", old.name, new.name)
        difference.add("name_en", old.nameEn, new.nameEn)
        difference.add("model", old.model, new.model)
        difference.add("watched_tickets", old.watchedTickets, new.watchedTickets)
        difference.add("watched_until", text(old.watchedUntil), text(new.watchedUntil))
        difference.add("is_active", old.isActive, new.isActive)
        if difference.isEmpty { return old }
        new.version = try tx.update(new)
        try tx.record(Fact("product.changed", Subject("product", old.id), data: difference.json))
        return new
    }

    private static func code(_ id: ProductID?, _ tx: Transaction) throws -> String? {
        try id.flatMap { try tx.product($0)?.code }
    }

    static func text(_ day: Int?) -> String? { day.map { CivilDate.text(dayNumber: $0) } }

    // MARK: Warranty

    /// The verdict of a unit today.
    public static func warranty(_ u: ProductUnit, _ tx: Transaction) throws -> WarrantyVerdict {
        try warranty(u, on: today(tx), tx)
    }

    public static func warranty(_ u: ProductUnit, on day: Int, _ tx: Transaction) throws -> WarrantyVerdict {
        try warranties([u], on: day, tx)[u.id] ?? WarrantyVerdict(isIn: false, by: nil, until: nil)
    }

    /// The verdicts of a whole page of units: contracts are read once, meters where hours were agreed.
    public static func warranties(_ units: [ProductUnit], on day: Int, _ tx: Transaction) throws
        -> [ProductUnitID: WarrantyVerdict]
    {
        let contracts = try tx.contracts(ofCustomers: units.compactMap(\.customer))
        var out: [ProductUnitID: WarrantyVerdict] = [:]
        for u in units {
            var readings: [Warranty.Reading] = []
            if u.warrantyHours != nil {
                readings = try tx.unitReadings(u.id).map {
                    Warranty.Reading(day: try self.day(of: $0.at, tx), total: $0.total)
                }
            }
            out[u.id] = Warranty.verdict(
                on: day, from: u.warrantyFrom, until: u.warrantyUntil, hours: u.warrantyHours,
                readings: readings,
                covers: contracts.filter { $0.covers(u) }.map {
                    Cover(contract: $0.id, from: $0.from, until: $0.until)
                })
        }
        return out
    }

    /// Whether a ticket of this product received now would be among the first of a new model: by the
    /// product itself or the nearest one above it that is watched.
    public static func isWatched(_ id: ProductID, _ neighbours: Neighbours, _ tx: Transaction) throws -> Bool
    {
        guard let product = try tx.product(id) else { return false }
        let before = try product.watchedTickets.map { try neighbours.count(id, $0, tx) } ?? 0
        return Watch.holds(
            tickets: product.watchedTickets, until: product.watchedUntil, before: before, on: try today(tx))
    }

    // MARK: Contracts

    @discardableResult
    public static func add(_ new: NewContract, _ tx: Transaction) throws -> Contract {
        try InstalledAccess.requireKeeper(tx)
        guard let from = new.from else { throw Failure.invalid("from_on", "field.required") }
        guard let until = new.until else { throw Failure.invalid("until_on", "field.required") }
        guard try People.organization(new.customer, tx)?.kind == .customer else {
            throw Failure.invalid("customer_id", "field.no_such")
        }
        guard try tx.contract(number: new.number) == nil else {
            throw Failure.invalid("number", "contract.number_taken")
        }
        var contract = Contract(
            id: tx.makeID(), number: new.number, name: new.name, nameEn: new.nameEn, customer: new.customer,
            project: new.project, policy: new.policy, from: from, until: until, included: new.included,
            charged: new.charged, units: [], note: new.note, version: 1)
        contract.units = try covered(new.units, contract, tx)
        try check(contract, tx)
        try tx.insert(contract)
        try tx.record(
            Fact(
                "contract.created", Subject("contract", contract.id),
                data: .make([
                    "number": .string(contract.number), "name": .string(contract.name),
                    "name_en": .of(contract.nameEn),
                    "from_on": .of(text(from)), "until_on": .of(text(until)),
                ])))
        return contract
    }

    static func change(_ old: Contract, _ edit: EditContract, _ tx: Transaction) throws -> Contract {
        try InstalledAccess.requireKeeper(tx)
        var new = old
        edit.name.apply(to: &new.name)
        edit.nameEn.apply(to: &new.nameEn)
        edit.project.apply(to: &new.project)
        edit.policy.apply(to: &new.policy)
        edit.note.apply(to: &new.note)
        new.from = edit.from ?? new.from
        new.until = edit.until ?? new.until
        new.included = edit.included ?? new.included
        new.charged = edit.charged ?? new.charged
        if let units = edit.units { new.units = try covered(units, new, tx) }
        try check(new, tx)
        func list(_ kinds: [ServiceKind]) -> String { kinds.map(\.rawValue).joined(separator: ", ") }
        func serials(_ c: Contract) throws -> String {
            try c.units.compactMap { try tx.visibleUnit($0)?.title }.sorted().joined(separator: ", ")
        }
        var difference = Difference()
        difference.add("name", old.name, new.name)
        difference.add("name_en", old.nameEn, new.nameEn)
        difference.add("project_id", old.project?.text, new.project?.text)
        difference.add("policy_id", old.policy, new.policy)
        difference.add("from_on", text(old.from), text(new.from))
        difference.add("until_on", text(old.until), text(new.until))
        difference.add("included", list(old.included), list(new.included))
        difference.add("charged", list(old.charged), list(new.charged))
        if Set(old.units) != Set(new.units) {
            difference.add("unit_ids", try serials(old), try serials(new))
        }
        difference.add("note", old.note, new.note)
        if difference.isEmpty { return old }
        new.version = try tx.update(new)
        try tx.record(Fact("contract.changed", Subject("contract", old.id), data: difference.json))
        return new
    }

    private static func check(_ c: Contract, _ tx: Transaction) throws {
        if c.until < c.from { throw Failure.invalid("until_on", "field.ends_before") }
        if let project = c.project, try People.project(project, tx)?.customer != c.customer {
            throw Failure.invalid("project_id", "field.no_such")
        }
        if let both = c.included.first(where: { c.charged.contains($0) }) {
            throw Failure.invalid(
                "charged", "contract.both", ["kind": Strings.named("service.kind.\(both.rawValue)")])
        }
        if let policy = c.policy {
            let known = try ServiceLevels.book(tx).policies.contains { $0.id == policy }
            if !known { throw Failure.invalid("policy_id", "field.no_such") }
        }
    }

    /// Units by id or serial number, all of the contract's customer.
    private static func covered(_ given: [String], _ c: Contract, _ tx: Transaction) throws
        -> [ProductUnitID]
    {
        var out: [ProductUnitID] = []
        for text in given {
            let found =
                ProductUnitID.hasShape(text)
                ? try tx.visibleUnit(ID(text)).map { [$0] } ?? []
                : try tx.productUnits(
                    UnitFilter(serial: CleanText.foldIdentifier(text), customer: c.customer), limit: 2)
            guard found.count == 1, let unit = found.first, unit.customer == c.customer else {
                throw Failure.invalid("unit_ids", "contract.unit", ["unit": text])
            }
            if !out.contains(unit.id) { out.append(unit.id) }
        }
        return out.sorted()
    }
}

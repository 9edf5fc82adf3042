import Base
import Store

/// What a document asks to be moved: from one side to another, with what decides its cost.
struct Demand {
    enum Cost {
        /// What leaves takes its share; what enters comes at the part's present cost.
        case share
        /// The cost of one unit that enters.
        case unit(Int64)
        /// Exactly so much: the reversal of a movement.
        case exact(Int64)
        /// What left for the bench on the same line: a kit is worth what it was made of.
        case gathered
        /// So much of it, by weight, of what is left.
        case part(Int64, of: Int64)
    }
    var line: Int
    var part: PartID
    var quantity: Int64
    var serial = ""
    /// nil: the first to expire goes first.
    var batch: String?
    var owner = ""
    var from: StockSide
    var to: StockSide
    var cost = Cost.share
    /// Scrap, returns, moves inside the house: an expired batch may still be handled.
    var takesExpired = false
}

/// The one door through which stock changes. It checks everything, then changes everything.
enum Ledger {
    /// Posts demands of a document on its accounting day. Sets its posting number, day and value; keeps
    /// nothing of the document itself.
    /// - Parameters:
    ///   - today: the day at the document's place, for what has expired; nil: the accounting day
    ///   - check: the stock check that may post into the places it has frozen
    /// - Returns: what it moved
    /// - Throws: 409 `stock.period_closed`, `stock.frozen`, `stock.insufficient`, `stock.expired`,
    ///   `stock.serial_elsewhere`, `stock.too_large`, `stock.reversal_value`
    static func post(
        _ demands: [Demand], of document: inout StockDocument, today: Int? = nil, check: String? = nil,
        _ tx: Transaction
    ) throws -> LedgerState {
        var state = try taken(demands, document, today, check, tx)
        let value = try total(state.movements)
        let posting = try tx.nextStockNumber("posting")
        try state.write(posting: posting, tx)
        document.posting = document.posting ?? posting
        document.valueMinor = value
        return state
    }

    /// What a posting would be worth; changes nothing.
    /// - Throws: as `post`
    static func value(
        of demands: [Demand], in document: StockDocument, today: Int?, _ tx: Transaction
    ) throws -> Int64 {
        try total(taken(demands, document, today, nil, tx).movements)
    }

    /// The same for the approval limit: what becomes sound stock counts at least as much as its like is worth
    /// now, so that nobody dilutes a part's price.
    /// - Throws: as `post`
    static func weight(
        of demands: [Demand], in document: StockDocument, today: Int?, _ tx: Transaction
    ) throws -> Int64 {
        let state = try taken(demands, document, today, nil, tx)
        _ = try total(state.movements)
        return state.weight
    }

    private static func taken(
        _ demands: [Demand], _ document: StockDocument, _ today: Int?, _ check: String?, _ tx: Transaction
    ) throws -> LedgerState {
        guard let day = document.postedOn else { throw Failure(.internal, "stock.broken") }
        let method = try open(demands, on: day, check: check, tx)
        // What has expired by now isn't fresh again in an earlier month's books.
        var state = try LedgerState(demands, document, method, max(day, today ?? day), tx)
        for demand in demands { try state.take(demand) }
        return state
    }

    private static func total(_ movements: [StockMovement]) throws -> Int64 {
        try movements.reduce(0) { sum, m in
            let next = sum.addingReportingOverflow(m.valueMinor)
            guard !next.overflow, next.partialValue <= StockBounds.documentValue else {
                throw Failure.conflict("stock.too_large")
            }
            return next.partialValue
        }
    }

    /// The valuation method of the day's year, where its period is open and no place is being counted.
    private static func open(_ demands: [Demand], on day: Int, check: String?, _ tx: Transaction) throws
        -> CostPool.Method
    {
        let places = Set(demands.flatMap { [$0.from.place, $0.to.place] }.map(\.text)).filter {
            !$0.hasPrefix("place:")
        }.sorted()
        let (year, month, _) = CivilDate.date(dayNumber: day)
        let found = try tx.first(
            """
            select (select count(*) from stock_period where month = \(year * 100 + month) and is_open = 0),
              (select count(*) from stock_freeze where place_id in \(list: places)
                and check_id <> \(check ?? "")),
              (select method from stock_year where year = \(year))
            """
        ) { r -> (Int64, Int64, CostPool.Method) in (r.int(), r.int(), r.choice(.movingAverage)) }
        guard let found else { throw Failure(.internal, "stock.broken") }
        if found.0 > 0 {
            throw Failure.conflict(
                "stock.period_closed", ["month": "\(year)-\(month < 10 ? "0" : "")\(month)"])
        }
        if found.1 > 0 { throw Failure.conflict("stock.frozen") }
        return found.2
    }
}

/// The rows and layers that a posting touches, first in memory, then written as they differ.
struct LedgerState {
    private struct PoolKey: Hashable {
        var part: PartID
        var name: CostPool.Name
    }
    private struct Change {
        var onHand: Int64 = 0
        var reserved: Int64 = 0
    }

    private(set) var movements: [StockMovement] = []
    private let document: StockDocument
    private let method: CostPool.Method
    private let day: Int
    private let now: Instant
    private var rows: [StockKey: StockBalance]
    private var serials: [String: StockKey] = [:]
    private var changes: [StockKey: Change] = [:]
    private var order: [StockKey] = []
    /// Places whose rows are all known: what is not among them is nothing.
    private let sources: Set<PlaceID>
    /// What left for the bench, by line.
    private var gathered: [Int: Int64] = [:]
    private var pools: [PoolKey: CostPool] = [:]
    private let stored: [PoolKey: [CostPool.Layer]]
    private let prices: [PartID: Int64]
    /// What this document's ticket has reserved, by row, each with the reservations that hold it.
    private var own: [StockKey: [Reserved]]
    private var released: [Reserved] = []

    init(
        _ demands: [Demand], _ document: StockDocument, _ method: CostPool.Method, _ day: Int,
        _ tx: Transaction
    ) throws {
        self.document = document
        self.method = method
        self.day = day
        now = tx.now
        let parts = Set(demands.map(\.part)).sorted()
        let sources = Set(demands.map(\.from.place)).filter(StockPlace.isHeld).sorted()
        let serialNumbers = Set(demands.map(\.serial)).subtracting([""]).sorted()
        rows = [:]
        self.sources = Set(sources)
        if !sources.isEmpty, demands.contains(where: { $0.serial.isEmpty }) {
            for row in try tx.balances(parts: parts, places: sources) { rows[row.key] = row }
        }
        if !serialNumbers.isEmpty {
            for row in try tx.balances(parts: parts, serials: serialNumbers) {
                rows[row.key] = row
                serials[LedgerState.name(row.key.part, row.key.serial)] = row.key
            }
        }
        var stored: [PoolKey: [CostPool.Layer]] = [:]
        var prices: [PartID: Int64] = [:]
        for layer in try tx.layers(parts) {
            if let price = layer.price { prices[layer.part] = price }
            if let own = layer.layer {
                stored[PoolKey(part: layer.part, name: layer.pool), default: []].append(own)
            }
        }
        self.stored = stored
        self.prices = prices
        let leaves = demands.contains { StockPlace.isHeld($0.from.place) }
        own = [:]
        if leaves, document.reversalOf == nil, let ticket = document.ticket?.id {
            own = Dictionary(grouping: try tx.reserved(for: ticket, parts: parts), by: \.key)
        }
    }

    private static func name(_ part: PartID, _ serial: String) -> String { part.text + "\u{0}" + serial }

    // MARK: In memory

    mutating func take(_ demand: Demand) throws {
        guard demand.quantity > 0 else { throw Failure(.internal, "stock.broken") }
        if StockPlace.isHeld(demand.from.place) {
            for (key, quantity) in try choose(demand) { try move(demand, key, quantity) }
        } else {
            let key = StockKey(
                part: demand.part, place: demand.from.place, status: demand.from.status, owner: demand.owner,
                batch: demand.batch ?? "", serial: demand.serial)
            if !demand.serial.isEmpty, serials[LedgerState.name(demand.part, demand.serial)] != nil {
                throw Failure.conflict("stock.serial_elsewhere", ["serial": demand.serial])
            }
            try move(demand, key, demand.quantity)
        }
    }

    /// The rows that a demand is taken from: the one with its serial number, else the first to expire.
    private func choose(_ demand: Demand) throws -> [(StockKey, Int64)] {
        if !demand.serial.isEmpty {
            guard let key = serials[LedgerState.name(demand.part, demand.serial)], let row = rows[key] else {
                throw insufficient(demand, 0)
            }
            guard key.place == demand.from.place, key.status == demand.from.status else {
                throw Failure.conflict("stock.serial_elsewhere", ["serial": demand.serial])
            }
            guard key.owner == demand.owner, row.free + held(key) > 0 else { throw insufficient(demand, 0) }
            if !demand.takesExpired, row.isExpired(on: day) {
                throw Failure.conflict("stock.expired", ["batch": key.batch])
            }
            return [(key, 1)]
        }
        let fitting = rows.values.filter { row in
            row.key.part == demand.part && row.key.place == demand.from.place
                && row.key.status == demand.from.status && row.key.owner == demand.owner
                && row.key.serial.isEmpty && (demand.batch.map { $0 == row.key.batch } ?? true)
        }.sorted { a, b in
            // The ticket's own first, then the first to expire.
            let own = (held(a.key) > 0 ? 0 : 1, held(b.key) > 0 ? 0 : 1)
            if own.0 != own.1 { return own.0 < own.1 }
            let last = (a.expiresOn ?? Int.max, b.expiresOn ?? Int.max)
            return last.0 != last.1 ? last.0 < last.1 : a.key.batch < b.key.batch
        }
        var out: [(StockKey, Int64)] = []
        var left = demand.quantity
        var blocked: String?
        for row in fitting {
            let free = min(row.onHand, row.free + held(row.key))
            if left == 0 { break }
            if free <= 0 { continue }
            if !demand.takesExpired, row.isExpired(on: day) {
                blocked = blocked ?? row.key.batch
                continue
            }
            let part = min(left, free)
            out.append((row.key, part))
            left -= part
        }
        if left > 0 {
            if let blocked { throw Failure.conflict("stock.expired", ["batch": blocked]) }
            throw insufficient(demand, demand.quantity - left)
        }
        return out
    }

    private func held(_ key: StockKey) -> Int64 { own[key]?.reduce(0) { $0 + $1.quantity } ?? 0 }

    private func insufficient(_ demand: Demand, _ there: Int64) -> Failure {
        Failure.conflict(
            "stock.insufficient",
            ["line": String(demand.line), "asked": String(demand.quantity), "there": String(there)])
    }

    private mutating func move(_ demand: Demand, _ key: StockKey, _ quantity: Int64) throws {
        if StockPlace.isHeld(key.place) { release(key, quantity) }
        let value = try cost(demand, quantity)
        movements.append(
            StockMovement(
                posting: 0, number: movements.count + 1, document: document.id, line: demand.line,
                part: demand.part, batch: key.batch, serial: key.serial, owner: key.owner, quantity: quantity,
                from: demand.from, to: demand.to, valueMinor: value, at: now, postedOn: day))
        let source = rows[key]
        if StockPlace.isHeld(key.place) { change(key, -quantity) }
        var target = key
        target.place = demand.to.place
        target.status = demand.to.status
        if StockPlace.isHeld(target.place) { change(target, quantity, like: source) }
        if !key.serial.isEmpty {
            let name = LedgerState.name(key.part, key.serial)
            serials[name] = StockPlace.isHeld(target.place) ? target : nil
        }
    }

    /// - Parameter source: the row that it comes from: its batch expires on the same day where it goes, also
    ///   for the next line of the same document
    private mutating func change(_ key: StockKey, _ by: Int64, like source: StockBalance? = nil) {
        if changes[key] == nil { order.append(key) }
        changes[key, default: Change()].onHand += by
        if rows[key] != nil {
            rows[key]?.onHand += by
        } else if !key.serial.isEmpty || sources.contains(key.place) {
            rows[key] = StockBalance(
                key: key, onHand: by, reserved: 0, expiresOn: source?.expiresOn,
                concessionUntil: source?.concessionUntil)
        }
    }

    /// What the ticket had reserved of a row goes with what is taken from it.
    private mutating func release(_ key: StockKey, _ quantity: Int64) {
        var left = quantity
        while left > 0, var first = own[key]?.first {
            let part = min(left, first.quantity)
            left -= part
            var done = first
            done.quantity = part
            released.append(done)
            first.quantity -= part
            if first.quantity == 0 { own[key]?.removeFirst() } else { own[key]?[0] = first }
            rows[key]?.reserved -= part
            changes[key, default: Change()].reserved -= part
            if !order.contains(key) { order.append(key) }
        }
    }

    private mutating func cost(_ demand: Demand, _ quantity: Int64) throws -> Int64 {
        guard demand.owner.isEmpty else { return 0 }
        let from = demand.from.pool.map { PoolKey(part: demand.part, name: $0) }
        let to = demand.to.pool.map { PoolKey(part: demand.part, name: $0) }
        if from == to {
            if case .exact(let exact) = demand.cost { return exact }
            return from.map { pool($0).estimate(quantity) } ?? 0
        }
        var value: Int64
        if let from {
            var pool = pool(from)
            if case .exact(let exact) = demand.cost {
                value = exact
                guard pool.takeBack(quantity, exact) else { throw Failure.conflict("stock.reversal_value") }
            } else {
                guard let cost = pool.take(quantity) else { throw Failure(.internal, "stock.broken") }
                value = cost
            }
            pools[from] = pool
            if demand.to.place == StockPlace.production { gathered[demand.line, default: 0] += value }
        } else {
            switch demand.cost {
            case .exact(let exact): value = exact
            case .unit(let unit): value = try times(unit, quantity)
            case .gathered: value = gathered.removeValue(forKey: demand.line) ?? 0
            case .part(let weight, let whole):
                let left = gathered[demand.line] ?? 0
                value = CostPool.share(left, weight, of: whole)
                gathered[demand.line] = left - value
            case .share:
                guard let to, to.name == .sound else {
                    value = 0
                    break
                }
                let pool = pool(to)
                value =
                    pool.quantity > 0 && quantity <= pool.quantity
                    ? pool.estimate(quantity) : try times(unitCost(pool, demand.part), quantity)
            }
        }
        if let to {
            var pool = pool(to)
            var isBack = false
            if case .exact = demand.cost { isBack = true }
            guard pool.put(quantity, value, first: isBack) else { throw Failure.conflict("stock.too_large") }
            pools[to] = pool
        }
        return value
    }

    /// What all movements weigh against the approval limit; at most `StockBounds.documentValue`.
    var weight: Int64 { movements.reduce(0) { min(StockBounds.documentValue, $0 + weight($1)) } }

    private func weight(_ m: StockMovement) -> Int64 {
        guard m.owner.isEmpty, m.to.pool == .sound, m.from.pool != .sound else { return m.valueMinor }
        let before = CostPool(method, stored[PoolKey(part: m.part, name: .sound)] ?? [])
        let like =
            before.value > 0 && before.quantity > 0
            ? Int128(before.value) * Int128(m.quantity) / Int128(before.quantity)
            : Int128(prices[m.part] ?? 0) * Int128(m.quantity)
        return max(m.valueMinor, Int64(min(like, Int128(StockBounds.documentValue))))
    }

    private func pool(_ key: PoolKey) -> CostPool { pools[key] ?? CostPool(method, stored[key] ?? []) }

    private func unitCost(_ pool: CostPool, _ part: PartID) -> Int64 {
        pool.quantity > 0 ? pool.estimate(1) : prices[part] ?? 0
    }

    private func times(_ unit: Int64, _ quantity: Int64) throws -> Int64 {
        let value = unit.multipliedReportingOverflow(by: quantity)
        guard !value.overflow, value.partialValue <= 1_000_000_000_000_000_000 else {
            throw Failure.conflict("stock.too_large")
        }
        return value.partialValue
    }

    // MARK: Written

    mutating func write(posting: Int64, _ tx: Transaction) throws {
        for i in movements.indices { movements[i].posting = posting }
        // What leaves goes first, so that a serial number is never in two rows.
        order.sort { $0.place == $1.place ? $0.part < $1.part : $0.place < $1.place }
        for key in order {
            guard let c = changes[key], c.onHand < 0 || c.onHand == 0 && c.reserved != 0 else { continue }
            guard try tx.takeStock(key, onHand: -c.onHand, reserved: -c.reserved) else {
                throw Failure.conflict("stock.insufficient", ["line": "0", "asked": "0", "there": "0"])
            }
        }
        for key in order {
            guard let c = changes[key], c.onHand > 0 else { continue }
            guard try tx.putStock(key, c.onHand) else { throw Failure.conflict("stock.too_large") }
            if c.reserved != 0, try !tx.takeStock(key, onHand: 0, reserved: -c.reserved) {
                throw Failure(.internal, "stock.broken")
            }
        }
        // Always in one order, so that two postings never wait for each other.
        for (key, pool) in pools.sorted(by: {
            ($0.key.part, $0.key.name.rawValue) < ($1.key.part, $1.key.name.rawValue)
        }) {
            try tx.replace(stored[key] ?? [], by: pool.layers, part: key.part, pool: key.name)
        }
        try tx.insert(movements)
        if !released.isEmpty { try Inventory.useUp(released, tx) }
    }
}

/// What a reservation holds of one row.
struct Reserved: Sendable {
    var reservation: String
    var key: StockKey
    var quantity: Int64
}

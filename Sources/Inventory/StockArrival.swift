import Base
import Store

// What follows a posted document: what was sent arrives or is lost, what was lent comes back.
extension Inventory {
    /// Who takes in what arrives or comes back: whoever answers for the place where it does.
    static func mayReceive(_ d: StockDocument, _ places: [PlaceID: StockPlace], _ actor: Actor) -> Bool {
        StockAccess.keeps(d.goesThroughTransit ? d.toPlace ?? d.place : d.place, in: places, actor)
    }

    static func requireReceiver(_ d: StockDocument, _ tx: Transaction) throws {
        guard try mayReceive(d, places(of: d, tx), tx.actor) else { throw Failure.forbidden() }
    }

    /// What is still under way of a document: rows in transit or lent, by line.
    static func outstanding(_ d: StockDocument, at place: PlaceID, _ tx: Transaction) throws -> Outstanding {
        var out: Outstanding = []
        func add(_ line: Int, _ key: StockKey, _ quantity: Int64) {
            if let i = out.firstIndex(where: { $0.line == line && $0.key == key }) {
                out[i].quantity += quantity
            } else {
                out.append((line, key, quantity))
            }
        }
        for m in try tx.movements(of: d.id) {
            func key(_ side: StockSide) -> StockKey {
                StockKey(
                    part: m.part, place: side.place, status: side.status, owner: m.owner, batch: m.batch,
                    serial: m.serial)
            }
            if m.to.place == place { add(m.line, key(m.to), m.quantity) }
            if m.from.place == place { add(m.line, key(m.from), -m.quantity) }
        }
        return out.filter { $0.quantity > 0 }
    }

    /// Rows of stock that belong to a line of a document, and how much of each is left.
    typealias Outstanding = [(line: Int, key: StockKey, quantity: Int64)]

    /// Takes from what is outstanding of a line.
    /// - Throws: 409 `stock.more_than_sent`
    static func draw(
        _ line: Int, _ quantity: Int64, from left: inout Outstanding, to target: PlaceID,
        as status: StockStatus? = nil
    ) throws -> [Demand] {
        var demands: [Demand] = []
        var open = quantity
        for i in left.indices where left[i].line == line && open > 0 && left[i].quantity > 0 {
            let part = min(open, left[i].quantity)
            left[i].quantity -= part
            open -= part
            let key = left[i].key
            demands.append(
                Demand(
                    line: line, part: key.part, quantity: part, serial: key.serial, batch: key.batch,
                    owner: key.owner, from: StockSide(key.place, key.status),
                    to: StockSide(target, status ?? key.status), takesExpired: true))
        }
        guard open == 0 else { throw Failure.conflict("stock.more_than_sent", ["line": String(line)]) }
        return demands
    }

    private static func quantity(of line: Int, _ rows: Outstanding) -> Int64 {
        rows.filter { $0.line == line }.reduce(0) { $0 + $1.quantity }
    }

    /// What was sent arrives, or is given up as lost. A loss above the approval limit, all of the document's
    /// together, stays in transit until a service manager agrees.
    /// - Throws: 409 `stock.nothing_under_way`, `stock.more_than_sent`
    public static func arrive(_ document: StockDocument, _ input: ArrivalInput, _ tx: Transaction) throws
        -> StockDocument
    {
        let places = try places(of: document, tx)
        guard mayReceive(document, places, tx.actor),
            let here = document.toPlace.flatMap({ places[$0] }) ?? places[document.place]
        else { throw Failure.forbidden() }
        guard document.goesThroughTransit, document.state == .posted, document.reversedBy == nil,
            document.reversalOf == nil
        else {
            throw document.isPending || document.state == .withdrawn
                ? Failure.conflict("stock.wrong_state", ["number": document.number])
                : Failure.conflict("stock.nothing_under_way", ["number": document.number])
        }
        var d = document
        var left = try outstanding(d, at: StockPlace.transit, tx)
        let wanted =
            input.lines.isEmpty
            ? d.lines.map { ($0.number, quantity(of: $0.number, left) - $0.missing, 0 as Int64) }
            : input.lines.map { ($0.line, $0.received, $0.writtenOff) }
        if wanted.contains(where: { $0.2 > 0 }), input.reason == nil {
            throw Failure.invalid("reason", "field.required")
        }
        var demands: [Demand] = []
        var lost: [(index: Int, quantity: Int64)] = []
        for (line, received, gone) in wanted {
            guard let i = d.lines.firstIndex(where: { $0.number == line }) else {
                throw Failure.invalid("lines", "stock.no_such_line", ["line": String(line)])
            }
            demands += try draw(line, received, from: &left, to: document.toPlace ?? StockPlace.customer)
            d.lines[i].received += received
            // What turns up is missing no more.
            d.lines[i].missing = min(d.lines[i].missing, quantity(of: line, left))
            if gone > 0 { lost.append((i, gone)) }
        }
        guard !demands.isEmpty || !lost.isEmpty else {
            throw Failure.conflict("stock.nothing_under_way", ["number": d.number])
        }
        if !lost.isEmpty {
            let losses = try lose(lost, &d, &left, reason: input.reason ?? "", at: here, tx)
            demands += losses
        }
        if d.lines.allSatisfy({ $0.missing == 0 }) { d.missing = nil }
        if !demands.isEmpty { try follow(&d, demands, at: here, tx) }
        if left.allSatisfy({ $0.quantity == 0 }) { d.state = .received }
        try tx.settle(d.lines, of: d.id)
        try tx.update(&d)
        if !demands.isEmpty { try record("stock.arrived", d, reason: input.reason, tx) }
        if d.missing != nil, !lost.isEmpty { try record("stock.loss_reported", d, reason: input.reason, tx) }
        return d
    }

    /// What is to be posted for a loss; nothing where it is reported and waits for a second person.
    private static func lose(
        _ lost: [(index: Int, quantity: Int64)], _ d: inout StockDocument, _ left: inout Outstanding,
        reason: String, at here: StockPlace, _ tx: Transaction
    ) throws -> [Demand] {
        var rest = left
        var losses: [Demand] = []
        var all: [Demand] = []
        for i in d.lines.indices {
            let line = d.lines[i].number
            let gone = lost.filter { $0.index == i }.reduce(0) { $0 + $1.quantity }
            let own = try draw(line, gone, from: &rest, to: StockPlace.loss)
            losses += own
            var missing = rest
            all += try own + draw(line, d.lines[i].missing, from: &missing, to: StockPlace.loss)
        }
        let before = try tx.int(
            """
            select coalesce(sum(m.value_minor), 0) from stock_movement m
            where m.document_id = \(d.id) and m.from_place = \(StockPlace.transit)
              and m.to_place = \(StockPlace.loss)
            """)
        var books = d
        books.postedOn = today(here.zone, tx)
        books.ticket = nil
        let worth = try Ledger.value(of: all, in: books, today: nil, tx)
        let alone = try tx.actor.id.map { try tx.alone($0, until: tx.now, except: d) } ?? []
        if try before + worth + alone.reduce(0, { $0 + $1.valueMinor }) > approvalLimit(tx) {
            for (i, quantity) in lost { d.lines[i].missing += quantity }
            d.missing = StockDocument.Missing(by: tx.actor.id, reason: reason)
            return []
        }
        try tx.postedAlone(d, worth)
        for (i, quantity) in lost { d.lines[i].writtenOff += quantity }
        left = rest
        return losses
    }

    /// A service manager agrees that what is missing is lost; never whoever reported it.
    static func approveLoss(_ document: StockDocument, _ tx: Transaction) throws -> StockDocument {
        guard document.waitsForLoss, let missing = document.missing else { throw wrongState(document) }
        if let id = tx.actor.id, missing.by == id { throw Failure.forbidden("stock.own_approval") }
        let places = try places(of: document, tx)
        guard let here = document.toPlace.flatMap({ places[$0] }) ?? places[document.place] else {
            throw Failure(.internal, "stock.broken")
        }
        var d = document
        var left = try outstanding(d, at: StockPlace.transit, tx)
        var demands: [Demand] = []
        for i in d.lines.indices {
            demands += try draw(d.lines[i].number, d.lines[i].missing, from: &left, to: StockPlace.loss)
            d.lines[i].writtenOff += d.lines[i].missing
            d.lines[i].missing = 0
        }
        d.missing = nil
        try follow(&d, demands, at: here, tx)
        if left.allSatisfy({ $0.quantity == 0 }) { d.state = .received }
        try tx.settle(d.lines, of: d.id)
        try tx.update(&d)
        try record("stock.loss_approved", d, reason: missing.reason, about: missing.by, tx)
        // Whoever waits for the rest hears that nothing more comes.
        if d.state == .received { try record("stock.arrived", d, reason: missing.reason, tx) }
        return d
    }

    /// What was reported as missing is under way again: somebody looks for it once more.
    static func rejectLoss(_ document: StockDocument, reason: String, _ tx: Transaction) throws
        -> StockDocument
    {
        guard document.waitsForLoss else { throw wrongState(document) }
        var d = document
        for i in d.lines.indices { d.lines[i].missing = 0 }
        d.missing = nil
        try tx.settle(d.lines, of: d.id)
        try tx.update(&d)
        try record("stock.loss_rejected", d, reason: reason, about: document.missing?.by, tx)
        return d
    }

    /// What was lent comes back, in whatever condition.
    public static func takeBack(_ document: StockDocument, _ input: LoanReturnInput, _ tx: Transaction) throws
        -> StockDocument
    {
        guard let here = try tx.place(document.place), StockAccess.keeps(here, tx.actor) else {
            throw Failure.forbidden()
        }
        guard document.kind == .loan, document.state == .posted, document.reversedBy == nil,
            document.reversalOf == nil
        else { throw wrongState(document) }
        var d = document
        var left = try outstanding(d, at: StockPlace.loan, tx)
        let wanted =
            input.lines.isEmpty
            ? d.lines.map { ($0.number, quantity(of: $0.number, left), StockStatus.usable) }
            : input.lines.map { ($0.line, $0.quantity, $0.status ?? .usable) }
        var demands: [Demand] = []
        for (line, quantity, status) in wanted where quantity > 0 {
            guard let at = d.lines.firstIndex(where: { $0.number == line }) else {
                throw Failure.invalid("lines", "stock.no_such_line", ["line": String(line)])
            }
            demands += try draw(line, quantity, from: &left, to: here.id, as: status)
            d.lines[at].returned += quantity
        }
        guard !demands.isEmpty else {
            throw Failure.conflict("stock.nothing_under_way", ["number": d.number])
        }
        try follow(&d, demands, at: here, tx)
        if left.allSatisfy({ $0.quantity == 0 }) { d.state = .received }
        try tx.settle(d.lines, of: d.id)
        try tx.update(&d)
        try record("stock.returned", d, tx)
        return d
    }

    /// Posts what follows a document today, under the same document; its own figures stay.
    static func follow(
        _ d: inout StockDocument, _ demands: [Demand], at place: StockPlace, check: String? = nil,
        _ tx: Transaction
    ) throws {
        var follower = d
        follower.postedOn = today(place.zone, tx)
        // A ticket's reservations are for what leaves the store, not for what is on its way.
        follower.ticket = nil
        _ = try Ledger.post(demands, of: &follower, check: check, tx)
        tx.signal(Signal(Subject("stock", place.id)))
    }
}

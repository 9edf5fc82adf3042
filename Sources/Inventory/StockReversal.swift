import Base
import Store

// What may still happen to a posted document: arrival, return, reversal.
extension Inventory {
    /// Draws up the exact negative of a posted document and submits it.
    /// - Returns: the reversal
    @discardableResult
    public static func reverse(_ document: StockDocument, reason: String, _ tx: Transaction) throws
        -> StockDocument
    {
        var scope = try scope(document, tx)
        try requireReverser(document, tx)
        try requireReversible(document)
        var old = document
        var made = document
        made.id = tx.makeID()
        scope.today = today(scope.place.zone, tx)
        made.number = try tx.nextStockNumber(
            document.kind.letters, year: CivilDate.date(dayNumber: scope.today).year)
        made.state = .draft
        made.reversalOf = document.id
        made.reversedBy = nil
        made.reason = reason
        (made.postedOn, made.posting) = (nil, nil)
        (made.createdBy, made.createdAt) = (tx.actor.id, tx.now)
        (made.approvedBy, made.approvedAt) = (nil, nil)
        made.version = 1
        for i in made.lines.indices {
            made.lines[i].rma = nil
            (made.lines[i].received, made.lines[i].writtenOff, made.lines[i].returned) = (0, 0, 0)
        }
        let done = try submit(made, isNew: true, scope, tx)
        // One that waits for approval already stands in the way of another; a posted one has marked it.
        if done.state != .posted {
            old.reversedBy = made.id
            try tx.update(&old)
        }
        return done
    }

    /// Whoever answers for the place from which it went; for what has arrived elsewhere, there too.
    static func requireReverser(_ d: StockDocument, _ tx: Transaction) throws {
        var places = [d.place]
        if d.goesThroughTransit, let target = d.toPlace, d.lines.contains(where: { $0.received > 0 }) {
            places.append(target)
        }
        for id in places {
            guard let place = try tx.place(id), StockAccess.keeps(place, tx.actor) else {
                throw Failure.forbidden()
            }
        }
    }

    static func requireReversible(_ d: StockDocument) throws {
        guard d.reversedBy == nil, d.state != .reversed else {
            throw Failure.conflict("stock.already_reversed", ["number": d.number])
        }
        guard d.state == .posted || d.state == .received else { throw wrongState(d) }
        guard d.reversalOf == nil else { throw Failure.conflict("stock.is_reversal") }
    }

    /// Who takes in what arrives or comes back: whoever answers for the place where it does.
    static func requireReceiver(_ d: StockDocument, _ tx: Transaction) throws {
        let target = try d.goesThroughTransit ? d.toPlace.flatMap { try tx.place($0) } : nil
        guard let here = try target ?? tx.place(d.place), StockAccess.keeps(here, tx.actor) else {
            throw Failure.forbidden()
        }
    }

    /// What is still under way of a document: rows in transit or lent, by line.
    static func outstanding(_ d: StockDocument, at place: PlaceID, _ tx: Transaction) throws -> [(
        line: Int, key: StockKey, quantity: Int64
    )] {
        var out: [(line: Int, key: StockKey, quantity: Int64)] = []
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

    /// What was sent arrives, or is given up as lost on the way.
    /// - Throws: 409 `stock.nothing_under_way`, `stock.more_than_sent`
    public static func arrive(_ document: StockDocument, _ input: ArrivalInput, _ tx: Transaction) throws
        -> StockDocument
    {
        let target = try document.toPlace.flatMap { try tx.place($0) }
        guard let here = try target ?? tx.place(document.place), StockAccess.keeps(here, tx.actor) else {
            throw Failure.forbidden()
        }
        guard document.goesThroughTransit, document.state == .posted, document.reversedBy == nil,
            document.reversalOf == nil
        else {
            throw document.state == .draft || document.state == .submitted || document.state == .approved
                ? Failure.conflict("stock.wrong_state", ["number": document.number])
                : Failure.conflict("stock.nothing_under_way", ["number": document.number])
        }
        var d = document
        var left = try outstanding(d, at: StockPlace.transit, tx)
        let wanted =
            input.lines.isEmpty
            ? d.lines.map { ($0.number, quantity(of: $0.number, left), 0 as Int64) }
            : input.lines.map { ($0.line, $0.received, $0.writtenOff) }
        if wanted.contains(where: { $0.2 > 0 }), input.reason == nil {
            throw Failure.invalid("reason", "field.required")
        }
        var demands: [Demand] = []
        func draw(_ line: Int, _ quantity: Int64, to place: PlaceID) throws {
            var open = quantity
            for i in left.indices where left[i].line == line && open > 0 {
                let part = min(open, left[i].quantity)
                if part == 0 { continue }
                left[i].quantity -= part
                open -= part
                let key = left[i].key
                demands.append(
                    Demand(
                        line: line, part: key.part, quantity: part, serial: key.serial, batch: key.batch,
                        owner: key.owner, from: StockSide(key.place, key.status),
                        to: StockSide(place, key.status), takesExpired: true))
            }
            guard open == 0 else {
                throw Failure.conflict("stock.more_than_sent", ["line": String(line)])
            }
        }
        for (line, received, lost) in wanted {
            guard let i = d.lines.firstIndex(where: { $0.number == line }) else {
                throw Failure.invalid("lines", "stock.no_such_line", ["line": String(line)])
            }
            try draw(line, received, to: target?.id ?? StockPlace.customer)
            try draw(line, lost, to: StockPlace.loss)
            d.lines[i].received += received
            d.lines[i].writtenOff += lost
        }
        guard !demands.isEmpty else {
            throw Failure.conflict("stock.nothing_under_way", ["number": d.number])
        }
        try follow(&d, demands, at: here, tx)
        if left.allSatisfy({ $0.quantity == 0 }) { d.state = .received }
        try tx.settle(d.lines, of: d.id)
        try tx.update(&d)
        try record("stock.arrived", d, reason: input.reason, tx)
        return d
    }

    private static func quantity(
        of line: Int, _ rows: [(line: Int, key: StockKey, quantity: Int64)]
    ) -> Int64 { rows.filter { $0.line == line }.reduce(0) { $0 + $1.quantity } }

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
                        to: StockSide(here.id, status), takesExpired: true))
            }
            guard open == 0 else { throw Failure.conflict("stock.more_than_sent", ["line": String(line)]) }
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
    private static func follow(
        _ d: inout StockDocument, _ demands: [Demand], at place: StockPlace, _ tx: Transaction
    ) throws {
        var follower = d
        follower.postedOn = today(place.zone, tx)
        // A ticket's reservations are for what leaves the store, not for what is on its way.
        follower.ticket = nil
        _ = try Ledger.post(demands, of: &follower, tx)
        tx.signal(Signal(Subject("stock", place.id)))
    }
}

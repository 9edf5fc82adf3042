import Base
import Store

// Taking a posted document back, and giving up one that is not posted yet.
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
        made.missing = nil
        for i in made.lines.indices {
            made.lines[i].rma = nil
            (made.lines[i].received, made.lines[i].writtenOff, made.lines[i].returned) = (0, 0, 0)
            made.lines[i].missing = 0
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
    static func mayReverse(_ d: StockDocument, _ places: [PlaceID: StockPlace], _ actor: Actor) -> Bool {
        var all = [d.place]
        if d.goesThroughTransit, let target = d.toPlace, d.lines.contains(where: { $0.received > 0 }) {
            all.append(target)
        }
        return all.allSatisfy { StockAccess.keeps($0, in: places, actor) }
    }

    static func requireReverser(_ d: StockDocument, _ tx: Transaction) throws {
        guard try mayReverse(d, places(of: d, tx), tx.actor) else { throw Failure.forbidden() }
    }

    /// Where a document moves from and to.
    static func places(of d: StockDocument, _ tx: Transaction) throws -> [PlaceID: StockPlace] {
        try tx.places([d.place] + [d.toPlace].compactMap { $0 })
    }

    static func requireReversible(_ d: StockDocument) throws {
        guard d.reversedBy == nil, d.state != .reversed else {
            throw Failure.conflict("stock.already_reversed", ["number": d.number])
        }
        guard d.state == .posted || d.state == .received else { throw wrongState(d) }
        guard d.reversalOf == nil else { throw Failure.conflict("stock.is_reversal") }
        // Approved by value, and by others: it is put right by another check.
        guard d.kind != .countDifference else { throw Failure.conflict("stock.count_again") }
    }

    /// Gives up a document that is not posted yet; of a reversal, the document stands as it did.
    public static func withdraw(_ document: StockDocument, _ tx: Transaction) throws -> StockDocument {
        try requireWithdrawer(document, tx)
        guard document.isPending else { throw wrongState(document) }
        return try giveUp(document, reason: nil, tx)
    }

    private static func giveUp(_ document: StockDocument, reason: String?, _ tx: Transaction) throws
        -> StockDocument
    {
        var d = document
        d.state = .withdrawn
        try tx.update(&d)
        try record("stock.withdrawn", d, reason: reason, tx)
        if let id = d.reversalOf, var original = try tx.stockDocument(id.text), original.reversedBy == d.id {
            original.reversedBy = nil
            try tx.update(&original)
        }
        return d
    }

    /// A ticket has ended: what is kept for it is free again, and what was asked for it is given up. What comes
    /// back is taken in all the same.
    public static func giveUpAll(of ticket: TicketID, _ tx: Transaction) throws {
        let open = try tx.reservations(
            "r.ticket_id = \(ticket) and r.state in ('active', 'waiting')", order: "r.id")
        for r in open { _ = try release(r, tx) }
        let asked = try tx.stockDocuments(
            """
            d.ticket_id = \(ticket) and d.state in ('draft', 'submitted', 'approved')
              and d.kind <> 'return' and d.reversal_of is null
            """, after: nil, limit: 1000)
        for found in asked {
            guard let d = try tx.stockDocument(found.id.text) else { continue }
            _ = try giveUp(d, reason: d.ticket?.number, tx)
        }
    }

    /// Whoever asked for it; what doesn't wait for somebody also those who answer for the place.
    static func mayWithdraw(_ d: StockDocument, _ places: [PlaceID: StockPlace], _ actor: Actor) -> Bool {
        if let id = actor.id, d.createdBy == id { return true }
        return ![.submitted, .approved].contains(d.state) && StockAccess.keeps(d.place, in: places, actor)
    }

    static func requireWithdrawer(_ d: StockDocument, _ tx: Transaction) throws {
        guard try mayWithdraw(d, places(of: d, tx), tx.actor) else { throw Failure.forbidden() }
    }
}

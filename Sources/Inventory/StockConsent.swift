import Base
import Store

// Who posts what alone, and whose consent it needs.
extension Inventory {
    /// Below the limit; what leaves an engineer's own box, and what quality lets go, at any value.
    static func mayPostAtOnce(_ d: StockDocument, _ scope: Scope, _ tx: Transaction) throws -> Bool {
        let actor = tx.actor
        guard StockAccess.keeps(scope.place, actor) || concernsQuarantine(d) && actor.has(.quality) else {
            return false
        }
        guard mayPostAlone(d, scope.place, actor) else { return false }
        if leavesOwnBox(d, scope.place, actor) { return true }
        return try !needsApproval(d, scope, tx)
    }

    /// Whether nobody else has to agree, whatever it is worth: not where stock comes out of nothing into the
    /// own box, nor where it leaves quarantine without quality.
    static func mayPostAlone(_ d: StockDocument, _ place: StockPlace, _ actor: Actor) -> Bool {
        if leavesQuarantine(d) { return StockAccess.decidesQuarantine(actor) }
        return !makesStock(d) || StockAccess.keepsStock(place, actor) || !StockAccess.isOwnBox(place, actor)
    }

    /// An engineer takes from the own box at any value. Whoever keeps all boxes could give themselves one.
    static func leavesOwnBox(_ d: StockDocument, _ place: StockPlace, _ actor: Actor) -> Bool {
        StockAccess.isOwnBox(place, actor) && !StockAccess.keepsAll(actor)
            && ![.receipt, .return, .adjustment].contains(d.kind)
    }

    /// Whether a document makes sound stock of what was none.
    private static func makesStock(_ d: StockDocument) -> Bool {
        guard d.reversalOf == nil else { return false }
        return d.lines.contains { line in
            switch d.kind {
            case .receipt: true
            case .adjustment: line.direction == .in
            case .return: line.status.pool == .sound
            case .statusChange: line.status.pool == .worn && line.toStatus.pool == .sound
            default: false
            }
        }
    }

    private static func concernsQuarantine(_ d: StockDocument) -> Bool {
        d.kind == .statusChange
            && d.lines.allSatisfy { $0.status == .quarantine || $0.toStatus == .quarantine }
    }

    /// Whether a document changes the status of what is held back; the reversal of one that held it back does.
    static func leavesQuarantine(_ d: StockDocument) -> Bool {
        d.kind == .statusChange
            && d.lines.contains { (d.reversalOf == nil ? $0.status : $0.toStatus) == .quarantine }
    }

    /// The same on row `d`.
    static let isLeavingQuarantine: SQL = """
        (d.kind = 'status_change' and exists (select 1 from stock_line q where q.document_id = d.id
          and (case when d.reversal_of is null then q.status else q.to_status end) = 'quarantine'))
        """

    /// Whose consent a document waits for, by role; nobody's to their own.
    static func mayApprove(_ d: StockDocument, _ actor: Actor) -> Bool {
        if leavesQuarantine(d) { return StockAccess.decidesQuarantine(actor) }
        return actor.has(.serviceManager) || StockAccess.isJob(actor)
    }
}

import Base
import People
import Store

// Who posts what alone, and whose consent it needs.
extension Inventory {
    /// Below the limit; what goes out of an engineer's own box, and what quality lets go, at any value.
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

    /// An engineer takes from the own box for a ticket, or to another place of the house, at any value. Whoever
    /// keeps all boxes could give themselves one.
    static func leavesOwnBox(_ d: StockDocument, _ place: StockPlace, _ actor: Actor) -> Bool {
        guard StockAccess.isOwnBox(place, actor), !StockAccess.keepsAll(actor) else { return false }
        switch d.kind {
        case .issue: return d.ticket != nil
        case .shipment: return d.ticket != nil || d.toPlace != nil
        case .receipt, .return: return false
        default: return !changesWorth(d)
        }
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

    // MARK: The limit

    /// How long what somebody posted alone is held against the limit, by the clock: no earlier accounting day,
    /// no midnight and no other time zone opens it anew. A house asks for it in its settings; nothing where it
    /// doesn't.
    static func aloneSpan(_ tx: Transaction) throws -> Span { .hours(try amount(.stockAloneHours, tx)) }

    /// Whether a document alone makes value or ends it. A receipt doesn't: a supplier's paper stands behind
    /// each, and a day has many.
    static func changesWorth(_ d: StockDocument) -> Bool {
        switch d.kind {
        case .scrapping, .adjustment: true
        case .return: d.lines.contains { $0.status.pool == .sound }
        case .statusChange: d.lines.contains { $0.status.pool != $0.toStatus.pool }
        default: false
        }
    }

    /// Whether a service manager has to agree: above the limit, with all that the same person has posted
    /// alone.
    static func needsApproval(_ d: StockDocument, _ scope: Scope, _ tx: Transaction) throws -> Bool {
        if d.kind == .countDifference { return false }
        return try worth(d, scope, tx) + max(d.aloneMinor ?? 0, alone(d, tx)) > approvalLimit(tx)
    }

    /// What the actor has posted alone, where it is held against a document.
    static func alone(_ d: StockDocument, _ tx: Transaction) throws -> Int64 {
        guard changesWorth(d), let actor = tx.actor.id else { return 0 }
        return try tx.alone(actor, until: tx.now, except: d).reduce(0) { $0 + $1.valueMinor }
    }

    /// Why a document that is asked for can't be posted: for itself, or for what its poster did before it.
    static func wantsApproval(_ d: StockDocument, _ scope: Scope, _ tx: Transaction) throws -> Failure {
        guard let actor = tx.actor.id, changesWorth(d), try worth(d, scope, tx) <= approvalLimit(tx) else {
            return Failure.conflict("stock.needs_approval", ["number": d.number])
        }
        let posted = try tx.alone(actor, until: tx.now, except: d)
        let before = try posted.isEmpty ? together(with: d, tx) : posted
        return Failure.conflict(
            "stock.needs_approval_together", ["number": d.number, "others": numbers(before)])
    }

    /// What was posted alone before a document was submitted by the same person, and waits with it.
    static func together(with d: StockDocument, _ tx: Transaction) throws -> [PostedAlone] {
        guard d.aloneMinor != nil, let who = d.submittedBy, let at = d.submittedAt else { return [] }
        return try tx.alone(who, until: at, except: d)
    }

    static func numbers(_ posted: [PostedAlone]) -> String {
        posted.prefix(5).map(\.number).joined(separator: ", ") + (posted.count > 5 ? ", …" : "")
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

/// What somebody posted without anybody's consent.
struct PostedAlone: Sendable {
    var number: String
    var valueMinor: Int64
}

extension Transaction {
    /// What a person posted alone in the time before, the newest first; what was reversed is undone.
    /// - Parameter document: it, and what it reverses, is left out
    func alone(_ account: AccountID, until: Instant, except document: StockDocument) throws -> [PostedAlone] {
        try rows(
            """
            select d.number, a.value_minor from stock_alone a join stock_document d on d.id = a.document_id
            where a.account_id = \(account) and a.at > \(until - Inventory.aloneSpan(self)) and a.at <= \(until)
              and d.state <> 'reversed' and a.document_id <> \(document.id)
              and a.document_id <> \(document.reversalOf?.text ?? "")
            order by a.at desc, a.document_id desc
            """
        ) { PostedAlone(number: $0.text(), valueMinor: $0.int()) }
    }

    /// Writes down what the actor posts alone. Whoever takes back their own does nothing new.
    func postedAlone(_ document: StockDocument, _ valueMinor: Int64) throws {
        guard let actor = actor.id, valueMinor > 0 else { return }
        try run(
            """
            insert into stock_alone (account_id, at, document_id, value_minor)
            select \(actor), \(now), \(document.id), \(valueMinor)
            where not exists (select 1 from stock_alone a where a.account_id = \(actor)
              and a.at > \(now - Inventory.aloneSpan(self)) and a.document_id = \(document.reversalOf?.text ?? ""))
            on conflict (account_id, at, document_id)
              do update set value_minor = stock_alone.value_minor + excluded.value_minor
            """)
    }
}

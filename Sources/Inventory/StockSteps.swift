import Base
import People
import Store

// The steps of a document's life.
extension Inventory {
    static func wrongState(_ d: StockDocument) -> Failure {
        switch d.state {
        case .posted, .received: Failure.conflict("stock.already_posted", ["number": d.number])
        case .reversed: Failure.conflict("stock.already_reversed", ["number": d.number])
        default: Failure.conflict("stock.wrong_state", ["number": d.number])
        }
    }

    /// - Parameter person: whom it is about, where the document names them no more
    static func record(
        _ kind: String, _ d: StockDocument, reason: String? = nil, about person: AccountID? = nil,
        _ tx: Transaction
    ) throws {
        try tx.record(
            Fact(
                kind, Subject("stock_document", d.id),
                data: .make([
                    "number": .string(d.number), "state": .string(d.state.rawValue),
                    "posting": .of(d.posting),
                    "lines": .int(Int64(d.lines.count)),
                    "value_minor": .of(d.valueMinor), "reason": .of(reason), "person": .of(person?.text),
                ])))
    }

    /// Submits a draft: below the limit, and by whoever answers for the place, that posts it.
    public static func submit(_ document: StockDocument, _ tx: Transaction) throws -> StockDocument {
        try requireDrawer(document, tx)
        guard document.state == .draft else { throw wrongState(document) }
        return try submit(document, isNew: false, scope(document, tx), tx)
    }

    static func submit(_ document: StockDocument, isNew: Bool, _ scope: Scope, _ tx: Transaction) throws
        -> StockDocument
    {
        try requireComplete(document, tx)
        var d = document
        d.submittedBy = tx.actor.id
        d.submittedAt = tx.now
        let posts = try mayPostAtOnce(d, scope, tx)
        if posts { return try post(d, isNew: isNew, scope, tx) }
        d.state = .submitted
        let before = try alone(d, tx)
        d.aloneMinor = before > 0 ? before : nil
        d.valueMinor = try worth(d, scope, tx)
        if isNew { try tx.insert(d) } else { try tx.update(&d) }
        try record("stock.submitted", d, tx)
        return d
    }

    /// What posting would move now, at the very values that the ledger would give it; what comes in cheaper
    /// than its like counts as dear as they are. Where it could not be posted as things stand, an estimate;
    /// the posting then says why it can't.
    static func worth(_ d: StockDocument, _ scope: Scope, _ tx: Transaction) throws -> Int64 {
        if d.reversalOf != nil { return d.valueMinor ?? 0 }
        var posted = d
        posted.postedOn = d.postedOn ?? scope.today
        do {
            return try Ledger.weight(of: demands(of: d, scope, tx), in: posted, today: scope.today, tx)
        } catch let refused as Failure where refused.kind == .conflict && refused.code != "stock.too_large" {
            return try estimate(d, tx)
        }
    }

    /// The same for a reader: nil where it can't be said, as for a part that is gone.
    static func worthNow(_ d: StockDocument, _ tx: Transaction) throws -> Int64? {
        do {
            return try worth(d, scope(d, tx), tx)
        } catch let refused as Failure where refused.kind == .conflict || refused.kind == .invalid {
            return nil
        }
    }

    private static func estimate(_ d: StockDocument, _ tx: Transaction) throws -> Int64 {
        var pools: [PartID: [CostPool.Name: [CostPool.Layer]]] = [:]
        var prices: [PartID: Int64] = [:]
        for l in try tx.layers(Set(d.lines.map(\.part)).sorted()) {
            prices[l.part] = l.price
            if let layer = l.layer { pools[l.part, default: [:]][l.pool, default: []].append(layer) }
        }
        var sum: Int64 = 0
        for line in d.lines where line.owner.isEmpty {
            let pool = CostPool(.movingAverage, pools[line.part]?[line.status.pool] ?? [])
            let named = entersFromOutside(d.kind, line) ? line.unitCostMinor ?? 0 : 0
            let unit = max(named, pool.value > 0 ? pool.estimate(1) : prices[line.part] ?? 0)
            let value = unit.multipliedReportingOverflow(by: line.quantity)
            let next = sum.addingReportingOverflow(value.partialValue)
            if value.overflow || next.overflow { throw Failure.conflict("stock.too_large") }
            sum = next.partialValue
        }
        return sum
    }

    /// A service manager agrees to what is above the limit, quality to what leaves quarantine; never to their
    /// own.
    public static func approve(_ document: StockDocument, _ tx: Transaction) throws -> StockDocument {
        guard mayApprove(document, tx.actor) else { throw Failure.forbidden() }
        if document.waitsForLoss { return try approveLoss(document, tx) }
        guard document.state == .submitted else { throw wrongState(document) }
        if let id = tx.actor.id, [document.submittedBy, document.createdBy].contains(id) {
            throw Failure.forbidden("stock.own_approval")
        }
        var d = document
        d.state = .approved
        d.approvedBy = tx.actor.id
        d.approvedAt = tx.now
        try tx.update(&d)
        try record("stock.approved", d, tx)
        return d
    }

    /// Gives a submitted or approved document back to whoever drew it up.
    public static func reject(_ document: StockDocument, reason: String, _ tx: Transaction) throws
        -> StockDocument
    {
        try requireRejecter(document, tx)
        if document.waitsForLoss { return try rejectLoss(document, reason: reason, tx) }
        guard document.state == .submitted || document.state == .approved else {
            throw wrongState(document)
        }
        var d = document
        d.state = .draft
        (d.submittedBy, d.submittedAt, d.approvedBy, d.approvedAt) = (nil, nil, nil, nil)
        d.aloneMinor = nil
        try tx.update(&d)
        try record("stock.rejected", d, reason: reason, about: document.submittedBy, tx)
        return d
    }

    static func mayReject(_ d: StockDocument, _ places: [PlaceID: StockPlace], _ actor: Actor) -> Bool {
        if actor.has(.serviceManager) || mayApprove(d, actor) { return true }
        if d.waitsForLoss { return mayReceive(d, places, actor) }
        return StockAccess.keeps(d.place, in: places, actor)
    }

    static func requireRejecter(_ d: StockDocument, _ tx: Transaction) throws {
        guard try mayReject(d, places(of: d, tx), tx.actor) else { throw Failure.forbidden() }
    }

    /// Posts what was asked for or approved.
    public static func post(_ document: StockDocument, _ tx: Transaction) throws -> StockDocument {
        guard let place = try tx.place(document.place), StockAccess.keeps(place, tx.actor) else {
            throw Failure.forbidden()
        }
        guard document.state == .submitted || document.state == .approved else {
            throw wrongState(document)
        }
        if document.state == .submitted {
            guard mayPostAlone(document, place, tx.actor) else {
                throw leavesQuarantine(document)
                    ? Failure.conflict("stock.needs_quality", ["number": document.number])
                    : Failure.forbidden("stock.needs_keeper")
            }
            if !leavesOwnBox(document, place, tx.actor) {
                let scope = try scope(document, tx)
                if try needsApproval(document, scope, tx) { throw try wantsApproval(document, scope, tx) }
            }
        }
        return try post(document, isNew: false, scope(document, tx), tx)
    }

    /// Moves what a document says, and keeps the document posted.
    static func post(
        _ document: StockDocument, isNew: Bool, _ scope: Scope, check: String? = nil, _ tx: Transaction
    ) throws -> StockDocument {
        var d = document
        d.postedOn = d.postedOn ?? scope.today
        d.postedBy = tx.actor.id
        d.postedAt = tx.now
        d.state = .posted
        let demands = try demands(of: d, scope, tx)
        try keepBatches(d, scope, tx)
        let done = try Ledger.post(demands, of: &d, today: scope.today, check: check, tx)
        for i in d.lines.indices {
            let own = done.movements.filter { $0.line == d.lines[i].number }
            d.lines[i].valueMinor = own.reduce(0) { $0 &+ $1.valueMinor }
        }
        if isNew { try tx.insert(d) } else { try tx.update(&d) }
        if d.approvedBy == nil, changesWorth(d) { try tx.postedAlone(d, done.weight) }
        try record("stock.posted", d, tx)
        if let original = d.reversalOf, var old = try tx.stockDocument(original.text) {
            old.state = .reversed
            old.reversedBy = d.id
            old.missing = nil
            try tx.update(&old)
            try record("stock.reversed", old, tx)
        }
        tx.signal(Signal(Subject("stock", d.place)))
        return d
    }

    /// Knows the batches that come in; a batch has one day on which it expires.
    private static func keepBatches(_ d: StockDocument, _ scope: Scope, _ tx: Transaction) throws {
        guard d.reversalOf == nil else { return }
        let entering = d.lines.filter { !$0.batch.isEmpty && entersFromOutside(d.kind, $0) }
        guard !entering.isEmpty else { return }
        var known: [String: StockBatch] = [:]
        for b in try tx.batches(Set(entering.map(\.part)).sorted()) {
            known[b.part.text + "\u{0}" + b.batch] = b
        }
        for line in entering {
            let key = line.part.text + "\u{0}" + line.batch
            if let old = known[key] {
                guard line.expiresOn == nil || old.expiresOn == line.expiresOn else {
                    throw Failure.conflict("stock.batch_expiry", ["batch": line.batch])
                }
            } else {
                let made = StockBatch(part: line.part, batch: line.batch, expiresOn: line.expiresOn)
                try tx.insert(made)
                known[key] = made
            }
        }
    }

    // MARK: What a document moves

    private static func demands(of d: StockDocument, _ scope: Scope, _ tx: Transaction) throws -> [Demand] {
        if let original = d.reversalOf { return try reversed(original, tx) }
        if d.kind == .kit || d.kind == .unkit { return try kitDemands(d, tx) }
        return d.lines.map { line in
            let here = StockSide(d.place, line.status)
            func demand(
                _ from: StockSide, _ to: StockSide, _ cost: Demand.Cost = .share, expired: Bool = false
            )
                -> Demand
            {
                let isKnown = StockPlace.isHeld(from.place)
                return Demand(
                    line: line.number, part: line.part, quantity: line.quantity, serial: line.serial,
                    batch: isKnown && line.batch.isEmpty ? nil : line.batch, owner: line.owner, from: from,
                    to: to, cost: cost, takesExpired: expired)
            }
            let given = line.unitCostMinor.map { Demand.Cost.unit($0) } ?? .share
            func outside(_ place: PlaceID) -> StockSide { StockSide(place, line.status) }
            switch d.kind {
            case .receipt:
                let price = scope.parts[line.part]?.priceMinor
                let cost = line.unitCostMinor ?? price ?? 0
                let source = d.source == .production ? StockPlace.production : StockPlace.supplier
                return demand(outside(source), here, .unit(cost))
            case .return: return demand(outside(StockPlace.customer), here, given)
            case .issue: return demand(here, outside(StockPlace.customer))
            case .shipment, .transfer:
                return demand(here, outside(StockPlace.transit), expired: d.kind == .transfer)
            case .loan: return demand(here, outside(StockPlace.loan))
            case .scrapping: return demand(here, outside(StockPlace.scrap), expired: true)
            case .adjustment, .countDifference:
                return line.direction == .in
                    ? demand(outside(StockPlace.gain), here, given)
                    : demand(here, outside(StockPlace.loss), expired: true)
            case .statusChange:
                return demand(here, StockSide(d.place, line.toStatus), expired: true)
            case .kit, .unkit: return demand(here, here)
            }
        }
    }

    /// A kit is made of its components and taken apart into them; it is worth what they are.
    private static func kitDemands(_ d: StockDocument, _ tx: Transaction) throws -> [Demand] {
        var out: [Demand] = []
        let here = StockSide(d.place, .usable)
        let bench = StockSide(StockPlace.production, .usable)
        let kits = try tx.components(Set(d.lines.map(\.part)).sorted())
        let count = d.lines.reduce(0) { $0 + 1 + (kits[$1.part]?.count ?? 0) }
        guard count <= StockBounds.movements else {
            throw Failure.invalid(
                "lines", "stock.too_many_movements", ["most": String(StockBounds.movements)])
        }
        for line in d.lines {
            let components = kits[line.part] ?? []
            guard !components.isEmpty else { throw Failure.conflict("stock.no_kit") }
            let parts = try tx.parts(components.map(\.part))
            guard parts.values.allSatisfy({ $0.tracking == .none }) else {
                throw Failure.conflict("stock.component_tracking")
            }
            let isMade = d.kind == .kit
            var left = 0 as Int64
            let weights = components.map { c in
                max(1, min(1_000_000_000, parts[c.part]?.priceMinor ?? 0)) * min(c.quantity, 1_000_000)
            }
            for weight in weights { left += weight }
            let kit = Demand(
                line: line.number, part: line.part, quantity: line.quantity, batch: "",
                from: isMade ? bench : here, to: isMade ? here : bench, cost: .gathered)
            if !isMade { out.append(kit) }
            for (c, weight) in zip(components, weights) {
                let quantity = c.quantity.multipliedReportingOverflow(by: line.quantity)
                guard !quantity.overflow, quantity.partialValue <= 1_000_000_000_000 else {
                    throw Failure.conflict("stock.too_large")
                }
                out.append(
                    Demand(
                        line: line.number, part: c.part, quantity: quantity.partialValue,
                        batch: isMade ? nil : "", from: isMade ? here : bench, to: isMade ? bench : here,
                        cost: isMade ? .share : .part(weight, of: left)))
                left -= weight
            }
            if isMade { out.append(kit) }
        }
        return out
    }

    /// Every movement back, at exactly its value.
    private static func reversed(_ original: StockDocumentID, _ tx: Transaction) throws -> [Demand] {
        try tx.movements(of: original).reversed().map { m in
            Demand(
                line: m.line, part: m.part, quantity: m.quantity, serial: m.serial, batch: m.batch,
                owner: m.owner, from: m.to, to: m.from, cost: .exact(m.valueMinor), takesExpired: true)
        }
    }
}

import Base
import People
import Store

/// How a ticket takes a part: keeps it for later, or has it issued now.
public enum PartUseMode: String, Sendable, CaseIterable { case reserve, issue }

/// What came of it: a reservation, or an issue that is posted or waits for a keeper.
public struct PartUse: Sendable {
    public var reservation: Reservation?
    public var issue: StockDocument?
}

/// A part that can stand in for another: what succeeds it, and how much of it there is.
public struct Substitute: Sendable {
    public var part: Part
    public var available: Int64
}

extension Inventory {
    /// Uses a part for a ticket, in the ticket's own transaction.
    ///
    /// Without a place it is taken where the ticket has it reserved, else from the actor's own box, else
    /// from the site's own, else from where the site's country has it, else from stock that the actor answers
    /// for, else where there is most of it; a place counts only where it has enough.
    /// - Parameters:
    ///   - ticket: already checked by the caller
    ///   - site: of the ticket
    ///   - mayAsk: the ticket lets the actor ask for parts, whatever stock would say
    /// - Throws: 409 `stock.insufficient`, with the part's successor where it has one; 403 where the actor
    ///   may not ask for parts
    public static func use(
        part: PartID, quantity: Int64, place: PlaceID? = nil, serial: String? = nil, batch: String? = nil,
        mode: PartUseMode, ticket: TicketReference, site: SiteID? = nil,
        until: Instant? = nil, mayAsk: Bool = false, _ tx: Transaction
    ) throws -> PartUse {
        guard StockBounds.quantity.contains(quantity) else {
            throw Failure.invalid(
                "quantity", "field.out_of_range",
                ["min": "1", "max": String(StockBounds.quantity.upperBound)])
        }
        guard let known = try tx.parts([part])[part] else {
            throw Failure.invalid("part_id", "field.no_such")
        }
        do {
            return try take(
                part, quantity, place, serial: serial, batch: batch, mode, ticket, site: site,
                until: until, mayAsk: mayAsk, tx)
        } catch var failure as Failure where failure.code == "stock.insufficient" {
            let others = try substitutes(known, tx).filter(\.part.isActive)
            if let other = others.first(where: { $0.available >= quantity }) ?? others.first {
                failure.fields = [
                    FieldFailure(
                        field: "part_id", code: "stock.superseded",
                        arguments: failure.arguments.merging(
                            ["number": other.part.number, "available": String(other.available)]
                        ) { _, new in new })
                ]
            }
            throw failure
        }
    }

    private static func take(
        _ part: PartID, _ quantity: Int64, _ place: PlaceID?, serial: String?, batch: String?,
        _ mode: PartUseMode, _ ticket: TicketReference, site: SiteID?, until: Instant?,
        mayAsk: Bool, _ tx: Transaction
    ) throws -> PartUse {
        let held = try held(part, serial: serial, for: mode == .issue ? ticket.id : nil, tx)
        let place = try place ?? nearest(held, quantity, site: site, inBoxes: mode == .issue, tx)
        switch mode {
        case .reserve:
            let input = ReservationInput(
                part: part, place: place, quantity: quantity, serial: serial, until: until)
            return PartUse(reservation: try reserve(input, ticket: ticket, mayAsk: mayAsk, tx))
        case .issue:
            // What nobody could post is not asked for either.
            let there = held.first { $0.place == place }.map { $0.free + $0.own } ?? 0
            let line = LineInput(part: part, quantity: quantity, serial: serial, batch: batch)
            let input = DocumentInput(place: place, ticket: ticket.id.text, lines: [line], submit: true)
            let known = InventoryNeighbours(ticket: { _, _ in ticket })
            let made = try draw(.issue, input, known, mayAsk: mayAsk, tx)
            if made.state != .posted, there < quantity {
                throw Failure.conflict(
                    "stock.insufficient",
                    ["line": "1", "asked": String(quantity), "there": String(there)])
            }
            return PartUse(issue: made)
        }
    }

    /// What of a part lies in a place and can still be taken: by anybody, and by whom it is kept for.
    struct Held: Sendable {
        var place: PlaceID
        var free: Int64
        var own: Int64 = 0
    }

    /// Where a part can be taken from, the place with most of it first.
    /// - Parameter ticket: whose reservations count
    static func held(
        _ part: PartID, serial: String?, batch: String? = nil, status: StockStatus = .usable,
        for ticket: TicketID?, _ tx: Transaction
    ) throws -> [Held] {
        var which: SQL = serial.map { "and b.serial = \($0)" } ?? ""
        if let batch { which += " and b.batch = \(batch)" }
        // What has expired lies there, but nobody takes it.
        if status == .usable {
            let day = today("UTC", tx)
            which += """
                 and (t.expires_on is null or t.expires_on >= \(day) or t.concession_until >= \(day))
                """
        }
        var out = try tx.rows(
            """
            select b.place_id, sum(b.on_hand - b.reserved) from \(Transaction.balanceTables)
            where b.part_id = \(part) and b.status = \(status) and b.owner = '' and b.on_hand > 0
              and b.place_id not in ('place:transit', 'place:loan') \(which)
            group by b.place_id order by 2 desc, b.place_id
            """
        ) { Held(place: $0.id(), free: $0.int()) }
        guard let ticket, status == .usable else { return out }
        var kept: SQL = serial.map { "and d.serial = \($0)" } ?? ""
        if let batch { kept += " and d.batch = \(batch)" }
        let own = try tx.rows(
            """
            select d.place_id, sum(d.quantity) from stock_reserved d
            join stock_reservation r on r.id = d.reservation_id
            where r.ticket_id = \(ticket) and r.state = 'active' and d.part_id = \(part) \(kept)
            group by d.place_id
            """
        ) { r -> (PlaceID, Int64) in (r.id(), r.int()) }
        for (place, quantity) in own {
            if let i = out.firstIndex(where: { $0.place == place }) { out[i].own = quantity }
        }
        return out
    }

    /// Where a part is taken from when nobody says.
    /// - Parameter inBoxes: whether others' boxes may be asked
    private static func nearest(
        _ held: [Held], _ quantity: Int64, site: SiteID?, inBoxes: Bool, _ tx: Transaction
    ) throws -> PlaceID {
        let enough = held.filter { $0.free + $0.own >= quantity }
        let places = try tx.places(enough.map(\.place))
        let sites = try People.sites(of: Set(places.values.compactMap(\.site) + [site].compactMap { $0 }), tx)
        let here = site.flatMap { sites[$0] }
        func isInCountry(_ place: StockPlace) -> Bool {
            guard let here else { return false }
            if let there = place.site.flatMap({ sites[$0] }), let country = there.country {
                return country == here.country
            }
            // A store that belongs to no site is where its clock is.
            return place.zone == here.zone
        }
        // Nobody takes from somebody else's box while a store has it.
        let order: [(Held, StockPlace) -> Bool] = [
            { held, _ in held.own >= quantity },
            { _, place in StockAccess.isOwnBox(place, tx.actor) },
            { _, place in site != nil && place.site == site && place.kind != .box },
            { _, place in place.kind != .box && isInCountry(place) },
            { _, place in place.kind != .box && StockAccess.keeps(place, tx.actor) },
            { _, place in place.kind != .box },
            { _, _ in inBoxes },
        ]
        for fits in order {
            let found = enough.first { held in places[held.place].map { fits(held, $0) } ?? false }
            if let found { return found.place }
        }
        let most = held.map { $0.free + $0.own }.max() ?? 0
        throw Failure.conflict(
            "stock.insufficient", ["line": "1", "asked": String(quantity), "there": String(most)])
    }

    /// Refuses to ask a place for what it doesn't have, and names what is available where.
    /// - Throws: 409 `stock.insufficient`, with a fault `lines.N.part_id` for each line that wants something
    public static func requireThere(
        _ lines: [LineInput], at place: PlaceID, for ticket: TicketID, _ tx: Transaction
    ) throws {
        var faults = Faults()
        var wanted: [String: Int64] = [:]
        for (i, line) in lines.enumerated() where line.owner == nil {
            let held = try held(
                line.part, serial: line.serial, batch: line.batch, status: line.status ?? .usable,
                for: ticket, tx)
            let there = held.first { $0.place == place }.map { $0.free + $0.own } ?? 0
            let key = "\(line.part) \(line.serial ?? "") \(line.batch ?? "") \(line.status ?? .usable)"
            let asked = (wanted[key] ?? 0) + line.quantity
            wanted[key] = asked
            guard asked > there else { continue }
            let some = held.filter { $0.free + $0.own > 0 }.prefix(5)
            let places = try tx.places(some.map(\.place))
            let names = some.compactMap { h in
                places[h.place].map { "\($0.name(in: tx.actor.language)) \(h.free + h.own)" }
            }
            faults.add(
                "lines.\(i).part_id", names.isEmpty ? "stock.insufficient" : "stock.available_at",
                [
                    "line": String(i + 1), "asked": String(asked), "there": String(there),
                    "places": names.joined(separator: ", "),
                ])
        }
        guard let first = faults.all.first else { return }
        throw Failure(.conflict, "stock.insufficient", first.arguments, fields: faults.all)
    }

    /// What stock a ticket has moved or still holds, for its page: documents and open reservations.
    public static func uses(of ticket: TicketID, _ tx: Transaction) throws -> (
        documents: [StockDocument], reservations: [Reservation]
    ) {
        var documents = try tx.stockDocuments("d.ticket_id = \(ticket)", after: nil, limit: 200)
        let lines = try tx.stockLines(documents.map(\.id))
        for i in documents.indices { documents[i].lines = lines[documents[i].id] ?? [] }
        let reservations = try tx.reservations("r.ticket_id = \(ticket)", order: "r.id desc", limit: 200)
        return (documents, reservations)
    }

    /// Whether something of a ticket is still open: a document that is not posted, something under way or
    /// lent, a reservation. Such a ticket is not archived.
    public static func isUnsettled(_ ticket: TicketID, _ tx: Transaction) throws -> Bool {
        try tx.exists(
            """
            select 1 from stock_document d where d.ticket_id = \(ticket)
              and (d.state in ('draft', 'submitted', 'approved')
                or (d.state = 'posted' and d.kind in ('shipment', 'transfer', 'loan')
                  and d.reversal_of is null))
            union all
            select 1 from stock_reservation r where r.ticket_id = \(ticket)
              and r.state in ('active', 'waiting')
            limit 1
            """)
    }

    /// What succeeds a part, the next first, with what is available of each.
    public static func substitutes(_ part: Part, _ tx: Transaction) throws -> [Substitute] {
        var out: [Substitute] = []
        var seen: Set<PartID> = [part.id]
        var next = part.supersededBy
        while let id = next, seen.insert(id).inserted, let other = try tx.part(id.text) {
            let available = try tx.int(
                """
                select coalesce(sum(b.on_hand - b.reserved), 0) from stock_balance b
                where b.part_id = \(id) and b.status = 'usable' and b.owner = ''
                  and b.place_id not in ('place:transit', 'place:loan')
                """)
            out.append(Substitute(part: other, available: available))
            next = other.supersededBy
        }
        return out
    }

    /// Whether a part goes with one of some products: a product and those above it in the tree. A part
    /// that names no product goes with all.
    public static func fits(_ part: PartID, _ products: [ProductID], _ tx: Transaction) throws -> Bool {
        let fits = try tx.fits(part)
        return fits.isEmpty || products.contains { fits.contains($0.text) }
    }
}

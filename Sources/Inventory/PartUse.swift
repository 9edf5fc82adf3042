import Base
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
    /// Without a place it is taken where the actor's own stock has enough, else where there is most of it.
    /// - Parameters:
    ///   - ticket: already checked by the caller
    /// - Throws: 409 `stock.insufficient`; 403 where the actor may not ask for parts
    public static func use(
        part: PartID, quantity: Int64, place: PlaceID? = nil, serial: String? = nil, mode: PartUseMode,
        ticket: TicketReference, priority: Reservation.Priority = .p3, until: Instant? = nil,
        _ tx: Transaction
    ) throws -> PartUse {
        guard StockBounds.quantity.contains(quantity) else {
            throw Failure.invalid(
                "quantity", "field.out_of_range",
                ["min": "1", "max": String(StockBounds.quantity.upperBound)])
        }
        guard try tx.parts([part])[part] != nil else { throw Failure.invalid("part_id", "field.no_such") }
        let place = try place ?? nearest(part, quantity, serial: serial, tx)
        switch mode {
        case .reserve:
            let input = ReservationInput(
                part: part, place: place, quantity: quantity, serial: serial, priority: priority,
                until: until)
            return PartUse(reservation: try reserve(input, ticket: ticket, tx))
        case .issue:
            let line = LineInput(part: part, quantity: quantity, serial: serial)
            let input = DocumentInput(place: place, ticket: ticket.id.text, lines: [line], submit: true)
            let known = InventoryNeighbours(ticket: { _, _ in ticket })
            return PartUse(issue: try draw(.issue, input, known, tx))
        }
    }

    /// Where a part is taken from when nobody says.
    static func nearest(_ part: PartID, _ quantity: Int64, serial: String?, _ tx: Transaction) throws
        -> PlaceID
    {
        let which: SQL = serial.map { "and b.serial = \($0)" } ?? ""
        let found = try tx.rows(
            """
            select b.place_id, sum(b.on_hand - b.reserved) from stock_balance b
            join place l on l.id = b.place_id
            where b.part_id = \(part) and b.status = 'usable' and b.owner = '' and b.on_hand > b.reserved
              \(which)
            group by b.place_id order by 2 desc, b.place_id
            """
        ) { r -> (PlaceID, Int64) in (r.id(), r.int()) }
        let places = try tx.places(found.map(\.0))
        let own = found.first { place, free in
            free >= quantity && places[place].map { StockAccess.keeps($0, tx.actor) } == true
        }
        guard let chosen = own ?? found.first else {
            throw Failure.conflict(
                "stock.insufficient", ["line": "1", "asked": String(quantity), "there": "0"])
        }
        return chosen.0
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

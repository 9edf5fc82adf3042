import Base
import Store
import Web

/// Stock that is kept for somebody: bound to rows, the first to expire first.
public struct Reservation: Sendable {
    public enum State: String, Sendable, CaseIterable {
        /// Asks for what a lower priority holds; a service manager decides.
        case waiting
        case active, used, released, expired, preempted
    }
    public enum Priority: String, Sendable, CaseIterable {
        case p1 = "P1"
        case p2 = "P2"
        case p3 = "P3"
        case p4 = "P4"
    }

    public var id: ID<Reservation>
    public var number: String
    public var part: PartID
    public var place: PlaceID
    public var quantity: Int64
    public var used: Int64 = 0
    public var priority: Priority
    public var until: Instant?
    public var state: State
    public var ticket: TicketReference?
    public var reason: String?
    public var createdBy: AccountID?
    public var createdAt: Instant
    public var endedAt: Instant?
    public var version: Int64 = 1
}

public struct ReservationInput: Command {
    public var part: PartID
    public var place: PlaceID
    public var quantity: Int64
    public var serial: String?
    /// Where none is said, the ticket's own, else P3.
    public var priority: Reservation.Priority?
    public var until: Instant?
    public var ticket: String?
    public var reason: String?
    /// Where there is not enough: ask for what a lower priority holds.
    public var preempt: Bool

    public init(_ read: inout FieldReader) {
        part = read.id("part_id")
        place = read.id("place_id")
        quantity = read.int("quantity", StockBounds.quantity)
        serial = read.identifier("serial")
        priority = read.optionalChoice("priority")
        until = read.optionalInstant("until")
        ticket = read.optionalText("ticket_id", max: 64)
        reason = read.optionalText("reason", max: 500)
        preempt = read.bool("preempt")
        if preempt, let priority, priority != .p1 { read.fault("preempt", "stock.only_p1") }
    }

    public init(
        part: PartID, place: PlaceID, quantity: Int64, serial: String? = nil,
        priority: Reservation.Priority? = nil, until: Instant? = nil, preempt: Bool = false
    ) {
        self.part = part
        self.place = place
        self.quantity = quantity
        self.serial = serial
        self.priority = priority
        self.until = until
        self.preempt = preempt
    }
}

// Keeping stock for somebody, and letting it go.
extension Inventory {
    static let reservers = Roles([.keeper, .engineer, .siteLead, .serviceManager])

    /// Reserves stock of a place.
    /// - Parameter mayAsk: the caller has found that the actor may, whatever their roles
    /// - Throws: 403 where the actor may not take from there, or not without a ticket; 409
    ///   `stock.insufficient` where there is not enough and nobody is asked to give way
    public static func reserve(
        _ input: ReservationInput, ticket: TicketReference? = nil, mayAsk: Bool = false, _ tx: Transaction
    ) throws -> Reservation {
        guard mayAsk || tx.actor.hasAny(reservers) || Actor.isJob(tx.actor.name) else {
            throw Failure.forbidden()
        }
        var faults = Faults()
        guard let place = try tx.place(input.place), place.isActive else {
            throw Failure.invalid("place_id", "field.no_such")
        }
        let priority = input.priority ?? ticket?.priority ?? .p3
        if input.preempt, priority != .p1 { faults.add("preempt", "stock.only_p1") }
        // Whoever works on a ticket asks any store, but nobody takes from somebody else's box.
        if place.kind == .box, !StockAccess.keeps(place, tx.actor) { throw Failure.forbidden() }
        if !mayAsk {
            guard StockAccess.mayReserve(place, tx.actor) else { throw Failure.forbidden() }
            // An engineer keeps for a ticket, or what is theirs anyway.
            if ticket == nil, !StockAccess.keeps(place, tx.actor), !tx.actor.has(.serviceManager) {
                faults.add("ticket_id", "stock.for_a_ticket")
            }
            if priority == .p1, ticket?.priority != .p1 { faults.add("priority", "stock.p1_ticket") }
        }
        if try tx.parts([input.part])[input.part] == nil { faults.add("part_id", "field.no_such") }
        if let until = input.until, until <= tx.now { faults.add("until", "stock.past") }
        try faults.finish()
        let year = CivilDate.date(dayNumber: today(place.zone, tx)).year
        var made = Reservation(
            id: tx.makeID(), number: try tx.nextStockNumber("RS", year: year), part: input.part,
            place: place.id, quantity: input.quantity, priority: priority, until: input.until,
            state: .active, ticket: ticket, reason: input.reason, createdBy: tx.actor.id,
            createdAt: tx.now)
        let rows = try free(input, on: today(place.zone, tx), tx)
        if rows.isEmpty {
            guard input.preempt else {
                throw Failure.conflict(
                    "stock.insufficient",
                    ["line": "1", "asked": String(input.quantity), "there": "0"])
            }
            made.state = .waiting
        }
        try tx.insert(made)
        try bind(made, rows, tx)
        try record("stock.reserved", made, tx)
        return made
    }

    /// Rows that give the whole quantity, the first to expire first; none where there is not enough.
    private static func free(_ input: ReservationInput, on day: Int, _ tx: Transaction) throws -> [Reserved] {
        var condition: SQL = "b.serial >= ''"
        if let serial = input.serial { condition = "b.serial = \(serial)" }
        var left = input.quantity
        var out: [Reserved] = []
        try tx.each(
            """
            select \(Transaction.balanceColumns) from \(Transaction.balanceTables)
            where b.part_id = \(input.part) and b.place_id = \(input.place) and b.status = 'usable'
              and b.owner = '' and b.on_hand > b.reserved and \(condition)
            order by coalesce(t.expires_on, 9999999), b.batch, b.serial
            """
        ) { r in
            let row = Transaction.balance(&r)
            guard left > 0, !row.isExpired(on: day) else { return }
            let part = min(left, row.free)
            left -= part
            out.append(Reserved(reservation: "", key: row.key, quantity: part))
        }
        return left == 0 ? out : []
    }

    private static func bind(_ r: Reservation, _ rows: [Reserved], _ tx: Transaction) throws {
        for row in rows {
            guard try tx.hold(row.key, row.quantity) else { throw Failure(.internal, "stock.broken") }
            try tx.run(
                """
                insert into stock_reserved (reservation_id, part_id, place_id, batch, serial, quantity)
                values (\(r.id), \(r.part), \(r.place), \(row.key.batch), \(row.key.serial), \(row.quantity))
                """)
        }
    }

    /// Gives back what a reservation still holds.
    public static func release(_ old: Reservation, as state: Reservation.State = .released, _ tx: Transaction)
        throws -> Reservation
    {
        guard old.state == .active || old.state == .waiting else {
            throw Failure.conflict("stock.reservation_ended", ["number": old.number])
        }
        var r = old
        for held in try tx.reserved(by: [old.id.text]) {
            guard try tx.hold(held.key, -held.quantity) else { throw Failure(.internal, "stock.broken") }
        }
        try tx.run("delete from stock_reserved where reservation_id = \(old.id)")
        r.state = state
        r.endedAt = tx.now
        try tx.update(&r)
        try record("stock.\(state.rawValue)", r, tx)
        return r
    }

    /// Whoever asked for it, a service manager, and those who answer for the place.
    static func requireReleaser(_ r: Reservation, _ tx: Transaction) throws {
        if let id = tx.actor.id, r.createdBy == id { return }
        if tx.actor.has(.serviceManager) { return }
        guard let place = try tx.place(r.place), StockAccess.keeps(place, tx.actor) else {
            throw Failure.forbidden()
        }
    }

    /// A service manager lets a P1 take what lower priorities hold; whoever loses it is told.
    public static func preempt(_ waiting: Reservation, _ neighbours: InventoryNeighbours, _ tx: Transaction)
        throws -> Reservation
    {
        try StockAccess.require(.serviceManager, in: tx)
        guard waiting.state == .waiting else {
            throw Failure.conflict("stock.reservation_ended", ["number": waiting.number])
        }
        if let id = tx.actor.id, waiting.createdBy == id { throw Failure.forbidden("stock.own_approval") }
        guard let place = try tx.place(waiting.place) else { throw Failure(.internal, "stock.broken") }
        let day = today(place.zone, tx)
        let input = ReservationInput(part: waiting.part, place: waiting.place, quantity: waiting.quantity)
        var rows = try free(input, on: day, tx)
        let lower = try tx.reservations(
            """
            r.part_id = \(waiting.part) and r.place_id = \(waiting.place) and r.state = 'active'
              and r.priority > \(waiting.priority)
            """, order: "r.priority desc, r.id desc")
        for other in lower where rows.isEmpty {
            let gone = try release(other, as: .preempted, tx)
            if let account = gone.createdBy {
                try neighbours.notify(
                    account, "stock.preempted",
                    .make(["number": .string(gone.number), "by": .string(waiting.number)]), tx)
            }
            rows = try free(input, on: day, tx)
        }
        guard !rows.isEmpty else {
            throw Failure.conflict(
                "stock.insufficient", ["line": "1", "asked": String(waiting.quantity), "there": "0"])
        }
        var r = waiting
        r.state = .active
        try bind(r, rows, tx)
        try tx.update(&r)
        try record("stock.preemption_approved", r, tx)
        return r
    }

    /// What was reserved has been taken: the reservations hold so much less, and end where nothing is left.
    static func useUp(_ taken: [Reserved], _ tx: Transaction) throws {
        try tx.useUp(taken)
        let ids = Set(taken.map(\.reservation)).sorted()
        let ended = try tx.reservations("r.id in \(list: ids) and r.state = 'used'", order: "r.id")
        for r in ended { try record("stock.used_up", r, tx) }
    }

    private static func record(_ kind: String, _ r: Reservation, _ tx: Transaction) throws {
        try tx.record(
            Fact(
                kind, Subject("stock_reservation", r.id),
                data: .make([
                    "number": .string(r.number), "quantity": .int(r.quantity), "used": .int(r.used),
                    "priority": .string(r.priority.rawValue),
                ])))
    }

    /// Lets go of what nobody came for in time. A recurring job.
    public static func expireReservations(_ store: Store) async throws {
        while true {
            let count = try await store.write(by: .system("reservations")) { tx in
                let due = try tx.reservations(
                    "r.state in ('active', 'waiting') and r.until <= \(tx.now)", order: "r.id", limit: 50)
                for r in due { _ = try release(r, as: .expired, tx) }
                return due.count
            }
            if count < 50 { return }
        }
    }
}

extension Transaction {
    /// Reserves of a row, or gives back with a negative quantity; false where it is not there.
    func hold(_ key: StockKey, _ quantity: Int64) throws -> Bool {
        try run(
            """
            update stock_balance set reserved = reserved + \(quantity)
            where part_id = \(key.part) and place_id = \(key.place) and status = \(key.status)
              and owner = \(key.owner) and batch = \(key.batch) and serial = \(key.serial)
              and reserved + \(quantity) >= 0 and reserved + \(quantity) <= on_hand
            """) == 1
    }

    func reserved(by reservations: [String]) throws -> [Reserved] {
        try rows(
            """
            select d.reservation_id, d.part_id, d.place_id, d.batch, d.serial, d.quantity
            from stock_reserved d where d.reservation_id in \(list: reservations)
            order by d.reservation_id, d.batch, d.serial
            """, Transaction.reserved)
    }

    func reservation(_ idOrNumber: String) throws -> Reservation? {
        let which: SQL =
            ID<Reservation>.hasShape(idOrNumber) ? "r.id = \(idOrNumber)" : "r.number = \(idOrNumber)"
        return try reservations(which, order: "r.id", limit: 1).first
    }

    func reservations(_ condition: SQL, order: SQL, limit: Int = 500) throws -> [Reservation] {
        try rows(
            """
            select r.id, r.number, r.part_id, r.place_id, r.quantity, r.used, r.priority, r.until, r.state,
              r.ticket_id, r.ticket_number, r.reason, r.created_by, r.created_at, r.ended_at, r.version
            from stock_reservation r where \(condition) order by \(order) limit \(limit)
            """
        ) { r in
            var out = Reservation(
                id: r.id(), number: r.text(), part: r.id(), place: r.id(), quantity: r.int(), used: r.int(),
                priority: r.choice(.p4), until: r.instantOrNil(), state: r.choice(.released), createdAt: now)
            let ticket: TicketID? = r.idOrNil()
            let number = r.textOrNil()
            out.ticket = ticket.map { TicketReference(id: $0, number: number ?? "") }
            out.reason = r.textOrNil()
            out.createdBy = r.idOrNil()
            out.createdAt = r.instant()
            out.endedAt = r.instantOrNil()
            out.version = r.int()
            return out
        }
    }

    func insert(_ r: Reservation) throws {
        try run(
            """
            insert into stock_reservation (id, number, part_id, place_id, quantity, used, priority, until,
              state, ticket_id, ticket_number, reason, created_by, created_at, ended_at, version)
            values (\(r.id), \(r.number), \(r.part), \(r.place), \(r.quantity), 0, \(r.priority), \(r.until),
              \(r.state), \(r.ticket?.id), \(r.ticket?.number), \(r.reason), \(r.createdBy), \(r.createdAt),
              \(r.endedAt), 1)
            """)
    }

    func update(_ r: inout Reservation) throws {
        let changed = try run(
            """
            update stock_reservation set state = \(r.state), ended_at = \(r.endedAt), version = version + 1
            where id = \(r.id) and version = \(r.version)
            """)
        guard changed == 1 else { throw Failure.conflict("stock.changed_meanwhile") }
        r.version += 1
    }
}

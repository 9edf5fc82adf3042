import Base
import Inventory
import ServiceLevels
import Store
import Web

/// What somebody takes for a ticket.
struct PartUseInput: Command {
    /// Its id or number, or what a scanner read of it.
    var part: String
    var quantity: Int64
    var place: PlaceID?
    var serial: String?
    var batch: String?
    var mode: PartUseMode?

    init(_ read: inout FieldReader) {
        part = read.text("part_id", max: 400)
        quantity = read.int("quantity", 1...1_000_000_000)
        place = read.optionalID("place_id")
        serial = read.identifier("serial")
        batch = read.identifier("batch")
        mode = read.choice("mode")
    }
}

/// Parts of a ticket: who takes and sees them, and what of it stands in the ticket's history.
enum TicketParts {
    /// From dispatch on, until the ticket is closed.
    static let states = TicketStates.opened
    private static let users: [Grant] = [
        Grant(role: .engineer, relation: [.assigned, .visits]), .technicalLead, .siteLead,
    ]
    /// Know every ticket by its part lines alone.
    private static let lineReaders = Roles([.keeper, .finance])

    /// Who takes parts for a ticket: its engineer, who visits for it, its technical lead and site lead, and
    /// any keeper.
    static func mayUse(_ ticket: Ticket, _ actor: Actor) -> Bool {
        let relation = Relation.of(actor, to: ticket)
        return actor.has(.keeper) || users.contains { $0.covers(actor, relation) }
    }

    /// Who names a ticket on a document of stock: also who answers for all tickets, and who decides on what
    /// came back.
    static func mayAsk(_ ticket: Ticket, _ actor: Actor) -> Bool {
        mayUse(ticket, actor) || actor.hasAny(Roles([.serviceManager, .quality]))
            || actor.id == nil && Actor.isJob(actor.name)
    }

    /// A ticket as stock knows it.
    static func reference(_ ticket: Ticket) -> TicketReference {
        TicketReference(
            id: ticket.id, number: ticket.number,
            priority: ticket.priority.flatMap { Reservation.Priority(rawValue: $0.code) })
    }

    /// The ticket of those whose part lines the actor sees.
    /// - Throws: 404 `ticket.not_found`
    static func ticket(_ idOrNumber: String, _ tx: Transaction) throws -> Ticket {
        if tx.actor.hasAny(lineReaders) {
            let which: SQL =
                TicketID.hasShape(idOrNumber) ? "t.id = \(idOrNumber)" : "t.number = \(idOrNumber)"
            let found = try tx.first(
                "select \(Transaction.ticketColumns) from ticket t where \(which) and t.state <> 'draft'",
                Transaction.readTicket)
            if let found { return found.ticket }
        }
        return try tx.ticket(idOrNumber).ticket
    }

    /// What the actor sees of a ticket's parts: a customer what was released, without places and cost.
    static func lines(_ ticket: Ticket, _ tx: Transaction) throws -> [TicketPart] {
        let seesAll = TicketAccess.seesInternal(tx.actor) || tx.actor.hasAny(lineReaders)
        return try Inventory.parts(of: ticket.id, released: !seesAll, tx)
    }

    /// Takes a part for a ticket: the stock and the ticket's history change together.
    /// - Returns: the lines that it made
    static func use(_ ticket: Ticket, _ tx: Transaction, _ input: () throws -> PartUseInput) throws
        -> [TicketPart]
    {
        guard mayUse(ticket, tx.actor) else {
            throw Failure(.forbidden, "ticket.role", ["step": Strings.named("ticket.step.parts")])
        }
        guard states.contains(ticket.state) else {
            throw Failure.conflict(
                "ticket.state",
                ["step": Strings.named("ticket.step.parts"), "state": Strings.named(ticket.state.nameKey)])
        }
        let c = try input()
        guard let part = try Inventory.named(c.part, tx) else {
            throw Failure.invalid("part_id", "field.no_such")
        }
        let mode = c.mode ?? .issue
        let serial = c.serial ?? part.serial
        let made = try inWords(of: "lines.0.", as: "") {
            try Inventory.use(
                part: part.id, quantity: c.quantity, place: c.place, serial: serial,
                batch: c.batch ?? part.batch, mode: mode,
                ticket: reference(ticket), site: ticket.site, mayAsk: true, tx)
        }
        let number = made.issue?.number ?? made.reservation?.number
        try record(
            mode == .issue ? "part_used" : "part_reserved", ticket,
            .make([
                "number": .of(number), "part": .string("\(part.number) × \(c.quantity)"),
                "serial": .of(serial), "state": .of(made.issue?.state.rawValue),
            ]), tx)
        return try Inventory.parts(of: ticket.id, released: false, tx).filter { $0.number == number }
    }

    /// Gives back what is kept for a ticket.
    static func release(_ ticket: Ticket, _ reservation: String, _ tx: Transaction) throws {
        guard mayUse(ticket, tx.actor) || tx.actor.has(.serviceManager) else {
            throw Failure(.forbidden, "ticket.role", ["step": Strings.named("ticket.step.parts")])
        }
        let old = try Inventory.reservation(reservation, of: ticket.id, tx)
        let gone = try Inventory.release(old, tx)
        try record(
            "part_released", ticket, .make(["number": .string(gone.number)]), tx)
    }

    private static func record(_ kind: String, _ ticket: Ticket, _ data: JSON, _ tx: Transaction) throws {
        try tx.record(Fact("ticket." + kind, Subject("ticket", ticket.id), .internal, data: data))
        tx.signal(Signal(Subject("ticket", ticket.id)))
    }

    /// Says faults of a stock document by the fields of the request that asked for it.
    static func inWords<T>(of prefix: String, as other: String, _ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let refused as Failure where !refused.fields.isEmpty {
            var failure = refused
            for i in failure.fields.indices where failure.fields[i].field.hasPrefix(prefix) {
                failure.fields[i].field = other + String(failure.fields[i].field.dropFirst(prefix.count))
            }
            throw failure
        }
    }
}

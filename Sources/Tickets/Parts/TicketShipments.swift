import Base
import Inventory
import Store
import Web

/// What management sends with its decision.
struct ShipmentInput: Command {
    var place: PlaceID
    /// Nil: straight to the customer.
    var toPlace: PlaceID?
    var lines: [LineInput]
    var carrier: String?

    init(_ read: inout FieldReader) {
        place = read.id("place_id")
        toPlace = read.optionalID("to_place_id")
        lines = read.list("lines", count: 1...200)
        carrier = read.optionalText("carrier", max: 100)
    }
}

/// A shipment that a decision has made.
public struct DecidedShipment: Sendable, Equatable {
    public var document: String
    public var number: String
    /// What is sent, as the title of the task that waits for it.
    public var title: String

    public init(document: String, number: String, title: String) {
        self.document = document
        self.number = number
        self.title = title
    }
}

/// From management's decision to send a part until it arrives.
enum TicketShipments {
    /// Draws up a shipment for a ticket, submitted, and the task that waits for its arrival. The rule that
    /// follows in the same transaction may still refuse the decision, and then nothing of it stays.
    static func send(_ c: ShipmentInput, for ticket: Ticket, _ tx: Transaction) throws -> DecidedShipment {
        let reference = TicketReference(id: ticket.id, number: ticket.number)
        var faults: [FieldFailure] = []
        let lines = try c.lines.enumerated().map { i, said -> LineInput in
            var line = said
            if let part = try Inventory.named(said.part.text, tx) {
                line.part = part.id
                line.serial = said.serial ?? part.serial
                line.batch = said.batch ?? part.batch
            } else {
                faults.append(
                    FieldFailure(field: "shipment.lines.\(i).part_id", code: "field.no_such"))
            }
            return line
        }
        if !faults.isEmpty { throw Failure(.invalid, "invalid", fields: faults) }
        try TicketParts.inWords(of: "", as: "shipment.") {
            try Inventory.requireThere(lines, at: c.place, for: ticket.id, tx)
        }
        var input = DocumentInput(
            place: c.place, toPlace: c.toPlace, ticket: ticket.id.text, lines: lines, submit: true)
        input.shipping.carrier = c.carrier
        input.partner = ticket.organization
        let made = try TicketParts.inWords(of: "", as: "shipment.") {
            try Inventory.draw(
                .shipment, input, InventoryNeighbours(ticket: { _, _ in reference }), mayAsk: true, tx)
        }
        let title = try "\(made.number): \(Inventory.summary(made, tx))".shortened(to: 200)
        let id: ID<StoredTask> = tx.makeID()
        try tx.run(
            """
            insert into ticket_task (id, ticket_id, kind, title, is_done, created_at, created_by, version,
              stock_document_id)
            values (\(id), \(ticket.id), \(TaskKind.material), \(title), 0, \(tx.now), \(tx.actor.id), 1,
              \(made.id))
            """)
        return DecidedShipment(document: made.id.text, number: made.number, title: title)
    }

    /// What was sent for a ticket has arrived, all that was not lost on the way: the task that waited for it
    /// is done, and the ticket's engineer is told.
    static let arrival = FactHandler("stock.arrived", "tickets.parts") { fact, tx in
        guard fact.data["state"]?.string == StockDocument.State.received.rawValue,
            let document = try Inventory.document(ID(fact.subject.id), tx), document.kind == .shipment,
            let id = document.ticket?.id, let view = try TicketView.any(id, tx)
        else { return }
        let isLost = document.lines.allSatisfy { $0.received == 0 }
        let data = try JSON.make([
            "number": .string(document.number), "part": .string(Inventory.summary(document, tx)),
        ])
        guard TicketParts.states.contains(view.ticket.state) else {
            try tx.record(
                Fact(
                    "ticket." + (isLost ? "parts_lost" : "parts_arrived"), Subject("ticket", id), .internal,
                    data: data))
            return
        }
        var done = 0
        if !isLost {
            done = try tx.run(
                """
                update ticket_task set is_done = 1, done_at = \(tx.now), result = \(document.number),
                  version = version + 1
                where ticket_id = \(id) and stock_document_id = \(document.id) and is_done = 0
                """)
        }
        try Tickets.apply(view.ticket.partsCame(isLost: isLost, tasksDone: done, data), to: view, tx)
    }

    /// A shipment that a task waits for is given up or taken back: nothing will arrive, and the task ends; where
    /// it had arrived already, the task is open again. The ticket's people are told.
    static let undone = ["stock.withdrawn", "stock.reversed"].map { kind in
        FactHandler(kind, "tickets.parts") { fact, tx in
            guard let document = try Inventory.document(ID(fact.subject.id), tx), document.kind == .shipment,
                document.reversalOf == nil, [.withdrawn, .reversed].contains(document.state),
                let id = document.ticket?.id, let view = try TicketView.any(id, tx),
                TicketParts.states.contains(view.ticket.state)
            else { return }
            let hadCome = document.lines.contains { $0.received > 0 }
            let changed = try tx.run(
                """
                update ticket_task set is_done = \(hadCome ? 0 : 1), done_at = \(hadCome ? nil : tx.now),
                  result = null, version = version + 1
                where ticket_id = \(id) and stock_document_id = \(document.id) and is_done = \(hadCome ? 1 : 0)
                """)
            guard changed > 0 else { return }
            let data = try JSON.make([
                "number": .string(document.number), "part": .string(Inventory.summary(document, tx)),
            ])
            try Tickets.apply(
                view.ticket.partsWithdrawn(tasksDone: hadCome ? -changed : changed, data), to: view, tx)
        }
    }
}

extension Ticket {
    /// What a shipment's end changes: the tasks that waited for it, and who hears of it.
    public func partsCame(isLost: Bool, tasksDone: Int, _ data: JSON) -> Outcome {
        var out = Outcome(self)
        out.ticket.tasksOpen = max(0, tasksOpen - tasksDone)
        let name = isLost ? "parts_lost" : "parts_arrived"
        out.facts = [TicketFact(name, .internal, data: data)]
        out.tell(.engineer, "ticket." + name)
        if isLost { out.tell(.serviceManagers, "ticket." + name) }
        return out
    }

    /// What it changes that a shipment is given up or taken back.
    /// - Parameter tasksDone: negative where tasks are open again
    public func partsWithdrawn(tasksDone: Int, _ data: JSON) -> Outcome {
        var out = Outcome(self)
        out.ticket.tasksOpen = max(0, tasksOpen - tasksDone)
        out.facts = [TicketFact("parts_withdrawn", .internal, data: data)]
        out.tell(.engineer, "ticket.parts_withdrawn")
        out.tell(.serviceManagers, "ticket.parts_withdrawn")
        return out
    }
}

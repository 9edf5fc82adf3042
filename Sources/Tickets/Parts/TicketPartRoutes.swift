import Base
import Inventory
import Store
import Web

/// `/api/v1/tickets/{id}/parts`, and the same from the ticket's page.
enum TicketPartRoutes {
    static let shape = Shape<TicketPart>(
        "TicketPart",
        [
            .text("id") { $0.id }, .text("number") { $0.number },
            .text("kind") { $0.kind?.rawValue ?? "reservation" }, .choice("stage") { $0.stage },
            .text("state") { $0.state }, .int("line") { Int64($0.line) },
            .text("part_id") { $0.part.text }, .text("part_number") { $0.partNumber },
            .text("name") { $0.name }, .text("unit") { $0.unit }, .int("quantity") { $0.quantity },
            .optionalText("serial") { $0.serial }, .optionalText("batch") { $0.batch },
            .optionalText("place_id") { $0.place?.text }, .optionalText("place") { $0.placeName },
            .optionalText("to_place_id") { $0.toPlace?.text }, .optionalText("to_place") { $0.toPlaceName },
            .optionalText("rma") { $0.rma }, .optionalText("condition") { $0.condition },
            .choice("disposition") { $0.disposition },
            .optionalText("replacement_serial") { $0.replacementSerial },
            .int("cost_minor") { $0.costMinor }, .time("at") { $0.at },
        ])

    static func add(_ routes: inout Routes, again: @escaping TicketRoutes.PageAgain) {
        routes.get(
            "/tickets/{id}/parts",
            .init("Parts of a ticket, the oldest first", tag: "tickets", answer: .page(shape))
        ) { call, tx in
            let ticket = try TicketParts.ticket(call.parameter("id"), tx)
            return try Reply.json(Page(items: TicketParts.lines(ticket, tx), nextCursor: nil), shape)
        }
        routes.step(
            "/tickets/{id}/parts",
            .init(
                "Reserve or issue a part", tag: "tickets", body: PartUseInput.self, answer: .one(shape),
                status: 201), again: again
        ) { call, tx in
            let ticket = try ticket(of: call, tx)
            let made = try TicketParts.use(ticket, tx) { try call.input(PartUseInput.self) }
            if call.surface == .page { return back(ticket, "part_used") }
            guard let one = made.first else { throw Failure(.internal, "internal") }
            let home = one.kind == nil ? "reservations" : "issues"
            return Reply.created(shape.json(one), at: "/api/v1/\(home)/\(one.id)")
        }
        routes.step(
            "/tickets/{id}/parts/{part}/release",
            .init(
                "Give back a reservation", tag: "tickets", body: Nothing.self, answer: .page(shape)),
            again: again
        ) { call, tx in
            let ticket = try ticket(of: call, tx)
            try TicketParts.release(ticket, call.parameter("part"), tx)
            if call.surface == .page { return back(ticket, "part_released") }
            return try Reply.json(Page(items: TicketParts.lines(ticket, tx), nextCursor: nil), shape)
        }
    }

    /// Whoever knows a ticket by its part lines alone has no page of it to come back to.
    private static func ticket(of call: Call, _ tx: Transaction) throws -> Ticket {
        let name = call.parameter("id")
        return try call.surface == .page ? tx.ticket(name).ticket : TicketParts.ticket(name, tx)
    }

    private static func back(_ ticket: Ticket, _ done: String) -> Reply {
        .redirect("/tickets/\(ticket.number)?done=\(done)")
    }
}

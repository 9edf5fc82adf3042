import Base
import Store
import Web

/// The same fault at several customers: their tickets stay apart, since no customer may learn of
/// another, and are tied by an internal *problem* record.
enum TicketProblems {
    enum ProblemKind {}

    struct LinkInput: Command {
        var with: String
        init(_ read: inout FieldReader) { with = read.text("with", max: 64) }
    }

    /// Tickets of the same problem that the actor sees, without the ticket itself.
    static func related(to ticket: TicketID, _ tx: Transaction) throws -> [TicketRow] {
        guard TicketAccess.seesInternal(tx.actor) else { return [] }
        return try tx.ticketRows(
            where: """
                t.id <> \(ticket) and t.id in (select b.ticket_id from problem_link a
                  join problem_link b on b.problem_id = a.problem_id where a.ticket_id = \(ticket))
                """, order: "t.received_at desc", limit: 50)
    }

    /// Ties two tickets to one problem; where both have one already, the second joins the first's.
    static func link(_ id: String, with other: String, _ tx: Transaction) throws -> TicketView {
        let view = try TicketView.load(id, tx)
        guard tx.actor.hasAny(Roles([.serviceManager, .technicalLead, .quality])) else {
            throw Failure.forbidden("ticket.role_problem")
        }
        try mayTie(view.ticket)
        let second: StoredTicket
        do { second = try tx.ticket(other) } catch let f as Failure where f.kind == .notFound {
            throw Failure.invalid("with", "ticket.unknown_reference")
        }
        guard second.ticket.id != view.ticket.id else {
            throw Failure.invalid("with", "ticket.merge_into_itself")
        }
        try mayTie(second.ticket)
        let first = try problem(of: view.ticket.id, tx)
        let theirs = try problem(of: second.ticket.id, tx)
        let problem = first ?? theirs ?? tx.makeID(ProblemKind.self).text
        if let first, let theirs, first != theirs {
            try tx.run(
                """
                update problem_link set problem_id = \(first) where problem_id = \(theirs)
                  and ticket_id not in (select ticket_id from problem_link where problem_id = \(first))
                """)
        }
        for (ticket, partner) in [(view.ticket, second.ticket), (second.ticket, view.ticket)] {
            try tx.run(
                """
                insert into problem_link (problem_id, ticket_id, at, by_id)
                values (\(problem), \(ticket.id), \(tx.now), \(tx.actor.id)) on conflict do nothing
                """)
            try tx.record(
                Fact(
                    "ticket.problem", Subject("ticket", ticket.id), .internal,
                    data: .make(["problem_id": .string(problem), "with": .string(partner.number)])))
        }
        return view
    }

    /// An archived ticket is immutable: 409 `ticket.problem_archived`.
    private static func mayTie(_ ticket: Ticket) throws {
        if ticket.state == .archived { throw Failure.conflict("ticket.problem_archived") }
    }

    private static func problem(of ticket: TicketID, _ tx: Transaction) throws -> String? {
        try tx.first("select problem_id from problem_link where ticket_id = \(ticket) limit 1") { $0.text() }
    }

    static func add(_ routes: inout Routes) {
        routes.step(
            "/tickets/{id}/problem",
            .init(
                "Tie to the same problem of another customer", tag: "tickets", body: LinkInput.self,
                answer: .page(TicketRowJSON.shape))
        ) { call, tx in
            let asked = try TicketView.load(call.parameter("id"), tx)
            guard tx.actor.hasAny(Roles([.serviceManager, .technicalLead, .quality])) else {
                throw Failure.forbidden("ticket.role_problem")
            }
            // The state is told before the content is read.
            try mayTie(asked.ticket)
            let view = try link(call.parameter("id"), with: try call.input(LinkInput.self).with, tx)
            if call.surface == .page { return .redirect("/tickets/\(view.ticket.number)?done=problem") }
            return .json(
                Page(items: try related(to: view.ticket.id, tx), nextCursor: nil).json(TicketRowJSON.shape))
        }
        routes.get(
            "/tickets/{id}/problem",
            .init("Other tickets of the same problem", tag: "tickets", answer: .page(TicketRowJSON.shape))
        ) { call, tx in
            let view = try TicketView.load(call.parameter("id"), tx)
            guard TicketAccess.seesInternal(tx.actor) else { throw Failure.forbidden("forbidden.role") }
            return .json(
                Page(items: try related(to: view.ticket.id, tx), nextCursor: nil).json(TicketRowJSON.shape))
        }
    }
}

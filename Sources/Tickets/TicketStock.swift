import Base
import Inventory
import People
import Store

// What stock asks of tickets.
extension Tickets {
    /// A ticket that a stock document names: one that the actor works on or answers for, or, for a keeper,
    /// who knows tickets by their part lines alone, any that is not a draft.
    /// - Throws: 422 `ticket.unknown_reference` where the actor doesn't see it, 403 `ticket.role` where they
    ///   merely see it, 409 `ticket.state` where nothing more may come to it
    public static func stockReference(_ idOrNumber: String, _ tx: Transaction) throws -> TicketReference {
        let ticket: Ticket
        do {
            ticket = try TicketParts.ticket(idOrNumber, tx)
        } catch let failure as Failure where failure.kind == .notFound {
            throw Failure.invalid("ticket_id", "ticket.unknown_reference")
        }
        guard TicketParts.mayAsk(ticket, tx.actor) else {
            throw Failure(.forbidden, "ticket.role", ["step": Strings.named("ticket.step.parts")])
        }
        try ticket.requireBearing("ticket.step.parts")
        return TicketParts.reference(ticket)
    }

    /// Whom something for a ticket is sent to: its site, else its customer, and who asked. For a keeper, who
    /// packs it, and whoever sees the ticket.
    public static func stockConsignee(_ id: TicketID, _ tx: Transaction) throws -> StockConsignee? {
        let visible: SQL = tx.actor.has(.keeper) ? "t.state <> 'draft'" : TicketAccess.visible(to: tx.actor)
        let found = try tx.first(
            "select \(Transaction.ticketColumns) from ticket t where t.id = \(id) and \(visible)",
            Transaction.readTicket)
        guard let ticket = found?.ticket else { return nil }
        let language = tx.actor.language
        let organization = try ticket.organization.flatMap { try People.organization($0, tx) }
        let site = try ticket.site.flatMap { try People.sites(of: [$0], tx)[$0] }
        let person = try ticket.requester.flatMap { try People.account($0, tx) }
        return StockConsignee(
            organization: organization?.name(in: language), site: site?.name(in: language),
            address: site?.address, person: person?.name(in: language) ?? ticket.requesterName,
            phone: person?.phone)
    }

    /// A notice about stock, among a person's other notices.
    public static func tellOfStock(_ account: AccountID, kind: String, data: JSON, _ tx: Transaction) throws {
        try tx.run(
            """
            insert into notice (id, account_id, ticket_id, kind, data, at, needs_acknowledgement)
            values (\(ID<Notice>.make(at: tx.now)), \(account), null, \(kind), \(data.text), \(tx.now), 0)
            """)
        tx.signal(Signal(Subject("notices", account)))
    }
}

extension Ticket {
    /// Whether something may still come to it: a part comes back, a downtime is written down late, until the
    /// archive has asked whether all is settled.
    var bears: Bool { TicketStates.open.contains(state) || state == .completed }

    /// - Throws: 409 `ticket.state`
    func requireBearing(_ step: String) throws {
        guard !bears else { return }
        throw Failure.conflict(
            "ticket.state", ["step": Strings.named(step), "state": Strings.named(state.nameKey)])
    }
}

extension Tickets {
    /// Where a notice about stock leads: to a document, a stock check or the reservations.
    static func stockPath(_ n: StoredNotice) -> String? {
        guard n.kind.hasPrefix("stock."), let number = n.arguments["number"] else { return nil }
        if n.kind == "stock.preempted" { return "/stock/reservations?state=preempted" }
        return number.hasPrefix("CK-") ? "/stock/checks/\(number)" : "/stock/documents/\(number)"
    }
}

import Base
import InstalledBase
import Store

/// Who may see which ticket, in one place: as a condition for lists, counts and search, and as the one
/// loader of a single ticket (`design: access`).
///
/// Seeing is kept as rows of `ticket_access`: a ticket and a principal (`o:` organisation, `s:` site,
/// `u:` unit, `p:` project, `a:` account), so that a small customer of a large house never waits for
/// the others' tickets.
enum TicketAccess {
    /// Roles that see every ticket.
    static let all = Roles([.serviceManager, .management, .quality, .auditor])

    /// The principals that a person speaks for; empty where none of the roles sees tickets.
    static func principals(_ actor: Actor) -> [String] {
        var out: [String] = []
        if let id = actor.id, actor.hasAny(Roles([.engineer, .technicalLead, .siteLead, .customer])) {
            out.append("a:\(id)")
        }
        if actor.has(.customer), !actor.isStaff, let own = actor.organization { out.append("o:\(own)") }
        if actor.has(.siteLead) { out += actor.sites.map { "s:\($0)" } }
        if actor.hasAny(Roles([.engineer, .technicalLead])) {
            out += actor.units.map { "u:\($0)" }
            out += actor.projects.map { "p:\($0)" }
        }
        return out
    }

    /// The condition under which the actor sees row `t` of `ticket`. A draft belongs to whoever writes
    /// it.
    static func visible(to actor: Actor) -> SQL {
        let me = actor.id?.text ?? ""
        let drafts: SQL = "(t.state <> 'draft' or t.created_by = \(me))"
        if actor.hasAny(all) || actor.id == nil && Actor.isJob(actor.name) { return drafts }
        let principals = principals(actor)
        guard !principals.isEmpty else { return "1 = 0" }
        // A customer's list runs along the organisation's own index.
        if actor.roles == Roles(.customer), let own = actor.organization, !actor.isStaff {
            return "t.organization_id = \(own) and \(drafts)"
        }
        return """
            exists (select 1 from ticket_access x where x.ticket_id = t.id
              and x.principal in \(list: principals)) and \(drafts)
            """
    }

    /// Whether what the actor sees is told by rows of access alone, by no column of the ticket's own.
    private static func goesByRows(_ actor: Actor) -> Bool {
        !actor.hasAny(all) && actor.id != nil && actor.roles != Roles(.customer)
            && !principals(actor).isEmpty
    }

    /// As many as are fetched and sorted quicker than met on the way through everybody's tickets.
    private static let few = 2000

    /// `visible` for a list in any order: whoever sees few tickets of a large house gets to them by their own
    /// rows of access; whoever sees many meets a page of them soon along the list's order.
    static func listed(_ tx: Transaction) throws -> SQL {
        let visible = visible(to: tx.actor)
        guard goesByRows(tx.actor) else { return visible }
        let own: SQL =
            "select x.ticket_id from ticket_access x where x.principal in \(list: principals(tx.actor))"
        let count = try tx.int("select count(*) from (\(own) limit \(few + 1)) n")
        return count > few ? visible : "t.id in (\(own)) and \(visible)"
    }

    /// The same condition on a found document's ticket alone, `h.id`: drafts have no documents. Nil where
    /// it takes the ticket's row to tell.
    static func visibleHit(to actor: Actor) -> SQL? {
        if actor.hasAny(all) { return "1 = 1" }
        let principals = principals(actor)
        guard !principals.isEmpty, actor.roles != Roles(.customer) else { return nil }
        return """
            exists (select 1 from ticket_access x where x.ticket_id = h.id
              and x.principal in \(list: principals))
            """
    }

    /// Whether a signed-in person reads what is internal.
    static func seesInternal(_ actor: Actor) -> Bool {
        actor.isStaff && actor.hasAny(all.union(Roles([.engineer, .technicalLead, .siteLead])))
    }

    /// The principals that see a ticket.
    static func principals(_ ticket: Ticket, taskOwners: [AccountID] = []) -> Set<String> {
        var out: Set<String> = []
        if let v = ticket.createdBy { out.insert("a:\(v)") }
        guard ticket.state != .draft else { return out }
        if let v = ticket.organization { out.insert("o:\(v)") }
        if let v = ticket.site { out.insert("s:\(v)") }
        if let v = ticket.unit { out.insert("u:\(v)") }
        if let v = ticket.project { out.insert("p:\(v)") }
        if let v = ticket.engineer { out.insert("a:\(v)") }
        if let v = ticket.requester { out.insert("a:\(v)") }
        for v in ticket.workers { out.insert("a:\(v)") }
        for v in ticket.visitors ?? [] { out.insert("a:\(v)") }
        for v in taskOwners { out.insert("a:\(v)") }
        return out
    }
}

extension Transaction {
    /// The only loader of one ticket for a person, by id or number: 404 where it is absent or may not
    /// be seen, alike in both cases.
    func ticket(_ idOrNumber: String) throws -> StoredTicket {
        let which: SQL =
            TicketID.hasShape(idOrNumber) ? "t.id = \(idOrNumber)" : "t.number = \(idOrNumber)"
        let found = try first(
            "select \(Self.ticketColumns) from ticket t where \(which) and \(TicketAccess.visible(to: actor))",
            Self.readTicket)
        guard let found else { throw Failure.notFound("ticket.not_found") }
        return found
    }

    /// Brings the rows of who sees it up to the ticket.
    func grantAccess(_ ticket: Ticket, before: Set<String>) throws {
        let wanted = TicketAccess.principals(ticket).subtracting(before)
        guard !wanted.isEmpty else { return }
        let values = wanted.sorted().map { "(\(ticket.id), \($0))" as SQL }.joined(", ")
        try run("insert into ticket_access (ticket_id, principal) values \(values) on conflict do nothing")
        if let unit = ticket.productUnit { try InstalledBase.grant(unit, to: wanted, self) }
    }
}

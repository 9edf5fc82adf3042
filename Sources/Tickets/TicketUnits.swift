import Base
import InstalledBase
import ServiceLevels
import Store

// Tickets and the product units that they are about.
extension Tickets {
    /// The unit that a new ticket names, or that its serial number says: one that the actor sees and that
    /// is the customer's whose ticket it is. A serial number that fits several links none.
    static func unit(of new: NewTicket, _ tx: Transaction) throws -> ProductUnit? {
        func fits(_ u: ProductUnit) -> Bool {
            new.organization == nil || u.customer == nil || u.customer == new.organization
        }
        if let id = new.productUnit {
            do {
                let unit = try tx.productUnit(id)
                return fits(unit) ? unit : nil
            } catch let failure as Failure where failure.kind == .notFound {
                return nil
            }
        }
        guard let serial = new.serial, !serial.isEmpty else { return nil }
        let found = try InstalledBase.units(serial: serial, tx).filter(fits)
        return found.count == 1 ? found[0] : nil
    }

    /// What is known of a unit fills what was not said.
    static func fill(_ t: inout Ticket, _ new: inout NewTicket, from unit: ProductUnit, _ tx: Transaction)
        throws
    {
        let product = try tx.product(unit.product)
        t.productUnit = unit.id
        t.product = t.product ?? product?.name
        t.model = t.model ?? product?.model ?? product?.code
        t.serial = t.serial ?? (unit.serial.isEmpty ? nil : unit.serial)
        t.batch = t.batch ?? unit.batch
        t.configuration = try t.configuration ?? InstalledBase.configuration(of: unit, tx)
        t.operatingHours = t.operatingHours ?? unit.operatingHours.map { "\($0) h" }
        if try InstalledBase.isWatched(unit.product, installed, tx) { t.isWatched = true }
        // A unit of the house names no customer: that one is said.
        guard let customer = unit.customer else { return }
        new.organization = new.organization ?? customer
        if new.project == nil, new.site == nil {
            new.project = unit.project
            new.site = unit.site
        }
    }

    /// The policy that a ticket is measured by: the closest one; where that is the house's, the one that
    /// the unit's contract names.
    static func policy(
        for ticket: Ticket, receivedAt: Instant, _ book: LevelsBook, _ tx: Transaction
    ) throws -> ServiceLevelPolicy {
        let cover = try ticket.productUnit.flatMap {
            try InstalledBase.contract(covering: $0, at: receivedAt, tx)
        }
        let found = try book.closest(
            catalogueItem: ticket.catalogueItem?.text, project: ticket.project?.text,
            contract: try cover?.number ?? TicketPeople.contract(ticket.project, tx), receivedAt: receivedAt)
        guard found.scope == .house, let named = cover?.policy else { return found }
        let inForce = book.policies.filter {
            $0.id == named && $0.effectiveFrom <= receivedAt
                && ($0.effectiveUntil.map { receivedAt < $0 } ?? true)
        }
        return inForce.max { $0.version < $1.version } ?? found
    }

    /// What the installed base shows of tickets.
    public static let installed = InstalledBase.Neighbours(
        tickets: { unit, tx in
            try lines("t.product_unit_id = \(unit) and t.state <> 'draft'", limit: 20, tx)
        },
        batch: { unit, tx in
            guard let batch = unit.batch else { return [] }
            return try lines(
                """
                t.is_open = 1 and t.state <> 'draft' and t.product_unit_id in (select x.id from product_unit x
                  where x.product_id = \(unit.product) and x.batch = \(batch) and x.id <> \(unit.id))
                """, limit: 10, tx)
        },
        count: { product, limit, tx in
            try tx.int(
                """
                select count(*) from (select 1 from product_unit x
                  join ticket t on t.product_unit_id = x.id
                  where x.product_id = \(product) and t.state <> 'draft' limit \(limit)) n
                """)
        },
        ticket: { name, tx in
            do {
                let ticket = try tx.ticket(name).ticket
                try ticket.requireBearing("ticket.step.downtime")
                return line(ticket)
            } catch let failure as Failure where failure.kind == .notFound {
                throw Failure.invalid("ticket_id", "ticket.unknown_reference")
            }
        },
        named: { ids, tx in
            guard !ids.isEmpty else { return [:] }
            let found = try lines("t.id in \(list: ids.map(\.text))", limit: ids.count, tx)
            return Dictionary(found.map { ($0.id, $0) }, uniquingKeysWith: { a, _ in a })
        })

    private static func lines(_ condition: SQL, limit: Int, _ tx: Transaction) throws
        -> [InstalledBase.Neighbours.TicketLine]
    {
        try tx.ticketRows(where: condition, order: "t.received_at desc, t.id desc", limit: limit).map {
            .init(
                id: $0.id, number: $0.number, title: $0.title, state: $0.state.rawValue,
                stateKey: $0.state.nameKey, receivedAt: $0.receivedAt, isOpen: $0.state.isOpen)
        }
    }

    private static func line(_ t: Ticket) -> InstalledBase.Neighbours.TicketLine {
        .init(
            id: t.id, number: t.number, title: t.title, state: t.state.rawValue, stateKey: t.state.nameKey,
            receivedAt: t.receivedAt, isOpen: t.state.isOpen)
    }
}

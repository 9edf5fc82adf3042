import Base
import Store

/// The internal notification 内部通知: who is told what, who has seen it, and what happens if nobody does.
public struct StoredNotice: Sendable {
    public var id: String
    public var account: AccountID
    public var ticket: TicketID?
    public var kind: String
    public var data: JSON
    public var at: Instant
    public var needsAcknowledgement: Bool
    public var readAt: Instant?
    public var acknowledgedAt: Instant?
    public var acknowledgedBy: AccountID?

    /// What fills the places of its sentence.
    var arguments: [String: String] {
        Dictionary(
            (data.members ?? []).compactMap { m in m.value.string.map { (m.name, $0) } },
            uniquingKeysWith: { a, _ in a })
    }
}

extension Tickets {
    /// An unacknowledged notice goes to the next level after so long.
    static let escalatesAfter = Span.minutes(30)

    static func tell(_ notices: [Notice], _ ticket: Ticket, _ tx: Transaction) throws {
        for notice in notices {
            // Nobody who has left is told, and nobody of what they did themselves.
            let people = try recipients(notice.to, ticket, tx).filter { person in
                let isHere = try tx.exists("select 1 from account where id = \(person) and is_active = 1")
                return isHere && person != tx.actor.id
            }
            for account in people {
                try notify(
                    account, ticket: ticket, kind: notice.key,
                    needsAcknowledgement: notice.needsAcknowledgement, tx)
            }
        }
    }

    static func notify(
        _ account: AccountID, ticket: Ticket, kind: String, data: JSON = .object([]),
        needsAcknowledgement: Bool = false, _ tx: Transaction
    ) throws {
        let escalate = needsAcknowledgement ? tx.now + escalatesAfter : nil
        try tx.run(
            """
            insert into notice (id, account_id, ticket_id, kind, data, at, needs_acknowledgement, escalate_at)
            values (\(ID<Notice>.make(at: tx.now)), \(account), \(ticket.id), \(kind), \(data.text), \(tx.now),
              \(needsAcknowledgement), \(escalate))
            """)
        tx.signal(Signal(Subject("notices", account)))
    }

    private static func recipients(_ to: Notice.Recipient, _ ticket: Ticket, _ tx: Transaction) throws
        -> [AccountID]
    {
        switch to {
        case .requester: return [ticket.requester].compactMap { $0 }
        case .engineer: return [ticket.engineer].compactMap { $0 }
        case .account(let id): return [id]
        case .unit:
            if let unit = ticket.unit {
                let there = try TicketPeople.holders(of: .serviceManager, unit: unit, tx)
                if !there.isEmpty { return there }
            }
            return try TicketPeople.holders(of: .serviceManager, tx)
        case .serviceManagers: return try TicketPeople.holders(of: .serviceManager, tx)
        case .technicalLeads: return try TicketPeople.holders(of: .technicalLead, project: ticket.project, tx)
        case .management: return try TicketPeople.holders(of: .management, tx)
        case .siteLeads:
            guard let site = ticket.site else { return [] }
            return try TicketPeople.holders(of: .siteLead, site: site, tx)
        case .quality: return try TicketPeople.holders(of: .quality, tx)
        }
    }

    /// Notices of the caller, newest first.
    static func notices(unreadOnly: Bool = false, before: String?, limit: Int, _ tx: Transaction) throws
        -> [StoredNotice]
    {
        guard let me = tx.actor.id else { return [] }
        var filter: SQL = unreadOnly ? " and read_at is null" : ""
        if let before { filter += " and id < \(before)" }
        return try tx.rows(
            "select \(columns) from notice where account_id = \(me)\(filter) order by id desc limit \(limit)",
            read)
    }

    private static let columns: SQL = """
        id, account_id, ticket_id, kind, data, at, needs_acknowledgement, read_at, acknowledged_at, acknowledged_by
        """

    private static func read(_ r: inout Row) -> StoredNotice {
        StoredNotice(
            id: r.text(), account: r.id(), ticket: r.idOrNil(), kind: r.text(), data: r.json(),
            at: r.instant(),
            needsAcknowledgement: r.bool(), readAt: r.instantOrNil(), acknowledgedAt: r.instantOrNil(),
            acknowledgedBy: r.idOrNil())
    }

    /// Reads and, where it asks for it, acknowledges a notice: who and when go into the ticket's
    /// history, and the others who got the same one need not any more.
    static func acknowledge(_ id: String, _ tx: Transaction) throws -> StoredNotice {
        guard let me = tx.actor.id,
            var notice = try tx.first(
                "select \(columns) from notice where id = \(id) and account_id = \(me)", read)
        else { throw Failure.notFound("notice.not_found") }
        if notice.readAt == nil {
            try tx.run("update notice set read_at = \(tx.now) where id = \(id)")
            notice.readAt = tx.now
        }
        if notice.needsAcknowledgement, notice.acknowledgedAt == nil {
            if let ticket = notice.ticket {
                try tx.run(
                    """
                    update notice set acknowledged_at = \(tx.now), acknowledged_by = \(me), escalate_at = null
                    where ticket_id = \(ticket) and kind = \(notice.kind) and acknowledged_at is null
                    """)
                try tx.record(
                    Fact(
                        "ticket.acknowledged", Subject("ticket", ticket), .internal,
                        data: .make(["notice": .string(notice.kind)])))
            }
            notice.acknowledgedAt = tx.now
            notice.acknowledgedBy = me
        }
        tx.signal(Signal(Subject("notices", me)))
        return notice
    }

    /// Whoever acts on a ticket has seen what it wanted of them: the step itself is in the history.
    static func acknowledgeByActing(_ ticket: TicketID, _ tx: Transaction) throws {
        guard let me = tx.actor.id else { return }
        try tx.run(
            """
            update notice set acknowledged_at = \(tx.now), acknowledged_by = \(me), escalate_at = null
            where ticket_id = \(ticket) and needs_acknowledgement = 1 and acknowledged_at is null
              and kind in (select kind from notice where ticket_id = \(ticket) and account_id = \(me))
            """)
    }

    static func markAllRead(_ tx: Transaction) throws {
        guard let me = tx.actor.id else { return }
        try tx.run(
            """
            update notice set read_at = \(tx.now) where account_id = \(me) and read_at is null
              and needs_acknowledgement = 0
            """)
        tx.signal(Signal(Subject("notices", me)))
    }

    /// What the bell shows.
    public static func unreadCount(_ tx: Transaction) throws -> Int {
        guard let me = tx.actor.id else { return 0 }
        return Int(try tx.int("select count(*) from notice where account_id = \(me) and read_at is null"))
    }
}

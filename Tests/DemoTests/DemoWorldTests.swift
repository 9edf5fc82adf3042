import Base
import Foundation
import Inventory
import Store
import TestKit
import Testing
import Tickets

@testable import fettle

/// A world of sixty tickets in a file of its own, made once for all tests here.
private actor Made {
    static let shared = Made()
    struct Sample: Sendable {
        var store: Store
        var signIns: [DemoWorld.SignIn]
    }
    private var task: Task<Sample, any Error>?

    func sample() async throws -> Sample {
        if let task { return try await task.value }
        let made = Task { try await Made.make(tickets: 60, seed: 7) }
        task = made
        return try await made.value
    }

    static let now = Instant(rfc3339: "2026-11-18T09:30:00Z") ?? Instant(ms: 0)

    static func make(tickets: Int, seed: UInt64) async throws -> Sample {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "fettle-demo-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let engine = try await TestEngine.open(folder.path)
        let made = try await DemoWorld.make(
            engine, tickets: tickets, seed: seed, password: "quiet-harbour-71", now: now)
        for fault in made.faults { Issue.record("seed \(seed): \(fault)") }
        return Sample(store: Store(engine: engine, clock: { now }), signIns: made.signIns)
    }
}

private func strings(_ store: Store, _ sql: SQL) async throws -> [String] {
    try await store.read(by: .system("test")) { tx in try tx.rows(sql) { $0.text() } }
}

@Suite struct DemoWorldTests {
    @Test func everyStateIsThere() async throws {
        let made = try await Made.shared.sample()
        let states = Set(try await strings(made.store, "select distinct state from ticket"))
        #expect(
            states == [
                "draft", "submitted", "rejected", "opened", "dispatched", "in_progress",
                "waiting_on_customer",
                "awaiting_decision", "implementing", "awaiting_evaluation", "awaiting_closure", "completed",
                "archived", "cancelled", "merged",
            ])
        let count = try await strings(made.store, "select '' || count(*) from ticket where origin <> 'split'")
        #expect(count == ["60"])
        #expect(try await !strings(made.store, "select id from ticket where cycle = 2").isEmpty)
        #expect(try await strings(made.store, "select id from ticket where origin = 'split'").count == 2)
    }

    @Test func theHistoryHolds() async throws {
        let made = try await Made.shared.sample()
        let (rows, faults) = try await made.store.read(by: .system("test")) { try History.verify($0) }
        #expect(faults == [])
        #expect(rows > 500)
        let tickets = try await made.store.read(by: .system("test")) { try TicketVerify.run($0) }
        #expect(tickets.faults == [] && tickets.tickets >= 60)
        // Nothing happened after the instant at which the world is looked at.
        let later = try await strings(made.store, "select kind from history where at > \(Made.now)")
        #expect(later == [])
    }

    /// What the content says that a ticket's work needed left the store while the work went on, and the months
    /// behind are closed.
    @Test func theStorehouseLivesWithTheTickets() async throws {
        let made = try await Made.shared.sample()
        let faults = try await made.store.read(by: .system("test")) { try Inventory.verify($0).faults }
        #expect(faults == [])
        let kinds = try await strings(
            made.store, "select distinct kind || ' ' || state from stock_document order by 1")
        for kind in [
            "issue posted", "issue submitted", "loan posted", "receipt posted", "receipt submitted",
            "return posted", "shipment posted", "transfer posted", "transfer received",
        ] {
            #expect(kinds.contains(kind), "\(kind) of \(kinds)")
        }
        let days = try await strings(
            made.store,
            """
            select distinct '' || posted_at / 86400000 from stock_document
            where kind = 'issue' and state = 'posted'
            """)
        #expect(days.count > 5)
        let late = try await strings(
            made.store,
            """
            select d.number from stock_document d join ticket t on t.id = d.ticket_id
            join history h on h.subject_id = t.id and h.kind = 'ticket.archived' where d.posted_at > h.at
            """)
        #expect(late == [])
        let closed = try await strings(
            made.store, "select '' || month from stock_period where is_open = 0 order by month")
        #expect(closed.first == "202510" && closed.last == "202610" && closed.count == 13)
    }

    /// A bell that says 99+ to everybody says nothing.
    @Test func fewNoticesAreUnread() async throws {
        let made = try await Made.shared.sample()
        let crowded = try await strings(
            made.store,
            """
            select account_id || ' ' || count(*) from notice where read_at is null
            group by account_id having count(*) > 25
            """)
        #expect(crowded == [])
        #expect(try await !strings(made.store, "select id from notice where read_at is null").isEmpty)
        let old = try await strings(
            made.store,
            """
            select id from notice where needs_acknowledgement = 1 and acknowledged_at is null
              and at < \(Made.now - .days(2))
            """)
        #expect(old == [])
    }

    /// Each ticket, and each that a reopening froze, reads the same by Foundation's coder.
    @Test func ticketsReadBackAsTheyWereWritten() async throws {
        let made = try await Made.shared.sample()
        let stored =
            try await strings(made.store, "select content from ticket")
            + strings(made.store, "select content from ticket_cycle")
        #expect(stored.count > 60)
        for text in stored {
            let ticket = try JSON.parse(text).decode(Ticket.self)
            #expect(
                try JSONDecoder().decode(Ticket.self, from: Data(text.utf8)) == ticket, "\(ticket.number)")
            #expect(try JSON.encode(ticket).decode(Ticket.self) == ticket, "\(ticket.number)")
            #expect(
                try JSON.parse(JSONEncoder().encode(ticket)).decode(Ticket.self) == ticket, "\(ticket.number)"
            )
        }
    }

    @Test func bothLegsAreSometimesMissed() async throws {
        let made = try await Made.shared.sample()
        for column in ["r_verdict", "s_verdict"] {
            let verdicts =
                column == "r_verdict"
                ? try await strings(made.store, "select r_verdict from ticket where r_verdict is not null")
                : try await strings(made.store, "select s_verdict from ticket where s_verdict is not null")
            let met = verdicts.filter { $0 == "met" }.count
            let missed = verdicts.filter { $0 == "missed" }.count
            #expect(missed > 0 && met > 2 * missed, "\(column): \(met) met, \(missed) missed")
        }
    }

    @Test func theSameSeedMakesTheSameWorld() async throws {
        let query: SQL = "select number || ' ' || state || ' ' || title from ticket order by number"
        let first = try await Made.make(tickets: 24, seed: 3)
        let second = try await Made.make(tickets: 24, seed: 3)
        let other = try await Made.make(tickets: 24, seed: 4)
        let a = try await strings(first.store, query)
        #expect(try await strings(second.store, query) == a)
        #expect(try await strings(other.store, query) != a)
    }

    @Test func theRolesMeetOnTheFirstProject() async throws {
        let made = try await Made.shared.sample()
        let roles = Set(made.signIns.map(\.role))
        for role in Role.allCases {
            #expect(roles.contains(role.rawValue))
            #expect(made.signIns.contains { $0.login == role.rawValue && $0.role == role.rawValue })
        }
        #expect(made.signIns.contains { $0.login == "customer2" && $0.role == "customer" })
        // The engineer and both leads are named for the project whose first site the customer sees first.
        let named = try await strings(
            made.store,
            """
            select a.login from project_contact c join project j on j.id = c.project_id
              join account k on k.organization_id = j.customer_id and k.login = 'customer'
              join account a on a.id in (c.contact_id, c.site_lead_id, c.technical_lead_id)
            where j.code = 'RHMS-WR-2021' order by a.login
            """)
        #expect(named == ["engineer", "site_lead", "technical_lead"])
        let other = try await strings(
            made.store,
            """
            select k.login from account k join account c on c.organization_id = k.organization_id
            where c.login = 'customer' and k.login = 'customer2'
            """)
        #expect(other == [])
    }

    @Test func aPlaceWithDataIsRefused() async throws {
        let made = try await Made.shared.sample()
        await #expect(throws: Failure.conflict("demo.not_empty")) {
            _ = try await DemoWorld.make(
                made.store.engine, tickets: 1, seed: 1, password: "quiet-harbour-71", now: Made.now)
        }
    }

    @Test func anyNumberOfTicketsCanBeAskedFor() async throws {
        for n in [1, 9] {
            let made = try await Made.make(tickets: n, seed: 5)
            #expect(try await strings(made.store, "select id from ticket where origin <> 'split'").count == n)
        }
    }
}

import Base
import Store
import TestKit
import Testing
import Web

@testable import Inventory

/// What is kept for somebody: held, used, given way, run out.
@Suite struct ReservationTests {
    private func body(
        _ s: Storehouse, _ quantity: Int64, at place: String = "store",
        _ more: KeyValuePairs<String, JSON> = [:]
    ) -> JSON {
        var all: [JSON.Member] = [
            .init("part_id", .string(s.id("fan"))), .init("place_id", .string(s.id(place))),
            .init("quantity", .int(quantity)),
        ]
        all += more.map { JSON.Member($0.key, $0.value) }
        return .object(all)
    }

    @Test func whatIsReservedIsNotIssuedToOthers() async throws {
        let s = try await Storehouse.open()
        try await s.post("keeper", "/receipts", s.one("fan", 5), expect: 201)
        let kept = try await s.post("keeper", "/reservations", body(s, 4, ["priority": "P4"]), expect: 201)
        try await s.post("keeper", "/issues", s.one("fan", 2), expect: 409, code: "stock.insufficient")
        try await s.post("keeper2", "/reservations", body(s, 2), expect: 409, code: "stock.insufficient")
        let refused = body(s, 3, ["priority": "P2", "preempt": true])
        try await s.post("keeper2", "/reservations", refused, expect: 422, code: "stock.only_p1")
        let path = "/reservations/\(kept["id"]?.string ?? "")/release"
        try await s.post("engineer2", path, expect: 403)
        try await s.post("site_lead", path, expect: 403)
        try await s.post("keeper2", path, expect: 200)
        try await s.post("keeper2", path, expect: 409, code: "stock.reservation_ended")
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// An engineer keeps for a ticket or in the own box; nobody keeps in somebody else's box; P1 is for
    /// tickets of that priority.
    @Test func whoKeepsWhere() async throws {
        let s = try await Storehouse.open()
        for place in ["store", "box", "site_store"] {
            try await s.post("keeper", "/receipts", s.one("fan", 5, at: place), expect: 201)
        }
        let tries: [(String, String, Int, String?)] = [
            ("keeper", "store", 201, nil), ("service_manager", "store", 201, nil),
            ("site_lead", "site_store", 201, nil), ("engineer", "box", 201, nil),
            ("engineer", "store", 422, "stock.for_a_ticket"),
            ("site_lead", "store", 422, "stock.for_a_ticket"), ("engineer2", "box", 403, nil),
            ("service_manager", "box", 403, nil), ("management", "store", 403, nil),
        ]
        for (who, place, status, code) in tries {
            try await s.post(who, "/reservations", body(s, 1, at: place), expect: status, code: code)
        }
        let urgent = body(s, 1, ["priority": "P1"])
        try await s.post("keeper", "/reservations", urgent, expect: 422, code: "stock.p1_ticket")
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// A P1 asks for what a lower priority holds; somebody else agrees, and the other one is told.
    @Test func aP1GoesFirst() async throws {
        let depot = try await Depot.open()
        try await depot.write { tx in
            let place = try Inventory.add(PlaceInput(.store, name: "Central"), tx)
            let part = try Inventory.add(PartInput(number: "P-1", name: "Fan"), tx)
            try Inventory.posted(.receipt, place, [LineInput(part, 5)], tx)
            let low = try Inventory.reserve(
                ReservationInput(part: part.id, place: place.id, quantity: 4, priority: .p4), tx)
            let ask = ReservationInput(
                part: part.id, place: place.id, quantity: 3, priority: .p1, preempt: true)
            let ticket = TicketReference(id: TicketID("a"), number: "FT-26-0001", priority: .p1)
            let urgent = try Inventory.reserve(ask, ticket: ticket, tx)
            #expect(urgent.state == .waiting)
            #expect(try Inventory.preempt(urgent, InventoryNeighbours(), tx).state == .active)
            #expect(try tx.reservation(low.id.text)?.state == .preempted)
            #expect(try Inventory.verify(tx).faults == [])
        }
        await depot.close()
    }

    @Test func nobodyCameInTime() async throws {
        let s = try await Storehouse.open()
        try await s.post("keeper", "/receipts", s.one("fan", 5), expect: 201)
        let kept = try await s.post(
            "keeper", "/reservations", body(s, 4, ["until": "2026-03-10T00:00:00Z"]), expect: 201)
        try await Inventory.expireReservations(s.house.store)
        try await s.post("keeper", "/issues", s.one("fan", 2), expect: 409)
        s.house.clock.advance(.days(2))
        try await Inventory.expireReservations(s.house.store)
        let old = try await s.api("keeper").get("/reservations/\(kept["id"]?.string ?? "")").json
        #expect(old["state"]?.string == "expired")
        try await s.post("keeper", "/issues", s.one("fan", 5), expect: 201)
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// A ticket takes what was kept for it, and parts that are superseded name their successor.
    @Test func aTicketUsesParts() async throws {
        let depot = try await Depot.open()
        try await depot.write { tx in
            let place = try Inventory.add(PlaceInput(.store, name: "Central"), tx)
            let new = try Inventory.add(PartInput(number: "P-2", name: "Drive, new"), tx)
            var input = PartInput(number: "P-1", name: "Drive")
            input.supersededBy = .set(new.id)
            input.minimums = [.init(place: place.id, minimum: 4, target: 10)]
            let part = try Inventory.add(input, tx)
            try Inventory.posted(.receipt, place, [LineInput(part, 5), LineInput(new, 2)], tx)
            let a = TicketReference(id: TicketID("a"), number: "FT-26-0001")
            let b = TicketReference(id: TicketID("b"), number: "FT-26-0002")
            #expect(try Inventory.orderProposals(place: nil, after: nil, limit: 9, tx).isEmpty)
            _ = try Inventory.use(part: part.id, quantity: 4, mode: .reserve, ticket: a, tx)
            #expect(try Inventory.orderProposals(place: nil, after: nil, limit: 9, tx).map(\.quantity) == [9])
            #expect(throws: Failure.self) {
                try Inventory.use(part: part.id, quantity: 2, mode: .issue, ticket: b, tx)
            }
            #expect(try Inventory.isUnsettled(a.id, tx))
            let issue = try Inventory.use(part: part.id, quantity: 5, mode: .issue, ticket: a, tx).issue
            #expect(issue?.state == .posted)
            #expect(try Inventory.uses(of: a.id, tx).reservations.map(\.state) == [.used])
            let used = try tx.int("select count(*) from history where kind = 'stock.used_up'")
            #expect(used == 1, "the reservation's own history says it")
            #expect(try !Inventory.isUnsettled(a.id, tx))
            #expect(try Inventory.substitutes(part, tx).map(\.available) == [2])
            // What comes back is one record with what replaced it and what that cost.
            let back = try Inventory.draw(
                .return,
                DocumentInput(
                    place: place.id, ticket: a.number, lines: [LineInput(part: part.id, quantity: 1)],
                    submit: true), InventoryNeighbours(ticket: { _, _ in a }), tx)
            let record = try #require(
                try Inventory.returned("l.rma = \(back.lines.first?.rma)", after: nil, limit: 1, tx).first)
            #expect(record.number == "RM-26-0001")
            #expect(record.replacementDocument == issue?.number)
            #expect(try Inventory.verify(tx).faults == [])
        }
        await depot.close()
    }
}

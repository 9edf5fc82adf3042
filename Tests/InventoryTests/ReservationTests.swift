import Base
import Store
import TestKit
import Testing
import Web

@testable import Inventory

/// What is kept for somebody: held, used, given way, run out.
@Suite struct ReservationTests {
    private func body(_ s: Storehouse, _ quantity: Int64, _ more: KeyValuePairs<String, JSON> = [:]) -> JSON {
        var all: [JSON.Member] = [
            .init("part_id", .string(s.id("fan"))), .init("place_id", .string(s.id("store"))),
            .init("quantity", .int(quantity)),
        ]
        all += more.map { JSON.Member($0.key, $0.value) }
        return .object(all)
    }

    @Test func whatIsReservedIsNotIssuedToOthers() async throws {
        let s = try await Storehouse.open()
        try await s.post("keeper", "/receipts", s.one("fan", 5), expect: 201)
        let kept = try await s.post(
            "engineer", "/reservations", body(s, 4, ["until": "2026-03-10T00:00:00Z", "priority": "P4"]),
            expect: 201)
        try await s.post("keeper", "/issues", s.one("fan", 2), expect: 409, code: "stock.insufficient")
        try await s.post("engineer", "/reservations", body(s, 2), expect: 409, code: "stock.insufficient")
        // A P1 asks for it; a service manager agrees, and the other one is told.
        let refused = body(s, 3, ["priority": "P2", "preempt": true])
        try await s.post("engineer2", "/reservations", refused, expect: 422, code: "stock.only_p1")
        let urgent = try await s.post(
            "engineer2", "/reservations", body(s, 3, ["priority": "P1", "preempt": true]), expect: 201)
        #expect(urgent["state"]?.string == "waiting")
        let path = "/reservations/\(urgent["id"]?.string ?? "")"
        try await s.post("engineer2", "\(path)/approval", expect: 403)
        let given = try await s.post("service_manager", "\(path)/approval", expect: 200)
        #expect(given["state"]?.string == "active")
        let old = try await s.api("engineer").get("/reservations/\(kept["id"]?.string ?? "")").json
        #expect(old["state"]?.string == "preempted")
        let told = try await s.api("engineer").get("/notifications").json["items"]?.array ?? []
        #expect(told.contains { $0["kind"]?.string == "stock.preempted" }, "\(told)")
        try await s.post("engineer2", "\(path)/release", expect: 200)
        try await s.post("engineer2", "\(path)/release", expect: 409, code: "stock.reservation_ended")
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    @Test func nobodyCameInTime() async throws {
        let s = try await Storehouse.open()
        try await s.post("keeper", "/receipts", s.one("fan", 5), expect: 201)
        let kept = try await s.post(
            "engineer", "/reservations", body(s, 4, ["until": "2026-03-10T00:00:00Z"]), expect: 201)
        try await Inventory.expireReservations(s.house.store)
        try await s.post("keeper", "/issues", s.one("fan", 2), expect: 409)
        s.house.clock.advance(.days(2))
        try await Inventory.expireReservations(s.house.store)
        let old = try await s.api("engineer").get("/reservations/\(kept["id"]?.string ?? "")").json
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

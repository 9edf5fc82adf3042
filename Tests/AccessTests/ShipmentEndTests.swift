import Base
import Store
import TestKit
import Testing
import Web

@testable import fettle

/// A shipment that a decision made, and that never arrives because somebody takes it back.
@Suite struct ShipmentEndTests {
    /// A ticket whose engineer waits for a fan that management has sent.
    private static func open() async throws -> (TicketPartsTests.World, String) {
        let s = try await TicketPartsTests.World.open("P3", category: "project")
        try await s.w.take("engineer", s.ticket, "responses", ["body": "We are on it."], expect: 201)
        let plan: JSON = [
            "milestones": [["title": "Factory test", "due_at": "2026-04-01T08:00:00Z"]],
            "resources": "Two engineers",
        ]
        try await s.w.take("engineer", s.ticket, "solution", ["statement": "Send a fan.", "plan": plan])
        try await s.w.take(
            "management", s.ticket, "decision",
            [
                "outcome": "approved", "statement": "Send it.",
                "shipment": [
                    "place_id": .string(s.store), "lines": [["part_id": "fan-92", "quantity": 1]],
                ],
            ])
        let sent = try #require(try await s.w.api("keeper").get("/shipments").json["items"]?.array?.first)
        return (s, "/shipments/\(sent["id"]?.string ?? "")")
    }

    private func isOpen(_ s: TicketPartsTests.World) async throws -> Bool {
        try await s.w.run { while try await $0.deliver(Areas.handlers) > 0 {} }
        let early = try await s.w.api("engineer").post(
            "/tickets/\(s.ticket)/completion", ["report": "Done", "nature": "wrong"])
        return early.code == "ticket.tasks_open"
    }

    private func tellings(_ s: TicketPartsTests.World) async throws -> Int {
        let notices = try await s.w.api("engineer").get("/notifications").json["items"]?.array ?? []
        return notices.filter { $0["kind"]?.string == "ticket.parts_withdrawn" }.count
    }

    /// Given up before it left: nothing will arrive, and nobody waits for it.
    @Test func aWithdrawnShipmentEndsItsTask() async throws {
        let (s, path) = try await ShipmentEndTests.open()
        #expect(try await isOpen(s))
        #expect(try await s.w.api("management").post(path + "/withdrawal").status == 200)
        #expect(!(try await isOpen(s)))
        #expect(try await s.facts("engineer").contains("ticket.parts_withdrawn"))
        #expect(!(try await s.facts("customer").contains("ticket.parts_withdrawn")))
        #expect(try await tellings(s) == 1)
        try await s.close()
    }

    /// Taken back on its way, the same; taken back after it had arrived, somebody has to see to it anew.
    @Test func aReversedShipmentEndsOrReopensItsTask() async throws {
        let (s, path) = try await ShipmentEndTests.open()
        #expect(try await s.w.api("keeper").post(path + "/posting").status == 200)
        #expect(try await isOpen(s))
        #expect(try await s.w.api("keeper").post(path + "/receipt").status == 200)
        #expect(!(try await isOpen(s)))
        #expect(try await s.w.api("keeper").post(path + "/reversal", ["reason": "Wrong crate"]).status == 200)
        #expect(try await isOpen(s))
        #expect(try await tellings(s) == 1)
        try await s.close()

        let (other, way) = try await ShipmentEndTests.open()
        #expect(try await other.w.api("keeper").post(way + "/posting").status == 200)
        #expect(
            try await other.w.api("keeper").post(way + "/reversal", ["reason": "Wrong crate"]).status == 200)
        #expect(!(try await isOpen(other)))
        try await other.close()
    }
}

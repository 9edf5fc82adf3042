import Base
import Store
import TestKit
import Testing

/// Who asks stock for something in a ticket's name.
@Suite struct TicketPartsRightsTests {
    typealias World = TicketPartsTests.World

    /// Nobody has something kept in somebody else's box, named or found.
    @Test func anothersBoxKeepsNothing() async throws {
        let s = try await World.open()
        let inBox = s.body(1, "reserve").with("place_id", .string(s.box))
        for (who, status) in [("technical_lead", 403), ("site_lead", 403), ("engineer", 201)] {
            let reply = try await s.use(who, inBox)
            #expect(reply.status == status, "\(who): \(reply.status) \(reply.text)")
        }
        #expect(try await s.use("keeper", s.body(13)).status == 409)
        #expect(try await s.use("keeper", s.body(10)).status == 201)
        #expect(try await s.use("site_lead", s.body(3)).status == 201)
        let found = try await s.use("technical_lead", s.body(1, "reserve"))
        #expect(found.status == 409 && found.code == "stock.insufficient", "\(found.text)")
        try await s.close()
    }

    /// Who merely sees a ticket asks for nothing in its name; who visits for it does.
    @Test func aDocumentNamesATicketThatItsMakerWorksOn() async throws {
        let s = try await World.open()
        let issue: JSON = [
            "place_id": .string(s.store), "ticket_id": .string(s.ticket), "submit": true,
            "lines": [["part_id": .string(s.fan), "quantity": 1]],
        ]
        let kept: JSON = [
            "place_id": .string(s.store), "ticket_id": .string(s.ticket), "part_id": .string(s.fan),
            "quantity": 1,
        ]
        for (path, body) in [("/issues", issue), ("/reservations", kept)] {
            let sees = try await s.w.api("engineer2").post(path, body)
            #expect(sees.status == 403 && sees.code == "ticket.role", "\(path): \(sees.text)")
            let foreign = try await s.w.api("engineer3").post(path, body)
            #expect(foreign.status == 422 && foreign.text.contains("ticket.unknown_reference"), "\(path)")
            #expect(try await s.w.api("engineer").post(path, body).status == 201, "\(path)")
            #expect(try await s.w.api("keeper").post(path, body).status == 201, "\(path)")
        }
        #expect(try await s.w.api("service_manager").post("/reservations", kept).status == 201)
        try await s.w.take(
            "service_manager", s.ticket, "visits",
            [
                "engineer_id": .string(s.w.id("engineer3")), "start_at": "2026-03-10T01:00:00Z",
                "end_at": "2026-03-10T05:00:00Z",
            ], expect: 201)
        #expect(try await s.w.api("engineer3").post("/issues", issue).status == 201)
        #expect(try await s.use("engineer3", s.body(1)).status == 201)
        try await s.close()
    }
}

import Base
import Store
import TestKit
import Testing
import Web

@testable import fettle

/// What was asked for a ticket that ends before it is posted, and what is put right after it.
@Suite struct EndedTicketStockTests {
    typealias World = TicketPartsTests.World

    private func asked(_ s: World) async throws -> [(String, String)] {
        var out: [(String, String)] = []
        let line: JSON = ["part_id": .string(s.fan), "quantity": 1]
        for (kind, submit) in [("issues", false), ("issues", true), ("returns", false)] {
            let made = try await s.w.api("engineer").post(
                "/\(kind)",
                [
                    "place_id": .string(s.store), "ticket_id": .string(s.ticket), "lines": [line],
                    "submit": .bool(submit),
                ])
            #expect(made.status == 201, "\(made.text)")
            out.append(("/\(kind)/\(made.json["id"]?.string ?? "")", made.json["state"]?.string ?? "?"))
        }
        return out
    }

    /// A cancelled ticket takes nothing more out of the store; what comes back is taken in all the same.
    @Test func whatWasAskedForEndsWithItsTicket() async throws {
        let s = try await World.open()
        let all = try await asked(s)
        #expect(all.map(\.1) == ["draft", "submitted", "draft"])
        try await s.w.take("service_manager", s.ticket, "cancellation", ["reason": "Not needed any more"])
        var states: [String] = []
        for (path, _) in all {
            states.append(try await s.w.api("keeper").get(path).json["state"]?.string ?? "?")
        }
        #expect(states == ["withdrawn", "withdrawn", "draft"])
        for (path, step) in [(all[0].0, "submission"), (all[1].0, "posting"), (all[1].0, "approval")] {
            let who = step == "approval" ? "service_manager" : "keeper"
            #expect(try await s.w.api(who).post("\(path)/\(step)").status == 409)
        }
        #expect(try await s.w.api("keeper").post(all[2].0 + "/submission").json["state"]?.string == "posted")
        let late = try await s.w.api("keeper").post(
            "/issues",
            [
                "place_id": .string(s.store), "ticket_id": .string(s.ticket),
                "lines": [["part_id": .string(s.fan), "quantity": 1]],
            ])
        #expect(late.status == 409 && late.code == "ticket.state", "\(late.text)")
        try await s.close()
    }

    /// The books are put right after the archive too; the ticket stays as it was.
    @Test func theBooksAreMendedAfterTheArchive() async throws {
        let s = try await World.open()
        let used = try await s.use("engineer", s.body(1))
        let issue = used.json["id"]?.string ?? ""
        try await s.w.bringToEvaluation(s.ticket)
        try await s.w.bringToCompletion(s.ticket)
        try await s.w.take("quality", s.ticket, "archive", ["summary": "Aged capacitors."])
        let before = try await s.w.ticket("service_manager", s.ticket)["version"]
        let back = try await s.w.api("keeper").post("/issues/\(issue)/reversal", ["reason": "Never used"])
        #expect(back.status == 200 && back.json["state"]?.string == "posted", "\(back.text)")
        let after = try await s.w.ticket("service_manager", s.ticket)
        #expect(after["state"]?.string == "archived" && after["version"] == before)
        #expect(try await s.lines("engineer").isEmpty)
        try await s.close()
    }
}

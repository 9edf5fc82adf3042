import Base
import Foundation
import Store
import TestKit
import Testing
import Tickets

@testable import fettle

/// Edge cases of the process, through the door, with a clock that the test moves.
@Suite struct EdgeCaseTests {
    private func kinds(_ w: Workshop, _ who: String) async throws -> [String] {
        (try await w.api(who).get("/notifications?limit=200").json["items"]?.array ?? [])
            .compactMap { $0["kind"]?.string }
    }

    private func warnings(_ w: Workshop, _ number: String) async throws -> [String] {
        let items = try await w.api("service_manager").get("/tickets/\(number)/timeline?limit=200").json[
            "items"]?
            .array
        return (items ?? []).filter { $0["kind"]?.string == "ticket.sla_warning" }
            .map { "\($0["data"]?["leg"]?.string ?? "") \($0["data"]?["percent"]?.int ?? 0)" }
    }

    /// P1 from 09:00 in Shanghai: response in 2 h. Told once each, also by a process that started anew.
    @Test func warningsAt50And75And100() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        try await w.approve(number, "P1")
        let steps: [(Int64, [String])] = [
            (59, []), (60, ["response 50"]), (61, ["response 50"]), (90, ["response 50", "response 75"]),
            (120, ["response 50", "response 75", "response 100"]),
            (121, ["response 50", "response 75", "response 100"]),
        ]
        for (minutes, told) in steps {
            w.house.clock.set(House.morning + .minutes(minutes))
            for _ in 0..<2 {
                // A store of its own on the same file: what was told stands there, not in memory.
                let store = Store(engine: w.house.store.engine, clock: w.house.store.clock)
                try await TicketJobs.warn(store)
            }
            #expect(try await warnings(w, number) == told, "after \(minutes) min")
        }
        #expect(
            try await w.ticket("service_manager", number)["sla"]?["response"]?["verdict"]?.string == "missed")
        let listed = try await w.api("service_manager").get("/tickets").json["items"]?.array?.first
        #expect(listed?["sla"]?["response"]?["verdict"]?.string == "missed", "stored for the lists")
        try await w.house.close()
    }

    /// After a standstill over several marks only the last is told.
    @Test func aStandstillTellsTheLatest() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        try await w.approve(number, "P1")
        w.house.clock.set(House.morning + .minutes(100))
        try await w.run { try await TicketJobs.warn($0) }
        #expect(try await warnings(w, number) == ["response 75"])
        try await w.house.close()
    }

    /// P2 entered at 19:00: half of its four hours is 21:00, three quarters 22:00, the end 23:00.
    @Test func quietHoursHoldWarningsBackExceptP1() async throws {
        let evening = House.morning + .hours(10)
        let w = try await Workshop.open(at: evening)
        let (calm, _) = try await w.enter(serial: "Q-1")
        try await w.approve(calm, "P2")
        w.house.clock.set(evening + .hours(2) + .minutes(30))
        let (grave, _) = try await w.enter(serial: "Q-2")
        try await w.approve(grave, "P1")
        try await w.run { try await TicketJobs.warn($0) }
        #expect(try await warnings(w, calm) == ["response 50"])
        w.house.clock.set(evening + .hours(4) + .minutes(1))
        try await w.run { try await TicketJobs.warn($0) }
        #expect(try await warnings(w, calm) == ["response 50"], "it is 23:01")
        #expect(try await warnings(w, grave).contains("response 75"), "P1 knows no quiet")
        let listed = try await w.api("service_manager").get("/tickets?serial=Q-1").json["items"]?.array?.first
        #expect(
            listed?["sla"]?["response"]?["verdict"]?.string == "missed", "the miss is written all the same")
        w.house.clock.set(evening + .hours(12))
        try await w.run { try await TicketJobs.warn($0) }
        #expect(try await warnings(w, calm) == ["response 50", "response 100"], "at seven they are told")
        try await w.house.close()
    }

    @Test func unacknowledgedNoticesEscalateOnce() async throws {
        let w = try await Workshop.open()
        let (first, _) = try await w.enter(serial: "N-1")
        w.house.clock.advance(.minutes(1))
        let (second, _) = try await w.enter(serial: "N-2")
        let notices = try await w.api("service_manager").get("/notifications").json["items"]?.array ?? []
        let mine = notices.last { $0["kind"]?.string == "ticket.submitted" }?["id"]?.string ?? ""
        #expect(
            try await w.api("service_manager").post("/notifications/\(mine)/acknowledgement").status == 200)
        w.house.clock.advance(.minutes(29))
        try await w.run { try await TicketJobs.escalate($0) }
        #expect(try await kinds(w, "management").isEmpty)
        w.house.clock.advance(.minutes(1))
        for _ in 0..<2 { try await w.run { try await TicketJobs.escalate($0) } }
        #expect(try await kinds(w, "management").filter { $0 == "ticket.escalated" }.count == 1)
        let told = try await w.api("management").get("/notifications").json["items"]?.array?.first
        let escalated = try await w.ticket("service_manager", second)["id"]
        #expect(told?["ticket_id"] == escalated, "the acknowledged one, \(first), stays where it is")
        try await w.house.close()
    }

    @Test func absenceOfTheRatingAndALateOne() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        try await w.bringToWork(number, "P4")
        try await w.bringToEvaluation(number)
        try await w.take("site_lead", number, "attestation", ["response_met": true, "solution_met": true])
        w.house.clock.advance(.hours(14 * 24) - .minutes(1))
        try await w.run { try await TicketJobs.recordAbsences($0) }
        #expect(try await w.ticket("customer", number)["state"]?.string == "awaiting_evaluation")
        w.house.clock.advance(.minutes(1))
        for _ in 0..<2 { try await w.run { try await TicketJobs.recordAbsences($0) } }
        #expect(try await w.ticket("customer", number)["state"]?.string == "awaiting_closure")
        let rating: JSON = ["response": 2, "attitude": 3, "skill": 4, "result": 5]
        w.house.clock.advance(.hours(30 * 24))
        let late = try await w.take("customer", number, "evaluation", rating)
        #expect(late["evaluation"]?["skill"]?.int == 4)
        #expect(late["state"]?.string == "awaiting_closure")
        #expect(try await w.api("customer").post("/tickets/\(number)/evaluation", rating).status == 409)
        try await w.house.close()
    }

    @Test func unreachableAndContactReopens() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        try await w.bringToWork(number, "P4")
        func attempt(_ channel: String) async throws {
            w.house.clock.advance(.hours(2))
            try await w.take(
                "engineer", number, "contact-attempts",
                ["channel": .string(channel), "at": .of(w.house.clock.now), "note": "No answer"], expect: 201)
        }
        let close: JSON = ["outcome": "unreachable"]
        try await attempt("phone")
        try await attempt("phone")
        #expect(try await w.api("service_manager").post("/tickets/\(number)/closure", close).status == 409)
        try await attempt("phone")
        #expect(
            try await w.api("service_manager").post("/tickets/\(number)/closure", close).status == 409,
            "one channel")
        try await attempt("mail")
        let closed = try await w.take("service_manager", number, "closure", close)
        #expect(closed["state"]?.string == "completed")
        let back = try await w.take("customer", number, "responses", ["body": "I was at sea"], expect: 201)
        #expect(back["state"]?.string == "opened")
        #expect(back["cycle"]?.int == 2)
        try await w.house.close()
    }

    @Test func reopeningWindow() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        try await w.bringToWork(number, "P4")
        try await w.bringToEvaluation(number)
        try await w.bringToArchive(number)
        w.house.clock.advance(.hours(30 * 24) + .minutes(1))
        let late = try await w.api("customer").post("/tickets/\(number)/reopening", ["reason": "Back"])
        #expect(late.code == "ticket.reopening_window")
        #expect(late.status == 409)
        try await w.take("quality", number, "reopening", ["reason": "Wrong cause"])
        try await w.house.close()
    }

    /// `golden.json` → `reprioritise`: P4 at T0, paused at 30–54 h, P2 at 60 h.
    @Test(arguments: [("misjudged", Int64(96)), ("impact_changed", 132)])
    func reprioritise(_ kind: String, _ due: Int64) async throws {
        let w = try await Workshop.open()
        let start = w.house.clock.now
        let (number, _) = try await w.enter()
        try await w.bringToWork(number, "P4")
        w.house.clock.set(start + .hours(30))
        try await w.take("engineer", number, "pause", ["question": "Which firmware?"])
        w.house.clock.set(start + .hours(54))
        try await w.take("customer", number, "responses", ["body": "4.2"], expect: 201)
        w.house.clock.set(start + .hours(60))
        let members = Workshop.grading("P2").filter { $0.name != "category" }
        let after = try await w.put(
            "service_manager", number, "priority",
            .object(members + [.init("kind", .string(kind)), .init("reason", "Second drive failed")]))
        #expect(after["sla"]?["solution"]?["due_at"] == .of(start + .hours(due)))
        try await w.house.close()
    }

    @Test func mergeKeepsTheEarliestAndSplitInheritsReceipt() async throws {
        let w = try await Workshop.open()
        let (early, earlyID) = try await w.enter(serial: "M-1")
        let received = try await w.ticket("customer", early)["received_at"]
        w.house.clock.advance(.hours(1))
        let (late, _) = try await w.enter(serial: "M-1")
        let wrong = try await w.api("service_manager").post(
            "/tickets/\(early)/merge", ["into": .string(late)])
        #expect(wrong.json["errors"]?.array?.first?["code"]?.string == "ticket.merge_into_later")
        let merged = try await w.take("service_manager", late, "merge", ["into": .string(early)])
        #expect(merged["state"]?.string == "merged")
        #expect(merged["merged_into"]?.string == earlyID)
        try await w.bringToWork(early, "P4")
        w.house.clock.advance(.hours(1))
        try await w.take(
            "service_manager", early, "split",
            [
                "parts": [
                    ["title": "Left drive", "description": "Noise"],
                    ["title": "Right drive", "description": "Heat"],
                ]
            ])
        let parts = try await w.api("service_manager").get("/tickets?q=drive").json["items"]?.array ?? []
        let children = parts.filter { $0["title"]?.string?.hasSuffix("drive") == true }
        #expect(children.count == 2)
        for child in children { #expect(child["received_at"] == received) }
        try await w.bringToEvaluation(early)
        try await w.take(
            "customer", early, "evaluation", ["response": 5, "attitude": 5, "skill": 5, "result": 5])
        try await w.take("site_lead", early, "attestation", ["response_met": true, "solution_met": true])
        let closing = try await w.api("service_manager").post(
            "/tickets/\(early)/closure", ["outcome": "approved"])
        #expect(closing.code == "ticket.children_open", "the parent closes last")
        #expect(try await w.history() == [])
        try await w.house.close()
    }

    @Test func emergencyDispatch() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        let body: JSON = ["engineer_id": .string(w.id("engineer")), "emergency": "Dish drifts in the storm"]
        #expect(try await w.api("engineer2").post("/tickets/\(number)/assignment", body).status == 403)
        let duty = w.id("engineer2")
        try await w.house.store.write(by: .system("test")) { tx in
            try tx.run(
                """
                insert into setting (name, version, value, effective_from, created_at, created_by)
                values ('on_duty', 1, \(JSON.array([.string(duty)]).text), \(tx.now), \(tx.now), null)
                """)
        }
        let sent = try await w.take("engineer2", number, "assignment", body)
        #expect(sent["priority"]?.string == "P1")
        #expect(sent["state"]?.string == "dispatched")
        w.house.clock.advance(.hours(24))
        try await w.run { try await TicketJobs.escalate($0) }
        #expect(try await kinds(w, "management").contains("ticket.approval_overdue"))
        try await w.approve(number, "P3")
        #expect(try await w.ticket("engineer", number)["priority"]?.string == "P3")
        try await w.house.close()
    }
}

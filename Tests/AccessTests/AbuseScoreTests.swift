import Base
import ServiceLevels
import Store
import TestKit
import Testing

@testable import Tickets
@testable import fettle

/// Items 52 to 55 of the abuse list, and what a change of category or grade does to a running clock:
/// nobody makes a figure look better by the order of their steps.
@Suite struct AbuseScoreTests {
    private func rates(_ w: Workshop, _ leg: Leg) async throws -> WorkRate {
        try await w.house.store.read(by: .system("test")) { tx in
            try WorkRates.read([House.morning - .days(1), tx.now + .days(60)], tx)[
                .init(leg: leg, bucket: 0, project: "")] ?? WorkRate()
        }
    }

    private func regrade(_ w: Workshop, _ number: String, _ priority: String, _ kind: String) async throws
        -> JSON
    {
        try await w.put(
            "service_manager", number, "priority",
            .object(
                Workshop.grading(priority).filter { $0.name != "category" } + [
                    .init("kind", .string(kind)), .init("reason", "Looked again"),
                ]))
    }

    /// 52: a pause begun after the target was overrun changes nothing any more, and pauses add up to
    /// exactly what the customer took.
    @Test func abuse52APauseAfterTheBreachDoesNotHeal() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        try await w.bringToWork(number, "P1")
        w.house.clock.set(House.morning + .hours(20))
        try await w.take("engineer", number, "pause", ["question": "Which firmware?"])
        w.house.clock.set(House.morning + .hours(50))
        var solution = try await w.ticket("engineer", number)["sla"]?["solution"]
        #expect(solution?["verdict"]?.string == "pending")
        #expect(solution?["remaining_s"]?.int == 14_400, "four of the 24 hours were left")
        try await w.take("customer", number, "responses", ["body": "4.2"], expect: 201)
        w.house.clock.set(House.morning + .hours(54) + .minutes(1))
        try await w.take("engineer", number, "pause", ["question": "And the serial?"])
        w.house.clock.set(House.morning + .hours(500))
        solution = try await w.ticket("engineer", number)["sla"]?["solution"]
        #expect(solution?["verdict"]?.string == "missed")
        try await w.take("customer", number, "responses", ["body": "It is on the label"], expect: 201)
        solution = try await w.ticket("engineer", number)["sla"]?["solution"]
        #expect(solution?["verdict"]?.string == "missed", "for good")
        try await w.take("technical_lead", number, "cause", ["statement": "Aged"])
        try await w.take("engineer", number, "solution", ["statement": "Swap it"])
        solution = try await w.ticket("engineer", number)["sla"]?["solution"]
        #expect(solution?["verdict"]?.string == "missed")
        #expect(try await rates(w, .solution) == WorkRate(met: 0, missed: 1))
        try await w.house.close()
    }

    /// 53: down a minute before the breach and up again after it: the old grade's target has passed.
    @Test func abuse53DownAMinuteBeforeAndUpAMinuteAfter() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        try await w.bringToWork(number, "P1")
        w.house.clock.set(House.morning + .hours(2) - .minutes(1))
        // Said as a change of impact, a way down is a misjudgement all the same: from the receipt on.
        let down = try await regrade(w, number, "P4", "impact_changed")
        #expect(down["sla"]?["response"]?["due_at"] == .of(House.morning + .hours(24)))
        #expect(down["sla"]?["response"]?["verdict"]?.string == "pending")
        let told = try await w.api("customer").get("/notifications").json["items"]?.array ?? []
        #expect(told.contains { $0["kind"]?.string == "ticket.downgraded" }, "the customer is told")
        w.house.clock.set(House.morning + .hours(2) + .minutes(1))
        let up = try await regrade(w, number, "P1", "misjudged")
        #expect(up["sla"]?["response"]?["due_at"] == .of(House.morning + .hours(2)))
        #expect(up["sla"]?["response"]?["verdict"]?.string == "missed")
        #expect(up["sla"]?["response"]?["grading"]?.bool == true, "charged to whoever graded")
        #expect(up["sla"]?["solution"]?["due_at"] == .of(House.morning + .hours(24)))
        let grades =
            try await w.api("auditor").get("/tickets/\(number)/timeline?limit=200").json["items"]?
            .array?.filter { $0["kind"]?.string == "ticket.priority" } ?? []
        #expect(grades.count == 2, "both stand in the history, with who and why")
        #expect(grades.allSatisfy { $0["actor"]?["name"]?.string == "林志远" || $0["actor"] == nil })
        // Up by impact: the earlier of the two due instants wins, whatever the kind is called.
        let (other, _) = try await w.enter(serial: "I-2")
        let received = w.house.clock.now
        try await w.bringToWork(other, "P4")
        w.house.clock.set(received + .hours(23))
        let late = try await regrade(w, other, "P1", "impact_changed")
        #expect(late["sla"]?["response"]?["due_at"] == .of(received + .hours(24)))
        try await w.house.close()
    }

    /// 54: neither a rejection with its objection nor a reopening gives time back that was used up.
    @Test func abuse54RejectionAndReopeningGiveNothingBack() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        w.house.clock.advance(.hours(1))
        try await w.take("service_manager", number, "rejection", ["reason": "Not ours"])
        w.house.clock.advance(.hours(10))
        try await w.take("customer", number, "objection", ["reason": "It is"])
        try await w.approve(number, "P1")
        let response = try await w.ticket("service_manager", number)["sla"]?["response"]
        #expect(response?["due_at"] == .of(House.morning + .hours(2)), "as if never stopped")
        #expect(response?["verdict"]?.string == "missed")

        let (late, _) = try await w.enter(serial: "L-1")
        try await w.bringToWork(late, "P4")
        w.house.clock.advance(.hours(25))
        try await w.bringToEvaluation(late)
        try await w.bringToCompletion(late)
        for who in ["engineer", "service_manager", "site_lead", "technical_lead", "customer2"] {
            let reply = try await w.api(who).post("/tickets/\(late)/reopening", ["reason": "Fresh start"])
            #expect([403, 404].contains(reply.status), "\(who): \(reply.status)")
        }
        let before = try await rates(w, .response)
        try await w.take("customer", late, "reopening", ["reason": "It is back"])
        #expect(try await rates(w, .response).missed == before.missed, "the miss of the first cycle stays")
        w.house.clock.advance(.hours(25))
        #expect(try await rates(w, .response).missed == before.missed + 1, "and the second adds its own")
        let listed = try await w.api("service_manager").get("/tickets?serial=L-1").json["items"]?.array
        #expect(listed?.count == 1, "in volume it is one ticket")
        try await w.house.close()
    }

    /// 55: one case cut into ten is one met response and one met solution; a late part still shows.
    @Test func abuse55PartsSwellNoScore() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        try await w.bringToWork(number, "P4")
        try await w.take("engineer", number, "responses", ["body": "On it"], expect: 201)
        let parts = (1...10).map {
            JSON.make(["title": .string("Part \($0)"), "description": "One screw of it"])
        }
        try await w.take("service_manager", number, "split", ["parts": .array(parts)])
        let children =
            try await w.api("service_manager").get("/tickets?q=Part&sort=received&limit=50").json["items"]?
            .array?.compactMap { $0["number"]?.string } ?? []
        #expect(children.count == 10)
        for child in children.prefix(9) {
            try await w.bringToWork(child, "P4")
            let t = try await w.ticket("engineer", child)
            #expect(t["sla"]?["response"]?["verdict"]?.string == "met", "answered with the whole")
            try await w.take("engineer", child, "solution", ["statement": "Turned it"])
        }
        try await w.take("engineer", number, "solution", ["statement": "All screws"])
        w.house.clock.set(House.morning + .days(14))
        #expect(try await rates(w, .response) == WorkRate(met: 1, missed: 0))
        #expect(try await rates(w, .solution) == WorkRate(met: 1, missed: 1), "the tenth part is late")
        // A part that another part is cut from is no better.
        let last = children[9]
        try await w.bringToWork(last, "P4")
        try await w.take(
            "service_manager", last, "split",
            ["parts": [["title": "Half", "description": "x"], ["title": "Other half", "description": "y"]]])
        w.house.clock.advance(.days(2))
        #expect(try await rates(w, .response).met == 1)
        #expect(try await rates(w, .solution).met == 1)
        try await w.house.close()
    }

    // MARK: Changed after approval

    /// Another category: number, received time, history, pauses and the stopped response stay; the
    /// targets are those of the new category, from the receipt on.
    @Test func aChangedCategoryKeepsTheClockAndTakesItsOwnTargets() async throws {
        let w = try await Workshop.open()
        try await w.house.store.write(by: .system("test")) { tx in
            let row = GradeTargets(response: .hours(4), solution: .hours(72))
            let short = GradeTargets(response: .hours(1), solution: .hours(40))
            let policy = try ServiceLevelPolicy(
                id: "rift", label: Label(en: "Rift", hans: "Rift", hant: "Rift"),
                scope: .project(w.id("project")), effectiveFrom: Instant(ms: 0), responseCalendar: "24x7",
                solutionCalendar: "24x7", targets: [.p1: row, .p2: row, .p3: row, .p4: row],
                categories: ["request": [.p1: short, .p2: short, .p3: short, .p4: short]])
            _ = try tx.addLevelItem(.policy, "rift", policy.json)
        }
        let (number, id) = try await w.enter()
        try await w.bringToWork(number, "P2")
        w.house.clock.set(House.morning + .hours(2))
        try await w.take("engineer", number, "responses", ["body": "On it"], expect: 201)
        try await w.take("engineer", number, "pause", ["question": "Which firmware?"])
        w.house.clock.set(House.morning + .hours(12))
        try await w.take("customer", number, "responses", ["body": "4.2"], expect: 201)
        let before = try await w.ticket("engineer", number)
        #expect(before["sla"]?["solution"]?["due_at"] == .of(House.morning + .hours(82)))
        let after = try await w.put(
            "service_manager", number, "classification", ["category": "request", "reason": "It is a wish"])
        for field in [
            "number", "id", "received_at", "created_at", "priority", "impact", "commonness", "cycle",
        ] {
            #expect(after[field] == before[field], "\(field)")
        }
        #expect(after["category"]?.string == "request")
        #expect(after["sla"]?["response"]?["stopped_at"] == before["sla"]?["response"]?["stopped_at"])
        #expect(after["sla"]?["response"]?["verdict"]?.string == "met", "a stopped leg keeps its verdict")
        #expect(after["sla"]?["solution"]?["paused_s"]?.int == 36_000, "the pause is not lost")
        #expect(after["sla"]?["solution"]?["due_at"] == .of(House.morning + .hours(50)))
        #expect(after["sla"]?["solution"]?["verdict"]?.string == "pending")
        // And back: the same instant as before, not one later.
        let back = try await w.put(
            "service_manager", number, "classification", ["category": "quality", "reason": "It is not"])
        #expect(back["sla"]?["solution"]?["due_at"] == .of(House.morning + .hours(82)))
        // Where the new category's target has passed already, it was missed, and the grading is why.
        w.house.clock.set(House.morning + .hours(60))
        let late = try await w.put(
            "service_manager", number, "classification", ["category": "request", "reason": "A wish again"])
        #expect(late["sla"]?["solution"]?["verdict"]?.string == "missed")
        #expect(late["sla"]?["solution"]?["grading"]?.bool == true)
        let kinds =
            try await w.api("auditor").get("/tickets/\(number)/timeline?limit=200").json["items"]?
            .array?.compactMap { $0["kind"]?.string } ?? []
        #expect(kinds.filter { $0 == "ticket.classification" }.count == 3)
        #expect(kinds.contains("ticket.approval"), "the history goes on")
        // What a browser or a program may not do with it.
        let body: JSON = ["category": "quality", "reason": "x"]
        for who in ["engineer", "customer", "quality", "technical_lead"] {
            let reply = try await w.api(who).send(
                "PUT", "/tickets/\(number)/classification", body, headers: [("If-Match", "*")])
            #expect(reply.status == 403, "\(who)")
        }
        #expect(try await w.history() == [])
        let faults = try await w.house.store.read(by: .system("test")) { try TicketVerify.run($0).faults }
        #expect(faults == [], "the stored columns are what the facts give, \(id)")
        try await w.house.close()
    }

    /// A quality problem that was let through as a wish: what its category asks for is asked for before
    /// the end, and there is a way to get there. The same where its grade rises.
    @Test func aReclassifiedTicketOwesWhatItsCategoryAsks() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter(category: "request")
        try await w.bringToWork(number, "P2", category: "request")
        try await w.take("engineer", number, "responses", ["body": "On it"], expect: 201)
        let given = try await w.take("engineer", number, "solution", ["statement": "Swap the board"])
        #expect(given["state"]?.string == "implementing", "a wish needs neither cause nor decision")
        let moved = try await w.put(
            "service_manager", number, "classification", ["category": "quality", "reason": "It broke"])
        #expect(moved["state"]?.string == "awaiting_decision", "management has its word after all")
        #expect(moved["sla"]?["solution"]?["verdict"]?.string == "met", "it was given in time")
        try await w.take("management", number, "decision", ["outcome": "approved", "statement": "Yes"])
        let report: JSON = ["report": "Done", "nature": "quality"]
        let early = try await w.api("engineer").post("/tickets/\(number)/completion", report)
        #expect(early.code == "ticket.cause_missing", "\(early.status) \(early.text)")
        try await w.take("technical_lead", number, "cause", ["statement": "Batch 23W31"])
        let twice = try await w.api("technical_lead").post("/tickets/\(number)/cause", ["statement": "No"])
        #expect(twice.status == 409, "only what was missing")
        try await w.take("engineer", number, "completion", report)
        try await w.bringToArchive(number)

        let (small, _) = try await w.enter(serial: "G-1")
        try await w.bringToWork(small, "P4")
        try await w.take("engineer", small, "solution", ["statement": "Clean it"])
        #expect(try await w.ticket("engineer", small)["state"]?.string == "implementing")
        let risen = try await regrade(w, small, "P2", "misjudged")
        #expect(risen["state"]?.string == "awaiting_decision")
        #expect(risen["allowed"]?.array?.contains("decision") == false, "not by who graded")
        try await w.take("management", small, "decision", ["outcome": "returned", "statement": "Why?"])
        #expect(try await w.ticket("engineer", small)["state"]?.string == "in_progress")
        try await w.house.close()
    }
}

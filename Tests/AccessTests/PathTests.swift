import Base
import Foundation
import Store
import TestKit
import Testing

/// A ticket of each category from application to archive, with one person per role, over the API.
@Suite struct PathTests {
    @Test(arguments: ["quality", "request", "project"])
    func fromApplicationToArchive(category: String) async throws {
        let w = try await Workshop.open()
        let made = try await w.api("customer").post("/tickets", w.report(category: category))
        #expect(made.status == 201, "\(made.text)")
        let number = made.json["number"]?.string ?? ""
        #expect(made.json["state"]?.string == "submitted")
        #expect(made.header("ETag") == "\"1\"")
        func step(_ who: String, _ path: String, _ body: JSON? = nil, expect status: Int = 200) async throws
            -> JSON
        {
            w.house.clock.advance(.minutes(10))
            let reply = try await w.api(who).post("/tickets/\(number)/\(path)", body)
            #expect(reply.status == status, "\(who) \(path): \(reply.status) \(reply.text)")
            return reply.json
        }
        var t = try await step(
            "service_manager", "approval",
            .make(["category": .string(category), "impact": "large", "commonness": "common"]))
        #expect(t["state"]?.string == "opened")
        #expect(t["priority"]?.string == "P2")
        t = try await step("service_manager", "assignment", .make(["engineer_id": .string(w.id("engineer"))]))
        #expect(t["state"]?.string == "dispatched")
        #expect(t["engineer"]?["name"]?.string == "周雨桐")
        t = try await step("engineer", "acceptance")
        #expect(t["state"]?.string == "in_progress")
        t = try await step(
            "engineer", "responses", .make(["body": "I have taken over your case."]), expect: 201)
        #expect(t["sla"]?["response"]?["verdict"]?.string == "met")
        t = try await step("engineer", "pause", .make(["question": "Please send the drive log."]))
        #expect(t["state"]?.string == "waiting_on_customer")
        #expect(t["sla"]?["solution"]?["is_paused"]?.bool == true)
        t = try await step("customer", "responses", .make(["body": "Log attached."]), expect: 201)
        #expect(t["state"]?.string == "in_progress")
        #expect(t["sla"]?["solution"]?["paused_s"]?.int == 600)
        let task = try await step(
            "service_manager", "tasks",
            .make(["kind": "material", "title": "SD-40A × 2", "owner_id": .string(w.id("engineer"))]),
            expect: 201)
        let taskID = task["id"]?.string ?? ""
        if category == "quality" {
            _ = try await step("technical_lead", "cause", .make(["statement": "Capacitors aged early."]))
        }
        var solution: [JSON.Member] = [.init("statement", "Replace the power board of batch 23W31.")]
        if category == "project" {
            solution.append(
                .init(
                    "plan",
                    .make([
                        "milestones": [.make(["title": "Factory test", "due_at": "2026-04-01T08:00:00Z"])],
                        "resources": "Two engineers",
                    ])))
        }
        t = try await step("engineer", "solution", .object(solution))
        if category == "request" {
            #expect(t["state"]?.string == "implementing")
        } else {
            #expect(t["state"]?.string == "awaiting_decision")
            t = try await step(
                "management", "decision", .make(["outcome": "approved", "statement": "Ship two boards."]))
        }
        #expect(t["state"]?.string == "implementing")
        let refused = try await w.api("engineer").post(
            "/tickets/\(number)/completion", .make(["report": "Done.", "nature": "technical"]))
        #expect(refused.status == 409)
        #expect(refused.code == "ticket.tasks_open")
        let patched = try await w.api("engineer").send(
            "PATCH", "/tasks/\(taskID)", .make(["done": true, "result": "Sent by air"]),
            headers: [("If-Match", "\"1\"")])
        #expect(patched.status == 200, "\(patched.text)")
        t = try await step(
            "engineer", "completion",
            .make(["report": "Boards replaced, tracked 5 passes.", "nature": "technical"]))
        #expect(t["state"]?.string == "awaiting_evaluation")
        _ = try await step(
            "customer", "evaluation",
            .make(["response": 5, "attitude": 5, "skill": 4, "result": 5, "comment": "Quick and clear."]))
        t = try await step("site_lead", "attestation", .make(["response_met": true, "solution_met": true]))
        #expect(t["state"]?.string == "awaiting_closure")
        t = try await step("service_manager", "closure", .make(["outcome": "approved"]))
        #expect(t["state"]?.string == "completed")
        t = try await step(
            "quality", "archive",
            .make(["summary": "Early ageing of capacitors, batch 23W31.", "lesson": "Check the batch."]))
        #expect(t["state"]?.string == "archived")
        let timeline = try await w.api("customer").get("/tickets/\(number)/timeline?limit=200")
        #expect(timeline.json["items"]?.array?.count ?? 0 > 8)
        let late = try await w.api("engineer").post(
            "/tickets/\(number)/responses", .make(["body": "One more word"]))
        #expect(late.status == 409)
        let proof = try await w.house.store.read(by: .system("test")) { try History.verify($0) }
        #expect(proof.faults.isEmpty, "\(proof.faults)")
        try await w.house.close()
    }
}

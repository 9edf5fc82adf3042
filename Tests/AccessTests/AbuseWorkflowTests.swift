import Base
import Store
import TestKit
import Testing

/// Items 11–18 and 51–54 of the abuse list: around the workflow and against the clock.
@Suite struct AbuseWorkflowTests {
    @Test func abuse11CustomerSetsPriorityOrCloses() async throws {
        let s = try await Scene.open()
        for step in [
            "approval", "assignment", "closure", "archive", "attestation", "merge", "split", "notes",
        ] {
            #expect(
                try await s.w.api("customer").post("/tickets/\(s.worked)/\(step)").status == 403, "\(step)")
        }
        for step in ["priority", "classification", "next-action"] {
            let reply = try await s.w.api("customer").send(
                "PUT", "/tickets/\(s.worked)/\(step)", .object(Workshop.grading("P1")))
            #expect(reply.status == 403, "\(step): before the missing If-Match")
        }
        try await s.close()
    }

    /// A person with every post still may not judge own work.
    @Test func abuse12And14OwnWorkOverAllPosts() async throws {
        let w = try await Workshop.open()
        for role in ["management", "service_manager", "technical_lead"] {
            let post = try await w.api("administrator").post(
                "/admin/accounts/\(w.id("engineer"))/posts", ["role": .string(role)])
            #expect(post.status == 201, "\(post.text)")
        }
        let lead = try await w.api("administrator").post(
            "/admin/accounts/\(w.id("engineer"))/posts",
            ["role": "site_lead", "site_id": .string(w.id("site"))])
        #expect(lead.status == 201, "\(lead.text)")
        func refused(_ number: String, _ step: String, _ body: JSON) async throws {
            let reply = try await w.api("engineer").post("/tickets/\(number)/\(step)", body)
            #expect(reply.status == 403, "\(step): \(reply.text)")
            #expect(reply.code == "ticket.own_work", "\(step)")
        }
        let (grave, _) = try await w.enter()
        try await w.bringToWork(grave)
        try await w.take("engineer", grave, "cause", ["statement": "Aged"])
        try await w.take("engineer", grave, "solution", ["statement": "Replace"])
        try await refused(grave, "decision", ["outcome": "approved", "statement": "Fine"])
        try await refused(grave, "solution/acceptance", .object([]))
        let (small, _) = try await w.enter(serial: "B-2")
        try await w.bringToWork(small, "P4")
        try await w.bringToEvaluation(small)
        try await refused(small, "attestation", ["response_met": true, "solution_met": true])
        try await refused(small, "closure", ["outcome": "approved"])
        #expect(
            try await w.api("engineer").post(
                "/tickets/\(small)/evaluation", ["response": 5, "attitude": 5, "skill": 5, "result": 5]
            ).status == 403)
        try await w.house.close()
    }

    @Test func abuse13StaffEditsARating() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        try await w.bringToWork(number, "P4")
        try await w.bringToEvaluation(number)
        let rating: JSON = ["response": 1, "attitude": 1, "skill": 1, "result": 1]
        for who in ["engineer", "service_manager", "site_lead", "quality", "management"] {
            try await w.take(who, number, "evaluation", rating, expect: 403)
        }
        try await w.take("customer", number, "evaluation", rating)
        let again = try await w.api("customer").post("/tickets/\(number)/evaluation", rating)
        #expect(again.status == 409)
        #expect(again.code == "ticket.evaluated")
        // A link works once, and only while a rating is due.
        #expect(try await w.api("service_manager").post("/tickets/\(number)/rating-link").status == 409)
        try await w.house.close()
    }

    @Test func abuse13RatingLinkOnce() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        try await w.bringToWork(number, "P4")
        try await w.bringToEvaluation(number)
        #expect(try await w.api("auditor").post("/tickets/\(number)/rating-link").status == 403)
        let first = try await w.take("site_lead", number, "rating-link", expect: 201)["path"]?.string ?? ""
        let second = try await w.take("site_lead", number, "rating-link", expect: 201)["path"]?.string ?? ""
        func rate(_ path: String) async throws -> Int {
            try await w.client.send(
                "POST", path, headers: [("Content-Type", "application/x-www-form-urlencoded")],
                body: Array("response=4&attitude=4&skill=4&result=4".utf8)
            ).status
        }
        #expect(try await rate(first) == 404, "a newer link ends the older")
        #expect(try await rate(second) == 303)
        #expect(try await rate(second) == 404, "used twice")
        // The rating says that it came by a link, and whose; so do the history and the page.
        let rating = try await w.ticket("customer", number)["evaluation"]
        #expect(rating?["result"]?.int == 4)
        #expect(rating?["by_link"]?.bool == true && rating?["by"] == .null)
        #expect(rating?["link_made_by"]?.string == w.id("site_lead"))
        let rows =
            try await w.api("service_manager").get("/tickets/\(number)/timeline?limit=200").json["items"]?
            .array ?? []
        let made = rows.filter { $0["kind"]?.string == "ticket.rating_link" }
        #expect(made.map { $0["by"]?.string } == [w.id("site_lead"), w.id("site_lead")])
        let rated = rows.first { $0["kind"]?.string == "ticket.evaluation" }
        #expect(rated?["data"]?["link_by"]?.string == w.id("site_lead"))
        for who in ["service_manager", "customer"] {
            let page = try await w.page(who, "GET", "/tickets/\(number)")
            #expect(page.text.contains("由 韩立峰 生成的一次性链接提交"), "\(who)")
        }
        try await w.house.close()
    }

    @Test func abuse15AStepSkipped() async throws {
        let s = try await Scene.open()
        let skipped: [(String, String, JSON)] = [
            ("service_manager", "assignment", ["engineer_id": .string(s.w.id("engineer"))]),
            ("service_manager", "closure", ["outcome": "approved"]),
            ("management", "decision", ["outcome": "approved", "statement": "Yes"]),
            ("customer", "evaluation", ["response": 5, "attitude": 5, "skill": 5, "result": 5]),
            ("site_lead", "attestation", ["response_met": true, "solution_met": true]),
            ("quality", "archive", ["summary": "Done"]), ("technical_lead", "cause", ["statement": "Guess"]),
            ("customer", "reopening", ["reason": "Again"]), ("customer", "objection", ["reason": "No"]),
        ]
        for (who, step, body) in skipped {
            let reply = try await s.w.api(who).post("/tickets/\(s.submitted)/\(step)", body)
            #expect(reply.status == 409, "\(who) \(step): \(reply.status)")
        }
        // A final solution of a grave quality problem without its cause.
        let early = try await s.w.api("engineer").post("/tickets/\(s.worked)/solution", ["statement": "Swap"])
        #expect(early.code == "ticket.cause_missing")
        #expect(early.status == 409)
        try await s.close()
    }

    @Test func abuse16AnArchivedTicketEdited() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        try await w.bringToWork(number, "P4")
        try await w.bringToEvaluation(number)
        try await w.bringToArchive(number)
        let before = try await w.ticket("quality", number)
        #expect(before["state"]?.string == "archived")
        for (who, step) in [
            ("engineer", "responses"), ("engineer", "notes"), ("service_manager", "tasks"),
            ("service_manager", "closure"), ("quality", "archive"), ("customer", "responses"),
            ("service_manager", "split"), ("service_manager", "cancellation"),
        ] {
            #expect(
                try await w.api(who).post("/tickets/\(number)/\(step)", ["body": "x"]).status == 409,
                "\(step)")
        }
        for step in ["classification", "priority", "next-action"] {
            let reply = try await w.api("service_manager").send(
                "PUT", "/tickets/\(number)/\(step)", .object([]), headers: [("If-Match", "*")])
            #expect(reply.status == 409, "\(step)")
        }
        #expect(try await w.upload("engineer", number, "late.txt", [65]).status == 409)
        try await w.take("quality", number, "addenda", ["body": "The batch was 23W32."], expect: 201)
        let after = try await w.ticket("quality", number)
        for field in ["title", "completion", "evaluation", "cause", "solution", "sla", "state"] {
            #expect(after[field] == before[field], "\(field)")
        }
        #expect(try await w.history() == [])
        try await w.house.close()
    }

    @Test func abuse17And18ReceiptBackdatedAndTheClientsClock() async throws {
        let w = try await Workshop.open()
        func enter(_ who: String, _ more: [JSON.Member]) async throws -> HTTPClient.Response {
            try await w.api(who).post("/tickets", .object((w.report().members ?? []) + more))
        }
        func fault(_ reply: HTTPClient.Response) -> String? {
            reply.json["errors"]?.array?.first?["code"]?.string
        }
        let earlier = JSON.of(House.morning - .hours(3))
        let none = try await enter(
            "service_manager",
            [.init("received_at", earlier), .init("requester_id", .string(w.id("customer")))])
        #expect(none.status == 422)
        #expect(none.json["errors"]?.array?.first?["field"]?.string == "received_reason")
        let future = try await enter(
            "service_manager",
            [.init("received_at", .of(House.morning + .hours(1))), .init("received_reason", "By phone")])
        #expect(future.status == 422)
        let customer = try await enter(
            "customer", [.init("received_at", earlier), .init("received_reason", "Earlier")])
        #expect(fault(customer) == "ticket.received_at_staff_only")
        let good = try await enter(
            "service_manager",
            [
                .init("received_at", earlier), .init("received_reason", "By phone at six"),
                .init("requester_id", .string(w.id("customer"))),
            ])
        #expect(good.status == 201, "\(good.text)")
        #expect(good.json["received_at"] == earlier)
        #expect(good.json["created_at"] == .of(House.morning))
        // Provisionally P4: 24 h from receipt, not from entering.
        #expect(good.json["sla"]?["response"]?["due_at"] == .of(House.morning + .hours(21)))
        let number = good.json["number"]?.string ?? ""
        try await w.bringToWork(number)
        let dated = try await w.api("engineer").post(
            "/tickets/\(number)/responses", ["body": "Hi", "at": earlier])
        #expect(fault(dated) == "field.unknown", "when somebody answered is the server's word")
        let late: JSON = ["channel": "phone", "at": .of(House.morning + .hours(1)), "note": "No answer"]
        try await w.take("engineer", number, "contact-attempts", late, expect: 422)
        try await w.house.close()
    }

    @Test func abuse51OffsetsAndLeapDays() async throws {
        let w = try await Workshop.open()
        func received(_ text: String) async throws -> HTTPClient.Response {
            try await w.api("service_manager").post(
                "/tickets",
                .object(
                    (w.report().members ?? []) + [
                        .init("received_at", .string(text)), .init("received_reason", "Paper form"),
                        .init("requester_id", .string(w.id("customer"))),
                    ]))
        }
        // Kiritimati, 14 hours ahead; a leap second and a leap day.
        let far = try await received("2026-03-09T13:00:00+14:00")
        #expect(far.json["received_at"]?.string == "2026-03-08T23:00:00Z")
        // A leap day is a day, only too long ago; a year and a day are not.
        let old = try await received("2024-02-29T12:00:00Z")
        #expect(old.json["errors"]?.array?.first?["code"]?.string == "ticket.received_too_long_ago")
        #expect(try await received((House.morning - .days(366)).rfc3339).status == 201)
        #expect(try await received((House.morning - .days(366) - .seconds(1)).rfc3339).status == 422)
        for wrong in [
            "2026-02-29T12:00:00Z", "2025-13-01T00:00:00Z", "2026-03-08T25:00:00Z", "2026-03-08 12:00",
            "2026-03-08T12:00:00", "99999999999", "2026-03-08T12:00:00+25:00",
        ] {
            #expect(try await received(wrong).status == 422, "\(wrong)")
        }
        try await w.house.close()
    }

    @Test func abuse52PauseCycling() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        try await w.bringToWork(number)
        func told() async throws -> Int {
            let notices = try await w.api("service_manager").get("/notifications?limit=200").json["items"]?
                .array
            return (notices ?? []).count { $0["kind"]?.string == "ticket.paused_often" }
        }
        for n in 1...3 {
            try await w.take("engineer", number, "pause", ["question": .string("Question \(n)?")])
            #expect(try await told() == (n == 3 ? 1 : 0))
            w.house.clock.advance(.hours(1))
            try await w.take("customer", number, "responses", ["body": "Answer"], expect: 201)
        }
        let again = try await w.api("engineer").post("/tickets/\(number)/pause", ["question": "Question 2?"])
        #expect(again.json["errors"]?.array?.first?["code"]?.string == "ticket.question_repeated")
        #expect(try await w.ticket("engineer", number)["sla"]?["solution"]?["paused_s"]?.int == 3 * 3600)
        try await w.house.close()
    }

    @Test func abuse53DowngradeJustBeforeTheBreach() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        try await w.bringToWork(number, "P1")
        w.house.clock.set(House.morning + .hours(2) + .minutes(1))
        let down = JSON.object(
            Workshop.grading("P4").filter { $0.name != "category" } + [
                .init("kind", "misjudged"), .init("reason", "It was rust"),
            ])
        let after = try await w.put("service_manager", number, "priority", down)
        #expect(after["priority"]?.string == "P4")
        // The two hours of P1 were over: missed for good. The solution's day was not: judged as P4.
        #expect(after["sla"]?["response"]?["verdict"]?.string == "missed")
        #expect(after["sla"]?["solution"]?["verdict"]?.string == "pending")
        #expect(after["sla"]?["solution"]?["due_at"] == .of(House.morning + .hours(336)))
        let notices = try await w.api("customer").get("/notifications").json["items"]?.array ?? []
        #expect(notices.contains { $0["kind"]?.string == "ticket.downgraded" }, "the customer is told")
        let line = try await w.api("customer").get("/tickets/\(number)/timeline?limit=200").json["items"]?
            .array?
            .last
        #expect(line?["kind"]?.string == "ticket.priority")
        #expect(line?["data"]?["from"]?.string == "P1")
        try await w.house.close()
    }

    @Test func abuse54ReopenToResetTheClock() async throws {
        let w = try await Workshop.open()
        let (number, id) = try await w.enter()
        try await w.bringToWork(number, "P4")
        w.house.clock.advance(.hours(25))
        try await w.bringToEvaluation(number)
        try await w.bringToCompletion(number)
        w.house.clock.advance(.hours(10))
        let again = try await w.take("customer", number, "reopening", ["reason": "It is back"])
        #expect(again["cycle"]?.int == 2)
        #expect(again["sla"]?["response"]?["verdict"]?.string == "pending")
        #expect(again["sla"]?["response"]?["due_at"] == .of(w.house.clock.now + .hours(24)))
        let frozen = try await w.house.store.read(by: .system("test")) { tx in
            try tx.rows("select cycle, r_verdict, s_verdict from ticket_cycle where ticket_id = \(id)") {
                "\($0.int()) \($0.text()) \($0.text())"
            }
        }
        #expect(frozen == ["1 missed met"], "the first cycle keeps its miss")
        try await w.house.close()
    }
}

import Base
import Foundation
import Store
import TestKit
import Testing
import Web

@testable import fettle

/// The conventions of the API, as other programs rely on them.
@Suite struct ContractTests {
    /// 401 · 404 · 403 · 428 / 412 · 409 · 422: a request with every fault is told the first.
    @Test func refusalsInOrder() async throws {
        let s = try await Scene.open()
        let w = s.w
        let (small, _) = try await w.enter(serial: "C-3")
        try await w.bringToWork(small, "P4")
        try await w.bringToEvaluation(small)
        let wrong: JSON = ["nonsense": 1]
        let cases: [(String, String, String?, JSON, Int)] = [
            ("nobody", small, nil, wrong, 401), ("customer2", small, nil, wrong, 404),
            ("supplier", small, nil, wrong, 404), ("customer", small, nil, wrong, 403),
            ("engineer", small, nil, wrong, 403), ("service_manager", small, nil, wrong, 428),
            ("service_manager", small, "\"999\"", wrong, 412), ("service_manager", small, "*", wrong, 409),
            ("service_manager", s.worked, "*", wrong, 422),
        ]
        for (who, number, match, body, status) in cases {
            let reply = try await w.api(who).send(
                "PUT", "/tickets/\(number)/priority", body, headers: match.map { [("If-Match", $0)] } ?? [])
            #expect(reply.status == status, "\(who): \(reply.text)")
            #expect(reply.header("Content-Type") == "application/problem+json")
            #expect(reply.json["status"]?.int == Int64(status))
            for member in ["title", "detail", "code"] {
                #expect(reply.json[member]?.string?.isEmpty == false, "\(status) \(member)")
            }
        }
        // The kind of content is asked last too.
        for (who, status) in [
            ("none", 401), ("customer2", 404), ("engineer2", 403), ("service_manager", 415),
        ] {
            let reply = try await w.client.send(
                "POST", "/api/v1/tickets/\(s.submitted)/rejection",
                headers: [
                    ("Authorization", "Bearer \(w.tokens[who] ?? "none")"),
                    ("Content-Type", "application/xml"),
                ], body: [60])
            #expect(reply.status == status, "\(who)")
        }
        let task = "/tasks/\(s.staffTask)"
        for (who, match, status) in [
            ("customer", "*", 404), ("auditor", "", 403), ("engineer2", "", 428), ("engineer2", "\"9\"", 412),
            ("engineer2", "*", 422),
        ] {
            let reply = try await w.api(who).send(
                "PATCH", task, wrong, headers: match.isEmpty ? [] : [("If-Match", match)])
            #expect(reply.status == status, "\(who) \(match)")
        }
        let method = try await w.api("customer").send("DELETE", "/tickets/\(small)")
        #expect(method.status == 405)
        #expect(method.header("Allow")?.contains("PUT") == true)
        try await s.close()
    }

    /// The language of `Accept-Language`, else the account's, also for refusals.
    @Test func language() async throws {
        let w = try await Workshop.open()
        let bearer = ("Authorization", "Bearer \(w.tokens["customer"] ?? "")")
        func detail(_ headers: [(String, String)]) async throws -> String? {
            try await w.client.send("GET", "/api/v1/tickets/none", headers: [bearer] + headers).json[
                "detail"]?.string
        }
        let session = try await w.signIn("customer")
        var seen: [String] = []
        for (tag, wanted) in [("zh-Hans", "zh-CN,zh;q=0.9"), ("zh-Hant", "zh-TW"), ("en", "en-GB, zh;q=0.1")]
        {
            let saved = try await session.post("/me", "language=\(tag)&time_zone=Africa/Nairobi&theme=system")
            #expect(saved.status == 303)
            let own = try await detail([])
            #expect(own == (try await detail([("Accept-Language", wanted)])), "\(tag)")
            seen.append(own ?? "")
        }
        #expect(Set(seen).count == 3, "\(seen)")
        try await w.house.close()
    }

    @Test func versionsAndCaching() async throws {
        let s = try await Scene.open()
        let api = s.w.api("customer")
        let first = try await api.get("/tickets/\(s.worked)")
        let tag = first.header("ETag") ?? ""
        #expect(tag == "\"\(first.json["version"]?.int ?? 0)\"")
        #expect(
            first.json["id"] == (try await api.get("/tickets/\(s.workedID)")).json["id"], "by id or number")
        let same = try await api.get("/tickets/\(s.worked)", headers: [("If-None-Match", tag)])
        #expect(same.status == 304)
        #expect(same.body.isEmpty)
        try await s.w.take("customer", s.worked, "responses", ["body": "More"], expect: 201)
        #expect(try await api.get("/tickets/\(s.worked)", headers: [("If-None-Match", tag)]).status == 200)
        let made = try await api.post("/tickets", s.w.report("New"))
        let place = made.header("Location") ?? ""
        #expect(place.hasPrefix("/api/v1/tickets/"))
        #expect(try await api.get(String(place.dropFirst("/api/v1".count))).json["id"] == made.json["id"])
        try await s.close()
    }

    @Test func listsAndCursors() async throws {
        let w = try await Workshop.open()
        for n in 0..<7 {
            w.house.clock.advance(.minutes(1))
            _ = try await w.enter(title: "Pump \(n)", serial: "P-\(n)")
        }
        for sort in ["due", "received", "updated"] {
            var seen: [String] = []
            var cursor: String?
            repeat {
                let page = try await w.api("customer").get(
                    "/tickets?sort=\(sort)&limit=3" + (cursor.map { "&cursor=\($0)" } ?? ""))
                #expect(page.status == 200, "\(page.text)")
                seen += (page.json["items"]?.array ?? []).compactMap { $0["number"]?.string }
                cursor = page.json["next_cursor"]?.string
            } while cursor != nil
            #expect(seen.count == 7)
            #expect(Set(seen).count == 7, "\(sort)")
        }
        let cursor = try await w.api("customer").get("/tickets?limit=2").json["next_cursor"]?.string ?? ""
        for (who, query) in [
            ("customer", "limit=2&sort=received"), ("customer", "limit=2&category=quality"),
            ("customer", "limit=2&q=Pump"), ("service_manager", "limit=2"),
        ] {
            #expect(
                try await w.api(who).get("/tickets?\(query)&cursor=\(cursor)").status == 422,
                "\(who) \(query)")
        }
        #expect(try await w.api("customer").get("/search?q=Pump&cursor=\(cursor)").status == 422)
        for query in [
            "limit=0", "limit=201", "limit=x", "limit=1&limit=2", "state=open&state=draft", "cursor=!",
        ] {
            #expect(try await w.api("customer").get("/tickets?\(query)").status == 422, "60: \(query)")
        }
        let found = try await w.api("customer").get("/search?q=Pump&limit=2").json
        #expect(found["total"]?.int == 7)
        #expect(found["total_is_exact"]?.bool == true)
        #expect(found["items"]?.array?.count == 2)
        try await w.house.close()
    }

    /// A step that `allowed` names is refused neither for the person nor for the state; any other is.
    @Test func allowedSaysWhatIsOpen() async throws {
        let s = try await Scene.open()
        let w = s.w
        let steps = [
            "approval", "rejection", "assignment", "acceptance", "refusal", "responses", "notes", "pause",
            "resumption", "cause", "solution", "solution/refusal", "decision", "completion", "evaluation",
            "attestation", "contact-attempts", "closure", "archive", "reopening", "addenda", "tasks",
            "visits",
            "split", "merge", "cancellation", "objection", "proposal",
        ]
        let (small, _) = try await w.enter(serial: "C-9")
        try await w.bringToWork(small, "P4")
        try await w.bringToEvaluation(small)
        for number in [s.worked, s.submitted, small] {
            for who in [
                "customer", "service_manager", "engineer", "technical_lead", "site_lead", "quality",
                "auditor",
            ] {
                let allowed = try await w.ticket(who, number)["allowed"]?.array?.compactMap(\.string) ?? []
                for step in steps {
                    let reply = try await w.api(who).post("/tickets/\(number)/\(step)", ["nonsense": true])
                    let isOpen = reply.status == 422
                    #expect(
                        isOpen || reply.status == 403 || reply.status == 409, "\(who) \(step) \(reply.status)"
                    )
                    #expect(allowed.contains(step) == isOpen, "\(who) \(step) in \(number): \(reply.status)")
                }
            }
        }
        try await s.close()
    }

    @Test func meNotificationsAndDescription() async throws {
        let s = try await Scene.open()
        let w = s.w
        let me = try await w.api("customer").get("/me").json
        #expect(me["login"]?.string == "customer")
        #expect(me["organization"]?["id"]?.string == w.id("rift"))
        #expect(me["projects"]?.array?.map { $0["id"]?.string } == [w.id("project")])
        #expect(
            me["projects"]?.array?.first?["sites"]?.array?.first?["time_zone"]?.string == "Africa/Nairobi")
        let notices = try await w.api("engineer").get("/notifications").json["items"]?.array ?? []
        let assigned = notices.first { $0["kind"]?.string == "ticket.assigned" }
        let id = assigned?["id"]?.string ?? ""
        #expect(assigned?["needs_acknowledgement"]?.bool == true)
        #expect(try await w.api("engineer2").post("/notifications/\(id)/acknowledgement").status == 404)
        let done = try await w.api("engineer").post("/notifications/\(id)/acknowledgement")
        #expect(done.json["acknowledged_by"]?.string == w.id("engineer"))
        #expect(done.json["acknowledged_at"]?.string != nil)
        let description = try await w.api("customer").get("/openapi.json").json
        for route in Areas.routes() where route.surface == .api {
            #expect(description["paths"]?[route.path]?[route.method.lowercased()] != nil, "\(route.path)")
        }
        // What is answered beyond the agreed names is described too.
        let text = description.text
        for field in [
            "earlier_evaluations", "by_link", "link_made_by", "link_made_by_name", "left_off", "counted_s",
        ] { #expect(text.contains("\"\(field)\""), "\(field)") }
        try await s.close()
    }
}

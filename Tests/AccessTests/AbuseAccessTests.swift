import Base
import Store
import TestKit
import Testing

/// Items 1–10 of the abuse list: what one customer tries on another, and on itself.
@Suite struct AbuseAccessTests {
    @Test func abuse01To03AnotherCustomersTicketAndFile() async throws {
        let s = try await Scene.open()
        let customer = s.w.api("customer")
        let absent = try await customer.get("/tickets/FT-2020-000001")
        for id in [s.foreign, s.foreignID] {
            for path in ["", "/timeline", "/sla"] {
                let reply = try await customer.get("/tickets/\(id)\(path)")
                #expect(reply.status == 404)
                #expect(reply.code == absent.code, "alike whether it exists or not")
                #expect(reply.json["detail"] == absent.json["detail"])
            }
            let change = try await customer.send(
                "PUT", "/tickets/\(id)", s.w.report(), headers: [("If-Match", "*")])
            #expect(change.status == 404)
            #expect(try await customer.post("/tickets/\(id)/responses", ["body": "hello"]).status == 404)
            #expect(try await s.w.upload("customer", id, "a.txt", [65]).status == 404)
        }
        #expect(try await customer.get("/attachments/\(s.foreignFile)").status == 404)
        #expect(try await customer.get("/attachments/\(s.internalFile)").status == 404)
        #expect(try await customer.get("/attachments/\(s.publicFile)").status == 200)
        #expect(try await s.w.page("customer", "GET", "/attachments/\(s.foreignFile)").status == 404)
        #expect(try await s.w.api("customer2").get("/attachments/\(s.foreignFile)").status == 200)
        try await s.close()
    }

    @Test func abuse04SearchAndCounts() async throws {
        let s = try await Scene.open()
        func total(_ who: String, _ q: String) async throws -> Int64? {
            let found = try await s.w.api(who).get("/search?q=\(q)").json
            #expect(Int64(found["items"]?.array?.count ?? -1) == found["total"]?.int)
            return found["total"]?.int
        }
        for q in ["Radar", "ALTO-7", s.foreign] {
            #expect(try await total("customer", q) == 0, "\(q)")
            #expect(try await total("customer2", q) == 1, "\(q)")
            #expect(try await total("supplier", q) == 0, "\(q)")
            #expect(try await total("administrator", q) == 0, "\(q)")
            #expect(try await total("service_manager", q) == 1, "\(q)")
        }
        #expect(try await total("customer", Scene.secret) == 0)
        #expect(try await total("engineer", Scene.secret) == 1)
        for filter in ["?organization=\(s.w.id("andino"))", "?serial=ALTO-7", "?q=Radar"] {
            let list = try await s.w.api("customer").get("/tickets\(filter)").json
            #expect(list["items"]?.array?.isEmpty == true, "\(filter)")
        }
        for nobody in ["supplier", "administrator", "keeper", "trainer", "finance", "leaver"] {
            let list = try await s.w.api(nobody).get("/tickets").json
            #expect(list["items"]?.array?.isEmpty == true, "\(nobody)")
        }
        try await s.close()
    }

    /// What is the house's own is in no answer that a customer gets.
    @Test func abuse04InternalsNowhereInTheCustomersAnswers() async throws {
        let s = try await Scene.open()
        let w = s.w
        try await w.take("technical_lead", s.worked, "cause", ["statement": "CAUSE-SECRET"])
        try await w.take(
            "engineer", s.worked, "solution",
            ["statement": "New board", "cost_minor": 765_432, "currency": "CNY"])
        try await w.take(
            "management", s.worked, "decision", ["outcome": "returned", "statement": "DECISION-SECRET"])
        let seen = try await w.api("engineer").get("/tickets/\(s.worked)/timeline?limit=200").text
        for secret in [Scene.secret, "CAUSE-SECRET", "765432", "DECISION-SECRET"] {
            #expect(seen.contains(secret), "the house sees \(secret)")
        }
        for path in [
            "", "/timeline?limit=200", "/sla",
        ].map({ "/tickets/\(s.worked)\($0)" }) + ["/tickets", "/search?q=board", "/notifications?limit=200"] {
            let text = try await w.api("customer").get(path).text
            for secret in [Scene.secret, "CAUSE-SECRET", "765432", "DECISION-SECRET"] {
                #expect(!text.contains(secret), "\(path) tells \(secret)")
            }
        }
        #expect(try await w.api("customer").get("/search?q=SECRET").json["total"]?.int == 0)
        let supplier = try await w.api("supplier").get("/tasks").json["items"]?.array ?? []
        #expect(supplier.map { $0["title"]?.string } == ["New bearing"])
        #expect(try await w.api("supplier").get("/tickets/\(s.workedID)").status == 404)
        try await s.close()
    }

    @Test func abuse07MergeAcrossCustomers() async throws {
        let s = try await Scene.open()
        let merge = try await s.w.api("service_manager").post(
            "/tickets/\(s.submitted)/merge", ["into": .string(s.foreign)])
        #expect(merge.status == 422)
        #expect(merge.json["errors"]?.array?.first?["code"]?.string == "ticket.merge_across_customers")
        #expect(
            try await s.w.api("customer").post("/tickets/\(s.submitted)/merge", ["into": .string(s.worked)])
                .status == 403)
        try await s.close()
    }

    @Test func abuse08ForeignReferences() async throws {
        let w = try await Workshop.open()
        let wrong: [(String, String)] = [
            ("project_id", "foreign_project"), ("site_id", "foreign_site"), ("organization_id", "andino"),
            ("requester_id", "customer2"),
        ]
        for (field, name) in wrong {
            for id in [w.id(name), "no-such-thing"] {
                let body: JSON = .make([
                    "title": "T", "description": "D", "category": "quality", field: .string(id),
                ])
                let reply = try await w.api("customer").post("/tickets", body)
                #expect(reply.status == 422, "\(field)")
                let fault = reply.json["errors"]?.array?.first
                #expect(fault?["field"]?.string == field)
                #expect(fault?["code"]?.string == "ticket.unknown_reference", "alike whether it exists")
            }
        }
        try await w.house.close()
    }

    @Test func abuse09NotificationToSomeoneWhoHasLeft() async throws {
        let s = try await Scene.open()
        let w = s.w
        let engineer = w.id("engineer")
        func count() async throws -> Int64 {
            try await w.house.store.read(by: .system("test")) {
                try $0.int("select count(*) from notice where account_id = \(engineer)")
            }
        }
        try await w.take("administrator", "none", "submission", expect: 404)
        #expect(try await w.api("administrator").post("/admin/accounts/\(engineer)/disabling").status == 200)
        let before = try await count()
        try await w.take("customer", s.worked, "responses", ["body": "Still there?"], expect: 201)
        #expect(try await count() == before)
        #expect(try await w.api("engineer").get("/notifications").status == 401)
        try await s.close()
    }

    @Test func abuse10OwnRoleOrOrganisationThroughTheBody() async throws {
        let w = try await Workshop.open()
        for field in ["role", "roles", "state", "priority", "number", "version", "created_by", "is_staff"] {
            let body = JSON.object((w.report().members ?? []) + [.init(field, "administrator")])
            let reply = try await w.api("customer").post("/tickets", body)
            #expect(reply.status == 422)
            #expect(reply.json["errors"]?.array?.first?["code"]?.string == "field.unknown", "\(field)")
        }
        let me = try await w.signIn("customer")
        let saved = try await me.post(
            "/me",
            "language=en&time_zone=Africa/Nairobi&theme=system&role=administrator&organization_id=\(w.id("andino"))&is_active=1"
        )
        #expect(saved.status == 303, "\(saved.text)")
        let after = try await w.api("customer").get("/me").json
        #expect(after["roles"]?.array?.compactMap(\.string) == ["customer"])
        #expect(after["organization"]?["id"]?.string == w.id("rift"))
        let post = try await w.api("customer").post(
            "/admin/accounts/\(w.id("customer"))/posts", ["role": "administrator"])
        #expect(post.status == 403)
        try await w.house.close()
    }
}

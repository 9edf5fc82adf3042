import Base
import Foundation
import People
import Store
import StoreSQLite
import TestKit
import Testing

@testable import fettle

/// Rights end when they end: no key, token, cursor or link outlives them.
@Suite struct LastingRightsTests {
    private func key(_ value: String) -> [(String, String)] { [("Idempotency-Key", value)] }

    /// The stored answer of a step was still given where the ticket itself had become 404.
    @Test func aKeptAnswerOutlivesNoRight() async throws {
        let s = try await Scene.open()
        let w = s.w
        let path = "/tickets/\(s.worked)/responses"
        let body: JSON = ["body": "Replacing the board tomorrow."]
        let first = try await w.api("engineer").post(path, body, headers: key("once"))
        #expect(first.status == 201, "\(first.text)")
        let again = try await w.api("engineer").post(path, body, headers: key("once"))
        #expect(again.status == 201 && again.header("idempotency-replayed") == "true")
        #expect(again.body == first.body)
        let timeline = try await w.api("service_manager").get("/tickets/\(s.worked)/timeline?limit=200").text
        #expect(timeline.ranges(of: "Replacing the board tomorrow.").count == 1, "made once")
        let account = "/admin/accounts/\(w.id("engineer"))"
        let posts = try await w.api("administrator").get(account).json["posts"]?.array ?? []
        for post in posts {
            let ended = try await w.api("administrator").post(
                account + "/posts/\(post["id"]?.string ?? "")/ending", .object([]))
            #expect(ended.status == 200, "\(ended.text)")
        }
        let seen = try await w.api("engineer").get("/tickets/\(s.worked)").status
        let late = try await w.api("engineer").post(path, body, headers: key("once"))
        #expect(late.status == 403 || late.status == 404, "\(late.status)")
        if seen == 404 { #expect(late.status == 404) }
        try await s.close()
    }

    /// What was done before may be impossible now: the first answer is given all the same.
    @Test func aKeptAnswerOutlivesTheState() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        let body = JSON.object(Workshop.grading("P2"))
        let path = "/tickets/\(number)/approval"
        let first = try await w.api("service_manager").post(path, body, headers: key("approve"))
        #expect(first.status == 200, "\(first.text)")
        #expect(try await w.api("service_manager").post(path, body).status == 409)
        let again = try await w.api("service_manager").post(path, body, headers: key("approve"))
        #expect(again.status == 200 && again.body == first.body)
        #expect(try await w.history() == [])
        try await w.house.close()
    }

    /// A one-time secret is told once: it is kept nowhere, not even for whoever asks with the same key.
    @Test func aKeptAnswerHoldsNoSecret() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        try await w.bringToWork(number, "P4")
        try await w.bringToEvaluation(number)
        for (who, path, field) in [
            ("site_lead", "/tickets/\(number)/rating-link", "path"),
            ("administrator", "/admin/accounts/\(w.id("target"))/reset-link", "url"),
        ] {
            let first = try await w.api(who).post(path, headers: key("secret"))
            #expect(first.status == 201, "\(first.text)")
            let link = try #require(first.json[field]?.string)
            let again = try await w.api(who).post(path, headers: key("secret"))
            #expect(again.status == 409 && again.code == "idempotency.secret", "\(path): \(again.text)")
            #expect(!again.text.contains(link))
            #expect(try await w.client.send("GET", link).status == 200, "the first link stays good")
            let secret = link.split(separator: "/").last.map(String.init) ?? ""
            let kept = try await w.house.store.read(by: .system("test")) { tx in
                try tx.rows("select body, headers from idempotency") { r in
                    String(decoding: r.blob(), as: UTF8.self) + r.text()
                }
            }
            #expect(!kept.isEmpty && kept.allSatisfy { !$0.contains(secret) }, "\(path)")
        }
        try await w.house.close()
    }

    @Test func aKeyTellsNobodyOfAForeignTicket() async throws {
        let s = try await Scene.open()
        let w = s.w
        let body: JSON = ["body": "Thanks"]
        let used = try await w.api("customer").post(
            "/tickets/\(s.worked)/responses", body, headers: key("mine"))
        #expect(used.status == 201)
        for name in ["mine", "new", String(repeating: "k", count: 300)] {
            let foreign = try await w.api("customer").post(
                "/tickets/\(s.foreign)/responses", body, headers: key(name))
            #expect(foreign.status == 404, "\(name.count): \(foreign.status)")
        }
        for (name, code) in [
            ("mine", "idempotency.other_content"), (String(repeating: "k", count: 300), "invalid"),
        ] {
            let own = try await w.api("customer").post(
                "/tickets/\(s.worked)/responses", ["body": "Other"], headers: key(name))
            #expect(own.status == 422 && own.code == code, "\(own.text)")
        }
        try await s.close()
    }

    /// A step that asks for no content took any, and with a used key gave the first answer for it.
    @Test func contentThatCannotBeReadIsRefused() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        try await w.approve(number)
        try await w.take(
            "service_manager", number, "assignment", ["engineer_id": .string(w.id("engineer"))])
        let path = "/api/v1/tickets/\(number)/acceptance"
        func send(_ type: String, _ text: String, _ more: [(String, String)]) async throws
            -> HTTPClient.Response
        {
            let bearer = ("Authorization", "Bearer \(w.tokens["engineer"] ?? "")")
            return try await w.client.send(
                "POST", path, headers: [bearer, ("Content-Type", type)] + more, body: Array(text.utf8))
        }
        let without = try await send("application/json", "{{{", [])
        #expect([400, 422].contains(without.status), "\(without.status)")
        let first = try await w.api("engineer").post(
            "/tickets/\(number)/acceptance", headers: key("accept"))
        #expect(first.status == 200, "\(first.text)")
        for (type, text) in [("application/json", "{{{"), ("text/plain", "{}"), ("text/plain", "x")] {
            let again = try await send(type, text, key("accept"))
            #expect([400, 415, 422].contains(again.status), "\(type) \(text): \(again.status)")
        }
        let again = try await w.api("engineer").post(
            "/tickets/\(number)/acceptance", headers: key("accept"))
        #expect(again.status == 200 && again.body == first.body)
        try await w.house.close()
    }

    /// Whoever was stopped comes back with nothing of before.
    @Test func tokensEndWithTheAccount() async throws {
        let w = try await Workshop.open()
        let path = "/admin/accounts/\(w.id("gone"))"
        #expect(try await w.api("gone").get("/me").status == 200)
        let link = try await w.api("administrator").post(path + "/reset-link").json["url"]?.string ?? ""
        #expect(try await w.client.send("GET", link).status == 200)
        #expect(try await w.api("administrator").post(path + "/disabling").status == 200)
        #expect(try await w.api("gone").get("/me").status == 401)
        #expect(try await w.api("administrator").post(path + "/enabling").status == 200)
        #expect(try await w.api("gone").get("/me").status == 401, "the old token stays ended")
        #expect(try await w.client.send("GET", link).status == 404, "so does the link")
        _ = try await w.signIn("gone")
        try await w.house.close()
    }

    /// Nobody but its owner reads the file with everybody's password hashes.
    @Test func theFilesAreTheirOwnersAlone() async throws {
        let folder = try Folder()
        let engine = try SQLiteEngine(path: folder.path + "/fettle.sqlite")
        let store = try await World.open(engine, clock: { House.morning })
        try await store.write(by: .system("test")) {
            _ = try People.add(NewOrganization(.house, name: "House"), $0)
        }
        let backup = folder.path + "/copy"
        _ = FileManager.default.createFile(
            atPath: backup, contents: nil, attributes: [.posixPermissions: 0o644])
        try await engine.backup(to: backup)
        let base = folder.path + "/fettle.sqlite"
        for path in [base, base + "-wal", base + "-shm", backup] {
            let rights = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(rights == 0o600, "\(path): \(String(rights ?? 0, radix: 8))")
        }
        await engine.close()
    }

    /// The administrator cannot become an auditor or the management unnoticed (三权分立).
    @Test(arguments: ["auditor", "management", "engineer"])
    func aResetLinkIsNoticed(_ who: String) async throws {
        let w = try await Workshop.open()
        let made = try await w.api("administrator").post("/admin/accounts/\(w.id(who))/reset-link")
        #expect(made.status == 201)
        try await w.run { while try await $0.deliver(Areas.handlers) > 0 {} }
        func texts(_ reader: String) async throws -> [String] {
            (try await w.api(reader).get("/notifications").json["items"]?.array ?? [])
                .filter { $0["kind"]?.string == "account.reset_link_made" }
                .compactMap { $0["text"]?.string }
        }
        #expect(try await texts(who).count == 1, "the person")
        let auditors = try await texts("auditor")
        #expect(auditors.count == (who == "engineer" ? 0 : 1), "\(auditors)")
        #expect(auditors.allSatisfy { !$0.contains("{") })
        #expect(try await texts("customer") == [])
        let page = try await w.page("auditor", "GET", "/notices")
        #expect(page.status == 200)
        let kinds = try await w.house.store.read(by: .system("test")) { [id = w.id(who)] tx in
            try tx.history(of: Subject("account", id)).map(\.kind)
        }
        #expect(kinds.contains("account.reset_link_made"))
        try await w.house.close()
    }

    @Test func cursorsAreTheirCallersOwn() async throws {
        let s = try await Scene.open()
        let w = s.w
        let path = "/tickets/\(s.worked)/timeline?limit=1"
        let cursor = try #require(
            try await w.api("service_manager").get(path).json["next_cursor"]?.string)
        #expect(try await w.api("service_manager").get(path + "&cursor=\(cursor)").status == 200)
        #expect(try await w.api("customer").get(path + "&cursor=\(cursor)").status == 422)
        try await s.close()
    }

    @Test func tasksComeInPages() async throws {
        let s = try await Scene.open()
        let w = s.w
        for n in 1...5 {
            var task: [JSON.Member] = [
                .init("kind", "people"), .init("title", .string("Task \(n)")),
                .init("owner_id", .string(w.id("engineer2"))),
            ]
            if n % 2 == 0 { task.append(.init("due_at", .of(House.morning + .days(Int64(9 - n))))) }
            _ = try await w.take("service_manager", s.worked, "tasks", .object(task), expect: 201)
        }
        let all = try await w.api("engineer2").get("/tasks").json["items"]?.array ?? []
        #expect(all.count == 6)
        var paged: [String] = []
        var next = ""
        var pages = 0
        while pages < 10 {
            let reply = try await w.api("engineer2").get("/tasks?limit=2" + next)
            #expect(reply.status == 200, "\(reply.text)")
            paged += (reply.json["items"]?.array ?? []).compactMap { $0["id"]?.string }
            pages += 1
            guard let cursor = reply.json["next_cursor"]?.string else { break }
            next = "&cursor=\(cursor)"
            #expect(try await w.api("engineer").get("/tasks?limit=2" + next).status == 422)
        }
        #expect(paged == all.compactMap { $0["id"]?.string })
        #expect(pages == 3)
        try await s.close()
    }

    @Test func metricsAreForTheMachineAndThoseWhoWatch() async throws {
        let w = try await Workshop.open()
        func status(_ headers: [(String, String)]) async throws -> Int {
            try await w.client.send("GET", "/metrics", headers: headers).status
        }
        let through = [("X-Forwarded-For", "203.0.113.7")]
        #expect(try await status([]) == 200, "the machine itself")
        #expect(try await status(through) == 404)
        for (who, expected) in [
            ("administrator", 200), ("auditor", 200), ("customer", 404), ("engineer", 404),
        ] {
            let bearer = ("Authorization", "Bearer \(w.tokens[who] ?? "")")
            #expect(try await status(through + [bearer]) == expected, "\(who)")
        }
        try await w.house.close()
    }

    /// A word that is not known was taken for public.
    @Test func whoSeesAFileIsSaidOrRefused() async throws {
        let s = try await Scene.open()
        let w = s.w
        let text = Array("margin".utf8)
        for (fields, status) in [
            ([("visibility", "Internal")], 422), ([("visibility", "junk")], 422), ([("visibility", "")], 422),
            ([("visibility", "internal"), ("visibility", "public")], 422),
            ([("visibility", "internal"), ("nonsense", "1")], 422), ([("visibility", "internal")], 201),
            ([("visibility", "public")], 201), ([], 201),
        ] as [([(String, String)], Int)] {
            let reply = try await w.upload("engineer", s.worked, "a.txt", text, fields: fields)
            #expect(reply.status == status, "\(fields): \(reply.text)")
        }
        let part = "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nx\r\n"
        let two = try await w.client.send(
            "POST", "/api/v1/tickets/\(s.worked)/attachments",
            headers: [
                ("Authorization", "Bearer \(w.tokens["engineer"] ?? "")"),
                ("Content-Type", "multipart/form-data; boundary=edge"),
            ], body: Array((part + part + "--edge--\r\n").utf8))
        #expect(two.status == 422, "\(two.text)")
        try await s.close()
    }
}

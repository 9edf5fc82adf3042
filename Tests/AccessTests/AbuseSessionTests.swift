import Base
import Foundation
import Store
import TestKit
import Testing

@testable import fettle

/// Items 35–43 of the abuse list: sessions, tokens, forged requests, keys.
@Suite struct AbuseSessionTests {
    static let formType = ("Content-Type", "application/x-www-form-urlencoded")
    static let password = "password=correct+horse+42"

    @Test func abuse35NextLeadsElsewhere() async throws {
        let w = try await Workshop.open()
        let elsewhere = [
            "//evil.example", "/\\evil.example", "https://evil.example", "/%0d%0aSet-Cookie:x=1",
            "javascript:alert(1)", "/%09/evil.example", "///evil.example", "\\\\evil.example", "/sign-out",
        ]
        for next in elsewhere {
            let encoded = next.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            for value in [next.contains("%") ? next : encoded, encoded] {
                let reply = try await w.client.send(
                    "POST", "/sign-in", headers: [Self.formType],
                    body: Array("login=customer&\(Self.password)&next=\(value)".utf8))
                #expect(reply.status == 303, "\(value): \(reply.status)")
                let location = reply.header("Location") ?? ""
                // A path of our own, to a browser too: it drops tabs and takes a backslash for a slash.
                #expect(location.hasPrefix("/") && !location.hasPrefix("//"), "\(next): \(location)")
                #expect(location.utf8.allSatisfy { $0 > 0x20 && $0 != 0x5C }, "\(next): \(location)")
                #expect(reply.headers.allSatisfy { $0.0 != "x" })
            }
        }
        try await w.house.close()
    }

    @Test func abuse36HostHeaderInAResetLink() async throws {
        let w = try await Workshop.open()
        let reply = try await w.client.send(
            "POST", "/api/v1/admin/accounts/\(w.id("customer"))/reset-link",
            headers: [
                ("Authorization", "Bearer \(w.tokens["administrator"] ?? "")"), ("Host", "evil.example"),
                ("X-Forwarded-Host", "evil.example"), ("Forwarded", "host=evil.example"),
            ])
        #expect(reply.status == 201, "\(reply.text)")
        #expect(reply.json["url"]?.string?.hasPrefix("/reset/") == true, "\(reply.text)")
        let set = try await w.api("administrator").send(
            "PUT", "/admin/settings/base_url", ["value": "https://service.example.com"],
            headers: [("If-Match", "\"0\"")])
        #expect(set.status == 200, "\(set.text)")
        let again = try await w.client.send(
            "POST", "/api/v1/admin/accounts/\(w.id("customer"))/reset-link",
            headers: [
                ("Authorization", "Bearer \(w.tokens["administrator"] ?? "")"), ("Host", "evil.example"),
            ])
        #expect(again.json["url"]?.string?.hasPrefix("https://service.example.com/reset/") == true)
        try await w.house.close()
    }

    @Test func abuse37CrossSitePost() async throws {
        let w = try await Workshop.open()
        let me = try await w.signIn("customer")
        #expect(!me.secret.isEmpty)
        let form = "theme=dark"
        let forged: [(String, String, [(String, String)])] = [
            ("no secret", "", []),
            ("wrong secret", (me.secret.hasPrefix("x") ? "y" : "x") + me.secret.dropFirst(), []),
            ("other site", me.secret, [("Sec-Fetch-Site", "cross-site")]),
            ("sister site", me.secret, [("Sec-Fetch-Site", "same-site")]),
            ("origin", me.secret, [("Origin", "https://evil.example")]),
            ("null origin", me.secret, [("Origin", "null")]),
        ]
        for (name, secret, headers) in forged {
            let reply = try await me.post("/me/theme", form, secret: secret, headers: headers)
            #expect(reply.status == 403, "\(name): \(reply.status)")
        }
        let own = [("Sec-Fetch-Site", "same-origin"), ("Origin", "http://127.0.0.1:\(w.client.port)")]
        #expect(try await me.post("/me/theme", form, headers: own).status == 303)
        // A page elsewhere can send text/plain with the cookie, but not the secret.
        for type in ["text/plain", "application/json", "application/x-www-form-urlencoded"] {
            let reply = try await w.client.send(
                "POST", "/api/v1/tickets",
                headers: [("Cookie", "fettle_session=\(me.cookie)"), ("Content-Type", type)],
                body: w.report().bytes)
            #expect(reply.status == 403, "\(type): \(reply.status)")
        }
        let plain = try await w.client.send(
            "POST", "/api/v1/tickets",
            headers: [
                ("Authorization", "Bearer \(w.tokens["customer"] ?? "")"), ("Content-Type", "text/plain"),
            ],
            body: w.report().bytes)
        #expect(plain.status == 415)
        #expect(try await w.api("customer").get("/tickets").json["items"]?.array?.isEmpty == true)
        // A forged sign-in from another site.
        let login = try await w.client.send(
            "POST", "/sign-in", headers: [Self.formType, ("Sec-Fetch-Site", "cross-site")],
            body: Array("login=customer&\(Self.password)".utf8))
        #expect(login.status == 403)
        try await w.house.close()
    }

    /// Every page and every API address, read by everybody, and the database is as it was, byte by byte.
    @Test func abuse37GetThatWrites() async throws {
        let s = try await Scene.open()
        let w = s.w
        func content() async throws -> [String] {
            try await TestEngine.content(w.house.folder, w.house.store)
        }
        let before = try await content()
        for line in RouteTable.lines where line.method == "GET" && !line.isStream {
            for (_, who) in RouteTableTests.people {
                _ = try await w.client.send(
                    "GET", s.fill(line), headers: [("Authorization", "Bearer \(w.tokens[who] ?? "")")])
            }
        }
        #expect(try await content() == before)
        try await s.close()
    }

    @Test func abuse38ResetTokenTwiceAndAccountsToldApart() async throws {
        let w = try await Workshop.open()
        let made = try await w.api("administrator").post("/admin/accounts/\(w.id("customer"))/reset-link")
        let path = made.json["url"]?.string ?? ""
        func reset(_ path: String) async throws -> HTTPClient.Response {
            try await w.client.send(
                "POST", path, headers: [Self.formType], body: Array("password=another+long+horse+7".utf8))
        }
        let session = try await w.signIn("customer")
        #expect(try await reset(path).status == 303)
        #expect(try await reset(path).status == 404)
        #expect(try await session.get("/me").status == 303, "39: old sessions end with the password")
        let late = try await w.api("administrator").post("/admin/accounts/\(w.id("customer"))/reset-link")
        w.house.clock.advance(.hours(24))
        #expect(try await reset(late.json["url"]?.string ?? "").status == 404)
        func wrong(_ login: String) async throws -> HTTPClient.Response {
            try await w.client.send(
                "POST", "/sign-in", headers: [Self.formType],
                body: Array("login=\(login)&password=wrong".utf8))
        }
        let known = try await wrong("engineer")
        let unknown = try await wrong("engineex")
        #expect(known.status == unknown.status)
        let (a, b) = (known.text, unknown.text.replacing("\"engineex\"", with: "\"engineer\""))
        #expect(a == b, "alike but for the name that was typed")
        try await w.house.close()
    }

    @Test func abuse39And41SessionsAndTokensEnd() async throws {
        let w = try await Workshop.open()
        let one = try await w.signIn("engineer")
        let two = try await w.signIn("engineer")
        let changed = try await one.post(
            "/me/password",
            "old_password=correct+horse+42&password=battery+staple+9&password_again=battery+staple+9")
        #expect(changed.status == 303, "\(changed.text)")
        #expect(try await one.get("/me").status == 200)
        #expect(try await two.get("/me").status == 303, "other sessions end")
        let token = w.tokens["engineer"] ?? ""
        func me(_ authorization: String) async throws -> Int {
            try await w.client.send("GET", "/api/v1/me", headers: [("Authorization", authorization)]).status
        }
        #expect(try await me("Bearer \(token)") == 200)
        #expect(try await me("bearer  \(token) ") == 200)
        for wrong in [
            "Bearer", "Bearer ", "Basic \(token)", "Token \(token)", "Bearer \(token)x",
            "Bearer \(token.dropLast())",
            "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbmlzdHJhdG9yIn0.",
            "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZG1pbmlzdHJhdG9yIn0.AAAA", "Bearer null", token,
            "Bearer \(one.cookie)",
        ] {
            #expect(try await me(wrong) == 401, "\(wrong.prefix(20))")
        }
        let asCookie = try await w.client.send(
            "GET", "/api/v1/me", headers: [("Cookie", "fettle_session=\(token)")])
        #expect(asCookie.status == 401, "a token is no session")
        #expect(
            try await w.api("administrator").post("/admin/accounts/\(w.id("engineer"))/disabling").status
                == 200)
        #expect(try await me("Bearer \(token)") == 401)
        #expect(try await one.get("/me").status == 303)
        // A session that nobody uses ends.
        let idle = try await w.signIn("customer")
        w.house.clock.advance(.hours(12))
        #expect(try await idle.get("/me").status == 303)
        try await w.house.close()
    }

    @Test func abuse40PasswordGuessing() async throws {
        let w = try await Workshop.open()
        func guess(_ n: Int) async throws -> HTTPClient.Response {
            try await w.client.send(
                "POST", "/sign-in",
                headers: [Self.formType, ("X-Forwarded-For", "10.0.0.\(n)"), ("X-Real-IP", "10.0.0.\(n)")],
                body: Array("login=Finance&password=guess\(n)".utf8))
        }
        for n in 1...8 { #expect(try await guess(n).status == 422, "\(n)") }
        let stopped = try await guess(9)
        #expect(stopped.status == 429)
        #expect(Int(stopped.header("Retry-After") ?? "") ?? 0 > 0)
        let right = try await w.client.send(
            "POST", "/sign-in", headers: [Self.formType], body: Array("login=finance&\(Self.password)".utf8))
        #expect(right.status == 429, "the right one must wait too")
        w.house.clock.advance(.minutes(1))
        _ = try await w.signIn("finance")
        try await w.house.close()
    }

    @Test func abuse42IdempotencyKeys() async throws {
        let s = try await Scene.open()
        let w = s.w
        func post(_ who: String, _ key: String, _ body: JSON, path: String = "/tickets") async throws
            -> HTTPClient.Response
        {
            try await w.api(who).post(path, body, headers: [("Idempotency-Key", key)])
        }
        let first = try await post("customer", "k1", w.report())
        #expect(first.status == 201)
        let again = try await post("customer", "k1", w.report())
        #expect(again.status == 201)
        #expect(again.json == first.json, "the first answer again")
        #expect(again.header("Location") == first.header("Location"))
        #expect(again.header("ETag") == first.header("ETag"))
        #expect(try await post("customer", "k1", w.report("Other")).status == 422)
        #expect(
            try await post("customer", "k1", ["body": "x"], path: "/tickets/\(s.worked)/responses").status
                == 422)
        let other = try await post(
            "service_manager", "k1", w.report().with("requester_id", .string(w.id("customer"))))
        #expect(other.status == 201, "another user's key is another key")
        #expect(other.json["id"] != first.json["id"])
        // Refusals are not kept.
        #expect(try await post("customer", "k2", ["title": ""]).status == 422)
        #expect(try await post("customer", "k2", w.report("Second try")).status == 201)
        for key in ["", String(repeating: "k", count: 201)] {
            #expect(try await post("customer", key, w.report()).status == 422)
        }
        let replies = try await withThrowingTaskGroup(of: HTTPClient.Response.self) { group in
            for _ in 0..<50 { group.addTask { try await post("customer", "k50", w.report("Fifty")) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(replies.allSatisfy { $0.status == 201 || $0.status == 409 })
        #expect(Set(replies.compactMap { $0.json["id"]?.string }).count == 1)
        #expect(try await w.api("customer").get("/search?q=Fifty").json["total"]?.int == 1)
        // Files are compared by their content.
        func upload(_ key: String, _ bytes: [UInt8]) async throws -> HTTPClient.Response {
            try await w.upload("customer", s.worked, "log.txt", bytes, headers: [("Idempotency-Key", key)])
        }
        let file = try await upload("f1", [65])
        #expect(try await upload("f1", [65]).json == file.json)
        #expect(try await upload("f1", [66]).status == 422)
        w.house.clock.advance(.hours(24) + .minutes(1))
        let later = try await post("customer", "k1", w.report())
        #expect(later.json["id"] != first.json["id"], "kept for 24 h")
        try await s.close()
    }

    @Test func abuse43StaleIfMatch() async throws {
        let s = try await Scene.open()
        let manager = s.w.api("service_manager")
        let body: JSON = ["category": "request", "reason": "It is a wish"]
        func put(_ match: String?) async throws -> HTTPClient.Response {
            try await manager.send(
                "PUT", "/tickets/\(s.worked)/classification", body,
                headers: match.map { [("If-Match", $0)] } ?? [])
        }
        #expect(try await put(nil).status == 428)
        let version = try await s.w.ticket("service_manager", s.worked)["version"]?.int ?? 0
        for stale in ["\"\(version - 1)\"", "\"\(version + 1)\"", "\"\"", "x", "\"0\", \"1\"", "-1"] {
            #expect(try await put(stale).status == 412, "\(stale)")
        }
        let good = try await put("\"\(version)\"")
        #expect(good.status == 200)
        #expect(good.header("ETag") == "\"\(version + 1)\"")
        #expect(try await put("\"\(version)\"").status == 412, "the second of two")
        try await s.close()
    }
}

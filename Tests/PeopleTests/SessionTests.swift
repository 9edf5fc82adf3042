import Base
import People
import Store
import Testing
import Web

@Suite("Sessions, tokens and one-time links") struct SessionTests {
    @Test("rights end at the next request: account, post, organisation, session, token")
    func endsAtOnce() async throws {
        let house = try await House.make()
        let engineer = try await house.signedIn("engineer")
        let program = try await Program(house, "engineer")
        let admin = try await Program(house, "administrator")
        #expect(await engineer.get("/").status == 200)
        #expect(await program.get("/me").status == 200)
        let id = try await house.account("engineer").id.text

        let account = await admin.get("/admin/accounts/\(id)").json
        let post = try #require(account["posts"]?.array?.first?["id"]?.string)
        #expect(
            await admin.send("POST", "/admin/accounts/\(id)/posts/\(post)/ending", .object([])).status == 200)
        #expect(await program.get("/me").json["roles"] == .array([]))

        #expect(await admin.send("POST", "/admin/accounts/\(id)/disabling", .object([])).status == 200)
        #expect(await engineer.get("/").status == 303)
        #expect(await program.get("/me").status == 401)
        #expect(await house.browser().signIn("engineer").status == 422)

        // Enabled again: the old token and the old session stay ended.
        #expect(await admin.send("POST", "/admin/accounts/\(id)/enabling", .object([])).status == 200)
        #expect(await program.get("/me").status == 401)
        #expect(await engineer.get("/").status == 303)
    }

    @Test("a post counts from its beginning to its end, by the clock")
    func datedPosts() async throws {
        let house = try await House.make()
        let admin = try await Program(house, "administrator")
        let program = try await Program(house, "keeper")
        let id = try await house.account("keeper").id.text
        let body = JSON.make([
            "role": "trainer", "from_at": "2026-03-10T00:00:00Z", "to_at": "2026-03-12T00:00:00Z",
        ])
        #expect(await admin.send("POST", "/admin/accounts/\(id)/posts", body).status == 201)
        func roles() async -> String { await program.get("/me").json["roles"]?.text ?? "" }
        #expect(await roles() == "[\"keeper\"]")
        house.pass(.days(1))
        #expect(await roles() == "[\"keeper\",\"trainer\"]")
        house.pass(.days(2))
        #expect(await roles() == "[\"keeper\"]")
    }

    @Test("an idle session ends after twelve hours, a busy one after thirty days")
    func idle() async throws {
        let house = try await House.make()
        let seen = SeenCredentials()
        let b = try await house.signedIn("engineer")
        house.pass(.hours(11))
        #expect(await b.get("/").status == 200)
        house.pass(.hours(2))
        #expect(await b.get("/").status == 303)

        let gate = People.gatekeeper(seen: seen)
        let busy = try await house.signedIn("engineer")
        let cookie = try #require(busy.jar.withLock { $0[Dispatcher.sessionCookie] })
        for hour in stride(from: 0, to: 30 * 24, by: 10) {
            let caller = try await house.store.read(by: .system("test")) {
                try gate.caller(.session(cookie), $0)
            }
            #expect(caller != nil, "hour \(hour)")
            try await People.touch(house.store, seen: seen)
            house.pass(.hours(10))
        }
        #expect(await busy.get("/").status == 303)
    }

    @Test("changing the password ends every other session and keeps this one")
    func changePassword() async throws {
        let house = try await House.make()
        let here = try await house.signedIn("engineer")
        let there = try await house.signedIn("engineer")
        func change(_ old: String, _ new: String, _ again: String? = nil) async -> Answer {
            await here.post(
                "/me/password", [("old_password", old), ("password", new), ("password_again", again ?? new)])
        }
        #expect(await change("not the old one", "a new sentence").status == 422)
        #expect(await change(House.password, "short").body.contains("至少 10 个字符"))
        #expect(await change(House.password, "engineer-engineer").status == 422)
        #expect(await change(House.password, "password123").status == 422)
        #expect(await change(House.password, "a new sentence", "another one").body.contains("两次输入不一致"))
        #expect(await there.get("/").status == 200)
        #expect(await change(House.password, "a new sentence").location == "/me?done=password")
        #expect(await here.get("/").status == 200)
        #expect(await there.get("/").status == 303)
        #expect(await house.browser().signIn("engineer").status == 422)
        #expect(await house.browser().signIn("engineer", "a new sentence").status == 303)
    }

    @Test("a one-time link works once, within a day, ends all sessions, and is never built from Host")
    func resetLink() async throws {
        let house = try await House.make()
        let admin = try await Program(house, "administrator")
        let id = try await house.account("engineer").id.text
        let old = try await house.signedIn("engineer")
        let set = JSON.make(["value": "https://service.example.com/"])
        #expect(await admin.send("PUT", "/admin/settings/base_url", set, match: "0").status == 200)
        let made = await admin.send("POST", "/admin/accounts/\(id)/reset-link", .object([]))
        #expect(made.status == 201)
        let url = try #require(made.json["url"]?.string)
        #expect(url.hasPrefix("https://service.example.com/reset/"))
        let path = String(url.dropFirst("https://service.example.com".count))

        let b = house.browser()
        let page = await b.send("GET", path, body: "", type: nil, ["host": "evil.example"])
        #expect(page.status == 200 && page.body.contains("engineer") && !page.body.contains("evil.example"))
        #expect(await b.post(path, [("password", "short"), ("password_again", "short")]).status == 422)
        let new = [("password", "a fresh sentence"), ("password_again", "a fresh sentence")]
        #expect(await b.post(path, new).location == "/sign-in?done=password")
        #expect(await b.post(path, new).status == 404)
        #expect(await b.get(path).status == 404)
        #expect(await old.get("/").status == 303)
        #expect(await house.browser().signIn("engineer", "a fresh sentence").status == 303)

        // A newer link makes the older one useless; a day makes any useless.
        let first = try #require(
            await admin.send("POST", "/admin/accounts/\(id)/reset-link", .object([])).json["url"]?.string)
        let second = try #require(
            await admin.send("POST", "/admin/accounts/\(id)/reset-link", .object([])).json["url"]?.string)
        #expect(await b.get(String(first.dropFirst(27))).status == 404)
        #expect(await b.get(String(second.dropFirst(27))).status == 200)
        house.pass(.hours(24))
        #expect(await b.get(String(second.dropFirst(27))).status == 404)
        #expect(await b.get("/reset/guess").status == 404)
    }

    @Test("a token is shown once, acts with the person's rights, and ends when revoked")
    func tokens() async throws {
        let house = try await House.make()
        let b = try await house.signedIn("engineer")
        let page = await b.post("/me/tokens", [("name", "night export"), ("days", "3")])
        #expect(page.status == 200)
        let start = try #require(page.body.firstRange(of: "<code class=\"sn\">"))
        let token = String(page.body[start.upperBound...].prefix { $0 != "<" })
        #expect(token.hasPrefix("fettle_"))
        let line = house.browser()
        func me(_ header: String) async -> Int {
            await line.get("/api/v1/me", ["authorization": header]).status
        }
        #expect(await me("Bearer \(token)") == 200)
        for wrong in [
            "Bearer \(token)x", "Bearer", "Bearer ", "Basic \(token)", "bearer: \(token)",
            "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbmlzdHJhdG9yIn0.",
        ] {
            #expect(await me(wrong) == 401, "\(wrong)")
        }
        let list = await b.get("/me")
        #expect(list.body.contains("night export") && !list.body.contains(token))
        let revoke = try #require(list.body.firstRange(of: "/me/tokens/"))
        let id = String(list.body[revoke.upperBound...].prefix { $0 != "/" })
        let other = try await house.signedIn("keeper")
        #expect(await other.post("/me/tokens/\(id)/revocation").status == 404)
        #expect(await me("Bearer \(token)") == 200)
        #expect(await b.post("/me/tokens/\(id)/revocation").status == 303)
        #expect(await me("Bearer \(token)") == 401)

        let short = await b.post("/me/tokens", [("name", "short"), ("days", "1")])
        let at = try #require(short.body.firstRange(of: "<code class=\"sn\">"))
        let soon = String(short.body[at.upperBound...].prefix { $0 != "<" })
        #expect(await me("Bearer \(soon)") == 200)
        house.pass(.days(1))
        #expect(await me("Bearer \(soon)") == 401)
    }

    @Test("one ends other sessions, but only one's own")
    func endSession() async throws {
        let house = try await House.make()
        let here = try await house.signedIn("engineer")
        let there = try await house.signedIn("engineer")
        let page = await here.get("/me")
        let at = try #require(page.body.firstRange(of: "/me/sessions/"))
        let hash = String(page.body[at.upperBound...].prefix { $0 != "/" })
        let other = try await house.signedIn("keeper")
        #expect(await other.post("/me/sessions/\(hash)/ending").status == 404)
        #expect(await there.get("/").status == 200)
        #expect(await here.post("/me/sessions/\(hash)/ending").status == 303)
        #expect(await there.get("/").status == 303)
        #expect(await here.get("/").status == 200)
    }

    @Test("signed steps ask for the password again; it counts for ten minutes")
    func confirmation() async throws {
        let house = try await House.make()
        let b = try await house.signedIn("management")
        let gate = People.gatekeeper(seen: SeenCredentials())
        func confirmed() async throws -> Bool {
            let cookie = try #require(b.jar.withLock { $0[Dispatcher.sessionCookie] })
            let caller = try await house.store.read(by: .system("test")) {
                try gate.caller(.session(cookie), $0)
            }
            let now = house.clock.withLock { $0 }
            return caller?.confirmedAt.map { now - $0 < .minutes(10) } ?? false
        }
        #expect(try await !confirmed())
        #expect(await b.post("/me/confirmation", [("password", "wrong one")]).status == 422)
        #expect(try await !confirmed())
        let answer = await b.post("/me/confirmation", [("password", House.password), ("next", "/tickets/1")])
        #expect(answer.location == "/tickets/1")
        #expect(try await confirmed())
        house.pass(.minutes(10))
        #expect(try await !confirmed())
        for _ in 0..<5 { _ = await b.post("/me/confirmation", [("password", "wrong one")]) }
        #expect(await b.post("/me/confirmation", [("password", House.password)]).status == 429)
    }
}

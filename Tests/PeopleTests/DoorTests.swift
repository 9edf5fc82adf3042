import Base
import Store
import TestKit
import Testing
import Web

@testable import People

@Suite("The door") struct DoorTests {
    @Test(
        "every entrance signs in, sets a safe cookie and makes a new session",
        arguments: [
            "/sign-in", "/sign-in/engineer", "/sign-in/administrator",
        ])
    func entrances(entrance: String) async throws {
        let house = try await House.make()
        let b = house.browser()
        let page = await b.get(entrance)
        #expect(page.status == 200)
        let first = await b.signIn("engineer", at: entrance)
        #expect(first.status == 303)
        #expect(first.location == "/")
        let cookie = try #require(first.header("Set-Cookie"))
        #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"))
        #expect(!cookie.contains("Max-Age"))
        let session = b.jar.withLock { $0[Dispatcher.sessionCookie] }
        #expect(await b.get("/").body.contains("<h1>engineer</h1>"))
        _ = await b.signIn("engineer", at: entrance)
        #expect(b.jar.withLock { $0[Dispatcher.sessionCookie] } != session)
        // The one before is gone.
        let old = house.browser()
        old.jar.withLock { $0[Dispatcher.sessionCookie] = session }
        #expect(await old.get("/").status == 303)
    }

    @Test("a name is folded, an address does too")
    func names() async throws {
        let house = try await House.make()
        #expect(await house.browser().signIn("  ＥＮＧＩＮＥＥＲ ").status == 303)
        #expect(await house.browser().signIn("engineer@nowhere.example").status == 422)
    }

    @Test("one sentence for every kind of wrong, with the name kept and the password not")
    func wrong() async throws {
        let house = try await House.make()
        let unknown = await house.browser().signIn("nobody-here", "something wrong")
        let known = await house.browser().signIn("engineer", "something wrong")
        #expect(unknown.status == 422 && known.status == 422)
        for answer in [unknown, known] {
            #expect(answer.body.contains("账号或密码不对"))
            #expect(!answer.body.contains("something wrong"))
            #expect(answer.header("Set-Cookie") == nil)
        }
        #expect(known.body.contains("value=\"engineer\""))
    }

    /// Nine wrong tries at one account; the first address of the pair is taken in turn with the second.
    @Test(
        "what counts as one sender: an IPv4 address, or a /64 of IPv6",
        arguments: [
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true),
            ("2001:db8:1:2::1", "2001:0DB8:0001:0002::7%eth0", true),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", false), ("fe80::1", "fe81::1", false),
            ("198.51.100.7", "::ffff:198.51.100.7", true), ("198.51.100.7", "::ffff:c633:6407", true),
            ("::ffff:198.51.100.7", "::ffff:198.51.100.8", false), ("198.51.100.7", "198.51.100.8", false),
            ("::1", "::2", true), ("not an address", "not another", false),
        ])
    func oneSender(_ first: String, _ second: String, isOne: Bool) async throws {
        let house = try await House.make()
        let browsers = [house.browser(remote: first), house.browser(remote: second)]
        for i in 0..<8 { #expect(await browsers[i % 2].signIn("engineer", "wrong").status == 422) }
        #expect(await browsers[0].signIn("engineer", "wrong").status == (isOne ? 429 : 422))
    }

    /// Whatever is wrong, the same work is done: time tells nobody which names exist.
    @Test func everySignInVerifiesOnePassword() async throws {
        let house = try await House.make()
        try await house.store.write(by: .system("test")) { tx in
            let home = try tx.organizations(kinds: [.house], limit: 1).first
            _ = try People.add(
                NewAccount(login: "unset", name: "Unset", organization: try #require(home).id), tx)
        }
        let off = try await house.account("keeper")
        try await house.store.write(by: .system("test")) { tx in
            _ = try tx.run("update account set is_active = 0 where id = \(off.id)")
        }
        for (login, password, status) in [
            ("nobody-here", House.password, 422), ("engineer", "wrong", 422), ("unset", "wrong", 422),
            ("keeper", House.password, 422), ("keeper", "wrong", 422), ("engineer", House.password, 303),
        ] {
            let count = Locked(0)
            let tell: @Sendable () -> Void = { count.withLock { $0 += 1 } }
            let answer = await Passwords.$onVerification.withValue(tell) {
                await house.browser().signIn(login, password)
            }
            #expect(answer.status == status, "\(login)")
            #expect(count.withLock { $0 } == 1, "\(login)")
        }
    }

    @Test("guessing an account is slowed from where it comes, and the page says for how long")
    func throttledByAccount() async throws {
        let house = try await House.make()
        let b = house.browser(remote: "198.51.100.1")
        var last = Answer(status: 0, headers: [], body: "")
        for i in 0..<9 { last = await b.signIn("engineer", "wrong number \(i)") }
        #expect(last.status == 429)
        let wait = try #require(last.header("Retry-After").flatMap { Int($0) })
        #expect(last.body.contains("\(wait)"))
        // From there even the right one waits; another account does not, nor the person elsewhere.
        #expect(await b.signIn("engineer").status == 429)
        #expect(await b.signIn("keeper").status == 303)
        #expect(await house.browser(remote: "203.0.113.1").signIn("engineer").status == 303)
        #expect(await b.signIn("engineer").status == 429, "her success gives the guesser nothing back")
        house.pass(.seconds(Int64(wait) + 1))
        #expect(await b.signIn("engineer").status == 303)
    }

    @Test("guessing one account from everywhere at once is slowed too, but far later")
    func throttledEverywhere() async throws {
        let house = try await House.make()
        var tries = 0
        var status = 422
        while status == 422, tries < 400 {
            status = await house.browser(remote: "198.51.100.\(tries % 250)").signIn("engineer", "wrong")
                .status
            tries += 1
        }
        #expect(status == 429)
        #expect(tries == 201)
        #expect(await house.browser(remote: "203.0.113.1").signIn("keeper").status == 303)
    }

    @Test("guessing is slowed by address, over all accounts; a forwarded address changes nothing")
    func throttledByAddress() async throws {
        let house = try await House.make()
        let b = house.browser(remote: "198.51.100.7")
        var refused = false
        // An empty password is refused before it costs anything.
        #expect(await b.post("/sign-in", [("login", "guess"), ("password", "")]).status == 422)
        for i in 0..<101 where !refused {
            // Eight tries an account at most, so each try names another.
            let answer = await b.post(
                "/sign-in", [("login", "g\(i)x"), ("password", "wrong")], ["x-forwarded-for": "10.0.0.\(i)"])
            refused = answer.status == 429
        }
        #expect(refused)
    }

    @Test(
        "next leads only to places of our own",
        arguments: [
            ("/tickets/7?x=1", "/tickets/7?x=1"), ("//elsewhere.example", "/"),
            ("https://elsewhere.example", "/"),
            ("/\\elsewhere.example", "/"), ("javascript:alert(1)", "/"), ("/a\r\nSet-Cookie: x=1", "/"),
            ("", "/"),
            ("/sign-out", "/"), ("///elsewhere.example", "/"), ("tickets", "/"),
        ])
    func next(given: String, expected: String) async throws {
        let house = try await House.make()
        let answer = await house.browser().signIn("engineer", next: given)
        #expect(answer.status == 303)
        #expect(answer.location == expected)
        #expect(!answer.headers("Set-Cookie").contains { $0.hasPrefix("x=") })
        #expect(LocalPath.safe(given) == expected)
    }

    @Test("the page asked for comes after signing in")
    func back() async throws {
        let house = try await House.make()
        let b = house.browser()
        let asked = await b.get("/admin/accounts?q=a")
        #expect(asked.status == 303)
        #expect(asked.location == "/sign-in?next=%2Fadmin%2Faccounts%3Fq%3Da")
        let page = await b.get(asked.location)
        #expect(page.body.contains("value=\"/admin/accounts?q=a\""))
    }

    @Test("signing out ends the session on the server too")
    func signOut() async throws {
        let house = try await House.make()
        let b = try await house.signedIn("engineer")
        let session = b.jar.withLock { $0[Dispatcher.sessionCookie] }
        #expect(await b.post("/sign-out").location == "/sign-in")
        b.jar.withLock { $0[Dispatcher.sessionCookie] = session }
        #expect(await b.get("/").status == 303)
    }

    @Test("a forged form is refused: other site, no secret, wrong secret, JSON as text; GET writes nothing")
    func forged() async throws {
        let house = try await House.make()
        let b = try await house.signedIn("administrator")
        let id = try await house.account("engineer").id.text
        let path = "/admin/accounts/\(id)/disabling"
        let secret = try #require(await b.get("/me").formToken)
        #expect(await b.post(path, token: "").status == 403)
        #expect(await b.post(path, token: "guess").status == 403)
        #expect(await b.post(path, token: secret, ["sec-fetch-site": "cross-site"]).status == 403)
        #expect(await b.post(path, token: secret, ["origin": "https://evil.example"]).status == 403)
        #expect(
            await b.send("POST", path, body: "{\"_form\":\"\(secret)\"}", type: "text/plain").status == 403)
        #expect(await b.send("POST", "/api/v1" + path, body: "{}", type: "application/json").status == 403)
        #expect(await b.get(path).status == 405)
        #expect(try await house.account("engineer").isActive)
        #expect(await b.post(path, token: secret, ["origin": "https://house.example"]).status == 303)
        #expect(try await !house.account("engineer").isActive)
    }

    @Test("before signing in, the language is a cookie; after, the person's own")
    func language() async throws {
        let house = try await House.make()
        let b = house.browser()
        #expect(await b.get("/sign-in").body.contains("<h1>登录</h1>"))
        let answer = await b.post("/language", [("language", "en"), ("next", "/sign-in/engineer")])
        #expect(answer.location == "/sign-in/engineer")
        #expect(await b.get("/sign-in").body.contains("<h1>Sign in</h1>"))
        #expect(await b.post("/language", [("language", "xx")]).status == 422)
        _ = await b.signIn("engineer")
        #expect(await b.get("/me").body.contains("lang=\"zh-Hans\""))
        #expect(
            await b.post("/language", [("language", "zh-Hant"), ("next", "//evil.example")]).location == "/")
        #expect(await b.get("/me").body.contains("lang=\"zh-Hant\""))
    }
}

@Suite("A password that somebody else made up") struct MadeUpPasswordTests {
    @Test("is changed before anything else")
    func changedFirst() async throws {
        let house = try await House.make()
        let hash = try await KnownPasswords.shared.hash(House.password)
        let id = try await house.account("engineer").id
        try await house.store.write(by: .system("test")) { tx in
            try tx.run(
                "update account set password_hash = \(hash), must_change_password = 1 where id = \(id)")
        }
        let b = house.browser()
        let answer = await b.signIn("engineer")
        #expect(answer.status == 303 && answer.location == "/me/password")
        for path in ["/", "/me", "/me/confirmation"] {
            let reply = await b.get(path)
            #expect(reply.status == 303 && reply.location == "/me/password", "\(path)")
        }
        let api = await b.get("/api/v1/me")
        #expect(api.status == 403 && api.code == "password.must_change")
        let page = await b.get("/me/password")
        #expect(page.status == 200 && page.body.contains("name=\"old_password\""))
        #expect(await b.get("/sign-in").status == 200)

        let secret = page.formToken
        let wrong = await b.post(
            "/me/password", [("old_password", "nonsense here 1"), ("password", "new harbour 77")],
            token: secret)
        #expect(wrong.status == 422 && wrong.body.contains("name=\"old_password\""))
        let changed = await b.post(
            "/me/password",
            [
                ("old_password", House.password), ("password", "new harbour 77"),
                ("password_again", "new harbour 77"),
            ], token: secret)
        #expect(changed.status == 303 && changed.location == "/", "\(changed.body)")
        #expect(await b.get("/").status == 200)
        #expect(await b.get("/api/v1/me").status == 200)
    }
}

import Base
import People
import Store
import TestKit
import Testing
import Web

/// The door on a real line: what only the server decides.
@Suite("The door on a line") struct LineTests {
    private static func serve(behind proxies: Set<String> = []) async throws -> TestKit.House {
        let hash = try await KnownPasswords.shared.hash(House.password)
        return try await TestKit.House(
            migrations: StoreMigrations.all + WebMigrations.all + People.migrations, trustedProxies: proxies,
            dispatcher: { House.dispatcher($0) { _ in } },
            seed: { tx in
                let home = try People.add(NewOrganization(.house, name: "远衡科技"), tx)
                for role in [Role.administrator, .engineer] {
                    let account = try People.add(
                        NewAccount(login: role.rawValue, name: role.rawValue, organization: home.id),
                        passwordHash: hash, tx)
                    try People.add(NewPost(role), to: account, tx)
                }
            })
    }

    private static func signIn(
        _ client: HTTPClient, _ login: String, _ password: String, next: String = "",
        headers: [(String, String)] = []
    ) async throws -> HTTPClient.Response {
        let form = FormBody([.init("login", login), .init("password", password), .init("next", next)])
        return try await client.send(
            "POST", "/sign-in",
            headers: [("Content-Type", "application/x-www-form-urlencoded")] + headers,
            body: Array(form.encoded.utf8))
    }

    @Test("signs in, keeps next local, sets no other header, ends with disabling")
    func signIn() async throws {
        let house = try await Self.serve()
        let answer = try await Self.signIn(
            house.client, "engineer", House.password, next: "//elsewhere.example\r\nX-Evil: 1")
        #expect(answer.status == 303)
        #expect(answer.header("location") == "/")
        #expect(answer.header("x-evil") == nil)
        let session = try #require(answer.cookie(Dispatcher.sessionCookie)?.prefix { $0 != ";" })
        let cookie = [("Cookie", "\(Dispatcher.sessionCookie)=\(session)")]
        #expect(try await house.client.send("GET", "/me", headers: cookie).status == 200)
        try await People.disableAccount(login: "engineer", house.store)
        let after = try await house.client.send("GET", "/me", headers: cookie)
        #expect(after.status == 303)
        #expect(after.header("location") == "/sign-in?next=%2Fme")
        try await house.close()
    }

    @Test("a forged X-Forwarded-For does not get more tries")
    func forwarded() async throws {
        let house = try await Self.serve()
        var last = 0
        for i in 0..<9 {
            last = try await Self.signIn(
                house.client, "engineer", "wrong \(i)", headers: [("X-Forwarded-For", "10.0.0.\(i)")]
            ).status
        }
        #expect(last == 429)
        try await house.close()
    }

    /// Abuse: nine wrong words about a known name lock nobody out who sits elsewhere.
    @Test("behind a proxy that is trusted, whoever guesses locks out their own address alone")
    func lockout() async throws {
        let house = try await Self.serve(behind: ["127.0.0.1"])
        func signIn(_ password: String, from address: String) async throws -> Int {
            // What a client writes itself stands in front of what the proxy adds.
            try await Self.signIn(
                house.client, "engineer", password, headers: [("X-Forwarded-For", "192.0.2.9, \(address)")]
            ).status
        }
        for i in 0..<8 { #expect(try await signIn("wrong \(i)", from: "198.51.100.1") == 422) }
        #expect(try await signIn("wrong", from: "198.51.100.1") == 429)
        #expect(try await signIn(House.password, from: "198.51.100.1") == 429)
        #expect(try await signIn(House.password, from: "203.0.113.1") == 303)
        try await house.close()
    }

    @Test("a link to set a password names no host that the request named")
    func host() async throws {
        let house = try await Self.serve()
        let token = try await People.createToken(login: "administrator", house.store)
        let all = try await APICaller(house.client, token: token).get("/admin/accounts?q=engineer")
        let id = all.json["items"]?.array?.first?["id"]?.string ?? ""
        let made = try await APICaller(house.client, token: token).post(
            "/admin/accounts/\(id)/reset-link", .object([]),
            headers: [("Host", "evil.example"), ("X-Forwarded-Host", "evil.example")])
        #expect(made.status == 201)
        let url = try #require(made.json["url"]?.string)
        #expect(url.hasPrefix("/reset/"))
        try await house.close()
    }
}

import Base
import Foundation
import People
import Store
import TestKit
import Testing
import Web

/// A small house behind the whole web kit: routes, gatekeeper, throttle, store; requests go in as they
/// come off a line. Its clock stands until a test moves it.
final class House: Sendable {
    let store: Store
    let dispatcher: Dispatcher
    let clock: Locked<Instant>
    private let folder: URL

    static let start = Instant(rfc3339: "2026-03-09T01:00:00Z") ?? Instant(ms: 0)
    static let password = "correct horse battery"

    init(_ folder: URL, _ store: Store, _ clock: Locked<Instant>) {
        self.folder = folder
        self.store = store
        self.clock = clock
        dispatcher = House.dispatcher(store) { _ in }
    }

    /// This area alone, with a start page that says who is signed in.
    static func dispatcher(_ store: Store, log: @escaping @Sendable (String) -> Void) -> Dispatcher {
        var routes = Routes()
        People.routes(&routes)
        routes.page("/") { call, tx in
            try Layout.page(call, tx, title: "Start", "<h1>\(call.caller?.login)</h1>")
        }
        return Dispatcher(
            routes: routes.all,
            kit: Kit(store: store, gatekeeper: People.gatekeeper(seen: SeenCredentials())),
            chrome: Chrome(
                houseName: { _, _ in "House" }, navigation: People.navigation, counts: { _ in [:] }),
            log: log)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// A fresh house with one account per role, named after it, and two customers with a project each.
    static func make() async throws -> House {
        let folder = FileManager.default.temporaryDirectory.appending(path: "fettle-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let clock = Locked(start)
        let store = Store(
            engine: try await TestEngine.open(folder.path),
            clock: { clock.withLock { $0 } })
        try await store.migrate(StoreMigrations.all + WebMigrations.all + People.migrations)
        let hash = try await KnownPasswords.shared.hash(password)
        try await store.write(by: .system("test")) { tx in
            let home = try People.add(NewOrganization(.house, name: "远衡科技"), tx)
            let unit = try People.add(NewOrganization(.unit, name: "Service", parent: home.id), tx)
            let below = try People.add(NewOrganization(.unit, name: "Field", parent: unit.id), tx)
            for role in Role.allCases where ![.customer, .supplier].contains(role) {
                let places = role == .engineer ? below.id : role == .serviceManager ? unit.id : home.id
                let account = try People.add(
                    NewAccount(login: role.rawValue, name: "The \(role.rawValue)", organization: places),
                    passwordHash: hash, tx)
                try People.add(NewPost(role), to: account, tx)
            }
            for (i, login) in ["customer", "customer2"].enumerated() {
                let customer = try People.add(NewOrganization(.customer, name: "Customer \(i + 1)"), tx)
                let account = try People.add(
                    NewAccount(login: login, name: "Customer \(i + 1) Person", organization: customer.id),
                    passwordHash: hash, tx)
                try People.add(NewPost(.customer), to: account, tx)
                let project = try People.add(
                    NewProject(code: "PRJ-\(i + 1)", name: "Project \(i + 1)", customer: customer.id), tx)
                try People.add(NewSite(name: "Site \(i + 1)", zone: "Africa/Nairobi"), to: project, tx)
            }
        }
        return House(folder, store, clock)
    }

    func pass(_ span: Span) { clock.withLock { $0 = $0 + span } }

    func browser(remote: String = "192.0.2.1") -> Browser { Browser(self, remote: remote) }

    func signedIn(_ login: String) async throws -> Browser {
        let b = browser()
        let answer = await b.signIn(login)
        #expect(answer.status == 303, "\(login) signs in")
        return b
    }

    func token(_ login: String) async throws -> String {
        try await People.createToken(login: login, store)
    }

    func account(_ login: String) async throws -> Account {
        let all = try await People.listAccounts(store)
        return try #require(all.first { $0.account.login == login }).account
    }
}

struct Answer: Sendable {
    var status: Int
    var headers: [(String, String)]
    var body: String
    var json: JSON { (try? JSON.parse(body)) ?? .null }
    var code: String { json["code"]?.string ?? "" }
    func header(_ name: String) -> String? { headers.first { $0.0.lowercased() == name.lowercased() }?.1 }
    func headers(_ name: String) -> [String] {
        headers.filter { $0.0.lowercased() == name.lowercased() }.map(\.1)
    }
    var location: String { header("Location") ?? "" }
    /// The secret that the page's forms carry.
    var formToken: String? {
        guard let r = body.firstRange(of: "<meta name=\"form-token\" content=\"") else { return nil }
        return String(body[r.upperBound...].prefix { $0 != "\"" })
    }
}

/// Keeps cookies and the form secret like a browser.
final class Browser: Sendable {
    let house: House
    let remote: String
    let jar = Locked<[String: String]>([:])

    init(_ house: House, remote: String) {
        self.house = house
        self.remote = remote
    }

    func send(
        _ method: String, _ target: String, body: String = "", type: String? = nil,
        _ extra: [String: String] = [:]
    ) async -> Answer {
        var headers = extra
        headers["host"] = headers["host"] ?? "house.example"
        let cookies = jar.withLock { $0.map { "\($0.key)=\($0.value)" }.joined(separator: "; ") }
        if !cookies.isEmpty, headers["authorization"] == nil { headers["cookie"] = cookies }
        if let type { headers["content-type"] = type }
        let left = Locked<[UInt8]?>(body.isEmpty ? nil : Array(body.utf8))
        let reply = await house.dispatcher.respond(
            Arrival(
                method: method, target: target, headers: headers, remote: remote,
                body: Incoming {
                    left.withLock { bytes in
                        defer { bytes = nil }
                        return bytes
                    }
                }))
        for cookie in reply.headers where cookie.0 == "Set-Cookie" {
            let pair = cookie.1.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1)
            jar.withLock {
                let value = pair.count > 1 ? String(pair[1]) : ""
                $0[String(pair.first ?? "")] = value.isEmpty ? nil : value
            }
        }
        var text = ""
        if case .bytes(let b) = reply.body { text = String(decoding: b, as: UTF8.self) }
        return Answer(status: reply.status, headers: reply.headers, body: text)
    }

    func get(_ target: String, _ headers: [String: String] = [:]) async -> Answer {
        await send("GET", target, headers)
    }

    private func send(_ method: String, _ target: String, _ headers: [String: String]) async -> Answer {
        await send(method, target, body: "", type: nil, headers)
    }

    /// Posts a form as a page of ours would, with the secret of the session.
    func post(
        _ target: String, _ fields: [(String, String)] = [], token: String? = nil,
        _ headers: [String: String] = [:]
    ) async -> Answer {
        var fields = fields
        var secret = token
        if secret == nil, jar.withLock({ $0[Dispatcher.sessionCookie] }) != nil {
            secret = await get("/me").formToken
        }
        if let secret, !secret.isEmpty { fields.append(("_form", secret)) }
        return await send(
            "POST", target, body: FormBody(fields.map { .init($0.0, $0.1) }).encoded,
            type: "application/x-www-form-urlencoded", headers)
    }

    func signIn(
        _ login: String, _ password: String = House.password, at entrance: String = "/sign-in",
        next: String? = nil
    ) async -> Answer {
        await post(
            entrance,
            [("login", login), ("password", password)] + (next.map { [("next", $0)] } ?? []))
    }
}

/// A program with a personal token.
struct Program {
    let house: House
    let token: String
    private let line: Browser

    init(_ house: House, _ login: String) async throws {
        self.house = house
        token = try await house.token(login)
        line = Browser(house, remote: "192.0.2.9")
    }

    func get(_ path: String) async -> Answer {
        await line.get("/api/v1" + path, ["authorization": "Bearer " + token])
    }

    func send(_ method: String, _ path: String, _ json: JSON, match: String? = nil, language: String = "en")
        async
        -> Answer
    {
        var headers = ["authorization": "Bearer " + token, "accept-language": language]
        if let match { headers["if-match"] = match }
        return await line.send(method, "/api/v1" + path, body: json.text, type: "application/json", headers)
    }
}

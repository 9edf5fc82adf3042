import Base
import Foundation
import InstalledBase
import People
import ServiceLevels
import Store
import TestKit
import Testing
import Web

@testable import fettle

/// A maker with two customers, one project and site each, one person per role, and a model in the
/// catalogue; served by the whole product. `engineer` holds a post in the first project, `engineer2`
/// holds none.
struct Yard {
    let house: House
    let tokens: [String: String]
    let ids: [String: String]
    var client: HTTPClient { house.client }

    func api(_ who: String) -> APICaller { APICaller(house.client, token: tokens[who] ?? "none") }
    func id(_ name: String) -> String { ids[name] ?? "none" }

    static func open(at now: Instant = House.morning) async throws -> Yard {
        let made = Locked<([String: String], [String: String])>(([:], [:]))
        let house = try await House(
            at: now, migrations: Areas.migrations, heard: Set(Areas.handlers.map(\.kind)),
            dispatcher: { store in Composition.dispatcher(store) { print($0) } },
            seed: { tx in
                try ServiceLevels.seed(tx)
                let world = try people(tx)
                made.withLock { $0 = world }
            })
        let (tokens, ids) = made.withLock { $0 }
        return Yard(house: house, tokens: tokens, ids: ids)
    }

    private static func people(_ tx: Transaction) throws -> ([String: String], [String: String]) {
        var tokens: [String: String] = [:]
        var ids: [String: String] = [:]
        let home = try People.add(NewOrganization(.house, name: "远衡科技"), tx)
        var posts: [String: NewPost] = [:]
        var homes: [String: OrganizationID] = [:]
        for (n, login) in ["customer", "customer2"].enumerated() {
            let customer = try People.add(NewOrganization(.customer, name: "Customer \(n + 1)"), tx)
            let project = try People.add(
                NewProject(code: "PRJ-\(n + 1)", name: "Project \(n + 1)", customer: customer.id), tx)
            let site = try People.add(NewSite(name: "Site \(n + 1)", zone: "Africa/Nairobi"), to: project, tx)
            ids["org\(n + 1)"] = customer.id.text
            ids["project\(n + 1)"] = project.id.text
            ids["site\(n + 1)"] = site.id.text
            homes[login] = customer.id
            posts[login] = NewPost(.customer)
            if n == 0 {
                posts["engineer"] = NewPost(.engineer, project: project.id)
                posts["site_lead"] = NewPost(.siteLead, site: site.id)
            }
        }
        let supplier = try People.add(NewOrganization(.supplier, name: "恒星轴承"), tx)
        homes["supplier"] = supplier.id
        for role in Role.allCases where posts[role.rawValue] == nil { posts[role.rawValue] = NewPost(role) }
        posts["engineer2"] = NewPost(.engineer)
        for (login, post) in posts.sorted(by: { $0.key < $1.key }) {
            var new = NewAccount(
                login: login, name: "The \(login)", organization: homes[login] ?? home.id)
            new.language = .english
            let account = try People.add(new, tx)
            try People.add(post, to: account, tx)
            tokens[login] = try People.makeToken(account.id, name: "test", days: nil, tx)
            ids[login] = account.id.text
        }
        for category in ["quality", "request", "project"] {
            try People.add(NewRouting(RoutedCategory(rawValue: category) ?? .quality, unit: home.id), tx)
        }
        let product = try InstalledBase.add(
            NewProduct(.system, code: "GA73", name: "7.3米卫星地面站天线"), tx)
        ids["product"] = product.id.text
        return (tokens, ids)
    }

    // MARK: Doing

    @discardableResult
    func make(
        _ path: String, _ body: JSON, as who: String = "service_manager", expect status: Int = 201,
        _ place: SourceLocation = #_sourceLocation
    ) async throws -> JSON {
        let reply = try await api(who).post(path, body)
        #expect(
            reply.status == status, "\(who) \(path): \(reply.status) \(reply.text)", sourceLocation: place)
        return reply.json
    }

    /// A unit of the first customer: its id.
    func unit(_ serial: String = "GA73-2019-0012", _ more: [(String, JSON)] = []) async throws -> String {
        let members =
            [
                ("product_id", JSON.string(id("product"))), ("serial", .string(serial)),
                ("site_id", .string(id("site1"))),
            ] + more
        let body = JSON.object(members.map { .init($0.0, $0.1) })
        return try #require(try await make("/product-units", body)["id"]?.string)
    }

    func patch(_ who: String, _ path: String, _ body: JSON, match: String?) async throws
        -> HTTPClient.Response
    {
        try await api(who).send(
            "PATCH", path, body, headers: match.map { [("If-Match", $0)] } ?? [])
    }

    /// Calls a page with a token instead of a cookie: what it may do is the same.
    func page(_ who: String, _ method: String, _ path: String, form: String = "") async throws
        -> HTTPClient.Response
    {
        var headers = [("Authorization", "Bearer \(tokens[who] ?? "none")")]
        if method != "GET" { headers.append(("Content-Type", "application/x-www-form-urlencoded")) }
        return try await client.send(method, path, headers: headers, body: Array(form.utf8))
    }

    /// Changes the language of an account.
    func speak(_ language: String, _ who: String) async throws {
        let reply = try await page(who, "POST", "/language", form: "language=\(language)&next=%2F")
        #expect(reply.status == 303)
    }

    func history() async throws -> [String] {
        try await house.store.read(by: .system("test")) { try History.verify($0).faults.map { "\($0)" } }
    }

    func close() async throws { try await house.close() }
}

/// `2026-03-09` → its day number.
func day(_ text: String) -> Int { CivilDate.parse(text) ?? -1 }

import Base
import Store
import TestKit
import Testing
import Web

@testable import fettle

/// Every route × every kind of person, against one table. A route that stands in no line fails.
@Suite struct RouteTableTests {
    /// The people, one letter each; `o` is a customer of another organisation, `e` a second engineer of
    /// the unit, `x` an account without any post.
    static let people: [(Character, String)] = [
        ("C", "customer"), ("o", "customer2"), ("S", "service_manager"), ("E", "engineer"),
        ("e", "engineer2"), ("T", "technical_lead"), ("M", "management"), ("L", "site_lead"),
        ("Q", "quality"), ("K", "keeper"), ("N", "trainer"), ("F", "finance"), ("A", "administrator"),
        ("U", "auditor"), ("P", "supplier"), ("x", "leaver"),
    ]

    @Test func everyRouteHasALine() {
        let lines = Set(RouteTable.lines.map(\.route))
        let routes = Set(Areas.routes().map { "\($0.method) \($0.path)" })
        #expect(routes.subtracting(lines).sorted() == [], "routes that the table does not know")
        #expect(lines.subtracting(routes).sorted() == [], "lines without a route")
    }

    @Test func everyRouteForEveryone() async throws {
        let scene = try await Scene.open()
        let w = scene.w
        let disabled = try await w.api("administrator").post("/admin/accounts/\(w.id("gone"))/disabling")
        #expect(disabled.status == 200, "\(disabled.text)")
        for line in RouteTable.lines {
            let path = scene.fill(line)
            for who in ["anonymous", "gone"] where !line.isOpen {
                let reply = try await call(w, who, line, path)
                let expected = line.isAPI ? 401 : 303
                #expect(reply.status == expected, "\(who): \(line.route): \(reply.status)")
                if !line.isAPI { #expect(reply.header("Location")?.hasPrefix("/sign-in") == true) }
            }
            if line.isStream { continue }
            for (letter, who) in Self.people {
                let reply = try await call(w, who, line, path)
                let verdict =
                    switch reply.status {
                    case 401, 403, 404: reply.status
                    case 500...: reply.status
                    default: 200
                    }
                #expect(
                    verdict == line.expected(letter),
                    "\(who): \(line.route) gave \(reply.status), expected \(line.expected(letter)): \(reply.text.prefix(300))"
                )
            }
        }
        #expect(try await w.history() == [])
        try await scene.close()
    }

    /// An engineer of no unit, tied to the ticket by a planned visit alone, stands at its routes as one who
    /// was given a task on it.
    @Test func whoeverIsToVisitSeesTheTicket() async throws {
        let scene = try await Scene.open()
        let w = scene.w
        #expect(try await w.api("engineer3").get("/tickets/\(scene.worked)").status == 404)
        try await w.take(
            "service_manager", scene.worked, "visits",
            [
                "engineer_id": .string(w.id("engineer3")), "start_at": "2026-03-10T01:00:00Z",
                "end_at": "2026-03-10T05:00:00Z",
            ], expect: 201)
        #expect(try await w.api("engineer3").get("/tickets/\(scene.worked)").status == 200)
        #expect(try await w.page("engineer3", "GET", "/tickets/\(scene.worked)").status == 200)
        #expect(try await w.api("engineer3").get("/tickets/\(scene.submitted)").status == 404)
        // Beyond what others of the unit may, they take parts along.
        let parts = "/tickets/{id}/parts"
        for line in RouteTable.lines where line.path.contains("/tickets/{id}") && !line.path.contains(parts) {
            let reply = try await call(w, "engineer3", line, scene.fill(line))
            let verdict = [401, 403, 404].contains(reply.status) ? reply.status : 200
            #expect(verdict == line.expected("e"), "\(line.route): \(reply.status) \(reply.text.prefix(300))")
        }
        try await w.take(
            "engineer3", scene.worked, "visits",
            [
                "engineer_id": .string(w.id("engineer3")), "start_at": "2026-03-11T01:00:00Z",
                "end_at": "2026-03-11T05:00:00Z",
            ], expect: 201)
        try await w.take(
            "engineer3", scene.worked, "responses", ["body": "I come on Tuesday."], expect: 201)
        try await scene.close()
    }

    private func call(_ w: Workshop, _ who: String, _ line: RouteTable.Line, _ path: String) async throws
        -> HTTPClient.Response
    {
        var headers: [(String, String)] = []
        if who != "anonymous" { headers.append(("Authorization", "Bearer \(w.tokens[who] ?? "none")")) }
        if line.isUpload {
            let (type, body) = Workshop.multipart("a.txt", [65])
            return try await w.client.send(
                line.method, path, headers: headers + [("Content-Type", type)], body: body)
        }
        return try await w.client.send(line.method, path, headers: headers)
    }
}

extension Scene {
    /// The line's path with things that exist.
    func fill(_ line: RouteTable.Line) -> String {
        var path = line.path
        let id =
            switch path {
            case let p where stock[p.stockPath] != nil: stock[p.stockPath] ?? ""
            case let p where p.hasPrefix("/stock/documents/{id}"): stock["transfers"] ?? ""
            case let p where p.hasPrefix("/stock/parts/{id}"): stock["parts"] ?? ""
            case let p where p.hasPrefix("/stock/places/{id}"): stock["places"] ?? ""
            case let p where p.hasPrefix("/stock/checks/{id}"): stock["stock-checks"] ?? ""
            case let p where p.hasPrefix("/stock/reservations/{id}"): stock["reservations"] ?? ""
            case let p where p.contains("/attachments/{id}"): publicFile
            case let p where p.contains("/levels/calendars/"): "24x7"
            case let p where p.contains("/levels/holiday-sets/"): "days"
            case let p where p.contains("/levels/policies/"): "house"
            case let p where p.contains("/levels/schemes/"): "standard"
            case let p where p.contains("/tickets/"): worked
            case let p where p.contains("/tasks/"): supplierTask
            case let p where p.contains("/notifications/") || p.contains("/notices/"): notice
            case let p where p.contains("/admin/accounts/"): w.id("target")
            case let p where p.contains("/admin/organizations/"): w.id("andino")
            case let p where p.contains("/admin/projects/"): w.id("foreign_project")
            case let p where p.contains("/admin/sites/"): w.id("foreign_site")
            case let p where p.contains("/product-units/{id}"): w.id("product_unit")
            case let p where p.contains("/products/{id}"): w.id("product")
            case let p where p.contains("/contracts/{id}"): w.id("contract")
            case let p where p.hasPrefix("/api/") && p.contains("/admin/routing/"): "request"
            case let p where p.contains("/admin/routing/"): "project"
            default: "none"
            }
        path = path.replacing("{id}", with: id).replacing("{name}", with: "currency")
            .replacing("{hash}", with: "none").replacing("{token}", with: "none")
            .replacing("{month}", with: "2026-03")
        for rest in ["{post}", "{path*}", "{part}", "{downtime}"] {
            path = path.replacing(rest, with: "none")
        }
        return path
    }
}

extension String {
    /// The word behind `/api/v1/` where an id follows it.
    fileprivate var stockPath: String {
        let words = split(separator: "/")
        return words.count > 3 && words[0] == "api" ? String(words[2]) : ""
    }
}

/// Who may do what: `route | may | refused`. May: anything but 401, 403 and 404. Refused: 403. All
/// others: 404.
enum RouteTable {
    struct Line: Sendable {
        var method: String
        var path: String
        var may: Set<Character>
        var refused: Set<Character>
        /// Anybody, also without signing in.
        var isOpen: Bool
        var isStream: Bool { path.hasSuffix("/events") }
        var isUpload: Bool {
            method == "POST"
                && (path == "/tickets"
                    || ["/attachments", "/draft", "/file"].contains { path.hasSuffix($0) })
        }
        var isAPI: Bool { path.hasPrefix("/api/") }
        var route: String { "\(method) \(path)" }

        func expected(_ person: Character) -> Int {
            may.contains(person) ? 200 : refused.contains(person) ? 403 : 404
        }
    }

    static let everyone: Set<Character> = Set(RouteTableTests.people.map(\.0))
    /// Who sees the ticket at work.
    static let sees: Set<Character> = Set("CSEeTMLQU")

    static let lines: [Line] = (text + steps + levels + stock + stockPages + admin + installed).split(
        separator: "\n"
    ).map { line in
        let parts = line.split(separator: "|", omittingEmptySubsequences: false).map { String($0).trimmed }
        let route = parts[0].split(separator: " ").map(String.init)
        func set(_ text: String) -> Set<Character> {
            switch text {
            case "all", "open": everyone
            case "levels": Set("ASQMU")
            case "all-o": everyone.subtracting("o")
            case "all-P": everyone.subtracting("P")
            case "all-AU": everyone.subtracting("AU")
            case "rest": []
            case "sees", "sees-": text == "sees" ? sees : sees.subtracting("C")
            default: Set(text)
            }
        }
        let may = set(parts[1])
        let refused = parts.count > 2 ? set(parts[2]) : []
        return Line(
            method: route[0], path: route[1], may: may, refused: refused.subtracting(may),
            isOpen: parts[1] == "open" || (parts.count > 3 && parts[3] == "open"))
    }
}

import Base
import Foundation
import Store
import TestKit
import Testing

/// A workshop with something to see and to hide: tickets of both customers, an internal note, files,
/// tasks and notices. All of it was made through the door.
struct Scene {
    let w: Workshop
    /// Of `customer`, in work by `engineer`, with a note, files and tasks.
    var worked = ""
    var workedID = ""
    /// Of `customer`, just submitted.
    var submitted = ""
    /// Of `customer2`, submitted, with a file.
    var foreign = ""
    var foreignID = ""
    var publicFile = ""
    var internalFile = ""
    var foreignFile = ""
    /// A task of the supplier on `worked`.
    var supplierTask = ""
    /// A task of an engineer on `worked`.
    var staffTask = ""
    /// A notice of `service_manager`.
    var notice = ""
    /// A part, a place and a draft of each kind of stock document, by the word in their paths.
    var stock: [String: String] = [:]

    static let secret = "INTERNAL-MARGIN-4711"

    static func open(around: (any Engine) -> any Engine = { $0 }) async throws -> Scene {
        let w = try await Workshop.open(around: around)
        var s = Scene(w: w)
        (s.worked, s.workedID) = try await w.enter()
        try await w.bringToWork(s.worked)
        _ = try await w.take("engineer", s.worked, "notes", .make(["body": .string(secret)]), expect: 201)
        _ = try await w.take("customer", s.worked, "responses", .make(["body": "Any news?"]), expect: 201)
        s.publicFile =
            try await w.upload("engineer", s.worked, "photo.png", Sample.png).json["id"]?.string ?? ""
        s.internalFile =
            try await w.upload(
                "engineer", s.worked, "\(secret).txt", Array(secret.utf8),
                fields: [("visibility", "internal")]
            ).json["id"]?.string ?? ""
        s.supplierTask =
            try await w.take(
                "service_manager", s.worked, "tasks",
                .make(["kind": "material", "title": "New bearing", "owner_id": .string(w.id("supplier"))]),
                expect: 201
            )["id"]?.string ?? ""
        s.staffTask =
            try await w.take(
                "service_manager", s.worked, "tasks",
                .make([
                    "kind": "people", "title": "Second pair of hands", "owner_id": .string(w.id("engineer2")),
                ]),
                expect: 201
            )["id"]?.string ?? ""
        (s.submitted, _) = try await w.enter(title: "Cooling fan noisy", serial: "FAN-001")
        (s.foreign, s.foreignID) = try await w.enterForeign()
        s.foreignFile =
            try await w.upload("customer2", s.foreign, "log.txt", Array("radar".utf8)).json["id"]?.string
            ?? ""
        let notices = try await w.api("service_manager").get("/notifications")
        s.notice = notices.json["items"]?.array?.first?["id"]?.string ?? ""
        s.stock = try await w.house.store.write(by: .system("test")) { try StockScene.make($0) }
        for made in [s.publicFile, s.internalFile, s.foreignFile, s.supplierTask, s.staffTask, s.notice] {
            #expect(!made.isEmpty)
        }
        return s
    }

    func close() async throws { try await w.house.close() }
}

enum Sample {
    /// The first bytes of a PNG of 60,000 × 60,000 points: 3.6 G of them, if anybody decoded it.
    static let png: [UInt8] =
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]
        + [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60, 8, 6, 0, 0, 0, 0, 0, 0, 0]
}

extension Workshop {
    /// Enters a ticket of `customer`: its number and id.
    func enter(
        _ who: String = "customer", title: String = "方位轴过流告警 AZ-217", category: String = "quality",
        serial: String = "GS73X-2309-0041"
    ) async throws -> (String, String) {
        let made = try await api(who).post("/tickets", report(title, category: category, serial: serial))
        try #require(made.status == 201, "\(made.text)")
        return (made.json["number"]?.string ?? "", made.json["id"]?.string ?? "")
    }

    /// Enters a ticket of `customer2`, in another organisation.
    func enterForeign(title: String = "Radar cooling loop leaks") async throws -> (String, String) {
        let body: JSON = .make([
            "title": .string(title), "description": "Pressure drops by 0.2 bar a day.", "category": "quality",
            "project_id": .string(id("foreign_project")), "site_id": .string(id("foreign_site")),
            "serial": "ALTO-7",
        ])
        let made = try await api("customer2").post("/tickets", body)
        try #require(made.status == 201, "\(made.text)")
        return (made.json["number"]?.string ?? "", made.json["id"]?.string ?? "")
    }

    @discardableResult
    func take(
        _ who: String, _ number: String, _ step: String, _ body: JSON? = nil, expect status: Int = 200,
        _ place: SourceLocation = #_sourceLocation
    ) async throws -> JSON {
        let reply = try await api(who).post("/tickets/\(number)/\(step)", body)
        #expect(
            reply.status == status, "\(who) \(step): \(reply.status) \(reply.text)", sourceLocation: place)
        return reply.json
    }

    /// Replaces something with the version that stands.
    @discardableResult
    func put(
        _ who: String, _ number: String, _ step: String, _ body: JSON, expect status: Int = 200,
        _ place: SourceLocation = #_sourceLocation
    ) async throws -> JSON {
        let version = try await ticket("service_manager", number)["version"]?.int ?? 0
        let reply = try await api(who).send(
            "PUT", "/tickets/\(number)/\(step)", body, headers: [("If-Match", "\"\(version)\"")])
        #expect(
            reply.status == status, "\(who) \(step): \(reply.status) \(reply.text)", sourceLocation: place)
        return reply.json
    }

    func ticket(_ who: String, _ number: String) async throws -> JSON {
        try await api(who).get("/tickets/\(number)").json
    }

    static func grading(_ priority: String, category: String = "quality") -> [JSON.Member] {
        let large = priority == "P1" || priority == "P2"
        let common = priority == "P2" || priority == "P4"
        return [
            .init("category", .string(category)), .init("impact", large ? "large" : "small"),
            .init("commonness", common ? "common" : "uncommon"),
        ]
    }

    func approve(_ number: String, _ priority: String = "P2", category: String = "quality") async throws {
        try await take(
            "service_manager", number, "approval",
            .object(Workshop.grading(priority, category: category)))
    }

    /// submitted → in_progress with `engineer`.
    func bringToWork(_ number: String, _ priority: String = "P2", category: String = "quality") async throws {
        try await approve(number, priority, category: category)
        try await take(
            "service_manager", number, "assignment", .make(["engineer_id": .string(id("engineer"))]))
        try await take("engineer", number, "acceptance")
    }

    /// in_progress → awaiting_evaluation, of a grade that needs no decision.
    func bringToEvaluation(_ number: String) async throws {
        try await take("engineer", number, "responses", .make(["body": "We are on it."]), expect: 201)
        try await take("engineer", number, "solution", .make(["statement": "Replace the board."]))
        try await take(
            "engineer", number, "completion", .make(["report": "Board replaced.", "nature": "technical"]))
    }

    func bringToCompletion(_ number: String) async throws {
        try await take(
            "customer", number, "evaluation", .make(["response": 5, "attitude": 5, "skill": 5, "result": 5]))
        let sla = try await ticket("service_manager", number)["sla"]
        try await take(
            "site_lead", number, "attestation",
            .make([
                "response_met": .bool(sla?["response"]?["verdict"]?.string == "met"),
                "solution_met": .bool(sla?["solution"]?["verdict"]?.string == "met"),
            ]))
        try await take("service_manager", number, "closure", .make(["outcome": "approved"]))
    }

    func bringToArchive(_ number: String) async throws {
        try await bringToCompletion(number)
        try await take("quality", number, "archive", .make(["summary": "Aged capacitors."]))
    }

    /// Sends a file as a browser would.
    func upload(
        _ who: String, _ number: String, _ name: String, _ bytes: [UInt8], type: String = "text/plain",
        fields: [(String, String)] = [], headers: [(String, String)] = []
    ) async throws -> HTTPClient.Response {
        let (content, body) = Workshop.multipart(name, bytes, type: type, fields: fields)
        return try await client.send(
            "POST", "/api/v1/tickets/\(number)/attachments",
            headers: [
                ("Authorization", "Bearer \(tokens[who] ?? "none")"), ("Accept-Language", "en"),
                ("Content-Type", content),
            ] + headers, body: body)
    }

    static func multipart(
        _ name: String, _ bytes: [UInt8], type: String = "text/plain", fields: [(String, String)] = []
    ) -> (type: String, body: [UInt8]) {
        var body: [UInt8] = []
        for (field, value) in fields {
            body += Array(
                "--edge\r\nContent-Disposition: form-data; name=\"\(field)\"\r\n\r\n\(value)\r\n".utf8)
        }
        body += Array(
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\nContent-Type: \(type)\r\n\r\n"
                .utf8)
        body += bytes + Array("\r\n--edge--\r\n".utf8)
        return ("multipart/form-data; boundary=edge", body)
    }

    /// Calls a page with a token instead of a cookie: what it may do is the same.
    func page(_ who: String, _ method: String, _ path: String, form: String = "") async throws
        -> HTTPClient.Response
    {
        var headers = [("Authorization", "Bearer \(tokens[who] ?? "none")")]
        if method != "GET" { headers.append(("Content-Type", "application/x-www-form-urlencoded")) }
        return try await client.send(method, path, headers: headers, body: Array(form.utf8))
    }

    /// Signs in with a password: the session's cookie and its forms' secret.
    func signIn(_ login: String, password: String = Workshop.password) async throws -> Session {
        let reply = try await client.send(
            "POST", "/sign-in", headers: [("Content-Type", "application/x-www-form-urlencoded")],
            body: Array("login=\(login)&password=\(password.replacing(" ", with: "+"))".utf8))
        let cookie = try #require(reply.cookie("fettle_session"), "\(reply.status) \(reply.text)")
        let me = try await client.send("GET", "/me", headers: [("Cookie", "fettle_session=\(cookie)")])
        let secret = me.text.firstMatch(of: /name="_form" value="([^"]+)"/)?.1
        return Session(client: client, cookie: cookie, secret: String(secret ?? ""))
    }

    /// Runs recurring work, as the runner would.
    func run(_ job: @Sendable (Store) async throws -> Void) async throws { try await job(house.store) }

    func history() async throws -> [String] {
        try await house.store.read(by: .system("test")) { try History.verify($0).faults.map { "\($0)" } }
    }
}

/// A browser that signed in.
struct Session {
    let client: HTTPClient
    let cookie: String
    let secret: String

    func get(_ path: String) async throws -> HTTPClient.Response {
        try await client.send("GET", path, headers: [("Cookie", "fettle_session=\(cookie)")])
    }

    func post(_ path: String, _ form: String, secret: String? = nil, headers: [(String, String)] = [])
        async throws -> HTTPClient.Response
    {
        try await client.send(
            "POST", path,
            headers: [
                ("Cookie", "fettle_session=\(cookie)"), ("Content-Type", "application/x-www-form-urlencoded"),
            ] + headers, body: Array((form + "&_form=" + (secret ?? self.secret)).utf8))
    }
}

extension JSON: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }

    /// With one more member, or with another value of it.
    func with(_ name: String, _ value: JSON) -> JSON {
        .object((members ?? []).filter { $0.name != name } + [Member(name, value)])
    }
}

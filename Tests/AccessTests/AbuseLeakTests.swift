import Base
import Foundation
import People
import Store
import TestKit
import Testing

@testable import Tickets
@testable import fettle

/// Items 5, 6, 8 and 26 of the abuse list: what completes, suggests, looks up, refers or exports.
@Suite struct AbuseLeakTests {
    /// A ticket of the other customer whose every word stands nowhere else, with a file and a task.
    struct Foreign {
        let w: Workshop
        var number = ""
        var id = ""
        var file = ""
        /// What nobody else may read in any answer.
        var secrets: [String] = []

        static let title = "Zephyrine loop leaks"
        static let serial = "ZR-9001"

        static func make() async throws -> Foreign {
            let w = try await Workshop.open()
            var f = Foreign(w: w)
            let made = try await w.api("customer2").post(
                "/tickets",
                [
                    "title": .string(title), "description": "The quokka valve drips.", "category": "quality",
                    "project_id": .string(w.id("foreign_project")), "site_id": .string(w.id("foreign_site")),
                    "serial": .string(serial), "product": "ZEPHYR-9", "model": "ZX", "failure_mode": "QK-7",
                ])
            try #require(made.status == 201, "\(made.text)")
            f.number = made.json["number"]?.string ?? ""
            f.id = made.json["id"]?.string ?? ""
            f.file =
                try await w.upload("customer2", f.number, "zephyrine-log.txt", Array("quokka".utf8)).json[
                    "id"]?.string ?? ""
            f.secrets = [
                f.number, f.id, f.file, "Zephyrine", serial, "quokka", "ZEPHYR-9", "QK-7", "Quispe", "Andino",
                "El Alto", "PRJ-ALTO",
            ]
            return f
        }

        /// Nothing of it in an answer, but what was typed.
        func keeps(
            _ reply: HTTPClient.Response, from who: String, _ asked: String, typed: [String] = [],
            _ place: SourceLocation = #_sourceLocation
        ) {
            let text = reply.text.lowercased()
            for secret in secrets {
                let isTyped = typed.contains { $0.lowercased().contains(secret.lowercased()) }
                #expect(
                    isTyped || !text.contains(secret.lowercased()), "\(who): \(asked) tells \(secret)",
                    sourceLocation: place)
            }
            #expect(reply.status < 500, "\(who): \(asked): \(reply.status)", sourceLocation: place)
        }
    }

    /// Those who see nothing of it; `outsider` is an engineer of a unit that it did not go to.
    static let strangers = [
        "customer", "supplier", "outsider", "technical_lead", "site_lead", "keeper", "trainer", "finance",
        "leaver",
    ]

    /// Every address that can be read, with every word that it could be asked by.
    @Test func abuse05EveryAddressThatLooksUp() async throws {
        let f = try await Foreign.make()
        let w = try await f.w.hiring("outsider", .engineer)
        let (own, _) = try await w.enter()
        // A few letters of the serial and of the title, as somebody types who tries.
        let probes: [[(String, String)]] = [
            [("q", "Zephyrine"), ("serial", Foreign.serial), ("title", Foreign.title)],
            [("q", "quokka"), ("product", "ZEPHYR-9"), ("failure_mode", "QK-7")], [("q", "ZR-9")],
            [("q", "Quispe"), ("peek", f.id), ("ticket", f.id)],
            [("q", f.number), ("peek", f.number), ("ticket", f.number), ("into", f.number)],
            [("serial", Foreign.serial)], [("title", Foreign.title)],
            [
                ("organization", w.id("andino")), ("organization_id", w.id("andino")),
                ("customer", w.id("andino")), ("requester_id", w.id("customer2")),
                ("engineer", w.id("customer2")),
            ],
            [
                ("project", w.id("foreign_project")), ("project_id", w.id("foreign_project")),
                ("site", w.id("foreign_site")), ("site_id", w.id("foreign_site")),
            ],
        ]
        let scene = Scene(w: w, worked: f.number, workedID: f.id, publicFile: f.file)
        for line in RouteTable.lines where line.method == "GET" && !line.isStream && !line.isOpen {
            // Administration is for those who keep it; here nobody does.
            if line.path.contains("/admin/") { continue }
            let path = scene.fill(line)
            for probe in probes {
                let query = probe.map { "\($0.0)=\(FormBody.encode($0.1))" }.joined(separator: "&")
                // Of those without tickets, one stands for all here.
                for who in Self.strangers where !["keeper", "trainer", "leaver"].contains(who) {
                    let reply = try await w.page(who, "GET", "\(path)?\(query)")
                    // A technical lead reads every product unit, and so whose it is.
                    let known = who == "technical_lead" && path == "/product-units" ? ["Andino"] : []
                    f.keeps(reply, from: who, "\(path)?\(query)", typed: probe.map(\.1) + [path] + known)
                }
            }
        }
        // The words do find it where they may.
        let found = try await w.page("customer2", "GET", "/tickets/new?serial=\(Foreign.serial)")
        #expect(found.text.contains(f.number))
        #expect(try await w.page("service_manager", "GET", "/search?q=quokka").text.contains(f.number))
        #expect(!own.isEmpty)
        try await w.house.close()
    }

    /// Forms that answer with what is known: similar tickets, the people of a customer, sites.
    @Test func abuse05FormsThatLookUp() async throws {
        let f = try await Foreign.make()
        let w = try await f.w.hiring("outsider", .engineer)
        let fields: [(String, String)] = [
            ("serial", Foreign.serial), ("title", Foreign.title), ("organization_id", w.id("andino")),
            ("project_id", w.id("foreign_project")), ("site_id", w.id("foreign_site")),
            ("requester_id", w.id("customer2")), ("description", "x"), ("category", "quality"),
        ]
        let form = fields.map { "\($0.0)=\(FormBody.encode($0.1))" }.joined(separator: "&")
        for who in Self.strangers {
            for path in ["/tickets/find", "/tickets/\(f.id)/find", "/tickets/\(f.number)/find"] {
                let reply = try await w.page(who, "POST", path, form: form)
                f.keeps(reply, from: who, path, typed: fields.map(\.1))
            }
            for path in ["/tickets", "/tickets/\(f.id)/draft"] {
                let reply = try await w.api(who).upload(path, fields)
                f.keeps(reply, from: who, "POST \(path)", typed: fields.map(\.1))
                #expect(reply.status >= 400, "\(who): POST \(path): \(reply.status)")
            }
        }
        #expect(try await w.page("customer2", "POST", "/tickets/find", form: form).text.contains(f.number))
        try await w.house.close()
    }

    /// The forms of every step of one's own ticket offer nobody and nothing of another customer.
    @Test func abuse05PickersOfEveryStep() async throws {
        let f = try await Foreign.make()
        let w = f.w
        let (submitted, _) = try await w.enter(serial: "S-1")
        let (working, _) = try await w.enter(serial: "S-2")
        try await w.bringToWork(working)
        let (ending, _) = try await w.enter(serial: "S-3")
        try await w.bringToWork(ending, "P4")
        try await w.bringToEvaluation(ending)
        var offered = 0
        // All of them work on the first customer's tickets; the service manager sees both customers.
        for who in ["customer", "engineer2", "technical_lead", "site_lead", "service_manager"] {
            for number in [submitted, working, ending] {
                for step in Step.allCases {
                    let path = "/tickets/\(number)?do=\(FormBody.encode(step.rawValue))"
                    let reply = try await w.page(who, "GET", path)
                    guard reply.status == 200 else { continue }
                    offered += 1
                    f.keeps(reply, from: who, path, typed: [number])
                }
            }
        }
        #expect(offered > 100, "pages that were looked at: \(offered)")
        try await w.house.close()
    }

    /// 8: a reference to something of another customer, or to nothing, is refused alike, and whoever is
    /// named for work is somebody who works here.
    @Test func abuse08ReferencesInEveryStep() async throws {
        let f = try await Foreign.make()
        let w = f.w
        let (number, _) = try await w.enter(serial: "S-1")
        try await w.bringToWork(number)
        let version = try await w.ticket("engineer", number)["version"]?.int ?? 0
        let later = JSON.of(House.morning + .hours(5))
        let visit: [JSON.Member] = [
            .init("start_at", later), .init("end_at", .of(House.morning + .hours(6))),
        ]
        let references: [(String, String, String, String, [JSON.Member])] = [
            ("engineer", "POST", "tasks", "owner_id", [.init("kind", "people"), .init("title", "Help")]),
            ("engineer", "POST", "visits", "engineer_id", visit),
            ("engineer", "PUT", "next-action", "owner_id", [.init("at", later), .init("text", "Call")]),
            ("service_manager", "POST", "assignment", "engineer_id", []),
        ]
        for (who, method, step, field, more) in references {
            var answers: [JSON] = []
            for name in ["customer2", "customer", "nobody"] {
                let reply = try await w.api(who).send(
                    method, "/tickets/\(number)/\(step)",
                    .object(more + [.init(field, .string(w.id(name)))]),
                    headers: method == "PUT" ? [("If-Match", "\"\(version)\"")] : [])
                #expect(reply.status == 422, "\(step) \(name): \(reply.status) \(reply.text)")
                answers.append(reply.json["errors"] ?? .null)
                f.keeps(reply, from: who, step, typed: [w.id(name)])
            }
            #expect(answers.allSatisfy { $0 == answers[0] }, "\(step): alike whether it exists: \(answers)")
        }
        for (step, field) in [("merge", "into"), ("problem", "with")] {
            // A technical lead may tie tickets that they see; to them this one is as good as none.
            let who = step == "merge" ? "service_manager" : "technical_lead"
            let seen = step == "problem" ? [f.number, f.id, "FT-26-9999", "none"] : ["FT-26-9999", "none"]
            var answers: [JSON] = []
            for other in seen {
                let reply = try await w.api(who).post(
                    "/tickets/\(number)/\(step)", .object([.init(field, .string(other))]))
                #expect(reply.status == 422, "\(step) \(other): \(reply.text)")
                answers.append(reply.json["errors"] ?? .null)
            }
            #expect(answers.allSatisfy { $0 == answers[0] }, "\(step): \(answers)")
        }
        // Nobody of the other customer heard anything of all this.
        #expect(try await w.api("customer2").get("/tasks").json["items"]?.array?.isEmpty == true)
        let told = try await w.api("customer2").get("/notifications").text
        #expect(!told.contains(try await w.ticket("engineer", number)["id"]?.string ?? "?"))
        try await w.house.close()
    }

    /// 6: an export that names another customer's things holds no line of them.
    @Test func abuse06ExportWithForeignIDs() async throws {
        let f = try await Foreign.make()
        let w = try await f.w.hiring("outsider", .engineer)
        _ = try await w.enter(title: "Own fault", serial: "S-1")
        let filters = [
            "", "organization=\(w.id("andino"))", "project=\(w.id("foreign_project"))",
            "site=\(w.id("foreign_site"))", "serial=\(Foreign.serial)", "q=Zephyrine", "q=\(f.number)",
            "engineer=\(w.id("engineer"))", "id=\(f.id)", "ids=\(f.id)", "ticket=\(f.number)",
            "columns=requester,organization,project,site,serial,model", "state=submitted",
        ]
        for who in ["customer", "outsider", "technical_lead", "site_lead"] {
            for filter in filters {
                let reply = try await w.page(who, "GET", "/tickets/export.csv?\(filter)")
                #expect(reply.status == 200)
                f.keeps(reply, from: who, "export?\(filter)")
                let lines = try CSV.Reader.rows(of: reply.body).count
                let ownOnly =
                    who != "outsider"
                    && ["", "id=", "ids", "tic", "col", "sta"].contains(
                        String(filter.prefix(3)))
                #expect(lines == (ownOnly ? 2 : 1), "\(who) \(filter): \(lines)")
            }
        }
        for who in ["supplier", "keeper", "administrator", "leaver"] {
            #expect(try await w.page(who, "GET", "/tickets/export.csv").status == 404, "\(who)")
        }
        // A list's place that was given to somebody else is no way in either.
        let theirs = try await w.page("customer2", "GET", "/tickets/export.csv")
        #expect(theirs.text.contains(f.number), "its own customer has it")
        try await w.house.close()
    }

    /// Why it could not wait is said among the house: a customer reads that somebody was sent.
    @Test func anEmergencysReasonStaysInTheHouse() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        let reason = "Their own operator bypassed the interlock-4711"
        try await w.take(
            "service_manager", number, "assignment",
            ["engineer_id": .string(w.id("engineer")), "emergency": .string(reason)])
        for (who, reads) in [("customer", false), ("service_manager", true), ("engineer", true)] {
            let timeline = try await w.api(who).get("/tickets/\(number)/timeline?limit=200")
            #expect(timeline.text.contains("ticket.assignment"))
            #expect(timeline.text.contains("interlock-4711") == reads, "\(who)")
            #expect(
                try await w.page(who, "GET", "/tickets/\(number)").text.contains("interlock-4711") == reads,
                "\(who)")
        }
        #expect(!(try await w.api("customer").get("/tickets/\(number)").text.contains("interlock-4711")))
        #expect(try await w.api("customer").get("/search?q=interlock").json["total"]?.int == 0)
        try await w.house.close()
    }

    /// 26: whatever stands in a cell, the first character of no cell makes a spreadsheet run it. Read by
    /// a reader of our own, and every column is asked for, also those that others' names come into.
    @Test func abuse26NoCellOfAnExportRuns() async throws {
        let w = try await Workshop.open()
        let evil = [
            "=HYPERLINK(\"http://x\",\"y\")", "+1+1", "-2+3", "@SUM(A1)", "=cmd|' /C calc'!A0", "＝1+1",
            "＋1", "－1", "＠SUM(A1)", "'=1", "\t=1+1", "\r=1", " =1+1", "\u{200B}=1", "\u{FEFF}@x", "\"=1\"",
            ";=1", "x,=1",
        ]
        let admin = w.api("administrator")
        for (path, id) in [
            ("/admin/organizations", "rift"), ("/admin/projects", "project"), ("/admin/sites", "site"),
        ] {
            let changed = try await admin.send(
                "PATCH", "\(path)/\(w.id(id))", ["name": .string("=1+\(id)"), "name_en": .string("@\(id)")],
                headers: [("If-Match", "\"1\"")])
            #expect(changed.status == 200, "\(path): \(changed.text)")
        }
        let named = try await admin.send(
            "PATCH", "/admin/accounts/\(w.id("customer"))", ["name": "+Grace", "name_latin": "-Grace"],
            headers: [("If-Match", "\"1\"")])
        #expect(named.status == 200, "\(named.text)")
        for text in evil {
            var body = w.report(text, serial: text).members ?? []
            body.removeAll { ["product", "model"].contains($0.name) }
            body += [.init("product", .string(text)), .init("model", .string(text))]
            let made = try await w.api("customer").post("/tickets", .object(body))
            #expect(made.status == 201, "\(text.debugDescription): \(made.text)")
        }
        let columns = WorkColumn.allCases.map(\.rawValue).joined(separator: ",")
        let path = "/tickets/export.csv?columns=\(columns)"
        for (who, language) in [("customer", "en"), ("service_manager", "zh-Hans")] {
            let reply = try await w.client.send(
                "GET", path,
                headers: [
                    ("Authorization", "Bearer \(w.tokens[who] ?? "")"), ("Accept-Language", language),
                ])
            // As a spreadsheet reads it: quotes off, the apostrophe on.
            let rows = try plain(reply.text)
            #expect(rows.count == evil.count + 1)
            for row in rows {
                for cell in row {
                    let first = cell.unicodeScalars.first.map { String($0) } ?? ""
                    #expect(!"=+-@＝＋－＠\t\r\n".contains(first) || first.isEmpty, "\(cell.debugDescription)")
                }
            }
            let cells = Set(rows.joined())
            #expect(cells.contains("'=1+rift") || cells.contains("'@rift"), "the names were there at all")
        }
        try await w.house.close()
    }

    /// Rows of CSV, plainly: no guard is taken off.
    private func plain(_ text: String) throws -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var cell = ""
        var isQuoted = false
        let scalars = Array(text.unicodeScalars.drop { $0.value == 0xFEFF })
        var i = 0
        while i < scalars.count {
            let c = scalars[i]
            if isQuoted {
                if c == "\"", i + 1 < scalars.count, scalars[i + 1] == "\"" {
                    cell.unicodeScalars.append("\"")
                    i += 1
                } else if c == "\"" {
                    isQuoted = false
                } else {
                    cell.unicodeScalars.append(c)
                }
            } else if c == "\"" {
                isQuoted = true
            } else if c == "," || c == "\n" {
                row.append(cell)
                cell = ""
                if c == "\n" {
                    rows.append(row)
                    row = []
                }
            } else if c != "\r" {
                cell.unicodeScalars.append(c)
            }
            i += 1
        }
        return rows
    }
}

extension Workshop {
    /// The same workshop with one more person, in a unit of their own.
    func hiring(_ login: String, _ role: Role) async throws -> Workshop {
        let made = try await house.store.write(by: .system("test")) { tx -> (String, String) in
            let home = try tx.first("select id from organization where kind = 'house'") {
                $0.id(OrganizationKind.self)
            }
            let unit = try People.add(NewOrganization(.unit, name: "Other unit", parent: home), tx)
            let account = try People.add(
                NewAccount(login: login, name: login, organization: unit.id), passwordHash: nil, tx)
            try People.add(NewPost(role, unit: unit.id), to: account, tx)
            return (try People.makeToken(account.id, name: "test", days: nil, tx), account.id.text)
        }
        var (tokens, ids) = (tokens, ids)
        tokens[login] = made.0
        ids[login] = made.1
        return Workshop(house: house, tokens: tokens, ids: ids)
    }
}

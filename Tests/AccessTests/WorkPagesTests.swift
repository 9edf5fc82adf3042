import Base
import Foundation
import ServiceLevels
import Store
import TestKit
import Testing

@testable import Tickets
@testable import fettle

extension APICaller {
    /// A page, in the language of the account.
    func page(_ path: String) async throws -> HTTPClient.Response {
        try await client.send(
            "GET", path, headers: [("Authorization", "Bearer \(token)")])
    }

    /// A page's form.
    func form(_ path: String, _ fields: [(String, String)]) async throws -> HTTPClient.Response {
        let body = fields.map { FormBody.encode($0.0) + "=" + FormBody.encode($0.1) }.joined(separator: "&")
        return try await client.send(
            "POST", path,
            headers: [
                ("Authorization", "Bearer \(token)"), ("Content-Type", "application/x-www-form-urlencoded"),
            ], body: Array(body.utf8))
    }

    /// A page's form as browsers send it where a file may be in it.
    func upload(_ path: String, _ fields: [(String, String)], file: (String, String)? = nil) async throws
        -> HTTPClient.Response
    {
        var body = ""
        for (name, value) in fields {
            body += "--b0undary\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
        }
        if let file {
            body += "--b0undary\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(file.0)\"\r\n"
            body += "Content-Type: text/plain\r\n\r\n\(file.1)\r\n"
        }
        return try await client.send(
            "POST", path,
            headers: [
                ("Authorization", "Bearer \(token)"),
                ("Content-Type", "multipart/form-data; boundary=b0undary"),
            ], body: Array((body + "--b0undary--\r\n").utf8))
    }
}

/// A sentence of the workshop's own language.
func said(_ key: String, _ arguments: [String: String] = [:]) -> String {
    Strings.of(.simplifiedChinese)(key, arguments)
}

/// Lists, search, exports and counts through the door: who sees what, and what must not work.
@Suite struct WorkPagesTests {
    static let pages = [
        "/", "/work", "/tickets", "/tickets?state=open", "/triage", "/wall", "/decisions", "/causes",
        "/attestations", "/archive-queue", "/portal", "/tickets/new", "/notices", "/visits", "/tasks",
        "/menu",
        "/feedback", "/search?q=zirconium", "/tickets?q=zirconium", "/tickets/export.csv",
        "/tickets?more=1", "/tickets/new?serial=ZR-0001&title=zirconium",
    ]

    /// A report of the other customer, with a word that stands nowhere else.
    static func foreign(_ w: Workshop) async throws -> String {
        let made = try await w.api("customer2").post(
            "/tickets",
            .make([
                "title": "zirconium window cracked", "description": "The zirconium window has a crack.",
                "category": "quality", "project_id": .string(w.id("foreign_project")),
                "site_id": .string(w.id("foreign_site")), "serial": "ZR-0001",
            ]))
        #expect(made.status == 201, "\(made.text)")
        return made.json["number"]?.string ?? ""
    }

    @Test func nothingOfAnotherCustomerShows() async throws {
        let w = try await Workshop.open()
        let number = try await Self.foreign(w)
        let own = try await w.api("customer").post("/tickets", w.report())
        #expect(own.status == 201)
        // Those who see nothing of it: another customer, a supplier, and roles without tickets, or with
        // posts elsewhere.
        for who in [
            "customer", "supplier", "site_lead", "keeper", "trainer", "finance",
            "administrator",
        ] {
            for path in Self.pages {
                let reply = try await w.api(who).page(path)
                #expect([200, 303, 403, 404].contains(reply.status), "\(who) \(path): \(reply.status)")
                // What was typed into a search comes back as typed; nothing else of it may.
                #expect(!reply.text.contains("window"), "\(who) \(path)")
                #expect(!reply.text.contains(number), "\(who) \(path)")
            }
        }
        let list = try await w.api("customer").page("/tickets")
        #expect(list.text.contains(said("list.total", ["n": "1"])))
        #expect(try await w.api("customer2").page("/search?q=zirconium").text.contains(number))
        #expect(
            try await w.api("customer").page("/search?q=zirconium").text.contains(said("search.none.hint")))
        #expect(
            try await w.api("customer").page("/tickets?q=zirconium").text.contains(
                said("list.total", ["n": "0"])))
        try await w.house.close()
    }

    /// Each role lands on its own page, and each page is whole: no key without its sentence.
    @Test func everyPageOfEveryRole() async throws {
        let w = try await Workshop.open()
        _ = try await Self.foreign(w)
        _ = try await w.api("customer").post("/tickets", w.report())
        let starts: [(String, String?)] = [
            ("service_manager", "/triage"), ("engineer", "/work"), ("technical_lead", "/causes"),
            ("site_lead", "/attestations"), ("management", "/decisions"), ("quality", "/archive-queue"),
            ("administrator", "/admin/accounts"), ("auditor", "/tickets"), ("supplier", "/tasks"),
            ("customer", nil),
            ("trainer", "/tasks"), ("finance", "/stock/today"), ("keeper", "/stock/today"),
        ]
        let key =
            /[>"](work|wall|portal|triage|queue|trend|intake|search|notices|notice|visits|tasks|rating|feedback|views|nav|start|menu|ticket|list)\.[a-z_.]+[<"]/
        for (who, place) in starts {
            let start = try await w.api(who).page("/")
            #expect(start.header("Location") == place, "\(who)")
            for path in Self.pages {
                let reply = try await w.api(who).page(path)
                let found = reply.text.firstMatch(of: key).map { String($0.0) } ?? ""
                #expect(found.isEmpty || path.hasSuffix("csv"), "\(who) \(path): \(found)")
                #expect(reply.status != 500)
            }
        }
        try await w.house.close()
    }

    @Test func whatIsNoFilterIsRefusedOrFindsNothing() async throws {
        let w = try await Workshop.open()
        let number = try await Self.foreign(w)
        _ = try await w.api("customer").post("/tickets", w.report())
        let tricks = [
            "sort=due%3Bdrop%20table%20ticket", "sort=t.title", "priority=P1%27%20or%201%3D1--", "priority=1",
            "category=quality%27%29%20or%20%281%3D1", "state=open%27--", "turn=customer%20or%201%3D1",
            "engineer=%27%20or%20%271%27%3D%271", "organization=%27%20or%201%3D1--",
            "project=1%29%20or%20%281%3D1",
            "site=%2527", "serial=%27%20or%201%3D1--", "q=%27%20OR%201%3D1%20--", "q=%22%20OR%20%22",
            "q=NEAR%28a%29%2A",
            "columns=priority%2C%28select%20title%20from%20ticket%29", "cursor=abc", "cursor=%27--",
            "limit=1%20or%201",
            "limit=-1", "limit=100000", "open=maybe", "overdue=%27", "state=open&state=archived",
            "sort=due&sort=due",
        ]
        for trick in tricks {
            for path in ["/tickets", "/work", "/tickets/export.csv", "/api/v1/tickets"] {
                let who = path == "/work" ? "site_lead" : "customer"
                let reply = try await w.api(who).page("\(path)?\(trick)")
                #expect([200, 422].contains(reply.status), "\(path)?\(trick): \(reply.status)")
                #expect(!reply.text.contains("window") && !reply.text.contains(number), "\(path)?\(trick)")
            }
        }
        // A repeated parameter never quietly chooses one of its values.
        #expect(try await w.api("customer").page("/tickets?state=open&state=archived").status == 422)
        #expect(try await w.api("customer").page("/tickets").text.contains(said("list.total", ["n": "1"])))
        try await w.house.close()
    }

    @Test func pagesNeitherRepeatNorLose() async throws {
        let w = try await Workshop.open()
        var numbers: [String] = []
        for i in 0..<7 {
            let made = try await w.api("customer").post("/tickets", w.report("Fault \(i)", serial: "S-\(i)"))
            numbers.append(made.json["number"]?.string ?? "")
            // Two come in the same moment: the key then orders by id.
            if i % 2 == 1 { w.house.clock.advance(.minutes(1)) }
        }
        for sort in ["due", "received", "updated"] {
            var seen: [String] = []
            var path: String? = "/tickets?limit=2&sort=\(sort)"
            var steps = 0
            while let next = path, steps < 9 {
                let reply = try await w.api("customer").page(next)
                #expect(reply.status == 200)
                seen += reply.text.matches(of: /<span class="num">(FT-[0-9-]+)<\/span>/).map { String($0.1) }
                path = reply.text.firstMatch(of: /rel="next" href="([^"]+)"/)
                    .map { String($0.1).replacing("&amp;", with: "&") }
                steps += 1
                if steps == 1, sort == "received" {
                    // What comes in meanwhile stands before the first page, and moves nothing.
                    _ = try await w.api("customer").post("/tickets", w.report("Later", serial: "L-1"))
                }
            }
            #expect(seen.filter { numbers.contains($0) }.sorted() == numbers.sorted(), "\(sort): \(seen)")
            #expect(Set(seen).count == seen.count)
        }
        // A place in one list is no place in another one, nor for somebody else.
        let first = try await w.api("customer").page("/tickets?limit=2")
        let cursor = String(first.text.firstMatch(of: /cursor=([^"&]+)/)?.1 ?? "")
        #expect(!cursor.isEmpty)
        #expect(
            try await w.api("customer").page("/tickets?limit=2&sort=received&cursor=\(cursor)").status == 422)
        #expect(try await w.api("service_manager").page("/tickets?limit=2&cursor=\(cursor)").status == 422)
        try await w.house.close()
    }

    @Test func exportIsGuardedAndComplete() async throws {
        let w = try await Workshop.open()
        let titles = ["=HYPERLINK(\"http://x\")", "+1+1", "-2+3", "@SUM(A1)", "Plain, with \"quotes\""]
        for title in titles {
            #expect(try await w.api("customer").post("/tickets", w.report(title)).status == 201)
        }
        let reply = try await w.api("customer").page("/tickets/export.csv?columns=state,received,serial")
        #expect(reply.status == 200)
        #expect(reply.header("Content-Type") == "text/csv; charset=utf-8")
        #expect(reply.header("Content-Disposition")?.contains("attachment") == true)
        #expect(Array(reply.body.prefix(3)) == [0xEF, 0xBB, 0xBF])
        let lines = reply.text.split(separator: "\r\n")
        #expect(lines.count == titles.count + 1)
        for title in titles.prefix(4) {
            let quoted = title.replacing("\"", with: "\"\"")
            #expect(lines.contains { $0.contains("'" + quoted) }, "\(title)")
        }
        for line in lines { #expect(!line.contains(",=") && !line.contains(",@") && !line.contains(",+")) }
        // More than a page of them is written page by page and comes whole.
        for i in 0..<205 { _ = try await w.api("customer2").post("/tickets", Self.small(w, i)) }
        let all = try await w.api("customer2").page("/tickets/export.csv")
        let numbers = all.text.matches(of: /FT-[0-9]{2}-[0-9]+/).map { String($0.0) }
        #expect(Set(numbers).count == 205)
        try await w.house.close()
    }

    static func small(_ w: Workshop, _ i: Int) -> JSON {
        .make([
            "title": .string("Request \(i)"), "description": "A lamp.", "category": "request",
            "site_id": .string(w.id("foreign_site")),
        ])
    }

    @Test func rateCountsWhatFellDue() async throws {
        let w = try await Workshop.open()
        for i in 0..<3 {
            let made = try await w.api("customer").post("/tickets", w.report("Fault \(i)", serial: "S-\(i)"))
            let number = made.json["number"]?.string ?? ""
            let graded: JSON = .make(["category": "quality", "impact": "large", "commonness": "common"])
            #expect(
                try await w.api("service_manager").post("/tickets/\(number)/approval", graded).status == 200)
            // P2 answers within 4 h: the first in time, the second late, the third not at all.
            if i == 0 {
                let reply: JSON = .make(["body": "We are looking."])
                #expect(
                    try await w.api("service_manager").post("/tickets/\(number)/responses", reply).status
                        == 201)
            }
        }
        let now = w.house.clock.now
        func rate() async throws -> WorkRate? {
            try await w.house.store.read(by: .system("test")) { tx in
                try WorkRates.read([now - .days(1), tx.now + .days(30)], tx)[
                    .init(leg: .response, bucket: 0, project: "")]
            }
        }
        // Nothing has fallen due yet, the one already answered included.
        #expect(try await rate() == nil)
        w.house.clock.advance(.hours(4))
        #expect(try await rate() == WorkRate(met: 1, missed: 2))
        try await w.house.close()
    }
}

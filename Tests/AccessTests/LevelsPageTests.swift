import Base
import Foundation
import TestKit
import Testing

/// The administrator's pages of the service levels, by forms alone.
@Suite struct LevelsPageTests {
    /// A signed-in browser without scripts.
    struct Browser {
        let client: HTTPClient
        let cookie: String

        init(_ w: Workshop, _ login: String) async throws {
            client = w.client
            let form = FormBody([.init("login", login), .init("password", Workshop.password)])
            let reply = try await w.client.send(
                "POST", "/sign-in", headers: [("Content-Type", "application/x-www-form-urlencoded")],
                body: Array(form.encoded.utf8))
            cookie = "fettle_session=\(try #require(reply.cookie("fettle_session")))"
        }

        func get(_ path: String) async throws -> HTTPClient.Response {
            try await client.send("GET", path, headers: [("Cookie", cookie), ("Accept-Language", "en")])
        }

        func value(_ name: String, in page: String) -> String {
            let mark = "name=\"\(name)\" value=\""
            guard let start = page.range(of: mark) else { return "" }
            return String(page[start.upperBound...].prefix { $0 != "\"" })
        }

        /// Fills the form of a page and sends it.
        func send(_ path: String, from page: String, _ fields: [(String, String)]) async throws
            -> HTTPClient.Response
        {
            let shown = try await get(page).text
            var all = [FormBody.Field("_form", value("_form", in: shown))]
            if !fields.contains(where: { $0.0 == "version" }), shown.contains("name=\"version\"") {
                all.append(.init("version", value("version", in: shown)))
            }
            all += fields.map { .init($0.0, $0.1) }
            return try await client.send(
                "POST", path,
                headers: [("Cookie", cookie), ("Content-Type", "application/x-www-form-urlencoded")],
                body: Array(FormBody(all).encoded.utf8))
        }
    }

    @Test func calendarsHolidaysSchemesAndPoliciesWithoutScripts() async throws {
        let w = try await Workshop.open()
        let b = try await Browser(w, "administrator")
        let place = "/admin/levels"
        // Holidays: by hand, then by a file.
        var reply = try await b.send(
            place + "/holiday-sets", from: place + "/holiday-sets/new",
            [
                ("id", "cn"), ("names.en", "China"),
                ("content", "2026-02-17 off Spring Festival\n2026-02-14 work"),
            ])
        #expect(reply.status == 303, "\(reply.text.suffix(1500))")
        reply = try await b.send(
            place + "/holiday-sets", from: place + "/holiday-sets/new", [("id", "x"), ("content", "soon")])
        #expect(reply.status == 422)
        #expect(reply.text.contains("soon"))
        let set = try await b.get(place + "/holiday-sets/cn")
        #expect(set.text.contains("2026-02-17") && set.text.contains("Spring Festival"))
        let secret = b.value("_form", in: set.text)
        let file =
            "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"2027.json\"\r\n\r\n"
            + #"{"year": 2027, "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": true}]}"#
            + "\r\n--x--\r\n"
        let upload = { (version: Int, secret: String) in
            try await w.client.send(
                "POST",
                "\(place)/holiday-sets/cn/file?version=\(version)&_form=\(b.value("_form", in: set.text))",
                headers: [("Cookie", b.cookie), ("Content-Type", "multipart/form-data; boundary=x")],
                body: Array(
                    ("--x\r\nContent-Disposition: form-data; name=\"_form\"\r\n\r\n\(secret)\r\n" + file).utf8
                ))
        }
        #expect(try await upload(1, "").status == 403, "the address proves nothing")
        #expect(try await upload(1, secret).status == 303)
        #expect(try await upload(1, secret).status == 412)
        #expect(try await b.get(place + "/holiday-sets/cn").text.contains("2027-01-01"))
        // A calendar with a lunch break, written as people write.
        reply = try await b.send(
            place + "/calendars", from: place + "/calendars/new",
            [
                ("id", "office"), ("names.zh-Hans", "办公"), ("zone", "Asia/Shanghai"),
                ("week.1", "08：00–12:00，13:00-17:00"), ("week.2", "9:00-17:00"), ("sets.cn", "1"),
            ])
        #expect(reply.status == 303, "\(reply.text.suffix(1500))")
        let stored = try await w.api("auditor").get("/admin/levels/calendars/office").json["content"]
        #expect(
            stored?["week"]?.text == #"{"1":[["08:00","12:00"],["13:00","17:00"]],"2":[["09:00","17:00"]]}"#)
        #expect(stored?["holidays"]?.text == #"["cn"]"#)
        // A scheme: the table is shown for new axes before anything is kept.
        let axes = [
            ("id", "itil"), ("axes.0.key", "impact"), ("axes.0.levels.0.key", "high"),
            ("axes.0.levels.1.key", "low"), ("axes.1.key", "urgency"), ("axes.1.levels.0.key", "now"),
            ("axes.1.names.en", "Urgency"),
        ]
        reply = try await b.send(place + "/schemes", from: place + "/schemes/new", axes + [("go", "table")])
        #expect(reply.status == 200 && reply.text.contains("cell.high|now"), "\(reply.status)")
        reply = try await b.send(
            place + "/schemes", from: place + "/schemes/new",
            axes + [("cell.high|now", "P1"), ("cell.gone|now", "P2")])
        #expect(reply.status == 303, "\(reply.text.suffix(1500))")
        #expect(
            try await w.api("auditor").get("/admin/levels/schemes/itil").json["content"]?["cells"]?.array?
                .count == 1)
        // A policy for a project, then ended.
        var policy = [
            ("id", "rift"), ("scope", "project"), ("scope_project", w.id("project")),
            ("effective_from", "2026-03-01 00:00"), ("calendars.response", "office"),
            ("calendars.solution", "office"),
        ]
        for p in 1...4 {
            policy += [
                ("targets.P\(p).response.amount", "\(p)"), ("targets.P\(p).response.unit", "h"),
                ("targets.P\(p).solution.amount", "\(p)"), ("targets.P\(p).solution.unit", "wd"),
            ]
        }
        reply = try await b.send(place + "/policies", from: place + "/policies/new", policy)
        #expect(reply.status == 303, "\(reply.text.suffix(1500))")
        reply = try await b.send(place + "/policies/rift/ending", from: place + "/policies/rift", [])
        #expect(reply.status == 303)
        #expect(
            try await w.api("auditor").get("/admin/levels/policies/rift").json["is_active"]?.bool == false)
        for path in [
            "", "/calendars/office", "/calendars/24x7", "/holiday-sets/cn", "/schemes/itil",
            "/schemes/standard",
            "/policies/rift", "/policies/house", "/policies/rift?version=1", "/calendars/new", "/schemes/new",
            "/policies/new", "/holiday-sets/new",
            "/trial?received_at=2026-02-16+16:00&priority=P1&policy=house",
            "/trial?received_at=never",
        ] {
            let page = try await b.get(place + path)
            #expect(page.status == 200, "\(path): \(page.status == 200 ? "" : String(page.text.suffix(900)))")
            // A key without a sentence shows as itself.
            #expect(!page.text.contains(">levels."), "\(path)")
        }
        let reader = try await Browser(w, "quality")
        #expect(try await reader.get(place + "/policies/house").status == 200)
        #expect(try await reader.get(place + "/policies/new").status == 403)
        #expect(!(try await reader.get(place + "/policies/house").text.contains("id=\"edit\"")))
        try await w.house.close()
    }
}

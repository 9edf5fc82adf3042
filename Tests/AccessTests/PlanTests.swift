import Base
import Foundation
import Store
import TestKit
import Testing

/// No page and no list reads a table whole that grows with the house: the database is asked how it goes
/// about every statement that the routes run.
@Suite struct PlanTests {
    /// What grows with every ticket and every day.
    private static let growing: Set<String> = [
        "ticket", "ticket_access", "ticket_clock", "ticket_cycle", "ticket_task", "ticket_visit", "history",
        "chain", "search_doc", "notice", "attachment", "attachment_chunk", "outbox", "idempotency", "session",
        "api_token", "problem_link", "rating_link", "feedback",
        "product_unit", "unit_part", "unit_reading", "unit_downtime", "unit_contact", "contract",
        "contract_unit", "unit_access",
        "stock_document", "stock_line", "stock_movement", "stock_balance", "stock_batch", "cost_layer",
        "stock_reservation", "stock_reserved", "part",
    ]

    /// Indexes of what is rare: losses on the road that wait for somebody's consent.
    private static let rare: Set<String> = ["stock_document_missing"]

    private static let lists = [
        "/tickets", "/tickets?open=1", "/tickets?state=submitted", "/tickets?priority=P1&open=1",
        "/tickets?category=quality", "/tickets?q=azimuth", "/tickets?sort=received_at",
        "/tickets?sort=due_at",
        "/search?q=azimuth", "/search?q=%E6%96%B9%E4%BD%8D", "/notifications", "/tasks", "/me",
        "/product-units?serial=SN-4711", "/product-units?batch=B-26",
        "/product-units?q=antenna", "/product-units?use=installed", "/product-units/lookup?serial=sn-4711",
        "/contracts?in_force=1", "/products?q=gs",
        "/balances", "/balances?part=OIL-1", "/movements", "/movements?part=OIL-1", "/parts?q=fan",
        "/receipts?state=draft", "/reservations", "/reservations?state=active",
        "/reservations?part=0&place=0", "/rmas", "/stock-checks", "/order-proposals",
    ]

    @Test func everyReadHasItsIndex() async throws {
        let recorder = Locked<RecordingEngine?>(nil)
        let scene = try await Scene.open { engine in
            let made = RecordingEngine(engine)
            recorder.withLock { $0 = made }
            return made
        }
        let engine = try #require(recorder.withLock { $0 })
        let w = scene.w
        _ = engine.take()
        var asked = 0
        for who in [
            "service_manager", "engineer", "customer", "management", "quality", "administrator", "keeper",
            "finance",
        ] {
            let headers = [("Authorization", "Bearer \(w.tokens[who] ?? "")")]
            for line in RouteTable.lines where line.method == "GET" && !line.isStream {
                // An export is the one thing that reads everything, and says so.
                if line.path.contains("export") { continue }
                _ = try await w.client.send("GET", scene.fill(line), headers: headers)
                asked += 1
            }
            for list in Self.lists {
                for prefix in ["", "/api/v1"] {
                    _ = try await w.client.send("GET", prefix + list, headers: headers)
                    asked += 1
                }
            }
        }
        #expect(asked > 300)
        var seen: [String: SQL] = [:]
        for statement in engine.take().joined() {
            let text = statement.text.drop { $0.isWhitespace }
            if text.hasPrefix("select") || text.hasPrefix("with") { seen[statement.text] = statement.sql }
        }
        #expect(seen.count > 80, "\(seen.count) statements")
        for (text, sql) in seen {
            let steps = try await plan(sql, engine.inner)
            // Along an index in the order that is asked for, only as far as the limit goes; a count up to a
            // limit only where nearly every row counts, not where a few are looked for among all.
            let isLimited =
                text.contains("limit") && !steps.contains { $0.contains("TEMP B-TREE") }
                && (text.contains("order by")
                    || text.contains("from ticket t where (t.state <> 'draft'"))
            for (i, step) in steps.enumerated() {
                let isBounded = isLimited && !Self.sortsWhole(steps[..<i])
                guard let table = Self.scanned(step, text) ?? Self.walked(i, steps),
                    Self.growing.contains(table), !isBounded || step.contains("Seq Scan"),
                    !Self.rare.contains(where: step.contains)
                else { continue }
                Issue.record("\(table) is read whole: \(step)\n\(text)")
            }
        }
        try await scene.close()
    }

    private func plan(_ sql: SQL, _ engine: any Engine) async throws -> [String] {
        try await engine.read { c in
            var steps: [String] = []
            if TestEngine.isPostgres {
                // These tables are small: without this the server would rightly read them whole.
                try c.executeScript(
                    """
                    set local enable_seqscan = off; set local enable_hashjoin = off;
                    set local enable_mergejoin = off
                    """)
                try c.query("explain " + sql) {
                    steps.append($0.text())
                    return true
                }
            } else {
                try c.query("explain query plan " + sql) { r in
                    _ = r.values(3)
                    steps.append(r.text())
                    return true
                }
            }
            return steps
        }
    }

    /// Whether all rows are sorted before the first is shown: what comes in order already is sorted only as
    /// far as the limit goes.
    private static func sortsWhole(_ steps: ArraySlice<String>) -> Bool {
        let sorts = steps.filter { $0.contains("Sort Key") }.count
        let presorted = steps.filter { $0.contains("Presorted Key") }.count
        return sorts > presorted
    }

    /// The table whose index a server walks from end to end; nil where it looks something up in it.
    private static func walked(_ at: Int, _ steps: [String]) -> String? {
        let words = steps[at].split(separator: " ").map(String.init)
        guard TestEngine.isPostgres, steps[at].contains(" using "), let on = words.firstIndex(of: "on"),
            on + 1 < words.count
        else { return nil }
        let own = steps[(at + 1)...].prefix { !$0.contains("->") }
        return own.contains { $0.contains("Index Cond") } ? nil : words[on + 1]
    }

    /// The table that a step of a plan reads whole; nil where it doesn't.
    private static func scanned(_ step: String, _ text: String) -> String? {
        let words = step.split(separator: " ").map(String.init)
        if TestEngine.isPostgres {
            guard let at = words.firstIndex(of: "Seq"),
                words.dropFirst(at).starts(with: ["Seq", "Scan", "on"]),
                words.count > at + 3
            else { return nil }
            return words[at + 3]
        }
        guard words.first == "SCAN", words.count > 1 else { return nil }
        // The plan names what the statement calls the table.
        let name = words[1]
        let tokens = text.split(whereSeparator: { $0.isWhitespace || "(),".contains($0) }).map(String.init)
        for (i, token) in tokens.enumerated() where ["from", "join"].contains(token) && i + 2 < tokens.count {
            if tokens[i + 2] == name { return tokens[i + 1] }
        }
        return name
    }
}

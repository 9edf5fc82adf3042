import Base
import Store
import TestKit
import Testing

/// What one person posts alone counts together: no limit is split over several documents,
/// where the house says so.
@Suite struct TogetherTests {
    /// A hundred drives in the store, worth 10,000.00 each; the limit is 50,000.00.
    private static func open(countsTogether: Bool = true) async throws -> Storehouse {
        let s = try await Storehouse.open()
        if countsTogether {
            try await s.house.store.write(by: .system("test")) { tx in
                try tx.run(
                    """
                    insert into setting (name, version, value, effective_from, created_at)
                    values ('stock_alone_hours', 1, '24', 0, 0)
                    """)
            }
        }
        let body = s.one("drive", 100, [("unit_cost_minor", 1_000_000)])
        let receipt = try await s.post("keeper", "/receipts", body, expect: 201)
        let path = "/receipts/\(receipt["id"]?.string ?? "")"
        try await s.post("service_manager", path + "/approval", expect: 200)
        try await s.post("keeper", path + "/posting", expect: 200)
        return s
    }

    private func path(_ kind: String, _ made: JSON) -> String { "/\(kind)/\(made["id"]?.string ?? "")" }

    /// Each is within the limit; two together are above it, whatever their kinds and accounting days.
    @Test func theLimitIsNotSplit() async throws {
        let s = try await TogetherTests.open()
        let worn: [(String, JSON)] = [("to_status", "defective")]
        let found: [(String, JSON)] = [("direction", "in"), ("unit_cost_minor", 0)]
        let first = try await s.post("keeper", "/scrappings", s.one("drive", 4), expect: 201)
        #expect(first["state"]?.string == "posted")
        for (kind, more) in [
            ("scrappings", []), ("adjustments", [("direction", "out")]), ("adjustments", found),
            ("status-changes", worn), ("returns", [("status", "usable")]),
        ] as [(String, [(String, JSON)])] {
            guard case .object(let members) = s.one("drive", 2, more) else { return }
            let body = JSON.object(members + [.init("posted_on", "2026-02-01")])
            let made = try await s.post("keeper", "/\(kind)", body, expect: 201)
            #expect(made["state"]?.string == "submitted", "\(kind) \(more)")
            let reply = try await s.api("keeper").post(path(kind, made) + "/posting")
            #expect(reply.status == 409 && reply.code == "stock.needs_approval_together")
            #expect(reply.text.contains(first["number"]?.string ?? "?"), "\(reply.text)")
            // Nor by somebody else who has posted nothing yet: it waits for a service manager.
            try await s.post(
                "keeper2", path(kind, made) + "/posting", expect: 409, code: "stock.needs_approval_together")
            #expect(
                try await s.api("service_manager").get(path(kind, made)).json["allowed"]?.array?
                    .compactMap(\.string).contains("approval") == true)
        }
        // What changes nobody's worth goes on, and so does somebody else.
        for kind in ["issues", "transfers"] {
            let body = s.one("drive", 4, to: kind == "transfers" ? "depot" : nil)
            let made = try await s.post("keeper", "/\(kind)", body, expect: 201)
            #expect(made["state"]?.string == "posted", "\(kind)")
        }
        let other = try await s.post("keeper2", "/scrappings", s.one("drive", 4), expect: 201)
        #expect(other["state"]?.string == "posted")
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// A house that hasn't asked for it: each document by itself.
    @Test func eachByItselfUnlessAskedFor() async throws {
        let s = try await TogetherTests.open(countsTogether: false)
        for _ in 0..<4 {
            let made = try await s.post("keeper", "/scrappings", s.one("drive", 4), expect: 201)
            #expect(made["state"]?.string == "posted")
        }
        try await s.house.close()
    }

    /// It waits in a service manager's list; approved, it posts and counts no more.
    @Test func theSecondOneIsApproved() async throws {
        let s = try await TogetherTests.open()
        try await s.post("keeper", "/scrappings", s.one("drive", 4), expect: 201)
        let made = try await s.post("keeper", "/scrappings", s.one("drive", 3), expect: 201)
        let number = made["number"]?.string ?? "?"
        #expect(try await s.page("service_manager", "/stock/documents").contains(number))
        let page = try await s.page("keeper", "/stock/documents/\(number)")
        #expect(page.contains("Posted without approval") || page.contains("未经审批过账"), "\(page)")
        try await s.post("service_manager", path("scrappings", made) + "/approval", expect: 200)
        try await s.post("keeper", path("scrappings", made) + "/posting", expect: 200)
        let small = try await s.post("keeper", "/scrappings", s.one("drive", 1), expect: 201)
        #expect(small["state"]?.string == "posted", "what was approved is not counted again")
        try await s.house.close()
    }

    /// A day by the clock later the limit is whole again, not a minute before.
    @Test func aDayLaterItIsWholeAgain() async throws {
        let s = try await TogetherTests.open()
        try await s.post("keeper", "/scrappings", s.one("drive", 4), expect: 201)
        s.house.clock.advance(.hours(24) - .minutes(1))
        let early = try await s.post("keeper", "/scrappings", s.one("drive", 2), expect: 201)
        #expect(early["state"]?.string == "submitted")
        s.house.clock.advance(.minutes(1))
        let late = try await s.post("keeper", "/scrappings", s.one("drive", 2), expect: 201)
        #expect(late["state"]?.string == "posted")
        try await s.house.close()
    }

    /// Whoever takes back their own mistake and does it right has done it once.
    @Test func whatIsUndoneCountsNoMore() async throws {
        let s = try await TogetherTests.open()
        let wrong = try await s.post("keeper", "/scrappings", s.one("drive", 5), expect: 201)
        let back = try await s.post(
            "keeper", path("scrappings", wrong) + "/reversal", ["reason": "wrong part"], expect: 200)
        #expect(back["state"]?.string == "posted")
        let right = try await s.post("keeper", "/scrappings", s.one("drive", 5), expect: 201)
        #expect(right["state"]?.string == "posted")
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// What is lost on the way counts too.
    @Test func lossesCountTogether() async throws {
        let s = try await TogetherTests.open()
        var sent: [JSON] = []
        for _ in 0..<2 {
            sent.append(try await s.post("keeper", "/transfers", s.one("drive", 4, to: "depot"), expect: 201))
        }
        for (i, transfer) in sent.enumerated() {
            let gone: JSON = [
                "lines": .array([["line": 1, "received": 0, "written_off": 4]]), "reason": "crushed",
            ]
            let done = try await s.post(
                "keeper2", path("transfers", transfer) + "/receipt", gone, expect: 200)
            #expect(done["state"]?.string == (i == 0 ? "received" : "posted"))
        }
        let made = try await s.post("keeper2", "/scrappings", s.one("drive", 2), expect: 201)
        #expect(made["state"]?.string == "submitted")
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// An engineer's own box lets out for a ticket at any value; what is thrown away or written off there is
    /// held against the limit like anybody's.
    @Test func anOwnBoxHasALimitToo() async throws {
        let s = try await TogetherTests.open()
        let sent = try await s.post("keeper", "/transfers", s.one("drive", 40, to: "box"), expect: 201)
        try await s.post("service_manager", path("transfers", sent) + "/approval", expect: 200)
        try await s.post("keeper", path("transfers", sent) + "/posting", expect: 200)
        try await s.post("keeper", path("transfers", sent) + "/receipt", expect: 200)
        for (kind, more) in [
            ("scrappings", []), ("adjustments", [("direction", "out")]),
            ("status-changes", [("to_status", "scrap")]), ("issues", []),
        ] as [(String, [(String, JSON)])] {
            let made = try await s.post(
                "engineer", "/\(kind)", s.one("drive", 6, at: "box", more), expect: 201)
            #expect(made["state"]?.string == "submitted", "\(kind)")
            try await s.post(
                "engineer", path(kind, made) + "/posting", expect: 409, code: "stock.needs_approval")
            try await s.post("service_manager", path(kind, made) + "/approval", expect: 200)
            let done = try await s.post("engineer", path(kind, made) + "/posting", expect: 200)
            #expect(done["state"]?.string == "posted", "\(kind)")
        }
        for (amount, state) in [(4 as Int64, "posted"), (2, "submitted")] {
            let made = try await s.post(
                "engineer", "/scrappings", s.one("drive", .int(amount), at: "box"), expect: 201)
            #expect(made["state"]?.string == state)
        }
        let back = try await s.post(
            "engineer", "/transfers", s.one("drive", 6, at: "box", to: "store"), expect: 201)
        #expect(back["state"]?.string == "posted")
        #expect(try await s.faults() == [])
        try await s.house.close()
    }
}

extension Storehouse {
    /// A page as somebody sees it.
    func page(_ who: String, _ path: String) async throws -> String {
        try await house.client.send(
            "GET", path, headers: [("Authorization", "Bearer \(tokens[who] ?? "none")")]
        ).text
    }
}

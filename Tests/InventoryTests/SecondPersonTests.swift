import Base
import People
import Store
import TestKit
import Testing

@testable import Inventory

/// What one person alone doesn't do: lose what is dear, count twice, take a reversal back for another.
@Suite struct SecondPersonTests {
    /// Ten drives worth a million each, sent to the depot; the limit is 50,000.00.
    private func underWay(_ s: Storehouse, sender: String = "keeper") async throws -> String {
        let dear = s.one("drive", 10, [("unit_cost_minor", 1_000_000)])
        for (path, body) in [("/receipts", dear), ("/transfers", s.one("drive", 10, to: "depot"))] {
            let made = try await s.post(sender, path, body, expect: 201)
            let one = "\(path)/\(made["id"]?.string ?? "")"
            try await s.post("service_manager", one + "/approval", expect: 200)
            try await s.post(sender, one + "/posting", expect: 200)
        }
        let sent = try await s.api("auditor").get("/transfers").json["items"]?.array?.first
        return "/transfers/\(sent?["id"]?.string ?? "")"
    }

    private func arrival(_ received: Int64, lost: Int64) -> JSON {
        [
            "reason": "a box was open",
            "lines": [["line": 1, "received": .int(received), "written_off": .int(lost)]],
        ]
    }

    /// What is lost above the limit, all of it together, waits for a service manager.
    @Test func aDearLossNeedsASecondPerson() async throws {
        let s = try await Storehouse.open()
        let path = try await underWay(s)
        try await s.post("keeper2", path + "/receipt", arrival(2, lost: 1), expect: 200)
        #expect(try await s.onHand("drive", at: "depot") == 2)
        // Five more would be six.
        let reported = try await s.post("keeper2", path + "/receipt", arrival(1, lost: 5), expect: 200)
        #expect(reported["state"]?.string == "posted")
        #expect(reported["missing_by"]?.string == s.id("keeper2"))
        let line = reported["lines"]?.array?.first
        #expect(line?["missing"]?.int == 5 && line?["written_off"]?.int == 1 && line?["received"]?.int == 3)
        #expect(try await s.onHand("drive", at: "depot") == 3)
        #expect(try await s.underWay("drive") == 6)
        try await s.post("keeper2", path + "/approval", expect: 403)
        // What is reported as missing is not lost once more, but it may turn up.
        try await s.post(
            "keeper2", path + "/receipt", arrival(0, lost: 2), expect: 409, code: "stock.more_than_sent")
        let found = try await s.post("keeper2", path + "/receipt", arrival(2, lost: 0), expect: 200)
        #expect(found["lines"]?.array?.first?["missing"]?.int == 4)
        let back = try await s.post(
            "service_manager", path + "/rejection", ["reason": "ask the carrier"], expect: 200)
        #expect(back["missing_by"]?.string == nil && back["lines"]?.array?.first?["missing"]?.int == 0)
        #expect(try await s.underWay("drive") == 4)
        try await s.post("service_manager", path + "/approval", expect: 409)
        // All together it is five: at the limit, and nobody else is asked.
        let lost = try await s.post("keeper2", path + "/receipt", arrival(0, lost: 4), expect: 200)
        #expect(lost["state"]?.string == "received")
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// Whoever reported a loss doesn't agree to it, though they are a service manager.
    @Test func nobodyAgreesToTheirOwnLoss() async throws {
        let s = try await Storehouse.open()
        let path = try await underWay(s)
        let reported = try await s.post("keeper_manager", path + "/receipt", arrival(4, lost: 6), expect: 200)
        #expect(reported["state"]?.string == "posted")
        let own = reported["allowed"]?.array?.compactMap(\.string) ?? []
        #expect(!own.contains("approval") && own.contains("rejection"), "\(own)")
        try await s.post("keeper_manager", path + "/approval", expect: 403, code: "stock.own_approval")
        let open = try await s.api("service_manager").get(path).json["allowed"]?.array ?? []
        #expect(open.compactMap(\.string) == ["approval", "rejection"])
        let agreed = try await s.post("service_manager", path + "/approval", expect: 200)
        #expect(agreed["state"]?.string == "received")
        #expect(agreed["lines"]?.array?.first?["written_off"]?.int == 6)
        #expect(try await s.underWay("drive") == 0)
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// A reversal that waits or came back is given up by who asked for it, and may be asked for again.
    @Test(arguments: [false, true])
    func aReversalIsWithdrawn(isRejected: Bool) async throws {
        let s = try await Storehouse.open()
        let made = try await s.post(
            "keeper", "/receipts", s.one("drive", 10, [("unit_cost_minor", 1_000_000)]), expect: 201)
        let path = "/receipts/\(made["id"]?.string ?? "")"
        try await s.post("service_manager", path + "/approval", expect: 200)
        try await s.post("keeper", path + "/posting", expect: 200)
        let back = try await s.post("keeper", path + "/reversal", ["reason": "not ours"], expect: 200)
        let reversal = "/receipts/\(back["id"]?.string ?? "")"
        if isRejected {
            try await s.post("service_manager", reversal + "/rejection", ["reason": "it is"], expect: 200)
        } else {
            try await s.post("keeper2", reversal + "/withdrawal", expect: 403)
        }
        try await s.post("keeper", path + "/reversal", ["reason": "again"], expect: 409)
        let gone = try await s.post("keeper", reversal + "/withdrawal", expect: 200)
        #expect(gone["state"]?.string == "withdrawn" && gone["allowed"]?.array == [])
        try await s.post("keeper", reversal + "/withdrawal", expect: 409)
        try await s.post("keeper", reversal + "/submission", expect: 409)
        let again = try await s.post("keeper", path + "/reversal", ["reason": "not ours"], expect: 200)
        let second = "/receipts/\(again["id"]?.string ?? "")"
        try await s.post("service_manager", second + "/approval", expect: 200)
        try await s.post("keeper", second + "/posting", expect: 200)
        #expect(try await s.onHand("drive") == 0)
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// `allowed` says what this caller may do now, in lists as well.
    @Test func allowedIsForTheCaller() async throws {
        let s = try await Storehouse.open()
        let made = try await s.post(
            "keeper", "/receipts", s.one("drive", 10, [("unit_cost_minor", 1_000_000)]), expect: 201)
        let draft = try await s.post(
            "engineer", "/transfers", s.one("fan", 1, to: "box", submit: false), expect: 201)
        let path = "/receipts/\(made["id"]?.string ?? "")"
        let drawn = "/transfers/\(draft["id"]?.string ?? "")"
        let wanted: [(String, [String], [String])] = [
            ("keeper", ["rejection", "withdrawal"], ["submission", "withdrawal"]),
            ("keeper2", ["rejection"], ["submission", "withdrawal"]),
            ("service_manager", ["approval", "rejection"], []), ("auditor", [], []),
            ("engineer", [], ["submission", "withdrawal"]), ("engineer2", [], []),
        ]
        for (who, submitted, asked) in wanted {
            for (one, steps) in [(path, submitted), (drawn, asked)] {
                let list = "/" + (one.split(separator: "/").first.map(String.init) ?? "")
                let alone = try await s.api(who).get(one).json["allowed"]?.array ?? []
                #expect(alone.compactMap(\.string) == steps, "\(who) \(one)")
                let among =
                    try await s.api(who).get(list).json["items"]?.array?.first?["allowed"]?.array ?? []
                #expect(among.compactMap(\.string) == steps, "\(who) \(list)")
            }
        }
        try await s.house.close()
    }
}

extension Storehouse {
    /// What is in transit of a part.
    func underWay(_ part: String) async throws -> Int64 {
        let reply = try await api("auditor").get("/balances?part=\(id(part))&place=place:transit")
        return reply.json["items"]?.array?.reduce(0) { $0 + ($1["on_hand"]?.int ?? 0) } ?? -1
    }
}

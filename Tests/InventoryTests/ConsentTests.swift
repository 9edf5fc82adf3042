import Base
import TestKit
import Testing

@testable import Inventory

/// What nobody posts alone: what dilutes a part's price, what comes out of nothing, what leaves quarantine.
@Suite struct ConsentTests {
    private func receipt(
        _ s: Storehouse, _ part: String, _ quantity: Int64, cost: Int64, serial: String? = nil
    )
        async throws
    {
        let more: [(String, JSON)] =
            [("unit_cost_minor", .int(cost))] + (serial.map { [("serial", .string($0))] } ?? [])
        let made = try await s.post("keeper", "/receipts", s.one(part, .int(quantity), more), expect: 201)
        guard made["state"]?.string == "submitted" else { return }
        let path = "/receipts/\(made["id"]?.string ?? "")"
        try await s.post("service_manager", path + "/approval", expect: 200)
        try await s.post("keeper", path + "/posting", expect: 200)
    }

    /// What comes in for nothing counts as dear as its like, whatever brings it.
    @Test func nothingCheapDilutesAPrice() async throws {
        let s = try await Storehouse.open()
        try await receipt(s, "lna", 1, cost: 8_840_000, serial: "L-1")
        try await receipt(s, "drive", 10, cost: 1_000_000)
        try await s.post("keeper", "/receipts", s.one("drive", 4, [("unit_cost_minor", 0)]), expect: 201)
        for (kind, body, worth) in [
            ("receipts", s.one("lna", 1, [("serial", "L-2"), ("unit_cost_minor", 0)]), 8_840_000),
            ("receipts", s.one("drive", 8, [("unit_cost_minor", 0)]), 5_714_285),
            ("returns", s.one("drive", 8, [("unit_cost_minor", 1), ("status", "usable")]), 5_714_285),
            ("adjustments", s.one("drive", 8, [("unit_cost_minor", 0), ("direction", "in")]), 5_714_285),
        ] as [(String, JSON, Int64)] {
            let made = try await s.post("keeper", "/\(kind)", body, expect: 201)
            #expect(made["state"]?.string == "submitted" && made["value_minor"]?.int == worth, "\(made)")
        }
        // Faulty parts have a value of their own; what comes in for it and is made sound is weighed then.
        try await s.post("keeper", "/returns", s.one("drive", 900), expect: 201)
        let sound: [(String, JSON)] = [("status", "defective"), ("to_status", "usable")]
        let mended = try await s.post("keeper", "/status-changes", s.one("drive", 900, sound), expect: 201)
        #expect(mended["state"]?.string == "submitted")
        #expect(try await s.onHand("drive") == 914)
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// Into the own box nothing comes out of nothing without a keeper; out of it, as ever.
    @Test func anEngineerMakesNoStock() async throws {
        let s = try await Storehouse.open()
        try await s.post("keeper", "/receipts", s.one("fan", 9, at: "box"), expect: 201)
        try await s.post("engineer", "/returns", s.one("fan", 2, at: "box"), expect: 201)
        let sound: [(String, JSON)] = [("status", "defective"), ("to_status", "usable")]
        for (kind, more, posts) in [
            ("receipts", [], false), ("adjustments", [("direction", "in")], false),
            ("returns", [("status", "usable")], false), ("status-changes", sound, false),
            ("adjustments", [("direction", "out")], true), ("returns", [], true), ("issues", [], true),
            ("scrappings", [], true), ("loans", [], true),
        ] as [(String, [(String, JSON)], Bool)] {
            let made = try await s.post(
                "engineer", "/\(kind)", s.one("fan", 1, at: "box", more), expect: 201)
            #expect(made["state"]?.string == (posts ? "posted" : "submitted"), "\(kind) \(more)")
            if posts { continue }
            #expect(made["allowed"]?.array?.compactMap(\.string) == ["rejection", "withdrawal"], "\(kind)")
            let path = "/\(kind)/\(made["id"]?.string ?? "")/posting"
            try await s.post("engineer", path, expect: 403, code: "stock.needs_keeper")
            try await s.post("keeper", path, expect: 200)
        }
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// A keeper gives nobody the freedom of a box, least of all to themselves.
    @Test func aKeeperHasNoBox() async throws {
        let s = try await Storehouse.open()
        let mine: JSON = ["kind": "box", "keeper_id": .string(s.id("keeper"))]
        try await receipt(s, "drive", 10, cost: 1_000_000)
        try await s.patch("keeper", "/places/\(s.id("store"))", mine, expect: 409, code: "stock.kind_stays")
        try await s.patch("keeper", "/places/\(s.id("store"))", ["kind": "depot"], expect: 200)
        // Before anything lies there it may become one; that frees nobody who keeps it all.
        try await s.patch("keeper", "/places/\(s.id("depot"))", mine, expect: 200)
        let fresh = s.one("fan", 10, at: "depot", [("unit_cost_minor", 500_000)])
        for _ in 0..<2 {
            let made = try await s.post("keeper", "/receipts", fresh, expect: 201)
            #expect(made["state"]?.string == "posted")
        }
        let gone = try await s.post("keeper", "/scrappings", s.one("fan", 20, at: "depot"), expect: 201)
        #expect(gone["state"]?.string == "submitted")
        try await s.patch(
            "keeper", "/places/\(s.id("depot"))", ["kind": "store"], expect: 409, code: "stock.kind_stays")
        try await s.house.close()
    }

    /// What is held back is let go by quality, also by way of a reversal.
    @Test func quarantineIsQualitys() async throws {
        let s = try await Storehouse.open()
        try await s.post("keeper", "/receipts", s.one("fan", 9), expect: 201)
        let held = try await s.post(
            "keeper", "/status-changes", s.one("fan", 9, [("to_status", "quarantine")]), expect: 201)
        #expect(held["state"]?.string == "posted")
        for to in ["usable", "expired", "defective"] {
            let body = s.one("fan", 1, [("status", "quarantine"), ("to_status", .string(to))])
            let asked = try await s.post("keeper", "/status-changes", body, expect: 201)
            #expect(asked["state"]?.string == "submitted", "\(to)")
            let path = "/status-changes/\(asked["id"]?.string ?? "")"
            try await s.post("keeper", path + "/posting", expect: 409, code: "stock.needs_quality")
            for who in ["keeper2", "service_manager"] {
                try await s.post(who, path + "/approval", expect: 403)
            }
            let open = try await s.api("quality").get(path).json["allowed"]?.array ?? []
            #expect(open.compactMap(\.string) == ["approval", "rejection"])
            try await s.post("quality", path + "/approval", expect: 200)
            #expect(try await s.post("keeper", path + "/posting", expect: 200)["state"]?.string == "posted")
        }
        let back = try await s.post(
            "keeper", "/status-changes/\(held["id"]?.string ?? "")/reversal", ["reason": "mine"], expect: 200)
        #expect(back["state"]?.string == "submitted")
        let free: [(String, JSON)] = [("status", "quarantine"), ("to_status", "usable")]
        let own = try await s.post("quality", "/status-changes", s.one("fan", 2, free), expect: 201)
        #expect(own["state"]?.string == "posted")
        #expect(try await s.faults() == [])
        try await s.house.close()
    }
}

extension Storehouse {
    /// Changes what stands at a path, whatever its version.
    func patch(
        _ who: String, _ path: String, _ body: JSON, expect status: Int, code: String? = nil,
        _ place: SourceLocation = #_sourceLocation
    ) async throws {
        let version = try await api(who).get(path).json["version"]?.int ?? 0
        let reply = try await api(who).send("PATCH", path, body, headers: [("If-Match", "\"\(version)\"")])
        let fields = reply.json["errors"]?.array?.compactMap { $0["code"]?.string } ?? []
        #expect(reply.status == status, "\(path): \(reply.status) \(reply.text)", sourceLocation: place)
        if let code {
            #expect(reply.code == code || fields.contains(code), "\(reply.text)", sourceLocation: place)
        }
    }
}

import Base
import Store
import Tickets
import Web

// Parts on the tickets that are in work when the world is looked at: some issued, some waiting, some kept,
// one box abroad on its way, and a faulty part that came back.
extension DemoRun {
    private static let keeper = "p-liang-haiyan"
    private static let manager = "p-chen-lan"

    /// Plays them; what was refused is handed back.
    func playStock(at now: Instant) async throws -> [DemoFault] {
        var faults: [DemoFault] = []
        let list = try await send("GET", "/api/v1/tickets?open=1&limit=200", nil, as: Self.manager)
        let inWork = (list["items"]?.array ?? []).filter {
            ["in_progress", "implementing"].contains($0["state"]?.string ?? "")
                && $0["engineer"]?["id"]?.string != nil
        }
        let taken = ["GA73-2142", "WR10-2131", "TR40-5111", "CS12-2112", "GA73-2140", "TR40-5102"]
        for (n, ticket) in inWork.prefix(18).enumerated() {
            let number = ticket["number"]?.string ?? ""
            do {
                switch n {
                case 0: try await ship(number, at: now)
                case 1: try await takeBack(number)
                default:
                    let part = taken[n % taken.count]
                    try await take(
                        part, mode: n % 4 == 3 ? "reserve" : "issue", number,
                        by: ticket["engineer"]?["id"]?.string ?? "", isHandedOut: n % 6 != 2)
                }
            } catch let failure as Failure {
                faults.append(
                    DemoFault(story: number, step: "parts", who: Self.keeper, at: now, failure: failure))
            }
        }
        return faults
    }

    private func take(
        _ part: String, mode: String, _ ticket: String, by engineer: String, isHandedOut: Bool
    ) async throws {
        let body = JSON.make(["part_id": .string(part), "quantity": 1, "mode": .string(mode)])
        let made = try await request(
            "POST", "/api/v1/tickets/\(ticket)/parts", body.bytes, version: nil, bearer: engineer)
        guard made["stage"]?.string == "asked", isHandedOut, let id = made["id"]?.string else { return }
        _ = try await send("POST", "/api/v1/issues/\(id)/posting", nil, as: Self.keeper)
    }

    /// Under way to the depot abroad.
    private func ship(_ ticket: String, at now: Instant) async throws {
        let day = Zone.utc.wall(now).dayNumber
        let part = try await partID("GA73-2142")
        let body = JSON.make([
            "place_id": .of(house.stock.places["pl-cd-a"]?.text),
            "to_place_id": .of(house.stock.places["pl-nbo"]?.text),
            "ticket_id": .string(ticket), "carrier": "DHL Express", "waybill": "JD014600009821",
            "customs_reference": "CN-EX-26-00417", "packages": "40 × 30 × 30 cm", "package_count": 1,
            "gross_weight_g": 6_200, "shipped_on": .string(CivilDate.text(dayNumber: day)),
            "arrives_on": .string(CivilDate.text(dayNumber: day + 6)), "submit": true,
            "lines": .array([.make(["part_id": .of(part), "quantity": 1])]),
        ])
        _ = try await send("POST", "/api/v1/shipments", body, as: Self.keeper)
    }

    /// The faulty one comes back for the one that went out.
    private func takeBack(_ ticket: String) async throws {
        let part = try await partID("GA45-3120")
        let rows = try await send(
            "GET", "/api/v1/balances?part=GA45-3120&status=usable&limit=1", nil, as: Self.keeper)
        guard let serial = rows["items"]?.array?.first?["serial"]?.string else { return }
        let out = JSON.make([
            "part_id": .of(part), "quantity": 1, "serial": .string(serial), "mode": "issue",
        ])
        _ = try await send("POST", "/api/v1/tickets/\(ticket)/parts", out, as: Self.keeper)
        let back = JSON.make([
            "place_id": .of(house.stock.places["pl-cd-q"]?.text), "ticket_id": .string(ticket),
            "reason": "现场更换下的故障件", "submit": true,
            "lines": .array([
                .make([
                    "part_id": .of(part), "quantity": 1, "serial": "GA45-3120-19077",
                    "condition": "通电无输出，外观完好", "replacement_serial": .string(serial),
                ])
            ]),
        ])
        _ = try await send("POST", "/api/v1/returns", back, as: Self.keeper)
    }

    private func partID(_ number: String) async throws -> String? {
        try await send("GET", "/api/v1/parts/\(number)", nil, as: Self.keeper)["id"]?.string
    }

    // MARK: The storehouse's own days

    /// What a storehouse lives through besides tickets: boxes on the road, a set on loan, a dear delivery that
    /// waits for a second person, one check ended and one half counted.
    func playStore(at now: Instant) async throws -> [DemoFault] {
        var faults: [DemoFault] = []
        let days: [(String, () async throws -> Void)] = [
            ("transfer", restock), ("loan", { try await lend(at: now) }), ("receipt", receive),
            ("stock check", checkTheCoolRoom), ("stock check", beginInNairobi),
        ]
        for (name, play) in days {
            do { try await play() } catch let failure as Failure {
                faults.append(
                    DemoFault(story: name, step: "stock", who: Self.keeper, at: now, failure: failure))
            }
        }
        return faults
    }

    private func line(_ part: String, _ quantity: Int64, serial: String? = nil, cost: Int64? = nil)
        async throws -> JSON
    {
        .make([
            "part_id": .of(try await partID(part)), "quantity": .int(quantity), "serial": .of(serial),
            "unit_cost_minor": .of(cost),
        ])
    }

    private func place(_ id: String) -> JSON { .of(house.stock.places[id]?.text) }

    private func restock() async throws {
        let lines = [try await line("WR10-2131", 6), try await line("WR10-6103", 4)]
        let body = JSON.make([
            "place_id": place("pl-cd-a"), "to_place_id": place("pl-kzh"), "reason": "补足阿拉木图备件柜",
            "submit": true, "lines": .array(lines),
        ])
        _ = try await send("POST", "/api/v1/transfers", body, as: Self.keeper)
    }

    private func lend(at now: Instant) async throws {
        let due = CivilDate.text(dayNumber: Zone.utc.wall(now).dayNumber + 45)
        let body = JSON.make([
            "place_id": place("pl-cd-b"), "partner_id": .of(house.organizations["org-rhms"]?.text),
            "due_on": .string(due), "reason": "雨季前标校借用", "submit": true,
            "lines": .array([try await line("CS12-1101", 1, serial: "CS12-1101-24100")]),
        ])
        _ = try await send("POST", "/api/v1/loans", body, as: Self.keeper)
    }

    private func receive() async throws {
        let lines = [try await line("GA73-1120", 1, serial: "GA73-1120-26001", cost: 16_650_000)]
        let body = JSON.make([
            "place_id": place("pl-cd-b"), "source": "supplier", "reason": "年度备件采购到货", "submit": true,
            "partner_id": .of(house.organizations["org-sup-lingyun"]?.text), "lines": .array(lines),
        ])
        _ = try await send("POST", "/api/v1/receipts", body, as: Self.keeper)
    }

    private func checkTheCoolRoom() async throws {
        let check = try await begin("sample", "pl-cd-c", size: 8)
        try await count(check, share: 1)
        _ = try await send("POST", "/api/v1/stock-checks/\(check)/submission", nil, as: Self.keeper)
    }

    private func beginInNairobi() async throws {
        try await count(begin("blind", "pl-nbo"), share: 2)
    }

    private func begin(_ kind: String, _ at: String, size: Int64? = nil) async throws -> String {
        let body = JSON.make(["kind": .string(kind), "place_id": place(at), "size": .of(size)])
        return try await send("POST", "/api/v1/stock-checks", body, as: Self.keeper)["id"]?.string ?? ""
    }

    /// Counts every so manieth row and finds what the books say.
    private func count(_ check: String, share: Int) async throws {
        let sheet = try await send(
            "GET", "/api/v1/stock-checks/\(check)/lines?limit=200", nil, as: Self.keeper)
        let rows = (sheet["items"]?.array ?? []).enumerated().filter { $0.offset % share == 0 }.map(\.element)
        guard !rows.isEmpty else { return }
        var counted: [JSON] = []
        for row in rows {
            counted.append(
                .make(["line": row["line"] ?? .null, "quantity": try await books(row)]))
        }
        _ = try await send(
            "POST", "/api/v1/stock-checks/\(check)/counts", .make(["lines": .array(counted)]), as: Self.keeper
        )
    }

    /// What lies there, which a blind sheet doesn't say.
    private func books(_ row: JSON) async throws -> JSON {
        let part = row["part_id"]?.string ?? ""
        let place = row["place_id"]?.string ?? ""
        let there = try await send(
            "GET", "/api/v1/balances?part=\(part)&place=\(place)&limit=50", nil, as: Self.keeper)
        let same = there["items"]?.array?.first {
            $0["batch"] == row["batch"] && $0["serial"] == row["serial"] && $0["status"] == row["status"]
        }
        return same?["on_hand"] ?? 0
    }
}

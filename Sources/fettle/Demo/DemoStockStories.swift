import Base
import Store
import Tickets
import Web

// What people of the storehouse do in the demo world, by the requests that a program would send.
extension DemoRun {
    static let keeper = "p-liang-haiyan"
    private static let manager = "p-chen-lan"
    private static let finance = "p-cao-wei"

    // MARK: Tickets

    /// The parts that a ticket's work needs. An empty shelf doesn't end the story, as in life.
    func take(_ parts: [DemoContent.PartUsed], by engineer: String, story: Int) async throws {
        for part in parts {
            let isSerial = content.parts.first { $0.number == part.number }?.tracking == "serial"
            do {
                for _ in 0..<(isSerial ? part.quantity : 1) {
                    try await use(
                        part.number, isSerial ? 1 : part.quantity, mode: "issue", by: engineer, story: story,
                        isHandedOut: true)
                }
            } catch let failure as Failure where failure.code == "stock.insufficient" {}
        }
    }

    func use(
        _ number: String, _ quantity: Int64, mode: String, by engineer: String, story: Int, isHandedOut: Bool
    ) async throws {
        let part = try await part(number)
        let id = part["id"]?.string ?? ""
        let isSerial = part["tracking"]?.string == "serial"
        let row = isSerial ? try await shelf(number) : nil
        if isSerial, row == nil { throw Failure.conflict("stock.insufficient") }
        let body = JSON.make([
            "part_id": .string(id), "quantity": .int(quantity), "mode": .string(mode),
            "serial": row?["serial"], "place_id": row?["place_id"],
        ])
        let made = try await send("POST", "/api/v1/tickets/\(ticket(of: story))/parts", body, as: engineer)
        if let serial = row?["serial"]?.string {
            replacements.withLock { $0[story] = Replacement(part: id, number: number, serial: serial) }
        }
        guard made["stage"]?.string == "asked", isHandedOut, let document = made["id"]?.string else { return }
        try await hand(out: "issues/\(document)")
    }

    /// A serial number that lies in the house's own store.
    private func shelf(_ number: String) async throws -> JSON? {
        let rows = try await send(
            "GET", "/api/v1/balances?part=\(number)&status=usable&limit=50", nil, as: Self.keeper)
        return rows["items"]?.array?.first { ($0["available"]?.int ?? 0) > 0 }
    }

    /// The keeper posts it, after a second person agreed where one has to.
    private func hand(out document: String) async throws {
        let seen = try await send("GET", "/api/v1/\(document)", nil, as: Self.manager)
        if seen["allowed"]?.array?.contains("approval") == true {
            _ = try await send("POST", "/api/v1/\(document)/approval", nil, as: Self.manager)
        }
        _ = try await send("POST", "/api/v1/\(document)/posting", nil, as: Self.keeper)
    }

    /// The faulty one comes back for the one that went out.
    func takeBack(of story: Int, by engineer: String) async throws {
        guard let out = replacements.withLock({ $0[story] }) else { return }
        let conditions = ["通电无输出，外观完好", "外壳有磕碰，自检报错", "接插件烧蚀", "间歇故障，冷机正常", "过热变色，绝缘下降"]
        let body = JSON.make([
            "place_id": place("pl-cd-q"), "ticket_id": .string(ticket(of: story)),
            "reason": "现场更换下的故障件", "submit": true,
            "lines": .array([
                .make([
                    "part_id": .string(out.part), "quantity": 1,
                    "serial": .string("\(out.number)-19\(100 + story)"),
                    "condition": .string(conditions[story % conditions.count]),
                    "replacement_serial": .string(out.serial),
                ])
            ]),
        ])
        _ = try await send("POST", "/api/v1/returns", body, as: Self.keeper)
    }

    /// Under way to the depot abroad.
    func ship(_ number: String, story: Int) async throws {
        let zone = content.parts.first { $0.number == number }.map(DemoStock.zone)
        let body = JSON.make([
            "place_id": place(zone ?? "pl-cd-a"), "to_place_id": place("pl-nbo"),
            "ticket_id": .string(ticket(of: story)), "carrier": "DHL Express", "waybill": "JD014600009821",
            "customs_reference": "CN-EX-26-00417", "packages": "40 × 30 × 30 cm", "package_count": 1,
            "gross_weight_g": 6_200, "shipped_on": day(0), "arrives_on": day(6), "submit": true,
            "lines": .array([try await line(number, 1)]),
        ])
        _ = try await send("POST", "/api/v1/shipments", body, as: Self.keeper)
    }

    private func part(_ number: String) async throws -> JSON {
        try await send("GET", "/api/v1/parts/\(number)", nil, as: Self.keeper)
    }

    /// So many days after the day that it is.
    private func day(_ after: Int) -> JSON {
        .string(CivilDate.text(dayNumber: Zone.utc.wall(time.withLock { $0 }).dayNumber + after))
    }

    // MARK: The storehouse's own days

    private func line(_ number: String, _ quantity: Int64, serial: String? = nil, cost: Int64? = nil)
        async throws -> JSON
    {
        .make([
            "part_id": try await part(number)["id"] ?? .null, "quantity": .int(quantity),
            "serial": .of(serial),
            "unit_cost_minor": .of(cost),
        ])
    }

    private func place(_ id: String) -> JSON { .of(house.stock.places[id]?.text) }

    func restock(_ to: String, days: Int) async throws {
        let lines = [try await line("WR10-2131", 6), try await line("WR10-6103", 4)]
        let body = JSON.make([
            "place_id": place("pl-cd-a"), "to_place_id": place(to), "reason": "补足备件柜",
            "shipped_on": day(0), "arrives_on": day(days), "submit": true, "lines": .array(lines),
        ])
        _ = try await send("POST", "/api/v1/transfers", body, as: Self.keeper)
    }

    /// The box that was sent there.
    func unpack(at to: String) async throws {
        let sent = try await send(
            "GET", "/api/v1/transfers?place=\(house.stock.places[to]?.text ?? "")", nil, as: Self.keeper)
        for id in (sent["items"]?.array ?? []).compactMap({ $0["id"]?.string }) {
            _ = try await send("POST", "/api/v1/transfers/\(id)/receipt", .make([:]), as: Self.keeper)
        }
    }

    func lend(due: Instant) async throws {
        let body = JSON.make([
            "place_id": place("pl-cd-b"), "partner_id": .of(house.organizations["org-rhms"]?.text),
            "due_on": .string(CivilDate.text(dayNumber: Zone.utc.wall(due).dayNumber)),
            "reason": "雨季前标校借用", "submit": true,
            "lines": .array([try await line("CS12-1101", 1, serial: "CS12-1101-24100")]),
        ])
        _ = try await send("POST", "/api/v1/loans", body, as: Self.keeper)
    }

    /// What was bought again: to the zones where it lies, by one receipt each.
    func receive(_ delivery: [DemoDelivery], from supplier: String, label: Int) async throws {
        for (zone, some) in Dictionary(grouping: delivery, by: { DemoStock.zone($0.part) }).sorted(by: {
            $0.key < $1.key
        }) {
            var lines: [JSON] = []
            for d in some {
                let isSerial = d.part.tracking == "serial"
                for k in 0..<(isSerial ? d.quantity : 1) {
                    let isBatch = d.part.tracking == "batch"
                    let expiry = isBatch ? d.part.shelfLifeMonths : nil
                    lines.append(
                        .make([
                            "part_id": try await part(d.part.number)["id"] ?? .null,
                            "quantity": .int(isSerial ? 1 : d.quantity), "unit_cost_minor": .int(d.unitCost),
                            "serial": isSerial
                                ? .string("\(d.part.number)-26\(1000 + label * 100 + Int(k))") : nil,
                            "batch": isBatch ? .string("B26-\(100 + label)") : nil,
                            "expires_on": expiry.map { day(Int($0) * 30) },
                        ]))
                }
            }
            for from in stride(from: 0, to: lines.count, by: 100) {
                let some = Array(lines[from..<min(from + 100, lines.count)])
                let body = JSON.make([
                    "place_id": place(zone), "source": "supplier", "reason": "补充已用备件", "submit": true,
                    "partner_id": .of(house.organizations[supplier]?.text), "lines": .array(some),
                ])
                let made = try await send("POST", "/api/v1/receipts", body, as: Self.keeper)
                if made["state"]?.string == "submitted", let id = made["id"]?.string {
                    try await hand(out: "receipts/\(id)")
                }
            }
        }
    }

    func receiveDear() async throws {
        let lines = [try await line("GA73-1120", 1, serial: "GA73-1120-26001", cost: 16_650_000)]
        let body = JSON.make([
            "place_id": place("pl-cd-b"), "source": "supplier", "reason": "年度备件采购到货", "submit": true,
            "partner_id": .of(house.organizations["org-sup-lingyun"]?.text), "lines": .array(lines),
        ])
        _ = try await send("POST", "/api/v1/receipts", body, as: Self.keeper)
    }

    func close(_ month: String) async throws {
        _ = try await send("POST", "/api/v1/periods", .make(["month": .string(month)]), as: Self.finance)
    }

    // MARK: Stock checks

    func checkTheCoolRoom() async throws {
        let check = try await begin("sample", "pl-cd-c", size: 8)
        try await count(check, share: 1)
        _ = try await send("POST", "/api/v1/stock-checks/\(check)/submission", nil, as: Self.keeper)
    }

    func beginInNairobi() async throws {
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

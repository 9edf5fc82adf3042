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
                case 0: try await ship(number)
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
    private func ship(_ ticket: String) async throws {
        let part = try await partID("GA73-2142")
        let body = JSON.make([
            "place_id": .of(house.stock.places["pl-cd-a"]?.text),
            "to_place_id": .of(house.stock.places["pl-nbo"]?.text),
            "ticket_id": .string(ticket), "carrier": "DHL Express", "waybill": "JD014600009821",
            "customs_reference": "CN-EX-26-00417", "packages": "1 × 40×30×30 cm, 6.2 kg", "submit": true,
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
}

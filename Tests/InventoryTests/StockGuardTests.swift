import Base
import Store
import TestKit
import Testing

@testable import Inventory

/// What may not change under stock, be counted twice or be said of it.
@Suite struct StockGuardTests {
    private func kit(_ s: Storehouse, _ parts: (String, Int64)...) -> JSON {
        ["components": .array(parts.map { ["part_id": .string(s.id($0.0)), "quantity": .int($0.1)] })]
    }

    /// A kit is taken apart into what it was made of, and only parts without marks go into it.
    @Test func aKitStaysWhatItIs() async throws {
        let s = try await Storehouse.open()
        let path = "/parts/\(s.id("drive"))"
        for part in ["lna", "grease"] {
            try await s.patch(
                "keeper", path, kit(s, (part, 1)), expect: 422, code: "stock.component_tracking")
        }
        try await s.patch("keeper", path, kit(s, ("fan", 2)), expect: 200)
        let draft = try await s.post("keeper", "/kits", s.one("drive", 1, submit: false), expect: 201)
        try await s.patch("keeper", path, kit(s, ("fan", 3)), expect: 409, code: "stock.kit_in_use")
        try await s.post("keeper", "/kits/\(draft["id"]?.string ?? "")/withdrawal", expect: 200)
        try await s.patch("keeper", path, kit(s, ("fan", 3)), expect: 200)
        try await s.post("keeper", "/receipts", s.one("fan", 9), expect: 201)
        try await s.post("keeper", "/kits", s.one("drive", 2), expect: 201)
        try await s.patch("keeper", path, kit(s, ("fan", 1_000_000)), expect: 409, code: "stock.kit_in_use")
        try await s.patch("keeper", path, kit(s, ("fan", 3)), expect: 200)
        try await s.post("keeper", "/unkits", s.one("drive", 2), expect: 201)
        #expect(try await s.onHand("fan") == 9)
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// So many lines of so many components are not one document.
    @Test func movementsOfADocumentAreBounded() async throws {
        let depot = try await Depot.open()
        try await depot.write { tx in
            let place = try Inventory.add(PlaceInput(.store, name: "Central"), tx)
            let parts = try (0..<19).map { try Inventory.add(PartInput(number: "C-\($0)", name: "c"), tx) }
            var input = PartInput(number: "KIT", name: "Kit")
            input.components = parts.map { ComponentInput(part: $0.id, quantity: 1) }
            let kit = try Inventory.add(input, tx)
            try Inventory.posted(.receipt, place, parts.map { LineInput($0, 500) }, tx)
            let lines = Array(repeating: LineInput(kit, 1), count: 101)
            let failure = #expect(throws: Failure.self) { try Inventory.posted(.kit, place, lines, tx) }
            #expect(failure?.fields.first?.code == "stock.too_many_movements")
            #expect(try tx.int("select count(*) from stock_document where kind = 'kit'") == 0)
            try Inventory.posted(.kit, place, Array(lines.prefix(100)), tx)
        }
        await depot.close()
    }

    /// Two open checks never hold the same row, as listed or as found; whose it is, is somebody else's.
    @Test func nothingIsCountedTwice() async throws {
        let s = try await Storehouse.open()
        try await s.post("keeper", "/receipts", s.one("fan", 9), expect: 201)
        func begin(_ kind: String, expect status: Int, code: String? = nil) async throws -> String {
            let body: JSON = ["kind": .string(kind), "place_id": .string(s.id("store")), "abc": "C"]
            let made = try await s.post("keeper", "/stock-checks", body, expect: status, code: code)
            return "/stock-checks/\(made["id"]?.string ?? "")/"
        }
        let first = try await begin("cycle", expect: 201)
        for kind in ["cycle", "blind", "sample", "touched", "full"] {
            _ = try await begin(kind, expect: 409, code: "stock.being_counted")
        }
        func find(_ quantity: Int64, _ more: [(String, JSON)] = []) -> JSON {
            let line = [("part_id", JSON.string(s.id("drive"))), ("quantity", .int(quantity))] + more
            return ["found": .array([.object(line.map { JSON.Member($0.0, $0.1) })])]
        }
        let home = try await s.house.store.read(by: .system("test")) {
            try $0.first("select id from organization where kind = 'house'") { $0.text() }
        }
        try await s.post(
            "keeper", first + "counts", find(1, [("owner_id", .string(home ?? ""))]), expect: 422,
            code: "stock.own_stock")
        try await s.post("keeper", first + "counts", find(2), expect: 200)
        try await s.post("keeper", "/receipts", s.one("grease", 1, [("batch", "B")]), expect: 201)
        let other: JSON = ["kind": "sample", "place_id": .string(s.id("store")), "size": 9]
        try await s.post("keeper", "/stock-checks", other, expect: 409, code: "stock.being_counted")
        try await s.post("keeper", first + "cancellation", ["reason": "rain"], expect: 200)
        try await s.post("keeper", "/receipts", s.one("lna", 1, at: "depot", [("serial", "L")]), expect: 201)
        let far: JSON = ["kind": "blind", "place_id": .string(s.id("depot"))]
        let second = try await s.post("keeper", "/stock-checks", far, expect: 201)
        let counts = "/stock-checks/\(second["id"]?.string ?? "")/counts"
        try await s.post("keeper", counts, find(1), expect: 200)
        // A place above sees the same shelf.
        try await s.patch(
            "keeper", "/places/\(s.id("depot"))", ["parent_id": .string(s.id("store"))], expect: 200)
        let above = try await s.post(
            "keeper", "/stock-checks", ["kind": "touched", "place_id": .string(s.id("store"))], expect: 409)
        #expect(above["code"]?.string == "stock.being_counted")
        try await s.post("keeper", "/issues", s.one("lna", 1, at: "depot", [("serial", "L")]), expect: 201)
        let third = try await begin("blind", expect: 201)
        try await s.post(
            "keeper", third + "counts", find(1, [("place_id", .string(s.id("depot")))]), expect: 409,
            code: "stock.being_counted")
        try await s.house.close()
    }

    /// After today and within two years.
    @Test(arguments: [
        ("2026-03-09", 422), ("2026-03-08", 422), ("2026-03-10", 200), ("2028-03-09", 200),
        ("2028-03-10", 422), ("9999-12-31", 422),
    ])
    func aConcessionEnds(until: String, status: Int) async throws {
        let s = try await Storehouse.open()
        let old: [(String, JSON)] = [("batch", "G"), ("expires_on", "2026-03-01")]
        try await s.post("keeper", "/receipts", s.one("grease", 1, old), expect: 201)
        let body: JSON = ["batch": "G", "until": .string(until), "reason": "tested"]
        try await s.post("quality", "/parts/\(s.id("grease"))/concessions", body, expect: status)
        try await s.house.close()
    }

    /// A returned part names what was sent, and nothing once its return is undone.
    @Test func aDispositionIsTrue() async throws {
        let s = try await Storehouse.open()
        for n in ["L  1", "L-2"] {
            try await s.post("keeper", "/receipts", s.one("lna", 1, [("serial", .string(n))]), expect: 201)
        }
        // However many spaces somebody types.
        try await s.post("keeper", "/issues", s.one("lna", 1, [("serial", " l 1")]), expect: 201)
        let back = try await s.post("keeper", "/returns", s.one("lna", 1, [("serial", "F")]), expect: 201)
        let path = "/rmas/\(back["lines"]?.array?.first?["rma"]?.string ?? "")/disposition"
        try await s.post(
            "keeper", path, ["replacement_serial": "L-2"], expect: 422, code: "stock.never_left")
        try await s.post("keeper", path, ["replacement_serial": "L   1"], expect: 200)
        try await s.post(
            "keeper", "/returns/\(back["id"]?.string ?? "")/reversal", ["reason": "not it"], expect: 200)
        try await s.post(
            "keeper", path, ["disposition": "scrap"], expect: 409, code: "stock.already_reversed")
        try await s.house.close()
    }

    /// Neither a frozen place nor a part that lies there changes its nature.
    @Test func whatLiesThereStays() async throws {
        let s = try await Storehouse.open()
        try await s.post("keeper", "/receipts", s.one("fan", 9), expect: 201)
        let fan = "/parts/\(s.id("fan"))"
        try await s.patch("keeper", fan, ["unit": "box"], expect: 409, code: "stock.unit_stays")
        try await s.patch("keeper", "/parts/\(s.id("drive"))", ["unit": "box"], expect: 200)
        let check = try await s.post(
            "keeper", "/stock-checks", ["kind": "full", "place_id": .string(s.id("store"))], expect: 201)
        let zone: JSON = ["kind": "zone", "name": "A-1", "parent_id": .string(s.id("store"))]
        try await s.post("keeper", "/places", zone, expect: 409, code: "stock.frozen")
        let below: JSON = ["parent_id": .string(s.id("store"))]
        try await s.patch("keeper", "/places/\(s.id("depot"))", below, expect: 409, code: "stock.frozen")
        try await s.post(
            "keeper", "/stock-checks/\(check["id"]?.string ?? "")/cancellation", ["reason": "rain"],
            expect: 200)
        try await s.post("keeper", "/places", zone, expect: 201)
        try await s.house.close()
    }

    /// Where nobody says how urgent it is, the ticket does.
    @Test func aReservationIsAsUrgentAsItsTicket() async throws {
        let depot = try await Depot.open()
        try await depot.write { tx in
            let place = try Inventory.add(PlaceInput(.store, name: "Central"), tx)
            let part = try Inventory.add(PartInput(number: "P-1", name: "Fan"), tx)
            try Inventory.posted(.receipt, place, [LineInput(part, 9)], tx)
            for (own, said, wanted) in [
                (.p1, nil, .p1), (.p2, nil, .p2), (.p2, .p4, .p4), (nil, nil, .p3),
            ] as [(Reservation.Priority?, Reservation.Priority?, Reservation.Priority)] {
                let ticket = TicketReference(id: TicketID("a"), number: "FT-26-0001", priority: own)
                let input = ReservationInput(part: part.id, place: place.id, quantity: 1, priority: said)
                #expect(try Inventory.reserve(input, ticket: ticket, tx).priority == wanted)
            }
        }
        await depot.close()
    }
}
